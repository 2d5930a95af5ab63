"""From the positions of one data set to those of a model fitted on another, by id.

A course, role or skill the model does not know has no position in it, and is left out of the question. `updated` makes a
model know the courses, the skills and the roles of a data set.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from recommender.arrays import NONE, FloatArray, Ids, IntArray, LongArray, Ragged, frozen
from recommender.catalog import Catalog, Roles, SkillRows, Skills
from recommender.company import Dataset
from recommender.model import Model
from recommender.query import Claims, Feedback, Limits, Query
from recommender.required import Required
from recommender.stored_tables import pack_tables


@dataclass(frozen=True)
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

    @cached_property
    def _changes_nothing(self) -> bool:
        """Whether everything stands where it does in the data set: so it is for the tables of the fit themselves."""
        places = (self.courses, self.roles, self.skills)
        return self.target_role_idx is None and all((one == np.arange(len(one))).all() for one in places)

    def query(self, asked: Query) -> Query:
        """Return a query of the data set as one of the model."""
        if self._changes_nothing:
            return asked
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
        if not len(course_idx):
            return course_idx
        found = self.courses[course_idx]
        return frozen(found[found != NONE])

    def _required(self, required: tuple[Required, ...]) -> tuple[Required, ...]:
        moved = (replace(one, course_idx=int(self.courses[one.course_idx])) for one in required)
        return tuple(one for one in moved if one.course_idx != NONE)

    def _claims(self, claims: Claims) -> Claims:
        if not len(claims.skill_idx):
            return claims
        skill = self.skills[claims.skill_idx]
        order = np.argsort(skill, kind="stable")[int((skill == NONE).sum()) :]
        level, source, at = claims.level[order], claims.source[order], claims.at[order]
        return Claims(frozen(skill[order]), frozen(level), frozen(source), frozen(at))

    def _feedback(self, feedback: Feedback) -> Feedback:
        if not len(feedback):
            return feedback
        moved = ((int(self.courses[course]), verb, at) for course, verb, at in feedback.rows())
        return Feedback.of(row for row in moved if row[0] != NONE)

    def _begun(self, asked: Query) -> tuple[IntArray, FloatArray]:
        if not len(asked.in_progress):
            return asked.in_progress, asked.progress
        courses = self.courses[asked.in_progress]
        order = np.argsort(courses, kind="stable")[int((courses == NONE).sum()) :]
        return frozen(courses[order]), frozen(asked.progress[order])

    def _limits(self, limits: Limits) -> Limits:
        if limits.only is None and not len(limits.exclude):
            return limits
        only = None if limits.only is None else self._courses(limits.only)
        return replace(limits, exclude=self._courses(limits.exclude), only=only)


def updated(model: Model, data: Dataset) -> tuple[Model, str]:
    """Return the model answering from the courses, the skills and the roles of a data set, and a sentence on what changed.

    Nothing is refitted: `later_tables` says what is taken over. The sentence is "" and the model the same where all is
    as it was. A data set without any role leaves those of the model as they are.
    """
    later = later_tables(model, data.catalog, data.skills, data.roles if len(data.roles) else None)
    if _equal((model.catalog, model.skills, model.roles), later):
        return model, ""
    return model.with_tables(*later), _told(model, data, *later)


def later_tables(model: Model, catalog: Catalog, skills: Skills, roles: Roles | None) -> tuple[Catalog, Skills, Roles]:
    """Return tables in a model's positions: what the model knows first, in its order, then what it does not.

    Positions in `catalog` and `roles` of skills are those of `skills`. What the tables say of a course, skill or role
    replaces what the model knew, but for skills that the model inferred where the tables say none: they are kept.
    A course the tables no longer have keeps what was known of it and is unpublished; a role they no longer have keeps its
    title and needs nothing; a skill stays. Without `roles` those of the model stay.

    Call it with the model as it was loaded, not with one that answers from later tables already: what that one no longer
    knows, such as skills inferred before a course said its own, cannot come back.
    """
    known = _joined_skills(model.skills, skills)
    to_skill = known.ids.find_all(skills.ids.ids)
    return (
        _later_catalog(model.catalog, catalog, to_skill),
        known,
        model.roles if roles is None else _later_roles(model.roles, roles, to_skill),
    )


def _told(model: Model, data: Dataset, catalog: Catalog, skills: Skills, roles: Roles) -> str:
    """Return what differs between a model and later tables, in one sentence or two."""
    there = data.catalog.ids.index.keys()
    gone = sum(
        one not in there and was for one, was in zip(model.catalog.ids.ids, model.catalog.published, strict=True)
    )
    new = len(catalog) - len(model.catalog)
    told = f"The catalogue is that of the tables, later than the fit: {new:,} courses added, {gone:,} withdrawn."
    needed, needs = (np.diff(one.needs.indptr) > 0 for one in (model.roles, roles))
    emptied = int((needed & ~needs[: len(needed)]).sum())
    more = (len(roles) - len(model.roles), emptied, len(skills.ids) - len(model.skills.ids))
    return f"{told} {more[0]:,} roles added, {more[1]:,} emptied, {more[2]:,} skills added." if any(more) else told


def _joined_skills(known: Skills, told: Skills) -> Skills:
    ids, rows, _ = _places(known.ids, told.ids)
    return Skills(ids, _picked(told.names + known.names, rows), _picked(told.kinds + known.kinds, rows))


def _later_roles(known: Roles, told: Roles, to_skill: IntArray) -> Roles:
    ids, rows, there = _places(known.ids, told.ids)
    # Behind the rows of both, one that is empty: what a role that is gone needs.
    needed = _with_inferred(told.needs, known.needs, rows, there)
    needed[: len(known)][there == NONE] = len(told) + len(known)
    return Roles(
        ids=ids,
        titles=_picked(told.titles + known.titles, rows),
        families=_picked(told.families + known.families, rows),
        descriptions=_picked(told.descriptions + known.descriptions, rows),
        needs=_skill_rows(told.needs, known.needs, needed, to_skill),
    )


def _places(known: Ids, told: Ids) -> tuple[Ids, LongArray, IntArray]:
    """Return the ids of both, those known first; which row of `told` and, behind them, of `known` stands at each.

    Last, where in `told` each known one is, `NONE` where it is not.
    """
    there = told.find_all(known.ids)
    new = np.flatnonzero(known.find_all(told.ids) == NONE)
    ids = Ids([*known.ids, *(told.ids[i] for i in new.tolist())])
    return ids, np.concatenate([np.where(there == NONE, len(told) + np.arange(len(known)), there), new]), there


def _later_catalog(known: Catalog, told: Catalog, to_skill: IntArray) -> Catalog:
    ids, rows, there = _places(known.ids, told.ids)
    to_position = ids.find_all(told.ids.ids)
    columns: dict[str, Any] = {"ids": ids}
    for name in (field.name for field in fields(Catalog) if field.name != "ids"):
        one, other = getattr(told, name), getattr(known, name)
        if isinstance(one, np.ndarray):
            columns[name] = frozen(np.concatenate([one, other])[rows])
        elif isinstance(one, Ragged):
            indptr, flat = _cut(one.indptr, other.indptr, rows)
            columns[name] = Ragged(indptr, frozen(np.concatenate([to_position[one.values], other.values])[flat]))
        elif isinstance(one, SkillRows):
            columns[name] = _skill_rows(one, other, _with_inferred(one, other, rows, there), to_skill)
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


def _skill_rows(told: SkillRows, known: SkillRows, rows: LongArray, to_skill: IntArray) -> SkillRows:
    """Return the skill rows at `rows` of the two, one behind the other, and behind them a row with nothing in it."""
    indptr, flat = _cut(told.indptr, known.indptr, rows)
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(told, field.name), getattr(known, field.name)])[flat]
        for field in fields(SkillRows)
        if field.name != "indptr"
    }
    columns["skill_idx"] = np.concatenate([to_skill[told.skill_idx], known.skill_idx])[flat]
    # Within a row by skill, whatever the order of the tables' own.
    order = np.lexsort((columns["skill_idx"], np.repeat(np.arange(len(rows)), np.diff(indptr))))
    return SkillRows(indptr=indptr, **{name: frozen(column[order]) for name, column in columns.items()})


def _cut(told: LongArray, known: LongArray, rows: LongArray) -> tuple[LongArray, LongArray]:
    """Return where rows begin and end, and the flat positions of what they hold, by the `indptr` of two tables.

    The values of the two stand one behind the other; so do their rows, and behind them is one with nothing in it.
    """
    starts = np.concatenate([told, told[-1] + known[1:]])
    lengths = np.append(np.diff(starts), 0)[rows]
    ends = np.cumsum(lengths)
    flat = np.arange(lengths.sum()) + np.repeat(starts[rows] - (ends - lengths), lengths)
    return frozen(np.append(0, ends).astype(np.int64)), flat.astype(np.int64)


def _equal(one: tuple[Catalog, Skills, Roles], other: tuple[Catalog, Skills, Roles]) -> bool:
    """Tell whether tables are the same, to the last bit."""
    (arrays, documents), (others, texts) = pack_tables(*one), pack_tables(*other)
    return documents == texts and all(array.tobytes() == others[name].tobytes() for name, array in arrays.items())
