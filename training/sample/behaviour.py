"""How people choose, week by week: needs, interests, habits, fashion and chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from training.sample.market import ACTIVITY_OF_MONTH, Market
from training.sample.motives import CLOSED, DONE, SIBLING, State, World, fit_of, limits_of, personal_motives
from training.sample.people import People, Roles
from training.sample.skills import SKILLS
from training.sample.timeline import (
    DAY_SECONDS,
    N_WEEKS,
    BoolArray,
    FloatArray,
    IntArray,
    months_of_weeks,
    week_start,
)

REASONS = ("role", "target", "interest", "sequence", "trend", "popularity", "chance")
MEAN_WEEKLY = 0.05
"""Courses begun a week by an average person in an average week, before bursts."""
AT_ONCE = 3
"""Most courses one person finishes in one week."""
ABANDONED = 0.08
"""Share of begun courses that are never finished."""
MOST_MOMENTUM = np.float32(1.0)
"""How far one course makes the next one likelier soon after; bounded, or the keenest would never stop."""
CELLS = 3_000_000
"""Persons times courses weighed at once: bounds memory."""


@dataclass(frozen=True, slots=True)
class Events:
    """Self-driven choices in order of time, one row each; `at` in seconds since 1970.

    `reason` points into REASONS: the motive that raised the chosen course most above the other courses. `probability`
    is the chance the model gave that course at that moment. `finished` is false for abandoned ones.
    """

    employee: IntArray
    course: IntArray
    at: IntArray
    reason: IntArray
    probability: FloatArray
    finished: BoolArray
    strain: FloatArray


def starting_levels(people: People, roles: Roles, rng: np.random.Generator) -> FloatArray:
    """Return the true levels on the first day: most of the own role, some of an earlier one, a little of the rest."""
    shape = (len(people), len(SKILLS))
    levels = np.maximum(rng.normal(0.1, 0.6, size=shape), 0).astype(np.float32)
    needed = roles.needed[people.first_role]
    levels = np.maximum(levels, needed - rng.gamma(1.8, 0.75, size=shape).astype(np.float32))
    earlier = roles.needed[rng.integers(len(roles.needed), size=len(people))] - 1
    experienced = rng.random(len(people)) < 0.4
    levels[experienced] = np.maximum(levels, earlier)[experienced]
    return np.clip(levels, 0, 5)


def live(world: World, rng: np.random.Generator, *, tell: Callable[[str], None]) -> tuple[Events, FloatArray]:
    """Return every self-driven choice of the five years, and the true skill levels at their end, shape (n, skills)."""
    people = world.people
    state = _begin(world, rng)
    calendar = _PlanCalendar(people)
    activity = ACTIVITY_OF_MONTH[months_of_weeks() - 1]
    found: list[Events] = []
    for week in range(N_WEEKS):
        calendar.turn(state, week)
        if week % 13 == 0:
            _learn_on_the_job(state, world, week)
        counts = rng.poisson(_rates(people, state, week) * activity[week])
        state.momentum *= np.float32(0.75)
        clock = np.zeros(len(people), dtype=np.int64)
        for turn in range(AT_ONCE):
            found += _one_round(np.flatnonzero(counts > turn), week, clock, world, state, rng)
        if week % 52 == 51:
            tell(f"behaviour: year {week // 52 + 1} of {N_WEEKS // 52}")
    columns = [np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Events)]
    order = np.lexsort((columns[1], columns[0], columns[2]))
    return Events(*(column[order] for column in columns)), state.levels


def _begin(world: World, rng: np.random.Generator) -> State:
    n, c = len(world.people), len(world.market.appeal)
    # One more column, always done, stands for "no prerequisite".
    taken = np.zeros((n, c + 1), dtype=np.int8)
    taken[:, c] = DONE
    return State(
        levels=starting_levels(world.people, world.roles, rng),
        taken=taken,
        role=world.people.first_role.copy(),
        target=np.full(n, -1, dtype=np.int64),
        plan_start=np.zeros(n, dtype=np.int64),
        plan_end=np.zeros(n, dtype=np.int64),
        momentum=np.zeros(n, dtype=np.float32),
        recent=np.full((n, 3), c, dtype=np.int64),
        last_week=np.zeros(n, dtype=np.int64),
    )


class _PlanCalendar:
    """Plans by the week in which they begin and end."""

    def __init__(self, people: People) -> None:
        plans = people.plans
        self._plans = plans
        self._by_start = np.argsort(np.maximum(plans.start, 0), kind="stable")
        self._by_end = np.argsort(plans.end, kind="stable")
        weeks = np.arange(N_WEEKS + 1)
        self._starts = np.searchsorted(np.maximum(plans.start, 0)[self._by_start], weeks)
        self._ends = np.searchsorted(plans.end[self._by_end], weeks)

    def turn(self, state: State, week: int) -> None:
        """End and begin the plans of this week."""
        plans = self._plans
        ending = self._by_end[self._ends[week] : self._ends[week + 1]]
        moved = ending[plans.succeeded[ending] == 1]
        state.role[plans.employee[moved]] = plans.target[moved]
        state.target[plans.employee[ending]] = -1
        starting = self._by_start[self._starts[week] : self._starts[week + 1]]
        starting = starting[plans.end[starting] > week]
        state.target[plans.employee[starting]] = plans.target[starting]
        state.plan_start[plans.employee[starting]] = plans.start[starting]
        state.plan_end[plans.employee[starting]] = plans.end[starting]


def _learn_on_the_job(state: State, world: World, week: int) -> None:
    """Let a quarter of work close a twentieth of what the role still asks for."""
    here = world.people.first_week <= week
    missing = np.maximum(world.roles.needed[state.role] - state.levels, 0)
    state.levels += np.float32(0.05) * missing * here[:, None]


def _rates(people: People, state: State, week: int) -> FloatArray:
    """Return the expected number of courses this week, shape (n,)."""
    tenure = week - people.first_week
    rate = MEAN_WEEKLY * people.eagerness * (1 + state.momentum)
    rate = rate * np.where(tenure < 10, 1.8, 1.0) * np.where(state.target >= 0, 1.4, 1.0)
    rate = rate * np.where(week >= people.last_week, 0.04, 1.0)
    return np.asarray(np.where(tenure >= 0, rate, 0.0), dtype=np.float32)


def _one_round(
    who: IntArray, week: int, clock: IntArray, world: World, state: State, rng: np.random.Generator
) -> list[Events]:
    """Let each of `who` choose one course this week, and change the state accordingly."""
    market = world.market
    courses = np.flatnonzero((market.opens <= week) & (week < market.closes))
    rows = max(1, CELLS // len(courses))
    found = []
    for part in (who[k : k + rows] for k in range(0, len(who), rows)):
        some, chosen, probability, reason = _choose(part, courses, week, world, state, rng)
        finished = rng.random(len(some)) >= ABANDONED
        at = _moments(clock, some, week, rng)
        strain = np.maximum(market.entry[chosen, 0] - state.levels[some, market.skill[chosen, 0]], 0)
        _take(state, market, some[finished], chosen[finished], week, rng)
        found.append(Events(some, chosen, at, reason, probability, finished, strain))
    return found


def _choose(
    who: IntArray, courses: IntArray, week: int, world: World, state: State, rng: np.random.Generator
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Draw a course for each of `who` from a multinomial logit over `courses`.

    Return those for whom something is open, their course, its probability and the motive.
    """
    motives = personal_motives(who, courses, week, world, state)
    fit = fit_of(who, courses, world, state)
    popular = np.broadcast_to(world.market.appeal[courses], fit.shape)
    fashion = np.broadcast_to(world.market.attraction[week, courses], fit.shape)
    by_chance = rng.random(len(who)) < world.noise
    anything = rng.random(len(who)) < 0.5
    blind = np.where(anything[:, None], np.float32(0), popular + fashion)
    total = np.where(by_chance[:, None], blind, popular + fashion + fit + sum(motives))
    total = total + limits_of(who, courses, world, state)
    heights = np.cumsum(np.exp(total - total.max(axis=1, keepdims=True)), axis=1, dtype=np.float64)
    marks = rng.random(len(who)) * heights[:, -1]
    pick = np.minimum((heights <= marks[:, None]).sum(axis=1), len(courses) - 1)
    lines = np.arange(len(who))
    probability = np.exp(total[lines, pick] - total.max(axis=1)) / heights[:, -1]
    raised = np.stack([part[lines, pick] - part.mean(axis=1) for part in (*motives, fashion, popular)])
    reason = np.where(by_chance, REASONS.index("chance"), raised.argmax(axis=0))
    some = total.max(axis=1) > CLOSED / 2
    return who[some], courses[pick][some], probability[some].astype(np.float32), reason[some]


