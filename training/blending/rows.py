"""The questions the blend learns from: who asked what in a validation window, what the scorers said, what was taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import NONE, BoolArray, FloatArray, IntArray, LongArray
from recommender.blend import LEVELS, PLAIN, RANKED, SEGMENTS, TRENDING, Blend, Signal, Transform
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.model import Model
from recommender.query import Query, query_of
from recommender.scorers.base import Context
from recommender.scorers.content import Content
from recommender.scorers.hybrid import Hybrid
from recommender.scorers.item_item import ItemItem
from recommender.scorers.role import Role
from recommender.scorers.sequence import Sequence
from recommender.scorers.trend import Trend
from recommender.skills import goal_gain
from training.blending.windows import ValidationWindow
from training.config import FitConfig
from training.engines import HERE, Engine
from training.progress import Progress

MASKED = "masked"
CHUNK = 250
"""Questions a process is given at a time."""
FEWEST_CHUNKS = 8
"""Up to so many are asked in this process."""
_PLAIN_SIGNALS = {"content.topic", "content.language", "content.strain", "trend.unseen", "role.closes", "role.deepens"}
SIGNALS: tuple[Signal, ...] = tuple(
    Signal(scorer.NAME, name, PLAIN if f"{scorer.NAME}.{name}" in _PLAIN_SIGNALS else kind)
    for scorer, kind in (
        (ItemItem, RANKED),
        (Sequence, RANKED),
        (Hybrid, RANKED),
        (Trend, TRENDING),
        (Content, RANKED),
        (Role, RANKED),
    )
    for name in scorer.SIGNALS
)
"""Every signal in the order the scorers give them, and how it is transformed."""


def unweighted() -> Blend:
    """Return a blend that weighs nothing: for models whose signals are read and not summed."""
    n = len(SIGNALS)
    transform = Transform(SIGNALS, np.zeros(n), np.ones(n), np.tile(LEVELS, (n, 1)), 1.0)
    width = len(transform.feature_names)
    return Blend(
        transform, np.zeros((len(SEGMENTS), width)), np.zeros(len(SEGMENTS)), np.zeros((len(SEGMENTS), width)), {}
    )


@dataclass(frozen=True)
class Question:
    """One question of a validation window.

    `signals` (n_signals, n) of the candidates; `taken` (n,) which of them were taken; `n_taken` how many courses were
    taken in all, candidates or not; `goal_gain` (n,); `protocol` is `window`, `next` or `masked`.
    """

    employee_idx: int
    protocol: str
    context: Context
    signals: FloatArray
    taken: BoolArray
    n_taken: int
    goal_gain: FloatArray

    @property
    def n_completed(self) -> int:
        """How many courses the person had completed."""
        return len(self.context.query.history)


def collect(
    data: Dataset,
    model: Model,
    window: ValidationWindow,
    config: FitConfig,
    *,
    progress: Progress,
    engine: Engine = HERE,
) -> list[Question]:
    """Ask the scorers fitted before a window about everything people took by choice in it.

    Three kinds of question: each person's state at the start, with all they took in the window (`window`); each
    completion with the history strictly before it (`next`); and the first kind again with the history hidden
    (`masked`), of people whose role, target role or department is known, so that there is enough to learn from what to
    show to people without one. Of each kind at most `max_queries`, drawn by the seed. Many are asked on `engine`.
    """
    asked = list(_with_queries(data, _asked(data, window, config)))
    chunks = [asked[i : i + CHUNK] for i in range(0, len(asked), CHUNK)]
    # Processes cost a second or two to start: not worth it for few questions.
    runs_on, found = engine if len(chunks) > FEWEST_CHUNKS else HERE, []
    for n, answered in enumerate(runs_on.map(_questions, chunks, Recommender(model))):
        progress("questions", n, len(chunks))
        found += answered
    return found


def _with_queries(data: Dataset, asked: Iterable[_Asked]) -> Iterator[tuple[_Asked, Query]]:
    for one in asked:
        query = query_of(data, one.employee_idx, as_of=one.as_of)
        if one.protocol != MASKED:
            yield one, query
        elif query.goal_role != NONE or query.department:
            yield one, _hidden(query)


def _questions(chunk: list[tuple[_Asked, Query]], recommender: Recommender) -> list[Question]:
    return [_question(recommender, query, one) for one, query in chunk]


def _hidden(query: Query) -> Query:
    """Return the query without its history; what was completed stays out of the candidates, being no choice any more."""
    away = np.union1d(query.limits.exclude, query.history).astype(np.int32)
    limits = replace(query.limits, exclude=away)
    return replace(query, history=query.history[:0], history_at=query.history_at[:0], limits=limits)


@dataclass(frozen=True, slots=True)
class _Asked:
    protocol: str
    employee_idx: int
    as_of: int
    courses: IntArray


def _asked(data: Dataset, window: ValidationWindow, config: FitConfig) -> Iterator[_Asked]:
    """Draw at most `max_queries` of each protocol, then make those: of millions of completions a few thousand are asked."""
    rng, most = np.random.default_rng(config.seed), config.blend.max_queries
    rows = data.completions
    inside = np.flatnonzero(rows.targets & (rows.at >= window.start) & (rows.at < window.end))
    owners, starts = np.unique(rows.employee_idx[inside], return_index=True)
    stops = np.append(starts[1:], len(inside))
    for i in drawn(len(owners), most, rng):
        employee, mine = int(owners[i]), inside[starts[i] : stops[i]]
        present = data.people.present_from(employee, window.start, latest=int(rows.at[mine].min()))
        yield _Asked("window", employee, present, rows.course_idx[mine])
    for row in inside[drawn(len(inside), most, rng)].tolist():
        yield _Asked("next", int(rows.employee_idx[row]), int(rows.at[row]), rows.course_idx[row : row + 1])
    came_before = np.flatnonzero(rows.at[rows.indptr[owners]] < window.start)
    for i in came_before[drawn(len(came_before), most, rng)]:
        yield _Asked(MASKED, int(owners[i]), window.start, rows.course_idx[inside[starts[i] : stops[i]]])


def drawn(n: int, most: int, rng: np.random.Generator) -> LongArray:
    """Return at most `most` of n positions, ascending."""
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def _question(recommender: Recommender, query: Query, asked: _Asked) -> Question:
    levels = recommender.levels(query)
    candidates, signals, context = recommender.signals(query, levels=levels)
    return Question(
        employee_idx=asked.employee_idx,
        protocol=asked.protocol,
        context=Context.of(query, context.n_courses),
        signals=signals.astype(np.float32),
        taken=np.isin(candidates, asked.courses),
        n_taken=len(asked.courses),
        goal_gain=goal_gain(levels, recommender.need(query), recommender.model.catalog, candidates),
    )
