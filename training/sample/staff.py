"""The sample company's people as its personnel system shows them, and the truth about them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.sample.behaviour import REASONS, Events
from training.sample.catalogue import Course
from training.sample.people import FIRST_NAMES, LANGUAGES, LAST_NAMES, LOCATIONS, People, Roles, role_pull
from training.sample.roles import ROLES
from training.sample.skills import SKILLS, THEMES
from training.sample.timeline import END_DAY, N_WEEKS, FloatArray, IntArray, draw, iso_days, iso_seconds, week_start
from training.sample.writing import Columns

SPAN = 9
"""People one manager leads, about."""


def employee_columns(people: People, roles: Roles, ids: Sequence[str], rng: np.random.Generator) -> Columns:
    """Return the table `employees` as of the last day; of one in a hundred the role is not recorded."""
    n = len(people)
    target, since = _declared_targets(people, roles, rng)
    role_ids = [*(role.role_id for role in ROLES), ""]
    shown_role = np.where(rng.random(n) < 0.01, -1, people.final_role)
    managers = _managers(people, roles, rng)
    hours = np.clip(np.rint(2 * rng.lognormal(0.55 + 0.15 * np.log(people.eagerness), 0.35)) / 2, 0.5, 8)
    budget = 100 * np.rint(rng.gamma(3.0, 3.3, size=n))
    no_hours, no_budget = rng.random(n) < 0.15, rng.random(n) < 0.3
    since_texts = iso_days(since)
    return {
        "employee_id": ids,
        "name": _names(n, rng),
        "role_id": [role_ids[k] for k in shown_role.tolist()],
        "target_role_id": [role_ids[k] for k in target.tolist()],
        "target_since": [text if k >= 0 else "" for text, k in zip(since_texts, target.tolist(), strict=True)],
        "department": [roles.department[k] for k in people.final_role.tolist()],
        "location": [LOCATIONS[k] for k in people.location.tolist()],
        "language": [LANGUAGES[k] for k in people.language.tolist()],
        "hired_at": iso_days(people.hired_day),
        "manager_id": [ids[k] if k >= 0 else "" for k in managers.tolist()],
        "hours_per_week": _blanked(hours, no_hours.tolist()),
        "budget": _blanked(budget, no_budget.tolist()),
    }


def _names(n: int, rng: np.random.Generator) -> list[str]:
    given, family = FIRST_NAMES.split(), LAST_NAMES.split()
    first, last = rng.integers(len(given), size=n), rng.integers(len(family), size=n)
    return [f"{given[a]} {family[b]}" for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _blanked(values: np.ndarray, blank: Sequence[bool]) -> list[float | str]:
    return ["" if gone else value for value, gone in zip(values.tolist(), blank, strict=True)]


def _declared_targets(people: People, roles: Roles, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return the target role on record (-1: none) and since which day.

    Most plans under way are declared, some weeks after they began; some people declare a target, sometimes their own
    role, and do nothing about it.
    """
    n = len(people)
    target = np.full(n, -1, dtype=np.int64)
    since = np.full(n, END_DAY - 1, dtype=np.int64)
    idle = rng.random(n) < 0.1
    wished = np.where(rng.random(n) < 0.35, people.final_role, draw(rng, role_pull(roles)[people.final_role]))
    target[idle] = wished[idle]
    since[idle] = (people.hired_day + rng.random(n) * (END_DAY - 1 - people.hired_day)).astype(np.int64)[idle]
    plans = people.plans
    current = (plans.end >= N_WEEKS) & (rng.random(len(plans.end)) < 0.88)
    employee = plans.employee[current]
    target[employee] = plans.target[current]
    told = week_start(plans.start[current]) + rng.integers(0, 45, size=len(employee))
    since[employee] = np.minimum(told, END_DAY - 1)
    return target, since


