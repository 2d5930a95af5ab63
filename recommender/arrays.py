"""Positions, times and rows of different length: what every table in memory is made of.

External ids are `str`; inside, `course_idx`, `skill_idx`, `role_idx` and `employee_idx` are `int32` positions, −1 for
"none". Times are `int64` seconds since 1970-01-01 UTC; `EARLIEST` and `LATEST` stand for "no bound". Every array is
read-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Levels = NDArray[np.int8]
"""Levels 0–5, one a skill unless said."""
Array = TypeVar("Array", bound=NDArray[Any])

NONE = -1
EARLIEST = -(2**62)
LATEST = 2**62
DAY = 86_400
"""Seconds in a day."""


def frozen(array: Array) -> Array:
    """Return `array` set read-only."""
    array.flags.writeable = False
    return array


NO_COURSES: IntArray = frozen(np.empty(0, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different length: row i is `values[indptr[i]:indptr[i + 1]]`.

    Shapes: `indptr` (n + 1,) int64 from 0, never falling; `values` (indptr[n],).
    """

    indptr: LongArray
    values: IntArray

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        """Pack rows of positions, in order."""
        lists = list(rows)
        indptr = np.zeros(len(lists) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in lists], out=indptr[1:])
        return cls(frozen(indptr), frozen(np.fromiter(chain.from_iterable(lists), dtype=np.int32)))

    @classmethod
    def empty(cls, n_rows: int) -> Ragged:
        """Return `n_rows` rows with nothing in them."""
        return cls(frozen(np.zeros(n_rows + 1, dtype=np.int64)), frozen(np.empty(0, dtype=np.int32)))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, i: int) -> IntArray:
        """Return row i."""
        return self.values[self.indptr[i] : self.indptr[i + 1]]


class Ids:
    """External ids and their positions: `ids[i]` is the id at position i, `index[id]` its position."""

    __slots__ = ("ids", "index")

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids: tuple[str, ...] = tuple(ids)
        self.index: Mapping[str, int] = {one: i for i, one in enumerate(self.ids)}
        if len(self.index) != len(self.ids):
            raise ValueError("ids must be unique")

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> str:
        return self.ids[i]

    def find(self, one: str) -> int:
        """Return the position of an id, `NONE` if it is unknown."""
        return self.index.get(one, NONE)

    def find_all(self, many: Iterable[str]) -> IntArray:
        """Return the positions of ids in their order, shape (n,), `NONE` where unknown."""
        return np.fromiter(map(self.index.get, many, repeat(NONE)), dtype=np.int32)
