"""From a person described in a request to a query in the model's positions.

What the model does not know (a course, role or skill id) and what lies after the moment asked about is no error: it is
left out of the question and listed in the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.arrays import NONE, FloatArray, Ids, IntArray, frozen
from recommender.catalog import Catalog, Roles
from recommender.query import Claims, Feedback, Limits, Query
from recommender.required import Duty, required_of
from web.schemas import AboutPerson, AssignmentItem, BegunItem, CompletionItem, Person, SkillClaim


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something of a request that the answer does not rest on: where it stood, what it was, and why."""

    pointer: str
    id: str
    why: str


_NOTHING: IntArray = frozen(np.empty(0, dtype=np.int32))
_NO_SHARES: FloatArray = frozen(np.empty(0, dtype=np.float32))
_NO_CLAIMS = Claims()
_NO_FEEDBACK = Feedback()


@dataclass(slots=True)
class Translation:
    """Looks up external ids and keeps what was not found."""

    ignored: list[Ignored] = field(default_factory=list)

    def position(self, ids: Ids, one: str | None, *, at: str, kind: str) -> int:
        """Return the position of an id, `NONE` if absent or unknown."""
        if one is None:
            return NONE
        found = ids.find(one)
        if found == NONE:
            self.ignored.append(Ignored(at, one, f"unknown {kind}"))
        return found

    def positions(self, ids: Ids, many: Sequence[str], *, at: str, kind: str) -> IntArray:
        """Return the known positions among ids, ascending, each once."""
        if not many:
            return _NOTHING
        found = {self.position(ids, one, at=f"{at}/{i}", kind=kind) for i, one in enumerate(many)}
        return frozen(np.array(sorted(found - {NONE}), dtype=np.int32))


def build_query(
    asked: AboutPerson, *, catalog: Catalog, roles: Roles, skills: Ids, as_of: int
) -> tuple[Query, list[Ignored]]:
    """Return the query a request stands for, and what of it was left out.

    Of several completions of one course the first counts. Completions and claims at or after `as_of` are not known yet;
    a claim without a moment is of now.
    """
    person, courses, translation = asked.person, catalog.ids, Translation()
    role_idx = translation.position(roles.ids, person.role_id, at="/person/role_id", kind="role")
    done = _completions(person.history, courses, translation, as_of=as_of)
    taken = _first_of_each(done)
    taken_at, taken_idx = zip(*taken, strict=True) if taken else ((), ())
    begun, progress = _begun(person.in_progress, courses, translation)
    query = Query(
        as_of=as_of,
        history=frozen(np.array(taken_idx, dtype=np.int32)),
        history_at=frozen(np.array(taken_at, dtype=np.int64)),
        role_idx=role_idx,
        role_names=roles.names_of(role_idx),
        target_role_idx=translation.position(
            roles.ids, person.target_role_id, at="/person/target_role_id", kind="role"
        ),
        department=person.department,
        location=person.location,
        hours_per_week=person.hours_per_week,
        budget=person.budget,
        in_progress=begun,
        progress=progress,
        feedback=_feedback(person, courses, translation, as_of=as_of),
        claims=Claims.weigh(_claims(person.skills, skills, translation, as_of=as_of)) if person.skills else _NO_CLAIMS,
        limits=_limits(asked, courses, translation),
    )
    if not person.assignments:
        return query, translation.ignored
    required = required_of(
        _duties(person.assignments, courses, translation),
        catalog,
        completed=np.array([course for _, course in done], dtype=np.int32),
        completed_at=np.array([at for at, _ in done], dtype=np.int64),
        as_of=as_of,
    )
    return query.requiring(required), translation.ignored


def _feedback(person: Person, courses: Ids, translation: Translation, *, as_of: int) -> Feedback:
    if not person.dismissed and not person.feedback:
        return _NO_FEEDBACK
    return Feedback.of(_said(person, courses, translation, as_of=as_of))


