"""Words in lines: cuts, excerpts, filled lines, in many scripts."""

from __future__ import annotations

import re

import pytest
import wcwidth
from hypothesis import example, given
from hypothesis import strategies as st

from digest.text import layout

SHORT_WORD = st.text(alphabet="abcäß.,;!?’3—-", min_size=1, max_size=9)
LINE = st.lists(SHORT_WORD, max_size=40).map(" ".join)
TRAIL = st.sampled_from(["", "", "...", " ...", "…", " …", "....", " [...]", " […]", "[…]"])


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 5, ""),
        ("hello", 5, "hello"),
        ("hello world", 11, "hello world"),
        ("hello world", 10, "hello…"),
        ("hello world", 6, "hello…"),
        ("hello world again", 12, "hello world…"),
        ("hello world again", 13, "hello world…"),
        ("hello, world again", 8, "hello…"),
        ("hello – world again", 10, "hello…"),
        ("unpronounceable", 6, "unpro…"),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    """A cut keeps as many whole words as fit with the ellipsis, without punctuation before it."""
    assert expected == layout.cut(text, limit)


@given(LINE, st.integers(10, 120))
@example("hello world again", 12)
def test_cut_is_never_too_long(text: str, limit: int) -> None:
    """A cut text is at most as long as the limit, and begins like the text."""
    cut = layout.cut(text, limit)
    assert len(cut) <= limit
    assert text.startswith(cut.removesuffix("…"))


@given(st.text(alphabet="ab,– \t\n", max_size=40), st.integers(1, 45))
@example("a  b", 2)
@example(" \tab", 3)
def test_cut_keeps_the_most_whole_pieces(text: str, limit: int) -> None:
    """What is kept is the longest beginning of whole words and spaces that leaves room for the ellipsis."""
    pieces = re.findall(r"\s+|\S+", text)
    beginnings = ["".join(pieces[:count]) for count in range(len(pieces) + 1)]
    most = max((one for one in beginnings if len(one) < limit), key=len) or text[: limit - 1]

    assert layout.cut(text, limit) == (text if len(text) <= limit else most.rstrip(" ,;:–—-،؛、，；：・") + "…")


@given(LINE, st.integers(10, 120))
def test_cut_is_never_in_a_word(text: str, limit: int) -> None:
    """A text is cut where a word ends: what is left of that word is punctuation at most."""
    kept = layout.cut(text, limit).removesuffix("…")
    rest = text[len(kept) :].split(" ", 1)[0]
    assert set(rest) <= set(",;:–—-")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Short and whole.", "Short and whole."),
        ("Short without an end", "Short without an end"),
        ("An end in the second half. Then the text goes on and on.", "An end in the second half."),
        ("Is it in the second half? Then the text goes on and on.", "Is it in the second half?"),
        ("He says “in the second half.” Then the text goes on.", "He says “in the second half.”"),
        ("Early. The only end stands in the first half of the text.", "Early. The only end stands in the first…"),
        ("One sentence that is too long goes on unto the very end of it", "One sentence that is too long goes on…"),
        ("One end. Another end in here. A third that is too long.", "One end. Another end in here."),
        ("Version 2.5 of the model is out, and vastly better than before", "Version 2.5 of the model is out, and…"),
    ],
)
def test_excerpt_of_a_whole_text(text: str, expected: str) -> None:
    """An excerpt ends with a sentence where one ends in the second half, else behind a word with an ellipsis."""
    assert expected == layout.excerpt(text, 42)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They had found a man in ...", "They had found a man in…"),
        ("They had found a man in …", "They had found a man in…"),
        ("They had found a man in [...]", "They had found a man in…"),
        ("They had found a man in […]", "They had found a man in…"),
        ("They had found a man i...", "They had found a man…"),
        ("They had found a man i…", "They had found a man…"),
        ("They had found a man i[…]", "They had found a man…"),
        ("They had found a man. He was asl...", "They had found a man."),
        ("They had found a man. He was …", "They had found a man."),
        ("They had found a man. […]", "They had found a man."),
        ("They had found a man. ...", "They had found a man."),
        ("Hm. They had found a man who was asl...", "Hm. They had found a man who was…"),
    ],
)
def test_excerpt_of_a_text_the_source_broke_off(text: str, expected: str) -> None:
    """What the source broke off loses its half word, or its half sentence where a whole one is long enough."""
    assert expected == layout.excerpt(text, 100)


def test_long_excerpt_without_an_end_was_broken_off() -> None:
    """A text longer than a headline that ends without punctuation loses its last word, which may be half a word."""
    text = "The researchers who looked at all of these texts found that most of them had been broken o"
    assert f"{text.removesuffix(' o')}…" == layout.excerpt(text, 200)


