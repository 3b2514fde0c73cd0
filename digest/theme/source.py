"""A theme's files, its tokens, and the text that its own Jinja makes of them, with the way back to file and line.

The theme's own Jinja is written `[[ theme.accent ]]` and `[% include "card.mjml" %]`, so that it cannot be mistaken
for the news'; it is filled in here, when the theme is compiled. The news' own, `{{ … }}` and `{% … %}`, passes through
untouched.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from digest import files
from digest.config import yamlfile
from digest.errors import THEME_FAILURES, ThemeError, of_theme, together
from digest.theme import foreign, palette

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    import jinja2
    from jinja2.bccache import Bucket

HTML = "issue.mjml"
TEXT = "issue.txt"
FRAGMENT = "fragment.html"
TOKENS = "theme.yaml"
CATALOGUES = "locale"
SHARED = "digest/theme/shared"
"""Where the files stand that a theme shares with others, as messages name it; it is a folder of the program."""

_SUFFIXES = (".mjml", ".txt", ".yaml", ".css", ".html")

# What a token may be. None of it can end a style, an attribute or a string, so tokens need no escaping.
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_LENGTH = re.compile(r"\d{1,4}px")
_WORDS = re.compile(r"[A-Za-z0-9 ,.'%#_-]{1,200}")

_KINDS = ((_COLOUR, "a colour such as #1d4ed8"), (_LENGTH, "a length such as 16px"), (_WORDS, "plain words"))

# The mark of a line while Jinja runs: private characters, which no theme may have (`read` sees to it).
_MARK = re.compile("\ue000(\\d+):(\\d+)\ue001")
# MJML's own way to include. A comment comes first: what is in it is switched off.
_MJ_INCLUDE = re.compile(
    r"<!--(?!\[if).*?-->|<mj-include\b((?:[^\"'<>]++|\"[^\"]*\"|'[^']*')*+)>(?:\s*</mj-include\s*>)?",
    re.DOTALL | re.IGNORECASE,
)
_STYLE = re.compile(r"<(mj-style|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_PAIR = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_NAMED = re.compile(r"\"([^\"]+)\"|'([^']+)'")
_OWN_JINJA = re.compile(r"\[\[.*?\]\]|\[%[-+]?\s*(\w*).*?%\]|\[#.*?#\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ThemeFiles:
    """A theme's folder as read: contents by file name, catalogues as `locale/TAG.po`.

    The names in *shared* are of files that the folder lacks, whose contents are the program's own.
    """

    folder: str
    contents: Mapping[str, str]
    shared: frozenset[str] = frozenset()

    def place(self, name: str, line: int | None = None, column: int | None = None) -> str:
        """Return `folder/name:line:column` for a message; line and column count from 1 and may be left out."""
        path = f"{SHARED}/{name}" if name in self.shared else os.path.join(self.folder, name)
        return ":".join(str(part) for part in (path, line, column) if part is not None)


@dataclass(frozen=True, slots=True)
class FilledTheme:
    """The text after the theme's own Jinja is filled in, and where each piece came from.

    *starts* are offsets in *text*, ascending; the piece from each to the next came from the file and line of the same
    index in *origins*. *problems* are words that the theme's own Jinja asks for and that there are not.
    """

    files: ThemeFiles
    text: str
    starts: tuple[int, ...]
    origins: tuple[tuple[str, int], ...]
    problems: tuple[ThemeError, ...] = ()

    def place(self, offset: int) -> str:
        """Return the place in the theme, `folder/name:line:column`, of the character at *offset* of *text*.

        The column is exact where the line holds no Jinja of the theme's own before it, which may be longer or shorter
        than what it became.
        """
        if not self.starts:
            return self.files.place(HTML)
        number = max(bisect_right(self.starts, offset) - 1, 0)
        name, line = self.origins[number]
        return self.files.place(name, line, offset - self.starts[number] + 1)

    def place_of_line(self, line: int) -> str:
        """Return the place in the theme of a 1-based line of *text*."""
        return self.places_of_lines()[line - 1]

    def places_of_lines(self) -> tuple[str, ...]:
        """Return the place in the theme of each line of *text*, in order; a text without words has one, too."""
        return tuple(map(self.place, (0, *(line.end() for line in re.finditer("\n", self.text)))))


def read(folder: str) -> ThemeFiles:
    """Return the theme's files: templates, partials, tokens, style sheets and catalogues, and those that all share.

    Of the folders in it only what a template includes is read, so that a theme may stand anywhere, in a folder with an
    archive too. Raises ThemeError where the folder cannot be read or lacks a template or its tokens, and for files that
    are not UTF-8 or hold the characters by which lines are marked.
    """
    contents: dict[str, str] = {}
    name = ""
    try:
        names = _names(folder)
        while names:
            name = names.pop()
            # Some editors of Windows write a mark of the byte order first, which would be a word before the page.
            contents[name] = files.text(os.path.join(folder, name)).removeprefix("\ufeff")
            names += [each for each in _below(folder, name, contents[name]) if each not in {*contents, *names}]
    except OSError as error:
        place = error.filename or folder
        raise ThemeError(place, files.trouble(error), "name a theme's folder with --templates") from error
    except UnicodeDecodeError as error:
        raise ThemeError(os.path.join(folder, name), "is not UTF-8", "save it as UTF-8") from error
    for needed in (HTML, TOKENS):
        if needed not in contents:
            raise ThemeError(folder, f"no {needed} in it", "copy templates/default to start a theme of your own")
    for name, content in contents.items():
        if "\ue000" in content or "\ue001" in content:
            raise ThemeError(os.path.join(folder, name), "holds the private characters U+E000 or U+E001", "remove them")
    return with_shared(ThemeFiles(folder, contents))


def _names(folder: str) -> list[str]:
    """Return the names of a theme's files, sorted: its own, and the catalogues in the folder for them. No hidden ones.

    Pictures, notes and whatever else an editor keeps beside them are left alone.
    """
    names = [name for name in os.listdir(folder) if name.endswith(_SUFFIXES)]
    inside = os.path.join(folder, CATALOGUES)
    if os.path.isdir(inside):
        names += [os.path.join(CATALOGUES, name) for name in os.listdir(inside) if name.endswith(".po")]
    return sorted(name for name in names if not os.path.basename(name).startswith("."))


def _below(folder: str, name: str, content: str) -> list[str]:
    """Return the files in folders of the theme that the template *name* includes, sorted, as far as they are there."""
    own = " ".join(piece[0] for piece in _OWN_JINJA.finditer(content))
    wanted = {os.path.normpath(double or single) for double, single in _NAMED.findall(own)}
    wanted |= {_included(name, match[1])[0] for match in _MJ_INCLUDE.finditer(content) if match[1]}
    return sorted(
        each
        for each in wanted
        if os.sep in each
        and each.endswith(_SUFFIXES)
        and _is_inside(each)
        and os.path.isfile(os.path.join(folder, each))
    )


def _is_inside(name: str) -> bool:
    """Whether the path *name* stays inside the theme's folder."""
    return not os.path.isabs(name) and not name.startswith(os.pardir)


