"""Other machines to work on: the address of a Dask cluster, as an executor of the standard library.

Dask does a task again whose worker was killed. Its errors are told here in the user's words. Knows no editions.
"""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from digest.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from concurrent.futures import Executor, Future

Given = TypeVar("Given")

SCHEMES = ("tcp", "tls")

_PATIENCE = 60.0
"""Seconds without a worker after which a cluster counts as lost."""

_AGAIN = "see to it and run the same command again: what stands stays"


class WorkersEnded(Exception):
    """One worker after another was ended at a task, which Dask does not try again."""


@contextmanager
def opened(url: str) -> Iterator[Cluster]:
    """Lend the Dask cluster whose scheduler is at *url*. Raises EngineError where there is none, or no worker of it."""
    try:
        parts = urlsplit(url)
        is_known = parts.scheme in SCHEMES and bool(parts.hostname and parts.port)
    except ValueError:
        is_known = False
    if not is_known:
        raise EngineError(url, "is no engine that digest knows", "name a scheduler of Dask, as tls://scheduler:8786")
    try:
        from distributed import Client  # noqa: PLC0415 - few work on other machines
    except ImportError as error:
        raise EngineError("--engine", "needs the extra dask", "pip install 'heat-digest[dask]'") from error
    # What they have to say of a lost connection is said here, in a line.
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    security = _security(url)
    with _told(url, "cannot be reached"):
        client: Any = Client(url, security=security, set_as_default=False)
    try:
        with _told(url, "has no worker"):
            client.wait_for_workers(1, timeout=_PATIENCE)
        yield Cluster(url, client)
    finally:
        client.close()


def _security(url: str) -> Any:  # noqa: ANN401 - Dask's
    """Return keys and certificates, which stand in Dask's own settings. Raises EngineError where they will not do."""
    from distributed.security import Security  # noqa: PLC0415 - as above

    security = Security()
    try:
        context = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        problem, context = f"cannot be read ({error.strerror or type(error).__name__})", None
    else:
        problem = "are missing"
    if url.startswith("tls:") and context is None:
        raise EngineError(url, f"the certificates of Dask's settings {problem}", "see distributed.comm.tls there")
    # Not left to Dask, which takes ten seconds to say so, and a traceback.
    if url.startswith("tcp:") and security.require_encryption:
        raise EngineError(url, "Dask's settings require encryption", "name the scheduler with tls://")
    return security


@contextmanager
def _told(url: str, problem: str = "the cluster is lost") -> Iterator[None]:
    """Turn what goes wrong with the cluster at *url* into an EngineError."""
    try:
        yield
    # A TimeoutError, and what fails of a connection, is an OSError.
    except (OSError, CancelledError) as error:
        raise EngineError(url, problem, _AGAIN) from error


class Cluster:
    """Workers of other processes, and mostly of other machines.

    *executor* hands tasks to them. What it is given with a task is written down in logs where the task fails, so
    nothing that is private may be among it.
    """

    def __init__(self, url: str, client: Any) -> None:  # noqa: ANN401 - Dask's, which is imported where it is asked for
        self.url, self._client = url, client
        # pure: else tasks that are as others were before are answered from memory, and write nothing.
        self.executor: Executor = client.get_executor(pure=False)

    def lend(self, value: object) -> Any:  # noqa: ANN401 - a task gets *value* itself
        """Return what to give to a task in the place of *value*, which is sent to every worker once."""
        with _told(self.url):
            return self._client.scatter(value, broadcast=True, hash=False)

    def answers(self, function: Callable[[], Given]) -> dict[str, Given | BaseException]:
        """Return what *function* returns, or raises, on each worker by its address."""
        with _told(self.url):
            answers: dict[str, Given | BaseException] = self._client.run(function, on_error="return")
        return answers

    def done(self, futures: Collection[Future[Given]]) -> Iterator[Future[Given]]:
        """Yield *futures* of the executor as they are done. Raises EngineError where all workers are lost."""
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
            yield from done
            with _told(self.url):
                if not done and not self._client.ncores():
                    raise EngineError(self.url, "has no worker any more", _AGAIN)

    def result(self, future: Future[Given]) -> Given:
        """Return what came of a task. Raises WorkersEnded, EngineError, and what the task raised."""
        from distributed import KilledWorker  # noqa: PLC0415 - likewise

        with _told(self.url):
            try:
                return future.result()
            except KilledWorker as error:
                raise WorkersEnded from error
