"""How the courses of a path are laid out: what closes soon first, in weeks, and what could stand for each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, IntArray
from recommender.path_parts import Weeks
from recommender.programme import SLACK, Programme, Progress, levels_after
from recommender.pruning import effort

MOST_ALTERNATIVES = 3
MOST_TRIED = 12
"""Alternatives tried for one step, the least effort first."""


def closing_first(
    programme: Programme, order: Sequence[int], hours_open: NDArray[np.float64], *, spent: float
) -> list[int]:
    """Return an order in which what closes soon, and what opens the way to it, comes as early as it can.

    `hours_open` (n,) is after how many hours each course of the programme closes, `spent` how many go before the first.
    The order stays as it is where nothing closes before its turn.
    """
    begins = spent + np.cumsum([0.0, *programme.hours[list(order)]])[:-1]
    if (begins < hours_open[list(order)]).all():
        return list(order)
    urgency, chosen = hours_open.copy(), np.array(order, dtype=np.int32)
    for course in reversed(order):
        rest = Progress(programme)
        rest.take_what_can_start(chosen[chosen != course])
        opened = chosen[~rest.taken[chosen] & (chosen != course)]
        if len(opened):
            urgency[course] = min(urgency[course], float(urgency[opened].min()) - programme.hours[course])
    standing, found, place = Progress(programme), list[int](), {course: i for i, course in enumerate(order)}
    while len(now := standing.startable(chosen)):
        found.append(min(now.tolist(), key=lambda one: (urgency[one], place[one])))
        standing.take(found[-1])
    return found


def alternatives_to(course: int, chosen: IntArray, rest: Progress, still_open: BoolArray) -> IntArray:
    """Return courses that may stand for one of those chosen: within the limits the order then covers no less.

    `still_open` (n,) are those that have not closed by then.

    The least effort first, at most `MOST_ALTERNATIVES`, of at most `MOST_TRIED` tried. `rest` is where the others lead that
    can start without it.
    """
    programme, others = rest.programme, chosen[chosen != course]
    goal = np.minimum(levels_after(programme, chosen), programme.needed)
    lost = levels_after(programme, others) < goal
    enough: BoolArray = np.asarray(
        (programme.taught[:, lost] >= goal[lost]).all(axis=1) & (rest.unmet == 0) & still_open
    )
    enough[chosen] = False
    for each, limit in ((programme.hours, programme.max_hours), (programme.cost, programme.max_cost)):
        if limit is not None:
            enough &= each <= limit - each[others].sum() + SLACK * max(1.0, limit)
    could = np.flatnonzero(enough).astype(np.int32)
    tried = could[np.lexsort((could, effort(programme)[could]))][:MOST_TRIED]
    fits = [one for one in tried.tolist() if _opens(one, others, rest)]
    return np.array(fits[:MOST_ALTERNATIVES], dtype=np.int32)


def _opens(course: int, others: IntArray, rest: Progress) -> bool:
    """Tell whether all others can be taken once a course is that may start."""
    if rest.taken[others].all():
        return True
    progress = rest.copy()
    progress.take(course)
    progress.take_what_can_start(others)
    return bool(progress.taken[others].all())


def weeks_of(spent: float, hours: float, each: float) -> Weeks | None:
    """Return the weeks in which `hours` fall after `spent` hours at `each` a week; None where there is no time at all."""
    if each <= 0:
        return None
    first = math.floor(spent / each + 1e-9) + 1
    return Weeks(first, max(first, math.ceil((spent + hours) / each - 1e-9)))
