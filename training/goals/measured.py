"""What is measured of each person of each cut before anything is averaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import BoolArray, IntArray
from recommender.catalog import Skills
from recommender.skills import Need
from training.evaluation_stage import Lists
from training.following import DoubleArray, Learner, coverage_of, follow
from training.goals.lists import followed_names, is_plan, order_for
from training.goals.people import GoalPeople
from training.intervals import Sampled, sampled_means
from training.metrics import mean_per_employee

HUMAN = "human"
"""The kind of skill that technical ones must not crowd out."""
TOP = 10
"""Courses of a list whose lifts are counted by kind of skill."""
TOP_HOURS = 40.0
"""Of a plan the lifts of what it holds for so many hours are counted."""

Key = tuple[str | float, ...]
"""What a column holds: what is measured, of which list, at which hours or weight."""
Followers = tuple[GoalPeople, Mapping[str, Lists]]
"""The people of a cut whose lists are followed, and the lists."""


@dataclass(frozen=True, slots=True)
class GoalConfig:
    """For how many hours lists are followed, of how many people a cut, and how means are resampled."""

    hours: tuple[float, ...]
    max_followed: int
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class Columns:
    """One row a person and cut: `employee_idx` (n,) and any number of columns (n,)."""

    employee_idx: IntArray
    values: Mapping[Key, DoubleArray]

    def sampled(self, rows: BoolArray, how: GoalConfig) -> tuple[int, dict[Key, Sampled]]:
        """Return how many people the rows belong to and the resampled mean over people of each column.

        A person's rows are averaged first. All columns share the resamples.
        """
        table = np.column_stack([column[rows] for column in self.values.values()])
        people, means = mean_per_employee(self.employee_idx[rows], table)
        sampled = sampled_means(means, n_resamples=how.n_resamples, seed=how.seed)
        return len(people), dict(zip(self.values, sampled, strict=True))


def followed_columns(
    followers: Sequence[Followers], hours: Sequence[float], tick: Callable[[int, int], None]
) -> Columns:
    """Follow every list of every person: `before`, and by list and hours `after` (coverage) and `hours` (used)."""
    names = common_names(followers)
    columns: dict[Key, list[DoubleArray]] = {}
    for i, (people, lists) in enumerate(followers):
        columns.setdefault(("before",), []).append(coverage_before(people))
        for j, name in enumerate(names):
            tick(i * len(names) + j, len(followers) * len(names))
            for budget in hours:
                after, used = follow_all(people, order_for(lists, name, budget), budget)
                columns.setdefault(("after", name, budget), []).append(after)
                columns.setdefault(("hours", name, budget), []).append(used)
    return stacked(followers, columns)


def kind_columns(followers: Sequence[Followers], skills: Skills) -> Columns:
    """Measure importance-weighted levels, of human skills and of all: missing at the cut, and lifted by each list.

    Keys are (`missing`, kind) and (`lifted`, list, kind), kind `human` or `all`. Lifted is what the first ten courses of a
    list, or the whole plan, would add together, counted up to what is needed.
    """
    human = np.array([kind == HUMAN for kind in skills.kinds], dtype=np.bool_)
    columns: dict[Key, list[DoubleArray]] = {}
    for people, lists in followers:
        missing = [_missing(start.scored, need) for start, need in zip(people.starts, people.needs, strict=True)]
        _add_by_kind(columns, ("missing",), missing, human)
        for name in common_names(followers):
            order = order_for(lists, name, TOP_HOURS)
            order = order if is_plan(lists, name) else order[:, :TOP]
            _add_by_kind(columns, ("lifted", name), _lifted(people, order, missing), human)
    return stacked(followers, columns)


def follow_all(people: GoalPeople, order: IntArray, hours: float) -> tuple[DoubleArray, DoubleArray]:
    """Let each person follow a list, (n, depth); return coverage after and hours used, both (n,)."""
    ends = [follow(row, start, hours=hours) for row, start in zip(order, people.starts, strict=True)]
    after = [coverage_of(end.levels, need) for end, need in zip(ends, people.needs, strict=True)]
    return np.array(after), np.array([end.hours for end in ends])


def coverage_before(people: GoalPeople) -> DoubleArray:
    """Return the coverage of each person at the cut, (n,)."""
    return np.array([coverage_of(start.scored, need) for start, need in zip(people.starts, people.needs, strict=True)])


def common_names(followers: Sequence[Followers]) -> list[str]:
    """Return the names of what can be followed at every cut."""
    first, *others = [followed_names(lists) for _, lists in followers]
    return [name for name in first if all(name in one for one in others)]


def stacked(followers: Sequence[Followers], columns: Mapping[Key, Sequence[DoubleArray]]) -> Columns:
    """Lay the columns of the cuts under each other."""
    employee_idx = np.concatenate([people.window.employee_idx for people, _ in followers])
    return Columns(employee_idx, {key: np.concatenate(parts) for key, parts in columns.items()})


def _missing(levels: DoubleArray, need: Need) -> DoubleArray:
    return np.asarray(need.importance.astype(np.float64) * np.maximum(need.level - levels, 0))


def _lifted(people: GoalPeople, order: IntArray, missing: Sequence[DoubleArray]) -> list[DoubleArray]:
    found = []
    for row, start, need, lacking in zip(order, people.starts, people.needs, missing, strict=True):
        learner = Learner(start)
        for course in row[row >= 0].tolist():
            learner.take(course)
        found.append(lacking - _missing(learner.scored, need))
    return found


def _add_by_kind(
    columns: dict[Key, list[DoubleArray]], key: Key, values: Sequence[DoubleArray], human: BoolArray
) -> None:
    columns.setdefault((*key, "human"), []).append(np.array([one[human].sum() for one in values]))
    columns.setdefault((*key, "all"), []).append(np.array([one.sum() for one in values]))
