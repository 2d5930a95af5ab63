"""The sample company: a seeded, believable data directory whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.errors import ConfigError
from training.sample import rows, staff
from training.sample.behaviour import Events, live
from training.sample.catalogue import Course, build_courses
from training.sample.claims import claim_skills, react
from training.sample.compliance import Assigned, PersonalAssignment, assign_personally, complete_required
from training.sample.market import open_market
from training.sample.motives import World
from training.sample.people import hire_people, real_roles
from training.sample.timeline import END_DAY, START_DAY, FloatArray, iso_day
from training.sample.writing import Columns, refuse_foreign, write_settings, write_tables, write_truth


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written: rows of each table, and how the completions came about.

    `cold_courses` are those which may be taken on the last day and which nobody has completed; `inactive_employees`
    those without a single self-driven completion.
    """

    out: Path
    seed: int
    noise: float
    rows: Mapping[str, int]
    self_driven: int
    assigned: int
    inactive_employees: int
    cold_courses: int


@dataclass(frozen=True, slots=True)
class _Company:
    """Everything that was simulated, before it is written."""

    world: World
    courses: tuple[Course, ...]
    events: Events
    levels: FloatArray
    assigned: Assigned
    personal: list[PersonalAssignment]


def write_sample(
    out: Path,
    *,
    n_employees: int = 5000,
    n_courses: int = 320,
    seed: int = 7,
    noise: float = 0.25,
    progress: Callable[[str], None] | None = None,
) -> SampleSummary:
    """Write the sample company into a data directory; equal arguments give byte-identical files.

    Employees live five years, ending on a fixed date, and choose courses for their role, a role they want, interests,
    habits and fashion; required courses follow their own calendar. `truth/` holds what no table shows: true skills,
    interests, plans, what roles and courses are really like, and why each choice was made.

    Parameters
    ----------
    out
        A directory that is absent, empty or an earlier sample, which is replaced. Other files in it stay.
    n_employees, n_courses
        How many; at least 1 and 73. Titles are distinct, which bounds the courses at some ten thousand.
    seed
        At least 0.
    noise
        Share of choices made by chance, 0-1: half of them by popularity and fashion, half uniformly.
    progress
        Called with a line of text as the work goes on.

    Raises
    ------
    ConfigError
        If an argument is out of range.
    DataError
        If `out` is a file, or holds something that is not a sample.
    """
    _check(n_employees=n_employees, seed=seed, noise=noise)
    refuse_foreign(out)
    tell = progress or _silent
    company_seed, words_seed = np.random.SeedSequence(seed).spawn(2)
    tell(f"simulating {n_employees} employees and {n_courses} courses")
    company = _simulate(n_employees, n_courses, noise, np.random.default_rng(company_seed), tell)
    tables, truth = _tables(company, np.random.default_rng(words_seed))
    tell(f"writing {out}")
    write_settings(out, _settings(n_employees, n_courses, seed, noise))
    written = write_tables(out, tables)
    write_truth(out, truth)
    return _summary(out, seed, company, written)


def _silent(_line: str) -> None:
    """Say nothing."""


def _check(*, n_employees: int, seed: int, noise: float) -> None:
    if n_employees < 1:
        raise ConfigError(f"n_employees: found {n_employees}; expected at least 1. Ask for more employees.")
    if seed < 0:
        raise ConfigError(f"seed: found {seed}; expected a whole number of at least 0. Choose another seed.")
    if not 0 <= noise <= 1:
        raise ConfigError(f"noise: found {noise}; expected a number from 0 to 1. Choose a share.")


def _simulate(
    n_employees: int, n_courses: int, noise: float, rng: np.random.Generator, tell: Callable[[str], None]
) -> _Company:
    # A stream each, so that more courses do not change who the people are.
    catalogue_rng, people_rng, market_rng, choice_rng, duty_rng = rng.spawn(5)
    courses = build_courses(n_courses, catalogue_rng)
    roles = real_roles()
    people = hire_people(n_employees, roles, people_rng)
    world = World(people, roles, open_market(courses, roles, market_rng), noise)
    events, levels = live(world, choice_rng, tell=tell)
    required = complete_required(courses, people, roles, duty_rng)
    personal, done = assign_personally(courses, people, events, duty_rng)
    assigned = Assigned(
        np.concatenate([required.employee, done.employee]),
        np.concatenate([required.course, done.course]),
        np.concatenate([required.at, done.at]),
    )
    return _Company(world, courses, events, levels, assigned, personal)


def _tables(company: _Company, rng: np.random.Generator) -> tuple[dict[str, Columns], dict[str, Columns]]:
    """Return the tables that systems would hold, and the truth."""
    world, courses, events, levels = company.world, company.courses, company.events, company.levels
    people, roles = world.people, world.roles
    ids = rows.employee_ids(len(people))
    tables = {
        "courses": rows.course_columns(courses),
        "completions": rows.completion_columns(events, company.assigned, courses, ids, rng),
        "progress": rows.progress_columns(events, company.assigned, courses, ids, rng),
        "identities": staff.identity_columns(ids),
        "employees": staff.employee_columns(people, roles, ids, rng),
        "skills": rows.skill_columns(),
        "course_skills": rows.course_skill_columns(courses, rng),
        "roles": rows.role_columns(),
        "role_skills": rows.role_skill_columns(roles, rng),
        "skill_evidence": rows.evidence_columns(claim_skills(courses, world, events, levels, rng), ids),
        "assignments": rows.assignment_columns(courses, company.personal, ids),
        "role_changes": staff.role_change_columns(people, ids),
        "feedback": rows.feedback_columns(react(world, courses, events, levels, rng), courses, ids),
    }
    truth = {
        "skills": staff.true_skill_columns(levels, ids),
        "interests": staff.true_interest_columns(people, ids),
        "intent": staff.true_intent_columns(events, courses, ids),
        "plans": staff.true_plan_columns(people, ids),
        "roles": rows.true_role_columns(roles),
        "course_skills": rows.true_course_skill_columns(courses),
    }
    return tables, truth


def _settings(n_employees: int, n_courses: int, seed: int, noise: float) -> dict[str, str | int | float]:
    return {
        "n_employees": n_employees,
        "n_courses": n_courses,
        "seed": seed,
        "noise": noise,
        "from": iso_day(START_DAY),
        "until": iso_day(END_DAY - 1),
    }


def _summary(out: Path, seed: int, company: _Company, written: Mapping[str, int]) -> SampleSummary:
    finished = company.events.finished
    taken = np.union1d(company.events.course[finished], company.assigned.course)
    on_offer = [
        k
        for k, course in enumerate(company.courses)
        if course.published and course.opens_on < END_DAY and course.closes_on >= END_DAY - 1
    ]
    return SampleSummary(
        out=out,
        seed=seed,
        noise=company.world.noise,
        rows=dict(written),
        self_driven=int(finished.sum()),
        assigned=len(company.assigned.at),
        inactive_employees=len(company.world.people) - len(np.unique(company.events.employee[finished])),
        cold_courses=len(np.setdiff1d(on_offer, taken)),
    )
