"""What every scorer is given, and what it owes.

A scorer is frozen: it was fitted before it existed. For one query it proposes candidates and gives every course asked
about one number a signal; it never sees another scorer, an employee's id or the clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import DAY, FloatArray, IntArray, Levels, LongArray, frozen
from recommender.catalog import Catalog
from recommender.kernels import Proposed
from recommender.query import Query, recent_history
from recommender.skills import Need, Needs, goal_gain, strain
from recommender.sparse import Places, SparseRows

Arrays = Mapping[str, NDArray[np.generic]]

LONGEST_HISTORY = 50
"""Courses of a history that count, the latest ones."""
PLACE_DECAY = 0.8
"""Weight of a course relative to the one completed just after it."""
HEAD_BUDGET = 400
"""Candidates one scorer draws from a whole history: a longer history takes fewer from each course."""
SMALLEST_HEAD = 12
FRESH_DAYS = 14.0
SESSION_DAYS = 0.25
"""After these days since the latest completion a person counts as 1/e as active, or as much in one sitting."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person can do, beside what courses teach and roles need: `levels` (n_skills,) of the query's person."""

    levels: Levels
    catalog: Catalog
    needs: Needs
    _gains: dict[int, tuple[Need, IntArray, FloatArray]] = field(default_factory=dict, repr=False, compare=False)
    """By the identity of a need: the courses asked about last, and their gain. The goal is weighed as the scorer saw it."""

    def gain(self, need: Need, courses: IntArray) -> FloatArray:
        """Return by how much each course raises the coverage of a need now, (len(courses),)."""
        known = self._gains.get(id(need))
        if known is None or known[1] is not courses:
            known = self._gains[id(need)] = need, courses, goal_gain(self.levels, need, self.catalog, courses)
        return known[2]

    def strain(self, courses: IntArray) -> FloatArray:
        """Return how many levels below the entry levels of each course the person is, in all, (len(courses),)."""
        return strain(self.levels, self.catalog, courses)


@dataclass(frozen=True)
class Context:
    """One query as scorers read it.

    `recent` (m,) courses newest first, at most `LONGEST_HISTORY`; `recency` (m,) float32 weights, `PLACE_DECAY` to the
    number of courses completed after each; `newest` how many of them share the latest moment; `log_length` ln(1 + all
    completed courses); `days_since` the latest, infinite without; `freshness` and `session` exp(−days ÷ 14 and
    ÷ 0.25).
    """

    query: Query
    n_courses: int
    recent: IntArray
    recent_at: LongArray
    recency: FloatArray
    newest: int
    log_length: float
    days_since: float
    freshness: float
    session: float
    standing: Standing | None = None

    @classmethod
    def of(cls, query: Query, n_courses: int, standing: Standing | None = None) -> Context:
        """Prepare a query for the scorers."""
        recent, at, places = recent_history(query, most=LONGEST_HISTORY)
        days = max(query.as_of - int(at[0]), 0) / DAY if len(at) else math.inf
        return cls(
            query=query,
            n_courses=n_courses,
            recent=recent,
            recent_at=at,
            recency=(PLACE_DECAY**places).astype(np.float32),
            log_length=math.log1p(len(query.history)),
            newest=int(np.count_nonzero(at == at[0])) if len(at) else 0,
            days_since=days,
            freshness=math.exp(-days / FRESH_DAYS),
            session=math.exp(-days / SESSION_DAYS),
            standing=standing,
        )

    @property
    def latest(self) -> IntArray:
        """The courses completed at the latest moment, positions."""
        return self.recent[: self.newest]

    @property
    def before_latest(self) -> tuple[int, int]:
        """Where in `recent` the courses completed at the moment before the latest stand: from, to."""
        at = self.recent_at[self.newest :]
        return self.newest, self.newest + (int(np.count_nonzero(at == at[0])) if len(at) else 0)

    @cached_property
    def shares(self) -> FloatArray:
        """`recency` as shares of its sum, (m,)."""
        return np.asarray(self.recency / self.recency.sum())

    @property
    def head(self) -> int:
        """How many candidates a scorer draws from each course of the history."""
        return max(SMALLEST_HEAD, min(100, HEAD_BUDGET // max(len(self.recent), 1)))

    @cached_property
    def goal_row(self) -> IntArray:
        """The row of the goal role, (1,)."""
        return np.array([self.query.goal_role], dtype=np.int32)

    @cached_property
    def role_row(self) -> IntArray:
        """The row of the current role, (1,)."""
        return np.array([self.query.role_idx], dtype=np.int32)


class Scorer(Protocol):
    """One signal about courses: its name, the numbers it gives, and how it is packed for saving."""

    NAME: ClassVar[str]
    SIGNALS: ClassVar[tuple[str, ...]]

    def fill(self, context: Context, courses: Places, out: FloatArray) -> None:
        """Write one row a signal, the scorer's own number first, into `out`: (n_signals, len(courses)), float32, finite."""

    def propose(self, context: Context, proposed: Proposed) -> None:
        """Add the courses worth scoring for this query to those proposed."""

    def with_courses(self, newcomers: Newcomers) -> Scorer:
        """Return the scorer knowing courses that came after it was fitted, as far as it can know them."""

    def pack(self) -> Arrays:
        """Return the arrays `unpack` makes the same scorer of."""


@dataclass(frozen=True)
class Newcomers:
    """Courses added to the catalogue after the fit, as the fitted vocabularies see them.

    Every field has one row a course, the `n_fitted` fitted ones first: `vectors` tf–idf rows, `terms` shares of
    the features of the embeddings (rows of fitted courses may be empty), `attributes` shares of tags, skills and
    provider, `language` codes.
    """

    n_fitted: int
    vectors: SparseRows
    terms: SparseRows
    attributes: SparseRows
    language: IntArray


def proposed_by(scorers: Iterable[Scorer], context: Context) -> Proposed:
    """Return the courses that some scorers propose."""
    proposed = Proposed(context.n_courses)
    for scorer in scorers:
        scorer.propose(context, proposed)
    return proposed


def signals_of(scorers: Iterable[Scorer], context: Context, courses: Places) -> FloatArray:
    """Return the signals of some scorers, one below another: shape (n_signals, len(courses)), float32."""
    known = tuple(scorers)
    ends = list(accumulate(len(scorer.SIGNALS) for scorer in known))
    out = np.empty((ends[-1], len(courses)), dtype=np.float32)
    for scorer, end in zip(known, ends, strict=True):
        scorer.fill(context, courses, out[end - len(scorer.SIGNALS) : end])
    return out


def rows_of(arrays: Arrays, prefix: str, n_columns: int) -> SparseRows:
    """Read sparse rows from arrays saved by `arrays_of` under the same prefix."""
    return SparseRows(
        indptr=np.asarray(arrays[f"{prefix}_indptr"], dtype=np.int64),
        indices=np.asarray(arrays[f"{prefix}_indices"], dtype=np.int32),
        weights=np.asarray(arrays[f"{prefix}_weights"], dtype=np.float32),
        n_columns=n_columns,
    )


def arrays_of(rows: SparseRows, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of sparse rows under a prefix."""
    return {f"{prefix}_indptr": rows.indptr, f"{prefix}_indices": rows.indices, f"{prefix}_weights": rows.weights}


NO_COURSES: IntArray = frozen(np.empty(0, dtype=np.int32))