def _said(person: Person, courses: Ids, translation: Translation, *, as_of: int) -> Iterator[tuple[int, str, int]]:
    """Yield (position, verb, time) of what the person said of known courses before `as_of`; undated is of now."""
    for course in translation.positions(courses, person.dismissed, at="/person/dismissed", kind="course").tolist():
        yield course, "not_interested", as_of
    for i, one in enumerate(person.feedback):
        at = f"/person/feedback/{i}"
        if one.at is not None and one.at >= as_of:
            translation.ignored.append(Ignored(f"{at}/at", one.course_id, "not before as_of"))
            continue
        course = translation.position(courses, one.course_id, at=f"{at}/course_id", kind="course")
        if course != NONE:
            yield course, one.verb, as_of if one.at is None else one.at


def _begun(items: Sequence[BegunItem], courses: Ids, translation: Translation) -> tuple[IntArray, FloatArray]:
    """Return the known courses begun, ascending, each once, and the largest share said to be done of each."""
    if not items:
        return _NOTHING, _NO_SHARES
    share: dict[int, float] = {}
    for i, one in enumerate(items):
        course = translation.position(courses, one.course_id, at=f"/person/in_progress/{i}/course_id", kind="course")
        share[course] = max(one.progress, share.get(course, 0.0))
    share.pop(NONE, None)
    known = sorted(share)
    return frozen(np.array(known, dtype=np.int32)), frozen(np.array([share[c] for c in known], dtype=np.float32))


def _duties(assignments: Sequence[AssignmentItem], courses: Ids, translation: Translation) -> Iterator[Duty]:
    for i, one in enumerate(assignments):
        course = translation.position(courses, one.course_id, at=f"/person/assignments/{i}/course_id", kind="course")
        if course != NONE:
            yield Duty(course, one.due_at, one.recur_days)


def _limits(asked: AboutPerson, courses: Ids, translation: Translation) -> Limits:
    only = None if asked.only is None else translation.positions(courses, asked.only, at="/only", kind="course")
    return Limits(
        max_hours=asked.max_hours,
        max_cost=asked.max_cost,
        languages=tuple(asked.language),
        formats=tuple(asked.format),
        exclude=translation.positions(courses, asked.exclude, at="/exclude", kind="course"),
        only=only,
    )


def _claims(
    claims: Sequence[SkillClaim], skills: Ids, translation: Translation, *, as_of: int
) -> Iterator[tuple[int, int, str, int]]:
    """Yield (position, level, source, time) of each claim about a known skill before `as_of`."""
    for i, claim in enumerate(claims):
        at = f"/person/skills/{i}"
        if claim.observed_at is not None and claim.observed_at >= as_of:
            translation.ignored.append(Ignored(f"{at}/observed_at", claim.skill_id, "not before as_of"))
            continue
        skill = translation.position(skills, claim.skill_id, at=f"{at}/skill_id", kind="skill")
        if skill != NONE:
            yield skill, claim.level, claim.source, as_of if claim.observed_at is None else claim.observed_at


def _completions(
    history: Sequence[CompletionItem], courses: Ids, translation: Translation, *, as_of: int
) -> list[tuple[int, int]]:
    """Return (time, position) of every completion of a known course before `as_of`, oldest first."""
    found, find = [], courses.index.get
    for i, item in enumerate(history):
        at, course = item.completed_at, find(item.course_id)
        if at >= as_of:
            translation.ignored.append(Ignored(f"/person/history/{i}/completed_at", item.course_id, "not before as_of"))
        elif course is None:
            translation.ignored.append(Ignored(f"/person/history/{i}/course_id", item.course_id, "unknown course"))
        else:
            found.append((at, course))
    found.sort()
    return found


def _first_of_each(completions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the first completion of each course, oldest first, of completions oldest first."""
    first = {course: at for at, course in reversed(completions)}
    if len(first) == len(completions):
        return completions
    return sorted((at, course) for course, at in first.items())
