"""The steps that scorers are made of, compiled from steps.pyx.

A step writes some rows of signals (n_signals, n) about the n courses of some `Places`; a proposal adds courses to those
worth scoring. Both are made once, of the arrays of a model, and again in another process of the same.

Which courses of the history a step is about is said by `ALL`, `LATEST` (completed at the latest moment) or `BEFORE` (at
the moment before that), whose row by `GOAL`, `ROLE` or, of each skill that is missing for the goal, `MISSING`; the weights
of a sum are `ONCE` (1 each), `RECENCY` or `MEAN` (equal, 1 in all).
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
ONCE: int
RECENCY: int
MEAN: int

class Rows(Protocol):
    """What a step reads of sparse rows: `recommender.sparse.SparseRows`."""

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

    `recent` (m,) courses newest first, at most 50, completed at `recent_at` (m,) int64 seconds, with `places` (m,) float64
    courses after each; `recency` (m,) float32 weights, `decay` to those; `newest` how many of them share the latest moment;
    `days_since` it, infinite without; `head` how many candidates a scorer draws from each. `query` is a
    `recommender.query.Query`, `standing` a `recommender.scorers.base.Standing` or None.
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

class Step:
    @property
    def height(self) -> int:
        """How many signals it writes."""

class Sum(Step):
    """Σ_j w[j]·row[j] over courses of the history, and the largest entry, at least 0, over each of at most two parts."""

    def __init__(self, rows: Rows, weighed: int, over: int = ..., largest: tuple[int, ...] = ()) -> None: ...

class ByColumn:
    """Rows in which an entry is found by its column, in a time that does not grow with the row."""

    def __init__(self, rows: Rows) -> None: ...

class RowOf(Step):
    """The entries of the row of a role; a role that has none is empty."""

    def __init__(self, rows: ByColumn, who: int) -> None: ...

class Columns(Step):
    """What is the same of a course for everybody: the columns of `values` (n_courses, n_signals)."""

    def __init__(self, values: FloatArray) -> None: ...

class Affinity(Step):
    """Inner product of the vector of a person with that of each course, and the bias of the course."""

    def __init__(
        self,
        vectors: FloatArray,
        biases: FloatArray,
        of_history: FloatArray,
        of_role: FloatArray,
        of_target: FloatArray,
        departments: tuple[str, ...],
        of_department: FloatArray,
    ) -> None: ...
    def person(self, person: Person) -> FloatArray:
        """Return the vector of a person, (d,): Σ share·vector over the history, of role, target role and department."""

class TopicShare(Step):
    """ln(`floor` + mean, over what a course has, of the share of the history that has it too); 0 without a history."""

    def __init__(self, rows: Rows, floor: float) -> None: ...

class LanguageShare(Step):
    """ln(`floor` + share of the history with the code of a course, −1 for none); 0 without a history."""

    def __init__(self, codes: IntArray, floor: float) -> None: ...

class Strain(Step):
    """Levels the person lacks of what a course expects at the start; 0 where nobody's levels are known."""

class Gain(Step):
    """By how much a course raises the coverage of what a role needs; 0 where nobody's levels are known."""

    def __init__(self, who: int) -> None: ...

class Proposal: ...

class These(Proposal):
    """The same courses for everybody."""

    def __init__(self, courses: IntArray) -> None: ...

class Heads(Proposal):
    """The first columns of the rows of a history (of its first `courses`), of a role, or of each missing skill.

    Of each row `most`, or the `of_head`-th part of the person's `head` where that is more.
    """

    def __init__(self, rows: Rows, who: int, *, most: int = 0, of_head: int = 0, courses: int = ...) -> None: ...

def signals(steps: tuple[Step, ...], person: Person, courses: Places, wanted: BoolArray | None = None) -> FloatArray:
    """Return what some steps write, one below another: (n_signals, len(courses)) float32.

    A step of which no signal is `wanted` (n_signals,) is left out: its rows are 0.
    """

def proposed(proposals: tuple[Proposal, ...], person: Person) -> IntArray:
    """Return the positions of what some proposals propose, ascending, each once, (m,)."""
