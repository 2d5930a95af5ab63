"""Which courses go together: closed-form linear item–item weights.

Fitted by `training.scorers.item_item` (EASE with the courses' text beside their takers). Rows are pruned; the weight of
row i, column j is how much having completed i speaks for j.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from recommender.arrays import FloatArray, frozen
from recommender.kernels import Proposed
from recommender.scorers.base import LONGEST_HISTORY, Arrays, Context, Newcomers, arrays_of, rows_of
from recommender.sparse import Places, SparseRows

_ONCE: FloatArray = frozen(np.ones(LONGEST_HISTORY, dtype=np.float32))


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

    def fill(self, context: Context, courses: Places, out: FloatArray) -> None:
        """Write Σ_h B[h, c] over the history h (Steck 2019, eq. 2) and Σ_h recency[h]·cos(h, c)."""
        once = _ONCE[: len(context.recent)]
        self.rows.fill(out, 0, context.recent, once, courses)
        self.cosine.fill(out, 1, context.recent, context.recency, courses)

    def propose(self, context: Context, proposed: Proposed) -> None:
        """Add the heads of the rows of the history."""
        self.rows.propose(proposed, context.recent, context.head)

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
