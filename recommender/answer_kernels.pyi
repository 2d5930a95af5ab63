"""The inner loops of what is said of the courses an answer shows, compiled from answer_kernels.pyx.

`courses` (n,) are those shown, and what is said of them is kept by course. Sparse rows are `indptr` (n_rows + 1,) with
`indices` and `weights` (nnz,); `slot` (n_columns,) is the place of a course in `courses`, −1 for others. What courses teach
is `indptr` (n_courses + 1,) with `skill_idx`, `level`, `entry_level` and `entry_declared` (nnz,); `have` and `needed` are
levels (n_skills,), `importance` (n_skills,). `score` and `goal_gain` (m,) and `parts` (len(names), m) are those of
`recommender.engine.Scored`, `places` positions in them.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray

Doubles = NDArray[np.float64]
Kind = TypeVar("Kind", bound=tuple[int, int, int, int])

def strongest_of(
    indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, slot: IntArray, courses: IntArray
) -> dict[int, tuple[int, float]]: ...
def row_of(
    indptr: LongArray, indices: IntArray, weights: FloatArray, row: int, slot: IntArray, courses: IntArray
) -> dict[int, float]: ...
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
def shown(
    courses: IntArray,
    score: Doubles,
    goal_gain: FloatArray,
    parts: Doubles,
    names: tuple[str, ...],
    places: list[int],
) -> list[tuple[int, float, dict[str, float], float]]: ...
def largest_first(parts: dict[str, float], names: tuple[str, ...]) -> list[str]: ...
def rounded(value: float, digits: int) -> float: ...
def all_rounded(numbers: dict[str, float], digits: int) -> dict[str, float]: ...
