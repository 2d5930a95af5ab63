"""What is alike: similarity of a course's text, skills and attributes to the history and to the target role.

Fitted by `training.scorers.content`. Similarities are cosines of the tf–idf vectors of `recommender.text`; a course
nobody has taken is as well known here as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.arrays import NO_COURSES, BoolArray, FloatArray, IntArray, frozen
from recommender.proposals import Heads, Proposal, These
from recommender.question import ALL, GOAL, LATEST
from recommender.scorers.base import Arrays, Newcomers, arrays_of, rows_of
from recommender.sparse import SparseRows, beside, largest, packed, positive_columns, stacked
from recommender.steps import RECENCY, ByColumn, LanguageShare, RowOf, Step, Strain, Sum, TopicShare

NEIGHBOURS = 100
"""Similar courses kept of each course."""
SMALLEST_HEAD = 4
"""Fewest neighbours that each course of the history proposes."""
ROLE_NEIGHBOURS = 300
ROLE_HEAD = 60
UNSEEN_HEAD = 6
"""Courses nobody has taken yet that each course of the history may propose: their reserved share."""
UNSEEN_ROLE_HEAD = 30
MOST_UNSEEN_COURSES = 10
"""Courses of the history, the latest, that propose unseen ones."""
_FLOOR = 0.02
"""Share of a history below which an attribute is taken as foreign to it."""


@dataclass(frozen=True)
class Content:
    """Similarities, largest first in each row.

    `neighbours` (n, n) and `role_neighbours` (n_roles, n) cosines; `unseen_neighbours`, `unseen_role_neighbours` the
    same among courses nobody had completed; `vectors` (n, n_terms) and `role_vectors` (n_roles, n_terms) to place later
    courses; `attributes` (n, n_attributes) shares of tags, skills and provider; `language` (n,) codes, −1 unknown;
    `newcomers` (m,) courses that came after the fit: always candidates.
    """

    neighbours: SparseRows
    role_neighbours: SparseRows
    unseen_neighbours: SparseRows
    unseen_role_neighbours: SparseRows
    vectors: SparseRows
    role_vectors: SparseRows
    attributes: SparseRows
    language: IntArray
    newcomers: IntArray = field(default_factory=lambda: NO_COURSES)
    NAME: ClassVar[str] = "content"
    SIGNALS: ClassVar[tuple[str, ...]] = ("history", "closest", "last", "role", "topic", "language", "strain")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Σ_h recency[h]·cos(h, c), max_h cos(h, c) of all and of the latest h, cos(role, c), shares and strain.

        Topic share: mean over the attributes of c of the recency-weighted share of the history that has them. Language
        share: the same of courses in the language of c. Both are logarithms, floored at 0.02 and zero without a history.
        Strain: levels the person lacks of what c expects at the start.
        """
        alike = Sum(self.neighbours, RECENCY, largest=(ALL, LATEST))
        shares = TopicShare(self.attributes, _FLOOR), LanguageShare(self.language, _FLOOR)
        return alike, RowOf(ByColumn(self.role_neighbours), GOAL), *shares, Strain()

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """Neighbours of the history and of the target role, unseen courses among them by their reserved share."""
        return (
            These(self.newcomers),
            Heads(self.neighbours, ALL, of_head=3, most=SMALLEST_HEAD),
            Heads(self.unseen_neighbours, ALL, most=UNSEEN_HEAD, courses=MOST_UNSEEN_COURSES),
            Heads(self.role_neighbours, GOAL, most=ROLE_HEAD),
            Heads(self.unseen_role_neighbours, GOAL, most=self.unseen_role_neighbours.n_columns),
        )

    def with_courses(self, newcomers: Newcomers) -> Content:
        """Return the scorer with later courses beside their neighbours; no fitted similarity changes.

        Attributes and language are those of the later catalogue, for the fitted courses too.
        """
        first, n = newcomers.n_fitted, len(newcomers.vectors)
        new = np.arange(first, n, dtype=np.int32)
        to_courses, to_roles = _cosines(newcomers.vectors, new), _cosines(newcomers.vectors, new, self.role_vectors)
        fitted = beside(self.neighbours.head(first, first), positive_columns(to_courses[:, :first], new, n))
        to_courses[np.arange(len(new)), new] = 0
        roles = self.role_neighbours.head(len(self.role_neighbours), first)
        return replace(
            self,
            neighbours=stacked(fitted, _nearest(to_courses, new, NEIGHBOURS)),
            role_neighbours=beside(roles, positive_columns(to_roles, new, n)),
            vectors=newcomers.vectors,
            attributes=newcomers.attributes,
            language=newcomers.language,
            newcomers=frozen(new),
        )

    def with_roles(self, vectors: SparseRows, *, n_fitted: int, unseen: BoolArray) -> Content:
        """Return the scorer with later roles, of these tf–idf rows, beside the courses that are like them.

        What is like the first `n_fitted` roles stays as it was fitted. `unseen` (n_courses,) marks what nobody took.
        """
        n = len(self.vectors)
        cosines = _cosines(vectors, np.arange(len(vectors), dtype=np.int32), self.vectors)
        no_one_took = np.flatnonzero(unseen[: n - len(self.newcomers)]).astype(np.int32)
        reserved = [no_one_took[largest(row[no_one_took], UNSEEN_ROLE_HEAD)] for row in cosines]
        reserved = [near[row[near] > 0] for near, row in zip(reserved, cosines, strict=True)]
        unseen_rows = packed(reserved, [row[near] for near, row in zip(reserved, cosines, strict=True)], n)
        return replace(
            self,
            role_vectors=stacked(self.role_vectors.head(n_fitted, vectors.n_columns), vectors),
            role_neighbours=stacked(
                self.role_neighbours.head(n_fitted, n), _nearest(cosines, self.newcomers, ROLE_NEIGHBOURS)
            ),
            unseen_role_neighbours=stacked(self.unseen_role_neighbours.head(n_fitted, n), unseen_rows),
        )

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        packed_rows = {key: value for name in _ROWS for key, value in arrays_of(getattr(self, name), name).items()}
        widths = frozen(np.array([self.vectors.n_columns, self.attributes.n_columns], dtype=np.int64))
        return {**packed_rows, "language": self.language, "widths": widths, "newcomers": self.newcomers}

    @classmethod
    def unpack(cls, arrays: Arrays, *, n_courses: int) -> Content:
        """Make the scorer of what `pack` returned."""
        n_terms, n_attributes = (int(width) for width in arrays["widths"])
        width = {"vectors": n_terms, "role_vectors": n_terms, "attributes": n_attributes}
        rows = {name: rows_of(arrays, name, width.get(name, n_courses)) for name in _ROWS}
        return cls(
            neighbours=rows["neighbours"],
            role_neighbours=rows["role_neighbours"],
            unseen_neighbours=rows["unseen_neighbours"],
            unseen_role_neighbours=rows["unseen_role_neighbours"],
            vectors=rows["vectors"],
            role_vectors=rows["role_vectors"],
            attributes=rows["attributes"],
            language=np.asarray(arrays["language"], dtype=np.int32),
            newcomers=np.asarray(arrays["newcomers"], dtype=np.int32),
        )


