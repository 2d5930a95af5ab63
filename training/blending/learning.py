"""Learn the blend, judge it out of sample beside its parts, and ship in each segment what is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import FloatArray
from recommender.blend import LEVELS, SEGMENTS, Blend, Transform, segment_of
from recommender.errors import DataError
from training.blending.rows import MASKED, SIGNALS, Question
from training.blending.weights import Weights, fit_weights, sampled_rows
from training.config import FitConfig
from training.intervals import sampled_means

DEPTH = 10
RESAMPLES = 1000
FOLDS = 2
FEWEST_EMPLOYEES = 20
ENOUGH_EMPLOYEES = 300
"""A segment with fewer people in the windows is too small to judge: it ships what it would ship by default."""
TIE_BREAK = 1e-3
"""Weight of the month's popularity beside a single part, so that courses the part says nothing of have an order."""
SCALED_ON = 500
"""Questions of each segment that the scale is frozen on."""
FUSED = (
    ("item_item", "sum.log_rank"),
    ("sequence", "next.log_rank"),
    ("sequence", "last.log_rank"),
    ("hybrid", "affinity.log_rank"),
    ("trend", "month.value"),
    ("content", "history.log_rank"),
    ("role", "target.log_rank"),
)
"""What the equal-weight fusion sums: one feature a signal."""
_WITHOUT_HISTORY = {
    "fusion",
    "hybrid.affinity",
    *(f"trend.{name}" for name in ("month", "week", "season", "ever", "in_role")),
    "content.role",
    "role.target",
    "role.current",
}
"""What can rank for people without a history: the rest is the same for every course there."""
_NOT_ALONE = {"trend.rise", "trend.age", "trend.unseen", "content.topic", "content.language"}
"""Signals that only mean something beside others."""


