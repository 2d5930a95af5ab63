"""The inner loops of an answer, compiled from kernels.pyx.

Sparse rows are `indptr` (n_rows + 1,), `indices` and `weights` (nnz,). What courses teach is `indptr` (n_courses + 1,) with
`skill_idx`, `level`, `entry_level` and `entry_declared` (nnz,); `have` are levels (n_skills,).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray

Doubles = NDArray[np.float64]

def dot(indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, dense: FloatArray) -> FloatArray: ...
def starting_levels(
    n_skills: int,
    indptr: LongArray,
    skill_idx: IntArray,
    level: Levels,
    inferred: BoolArray,
    role: int,
    assumed: int,
    claimed: IntArray,
    claimed_level: Levels,
    claimed_source: Levels,
    claimed_at: LongArray,
    undated: int,
    alone: bool,
) -> tuple[Levels, Any, Any, Any]: ...
def raise_levels(
    history: IntArray,
    times: LongArray,
    indptr: LongArray,
    skill_idx: IntArray,
    level: Levels,
    entry_level: Levels,
    entry_declared: BoolArray,
    since: LongArray | None,
    undated: int,
    completion: int,
    have: Levels,
    source: Levels | None,
    at: LongArray | None,
    course_idx: IntArray | None,
) -> None: ...

class Curves:
    def __init__(
        self,
        mean: Doubles,
        deviation: Doubles,
        pieces: Doubles,
        ends: FloatArray,
        first: NDArray[np.uint16],
        lowest: float,
        highest: float,
    ) -> None: ...
    def parts(
        self,
        signals: FloatArray,
        slopes: Doubles,
        constant: Doubles,
        owner: IntArray,
        n_rows: int,
        length: float,
        session: float,
        fresh: float,
    ) -> Doubles: ...

def mixed(
    parts: Doubles, share: float, gain: FloatArray, of_goal: float, explored: Doubles | None, base: float
) -> Doubles: ...
def best(score: Doubles, courses: IntArray, id_rank: LongArray, group: IntArray, k: int) -> LongArray: ...
def latest_first(history: IntArray, times: LongArray, most: int) -> tuple[IntArray, LongArray, Doubles] | None: ...
def is_rising(times: LongArray) -> bool: ...
