"""A question as the compiled steps of scorers read it.

Which courses of the history something is about is said by `ALL`, `LATEST` (completed at the latest moment) or `BEFORE` (at
the moment before that), whose row by `GOAL`, `ROLE` or, of each skill that is missing for the goal, `MISSING`.
"""

from typing import Any, Protocol

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels, LongArray
from recommender.kernels import Doubles

ALL: int
LATEST: int
BEFORE: int
GOAL: int
ROLE: int
MISSING: int
LONGEST_HISTORY: int
"""Courses of a history that count, the latest ones."""

class Rows(Protocol):
    """What is read of sparse rows: `recommender.sparse.SparseRows`."""

    @property
    def indptr(self) -> LongArray: ...
    @property
    def indices(self) -> IntArray: ...
    @property
    def weights(self) -> FloatArray: ...
    @property
    def n_columns(self) -> int: ...
    def __len__(self) -> int: ...

class SkillRows(Protocol):
    """What is read of what courses teach: `recommender.catalog.SkillRows`."""

    @property
    def indptr(self) -> LongArray: ...
    @property
    def skill_idx(self) -> IntArray: ...
    @property
    def level(self) -> Levels: ...
    @property
    def entry_level(self) -> Levels: ...
    @property
    def entry_declared(self) -> BoolArray: ...

class Need(Protocol):
    """What is read of a need: `recommender.skills.Need`."""

    @property
    def level(self) -> Levels: ...
    @property
    def importance(self) -> FloatArray: ...
    @property
    def total(self) -> float: ...

class Places:
    """The columns somebody asks about, and where each stands among them.

    `columns` (n,) int32, each once and below `n_columns`; ValueError if one is not.
    """

    def __init__(self, columns: IntArray, n_columns: int) -> None: ...
    def __len__(self) -> int: ...
    @property
    def columns(self) -> IntArray: ...

class Taught:
    """What courses teach and ask for at the start, as the loops read it."""

    def __init__(self, rows: SkillRows) -> None: ...

class Person:
    """One question as the steps read it.

    `recent` (m,) courses newest first, at most `LONGEST_HISTORY`, completed at `recent_at` (m,) int64 seconds, with
    `places` (m,) float64 courses after each; `recency` (m,) float32 weights, `decay` to those; `newest` how many of them
    share the latest moment; `days_since` it, infinite without; `head` how many candidates a scorer draws from each. `query`
    is a `recommender.query.Query`, `standing` a `recommender.scorers.base.Standing` or None.
    """

    def __init__(
        self,
        query: Any,
        n_courses: int,
        standing: Any,
        recent: IntArray,
        recent_at: LongArray,
        places: Doubles,
        decay: float,
        head: int,
    ) -> None: ...
    query: Any
    standing: Any
    @property
    def n_courses(self) -> int: ...
    @property
    def newest(self) -> int: ...
    @property
    def head(self) -> int: ...
    @property
    def days_since(self) -> float: ...
    @property
    def recent(self) -> IntArray: ...
    @property
    def recent_at(self) -> LongArray: ...
    @property
    def recency(self) -> FloatArray: ...
    def gain(self, need: Need, courses: Places) -> FloatArray:
        """Return `recommender.skills.goal_gain` of each course now, (len(courses),)."""

def gain(taught: Taught, courses: IntArray, levels: Levels, need: Need) -> FloatArray: ...
def strain(taught: Taught, courses: IntArray, levels: Levels) -> FloatArray: ...