def _included(name: str, attributes: str) -> tuple[str, str]:
    """Return what an mj-include with *attributes* in the file *name* asks for: the file, and the element to put it in.

    A path is relative to the file that it stands in, as in the official MJML; "" where there is none.
    """
    given = {key: double or single for key, double, single in _PAIR.findall(attributes)}
    path = os.path.normpath(os.path.join(os.path.dirname(name), given["path"])) if given.get("path") else ""
    kind = given.get("type", "mjml")
    if kind == "css":
        return path, 'mj-style inline="inline"' if given.get("css-inline") == "inline" else "mj-style"
    return path, "mj-raw" if kind == "html" else ""


def _jinja_of(content: str, name: str) -> str:
    """Return the template *name* as Jinja: its own in place of mj-include, on as many lines, and none by mistake."""
    # CSS without blanks, as in `@media print{#menu{…}}`, is no comment of Jinja's.
    content = _STYLE.sub(lambda style: style[0] if "#}" in style[0] else style[0].replace("{#", "{ #"), content)
    if name.endswith(".css") and "#}" not in content:
        content = content.replace("{#", "{ #")

    def include(match: re.Match[str]) -> str:
        path, element = _included(name, match[1] or "")
        # A comment, or an include of nothing, which is a problem of MJML's.
        if not path:
            return match[0]
        jinja = f"[% include {json.dumps(path, ensure_ascii=False)}{match[0].count(chr(10)) * chr(10)} %]"
        return f"<{element}>{jinja}</{element.split()[0]}>" if element else jinja

    return _MJ_INCLUDE.sub(include, content)