def test_long_excerpt_with_an_end_is_whole() -> None:
    """A text of any length that ends with a sentence and fits is shown as it is."""
    text = "The researchers who looked at all of these texts found that most of them were whole “at the end.”"
    assert text == layout.excerpt(text, 200)


@given(LINE, TRAIL, st.integers(10, 200))
@example("The model costs its makers 3.5 million", "", 29)
@example("", "...", 10)
def test_excerpt_says_nothing_of_its_own(line: str, trail: str, limit: int) -> None:
    """An excerpt is as long as allowed, the ellipsis apart, and otherwise the beginning of the text."""
    excerpt = layout.excerpt(line + trail, limit)
    assert len(excerpt) <= limit + 1
    assert (line + trail).startswith(excerpt.removesuffix("…"))


@given(st.lists(st.text(alphabet="abcäß’3", min_size=1, max_size=9), min_size=30).map(" ".join), st.integers(20, 80))
def test_excerpt_is_never_cut_in_a_word(line: str, limit: int) -> None:
    """An excerpt of words without punctuation ends behind one of them."""
    kept = layout.excerpt(line, limit).removesuffix("…")
    assert line[: len(kept) + 1] == f"{kept} "


@pytest.mark.parametrize("number", ["3.5", "1.000", "v2.0"])
def test_point_in_a_number_ends_no_sentence(number: str) -> None:
    """An excerpt never ends at the point of a number, wherever the limit falls."""
    text = f"The model costs its makers {number} million a day or so they say"
    ends = {layout.excerpt(text, limit)[-2:] for limit in range(20, len(text))}
    assert set() == {end for end in ends if end[-1] == "."}


@given(st.lists(st.text(alphabet="abc-/.:", min_size=1, max_size=100), max_size=40).map(" ".join))
def test_fill(text: str) -> None:
    """Filled lines fit the columns unless they are one long word, and lose no word."""
    lines = layout.plain(layout.fill(text, indent="  ", first="* ")).splitlines()
    assert [line for line in lines if len(line) > layout.COLUMNS and len(line[2:].split()) > 1] == []
    assert text.split() == " ".join(line[2:] for line in lines).split()


def test_fill_indents() -> None:
    """The first line has its own indent."""
    first, second = layout.plain(layout.fill("word " * 20, indent="   ", first="1. ")).splitlines()
    assert (first[:7], second[:7]) == ("1. word", "   word")


def test_fill_breaks_no_address() -> None:
    """An address stays whole, however long it is and whatever hyphens it has."""
    address = "https://example.com/" + "a-long-slug-" * 10
    assert ["Read it at", address] == layout.plain(layout.fill(f"Read it at {address}")).splitlines()


# --- other scripts


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Zürich, Київ, Ωμέγα", 19),
        ("日本語", 6),
        ("한국어", 6),
        ("नमस्ते", 4),
        ("שָׁלוֹם", 4),
        ("👩‍🔬", 2),
        ("e\u0301", 1),
        ("\u2068a\u2069\u200f", 1),
    ],
)
def test_width(text: str, columns: int) -> None:
    """A text is as wide as it is on a screen of fixed width."""
    assert columns == layout.width(text)


def test_the_short_way_to_a_width_is_right() -> None:
    """Each sign that is counted without tables takes one column by the tables, too."""
    narrow = [chr(code) for code in range(0x3000) if layout._NARROW.fullmatch(chr(code)) and chr(code).isprintable()]

    assert len(narrow) > 900
    assert [sign for sign in narrow if wcwidth.wcwidth(sign) != 1] == []


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("機械が見る世界", 14, "機械が見る世界"),
        ("機械が見る世界", 13, "機械が見る世…"),
        ("機械が、見る", 8, "機械…"),
        ("機械が「見る」世界", 10, "機械が…"),
        ("AIが見る世界", 8, "AIが見…"),
        ("한국어 뉴스레터", 12, "한국어…"),
        ("يقرأ الناس الأخبار، كل يوم", 20, "يقرأ الناس الأخبار…"),
        ("क्षत्रिय", 4, "क्ष…"),
        ("👩‍🔬👩‍🔬👩‍🔬", 5, "👩‍🔬👩‍🔬…"),
    ],
)
def test_cut_in_other_scripts(text: str, limit: int, expected: str) -> None:
    """A text is cut where its script allows a break, by columns, and never inside a character."""
    assert expected == layout.cut(text, limit)


SCRIPTS = st.text("ab अक्षि्त्रنعم日本。、「」한글 👩\u200d🔬\u0301", max_size=60)


