"""The inner loops of an answer, compiled from kernels.pyx.

Sparse rows are `indptr` (n_rows + 1,), `indices` and `weights` (nnz,); `slot` (n_columns,) is the place of a column among
the n asked about, −1 for others. What courses teach is `indptr` (n_courses + 1,) with `skill_idx`, `level`, `entry_level`
and `entry_declared` (nnz,); `have` and `needed` are levels (n_skills,), `importance` (n_skills,).
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray

Doubles = NDArray[np.float64]

def slots(columns: IntArray, n_columns: int) -> IntArray: ...
def weighted_sum(
    indptr: LongArray,
    indices: IntArray,
    weights: FloatArray,
    rows: IntArray,
    row_weights: FloatArray,
    slot: IntArray,
    n: int,
) -> FloatArray: ...
def strongest(
    indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, slot: IntArray, n: int
) -> tuple[FloatArray, IntArray]: ...
def counted(
    indptr: LongArray, indices: IntArray, rows: IntArray, row_weights: FloatArray, n_columns: int
) -> FloatArray: ...
def spread(
    indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, slot: IntArray, n: int
) -> FloatArray: ...
def dot(indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, dense: FloatArray) -> FloatArray: ...
def hits(indptr: LongArray, values: IntArray, rows: IntArray, marked: BoolArray) -> IntArray: ...
def affinity(vectors: FloatArray, biases: FloatArray, rows: IntArray, person: FloatArray) -> FloatArray: ...
def heads(indptr: LongArray, indices: IntArray, rows: IntArray, most: int) -> IntArray: ...
def distinct(values: IntArray, n_values: int) -> IntArray: ...
def gain(
    indptr: LongArray,
    skill_idx: IntArray,
    level: Levels,
    entry_level: Levels,
    entry_declared: BoolArray,
    courses: IntArray,
    have: Levels,
    needed: Levels,
    importance: FloatArray,
    total: float,
) -> FloatArray: ...
def strain(
    indptr: LongArray, skill_idx: IntArray, entry_level: Levels, courses: IntArray, have: Levels
) -> FloatArray: ...
def ready(
    indptr: LongArray,
    skill_idx: IntArray,
    entry_level: Levels,
    entry_declared: BoolArray,
    courses: IntArray,
    have: Levels,
) -> BoolArray: ...
def raise_levels(
    history: IntArray,
    times: LongArray,
    indptr: LongArray,
    skill_idx: IntArray,
    level: Levels,
    entry_level: Levels,
    entry_declared: BoolArray,
    since: LongArray,
    completion: int,
    have: Levels,
    source: Levels,
    at: LongArray,
    course_idx: IntArray,
) -> None: ...
def contributions(
    signals: FloatArray,
    mean: Doubles,
    deviation: Doubles,
    quantiles: Doubles,
    log_ranks: Doubles,
    slopes: Doubles,
    constant: Doubles,
    owner: IntArray,
    n_owners: int,
    lowest: float,
    highest: float,
) -> Doubles: ...
def best(score: Doubles, courses: IntArray, id_rank: LongArray, group: IntArray, k: int) -> LongArray: ...
def is_rising(times: LongArray) -> bool: ...
