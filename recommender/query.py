"""The question: one person, a moment, a target role and limits, in positions.

A query carries everything an answer depends on besides the model and the catalogue. It is made from the store, from a
data directory or from a request; no scorer ever sees an employee's id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.arrays import EARLIEST, NO_COURSES, NONE, FloatArray, IntArray, LongArray, frozen
from recommender.company import Dataset, Dated
from recommender.required import Required, duties_of, required_of
from recommender.schema import EVIDENCE_SOURCES, FEEDBACK_VERBS

_NO_CODES: NDArray[np.int8] = frozen(np.empty(0, dtype=np.int8))
_NO_TIMES: LongArray = frozen(np.empty(0, dtype=np.int64))
_NO_SHARES: FloatArray = frozen(np.empty(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Limits:
    """What the answer must keep to; None or empty means no limit. Hours and cost are those of one course."""

    max_hours: float | None = None
    max_cost: float | None = None
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    exclude: IntArray = field(default_factory=lambda: NO_COURSES)
    only: IntArray | None = None

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        said = self.max_hours is not None or self.max_cost is not None or self.only is not None
        return said or bool(self.languages or self.formats) or len(self.exclude) > 0


@dataclass(frozen=True, slots=True)
class Claims:
    """What is claimed of a person's skills: one weighed claim a skill, in parallel arrays of shape (n,).

    `skill_idx` int32 ascending, `level` int8 0–5, `source` int8 a position in `schema.EVIDENCE_SOURCES`, `at` int64
    seconds (`EARLIEST` where undated).
    """

    skill_idx: IntArray = field(default_factory=lambda: NO_COURSES)
    level: NDArray[np.int8] = field(default_factory=lambda: _NO_CODES)
    source: NDArray[np.int8] = field(default_factory=lambda: _NO_CODES)
    at: LongArray = field(default_factory=lambda: _NO_TIMES)

    @classmethod
    def weigh(cls, claims: Iterable[tuple[int, int, str, int]]) -> Claims:
        """Keep of each skill the newest claim of its most trusted source.

        `claims` are (skill position, level, source, time), in any order; equal ones are settled by the higher level.
        """
        best: dict[int, tuple[int, int, int]] = {}
        for skill, level, source, at in claims:
            rank = (EVIDENCE_SOURCES.index(source), -at, -level)
            if skill not in best or rank < best[skill]:
                best[skill] = rank
        skills = sorted(best)
        return cls(
            skill_idx=frozen(np.array(skills, dtype=np.int32)),
            level=frozen(np.array([-best[s][2] for s in skills], dtype=np.int8)),
            source=frozen(np.array([best[s][0] for s in skills], dtype=np.int8)),
            at=frozen(np.array([-best[s][1] for s in skills], dtype=np.int64)),
        )

    def rows(self) -> Iterator[tuple[int, int, str, int]]:
        """Yield (skill position, level, source, time) of each claim, as `weigh` takes them."""
        columns = (self.skill_idx.tolist(), self.level.tolist(), self.source.tolist(), self.at.tolist())
        for skill, level, source, at in zip(*columns, strict=True):
            yield skill, level, EVIDENCE_SOURCES[source], at


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of courses, the latest word on each, in parallel arrays of shape (n,).

    `course_idx` int32 ascending, `verb` int8 a position in `schema.FEEDBACK_VERBS`, `at` int64 seconds (`EARLIEST`
    where undated). What each verb does is said in `recommender.eligibility` and `recommender.profile`.
    """

    course_idx: IntArray = field(default_factory=lambda: NO_COURSES)
    verb: NDArray[np.int8] = field(default_factory=lambda: _NO_CODES)
    at: LongArray = field(default_factory=lambda: _NO_TIMES)

    @classmethod
    def of(cls, said: Iterable[tuple[int, str, int]]) -> Feedback:
        """Keep the latest of (course position, verb, time), in any order; of equal times the first verb of the schema."""
        latest: dict[int, tuple[int, int]] = {}
        for course, verb, at in said:
            word = (at, -FEEDBACK_VERBS.index(verb))
            latest[course] = max(word, latest.get(course, word))
        courses = sorted(latest)
        return cls(
            frozen(np.array(courses, dtype=np.int32)),
            frozen(np.array([-latest[c][1] for c in courses], dtype=np.int8)),
            frozen(np.array([latest[c][0] for c in courses], dtype=np.int64)),
        )

    def __len__(self) -> int:
        return len(self.course_idx)

    def rows(self) -> Iterator[tuple[int, str, int]]:
        """Yield (course position, verb, time) of each word, as `of` takes them."""
        for course, verb, at in zip(self.course_idx.tolist(), self.verb.tolist(), self.at.tolist(), strict=True):
            yield course, FEEDBACK_VERBS[verb], at

    def saying(self, *verbs: str) -> IntArray:
        """Return the courses of which one of these verbs was said, ascending."""
        return self.course_idx[np.isin(self.verb, [FEEDBACK_VERBS.index(verb) for verb in verbs])]

    def without(self, course_idx: int) -> Feedback:
        """Return what is left when the word on one course is withdrawn."""
        kept = self.course_idx != course_idx
        return Feedback(frozen(self.course_idx[kept]), frozen(self.verb[kept]), frozen(self.at[kept]))


