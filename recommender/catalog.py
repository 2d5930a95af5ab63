"""The courses with what they teach, the skills and the roles with what they need, column by column.

Positions, times and their absence are those of `recommender.arrays`; every array is read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, FloatArray, Ids, IntArray, Levels, LongArray, Ragged, frozen
from recommender.eligibility_kernels import Rules
from recommender.question import Taught

LEVEL_OF_DIFFICULTY = np.array([3, 2, 3, 4, 5], dtype=np.int8)
"""Level a course is assumed to reach, by difficulty code: 0 unknown, 1 beginner … 4 expert (design, section 4)."""


@dataclass(frozen=True, slots=True)
class Skills:
    """The skills: ids, names (the id where no name is known) and kinds ("" unknown)."""

    ids: Ids
    names: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def empty(cls) -> Skills:
        """Return no skills at all."""
        return cls(Ids(()), (), ())


@dataclass(frozen=True, slots=True)
class SkillRows:
    """What each course teaches or each role needs: parallel arrays cut by `indptr`.

    Row i is `slice(indptr[i], indptr[i + 1])` of `skill_idx` int32, `level` int8 (1–5), `entry_level` int8 (0–4; courses
    only), `entry_declared` bool (False: assumed, orders paths but forbids nothing), `weight` float32 in (0, 1] (importance
    of a role's skill; of a course's skill its confidence again), `inferred` bool (True: no table declared it),
    `confidence` float32 in (0, 1] (how likely an inferred row holds; 1 where nothing else is known).
    """

    indptr: LongArray
    skill_idx: IntArray
    level: NDArray[np.int8]
    entry_level: NDArray[np.int8]
    entry_declared: BoolArray
    weight: FloatArray
    inferred: BoolArray
    confidence: FloatArray

    @classmethod
    def empty(cls, n_rows: int) -> SkillRows:
        """Return `n_rows` rows without skills."""
        none, no = frozen(np.empty(0, dtype=np.int8)), frozen(np.empty(0, dtype=np.bool_))
        nothing = frozen(np.empty(0, dtype=np.float32))
        return cls(
            indptr=frozen(np.zeros(n_rows + 1, dtype=np.int64)),
            skill_idx=frozen(np.empty(0, dtype=np.int32)),
            level=none,
            entry_level=none,
            entry_declared=no,
            weight=nothing,
            inferred=no,
            confidence=nothing,
        )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def span(self, i: int) -> slice:
        """Return where row i lies in the parallel arrays."""
        return slice(int(self.indptr[i]), int(self.indptr[i + 1]))

    def flat(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Return, for every entry of some rows, which of `rows` it belongs to and where it stands, row after row."""
        starts = self.indptr[rows]
        lengths = self.indptr[rows + 1] - starts
        owner = np.repeat(np.arange(len(rows)), lengths)
        ends = np.cumsum(lengths)
        at = np.arange(len(owner)) + np.repeat(starts - (ends - lengths), lengths)
        return owner.astype(np.int32), at.astype(np.int32)


