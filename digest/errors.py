"""Exceptions for everything that the user can mend.

    DigestError            one line for the user: `place: what is wrong; what to do`
    ├── SettingsError      digest.yaml or a flag asks for something impossible
    ├── EditsError         the editor's file names something that is not there
    ├── ArchiveError       the archive as a whole cannot be read
    │   └── TableError     a table as a whole cannot be read
    │       └── TooManyRows  all at once
    ├── ProblemsFound      single files have problems and --strict forbids going on
    ├── ThemeError         a theme cannot be compiled or filled in
    │   └── ThemeProblems  for several reasons at once
    ├── RenderingError     an issue does not fit the message format
    ├── OutputError        the issue cannot be written
    │   └── Sealed         readers have the issue, so it is not changed unasked
    ├── RecordError        a built issue's record is missing or cannot be read
    ├── UnknownStory       `explain` was asked about something it cannot find
    ├── NotFit             a built issue fails `digest check`, so it is not handed over
    ├── EngineError        other machines are not there, or do not fit, to work on
    ├── ImportingError     articles from elsewhere cannot be read
    ├── SendingError       a hand-over cannot begin or go on
    │   └── NoAnswer       a service was asked to do something and did not say whether it did
    └── NothingToSend      no story for this window (exit status 3)

The command line prints a DigestError and exits with its status. Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class DigestError(Exception):
    """A failure that the user can mend; as text it is one line, `place: what; remedy`.

    *place* is the file, option or address it is about, *what* says what is wrong there, *remedy* what to do ("" where
    *what* says it already). *exit_status* is that of the command.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        self.place = place
        self.what = problem
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"; {self.remedy}" if self.remedy else "")

    def __reduce__(self) -> tuple[type[DigestError], tuple[object, ...]]:
        """Let it be pickled, since a rendering may fail in a child process."""
        # Exception's own way would call the class with `args`, which is the finished line alone.
        return type(self), (self.place, self.what, self.remedy)


class SeveralProblems(DigestError):
    """Several things to fix; as text, a line for each. All of them are reported, not only the first.

    *problems* are as they were given, and *lines* their texts, each with its own place.
    """

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = tuple(problems)
        self.lines = tuple(str(problem) for problem in self.problems)
        super().__init__("", "")

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __reduce__(self) -> tuple[type[DigestError], tuple[object, ...]]:
        return type(self), (self.lines,)


class SettingsError(SeveralProblems):
    """digest.yaml or a flag asks for something impossible."""


class EditsError(SeveralProblems):
    """The editor's file names something that is not there, or cannot be read."""


class ArchiveError(DigestError):
    """The archive as a whole cannot be read; a single bad file is a Problem, not this."""


class TableError(ArchiveError):
    """A table as a whole cannot be read, or not without an extra; a single bad row is a Problem, not this."""


class TooManyRows(TableError):
    """A table has more rows than are read at once: whoever asks out of curiosity goes without the answer."""


class ProblemsFound(SeveralProblems):
    """Single files have problems, and the user asked not to go on then."""


class ThemeError(DigestError):
    """A theme cannot be compiled, or does not fit the issue."""


class ThemeProblems(SeveralProblems, ThemeError):
    """A theme cannot be compiled for several reasons."""


def together(problems: Sequence[ThemeError]) -> ThemeError:
    """Return one error that says all *problems* of a theme, each once; there is at least one."""
    different = list(dict.fromkeys(str(problem) for problem in problems))
    return problems[0] if len(different) == 1 else ThemeProblems(different)


class Overdue(Exception):
    """The time of a theme is over, after that many seconds; whoever runs the theme's code makes a ThemeError of it.

    Not a DigestError, since it has no place yet.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"has not finished after {seconds:g} s")


THEME_FAILURES = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
    # Of the Python that Jinja makes of a template, which allows only twenty blocks in each other.
    SyntaxError,
    Overdue,
)
"""Exceptions that the expressions of a theme can raise beside Jinja's own."""


def of_theme(error: Exception, usual: str = "") -> tuple[str, str]:
    """Return what is wrong with a theme that raised *error*, and what to do.

    That is *usual*, unless the theme ran against a limit of time, nesting or memory, which have remedies of their own.
    """
    if isinstance(error, Overdue):
        return str(error), "look for a loop there that does not end"
    if isinstance(error, RecursionError):
        return "calls itself without end", "look for a macro or an include that leads back to itself"
    if isinstance(error, MemoryError):
        return "takes more memory than it may", "look for a text or a list there that grows without end"
    # Jinja's errors have the bare sentence in `message`; to the text of a syntax error Jinja adds template and line.
    return str(getattr(error, "message", None) or error), usual


class RenderingError(DigestError):
    """The issue cannot be written down in the form asked for."""


class OutputError(DigestError):
    """The issue cannot be written to disk."""


class Sealed(OutputError):
    """Readers have this issue: it is not changed without an explicit word."""


class RecordError(DigestError):
    """The record of a built issue is missing or cannot be read."""


class UnknownStory(DigestError):
    """`explain` was asked about an article or topic that is nowhere to be found."""


class NotFit(SeveralProblems):
    """A built issue fails `digest check`; it is not handed over."""


class EngineError(DigestError):
    """Other machines are not there, or do not fit, to work on; *place* is their address or `--engine`."""


class ImportingError(DigestError):
    """A file of articles from elsewhere cannot be read as a whole; a single bad record is a Problem, not this."""


class SendingError(DigestError):
    """A hand-over to a mail service cannot begin, or cannot go on."""


class NoAnswer(SendingError):
    """A service was asked to do something and did not say whether it did: it may have."""


class NothingToSend(DigestError):
    """The window holds no story that may run."""

    exit_status = 3