_NO_CLAIMS, _NO_FEEDBACK, _NO_LIMITS = Claims(), Feedback(), Limits()
"""Of most people nothing is claimed, said or asked: one of each for all of them, as everyone is asked about in a batch."""


@dataclass(frozen=True, slots=True)
class Query:
    """One person at one moment.

    Parameters
    ----------
    as_of
        The moment looked from, seconds; nothing later is known.
    history, history_at
        Completed courses (positions, the first completion of each, oldest first; assigned ones too) and when, both
        shape (n,).
    role_idx, target_role_idx
        Positions, `NONE` where unknown.
    department, location, role_names
        "" and () where unknown: what the audience of a course is compared with. Role names are the id and the title of
        the current role.
    hours_per_week, budget
        What the person can give to learning, None where unknown: the defaults of a path.
    in_progress, progress
        Courses begun and not finished, and the share of each that is done, both shape (m,).
    feedback
        What the person said of courses.
    due_again
        Completed courses that are due again.
    required
        Mandatory training not yet done or coming due again, the earliest due first: listed apart, never a suggestion.
    claims
        What manager, assessment, credential or the person say of skills, weighed.
    """

    as_of: int
    history: IntArray = field(default_factory=lambda: NO_COURSES)
    history_at: LongArray = field(default_factory=lambda: _NO_TIMES)
    role_idx: int = NONE
    target_role_idx: int = NONE
    department: str = ""
    location: str = ""
    role_names: tuple[str, ...] = ()
    hours_per_week: float | None = None
    budget: float | None = None
    in_progress: IntArray = field(default_factory=lambda: NO_COURSES)
    progress: FloatArray = field(default_factory=lambda: _NO_SHARES)
    feedback: Feedback = field(default_factory=Feedback)
    due_again: IntArray = field(default_factory=lambda: NO_COURSES)
    required: tuple[Required, ...] = ()
    claims: Claims = field(default_factory=Claims)
    limits: Limits = field(default_factory=Limits)

    @property
    def open_required(self) -> tuple[Required, ...]:
        """The required courses to be listed now, the earliest due first."""
        return tuple(one for one in self.required if one.is_open(self.as_of))

    def requiring(self, required: tuple[Required, ...]) -> Query:
        """Return the question of somebody with this mandatory training; what returns of it is due again."""
        again = {one.course_idx for one in required if one.completed_at is not None and one.is_open(self.as_of)}
        return replace(self, required=required, due_again=frozen(np.array(sorted(again), dtype=np.int32)))

    @property
    def goal_role(self) -> int:
        """The role the person is measured against: the target role, else the current one, else `NONE`."""
        return self.target_role_idx if self.target_role_idx != NONE else self.role_idx


