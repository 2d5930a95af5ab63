"""From the positions of one data set to those of a model fitted on another, by id.

A course, role or skill the model does not know has no position in it, and is left out of the question. `updated` makes a
model know the courses of a data set.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from recommender.arrays import NONE, FloatArray, Ids, IntArray, LongArray, Ragged, frozen
from recommender.catalog import Catalog, SkillRows
from recommender.company import Dataset
from recommender.model import Model
from recommender.query import Claims, Feedback, Limits, Query
from recommender.required import Required
from recommender.stored_tables import pack_tables


@dataclass(frozen=True, slots=True)
class Translation:
    """Where each course, role and skill of a data set stands in a model, `NONE` where it does not.

    `courses` has shape (n_courses,), `roles` (n_roles,), `skills` (n_skills,), all of the data set.
    `target_role_idx` is the model's position of the role everyone is asked about; None leaves each person's own.
    """

    courses: IntArray
    roles: IntArray
    skills: IntArray
    target_role_idx: int | None = None

    @classmethod
    def between(cls, data: Dataset, model: Model, *, target_role: str | None = None) -> Translation:
        """Look up every id of a data set in a model."""
        return cls(
            frozen(model.catalog.ids.find_all(data.catalog.ids.ids)),
            frozen(model.roles.ids.find_all(data.roles.ids.ids)),
            frozen(model.skills.ids.find_all(data.skills.ids.ids)),
            None if target_role is None else model.roles.ids.find(target_role),
        )

    def query(self, asked: Query) -> Query:
        """Return a query of the data set as one of the model."""
        history = self.courses[asked.history]
        known = history != NONE
        target = self._role(asked.target_role_idx) if self.target_role_idx is None else self.target_role_idx
        begun, progress = self._begun(asked)
        return replace(
            asked,
            history=frozen(history[known]),
            history_at=frozen(asked.history_at[known]),
            role_idx=self._role(asked.role_idx),
            target_role_idx=target,
            in_progress=begun,
            progress=progress,
            feedback=self._feedback(asked.feedback),
            due_again=self._courses(asked.due_again),
            required=self._required(asked.required),
            claims=self._claims(asked.claims),
            limits=self._limits(asked.limits),
        )

    def _role(self, role_idx: int) -> int:
        return NONE if role_idx == NONE else int(self.roles[role_idx])

    def _courses(self, course_idx: IntArray) -> IntArray:
        found = self.courses[course_idx]
        return frozen(found[found != NONE])

    def _required(self, required: tuple[Required, ...]) -> tuple[Required, ...]:
        moved = (replace(one, course_idx=int(self.courses[one.course_idx])) for one in required)
        return tuple(one for one in moved if one.course_idx != NONE)

    def _claims(self, claims: Claims) -> Claims:
        skill = self.skills[claims.skill_idx]
        order = np.argsort(skill, kind="stable")[int((skill == NONE).sum()) :]
        level, source, at = claims.level[order], claims.source[order], claims.at[order]
        return Claims(frozen(skill[order]), frozen(level), frozen(source), frozen(at))

    def _feedback(self, feedback: Feedback) -> Feedback:
        moved = ((int(self.courses[course]), verb, at) for course, verb, at in feedback.rows())
        return Feedback.of(row for row in moved if row[0] != NONE)

    def _begun(self, asked: Query) -> tuple[IntArray, FloatArray]:
        courses = self.courses[asked.in_progress]
        order = np.argsort(courses, kind="stable")[int((courses == NONE).sum()) :]
        return frozen(courses[order]), frozen(asked.progress[order])

    def _limits(self, limits: Limits) -> Limits:
        only = None if limits.only is None else self._courses(limits.only)
        return replace(limits, exclude=self._courses(limits.exclude), only=only)


def updated(model: Model, data: Dataset) -> tuple[Model, str]:
    """Return the model answering from the courses of a data set, and a sentence on what changed.

    Courses the model does not know are added, those the data set no longer has are withdrawn, everything known of the
    others is as the data set says, but for skills inferred where it says none: they are kept. Nothing is refitted. The
    sentence is "" and the model the same where all is as it was. Skills the model does not know are left out: none of its
    roles needs them.
    """
    later = later_catalog(model, data)
    if _equal(model, later):
        return model, ""
    there = data.catalog.ids.index.keys()
    n_gone = sum(
        one not in there and was for one, was in zip(model.catalog.ids.ids, model.catalog.published, strict=True)
    )
    n_new = len(later) - len(model.catalog)
    told = f"The catalogue is that of the tables, later than the fit: {n_new:,} courses added, {n_gone:,} withdrawn."
    return model.with_catalog(later), told


def later_catalog(model: Model, data: Dataset) -> Catalog:
    """Return the courses of a data set in a model's positions: the model's own first, then those it does not know.

    A course of the model that the data set does not have keeps what was known of it and is unpublished.
    """
    known, told = model.catalog, data.catalog
    there = told.ids.find_all(known.ids.ids)
    new = np.flatnonzero(known.ids.find_all(told.ids.ids) == NONE)
    ids = Ids([*known.ids.ids, *(told.ids[i] for i in new.tolist())])
    # Rows of the data set and, behind them, of the model: which of them stands at each position.
    rows = np.concatenate([np.where(there == NONE, len(told) + np.arange(len(known)), there), new])
    to_position = ids.find_all(told.ids.ids)
    columns: dict[str, Any] = {"ids": ids}
    for name in (field.name for field in fields(Catalog) if field.name != "ids"):
        one, other = getattr(told, name), getattr(known, name)
        if isinstance(one, np.ndarray):
            columns[name] = frozen(np.concatenate([one, other])[rows])
        elif isinstance(one, Ragged):
            both = [*(to_position[one.row(i)] for i in range(len(one))), *(other.row(i) for i in range(len(other)))]
            columns[name] = Ragged.from_rows(_picked(tuple(both), rows))
        elif isinstance(one, SkillRows):
            columns[name] = _skill_rows(
                one, other, _with_inferred(one, other, rows, there), model.skills.ids.find_all(data.skills.ids.ids)
            )
        else:
            columns[name] = _picked(one + other, rows)
    later = Catalog(**columns)
    later = replace(later, hours=frozen(np.where(later.hours_assumed, _usual_hours(known), later.hours)))
    return replace(later, published=frozen(later.published & (rows < len(told))))


def _usual_hours(known: Catalog) -> np.float32:
    """Return what the model takes for hours nobody told: other courses of the tables must not change it."""
    assumed = known.hours[known.hours_assumed]
    return np.float32(assumed[0] if len(assumed) else np.median(known.hours) if len(known) else 1)


def _picked(values: tuple[Any, ...], rows: LongArray) -> tuple[Any, ...]:
    return tuple(values[i] for i in rows.tolist())


def _with_inferred(told: SkillRows, known: SkillRows, rows: LongArray, there: IntArray) -> LongArray:
    """Return `rows` with the model's own where the tables are silent and the model inferred what a course teaches."""
    owner = np.repeat(np.arange(len(known)), np.diff(known.indptr))
    inferred = np.bincount(owner, weights=known.inferred, minlength=len(known)) > 0
    kept = rows.copy()
    silent = np.append(np.diff(told.indptr) == 0, False)[there]  # NONE is −1: the last, not silent but absent
    own = silent & inferred
    kept[: len(known)][own] = len(told) + np.flatnonzero(own)
    return kept


