"""What reasons are read from, compiled from evidence.pyx."""

from typing import Any, NamedTuple

from recommender.arrays import IntArray, Levels
from recommender.catalog import Skills
from recommender.model import Model
from recommender.query import Query
from recommender.skills import Need

LATEST_COURSES: int

class Lift(NamedTuple):
    skill_idx: int
    before: int
    after: int
    needed: int

def lifts_as_dicts(lifts: tuple[Lift, ...], skills: Skills) -> list[dict[str, Any]]: ...

class Evidence:
    model: Model
    query: Query
    levels: Levels
    need: Need
    goal: int
    lifts: dict[int, tuple[Lift, ...]]

    def __init__(self, model: Model, query: Query, levels: Levels, need: Need, courses: IntArray) -> None: ...
