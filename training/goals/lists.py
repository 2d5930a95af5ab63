"""The lists that are followed: the model's at every weight of the goal, the plans', and under which names they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from recommender.arrays import NONE, IntArray
from recommender.query import Query
from training.engines import HERE, Engine
from training.evaluation_stage import DEEP, DEPTH, Lists, Ranker
from training.following import Planner
from training.goals.people import GoalPeople

GOAL_WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))
"""Weights of the goal over which the trade-off is measured."""
NEXT_DEPTH = 10
"""Depth of the lists of later questions, which are judged and not followed."""
PATH = "path"
GAIN_PER_HOUR = "gain per hour"
OVER_GOALS = "model over goals"
"""Name of the unit of work that holds the model's lists at every weight."""
MODEL_AS_ASKED = "model"
"""The model's list at the weight of its mode."""
MODEL_UNGUIDED = "model at goal weight 0"
_AS_ASKED = "window as asked"

CHUNK = 16
"""Questions a worker is given at a time."""
T = TypeVar("T")

Tick = Callable[[int, int], None]
"""Told how many questions of how many are done."""


class GoalRanker(Ranker, Protocol):
    """A ranker that knows the goal: its list moves with the goal's weight, and it may plan whole paths."""

    def rank_over_goals(self, query: Query, goal_weights: Sequence[float], *, k: int) -> IntArray:
        """Return the k best courses at each weight, (len(goal_weights), k), −1 where a list ends."""

    def goal_weight(self, query: Query) -> float:
        """Return the weight a question is answered with unless one is asked for."""

    def planners(self) -> Mapping[str, Planner]:
        """Return its plans by name."""


def weighted(protocol: str, goal_weight: float) -> str:
    """Return the name of the lists of a protocol at a weight of the goal."""
    return f"{protocol} at {goal_weight:g}"


def within(hours: float) -> str:
    """Return the name of the plans made for so many hours."""
    return f"within {hours:g} hours"


def lists_over_goals(ranker: GoalRanker, goals: GoalPeople, tick: Tick, engine: Engine = HERE) -> Lists:
    """Rank the people of a cut at every weight of the goal, and at the one of their mode; their later questions too."""
    n, later = len(goals), () if goals.next is None else goals.next.queries
    window = np.full((n, len(GOAL_WEIGHTS) + 1, DEPTH), NONE, dtype=np.int32)
    following = np.full((len(later), len(GOAL_WEIGHTS), NEXT_DEPTH), NONE, dtype=np.int32)
    asked = _chunks([*((query, True) for query in goals.window.queries), *((query, False) for query in later)])
    i = 0
    for chunk in engine.map(_over_goals, asked, ranker):
        for ranked in chunk:
            if i < n:
                window[i] = ranked
            else:
                following[i - n] = ranked
            i += 1
        tick(i, n + len(later))
    lists = {weighted("window", weight): window[:, j] for j, weight in enumerate(GOAL_WEIGHTS)}
    if goals.next is not None:
        lists |= {weighted("next", weight): following[:, j] for j, weight in enumerate(GOAL_WEIGHTS)}
    return lists | {_AS_ASKED: window[:, -1]}


def _over_goals(asked: Sequence[tuple[Query, bool]], ranker: GoalRanker) -> list[IntArray]:
    """Rank questions at every weight; those of the window deep, and at the weight of their mode too."""
    return [
        ranker.rank_over_goals(query, (*GOAL_WEIGHTS, ranker.goal_weight(query)), k=DEPTH)
        if of_window
        else ranker.rank_over_goals(query, GOAL_WEIGHTS, k=NEXT_DEPTH)
        for query, of_window in asked
    ]


def planned(planner: Planner, goals: GoalPeople, hours: Sequence[float], tick: Tick, engine: Engine = HERE) -> Lists:
    """Plan for every person of a cut and each number of hours; rows are padded with −1."""
    n = len(goals)
    asked = _chunks([(query, budget) for budget in hours for query in goals.window.queries])
    plans: list[IntArray] = []
    for chunk in engine.map(_plan, asked, planner):
        plans += chunk
        tick(len(plans), len(hours) * n)
    return {within(budget): padded(plans[j * n : (j + 1) * n]) for j, budget in enumerate(hours)}


def _plan(asked: Sequence[tuple[Query, float]], planner: Planner) -> list[IntArray]:
    return [planner.plan(query, budget) for query, budget in asked]


def _chunks(asked: Sequence[T]) -> list[Sequence[T]]:
    return [asked[i : i + CHUNK] for i in range(0, len(asked), CHUNK)]


def padded(plans: Sequence[IntArray]) -> IntArray:
    """Lay lists of different length under each other, (len(plans), longest), −1 where one has ended."""
    table = np.full((len(plans), max(map(len, plans), default=0)), NONE, dtype=np.int32)
    for row, plan in zip(table, plans, strict=True):
        row[: len(plan)] = plan
    return table


def followed_names(lists: Mapping[str, Lists]) -> list[str]:
    """Return the names of what can be followed among the lists of a cut: plans, the model, then the baselines."""
    path, gain = ([name] if name in lists else [] for name in (PATH, GAIN_PER_HOUR))
    model = [MODEL_AS_ASKED, MODEL_UNGUIDED] if OVER_GOALS in lists else []
    return [*path, *model, *gain, *baselines_of(lists)]


def baselines_of(lists: Mapping[str, Lists]) -> list[str]:
    """Return the baselines among the lists of a cut that can be followed."""
    return [name for name, one in lists.items() if "window" + DEEP in one]


def order_for(lists: Mapping[str, Lists], name: str, hours: float) -> IntArray:
    """Return what each person of a cut is told to take, in order, (n, depth); only plans depend on the hours."""
    if name == MODEL_AS_ASKED:
        return lists[OVER_GOALS][_AS_ASKED]
    if name == MODEL_UNGUIDED:
        return lists[OVER_GOALS][weighted("window", 0.0)]
    return lists[name][within(hours) if is_plan(lists, name) else "window" + DEEP]


def is_plan(lists: Mapping[str, Lists], name: str) -> bool:
    """Tell whether what is followed was made for so many hours, not ranked once."""
    return any(question.startswith("within ") for question in lists.get(name, {}))
