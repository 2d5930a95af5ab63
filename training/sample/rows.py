"""From arrays to the canonical tables: what the sample company's systems would have recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.sample.behaviour import Events
from training.sample.catalogue import DIFFICULTY, Course
from training.sample.claims import SOURCES, VERBS, Evidence, Feedback
from training.sample.compliance import Assigned, PersonalAssignment
from training.sample.editions import REQUIRED
from training.sample.people import Roles
from training.sample.roles import ROLES
from training.sample.skills import SKILLS
from training.sample.timeline import END_DAY, iso_day, iso_seconds
from training.sample.writing import Columns

SITE = "https://learn.sample.example"


def employee_ids(n: int) -> list[str]:
    """Return the ids of n employees, by position."""
    return [f"E{position + 1:05d}" for position in range(n)]


def course_columns(courses: Sequence[Course]) -> Columns:
    """Return the table `courses`."""
    ids = [course.course_id for course in courses]
    return {
        "course_id": ids,
        "title": [course.title for course in courses],
        "description": [course.description for course in courses],
        "provider": [course.provider for course in courses],
        "format": [course.format for course in courses],
        "language": [course.language for course in courses],
        "difficulty": [DIFFICULTY[course.level] for course in courses],
        "hours": [course.hours for course in courses],
        "cost": [course.cost for course in courses],
        "url": [f"{SITE}/courses/{course_id}" for course_id in ids],
        "audience": ["|".join(course.audience) for course in courses],
        "credential": [course.credential for course in courses],
        "tags": [_tags(course) for course in courses],
        "prerequisites": ["|".join(ids[k] for k in course.prerequisites) for course in courses],
        "supersedes": ["|".join(ids[k] for k in course.supersedes) for course in courses],
        "available_from": ["" if course.opens_on >= END_DAY else iso_day(course.opens_on) for course in courses],
        "available_to": [iso_day(course.closes_on) if course.has_end_date else "" for course in courses],
        "published": ["true" if course.published else "false" for course in courses],
    }


def _tags(course: Course) -> str:
    taught = [SKILLS[part.skill] for part in course.teaches]
    tags = [skill.theme for skill in taught] + [skill.skill_id for skill in taught]
    if course.required >= 0:
        tags.append("mandatory")
    return "|".join(dict.fromkeys(tags))


def course_skill_columns(courses: Sequence[Course], rng: np.random.Generator) -> Columns:
    """Return the table `course_skills`: a tenth was inferred, and of that a third is a level off."""
    rows: list[tuple[str, str, int, int | str, str, float]] = []
    for course in courses:
        for part in course.teaches:
            skill_id = SKILLS[part.skill].skill_id
            declared_entry: int | str = part.entry if rng.random() < 0.55 else ""
            if rng.random() >= 0.1:
                rows.append((course.course_id, skill_id, part.level, declared_entry, "declared", 1.0))
                continue
            off = int(rng.choice([-1, 0, 0, 0, 0, 1]))
            level = min(5, max(1, part.level + off))
            rows.append((course.course_id, skill_id, level, "", "inferred", round(float(rng.uniform(0.5, 0.9)), 2)))
    return _named(("course_id", "skill_id", "level", "entry_level", "source", "confidence"), rows)


def true_course_skill_columns(courses: Sequence[Course]) -> Columns:
    """Return what courses really teach, and the level really needed."""
    rows = [
        (course.course_id, SKILLS[part.skill].skill_id, part.level, part.entry)
        for course in courses
        for part in course.teaches
    ]
    return _named(("course_id", "skill_id", "level", "entry_level"), rows)


def skill_columns() -> Columns:
    """Return the table `skills`."""
    return {
        "skill_id": [skill.skill_id for skill in SKILLS],
        "name": [skill.name for skill in SKILLS],
        "kind": [skill.kind for skill in SKILLS],
        "uri": [f"{SITE}/skills/{skill.skill_id}" for skill in SKILLS],
    }


def role_columns() -> Columns:
    """Return the table `roles`."""
    return {
        "role_id": [role.role_id for role in ROLES],
        "title": [role.title for role in ROLES],
        "family": [role.family for role in ROLES],
        "description": [role.description for role in ROLES],
        "uri": [f"{SITE}/roles/{role.role_id}" for role in ROLES],
    }


def role_skill_columns(roles: Roles, rng: np.random.Generator) -> Columns:
    """Return the table `role_skills` as somebody wrote it down: some lesser needs forgotten, some levels off by one."""
    rows = []
    for r, s in zip(*np.nonzero(roles.needed), strict=True):
        importance = float(round(float(roles.importance[r, s]), 2))
        off = int(rng.choice([-1, 1])) if rng.random() < 0.12 else 0
        forgotten = rng.random() < 0.15 and importance < 0.5
        level = min(5, max(1, int(roles.needed[r, s]) + off))
        if not forgotten:
            rows.append((ROLES[r].role_id, SKILLS[s].skill_id, level, importance, "expert"))
    return _named(("role_id", "skill_id", "level", "importance", "source"), rows)


def true_role_columns(roles: Roles) -> Columns:
    """Return what roles really need."""
    rows = [
        (ROLES[r].role_id, SKILLS[s].skill_id, int(roles.needed[r, s]), round(float(roles.importance[r, s]), 2))
        for r, s in zip(*np.nonzero(roles.needed), strict=True)
    ]
    return _named(("role_id", "skill_id", "level", "importance"), rows)


def completion_columns(
    events: Events, assigned: Assigned, courses: Sequence[Course], ids: Sequence[str], rng: np.random.Generator
) -> Columns:
    """Return the table `completions`, oldest first; of one assigned completion in twenty the origin is not known."""
    done = events.finished
    employee = np.concatenate([events.employee[done], assigned.employee])
    course = np.concatenate([events.course[done], assigned.course])
    at = np.concatenate([events.at[done], assigned.at])
    strain = np.concatenate([events.strain[done], np.zeros(len(assigned.at), dtype=np.float32)])
    by_duty = np.arange(len(at)) >= int(done.sum())
    required = np.array([one.required >= 0 for one in courses])[course]
    origin = np.where(by_duty, "assigned", "self")
    origin[by_duty & required & (rng.random(len(at)) < 0.05)] = ""
    score = np.round(np.clip(rng.normal(0.85 - 0.1 * strain, 0.08), 0.3, 1), 2)
    graded = np.array([one.format in ("course", "video", "lab") for one in courses])[course]
    progress = np.where(rng.random(len(at)) < 0.05, np.round(rng.uniform(0.82, 1, size=len(at)), 2), 1.0)
    order = np.lexsort((course, employee, at))
    scores: list[float | str] = [value if keep else "" for value, keep in zip(score.tolist(), graded, strict=True)]
    return {
        "employee_id": [ids[e] for e in employee[order].tolist()],
        "course_id": [courses[c].course_id for c in course[order].tolist()],
        "completed_at": iso_seconds(at[order]),
        "score": [scores[k] for k in order.tolist()],
        "progress": progress[order].tolist(),
        "origin": origin[order].tolist(),
    }


def progress_columns(
    events: Events, assigned: Assigned, courses: Sequence[Course], ids: Sequence[str], rng: np.random.Generator
) -> Columns:
    """Return the table `progress`: courses begun and never finished, once a pair, with the latest time."""
    width = len(courses)
    pairs = events.employee * width + events.course
    finished = np.concatenate([pairs[events.finished], assigned.employee * width + assigned.course])
    begun = np.flatnonzero(~events.finished & ~np.isin(pairs, finished))
    _, latest = np.unique(pairs[begun][::-1], return_index=True)
    rows = np.sort(begun[::-1][latest])
    return {
        "employee_id": [ids[e] for e in events.employee[rows].tolist()],
        "course_id": [courses[c].course_id for c in events.course[rows].tolist()],
        "progress": np.round(0.05 + 0.7 * rng.beta(1.2, 1.6, size=len(rows)), 2).tolist(),
        "at": iso_seconds(events.at[rows]),
    }


def assignment_columns(
    courses: Sequence[Course], personal: Sequence[PersonalAssignment], ids: Sequence[str]
) -> Columns:
    """Return the table `assignments`: the rules of the required courses, then what managers assigned."""
    rows: list[tuple[str, str, str, str, str, int | str, int | str]] = []
    for course in sorted((one for one in courses if one.required >= 0), key=lambda one: one.required):
        rule = REQUIRED[course.required]
        word, _, name = rule.whom.partition(" ")
        role_id = name if word == "role" else ""
        department = "*" if word == "*" else name if word == "department" else ""
        due_days: int | str = "" if rule.due_at else rule.due_days
        rows.append((course.course_id, "", role_id, department, rule.due_at, due_days, rule.recur_days or ""))
    for one in personal:
        rows.append((courses[one.course].course_id, ids[one.employee], "", "", iso_day(one.due_day), "", ""))
    return _named(("course_id", "employee_id", "role_id", "department", "due_at", "due_days", "recur_days"), rows)


def evidence_columns(claims: Evidence, ids: Sequence[str]) -> Columns:
    """Return the table `skill_evidence`."""
    words = [*(row[0] for row in SOURCES), "credential"]
    return {
        "employee_id": [ids[e] for e in claims.employee.tolist()],
        "skill_id": [SKILLS[s].skill_id for s in claims.skill.tolist()],
        "level": claims.level.tolist(),
        "source": [words[k] for k in claims.source.tolist()],
        "observed_at": iso_seconds(claims.at),
    }


def feedback_columns(feedback: Feedback, courses: Sequence[Course], ids: Sequence[str]) -> Columns:
    """Return the table `feedback`."""
    return {
        "employee_id": [ids[e] for e in feedback.employee.tolist()],
        "course_id": [courses[c].course_id for c in feedback.course.tolist()],
        "verb": [VERBS[k] for k in feedback.verb.tolist()],
        "at": iso_seconds(feedback.at),
    }


def _named(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> Columns:
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}