@given(SCRIPTS, st.integers(2, 40))
def test_cut_is_never_inside_a_character(text: str, limit: int) -> None:
    """Whatever the script, a cut text is within its columns and made of whole characters."""
    kept = layout.cut(text, limit).removesuffix("…")
    characters = list(wcwidth.iter_graphemes(text))

    assert layout.size(layout.cut(text, limit)) <= limit
    assert kept in {"".join(characters[:length]).rstrip(layout._DANGLING) for length in range(len(characters) + 1)} | {
        text
    }


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("研究者は新しい方法を発表した。結果は来週の学会で報告される予定だ。", 40, "研究者は新しい方法を発表した。"),
        ("彼は「できた。」と言った。それから帰った。", 30, "彼は「できた。」と言った。"),
        ("彼は「できた。」それから帰ったという話だ。", 22, "彼は「できた。」"),
        ("研究者は新しい方法を発...", 40, "研究者は新しい方法を発…"),
        ("科学家发布了新方法。结果将在下周公布。", 26, "科学家发布了新方法。"),
        ("शोधकर्ताओं ने नई विधि बताई। नतीजे अगले सप्ताह आएँगे।", 30, "शोधकर्ताओं ने नई विधि बताई।"),
        ("هل تقرأ الآلات؟ لا أحد يعرف ذلك بعد", 20, "هل تقرأ الآلات؟"),
    ],
)
def test_excerpt_in_other_scripts(text: str, limit: int, expected: str) -> None:
    """Sentences end as each script ends them; a quotation that goes on is no end."""
    assert expected == layout.excerpt(text, limit)


def test_fill_breaks_between_chinese_characters() -> None:
    """Lines of Japanese fill the columns, none begins with what closes and none ends with what opens."""
    text = "「機械が見る世界」、という展覧会（東京）が、今週から始まった。" * 5
    lines = layout.plain(layout.fill(text, indent="  ", first="1. ")).splitlines()

    assert "".join(line[3 if number == 0 else 2 :] for number, line in enumerate(lines)) == text
    assert {layout.width(line) for line in lines[:-1]} <= {70, 71, 72, 73, 74}
    assert {line.strip()[0] for line in lines[1:]} & set("」、）。") == set()
    assert {line[-1] for line in lines} & set("「（") == set()


@given(SCRIPTS)
def test_fill_fits_in_other_scripts(text: str) -> None:
    """A filled line is as wide as allowed, or one piece that cannot be broken, and no sign is lost."""
    lines = layout.plain(layout.fill(text * 3, indent="  ", first="- ")).splitlines()
    broken = [line for line in lines if layout.width(line) > layout.COLUMNS]

    assert "".join(line[2:] for line in lines).replace(" ", "") == (text * 3).replace(" ", "")
    assert [line for line in broken if len(layout._chunks(line[2:])) > 1] == []


def test_soft_line_ends_keep_the_space_that_stood_there() -> None:
    """Without its soft line ends a filled text is the text, whether words or Chinese characters were parted."""
    for text in ("word " * 40 + "end", "機械が見る世界" * 20):
        assert text == layout.flat(layout.fill(text, indent="   ")).replace(layout.SOFT, "")


def test_minutes() -> None:
    """A reading takes a minute at least; a page of Japanese takes about as long as its English."""
    assert layout.minutes([]) == 1
    assert layout.minutes(["word " * 1_100]) == 4
    assert layout.minutes(["機械が見る世界" * 400]) == 4


@pytest.mark.parametrize(("text", "direction"), [("1. a ש", "ltr"), ("(שלום) a", "rtl"), ("نعم", "rtl"), ("1, 2", "")])
def test_first_strong_letter(text: str, direction: str) -> None:
    """The direction of a text is that of its first letter; numbers and signs have none."""
    assert direction == layout.strong(text)


# --- tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "\n"),
        ("\n\nwords\n\n", "words\n"),
        ("words", "words\n"),
        ("a  \nb\t\n", "a\nb\n"),
        ("a\n\n\n\n\n\nb\n", "a\n\n\nb\n"),
        ("a\n\n\nb\n", "a\n\n\nb\n"),
        ("a\n   \n \n\t\n\nb\n", "a\n\n\nb\n"),
        ("words\n-- \nname\n", "words\n-- \nname\n"),
        ("words\n--  \nname\n", "words\n--\nname\n"),
        ("  indented\n", "  indented\n"),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    """Tidy text has no white space at line ends but the signature mark's, and two empty lines at most."""
    assert expected == layout.tidy(text)


@given(st.text(alphabet="a- \n\t", max_size=60))
def test_tidy_once_and_for_all(text: str) -> None:
    """Tidying tidy text changes nothing."""
    assert layout.tidy(text) == layout.tidy(layout.tidy(text))