def tokens(files: ThemeFiles, overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the theme's tokens with *overrides* on top; only a colour can replace a colour, a length a length.

    With an accent, the colours that `palette` makes of it can be named as well. Raises ThemeError for a token that is
    unknown, or of another kind than the theme's own, with the name or kind that was meant.
    """
    try:
        root = yamlfile.compose(files.contents[TOKENS].encode())
    except yamlfile.YamlProblem as error:
        raise ThemeError(files.place(TOKENS, error.line), error.what) from error
    if not isinstance(root.value, dict):
        raise ThemeError(files.place(TOKENS, root.line), "is not a list of `token: value` lines")
    chosen: dict[str, str] = {}
    for key, node in root.value.items():
        if not isinstance(node.value, str) or not _WORDS.fullmatch(node.value):
            raise ThemeError(
                files.place(TOKENS, node.line),
                f"the token {key!r} is no plain text",
                "write a colour, a length or a list of fonts",
            )
        chosen[key] = node.value
    defaults = dict.fromkeys(palette.NAMES, chosen.get("accent", "")) if "accent" in chosen else {}
    defaults |= chosen
    for key, value in overrides.items():
        if key not in defaults:
            from difflib import get_close_matches  # noqa: PLC0415 - only for a message

            near = get_close_matches(key, sorted(defaults), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(defaults))}"
            raise ThemeError("theme", f"unknown token {key!r}", hint)
        kind, wanted = next((kind, wanted) for kind, wanted in _KINDS if kind.fullmatch(defaults[key]))
        if not kind.fullmatch(value):
            raise ThemeError(f"theme.{key}", f"{value!r} is not {wanted}", f"the theme's own is {defaults[key]}")
        chosen[key] = value
    return chosen


def with_shared(files: ThemeFiles) -> ThemeFiles:
    """Return *files* with the program's own in place of each shared file that the theme lacks, sorted by name."""
    lacking = {name: content for name, content in shared().items() if name not in files.contents}
    return replace(
        files,
        contents=dict(sorted({**files.contents, **lacking}.items())),
        shared=files.shared | lacking.keys(),
    )


@cache
def shared() -> Mapping[str, str]:
    """Return the files that every theme has, by name: text part, fragment, and the partials of the editor's words.

    A file of the same name in a theme's folder counts instead.
    """
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.path.basename(SHARED))
    return {
        name: files.text(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(_SUFFIXES)
    }


def fill(
    files: ThemeFiles, chosen: Mapping[str, str], *, language: str, direction: str, template: str = HTML
) -> FilledTheme:
    """Return the file *template* with the theme's own Jinja filled in.

    It sees `theme` (the tokens *chosen*), `language` and `direction`, and can include the theme's files, no others.
    Raises ThemeError with file and line. A word that there is not is empty, and among the problems of the result.
    """
    import jinja2  # noqa: PLC0415 - only a theme that changed is filled

    missing = _Missing(files)
    environment = _environment(files, missing)

    def without(*problems: ThemeError, name: str, text: str = "") -> FilledTheme:
        # With *text* for the file *name* there may be more to say of the rest.
        rest = replace(files, contents={**files.contents, name: text})
        try:
            filled = fill(rest, chosen, language=language, direction=direction, template=template)
        except ThemeError as error:
            raise together([*problems, error]) from error
        return replace(filled, problems=(*problems, *filled.problems))

    try:
        text = environment.get_template(template).render(theme=dict(chosen), language=language, direction=direction)
    except jinja2.TemplateNotFound as error:
        absent = _absent(files, template, error)
        if isinstance(error.name, str):
            return without(absent, name=error.name)
        raise absent from error
    except jinja2.TemplateSyntaxError as error:
        name = error.name or template
        text, pieces = foreign.blank_out(files.contents[name], _OWN_JINJA, environment)
        if not pieces:
            place = _of_own_jinja(files, name, error.lineno)
            raise ThemeError(place, _bare(error.message or "syntax error")) from error
        errors = [ThemeError(_at(files, name, offset), problem, remedy) for offset, problem, remedy in pieces]
        return without(*errors, name=name, text=text)
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        problem, remedy = of_theme(error)
        raise ThemeError(_failing_line(files, template, error), _bare(problem), remedy) from error
    return replace(_unmarked(files, list(files.contents), text), problems=tuple(missing.problems))


def _environment(files: ThemeFiles, missing: _Missing) -> jinja2.Environment:
    """Return the theme's own Jinja, which reads *files* and no others; words that there are not go to *missing*."""
    import jinja2  # noqa: PLC0415 - as above

    names = list(files.contents)

    def marked(name: str) -> tuple[str, str, None]:
        if name not in files.contents:
            raise jinja2.TemplateNotFound(name)
        return _marked(_jinja_of(files.contents[name], name), names.index(name)), name, None

    return jinja2.Environment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        loader=jinja2.FunctionLoader(marked),
        undefined=missing.noted(),
        autoescape=False,  # noqa: S701 - tokens are checked to be plain text; news never comes here
        keep_trailing_newline=True,
        # To fold constants takes longer than a theme that is filled once saves by it.
        optimized=False,
        bytecode_cache=_codes(),
    )


def _absent(files: ThemeFiles, template: str, error: jinja2.TemplateNotFound) -> ThemeError:
    """Return the problem of a file that *template* includes and the theme does not have."""
    place = _failing_line(files, template, error)
    # Of a list it is the last one; without a name it is a list of none.
    if not isinstance(error.name, str):
        return ThemeError(place, _bare(error.message or "includes nothing"))
    partials = ", ".join(name for name in files.contents if name.endswith(".mjml") and files.contents[name])
    remedy = f"its partials are {partials}" if _is_inside(error.name) else "copy it into the theme's folder"
    return ThemeError(place, f"there is no {error.name!r} to include", remedy)


