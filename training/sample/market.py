"""What makes courses attractive at a time, whoever looks: fashion, seasons, campaigns; and what leads to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.sample.catalogue import Course
from training.sample.people import LANGUAGES, LOCATIONS, N_HIDDEN, Roles
from training.sample.roles import ROLES
from training.sample.skills import SKILLS, THEMES
from training.sample.timeline import (
    N_WEEKS,
    START_DAY,
    BoolArray,
    FloatArray,
    IntArray,
    first_week_from,
    months_of_weeks,
)

ACTIVITY_OF_MONTH = np.array([1.45, 1.15, 1.2, 1.0, 0.95, 1.05, 0.75, 0.45, 1.2, 1.15, 1.1, 0.6])
"""How busy learners are from January to December: resolutions, quarter-ends, and a quiet August and December."""
THEME_SEASONS: tuple[tuple[str, tuple[int, ...], float], ...] = (
    ("finance", (3, 6, 9, 11, 12), 0.7),
    ("leadership", (1, 9), 0.6),
    ("productivity", (1, 8), 0.6),
    ("security", (10,), 0.8),
    ("people", (5, 9), 0.4),
    ("customers", (2, 3), 0.4),
)


@dataclass(frozen=True, slots=True)
class Market:
    """The courses as the behaviour model sees them; C courses, two skill slots, weeks from 0.

    `attraction` (N_WEEKS, C) is what fashion adds at each week to the lasting `appeal` (C,). `leads_to` (C + 1, C) says
    how much a completed course (row) makes another one the natural next; its last row, for no course, is 0. `siblings`
    lists, for each course, the other editions of the same subject. `prerequisite` is -1 where there is none.
    """

    skill: IntArray
    level: FloatArray
    entry: FloatArray
    opens: IntArray
    closes: IntArray
    appeal: FloatArray
    attraction: FloatArray
    leads_to: FloatArray
    flavour: FloatArray
    peer_taste: FloatArray
    prerequisite: IntArray
    siblings: tuple[tuple[int, ...], ...]
    speaks: BoolArray
    admits_role: BoolArray
    admits_location: BoolArray


def open_market(courses: Sequence[Course], roles: Roles, rng: np.random.Generator) -> Market:
    """Return the attractiveness of the courses over the five years."""
    c = len(courses)
    skill, level, entry = _slots(courses)
    opens = np.array([first_week_from(course.opens_on) for course in courses])
    closes = np.array([(course.closes_on + 1 - START_DAY) // 7 for course in courses])
    opens = np.where([course.required >= 0 for course in courses], N_WEEKS + 1, opens)
    subject: dict[str, list[int]] = {}
    for k, course in enumerate(courses):
        subject.setdefault(course.subject, []).append(k)
    shared = rng.normal(0, 0.5, size=(1, N_HIDDEN)) + rng.normal(0, 1, size=(c, N_HIDDEN))
    return Market(
        skill=skill,
        level=level,
        entry=entry,
        opens=opens,
        closes=closes,
        appeal=_appeal(courses, rng),
        attraction=_attraction(courses, skill[:, 0], opens, rng),
        leads_to=_leads_to(courses, skill[:, 0], level[:, 0], rng),
        flavour=np.hstack([_theme_shares(skill), shared]).astype(np.float32),
        peer_taste=rng.normal(0, 0.5, size=(len(ROLES), c)).astype(np.float32),
        prerequisite=np.array([course.prerequisites[0] if course.prerequisites else -1 for course in courses]),
        siblings=tuple(tuple(j for j in subject[course.subject] if j != k) for k, course in enumerate(courses)),
        speaks=np.array([[course.language in ("en", code) for course in courses] for code in LANGUAGES]),
        admits_role=np.array(
            [[_admits(course, role.role_id, roles.department[r]) for course in courses] for r, role in enumerate(ROLES)]
        ),
        admits_location=np.array([[_sits(course, place) for course in courses] for place in LOCATIONS]),
    )


def _slots(courses: Sequence[Course]) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return skill, level and entry level in two slots a course; an unused slot repeats the skill at level 0."""
    skill = np.array([[course.teaches[0].skill, course.teaches[-1].skill] for course in courses])
    level = np.zeros((len(courses), 2), dtype=np.float32)
    entry = np.zeros_like(level)
    for k, course in enumerate(courses):
        for slot, part in enumerate(course.teaches):
            level[k, slot], entry[k, slot] = part.level, part.entry
    return skill, level, entry


def _admits(course: Course, role_id: str, department: str) -> bool:
    return not course.audience or course.audience[0] in LOCATIONS or bool({role_id, department} & set(course.audience))


def _sits(course: Course, location: str) -> bool:
    return not course.audience or course.audience[0] not in LOCATIONS or location in course.audience