@dataclass(frozen=True)
class Learned:
    """The blend, the worth of one point of coverage, what was measured, and what a person should know."""

    blend: Blend
    goal_scale: float
    metrics: dict[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Group:
    """Questions that teach one another: weights learned on all of them, and on all but one fold of the employees."""

    questions: list[Question]
    whole: Weights
    without_fold: tuple[Weights, ...]


def learn_blend(windows: Sequence[Sequence[Question]], config: FitConfig) -> Learned:
    """Learn weights on all windows; decide what ships by weights learned without the people they are judged on.

    People without a history, people away and people active teach one another, each kind its own weights; the length of
    the history is among the features.
    """
    questions = [question for window in windows for question in window if question.signals.shape[1] > 1]
    if not questions:
        raise DataError(
            "completions: found no completion in the validation windows made by a person with two or more courses to "
            "choose from; expected some. The blend needs more courses or a longer history."
        )
    transform = _transform(questions)
    groups = {
        kind: _learn([q for q in questions if _kind(segment_of(q.context)) == kind], transform, config)
        for kind in dict.fromkeys(_kind(segment) for segment in SEGMENTS)
    }
    everything = _alternatives(transform)
    shipped: list[Weights] = []
    measured: dict[str, dict[str, Any]] = {}
    for segment in SEGMENTS:
        group = groups[_kind(segment)]
        alternatives = {name: one for name, one in everything.items() if segment != "none" or name in _WITHOUT_HISTORY}
        measured[segment] = _judge(segment, group, transform, alternatives, config)
        ships = measured[segment]["ships"]
        shipped.append(group.whole if ships == "blend" else alternatives[ships])
    blend = _scaled(transform, shipped, {name: said["ships"] for name, said in measured.items()}, questions)
    notes = tuple(_note(segment, said) for segment, said in measured.items() if said["ships"] != "blend")
    return Learned(blend, _goal_scale(questions), measured, notes)


def _kind(segment: str) -> str:
    """Return which segments learn together: `none`, `away` or `active`."""
    return segment.rpartition("_")[2]


def _transform(questions: Sequence[Question]) -> Transform:
    """Freeze mean, deviation and quantiles of each signal over the candidates of the `window` questions with a history."""
    asked = [q for q in questions if q.protocol == "window" and q.n_completed] or list(questions)
    pooled = np.concatenate([q.signals for q in asked], axis=1)
    deviation = pooled.std(axis=1, dtype=np.float64)
    quantiles = np.stack([np.quantile(row, LEVELS) for row in pooled]).astype(np.float64)
    return Transform(
        signals=SIGNALS,
        mean=pooled.mean(axis=1, dtype=np.float64),
        deviation=np.where(deviation > 1e-9, deviation, 1.0),
        quantiles=quantiles,
        n_candidates=float(np.mean([q.signals.shape[1] for q in asked])),
    )


def _alternatives(transform: Transform) -> dict[str, Weights]:
    """Return what the blend must not lose against: each part alone, and the parts fused with equal weights."""
    names = transform.feature_names
    nowhere = np.zeros(len(names))
    found = {"fusion": Weights(_fused(transform).astype(np.float64), nowhere)}
    for signal in transform.signals:
        name = f"{signal.scorer}.{signal.name}"
        if name in _NOT_ALONE:
            continue
        weight = np.zeros(len(names))
        weight[names.index("trend.month.value")] = TIE_BREAK
        weight[names.index(f"{name}.{signal.transforms[0]}")] += 1
        found[name] = Weights(weight, nowhere)
    return found


def _fused(transform: Transform) -> NDArray[np.bool_]:
    """Return which features an equal-weight fusion sums: rank by rank what each scorer says first, and the trend."""
    first = {f"{scorer}.{kind}" for scorer, kind in FUSED}
    return np.array([name in first for name in transform.feature_names], dtype=np.bool_)


def _learn(questions: list[Question], transform: Transform, config: FitConfig) -> _Group:
    rng = np.random.default_rng(config.seed)
    rows: list[FloatArray] = []
    folds: list[int] = []
    protocols: list[str] = []
    for question in questions:
        features = transform.features(question.signals, question.context)
        drawn = sampled_rows(features, question.taken, negatives=config.blend.negatives, rng=rng)
        rows += drawn
        folds += [question.employee_idx % FOLDS] * len(drawn)
        protocols += [question.protocol] * len(drawn)
    if len(set(folds)) < FOLDS:
        nothing = Weights(np.zeros(len(transform.feature_names)), np.zeros(len(transform.feature_names)))
        return _Group(questions, nothing, (nothing,) * FOLDS)
    stack, fold, kind = np.stack(rows), np.array(folds), np.array(protocols)
    fused, l2 = _fused(transform), config.blend.l2
    without = tuple(fit_weights(stack[fold != k], _shares(kind[fold != k]), fused=fused, l2=l2) for k in range(FOLDS))
    return _Group(questions, fit_weights(stack, _shares(kind), fused=fused, l2=l2), without)


def _shares(protocols: NDArray[np.str_]) -> NDArray[np.float64]:
    """Let each kind of question count the same in all, however many there are of it."""
    _, kind = np.unique(protocols, return_inverse=True)
    counts = np.bincount(kind)
    return np.asarray(1 / (counts[kind] * len(counts)))


def _judge(
    segment: str, group: _Group, transform: Transform, alternatives: dict[str, Weights], config: FitConfig
) -> dict[str, Any]:
    """Compare the blend, cross-fitted by employee, with every alternative on a segment's questions."""
    mine = [q for q in group.questions if segment_of(q.context) == segment]
    real = [q for q in mine if q.protocol != MASKED]
    # Hidden histories stand in where too few people truly have none.
    mine = real if len({q.employee_idx for q in real}) >= ENOUGH_EMPLOYEES else mine
    employees = np.array([question.employee_idx for question in mine], dtype=np.int64)
    n_employees = len(np.unique(employees))
    if n_employees < FEWEST_EMPLOYEES:
        learned = bool(group.whole.weight.any()) and segment != "none"
        return {"ships": "blend" if learned else "fusion", "judged": False, "employees": n_employees}
    figures = np.array([_figures(question, group, transform, alternatives) for question in mine])
    means = dict(zip(alternatives, (_mean(column, employees) for column in figures[:, 1:].T), strict=True))
    best = max(means, key=lambda name: means[name])
    gain = figures[:, 0] - figures[:, 1 + list(means).index(best)]
    lower = sampled_means(_by_employee(gain, employees)[:, None], n_resamples=RESAMPLES, seed=config.seed)[0]
    safe = lower.interval().low >= -config.blend.tolerance * means[best]
    return {
        "ships": "blend" if safe else best,
        "judged": True,
        "employees": n_employees,
        "questions": len(mine),
        "blend": _mean(figures[:, 0], employees),
        "best_part": best,
        "parts": means,
        "gain_lower_95": lower.interval().low,
    }


def _figures(question: Question, group: _Group, transform: Transform, alternatives: dict[str, Weights]) -> list[float]:
    """Return NDCG@10 of the blend learned without the person's fold, then of each alternative."""
    features = transform.features(question.signals, question.context)
    ranked = [group.without_fold[question.employee_idx % FOLDS], *alternatives.values()]
    return [_ndcg(_scores(weights, features), question) for weights in ranked]


def _scores(weights: Weights, features: FloatArray) -> NDArray[np.float64]:
    used = np.flatnonzero(weights.weight)
    return np.asarray(weights.weight[used] @ features[used])


def _mean(values: NDArray[np.float64], employees: NDArray[np.int64]) -> float:
    """Return the mean over employees of each one's mean."""
    return float(_by_employee(values, employees).mean())


def _by_employee(values: NDArray[np.float64], employees: NDArray[np.int64]) -> NDArray[np.float64]:
    _, who = np.unique(employees, return_inverse=True)
    return np.asarray(np.bincount(who, weights=values) / np.bincount(who))


def _ndcg(score: NDArray[np.float64], question: Question) -> float:
    """Return NDCG@10 of candidates ranked by score; what was taken and is no candidate counts as missed."""
    taken = np.flatnonzero(question.taken)
    if not len(taken):
        return 0.0
    earlier = (score[None, :] == score[taken, None]) & (np.arange(len(score))[None, :] < taken[:, None])
    rank = (score[None, :] > score[taken, None]).sum(axis=1) + earlier.sum(axis=1)
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    return float(discount[rank[rank < DEPTH]].sum() / discount[: min(DEPTH, question.n_taken)].sum())


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


def _note(segment: str, said: dict[str, Any]) -> str:
    length, _, when = segment.partition("_")
    who = {"none": "no history", "short": "1 to 4 completions", "long": "5 or more completions"}[length]
    who += {"away": ", away for more than a day", "active": ", active within a day", "": ""}[when]
    if not said["judged"]:
        return f"People with {who}: too few ({said['employees']}) in the windows to judge; {said['ships']} ships."
    return (
        f"People with {who}: {said['ships']} ships instead of the blend, whose NDCG@10 out of sample was "
        f"{said['blend']:.4f} beside {said['parts'][said['best_part']]:.4f}."
    )