def query_of(data: Dataset, employee_idx: int, *, as_of: int, limits: Limits | None = None) -> Query:
    """Build the query of one employee of a data set as it stood at `as_of`.

    Completions strictly before `as_of` count. Roles come from the dated role changes; an undated target role is visible
    only from the data's own now on, and so are undated feedback and assignments.
    """
    rows = data.completions.span(employee_idx, as_of)
    first = data.completions.first[rows]
    people, role_idx = data.people, data.people.role_at(employee_idx, as_of)
    duties = duties_of(data, employee_idx, as_of=as_of)
    begun, progress = _begun(people.begun, employee_idx, as_of, now=data.now)
    query = Query(
        as_of=as_of,
        history=frozen(data.completions.course_idx[rows][first]),
        history_at=frozen(data.completions.at[rows][first]),
        role_idx=role_idx,
        role_names=data.roles.names_of(role_idx),
        target_role_idx=people.target_at(employee_idx, as_of, now=data.now),
        department=people.departments[employee_idx],
        location=people.locations[employee_idx],
        hours_per_week=_known(people.hours_per_week[employee_idx]),
        budget=_known(people.budget[employee_idx]),
        in_progress=begun,
        progress=progress,
        feedback=_feedback(people.feedback, employee_idx, as_of, now=data.now),
        claims=_claims(people.evidence, employee_idx, as_of, now=data.now),
        limits=limits or _NO_LIMITS,
    )
    if not duties:
        return query
    completed, at = data.completions.course_idx[rows], data.completions.at[rows]
    return query.requiring(required_of(duties, data.catalog, completed=completed, completed_at=at, as_of=as_of))


def _visible(facts: Dated, employee_idx: int, as_of: int, *, now: int) -> slice:
    """Return the facts known at a moment; undated ones (`EARLIEST`) only if it does not lie in the past."""
    rows = facts.span(employee_idx)
    if rows.start == rows.stop:
        return rows
    known = np.searchsorted(facts.at[rows], [EARLIEST if as_of >= now else EARLIEST + 1, as_of])
    return slice(rows.start + int(known[0]), rows.start + int(known[1]))


def _begun(facts: Dated, employee_idx: int, as_of: int, *, now: int) -> tuple[IntArray, FloatArray]:
    """Return the courses begun, ascending, and the latest known share of each that is done."""
    rows = _visible(facts, employee_idx, as_of, now=now)
    if rows.start == rows.stop:
        return NO_COURSES, _NO_SHARES
    share = dict(zip(facts.subject[rows].tolist(), facts.value[rows].tolist(), strict=True))
    courses = sorted(share)
    shares = np.array([share[course] / 100 for course in courses], dtype=np.float32)
    return frozen(np.array(courses, dtype=np.int32)), frozen(shares)


def _feedback(facts: Dated, employee_idx: int, as_of: int, *, now: int) -> Feedback:
    rows = _visible(facts, employee_idx, as_of, now=now)
    if rows.start == rows.stop:
        return _NO_FEEDBACK
    columns = (facts.subject[rows], facts.value[rows], facts.at[rows])
    found = zip(*(column.tolist() for column in columns), strict=True)
    return Feedback.of((course, FEEDBACK_VERBS[verb], at) for course, verb, at in found)


def _known(number: np.float32) -> float | None:
    found = float(number)
    return None if math.isnan(found) else found


def _claims(evidence: Dated, employee_idx: int, as_of: int, *, now: int) -> Claims:
    rows = _visible(evidence, employee_idx, as_of, now=now)
    if rows.start == rows.stop:
        return _NO_CLAIMS
    columns = (evidence.subject[rows], evidence.value[rows], evidence.source[rows], evidence.at[rows])
    found = zip(*(column.tolist() for column in columns), strict=True)
    return Claims.weigh((skill, level, EVIDENCE_SOURCES[source], at) for skill, level, source, at in found)


def recent_history(query: Query, *, most: int) -> tuple[IntArray, LongArray, NDArray[np.float64]]:
    """Return the latest courses, newest first, when they were completed, and how many came after each.

    Courses completed at the same time form one basket: none is before another, so each gets the mean of the places the
    basket fills, and within it they stand by position. A basket that goes beyond `most` loses its last ones; the others
    keep their places. The answer does not depend on the order in which a history was written down. Shapes (m,),
    m ≤ `most`.
    """
    found = kernels.latest_first(query.history, query.history_at, most)
    if found is not None:  # the common case: every basket holds one course, oldest first
        return found
    order = np.lexsort((query.history, -query.history_at))
    at = query.history_at[order]
    _, basket, sizes = np.unique(-at, return_inverse=True, return_counts=True)
    first_place = np.cumsum(sizes) - sizes
    return query.history[order[:most]], at[:most], (first_place + (sizes - 1) / 2)[basket[:most]]
