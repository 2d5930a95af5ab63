"""The steps that scorers are made of, compiled from steps.pyx.

A step writes some rows of signals (n_signals, n) about the n courses of some `Places`. It is made once, of the arrays of a
model, and again in another process of the same; it cannot be asked about a catalogue that is smaller than what it names or
larger than what it knows. `recommender.question` says whose rows and which courses its codes mean; the weights of a sum are
`ONCE` (1 each), `RECENCY` or `MEAN` (equal, 1 in all).
"""

from recommender.arrays import BoolArray, FloatArray, IntArray
from recommender.question import Person, Places, Rows

ONCE: int
RECENCY: int
MEAN: int

class Step:
    @property
    def height(self) -> int:
        """How many signals it writes."""

class Sum(Step):
    """Σ_j w[j]·row[j] over courses of the history, and the largest entry, at least 0, over each of at most two parts."""

    def __init__(self, rows: Rows, weighed: int, over: int = ..., largest: tuple[int, ...] = ()) -> None: ...

class ByColumn:
    """Rows of which long ones, with a sixteenth of the columns or more, are read for the courses asked about alone."""

    def __init__(self, rows: Rows) -> None: ...
    @property
    def is_long(self) -> bool: ...

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

def signals(steps: tuple[Step, ...], person: Person, courses: Places, wanted: BoolArray | None = None) -> FloatArray:
    """Return what some steps write, one below another: (n_signals, len(courses)) float32.

    A step of which no signal is `wanted` (n_signals,) is left out: its rows are 0.
    """
