"""What people and their managers say: claims about skills, and reactions to courses. All of it imprecise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.sample.behaviour import Events
from training.sample.catalogue import Course
from training.sample.market import Market
from training.sample.motives import World
from training.sample.timeline import DAY_SECONDS, END_DAY, START_DAY, BoolArray, FloatArray, IntArray

SOURCES: tuple[tuple[str, float, float, float], ...] = (
    ("self", 0.45, 0.5, 1.0),
    ("manager", 0.35, 0.0, 0.7),
    ("assessment", 0.20, 0.0, 0.35),
)
"""Source, share of the claims, how much it flatters, and the standard deviation of its error, in levels."""
CLAIMS_A_PERSON = 7
FEEDBACK_A_PERSON = 0.45
VERBS = ("not_interested", "already_know", "too_easy", "too_hard", "later")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Claims, one row each: source points into SOURCES, or is len(SOURCES) for a credential; `at` in seconds."""

    employee: IntArray
    skill: IntArray
    level: IntArray
    source: IntArray
    at: IntArray


@dataclass(frozen=True, slots=True)
class Feedback:
    """Reactions, one row each; `verb` points into VERBS, `at` in seconds."""

    employee: IntArray
    course: IntArray
    verb: IntArray
    at: IntArray


def claim_skills(
    courses: Sequence[Course], world: World, events: Events, levels: FloatArray, rng: np.random.Generator
) -> Evidence:
    """Return what is claimed of people's skills, mostly of those which their jobs need.

    A claim is about the level of its day: what was learned since is taken off, at most a level, in proportion to age.
    """
    people = world.people
    n = len(people)
    employee = np.repeat(np.arange(n), rng.poisson(CLAIMS_A_PERSON, size=n))
    skill = _claimed_skills(people.final_role[employee], world, rng)
    first = np.maximum(people.hired_day[employee], START_DAY)
    age = rng.beta(1.0, 1.8, size=len(employee))
    day = END_DAY - 1 - (age * (END_DAY - 1 - first)).astype(np.int64)
    source = rng.choice(len(SOURCES), size=len(employee), p=[share for _, share, _, _ in SOURCES])
    flattery = np.array([row[2] for row in SOURCES])[source]
    deviation = np.array([row[3] for row in SOURCES])[source]
    then = levels[employee, skill] - np.clip((END_DAY - day) / 1500, 0, 1)
    level = np.clip(np.rint(then + flattery + rng.normal(0, deviation)), 0, 5).astype(np.int64)
    at = day * DAY_SECONDS + rng.integers(8 * 3600, 18 * 3600, size=len(day))
    claims = Evidence(employee, skill, level, source.astype(np.int64), at)
    return _in_order(_joined(claims, _credentials(courses, world.market, events)))


def _claimed_skills(role: IntArray, world: World, rng: np.random.Generator) -> IntArray:
    wanted = world.roles.importance + 0.01
    heights = np.cumsum(wanted / wanted.sum(axis=1, keepdims=True), axis=1)[role]
    marks = rng.random(len(role))
    return np.asarray(np.minimum((heights <= marks[:, None]).sum(axis=1), heights.shape[1] - 1), dtype=np.int64)


def _credentials(courses: Sequence[Course], market: Market, events: Events) -> Evidence:
    """Return the credentials that came with finished courses."""
    certified: BoolArray = np.array([bool(course.credential) for course in courses])
    rows = events.finished & certified[events.course]
    course = events.course[rows]
    level = market.level[course, 0].astype(np.int64)
    source = np.full(len(course), len(SOURCES), dtype=np.int64)
    return Evidence(events.employee[rows], market.skill[course, 0], level, source, events.at[rows])


def _joined(first: Evidence, second: Evidence) -> Evidence:
    return Evidence(
        np.concatenate([first.employee, second.employee]),
        np.concatenate([first.skill, second.skill]),
        np.concatenate([first.level, second.level]),
        np.concatenate([first.source, second.source]),
        np.concatenate([first.at, second.at]),
    )


def _in_order(claims: Evidence) -> Evidence:
    order = np.lexsort((claims.source, claims.skill, claims.employee, claims.at))
    return Evidence(
        claims.employee[order], claims.skill[order], claims.level[order], claims.source[order], claims.at[order]
    )


def react(
    world: World, courses: Sequence[Course], events: Events, levels: FloatArray, rng: np.random.Generator
) -> Feedback:
    """Return what people said of courses they saw in the last eighteen months and did not begin.

    The reaction follows the truth: known, too easy or too hard by level, uninteresting by taste, otherwise later.
    """
    n = len(world.people)
    size = max(1, round(FEEDBACK_A_PERSON * n))
    employee = rng.integers(n, size=size)
    shown = [k for k, course in enumerate(courses) if course.required < 0 and course.opens_on < END_DAY - 30]
    course = rng.choice(np.array([k for k in shown if courses[k].closes_on > END_DAY]), size=size)
    keep = _not_met(employee, course, events, world)
    employee, course = employee[keep], course[keep]
    first = np.maximum(world.people.hired_day[employee], END_DAY - 540)
    first = np.maximum(first, np.array([one.opens_on for one in courses])[course])
    day = first + (rng.random(len(employee)) * (END_DAY - first)).astype(np.int64)
    at = day * DAY_SECONDS + rng.integers(8 * 3600, 18 * 3600, size=len(day))
    verb = _reactions(world, employee, course, levels)
    order = np.lexsort((course, employee, at))
    return Feedback(employee[order], course[order], verb[order], at[order])


def _not_met(employee: IntArray, course: IntArray, events: Events, world: World) -> BoolArray:
    """Keep the first of equal pairs, those not begun by the person, and those in a language the person reads."""
    width = len(world.market.appeal)
    pairs = employee * width + course
    _, first = np.unique(pairs, return_index=True)
    keep = np.zeros(len(pairs), dtype=bool)
    keep[first] = True
    keep &= ~np.isin(pairs, events.employee * width + events.course)
    return keep & world.market.speaks[world.people.language[employee], course]


def _reactions(world: World, employee: IntArray, course: IntArray, levels: FloatArray) -> IntArray:
    market = world.market
    have = levels[employee, market.skill[course, 0]]
    surplus = have - market.level[course, 0]
    lacking = market.entry[course, 0] - have
    liking = (world.people.tastes[employee] * market.flavour[course]).sum(axis=1)
    conditions = [surplus >= 1, surplus >= 0, lacking >= 1.5, liking < 0.3]
    words = ["too_easy", "already_know", "too_hard", "not_interested"]
    verbs = np.select(conditions, [VERBS.index(word) for word in words], VERBS.index("later"))
    return np.asarray(verbs, dtype=np.int64)