def _managers(people: People, roles: Roles, rng: np.random.Generator) -> IntArray:
    """Let those longest in a department lead it: the first all of it, the next ones a team each. No circles."""
    departments = np.array(roles.department)[people.final_role]
    manager = np.full(len(people), -1, dtype=np.int64)
    for name in dict.fromkeys(roles.department):
        members = np.flatnonzero(departments == name)
        members = members[np.lexsort((members, people.hired_day[members]))]
        if len(members) == 0:
            continue
        n_leads = max(1, len(members) // SPAN)
        leads = members[:n_leads]
        manager[leads[1:]] = leads[0]
        manager[members[n_leads:]] = leads[rng.integers(n_leads, size=len(members) - n_leads)]
    return manager


def identity_columns(ids: Sequence[str]) -> Columns:
    """Return the table `identities`: one mail address each."""
    return {
        "employee_id": ids,
        "kind": ["mbox"] * len(ids),
        "value": [f"mailto:{employee_id.lower()}@sample.example" for employee_id in ids],
    }


def role_change_columns(people: People, ids: Sequence[str]) -> Columns:
    """Return the table `role_changes`: the plans that succeeded."""
    plans = people.plans
    moved = np.flatnonzero((plans.succeeded == 1) & (plans.end < N_WEEKS))
    moved = moved[np.argsort(plans.end[moved], kind="stable")]
    return {
        "employee_id": [ids[e] for e in plans.employee[moved].tolist()],
        "from_role_id": [ROLES[k].role_id for k in plans.origin[moved].tolist()],
        "to_role_id": [ROLES[k].role_id for k in plans.target[moved].tolist()],
        "changed_at": iso_days(week_start(plans.end[moved])),
    }


def true_plan_columns(people: People, ids: Sequence[str]) -> Columns:
    """Return what people worked towards, told or not; `outcome` is moved, given_up or open."""
    plans = people.plans
    ended = plans.end < N_WEEKS
    outcome = np.where(~ended, "open", np.where(plans.succeeded == 1, "moved", "given_up"))
    ends = iso_days(week_start(np.minimum(plans.end, N_WEEKS)))
    return {
        "employee_id": [ids[e] for e in plans.employee.tolist()],
        "from_role_id": [ROLES[k].role_id for k in plans.origin.tolist()],
        "target_role_id": [ROLES[k].role_id for k in plans.target.tolist()],
        "started_at": iso_days(week_start(plans.start)),
        "ended_at": [text if done else "" for text, done in zip(ends, ended.tolist(), strict=True)],
        "outcome": outcome.tolist(),
    }


def true_skill_columns(levels: FloatArray, ids: Sequence[str]) -> Columns:
    """Return the true levels on the last day; what is absent is 0."""
    rounded = np.round(levels.astype(np.float64), 2)
    employee, skill = np.nonzero(rounded)
    return {
        "employee_id": [ids[e] for e in employee.tolist()],
        "skill_id": [SKILLS[s].skill_id for s in skill.tolist()],
        "level": rounded[employee, skill].tolist(),
    }


def true_interest_columns(people: People, ids: Sequence[str]) -> Columns:
    """Return the interest of each person in each theme; positive draws, negative repels."""
    tastes = np.round(people.tastes[:, : len(THEMES)].astype(np.float64), 2) + 0.0  # no minus zero
    return {
        "employee_id": [employee_id for employee_id in ids for _ in THEMES],
        "theme": list(THEMES) * len(ids),
        "weight": tastes.ravel().tolist(),
    }


def true_intent_columns(events: Events, courses: Sequence[Course], ids: Sequence[str]) -> Columns:
    """Return why each self-driven completion happened, and how likely it was at that moment."""
    rows = np.flatnonzero(events.finished)
    probability = np.round(events.probability[rows].astype(np.float64), 5)
    return {
        "employee_id": [ids[e] for e in events.employee[rows].tolist()],
        "course_id": [courses[c].course_id for c in events.course[rows].tolist()],
        "completed_at": iso_seconds(events.at[rows]),
        "reason": [REASONS[k] for k in events.reason[rows].tolist()],
        "probability": probability.tolist(),
    }
