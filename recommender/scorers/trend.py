"""What is taken now: time-decayed popularity at several half-lives, its rise, and the same within a role.

Fitted by `training.scorers.trend` as of the model's moment; counts are of completions by choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.proposals import Heads, Proposal, These
from recommender.question import ROLE
from recommender.scorers.base import Arrays, Newcomers, arrays_of, rows_of
from recommender.sparse import SparseRows
from recommender.steps import ByColumn, Columns, RowOf, Step

SEASON_DAYS = 120.0
HALF_LIVES_DAYS = (7.0, 30.0, SEASON_DAYS, np.inf)
"""Week, month, season and all time (design, section 5)."""
SHRINKAGE = 30.0
"""Completions of average taste added to each role, and to first completions."""

ROLE_HEAD = 60


@dataclass(frozen=True)
class Trend:
    """Popularity as natural logarithms of 1 + decayed counts.

    `popularity` (4, n) by half-life; `age` (n,) ln(1 + days since the first completion); `unseen` (n,) 1 where nobody
    completed the course yet; `share` (n,) of the season's completions, never 0; `start` (n,) ln(1 + k / (30·share)), k
    people who began with the course, decayed by a year; `in_role` (n_roles, n) decayed counts (120 days) among holders;
    `recent` (n,) plain count of the last 30 days and `before` (n,) of the 30 days before those (for reasons); `heads`
    (h,) the most popular ones.
    """

    popularity: FloatArray
    age: FloatArray
    unseen: FloatArray
    start: FloatArray
    share: FloatArray
    in_role: SparseRows
    recent: IntArray
    before: IntArray
    heads: IntArray
    NAME: ClassVar[str] = "trend"
    SIGNALS: ClassVar[tuple[str, ...]] = (
        "month",
        "week",
        "season",
        "ever",
        "rise",
        "age",
        "unseen",
        "start",
        "in_role",
        "role_lift",
    )

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Popularity by half-life, week minus season, age, whether unseen, start, and popularity in the role.

        The last but one is ln(1 + decayed count among holders of the role), the last ln(1 + that count / (30·share)): the
        shrunk lift of the role.
        """
        return Columns(self._of_course), *(RowOf(ByColumn(rows), ROLE) for rows in self._of_role)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """The most popular courses, overall and in the role."""
        return These(self.heads), Heads(self.in_role, ROLE, most=ROLE_HEAD)

    @property
    def _of_course(self) -> FloatArray:
        """The signals that are the same for everyone, those of a course side by side, (n, 8)."""
        week, month, season, ever = self.popularity
        return np.stack([month, week, season, ever, week - season, self.age, self.unseen, self.start], axis=1)

    @property
    def _of_role(self) -> tuple[SparseRows, SparseRows]:
        """The signals that are the same for everyone in a role, (n_roles, n) each."""
        count = self.in_role.weights
        lift = count / (SHRINKAGE * self.share[self.in_role.indices])
        return replace(self.in_role, weights=np.log1p(count)), replace(self.in_role, weights=np.log1p(lift))

    def with_courses(self, newcomers: Newcomers) -> Trend:
        """Return the scorer with later courses as unseen ones."""
        n, n_new = newcomers.n_fitted, len(newcomers.vectors) - newcomers.n_fitted
        if len(self.age) == n and not n_new:
            return self
        zeros, share = np.zeros(n_new, dtype=np.int32), self.share[:n]
        return Trend(
            popularity=frozen(np.pad(self.popularity[:, :n], ((0, 0), (0, n_new)))),
            age=frozen(np.pad(self.age[:n], (0, n_new))),
            unseen=frozen(np.pad(self.unseen[:n], (0, n_new), constant_values=1)),
            start=frozen(np.pad(self.start[:n], (0, n_new))),
            share=frozen(np.pad(share, (0, n_new), constant_values=float(share.min(initial=1)))),
            in_role=self.in_role,
            recent=frozen(np.concatenate([self.recent[:n], zeros])),
            before=frozen(np.concatenate([self.before[:n], zeros])),
            heads=self.heads,
        )

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        names = ("popularity", "age", "unseen", "start", "share", "recent", "before", "heads")
        return {**{name: getattr(self, name) for name in names}, **arrays_of(self.in_role, "in_role")}

    @classmethod
    def unpack(cls, arrays: Arrays, *, n_courses: int) -> Trend:
        """Make the scorer of what `pack` returned."""
        names = ("popularity", "age", "unseen", "start", "share", "recent", "before", "heads")
        plain = {name: np.asarray(arrays[name]) for name in names}
        return cls(in_role=rows_of(arrays, "in_role", n_courses), **plain)  # type: ignore[arg-type]
