"""Why a course is shown, compiled from reasons.pyx."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import FloatArray, IntArray
from recommender.catalog import Skills
from recommender.evidence import Evidence

FEWEST_PEOPLE: int
MOST_REASONS: int
MOST_NAMED: int
SAID_BY: dict[str, str]
BASIS_WORDS: dict[str, str]
CLOSE: float
Doubles = NDArray[np.float64]
Kind = TypeVar("Kind", bound=tuple[Any, ...])

class Reason(NamedTuple):
    code: str
    text: str
    numbers: dict[str, Any]

def as_dicts(reasons: Iterable[Reason]) -> list[dict[str, Any]]: ...
def add_why(item: dict[str, Any], one: tuple[Any, ...], skills: Skills) -> None: ...
def reasons_for(
    evidence: Evidence, course: int, parts: dict[str, float], *, opens: tuple[int, ...] = ()
) -> tuple[Reason, ...]: ...
def recommended(
    kind: type[Kind],
    evidence: Evidence,
    courses: IntArray,
    score: Doubles,
    goal_gain: FloatArray,
    parts: Doubles,
    names: tuple[str, ...],
    places: Sequence[int],
    first_rank: int,
) -> tuple[Kind, ...]: ...