class _Missing:
    """Notes each word of the theme's own Jinja that there is not, with its place, so that all are told at once."""

    def __init__(self, files: ThemeFiles) -> None:
        self.problems: list[ThemeError] = []
        self._files = files

    def noted(self) -> type[jinja2.StrictUndefined]:
        """Return what stands for such a word: it may be written out, and nothing else be done with it."""
        import jinja2  # noqa: PLC0415 - as above

        class NotedUndefined(jinja2.StrictUndefined):
            def __str__(noted) -> str:  # type: ignore[override] # noqa: N805 - self is the list of them
                self._note(noted._undefined_message)
                return ""

        return NotedUndefined

    def _note(self, problem: str) -> None:
        frame = inspect.currentframe()
        while frame and frame.f_code.co_filename not in self._files.contents:
            frame = frame.f_back
        if frame is None:
            place = self._files.place(HTML)
        else:
            line = frame.f_globals["__jinja_template__"].get_corresponding_lineno(frame.f_lineno)
            place = _of_own_jinja(self._files, frame.f_code.co_filename, line)
        # A bare name is mostly a merge tag of a mail service.
        bare = problem.endswith(" is undefined")
        remedy = "the theme's own are theme.…, language and direction; words of the news are {{ … }}" if bare else ""
        self.problems.append(ThemeError(place, problem, remedy))


@cache
def _codes() -> jinja2.BytecodeCache:
    """Return what keeps the code of each file while the program runs."""
    # A preview compiles the theme after each save, of which all files but one are the same.
    import jinja2  # noqa: PLC0415 - as above

    class Codes(jinja2.BytecodeCache):
        def __init__(self) -> None:
            self._known: dict[str, tuple[str, CodeType | None]] = {}

        def load_bytecode(self, bucket: Bucket) -> None:
            checksum, code = self._known.get(bucket.key, ("", None))
            bucket.code = code if checksum == bucket.checksum else None

        def dump_bytecode(self, bucket: Bucket) -> None:
            self._known[bucket.key] = bucket.checksum, bucket.code

    return Codes()


def _marked(content: str, number: int) -> str:
    """Put an invisible mark at the start of each line that is not inside a piece of the theme's own Jinja."""
    # Jinja knows lines of each template, not where they end up; the marks travel through loops and includes.
    inside = [match.span() for match in _OWN_JINJA.finditer(content)]
    pieces, offset = [], 0
    for line, piece in enumerate(content.splitlines(keepends=True), start=1):
        if not any(start < offset < end for start, end in inside):
            pieces.append(f"\ue000{number}:{line}\ue001")
        pieces.append(piece)
        offset += len(piece)
    return "".join(pieces)


def _unmarked(files: ThemeFiles, names: list[str], text: str) -> FilledTheme:
    """Return *text* without the marks of lines, which become its origins; they number *names*."""
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[tuple[str, int]] = []
    offset = last = 0
    for mark in _MARK.finditer(text):
        pieces.append(text[last : mark.start()])
        offset += mark.start() - last
        last = mark.end()
        starts.append(offset)
        origins.append((names[int(mark[1])], int(mark[2])))
    pieces.append(text[last:])
    return FilledTheme(files, "".join(pieces), tuple(starts), tuple(origins))


def _failing_line(files: ThemeFiles, template: str, error: BaseException) -> str:
    """Return the innermost place of a template in the traceback of *error*; *template* itself where none is in it."""
    place, trace = files.place(template), error.__traceback__
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if name in files.contents:
            place = _of_own_jinja(files, name, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _of_own_jinja(files: ThemeFiles, name: str, line: int) -> str:
    """Return the place of the first piece of the theme's own Jinja, or mj-include, that ends on or after *line*.

    *name* is the file. Where none begins by the end of the line, the place is the start of the line.
    """
    # Jinja tells a line and no column, and for a piece of several lines the last of them.
    content = files.contents[name]
    start = sum(len(splitline) for splitline in content.splitlines(keepends=True)[: line - 1])
    pieces = [*_OWN_JINJA.finditer(content), *(match for match in _MJ_INCLUDE.finditer(content) if match[1])]
    first = min((piece.start() for piece in pieces if piece.end() > start), default=start)
    column = first - start + 1 if start <= first < start + len(content[start:].split("\n", 1)[0]) else 1
    return files.place(name, line, column)


def _at(files: ThemeFiles, name: str, offset: int) -> str:
    """Return the place of the sign at *offset* of the file *name*."""
    before = files.contents[name][:offset]
    return files.place(name, before.count("\n") + 1, offset - before.rfind("\n"))


def _bare(message: str) -> str:
    """Return *message* without marks of lines, which Jinja may quote."""
    return _MARK.sub("", message)