def _theme_shares(skill: IntArray) -> FloatArray:
    theme = np.array([THEMES.index(one.theme) for one in SKILLS])
    shares = np.zeros((len(skill), len(THEMES)), dtype=np.float32)
    np.add.at(shares, (np.arange(len(skill)), theme[skill[:, 0]]), 0.8)
    np.add.at(shares, (np.arange(len(skill)), theme[skill[:, 1]]), 0.4)
    return shares


def _appeal(courses: Sequence[Course], rng: np.random.Generator) -> FloatArray:
    """Return the lasting appeal: normal in logs, so that a few courses draw most people; short and easy ones help."""
    hours = np.array([course.hours for course in courses])
    ease = np.array([3 - course.level for course in courses])
    return np.asarray(rng.normal(0, 0.95, size=len(courses)) - 0.18 * np.log(hours) + 0.12 * ease, dtype=np.float32)


def _wander(n: int, *, deviation: float, half_life_weeks: float, rng: np.random.Generator) -> FloatArray:
    """Return n stationary random walks that forget: shape (N_WEEKS, n), an Ornstein-Uhlenbeck process."""
    keep = 0.5 ** (1 / half_life_weeks)
    walk = np.empty((N_WEEKS, n))
    walk[0] = rng.normal(0, deviation, size=n)
    for week in range(1, N_WEEKS):
        walk[week] = keep * walk[week - 1] + rng.normal(0, deviation * np.sqrt(1 - keep**2), size=n)
    return walk.astype(np.float32)


def _attraction(
    courses: Sequence[Course], main_skill: IntArray, opens: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Return what time adds: fashions of courses and skills, new releases, ageing, seasons and campaigns."""
    own = _wander(len(courses), deviation=0.6, half_life_weeks=18, rng=rng)
    skills = _wander(len(SKILLS), deviation=0.35, half_life_weeks=60, rng=rng) + _waves()
    weeks = np.arange(N_WEEKS)[:, None]
    age = np.maximum(weeks - opens[None], 0)
    released = np.where((opens > 0) & (weeks >= opens), 1.4 * np.exp(-age / 9), 0)
    ageing = -0.2 * np.maximum(age / 52 - 2, 0)
    total = own + skills[:, main_skill] + released + ageing + _seasons()[:, _theme_of(main_skill)]
    return np.asarray(total + _campaigns(opens, len(courses), rng), dtype=np.float32)


def _theme_of(skill: IntArray) -> IntArray:
    return np.array([THEMES.index(one.theme) for one in SKILLS])[skill]


def _waves() -> FloatArray:
    """Return the rise of generative AI and its slow companions, shape (N_WEEKS, n_skills)."""
    waves = np.zeros((N_WEEKS, len(SKILLS)), dtype=np.float32)
    weeks = np.arange(N_WEEKS)
    for k, skill in enumerate(SKILLS):
        if skill.skill_id == "generative-ai":
            waves[:, k] = -1.2 + 2.4 / (1 + np.exp(-(weeks - 110) / 14))
        if skill.skill_id == "sustainability":
            waves[:, k] = -0.4 + 0.8 * weeks / N_WEEKS
    return waves


def _seasons() -> FloatArray:
    seasons = np.zeros((N_WEEKS, len(THEMES)), dtype=np.float32)
    months = months_of_weeks()
    for theme, when, lift in THEME_SEASONS:
        seasons[np.isin(months, when), THEMES.index(theme)] = lift
    return seasons


def _campaigns(opens: IntArray, n_courses: int, rng: np.random.Generator) -> FloatArray:
    """Put one course in eighty on the front page, for four weeks at a time."""
    lift = np.zeros((N_WEEKS, n_courses), dtype=np.float32)
    for week in range(0, N_WEEKS, 4):
        there = np.flatnonzero(opens <= week)
        chosen = rng.choice(there, size=max(1, len(there) // 80), replace=False)
        lift[week : week + 4, chosen] = 1.5
    return lift


def _leads_to(courses: Sequence[Course], skill: IntArray, level: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return how naturally each course follows another: the next step, its prerequisite, related skills, and habit."""
    c = len(courses)
    step = level[None, :] - level[:, None]
    ladder = np.select([step == 1, step == 0, step == 2], [1.6, 0.7, 0.5], 0.0)
    follows = np.where(skill[:, None] == skill[None, :], ladder, 0.0)
    related = np.zeros((len(SKILLS), len(SKILLS)))
    for s in range(len(SKILLS)):
        related[s, rng.choice(len(SKILLS), size=3, replace=False)] = 0.6
    follows += related[skill][:, skill]
    for _ in range(3):
        follows[np.arange(c), rng.integers(c, size=c)] += 1.9
    for k, course in enumerate(courses):
        for j in course.prerequisites:
            follows[j, k] += 0.9
    np.fill_diagonal(follows, 0.0)
    return np.vstack([follows, np.zeros((1, c))]).astype(np.float32)
