"""The inner loops of what is said of the courses an answer shows, compiled from answer_kernels.pyx.

What is said of a course stands at its place among those asked about, (n,), or is kept by course. Sparse rows are `indptr`
(n_rows + 1,) with `indices` and `weights` (nnz,). What courses teach is `indptr` (n_courses + 1,) with `skill_idx`,
`level`, `entry_level` and `entry_declared` (nnz,); `have` and `needed` are levels (n_skills,), `importance` (n_skills,).
"""

from collections.abc import Iterator
from typing import TypeVar

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray
from recommender.question import Places

Kind = TypeVar("Kind", bound=tuple[int, int, int, int])

class Strongest:
    def __iter__(self) -> Iterator[tuple[int, float]]: ...

def strongest_of(
    indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, asked: Places
) -> Strongest: ...
def row_of(indptr: LongArray, indices: IntArray, weights: FloatArray, row: int, asked: Places) -> FloatArray: ...
def lifts(
    kind: type[Kind],
    indptr: LongArray,
    skill_idx: IntArray,
    level: Levels,
    courses: IntArray,
    have: Levels,
    needed: Levels,
    importance: FloatArray,
) -> dict[int, tuple[Kind, ...]]: ...
def met(
    indptr: LongArray,
    skill_idx: IntArray,
    entry_level: Levels,
    entry_declared: BoolArray,
    courses: IntArray,
    have: Levels,
) -> dict[int, list[tuple[int, int, int]]]: ...
def rounded(value: float, digits: int) -> float: ...
def all_rounded(numbers: dict[str, float], digits: int) -> dict[str, float]: ...
