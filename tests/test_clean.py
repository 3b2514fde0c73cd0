"""Texts and addresses from outside are made safe: by example and as properties."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.text import sanitize

ADDRESS_PARTS = [
    "https://",
    "HTTP://",
    "javascript:",
    "//",
    "/",
    "example.com",
    "Bücher.example",
    "xn--bcher-kva.example",
    "user:secret@",
    ":443",
    ":0",
    ":99999",
    "[::1]",
    "?",
    "#",
    "&",
    "&amp;",
    "amp;",
    "%",
    "%41",
    "%zz",
    "=",
    ";",
    '"',
    "'",
    "<",
    "{{ x }}",
    "{id}",
    "\\",
    "..",
    "ü",
    "。",
    "ﬀ",
    "\u202e",
    "\ufeff",
    "\ud800",
    "\t",
    "\n",
    " ",
    "a",
]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain", "plain"),
        ("  outer  and\tinner \n space ", "outer and inner space"),
        ("Tom&#8217;s &amp; Ann&rsquo;s", "Tom’s & Ann’s"),
        ("&amp;#8217;", "&#8217;"),
        ("&amp;amp;", "&amp;"),
        ("&lt;b&gt;", "<b>"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("a&nbsp;b", "a b"),
        ("a\x00b\x1fc\x7fd\x9fe", "a b c d e"),
        ("a&#0;b&#7;c", "a\ufffdbc"),
        ("left \u202eright\u202c", "left right"),
        ("\u2066isolate\u2069", "isolate"),
        ("&#x202e;gnp.exe", "gnp.exe"),
        ("line\u2028paragraph\u2029end", "line paragraph end"),
        ("\ufeffmark", "mark"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("&#xd83d;", "\ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\ufffeno character\uffff", "no character"),
        ("\U0001fffeno\U0010ffff \ufdd0character", "no character"),
        ("Z\u0351\u036b\u0343\u036a\u0302\u036b\u0340\u034e\u0332algo", "Z\u0351\u036b\u0343\u036a\u0302\u036balgo"),
        ("Vie\u0323\u0302t", "Vie\u0323\u0302t"),
        ("zero\u200b\u200c\u200b\u200d\u2060\u200bwidth", "zero\u200b\u200cwidth"),
        ("hidden\U000e0069\U000e0067\U000e006e words", "hidden words"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
        ("❤\ufe0f\ufe01\U000e0100\U000e0101!", "❤\ufe0f!"),
        ("a" * 80, "a" * 80),
        (f"so {'a' * 5_000} long", f"so {'a' * 79}… long"),
        ("ก" * 300, "ก" * 300),
        ("研究" * 150, "研究" * 150),
        ("", ""),
        (" \t\n", ""),
    ],
)
def test_text(raw: str, expected: str) -> None:
    """A text is one line: entities decoded once, control and bidi characters and white space made one space."""
    assert expected == sanitize.text(raw)


def test_a_text_has_an_end() -> None:
    """What is longer than may be is cut behind a whole word, or in the middle where there is none, and says so."""
    assert sanitize.text("word " * 50_000) == "word " * 799 + "word…"
    assert sanitize.text("one two three four", most=12) == "one two…"
    assert sanitize.text("研究" * 5_000, most=10) == "研究" * 4 + "研…"
    assert sanitize.text("x&amp;y" * 10, most=10) == "x&yx&yx&y…"


def test_what_was_a_text_is_not_decoded_again() -> None:
    """Words of a record are cleaned, and their ampersands are ampersands."""
    assert sanitize.again("Tom &amp; Ann\u202e") == "Tom &amp; Ann"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\u202e\u2066\x00\x9f\u2028\ud800&#;x0123456789"))))
@example("&#x202e;&#0;&NewLine;&Tab;&nbsp;")
def test_text_is_always_clean(raw: str) -> None:
    """Whatever comes in, no control, bidi-override or surrogate character and no doubled space comes out."""
    text = sanitize.text(raw)
    unsafe = {"Cc", "Cs", "Zl", "Zp"}
    assert [char for char in text if unicodedata.category(char) in unsafe or char in "\u202a\u202e\u2066\u2069"] == []
    assert " ".join(text.split()) == text


@given(st.text(alphabet=st.characters(exclude_characters="&")))
def test_text_without_entities_is_cleaned_once_and_for_all(raw: str) -> None:
    """Cleaning a clean text changes nothing, entities apart."""
    assert sanitize.text(raw) == sanitize.text(sanitize.text(raw))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("http://example.com", "http://example.com"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("HTTPS://Example.COM/A", "https://example.com/A"),
        ("https://example.com:8080/a", "https://example.com:8080/a"),
        ("https://example.com:/a", "https://example.com/a"),
        ("https://Bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://ＥＸＡＭＰＬＥ.com/", "https://example.com/"),
        ("https://例え.jp/あ", "https://xn--r8jz45g.jp/%E3%81%82"),
        ("https://example.com/Über uns".replace(" ", "-"), "https://example.com/%C3%9Cber-uns"),
        ("https://example.com/%C3%9C?q=%22", "https://example.com/%C3%9C?q=%22"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/%recipient%?%a=%41", "https://example.com/%25recipient%25?%25a=%41"),
        ('https://example.com/"onclick="x', "https://example.com/%22onclick=%22x"),
        ("https://example.com/<b>", "https://example.com/%3Cb%3E"),
        ("https://example.com/{{x}}|y", "https://example.com/%7B%7Bx%7D%7D%7Cy"),
        ("https://example.com/a\\b", "https://example.com/a%5Cb"),
        ("https://example.com/?a[]=1", "https://example.com/?a%5B%5D=1"),
        ("https://example.com/?a=1&amp;b=2", "https://example.com/?a=1&b=2"),
        ("https://example.com/?a=1&copy=1&lt=2", "https://example.com/?a=1&copy=1&lt=2"),
        ("https://example.com/it's,(so);~!$*+=:@-._", "https://example.com/it's,(so);~!$*+=:@-._"),
        ("https://example.com/a?b=c/d?e#f?g/h", "https://example.com/a?b=c/d?e#f?g/h"),
        ("https://example.com/a#b#c", "https://example.com/a#b%23c"),
        ("https://192.0.2.1/a", "https://192.0.2.1/a"),
        ("https://example.com/a b?c=d e", "https://example.com/a%20b?c=d%20e"),
        ("https://my_notes.example.com/a", "https://my_notes.example.com/a"),
    ],
)
def test_address(raw: str, expected: str) -> None:
    """An http(s) address comes out absolute and in ASCII, with what does not belong in it encoded."""
    assert expected == sanitize.address(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "example.com/a",
        "/a",
        "//example.com/a",
        "javascript:alert(1)",
        "JavaScript://example.com/%0Aalert(1)",
        "data:text/html,<b>",
        "ftp://example.com/a",
        "mailto:ann@example.com",
        "file:///etc/passwd",
        "https:",
        "https://",
        "https:///a",
        "https:example.com",
        "https://:443/a",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com\\evil.example/",
        "https://exa mple.com/",
        "https://example.com/a https://example.com/b",
        "https://example.com/a\tb",
        "https://example.com/a\nb",
        "https://example.com/\x00",
        "https://example.com/\u202e",
        "https://example.com/\u00a0b",
        "https://example.com/\ud800",
        "java\nscript:alert(1)",
        "https://example.com:port/",
        "https://example.com:65536/",
        "https://example.com:-1/",
        "https://example..com/",
        "https://.example.com/",
        f"https://{'a' * 64}.example/",
        "https://ex%61mple.com/",
        "https://example.com&amp;.evil/",
        "https://exa<mple.com/",
        "https://[::1/",
        "https://[::1]/",
        "https://ex℀mple.com/",
    ],
)
def test_no_address(raw: str) -> None:
    """What is no plain http(s) address is refused: other schemes, credentials, white space, impossible hosts."""
    assert None is sanitize.address(raw)


@pytest.mark.parametrize(("length", "usable"), [(2_000, True), (2_001, False)])
def test_address_length(length: int, usable: bool) -> None:
    """Addresses of up to 2,000 characters are usable."""
    assert usable is bool(sanitize.address("https://example.com/".ljust(length, "a")))


def test_address_length_counts_what_is_sent() -> None:
    """The limit holds for the encoded address, which is longer."""
    assert None is sanitize.address("https://example.com/" + "ü" * 400)


@given(st.lists(st.sampled_from(ADDRESS_PARTS), max_size=8).map("".join).map("https://example.com/".__add__))
@example("https://example.com/?a=1&amp;amp;b=2")
def test_address_is_clean_once_and_for_all(raw: str) -> None:
    """An address comes back unchanged when it is cleaned again."""
    address = sanitize.address(raw)
    assert address == (address and sanitize.address(address))


@given(st.from_regex(sanitize._PLAIN_ADDRESS, fullmatch=True))
@example("https://example.com?a&amp")
@example("http://a//b///c?d?e=%2f&f;g")
def test_a_plain_address_is_what_it_would_be_taken_apart(raw: str) -> None:
    """What a look passes as it is, the long way gives back as it is."""
    assert sanitize._spelled(raw) == raw


@given(st.text(st.characters(max_codepoint=127)) | st.text(st.sampled_from(" ~}{a\x7f\x1f")))
def test_printable_ascii_has_nothing_to_take_out(raw: str) -> None:
    """The shortcut of `again` is one."""
    assert not (raw.isprintable() and sanitize._UNSAFE.search(raw))


@given(st.lists(st.sampled_from(ADDRESS_PARTS) | st.text(max_size=5), max_size=8).map("".join))
def test_address_is_always_safe(raw: str) -> None:
    """Whatever comes in, what comes out is short printable ASCII that cannot leave an attribute or a template."""
    address = sanitize.address(raw) or "https://example.com"
    assert re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?([/?#][^\s\"<>{}\\`|^\[\]\x00-\x20\x7f-\U0010ffff]*)?", address)
    assert len(address) <= 2_000


@given(
    st.sampled_from(["https", "http"]),
    st.from_regex(r"[a-z][a-z0-9]{0,9}\.example", fullmatch=True),
    st.text(max_size=20),
)
def test_address_keeps_its_host(scheme: str, host: str, rest: str) -> None:
    """Nothing behind the host can move an address to another one."""
    address = sanitize.address(f"{scheme}://{host}/{rest}")
    assert (scheme, host) == (
        urlsplit(address or f"{scheme}://{host}").scheme,
        urlsplit(address or f"//{host}").hostname,
    )


def test_a_character_number_without_end() -> None:
    """Python refuses to read a number of more than 4,300 digits; such a reference is no character, and no crash."""
    assert sanitize.text("a&#" + "9" * 5_000 + ";b &amp;#65; &#65;") == "a\ufffdb &#65; A"