_ROWS = (
    "neighbours",
    "role_neighbours",
    "unseen_neighbours",
    "unseen_role_neighbours",
    "vectors",
    "role_vectors",
    "attributes",
)


def _cosines(vectors: SparseRows, which: IntArray, others: SparseRows | None = None) -> FloatArray:
    """Return the inner products of some rows with every row of `others` (default: all rows), (len(which), n)."""
    others = vectors if others is None else others
    everyone = np.arange(len(others), dtype=np.int32)
    found = np.zeros((len(which), len(others)), dtype=np.float32)
    for k, i in enumerate(which.tolist()):
        dense = np.zeros(vectors.n_columns, dtype=np.float32)
        columns, weights = vectors.row(i)
        dense[columns] = weights
        found[k] = others.dot(everyone, dense)
    return found


def _nearest(cosines: FloatArray, newcomers: IntArray, keep: int) -> SparseRows:
    """Return, for each row of (m, n), the `keep` nearest of the fitted courses and behind them all later ones.

    All of the later ones, so that one more pushes none out; nothing that is not alike at all.
    """
    first = cosines.shape[1] - len(newcomers)
    columns = [np.concatenate([largest(row[:first], keep), newcomers]).astype(np.int32) for row in cosines]
    columns = [near[row[near] > 0] for near, row in zip(columns, cosines, strict=True)]
    weights = [row[near] for near, row in zip(columns, cosines, strict=True)]
    return packed(columns, weights, cosines.shape[1])
