"""Build the courses, the skills and the roles of `recommender.catalog` from plain columns, filling in what is not known.

Where the columns come from, files or a database, makes no difference here: the same values give the same tables. The
rules for what is not known are those of design section 4: a level from the difficulty, an entry level two below the level
reached, the median for hours, importance 1, confidence 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, FloatArray, Ids, IntArray, LongArray, Ragged, frozen
from recommender.catalog import LEVEL_OF_DIFFICULTY, Catalog, Roles, SkillRows, Skills
from recommender.schema import DIFFICULTIES

_ROLE_LEVEL = 3
"""The level a role is taken to need where none is given: working (design, section 2)."""

_DIFFICULTY_CODE = {"": 0, **{name: code for code, name in enumerate(DIFFICULTIES, start=1)}}


@dataclass(frozen=True, slots=True)
class SkillColumns:
    """Which skill each course teaches or each role needs, one row each, in any order; all of shape (n_rows,).

    Parameters
    ----------
    owner_idx, skill_idx
        Positions of the course or role, and of the skill. A row in which either is `NONE` is left out.
    level
        1–5, NaN where not given.
    inferred
        Whether the row says of itself that it was inferred.
    entry_level
        0–4 and NaN where not given; courses only, None stands for all NaN.
    importance
        In (0, 1], NaN where not given; roles only, None stands for all NaN.
    confidence
        In (0, 1], NaN where not given; courses only, None stands for all NaN.
    """

    owner_idx: IntArray
    skill_idx: IntArray
    level: FloatArray
    inferred: BoolArray
    entry_level: FloatArray | None = None
    importance: FloatArray | None = None
    confidence: FloatArray | None = None

    @classmethod
    def empty(cls) -> SkillColumns:
        """Return no rows at all."""
        none, nothing = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        return cls(none, none, nothing, np.empty(0, dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class CourseColumns:
    """The table of courses column by column, each of length n, in the order of `ids`; "" and NaN where not given.

    Parameters
    ----------
    titles, descriptions, providers, formats, languages, urls, uris, credentials
        Texts. A course without a uri is known by its id.
    tags, audience, prerequisites, supersedes
        Cells with many values between bars: `a|b`. Ids of courses that `ids` does not have are left out.
    difficulties
        One of `schema.DIFFICULTIES` or "".
    hours, cost
        float32, NaN where not given.
    available_from, available_to
        int64 seconds; `EARLIEST` and `LATEST` where not given.
    published
        int8, 1 published, 0 not, −1 not given, which counts as published.
    """

    ids: Ids
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    providers: tuple[str, ...]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    urls: tuple[str, ...]
    uris: tuple[str, ...]
    credentials: tuple[str, ...]
    tags: tuple[str, ...]
    audience: tuple[str, ...]
    prerequisites: tuple[str, ...]
    supersedes: tuple[str, ...]
    difficulties: tuple[str, ...]
    hours: FloatArray
    cost: FloatArray
    available_from: LongArray
    available_to: LongArray
    published: NDArray[np.int8]


def catalog_from_columns(courses: CourseColumns, taught: SkillColumns) -> Catalog:
    """Build the courses and what they teach, in the order of the columns."""
    ids = courses.ids
    difficulty = np.array([_DIFFICULTY_CODE[name] for name in courses.difficulties], dtype=np.int8)
    unknown = np.isnan(courses.hours)
    return Catalog(
        ids=ids,
        titles=courses.titles,
        descriptions=courses.descriptions,
        providers=courses.providers,
        formats=courses.formats,
        languages=courses.languages,
        urls=courses.urls,
        uris=tuple(uri or one for uri, one in zip(courses.uris, ids.ids, strict=True)),
        credentials=courses.credentials,
        tags=tuple(map(pieces, courses.tags)),
        audience=tuple(map(pieces, courses.audience)),
        difficulty=frozen(difficulty),
        hours=frozen(np.where(unknown, _median(courses.hours), courses.hours)),
        hours_assumed=frozen(unknown),
        cost=frozen(courses.cost),
        available_from=frozen(courses.available_from),
        available_to=frozen(courses.available_to),
        published=frozen(courses.published != 0),
        prerequisites=Ragged.from_rows(neighbours(cell, ids) for cell in courses.prerequisites),
        supersedes=Ragged.from_rows(neighbours(cell, ids) for cell in courses.supersedes),
        skills=taught_rows(taught, difficulty=difficulty),
    )


def skills_from_columns(ids: Ids, names: Sequence[str], kinds: Sequence[str]) -> Skills:
    """Build the skills; one without a name is named by its id."""
    return Skills(ids, _named(names, ids), tuple(kinds))


def roles_from_columns(
    ids: Ids, titles: Sequence[str], families: Sequence[str], descriptions: Sequence[str], needs: SkillColumns
) -> Roles:
    """Build the roles and what they need; one without a title is titled by its id."""
    return Roles(ids, _named(titles, ids), tuple(families), tuple(descriptions), needed_rows(needs, n_roles=len(ids)))


def taught_rows(taught: SkillColumns, *, difficulty: NDArray[np.int8]) -> SkillRows:
    """Return what courses teach, one row for each of `difficulty` (code 0–4); a level not given follows from it."""
    assumed = LEVEL_OF_DIFFICULTY[difficulty[taught.owner_idx]] if len(difficulty) else 0
    confidence = _given(taught.confidence, taught, otherwise=1)
    return _cut(
        taught,
        np.where(np.isnan(taught.level), assumed, taught.level),
        weight=confidence,
        confidence=confidence,
        n_rows=len(difficulty),
    )


def needed_rows(needs: SkillColumns, *, n_roles: int) -> SkillRows:
    """Return what `n_roles` roles need; a level not given is 3, an importance not given 1."""
    return _cut(
        needs,
        np.where(np.isnan(needs.level), _ROLE_LEVEL, needs.level),
        weight=_given(needs.importance, needs, otherwise=1),
        confidence=np.ones(len(needs.level), dtype=np.float32),
        n_rows=n_roles,
    )


def pieces(cell: str) -> tuple[str, ...]:
    """Return the values of a many-valued cell, each once, in order, without spaces around them."""
    if "|" not in cell:  # most cells: nothing, or one value
        one = cell.strip()
        return (one,) if one else ()
    return tuple(dict.fromkeys(piece for piece in (piece.strip() for piece in cell.split("|")) if piece))


def neighbours(cell: str, ids: Ids) -> list[int]:
    """Return the positions of the known ids in a many-valued cell, in order."""
    return [i for i in map(ids.find, pieces(cell)) if i != NONE]


def _named(names: Sequence[str], ids: Ids) -> tuple[str, ...]:
    return tuple(name or one for name, one in zip(names, ids.ids, strict=True))


def _median(hours: FloatArray) -> np.float32:
    known = hours[~np.isnan(hours)]
    return np.float32(np.median(known)) if len(known) else np.float32(1)


def _given(values: FloatArray | None, rows: SkillColumns, *, otherwise: float) -> FloatArray:
    if values is None:
        return np.full(len(rows.level), otherwise, dtype=np.float32)
    return np.where(np.isnan(values), np.float32(otherwise), values)


def _cut(
    rows: SkillColumns,
    level: NDArray[np.floating],
    *,
    weight: FloatArray,
    confidence: FloatArray,
    n_rows: int,
) -> SkillRows:
    """Sort rows by owner, then skill, leave out those that lack either, and cut them by owner."""
    order = np.lexsort((rows.skill_idx, rows.owner_idx))
    order = order[(rows.owner_idx[order] != NONE) & (rows.skill_idx[order] != NONE)]
    level, entry_level = level[order], _given(rows.entry_level, rows, otherwise=np.nan)[order]
    declared = ~np.isnan(entry_level)
    return SkillRows(
        indptr=frozen(np.searchsorted(rows.owner_idx[order], np.arange(n_rows + 1)).astype(np.int64)),
        skill_idx=frozen(rows.skill_idx[order].astype(np.int32)),
        level=frozen(level.astype(np.int8)),
        entry_level=frozen(np.where(declared, entry_level, np.maximum(level - 2, 0)).astype(np.int8)),
        entry_declared=frozen(declared),
        weight=frozen(weight[order].astype(np.float32)),
        inferred=frozen(rows.inferred[order]),
        confidence=frozen(confidence[order].astype(np.float32)),
    )
