"""Which courses go together: closed-form linear item–item weights.

Fitted by `training.scorers.item_item` (EASE with the courses' text beside their takers). Rows are pruned; the weight of
row i, column j is how much having completed i speaks for j.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.proposals import Heads, Proposal
from recommender.question import ALL
from recommender.scorers.base import Arrays, Newcomers, arrays_of, rows_of
from recommender.sparse import SparseRows
from recommender.steps import ONCE, RECENCY, Step, Sum


@dataclass(frozen=True)
class ItemItem:
    """Linear item–item weights, and beside them the cosine of who completed both.

    `rows` (n, n) linear weights; `cosine` (n, n) shrunk cosines; `both` (n, n) how many completed both, at the columns
    of `rows` (for reasons).
    """

    rows: SparseRows
    cosine: SparseRows
    both: SparseRows
    NAME: ClassVar[str] = "item_item"
    SIGNALS: ClassVar[tuple[str, ...]] = ("sum", "cosine")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Σ_h B[h, c] over the history h (Steck 2019, eq. 2) and Σ_h recency[h]·cos(h, c)."""
        return Sum(self.rows, ONCE), Sum(self.cosine, RECENCY)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """The heads of the rows of the history."""
        return (Heads(self.rows, ALL, of_head=1),)

    def with_courses(self, newcomers: Newcomers) -> ItemItem:
        """Return itself: a course nobody completed goes with none."""
        return self

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        return {
            **arrays_of(self.rows, "rows"),
            **arrays_of(self.cosine, "cosine"),
            "both_weights": self.both.weights,
        }

    @classmethod
    def unpack(cls, arrays: Arrays, *, n_courses: int) -> ItemItem:
        """Make the scorer of what `pack` returned."""
        rows = rows_of(arrays, "rows", n_courses)
        both = SparseRows(rows.indptr, rows.indices, np.asarray(arrays["both_weights"], dtype=np.float32), n_courses)
        return cls(rows, rows_of(arrays, "cosine", n_courses), both)