def _skill_rows(told: SkillRows, known: SkillRows, rows: LongArray, skills: IntArray) -> SkillRows:
    """Return the skill rows at `rows` of the two, one behind the other, without the skills that are not known."""
    indptr = np.concatenate([told.indptr, told.indptr[-1] + known.indptr[1:]])
    lengths = np.diff(indptr)[rows]
    flat = np.arange(lengths.sum()) + np.repeat(indptr[rows] - (np.cumsum(lengths) - lengths), lengths)
    owner = np.repeat(np.arange(len(rows)), lengths)
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(told, field.name), getattr(known, field.name)])[flat]
        for field in fields(SkillRows)
        if field.name != "indptr"
    }
    columns["skill_idx"] = np.concatenate([skills[told.skill_idx], known.skill_idx])[flat]
    kept = columns["skill_idx"] != NONE
    indptr = np.searchsorted(owner[kept], np.arange(len(rows) + 1)).astype(np.int64)
    return SkillRows(indptr=frozen(indptr), **{name: frozen(column[kept]) for name, column in columns.items()})


def _equal(model: Model, later: Catalog) -> bool:
    """Tell whether a catalogue is the model's own, to the last bit."""
    (arrays, documents), (others, texts) = (
        pack_tables(one, model.skills, model.roles) for one in (model.catalog, later)
    )
    return documents == texts and all(array.tobytes() == others[name].tobytes() for name, array in arrays.items())
