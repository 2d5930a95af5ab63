"""The inner loops of an answer, compiled from kernels.pyx.

Sparse rows are `indptr` (n_rows + 1,), `indices` and `weights` (nnz,); `slot` (n_columns,) is the place of a column among
the n asked about, −1 for others. `out` is (n_signals, n), of which one row or some from `first` on are written; a span of
rows is (from, to). What courses teach is `indptr` (n_courses + 1,) with `skill_idx`, `level`, `entry_level` and
`entry_declared` (nnz,); `have` and `needed` are levels (n_skills,), `importance` (n_skills,).
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray

Doubles = NDArray[np.float64]

def slots(columns: IntArray, n_columns: int) -> IntArray: ...
def sum_and_largest(
    indptr: LongArray,
    indices: IntArray,
    weights: FloatArray,
    rows: IntArray,
    row_weights: FloatArray,
    spans: tuple[tuple[int, int], ...],
    slot: IntArray,
    n: int,
    out: FloatArray,
    first: int,
) -> None: ...
def fill_row(
    indptr: LongArray,
    indices: IntArray,
    weights: FloatArray,
    row: int,
    slot: IntArray,
    n: int,
    out: FloatArray,
    at: int,
) -> None: ...
def fill_columns(values: FloatArray, rows: IntArray, out: FloatArray, first: int) -> None: ...
def counted(
    indptr: LongArray, indices: IntArray, rows: IntArray, row_weights: FloatArray, n_columns: int
) -> FloatArray: ...
def dot(indptr: LongArray, indices: IntArray, weights: FloatArray, rows: IntArray, dense: FloatArray) -> FloatArray: ...
def affinity(
    vectors: FloatArray, biases: FloatArray, rows: IntArray, person: FloatArray, out: FloatArray, at: int
) -> None: ...
def tally(codes: IntArray, rows: IntArray, row_weights: FloatArray, n_codes: int) -> Doubles: ...
def fill_coded(values: FloatArray, codes: IntArray, rows: IntArray, out: FloatArray, at: int) -> None: ...

class Proposed:
    def __init__(self, n: int) -> None: ...
    def add(self, values: IntArray) -> None: ...
    def add_heads(self, indptr: LongArray, indices: IntArray, rows: IntArray, most: int) -> None: ...
    def positions(self) -> IntArray: ...

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
) -> tuple[Levels, Levels, LongArray, IntArray]: ...
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
    source: Levels,
    at: LongArray,
    course_idx: IntArray,
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
        self, signals: FloatArray, slopes: Doubles, constant: Doubles, owner: IntArray, n_owners: int
    ) -> Doubles: ...

def mixed(
    contributions: Doubles, share: float, gain: FloatArray, of_goal: float, explored: Doubles, base: float
) -> tuple[Doubles, Doubles]: ...
def best(score: Doubles, courses: IntArray, id_rank: LongArray, group: IntArray, k: int) -> LongArray: ...
def is_rising(times: LongArray) -> bool: ...
