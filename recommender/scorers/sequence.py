"""What comes next: closed-form next-course weights from decayed histories.

Fitted by `training.scorers.sequence`: ridge regression from the history before a completion, recent courses weighing
more, to the course completed. Row i, column j is how much having completed i, and how lately, speaks for j next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.proposals import Heads, Proposal
from recommender.question import ALL, BEFORE, LATEST
from recommender.scorers.base import Arrays, Newcomers, arrays_of, rows_of
from recommender.sparse import SparseRows
from recommender.steps import MEAN, RECENCY, Step, Sum

MOST_LATEST = 5
"""Courses of the latest basket that propose all they lead to."""


@dataclass(frozen=True)
class Sequence:
    """Next-course weights, and beside them plain transition rates.

    `rows` (n, n) ridge weights; `rate` (n, n) share of those who completed i that completed j soon after it;
    `order` (n, n) how much likelier j soon after i is than i soon after j; `followed` (n, n) how many people completed
    j after i, at the columns of `rate` (for reasons).
    """

    rows: SparseRows
    rate: SparseRows
    order: SparseRows
    followed: SparseRows
    NAME: ClassVar[str] = "sequence"
    SIGNALS: ClassVar[tuple[str, ...]] = ("next", "rate", "last", "second", "order")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Σ_h recency[h]·W[h, c], Σ_h recency[h]·rate[h, c], the largest rates from two baskets, and the order.

        The rates are those from the latest basket and from the one before it; the order is the mean over the latest.
        """
        return Sum(self.rows, RECENCY), Sum(self.rate, RECENCY, largest=(LATEST, BEFORE)), Sum(self.order, MEAN, LATEST)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """The heads of the rows of the history, and where people go from the latest basket."""
        onwards = Heads(self.rate, LATEST, most=self.rate.n_columns, courses=MOST_LATEST)
        return Heads(self.rows, ALL, of_head=1), onwards

    def with_courses(self, newcomers: Newcomers) -> Sequence:
        """Return itself: nothing leads to a course nobody completed."""
        return self

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        return {
            **arrays_of(self.rows, "rows"),
            **arrays_of(self.rate, "rate"),
            **arrays_of(self.order, "order"),
            "followed_weights": self.followed.weights,
        }

    @classmethod
    def unpack(cls, arrays: Arrays, *, n_courses: int) -> Sequence:
        """Make the scorer of what `pack` returned."""
        rate = rows_of(arrays, "rate", n_courses)
        followed = SparseRows(
            rate.indptr, rate.indices, np.asarray(arrays["followed_weights"], dtype=np.float32), n_courses
        )
        return cls(rows_of(arrays, "rows", n_courses), rate, rows_of(arrays, "order", n_courses), followed)
