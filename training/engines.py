"""Where the parts of a long computation run: processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
