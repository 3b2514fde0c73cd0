"""Rendering in a child process, which is ended where a theme does not let it finish.

    caller ── settings, issue ──▶ child: pipeline.render ── Rendered, or what is wrong ──▶ caller
       └── ends it: it took too long, the theme was saved again, the program stops

A theme is a program: it may loop, and a long call into C holds Python's lock, so that no thread of the same process can
interrupt it and all of them stand still. A process can always be ended. A rendering may take

- 5 seconds: then an exception is raised in the theme, which gives the error its file and line. On a busy machine it
  may take longer, until it has had half of that from the processor;
- 6 seconds of the processor: then the kernel ends the process, which helps where the theme is deep in C;
- 15 seconds by the clock in any case;
- 2 GB of memory, and 10 MB of result.

Whatever happens in the child, the caller gets a result or an exception that says what to mend. The child lives on
between renderings, so that they cost no start of Python. Requests and answers are pickles through pipes of our own.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import DigestError, Overdue, ThemeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from digest.config.settings import Settings
    from digest.model import Issue
    from digest.pipeline import Rendered

    _Answer = Rendered | DigestError | str
    """What the child sends: the result, an error that the user can mend, or the traceback of a bug of ours."""

SECONDS = 5
"""Seconds that a theme may take by the clock, where the machine gives it its share of the processor."""

# A busy machine must not count against a theme: it is overdue only when it had this much of its time.
_SHARE = 0.5
"""Part of those seconds that the processor must have worked for the theme."""

# The alarm comes again because a library inside the theme may catch the exception as one of its own.
_AGAIN_SECONDS = 0.5
"""Seconds from one look at the clock to the next, once the time is over."""

_IN_C_SECONDS = 1
"""Seconds of the processor beyond those, after which the kernel ends the process."""

_CLOCK_SECONDS = 15
"""Seconds by the clock after which the caller kills the child, which may be waiting and use no processor at all."""

_MEMORY = 2 * 1024**3
"""Bytes of address space that the child may have."""

# A page beyond this is more than the preview's browser, and a check, can bear.
_RESULT = 10_000_000
"""Bytes that the files of a rendering may have together."""


class RenderProcess:
    """A child process that renders one issue after another; any thread may ask, one is served at a time.

    The child is started at once, so that it is ready when it is needed, and a new one after it was ended. *seconds* is
    how long a rendering may take, by default SECONDS; after *clock_seconds* the child is killed, whatever it waits for.
    Close it to end the child.
    """

    def __init__(self, *, seconds: float | None = None, clock_seconds: float = _CLOCK_SECONDS) -> None:
        self._seconds = seconds or SECONDS
        self._clock_seconds = clock_seconds
        self._lock = threading.Lock()
        self._closed = False
        self._since: float | None = None
        self._reason = ""
        self._child: subprocess.Popen[bytes] | None = None
        # A machine without room for another process is reported by `render`, which tries again.
        with contextlib.suppress(OSError):
            self._child = self._start()

    def render(self, settings: Settings, issue: Issue) -> Rendered:
        """Return the result of `pipeline.render` for *settings* and *issue*; waits while another thread is served.

        Raises ThemeError for a theme that runs against a limit or was ended, any DigestError that `pipeline.render`
        raises, and for a bug of ours RuntimeError with the child's traceback.
        """
        with self._lock:
            answer = self._answer(settings, issue)
        if isinstance(answer, DigestError):
            raise answer
        if isinstance(answer, str):
            raise RuntimeError(f"a rendering failed:\n{answer}")  # noqa: TRY004 - no type of an argument is wrong
        return answer

    def give_up(self, *, after: float) -> None:
        """End the rendering under way if it has taken more than *after* seconds, because its files have changed since.

        It then raises ThemeError. Does nothing without one; may be called from any thread.
        """
        since = self._since
        if since is not None and time.monotonic() - since > after:
            self._end("was saved again before it had finished")

    def stop(self) -> None:
        """End the child, whatever it does, and render nothing any more. May be called from a signal's handler."""
        # Takes no lock: in a handler the thread that holds it may be the very one that was interrupted.
        self._closed = True
        self._end("was not finished: the program ends")

    def close(self) -> None:
        """Do as `stop`, and wait until the child has ended."""
        self.stop()
        # A thread that waits for an answer gets an EOFError now, and gives the lock back.
        with self._lock:
            if self._child is not None:
                self._child.wait()
                _hang_up(self._child)

    def _end(self, reason: str) -> None:
        """Kill the child; *reason* is what the rendering under way says of the theme."""
        self._reason = reason
        child = self._child
        if child is not None:
            child.kill()

    def _answer(self, settings: Settings, issue: Issue) -> _Answer:
        """Return the child's answer, or the error for its end; the lock has to be held. Raises ThemeError."""
        try:
            child = self._ready()
        except OSError as error:
            problem = f"cannot be filled in ({error.strerror})"
            raise ThemeError(settings.templates, problem, "close other programs and save it again") from error
        over = threading.Timer(self._clock_seconds, self._end, [str(Overdue(self._clock_seconds))])
        over.daemon = True
        over.start()
        self._since = time.monotonic()
        try:
            return _exchange(child, settings, issue)
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._lost(child, settings)
        # Ctrl-C or the like while waiting: the answer is still to come, and would be taken for that to the next
        # request.
        except BaseException:
            child.kill()
            raise
        finally:
            self._since = None
            over.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        """Return a new child. Raises OSError."""
        # In a group of its own: Ctrl-C in the terminal is for the program that asks, which then ends this one. Not in a
        # session: Linux shares the processor among sessions, and what `nice` says counts within one only.
        command = [sys.executable, "-P", "-m", "digest.render_process", str(self._seconds)]
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )

    def _ready(self) -> subprocess.Popen[bytes]:
        """Return the child, a new one where the last has ended. Raises OSError."""
        if self._child is None or self._child.poll() is not None:
            if self._child is not None:
                _hang_up(self._child)
            self._child = self._start()
        self._reason = ""
        if self._closed:
            self.stop()
        return self._child

    def _lost(self, child: subprocess.Popen[bytes], settings: Settings) -> ThemeError:
        """Return the error for a child that has ended without an answer, and start the next one."""
        child.kill()
        status = child.wait()
        _hang_up(child)
        self._child = None
        # Started now and not when it is needed: the editor is about to mend the theme. Where it cannot be, `_ready`
        # tries.
        with contextlib.suppress(OSError):
            self._child = None if self._closed else self._start()
        # A reason of ours first. Without one, SIGPROF is the kernel's limit of processor time; any other end is that of
        # the kernel for want of memory, or a crash in a library.
        problem, remedy = self._reason, "look for a loop that does not end"
        if not problem and status == -getattr(signal, "SIGPROF", 0):
            problem = str(Overdue(self._seconds))
        elif not problem:
            problem, remedy = f"ended the rendering (status {status})", "undo what was changed last"
        return ThemeError(settings.templates, problem, remedy)