def _moments(clock: IntArray, who: IntArray, week: int, rng: np.random.Generator) -> IntArray:
    """Return when the course was finished, in seconds; a second one in a week follows in the same sitting.

    One sitting in ten is reported with one time for all its courses.
    """
    first = clock[who] == 0
    # Weeks begin on a Wednesday; days 3 and 4 are the weekend.
    days = rng.choice(7, size=len(who), p=[0.2, 0.2, 0.17, 0.03, 0.04, 0.17, 0.19])
    seconds = rng.integers(8 * 3600, 18 * 3600, size=len(who))
    later = np.where(rng.random(len(who)) < 0.1, 0, rng.integers(1200, 2 * 3600, size=len(who)))
    fresh = (week_start(week) + days) * DAY_SECONDS + seconds
    clock[who] = np.where(first, fresh, clock[who] + later)
    return clock[who]


def _take(state: State, market: Market, who: IntArray, chosen: IntArray, week: int, rng: np.random.Generator) -> None:
    """Record finished courses: levels rise towards what the course teaches, and it becomes the latest."""
    share = rng.uniform(0.6, 1.0, size=len(who)).astype(np.float32)
    for slot in (0, 1):
        skill, level = market.skill[chosen, slot], market.level[chosen, slot]
        have = state.levels[who, skill]
        state.levels[who, skill] = have + share * np.maximum(level - have, 0)
    for e, c in zip(who.tolist(), chosen.tolist(), strict=True):
        for sibling in market.siblings[c]:
            state.taken[e, sibling] = max(state.taken[e, sibling], SIBLING)
    state.taken[who, chosen] = DONE
    state.recent[who] = np.column_stack([chosen, state.recent[who, :2]])
    state.last_week[who] = week
    state.momentum[who] = np.minimum(state.momentum[who] + 1, MOST_MOMENTUM)
