"""Run the parts of a long computation on a Dask cluster: `dask scheduler` and `dask worker` on as many machines.

Dask is a scheduler of tasks; of what it offers this uses futures, scattered data and their being lost. A task whose worker
dies is run again elsewhere by Dask. Scattered data is not: what a dead worker alone held is sent again from here, and what
waited for it is asked again.
"""

from __future__ import annotations

import gc
import math
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from distributed import Client, Future, KilledWorker, get_worker, wait
from threadpoolctl import threadpool_limits

from recommender.errors import ConfigError
from training.engines import AHEAD
from training.provenance import package_versions, program_fingerprint

Part = TypeVar("Part")
Result = TypeVar("Result")
Fingerprint = dict[str, str]

PATIENCE = 30.0
"""Seconds to wait for a scheduler to answer, and for a worker when there is none."""
_LOOK_EVERY = 1.0
"""Seconds between looks at whether anybody works, while a result is waited for."""
_MOST_LOSSES = 5
"""So often in a row shared data is sent again without a single result in between."""


class DaskEngine:
    """The workers of a Dask cluster; one that joins later takes part, one that dies loses nothing.

    A worker of n threads runs n parts at once, each with one thread of BLAS and OpenMP.

    Parameters
    ----------
    scheduler
        Address of the scheduler, as tcp://HOST:8786, or the path of a scheduler file.
    wait_for
        Workers to wait for before the first part is sent.
    patience
        Seconds to wait for the scheduler, for those workers, and for another worker when there is none left.

    Raises
    ------
    ConfigError
        If the scheduler does not answer, workers are missing, or scheduler or workers have other versions than this
        process.
    """

    shares_files = False

    def __init__(self, scheduler: str, *, wait_for: int = 1, patience: float = PATIENCE) -> None:
        self._scheduler = scheduler
        self.patience = patience
        self._client = self._connected()
        self._fingerprint = fingerprint()
        self._held: list[tuple[Any, Future[Any]]] = []
        try:
            self._wait_for(wait_for)
            self._refuse_others()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> DaskEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; its workers go on for others."""
        self._held.clear()
        self._client.close()

    @property
    def workers(self) -> int:
        """How many parts run at once now: the threads of all workers."""
        return sum(self._client.nthreads().values())

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order; at most `AHEAD` parts a thread are on the cluster.

        Each part and each result passes through the scheduler: a few megabytes at most are fine. What is shared goes to
        every worker once, and is kept there for the next call with the very same objects.

        Raises
        ------
        ConfigError
            If the last worker is gone and none came in time, the scheduler is gone, or a part killed its workers.
        """
        source = iter(parts)
        pending: deque[tuple[bytes, Future[Result]]] = deque()
        losses = 0
        held = self._sent(shared)
        room = _Room(self)
        while True:
            for part in islice(source, room.left(len(pending))):
                task = pickle.dumps((function, part), protocol=pickle.HIGHEST_PROTOCOL)
                pending.append((task, self._submitted(function, task, held)))
            if not pending:
                return
            future = pending[0][1]
            self._wait_until_done(future)
            try:
                result = self._result(future)
            except CancelledError:  # the part, what it needs or what it came to was lost with a worker
                losses += 1
                self._check_lost(future, losses)
                self._held.clear()
                held = self._sent(shared)
                pending = deque((task, self._again(function, task, old, held)) for task, old in pending)
                continue
            losses = 0
            pending.popleft()
            yield result

    def _submitted(self, function: Callable[..., Result], task: bytes, held: list[Future[Any]]) -> Future[Result]:
        # The task is bytes: Dask looks into tuples and lists for tasks of its own, and the scheduler unpickles arguments.
        name = f"{getattr(function, '__name__', 'part')}-{uuid4().hex}"
        return self._client.submit(_run, self._fingerprint, task, *held, key=name, pure=False)

    def _again(
        self, function: Callable[..., Result], task: bytes, old: Future[Result], held: list[Future[Any]]
    ) -> Future[Result]:
        return old if old.status == "finished" else self._submitted(function, task, held)

    def _sent(self, shared: tuple[Any, ...]) -> list[Future[Any]]:
        """Return what is shared as data every worker holds, sending what they do not hold from the last call."""
        held = []
        for one in shared:
            found = next((future for object_, future in self._held if object_ is one), None)
            held.append((one, found or self._scattered(one)))
        self._held = held
        return [future for _, future in held]

    def _scattered(self, one: Any) -> Future[Any]:
        # A key of its own each time: sent again after a loss, it must not be taken for what was lost.
        self._wait_for(1)
        sent: list[Future[Any]] = self._client.scatter([one], broadcast=True, hash=False, timeout=self.patience)
        return sent[0]

    def _wait_until_done(self, future: Future[Any]) -> None:
        """Wait for a result, a failure or a loss, for as long as somebody works."""
        alone_since: float | None = None
        while not future.done():
            try:
                with self._client.as_current():
                    wait([future], timeout=_LOOK_EVERY)
            except TimeoutError:
                now = time.monotonic()
                alone_since = None if self.workers else alone_since or now
                if alone_since is not None and now - alone_since > self.patience:
                    raise self._too_few(1) from None
            except CancelledError:
                return

    def _check_lost(self, future: Future[Any], losses: int) -> None:
        """Raise if what was lost cannot be had back: without a scheduler, or when it is lost again and again."""
        if self._client.status != "running" or not self._client.scheduler.comm:  # type: ignore[union-attr]
            raise ConfigError(
                f"scheduler {self._scheduler}: lost on the way; expected it to run until the end. Start it and ask again."
            )
        if losses > _MOST_LOSSES:
            raise ConfigError(
                f"scheduler {self._scheduler}: lost what was sent to workers {losses} times in a row ({future.status}); "
                "expected workers that stay. See their logs."
            )

    def _result(self, future: Future[Result]) -> Result:
        """Return what a part came to; CancelledError if that was lost."""
        if future.status == "lost":
            raise CancelledError
        try:
            return future.result()
        except KilledWorker as error:
            raise ConfigError(
                f"scheduler {self._scheduler}: a part ended every worker it ran on ({error.last_worker.address} the last); "
                "expected workers with enough memory for it. See their logs."
            ) from error

    def _connected(self) -> Client:
        where = {"scheduler_file": self._scheduler} if Path(self._scheduler).is_file() else {"address": self._scheduler}
        # What is left of a client that failed or was closed stops its loop when it is collected. Were that while another
        # one starts, Dask would wait for itself: so it is collected before.
        gc.collect()
        try:
            return Client(**where, timeout=self.patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            said = str(error)
        gc.collect()
        raise ConfigError(
            f"scheduler {self._scheduler}: does not answer ({said}); expected the address of a running "
            "`dask scheduler`, such as tcp://HOST:8786."
        )

    def _wait_for(self, n_workers: int) -> None:
        try:
            self._client.wait_for_workers(n_workers, timeout=self.patience)
        except TimeoutError:
            raise self._too_few(n_workers) from None

    def _too_few(self, expected: int) -> ConfigError:
        found = len(self._client.nthreads())
        return ConfigError(
            f"scheduler {self._scheduler}: found {found or 'no'} worker{'' if found == 1 else 's'} after "
            f"{self.patience:g} s; expected at least {expected}. Start some with `dask worker ADDRESS`."
        )

    def _refuse_others(self) -> None:
        """Refuse a scheduler and workers that could answer otherwise than this process would."""
        found = self._client.run(fingerprint, on_error="return")
        try:
            found["scheduler"] = self._client.run_on_scheduler(fingerprint)
        except (ImportError, RuntimeError) as error:
            found["scheduler"] = error
        for who, theirs in found.items():
            _refuse_other(str(who), theirs, self._fingerprint)


class _Room:
    """How many more parts may be sent; workers come and go, which is looked at now and then."""

    def __init__(self, engine: DaskEngine) -> None:
        self._engine = engine
        self._most = 0
        self._counted_at = -math.inf

    def left(self, n_pending: int) -> int:
        if time.monotonic() - self._counted_at > _LOOK_EVERY:
            self._most = AHEAD * max(1, self._engine.workers)
            self._counted_at = time.monotonic()
        return max(0, self._most - n_pending)


@lru_cache(maxsize=1)
def fingerprint() -> Fingerprint:
    """Return the versions of Python, of the packages that take part and of this source."""
    return package_versions() | {"source": program_fingerprint()}


def _refuse_other(who: str, theirs: Fingerprint | Exception, ours: Fingerprint) -> None:
    if isinstance(theirs, Exception):
        raise ConfigError(f"{who}: cannot run this project ({theirs}); expected it installed there, the same version.")
    names = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if names:
        found = ", ".join(f"{name} {theirs.get(name, 'absent')}" for name in names)
        expected = ", ".join(f"{name} {ours.get(name, 'absent')}" for name in names)
        raise ConfigError(f"{who}: found {found}; expected {expected}. Install the same everywhere.")


def _run(expected: Fingerprint, task: bytes, *shared: Any) -> Any:
    """Run one part on a worker."""
    _make_ready(tuple(sorted(expected.items())))
    function, part = pickle.loads(task)  # noqa: S301 - a worker runs what its scheduler sends by its nature
    return function(part, *shared)


@lru_cache(maxsize=1)
def _make_ready(expected: tuple[tuple[str, str], ...]) -> None:
    """Refuse a worker of another version that came after the others, and leave parallel work to its own threads."""
    _refuse_other(get_worker().address, fingerprint(), dict(expected))
    threadpool_limits(1)