def _hang_up(child: subprocess.Popen[bytes]) -> None:
    """Close the pipes to a child that has ended."""
    for end in (child.stdin, child.stdout):
        # close() writes what is buffered, and nobody is left to read it.
        with contextlib.suppress(OSError):
            if end is not None:
                end.close()


def _exchange(child: subprocess.Popen[bytes], settings: Settings, issue: Issue) -> _Answer:
    """Ask the child and return its answer. Raises EOFError, OSError or UnpicklingError where it has ended."""
    assert child.stdin
    assert child.stdout
    picked = {pick.article.path for pick in issue.picks}
    # A rendering asks for no verdicts but those of the picks; there may be thousands of others, each with its article.
    running = replace(issue, verdicts=tuple(verdict for verdict in issue.verdicts if verdict.article.path in picked))
    child.stdin.write(pickle.dumps((settings, running), protocol=pickle.HIGHEST_PROTOCOL))
    child.stdin.flush()
    answer: _Answer = pickle.load(child.stdout)  # noqa: S301 - our own child wrote it, into a pipe of our own
    return answer


# --- the child -------------------------------------------------------------------------------------------------------


def main(seconds: float) -> None:
    """Answer requests on standard input until it ends; a rendering may take *seconds*. Runs in the child."""
    # Answers get a descriptor of their own and standard output becomes standard error: a line that an engine prints
    # would break the pickles.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit("RLIMIT_AS", _MEMORY)
    _limit("RLIMIT_CORE", 0)
    # As the command line does: a tenth of a build went into looking for garbage among what was just being made.
    gc.set_threshold(50_000)
    from digest import pipeline, theme  # noqa: F401, PLC0415 - what comes first takes a third of a second
    from digest.mail import mime  # noqa: F401, PLC0415 - likewise
    from digest.rendering import template  # noqa: F401, PLC0415 - likewise

    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            settings, issue = pickle.load(sys.stdin.buffer)  # noqa: S301 - the program that started this one asks
            answers.write(pickle.dumps(_rendered(settings, issue, seconds), protocol=pickle.HIGHEST_PROTOCOL))
            answers.flush()


def _rendered(settings: Settings, issue: Issue, seconds: float) -> _Answer:
    """Return the rendering of *issue* within the limits of time and size, or what came of it instead."""
    from digest import pipeline  # noqa: PLC0415 - for the child alone

    try:
        with _watched(seconds):
            done = pipeline.render(settings, issue)
    except DigestError as error:
        return error
    except (Overdue, MemoryError, RecursionError) as error:  # outside the theme's own Jinja: while it is compiled
        from digest.errors import of_theme  # noqa: PLC0415 - as above

        return ThemeError(settings.templates, *of_theme(error))
    except Exception:  # noqa: BLE001 - the caller raises it anew
        import traceback  # noqa: PLC0415 - for a mistake alone

        return traceback.format_exc()
    size = sum(map(len, done.files.values()))
    if size > _RESULT:
        problem = f"makes a letter of {size:,} bytes; more than {_RESULT:,} are not shown"
        return ThemeError(settings.templates, problem, "look for a loop there that runs too often")
    return done


@contextlib.contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """Raise Overdue in the block after *seconds*; where that does not help, the kernel ends the process.

    Has to be entered in the main thread, where Python handles signals. Without timers (Windows) the caller's clock is
    all.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    used = time.process_time()

    def look(_: int, __: FrameType | None) -> None:
        if time.process_time() - used >= seconds * _SHARE:
            raise Overdue(seconds)

    signal.signal(signal.SIGALRM, look)
    # Python runs a handler only between two of its own steps, which a long call into C puts off. SIGPROF has no
    # handler, so the kernel ends the process by it wherever it is.
    signal.setitimer(signal.ITIMER_PROF, seconds + _IN_C_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit(name: str, value: int) -> None:
    """Lower the soft limit *name* (`RLIMIT_…`) of this process to *value*, where the system has it."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not there on Windows

        number = getattr(resource, name)
        resource.setrlimit(number, (value, resource.getrlimit(number)[1]))


if __name__ == "__main__":
    main(float(sys.argv[1]))
