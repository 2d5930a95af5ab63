"""Learn the blend on the questions of the windows, and freeze its scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.arrays import BoolArray, FloatArray, LongArray
from recommender.blend import LEVELS, SEGMENTS, Blend, Transform, segment_of
from recommender.errors import DataError
from training.blending.calibration import calibration
from training.blending.judging import BLEND, Group, judge, note_on, scaled_features
from training.blending.pooling import shipped_against_parts
from training.blending.rows import SIGNALS, Question, drawn
from training.blending.weights import (
    FOLDS,
    FUSION_ONLY,
    Lessons,
    Weights,
    choose_penalty,
    fit_weights,
    sampled_places,
)
from training.config import FitConfig
from training.progress import Progress

Found = TypeVar("Found")
SCALED_ON = 500
"""Questions of each segment that the scale is frozen on."""
CHOSEN_ON = 2500
"""Courses taken that the penalty is chosen on, drawn at random."""
LEARNED_ON = 10_000
"""Courses taken that the weights are learned on, drawn at random."""


@dataclass(frozen=True)
class Learned:
    """The blend, the worth of one point of coverage, what was measured, and what a person should know.

    `metrics` is what was decided by, `report` how sure it is and whether its probabilities can be believed.
    """

    blend: Blend
    goal_scale: float
    metrics: dict[str, Any]
    report: dict[str, Any]
    notes: tuple[str, ...]


def learn_blend(
    windows: Sequence[Sequence[Question]], config: FitConfig, *, progress: Progress = lambda step, done=0, total=0: None
) -> Learned:
    """Learn weights on all windows, oldest first; decide what ships by weights learned without the people judged on.

    People without a history, people away and people active teach one another, each kind its own weights; the length of
    the history is among the features.
    """
    usable = [[question for question in window if question.signals.shape[1] > 1] for window in windows]
    questions = [question for window in usable for question in window]
    if not questions:
        raise DataError(
            "completions: found no completion in the validation windows made by a person with two or more courses to "
            "choose from; expected some. The blend needs more courses or a longer history."
        )
    transform = _transform(questions)
    kinds = tuple(dict.fromkeys(map(_kind, SEGMENTS)))
    # One thread of BLAS a kind: the steps between two evaluations are too small to share.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(config.threads) as pool:
        learning = pool.map(lambda kind: _learn(usable, kind, transform, config), kinds)
        groups = dict(zip(kinds, _told(learning, "blend: weights", len(kinds), progress), strict=True))
        judging = pool.map(lambda segment: judge(segment, groups[_kind(segment)], transform, config), SEGMENTS)
        judged = dict(zip(SEGMENTS, _told(judging, "blend: judging", len(SEGMENTS), progress), strict=True))
    metrics = {segment: one.said for segment, one in judged.items()}
    choices = {segment: said["ships"] for segment, said in metrics.items()}
    blend = _scaled(transform, [one.weights for one in judged.values()], choices, questions)
    notes = tuple(note_on(segment, said) for segment, said in metrics.items() if said["ships"] != BLEND)
    report = {
        **shipped_against_parts(judged, seed=config.seed),
        "calibration": calibration(judged, questions, transform, seed=config.seed),
    }
    return Learned(blend, _goal_scale(questions), metrics, report, notes)


def _told(found: Iterable[Found], step: str, total: int, progress: Progress) -> Iterator[Found]:
    """Yield what is found, telling how much of it is."""
    progress(step, 0, total)
    for n, one in enumerate(found, start=1):
        progress(step, n, total)
        yield one


def _kind(segment: str) -> str:
    """Return which segments learn together: `none`, `away` or `active`."""
    return segment.rpartition("_")[2]


def _transform(questions: Sequence[Question]) -> Transform:
    """Freeze mean, deviation and quantiles of each signal over the candidates of the `window` questions with a history."""
    asked = [q for q in questions if q.protocol == "window" and q.n_completed] or list(questions)
    n_signals = len(asked[0].signals)
    mean, deviation, quantiles = np.empty(n_signals), np.empty(n_signals), np.empty((n_signals, len(LEVELS)))
    for j in range(n_signals):
        pooled = np.concatenate([q.signals[j] for q in asked])
        mean[j], deviation[j] = pooled.mean(dtype=np.float64), pooled.std(dtype=np.float64)
        quantiles[j] = _quantiles(pooled)
    return Transform(
        signals=SIGNALS,
        mean=mean,
        deviation=np.where(deviation > 1e-9, deviation, 1.0),
        quantiles=quantiles,
        n_candidates=float(np.mean([q.signals.shape[1] for q in asked])),
    )


def _quantiles(values: FloatArray) -> NDArray[np.float64]:
    """Return the quantiles of values at `LEVELS`, linear between neighbours: one sort, not hundreds of selections."""
    places = np.arange(len(values))
    return np.interp(LEVELS * (len(values) - 1), places, np.sort(values).astype(np.float64))


def _learn(windows: Sequence[Sequence[Question]], kind: str, transform: Transform, config: FitConfig) -> Group:
    mine = [[question for question in window if _kind(segment_of(question.context)) == kind] for window in windows]
    taken, groups = _taken(mine, config), scaled_features(transform)
    questions = [question for window in mine for question in window]
    if taken is None:
        nothing = Weights(np.zeros(len(transform.feature_names)), np.zeros(len(transform.feature_names)))
        return Group(questions, FUSION_ONLY, nothing, nothing, (nothing,) * FOLDS, (nothing,) * FOLDS)
    l2 = config.blend.l2 or choose_penalty(taken.lessons(transform, most=CHOSEN_ON, seed=config.seed), fused=groups)
    lessons, penalties = taken.lessons(transform, most=LEARNED_ON, seed=config.seed), (FUSION_ONLY, l2)
    scaled, whole = fit_weights(lessons, fused=groups, penalties=penalties)
    folds = [fit_weights(lessons.of(lessons.fold != k), fused=groups, penalties=penalties) for k in range(FOLDS)]
    return Group(questions, l2, whole, scaled, tuple(b for _, b in folds), tuple(s for s, _ in folds))


@dataclass(frozen=True)
class _Taken:
    """The courses taken that lessons are made of, one row each.

    `questions` [n] each was taken in; `places` (n, 1 + negatives) among its candidates, the one taken first; `shares`,
    `employee` and `later` are those of `Lessons`.
    """

    questions: Sequence[Question]
    places: LongArray
    shares: NDArray[np.float64]
    employee: LongArray
    later: BoolArray

    def lessons(self, transform: Transform, *, most: int, seed: int) -> Lessons:
        """Return at most `most` of them with their features, drawn by the seed."""
        chosen = drawn(len(self.questions), most, np.random.default_rng(seed))
        rows = np.empty((len(chosen), self.places.shape[1], len(transform.feature_names)), dtype=np.float32)
        for row, i in zip(rows, chosen.tolist(), strict=True):
            # No transform looks at other candidates: those that are not drawn need no features.
            question = self.questions[i]
            row[:] = transform.features(question.signals[:, self.places[i]], question.context).T
        return Lessons(rows, self.shares[chosen], self.employee[chosen], self.later[chosen])


def _taken(windows: Sequence[Sequence[Question]], config: FitConfig) -> _Taken | None:
    """Draw candidates beside what was taken in each window; None if only one fold of the people took anything."""
    rng = np.random.default_rng(config.seed)
    found: list[Question] = []
    places: list[LongArray] = []
    later: list[bool] = []
    for n, window in enumerate(windows):
        for question in window:
            some = sampled_places(question.taken, negatives=config.blend.negatives, rng=rng)
            if some is not None:
                found += [question] * len(some)
                places.append(some)
                later += [2 * n >= len(windows)] * len(some)
    employee = np.array([question.employee_idx for question in found], dtype=np.int64)
    if len(np.unique(employee % FOLDS)) < FOLDS:
        return None
    protocols = np.array([question.protocol for question in found])
    return _Taken(found, np.concatenate(places), _shares(protocols), employee, np.array(later))


def _shares(protocols: NDArray[np.str_]) -> NDArray[np.float64]:
    """Let each kind of question count the same in all, however many there are of it."""
    _, kind = np.unique(protocols, return_inverse=True)
    counts = np.bincount(kind)
    return np.asarray(1 / (counts[kind] * len(counts)))


def _scaled(
    transform: Transform, shipped: list[Weights], choices: dict[str, str], questions: Sequence[Question]
) -> Blend:
    """Freeze the scale: the 1st and the 100th candidate of the median question differ by 1, the 100th stands at 0."""
    weights = np.stack([one.weight for one in shipped])
    centre = np.stack([one.centre for one in shipped])
    base = np.zeros(len(SEGMENTS))
    for s, segment in enumerate(SEGMENTS):
        mine = [one for one in questions if segment_of(one.context) == segment] or questions
        ends = np.array([_ends(shipped[s], transform, question) for question in mine[:: len(mine) // SCALED_ON + 1]])
        spread = float(np.median(ends[:, 0] - ends[:, 1]))
        scale = 1 / spread if spread > 0 else 1.0
        weights[s] *= scale
        base[s] = -scale * float(np.median(ends[:, 1]))
    return Blend(transform, weights, base, centre, choices)


def _ends(weights: Weights, transform: Transform, question: Question) -> tuple[float, float]:
    features = transform.features(question.signals, question.context)
    ranked = np.sort(weights.weight @ (features - weights.centre[:, None]))[::-1]
    return float(ranked[0]), float(ranked[min(99, len(ranked) - 1)])


def _goal_scale(questions: Sequence[Question]) -> float:
    gains = [np.sort(one.goal_gain)[::-1] for one in questions if one.goal_gain.any()]
    steps = [float(row[0] - row[min(99, len(row) - 1)]) for row in gains]
    return 1 / float(np.median(steps)) if steps and np.median(steps) > 0 else 1.0