@dataclass(frozen=True)
class Catalog:
    """The courses, column by column; every sequence has length n.

    `difficulty` int8, 0 unknown, 1 beginner … 4 expert. `hours` float32 > 0 with the median where unknown
    (`hours_assumed`). `cost` float32, NaN unknown. `available_from`, `available_to` int64 seconds, `to` exclusive.
    `prerequisites` and `supersedes` hold course positions. Texts are "" where unknown.
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
    tags: tuple[tuple[str, ...], ...]
    audience: tuple[tuple[str, ...], ...]
    difficulty: NDArray[np.int8]
    hours: FloatArray
    hours_assumed: BoolArray
    cost: FloatArray
    available_from: LongArray
    available_to: LongArray
    published: BoolArray
    prerequisites: Ragged
    supersedes: Ragged
    skills: SkillRows

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def version_group(self) -> IntArray:
        """Smallest position of the courses tied by `supersedes` in either direction, shape (n,): one group, one course."""
        if not self.has_versions:
            return frozen(np.arange(len(self), dtype=np.int32))
        group = np.arange(len(self), dtype=np.int32)
        for newer in range(len(self)):
            for older in self.supersedes.row(newer):
                a, b = _root(group, newer), _root(group, int(older))
                group[max(a, b)] = min(a, b)
        return frozen(np.array([_root(group, i) for i in range(len(self))], dtype=np.int32))

    @cached_property
    def taught(self) -> Taught:
        """What courses teach, as compiled loops read it."""
        return Taught(self.skills)

    @cached_property
    def has_versions(self) -> bool:
        """Whether any course supersedes another."""
        return len(self.supersedes.values) > 0

    @cached_property
    def audience_codes(self) -> dict[str, int]:
        """A number for each word that any audience names, from 0."""
        return {word: i for i, word in enumerate(dict.fromkeys(word for words in self.audience for word in words))}

    @cached_property
    def audience_rows(self) -> Ragged:
        """The audience of each course in numbers of `audience_codes`; empty where it is for all."""
        return Ragged.from_rows([self.audience_codes[word] for word in words] for words in self.audience)

    @cached_property
    def superseded_by(self) -> Ragged:
        """The courses that supersede each course, by position."""
        newer = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.supersedes.indptr))
        order = np.argsort(self.supersedes.values, kind="stable")
        indptr = np.searchsorted(self.supersedes.values[order], np.arange(len(self) + 1)).astype(np.int64)
        return Ragged(frozen(indptr), frozen(newer[order]))

    @cached_property
    def entries(self) -> tuple[Ragged, Levels]:
        """The skills in which each course declares an entry level above 0, and these levels."""
        taught = self.skills
        asked = taught.entry_declared & (taught.entry_level > 0)
        indptr = np.append(0, np.cumsum(asked))[taught.indptr].astype(np.int64)
        return Ragged(frozen(indptr), frozen(taught.skill_idx[asked])), frozen(taught.entry_level[asked])

    @cached_property
    def rules(self) -> Rules:
        """The rules that every question is put to, made for these courses; asked by `recommender.eligibility`."""
        newer, audience, before = self.superseded_by, self.audience_rows, self.prerequisites
        entry, levels = self.entries
        return Rules(
            self.published,
            self.available_from,
            self.available_to,
            self.version_group,
            (newer.indptr, newer.values),
            (audience.indptr, audience.values),
            self.audience_codes,
            (before.indptr, before.values),
            (entry.indptr, entry.values, levels),
        )

    @cached_property
    def id_rank(self) -> LongArray:
        """The place of each course among the sorted ids, shape (n,): by it ties are broken."""
        rank = np.empty(len(self), dtype=np.int64)
        rank[sorted(range(len(self)), key=self.ids.ids.__getitem__)] = np.arange(len(self))
        return frozen(rank)

    @cached_property
    def shown_items(self) -> dict[int, dict[str, Any]]:
        """What answers say of a course whoever asks, by position: kept by `recommender.answers` once a course is shown."""
        return {}

    def superseded_at(self, moment: int) -> BoolArray:
        """Tell of each course whether one that supersedes it is published and available at a moment, shape (n,)."""
        return self.rules.superseded_at(moment)


def _root(group: IntArray, i: int) -> int:
    while group[i] != i:
        i = int(group[i])
    return i


@dataclass(frozen=True)
class Roles:
    """The roles and what they need; every sequence has length n, `needs.weight` is importance."""

    ids: Ids
    titles: tuple[str, ...]
    families: tuple[str, ...]
    descriptions: tuple[str, ...]
    needs: SkillRows

    @classmethod
    def empty(cls) -> Roles:
        """Return no roles at all."""
        return cls(Ids(()), (), (), (), SkillRows.empty(0))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def weighed(self) -> tuple[LongArray, LongArray, NDArray[np.float64], NDArray[np.float64]]:
        """Of each row of `needs` its role, its skill and its importance; of each role Σ importance·level."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.needs.indptr))
        importance = self.needs.weight.astype(np.float64)
        total = np.bincount(owner, weights=importance * self.needs.level, minlength=len(self)).astype(np.float64)
        return owner, self.needs.skill_idx.astype(np.int64), importance, total

    def names_of(self, role_idx: int) -> tuple[str, ...]:
        """Return the id and the title of a role, by which an audience may name it; nothing for `NONE`."""
        return () if role_idx == NONE else (self.ids[role_idx], self.titles[role_idx])
