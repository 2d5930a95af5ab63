"""Who is led somewhere at a cut: people who aim for a role, or hold one, and lack something of what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import BoolArray, LongArray, frozen
from recommender.catalog import Roles
from recommender.company import Dataset
from recommender.gap import RESKILL, mode_towards
from recommender.profile import profile_of
from recommender.query import Query
from recommender.skills import Need
from training.following import Curriculum, GainPerHour, Start, levels_seen
from training.split import Cases


@dataclass(frozen=True)
class GoalPeople:
    """The people of one cut whose lists are followed.

    Parameters
    ----------
    curriculum
        The courses as the catalogue describes them.
    rows
        Their positions among the cases of `window`, shape (n,), rising.
    window
        Their questions at the cut.
    next
        The same people's later questions, at each of which the gap was still open; None if that protocol is not run.
    starts, needs
        What is seen of each at the cut, and what the goal role needs, length n.
    reskilling
        Whether the goal role lies so far that the mode is `reskill`, shape (n,).
    """

    curriculum: Curriculum
    rows: LongArray
    window: Cases
    next: Cases | None
    starts: tuple[Start, ...]
    needs: tuple[Need, ...]
    reskilling: BoolArray

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, past: Dataset, window: Cases, later: Cases | None, *, most: int, seed: int) -> GoalPeople:
        """Draw at most `most` of the people of `window` who have a gap, and prepare them.

        `past` holds nothing at or after the cut; levels and needs are as seen then.
        """
        rows = np.flatnonzero(_gaps(past, window.queries))
        if len(rows) > most:
            rows = np.sort(np.random.default_rng(seed).choice(rows, size=most, replace=False))
        people, curriculum = window.rows(rows), Curriculum.of(past.catalog)
        return cls(
            curriculum,
            frozen(rows),
            people,
            None if later is None else _theirs(past, later, people),
            tuple(curriculum.start(query, seen=levels_seen(past, query)) for query in people.queries),
            tuple(need_of(past, query) for query in people.queries),
            frozen(np.array([is_reskilling(past, query) for query in people.queries], dtype=np.bool_)),
        )


def need_of(data: Dataset, query: Query) -> Need:
    """Return what the goal role of a question needs: the target role, else the current one."""
    return Need.of(data.roles, query.goal_role, n_skills=len(data.skills.ids))


def has_gap(data: Dataset, query: Query) -> bool:
    """Tell whether the goal role needs something that is not seen to be there."""
    return bool((levels_seen(data, query) < need_of(data, query).level).any())


def gain_per_hour(data: Dataset) -> GainPerHour:
    """Return the plan that takes the largest gain per hour, by what is seen of a person."""
    known = _Known(Curriculum.of(data.catalog), data.roles, len(data.skills.ids))
    return GainPerHour(known.curriculum, start_of=known.start, need_of=known.need)


@dataclass(frozen=True)
class _Known:
    """What a plan needs of a data set: without the people, so that it is small enough to be sent to workers."""

    curriculum: Curriculum
    roles: Roles
    n_skills: int

    def start(self, query: Query) -> Start:
        """Return a person before the first course, levels as the product sees them."""
        seen = profile_of(query, catalog=self.curriculum.catalog, roles=self.roles, n_skills=self.n_skills)
        return self.curriculum.start(query, seen=seen.level)

    def need(self, query: Query) -> Need:
        """Return what the goal role needs."""
        return Need.of(self.roles, query.goal_role, n_skills=self.n_skills)


def is_reskilling(past: Dataset, query: Query) -> bool:
    """Tell whether the goal role lies so far that the mode is `reskill` unless said."""
    levels = levels_seen(past, query)
    return mode_towards(levels, query.goal_role, roles=past.roles, current_idx=query.role_idx) == RESKILL


def _theirs(past: Dataset, later: Cases, people: Cases) -> Cases:
    asked = np.flatnonzero(np.isin(later.employee_idx, people.employee_idx))
    return later.rows(asked[_gaps(past, [later.queries[int(i)] for i in asked])])


def _gaps(past: Dataset, queries: Sequence[Query]) -> BoolArray:
    return np.array([has_gap(past, query) for query in queries], dtype=np.bool_)
