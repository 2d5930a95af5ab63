"""Where the parts of a long computation run: processes or threads of this machine, or a cluster (`training.cluster`)."""

from __future__ import annotations

import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Thread
from typing import Any, Protocol, TypeVar

import joblib
from joblib.externals.loky import get_reusable_executor

from recommender.errors import ConfigError

Part = TypeVar("Part")
Result = TypeVar("Result")

LOCAL, DASK = "local", "dask"
AHEAD = 2
"""Parts a worker has at most: the one it works on and the next, so that it never waits for the process that deals them."""
_SHARED = "lpr-shared-"
_IDLE_SECONDS = 60
"""After so long without a part a process ends, and its memory is free."""
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Engine(Protocol):
    """Runs one function on many parts; results come in the order of the parts, whoever was first."""

    @property
    def workers(self) -> int:
        """How many parts run at once."""

    @property
    def shares_files(self) -> bool:
        """Whether workers find the files this process finds."""

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order, drawing parts no faster than results are taken.

        `function` is importable by name and its arguments can be pickled; `shared` is the same for every part and is sent
        to each worker once. Neither the function nor anybody else changes it: parts may run side by side on the same
        objects, and whole arrays may be mapped read-only. An exception of the function is raised as itself.
        """


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Processes of this machine, those of joblib; one worker is this process itself.

    What is shared is written to a temporary file once and mapped by every process, so that its arrays are in memory once.
    Each process has its share of the cores for threads of its own.
    """

    workers: int = 1
    shares_files: bool = True

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order; at most `AHEAD` parts a worker are under way."""
        if self.workers == 1:
            yield from (function(part, *shared) for part in parts)
            return
        executor = _executor(self.workers)
        with _written(shared) as path:
            try:
                yield from _in_order(
                    lambda part: executor.submit(_with_written, function, part, path), parts, AHEAD * self.workers
                )
            except BrokenProcessPool as error:
                raise ConfigError(
                    f"a process ended while it worked ({str(error).splitlines()[0]}); expected memory for {self.workers} "
                    "of them. Ask for fewer with --workers, or --threads of a fit."
                ) from error


def _executor(workers: int) -> Executor:
    """Return the processes of this machine, those of the call before if as many are asked for."""
    threads = dict.fromkeys(_THREAD_SETTINGS, str(max(1, (os.cpu_count() or 1) // workers)))
    executor: Executor = get_reusable_executor(
        max_workers=workers, timeout=_IDLE_SECONDS, env=threads, initializer=_end_with, initargs=(os.getpid(),)
    )
    return executor


@contextmanager
def processes(workers: int) -> Iterator[LocalEngine]:
    """Yield an engine of processes of this machine that end with the block: idle ones hold 0.2 GB each."""
    try:
        yield LocalEngine(workers)
    finally:
        if workers > 1:
            _executor(workers).shutdown(wait=True)


HERE: Engine = LocalEngine()
"""This process."""


@dataclass(frozen=True, slots=True)
class ThreadEngine:
    """Threads of this process: for functions that spend their time in NumPy and share what is too large to hand over."""

    workers: int = 1
    shares_files: bool = True

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order; at most `AHEAD` parts a worker are under way."""
        with ThreadPoolExecutor(self.workers) as executor:
            yield from _in_order(lambda part: executor.submit(function, part, *shared), parts, AHEAD * self.workers)


@contextmanager
def opened_engine(
    name: str, scheduler: str | None, workers: int | None, *, processes: int | None = None
) -> Iterator[Engine]:
    """Yield the engine that the options `--engine`, `--scheduler` and `--workers` ask for.

    `workers` is how many processes `local` has, `processes` or one a core unless said, and how many workers `dask` waits
    for, one unless said.

    Raises
    ------
    ConfigError
        If options contradict each other, the extra `cluster` is not installed, or the cluster cannot be used.
    """
    if name == LOCAL:
        if scheduler is not None:
            raise ConfigError(f"--scheduler: found {scheduler}; expected none with --engine local. Add --engine dask.")
        yield LocalEngine(workers or processes or os.cpu_count() or 1)
        return
    if scheduler is None:
        raise ConfigError("--engine dask: found no --scheduler; expected its address, such as tcp://HOST:8786.")
    try:
        from training.cluster import DaskEngine
    except ModuleNotFoundError as error:
        raise ConfigError(f"--engine dask: {error.name} is not installed; expected the extra `cluster`.") from error
    with DaskEngine(scheduler, wait_for=workers or 1) as engine:
        yield engine


def _in_order(submit: Callable[[Part], Future[Result]], parts: Iterable[Part], ahead: int) -> Iterator[Result]:
    """Yield results in order with at most `ahead` parts under way; what has not begun is cancelled at the end."""
    pending: deque[Future[Result]] = deque()
    try:
        for part in parts:
            pending.append(submit(part))
            if len(pending) == ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


@contextmanager
def _written(shared: tuple[Any, ...]) -> Iterator[Path | None]:
    """Write what is shared where every process of this machine can map it, and yield the path, None if it is nothing."""
    if not shared:
        yield None
        return
    with TemporaryDirectory(prefix=f"{_SHARED}{os.getpid()}-") as folder:
        path = Path(folder) / "shared"
        joblib.dump(shared, path)
        yield path


def _with_written(function: Callable[..., Result], part: Any, path: Path | None) -> Result:
    return function(part, *(_read(path) if path else ()))


@lru_cache(maxsize=1)
def _read(path: Path) -> tuple[Any, ...]:
    """Return what was written to a file, read once in each process, its arrays mapped."""
    shared: tuple[Any, ...] = joblib.load(path, mmap_mode="r")
    return shared


def _end_with(parent: int) -> None:
    """Let this process end within a second of the one that started it, however that ended.

    Left alone, joblib's processes wait on for one that was killed: for minutes, some for ever.
    """
    Thread(target=_end_without, args=(parent,), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    for left in Path(gettempdir()).glob(f"{_SHARED}{parent}-*"):
        shutil.rmtree(left, ignore_errors=True)
    os._exit(1)
