"""Where the parts of a long computation run: processes of this machine, or a cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import current_process
from threading import Thread
from typing import Any, Protocol, TypeVar

from joblib import Parallel, delayed

Part = TypeVar("Part")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs one function on many parts; results come in the order of the parts, whoever was first."""

    @property
    def workers(self) -> int:
        """How many parts run at once."""

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order, drawing parts no faster than results are taken.

        `function` is importable by name and its arguments can be pickled; `shared` is the same for every part and is sent
        to each worker once.
        """


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Processes of this machine, by joblib; one worker is this process itself."""

    workers: int = 1

    def map(self, function: Callable[..., Result], parts: Iterable[Part], *shared: Any) -> Iterator[Result]:
        """Yield function(part, *shared) of each part, in order."""
        parallel = Parallel(n_jobs=self.workers, return_as="generator")
        yield from parallel(delayed(function)(part, *shared) for part in parts)


@cache
def end_with_parent() -> None:
    """Let this worker process of joblib end within a second of the process that started it, however that ended.

    Left alone, joblib's workers wait on for a killed process: for minutes, some for ever. Called again, or in a process
    of another kind, it does nothing.
    """
    if current_process().name.startswith("LokyProcess"):
        Thread(target=_end_without, args=(os.getppid(),), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
