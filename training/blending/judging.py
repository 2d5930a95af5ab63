"""Is the learned blend worth shipping? Judged out of sample, segment by segment, beside what it must not lose against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray
from recommender.blend import Transform, segment_of
from training.blending.rows import MASKED, Question
from training.blending.weights import FOLDS, Weights
from training.config import FitConfig
from training.intervals import sampled_means

DEPTH = 10
RESAMPLES = 1000
FEWEST_EMPLOYEES = 20
"""A segment with fewer people in the windows is too small to judge: it ships what it would ship by default."""
ENOUGH_EMPLOYEES = 300
TIE_BREAK = 1e-3
"""Weight of the month's popularity beside a single part, so that courses the part says nothing of have an order."""
_FUSED = {
    "item_item.sum.log_rank",
    "sequence.next.log_rank",
    "sequence.last.log_rank",
    "hybrid.affinity.log_rank",
    "trend.month.value",
    "content.history.log_rank",
    "role.target.log_rank",
}
"""What the equal-weight fusion sums."""
_UNSCALED = {"trend.age", "trend.unseen", "content.strain", "sequence.second", "sequence.order"}
"""Signals the scaled fusion leaves out: more of them need not speak for a course, or they only refine others."""
BLEND, SCALED_FUSION, FUSION = "blend", "scaled fusion", "fusion"
_WITHOUT_HISTORY = {
    FUSION,
    "hybrid.affinity",
    *(f"trend.{name}" for name in ("month", "week", "season", "ever", "in_role")),
    "content.role",
    "role.target",
    "role.current",
}
"""What can rank for people without a history: the rest is the same for every course there."""
_NOT_ALONE = {
    "trend.rise",
    "trend.age",
    "trend.unseen",
    "trend.start",
    "trend.role_lift",
    "content.topic",
    "content.language",
    "content.strain",
    "role.closes",
    "role.deepens",
    "sequence.order",
}
"""Signals that only mean something beside others."""


@dataclass(frozen=True)
class Group:
    """Questions that teach one another, and the weights learned on them under the penalty `l2`.

    `whole` on all of them, `without_fold` on all but one fold of the people; `scaled` and `scaled_without_fold` the same
    of the fusion with one learned scale a signal.
    """

    questions: list[Question]
    l2: float
    whole: Weights
    scaled: Weights
    without_fold: tuple[Weights, ...]
    scaled_without_fold: tuple[Weights, ...]


def scaled_features(transform: Transform) -> BoolArray:
    """Return what the scaled fusion sums, (n_groups, n_features): one row a signal, its rank or, without one, its value."""
    rows = []
    for signal in transform.signals:
        name = f"{signal.scorer}.{signal.name}"
        if name not in _UNSCALED:
            kind = "log_rank" if "log_rank" in signal.transforms else "value"
            rows.append([feature == f"{name}.{kind}" for feature in transform.feature_names])
    return np.array(rows, dtype=np.bool_)


def alternatives(transform: Transform, questions: Sequence[Question], *, with_history: bool) -> dict[str, Weights]:
    """Return what the blend must not lose against and nobody had to learn: each part alone, and all with equal weights.

    A part that tells no two candidates apart in most of the questions is none: its tie-break would be all that ranks.
    """
    speaks = _speaks(transform, questions)
    names = transform.feature_names
    nowhere = np.zeros(len(names))
    equal = np.array([name in _FUSED for name in names], dtype=np.float64)
    found = {FUSION: Weights(equal, nowhere)}
    for signal, spoke in zip(transform.signals, speaks, strict=True):
        name = f"{signal.scorer}.{signal.name}"
        if name in _NOT_ALONE or not spoke:
            continue
        weight = np.zeros(len(names))
        weight[names.index("trend.month.value")] = TIE_BREAK
        weight[names.index(f"{name}.{signal.transforms[0]}")] += 1
        found[name] = Weights(weight, nowhere)
    return {name: one for name, one in found.items() if with_history or name in _WITHOUT_HISTORY}


def _speaks(transform: Transform, questions: Sequence[Question]) -> BoolArray:
    """Tell of each signal whether it differs among the candidates of at least half of the questions, (n_signals,)."""
    if not questions:
        return np.ones(len(transform.signals), dtype=np.bool_)
    differs = [np.ptp(question.signals, axis=1) > 0 for question in questions]
    return np.asarray(np.mean(differs, axis=0) >= 0.5)


@dataclass(frozen=True)
class Judged:
    """What ships in a segment, and what was measured on it.

    `weights` ship; `without_fold` are the same learned without each fold of the people. `figures` (n_questions, n_names)
    are NDCG@10 of `names` in each question, `employees` (n_questions,) whose it was; none where the segment is too small.
    """

    weights: Weights
    without_fold: tuple[Weights, ...]
    said: dict[str, Any]
    names: tuple[str, ...]
    figures: NDArray[np.float64]
    employees: NDArray[np.int64]


def judge(segment: str, group: Group, transform: Transform, config: FitConfig) -> Judged:
    """Compare the blend, cross-fitted by employee, with every alternative on a segment's questions."""
    mine = _asked_in(segment, group)
    unlearned = alternatives(transform, mine, with_history=segment != "none")
    shippable = {BLEND: group.whole, SCALED_FUSION: group.scaled, **unlearned}
    names = tuple(shippable)

    def judged(said: dict[str, Any], figures: NDArray[np.float64]) -> Judged:
        ships = said["ships"]
        folds = {BLEND: group.without_fold, SCALED_FUSION: group.scaled_without_fold}
        without = folds.get(ships, (shippable[ships],) * FOLDS)
        return Judged(shippable[ships], without, said, names, figures, employees[: len(figures)])

    employees = np.array([question.employee_idx for question in mine], dtype=np.int64)
    n_employees = len(np.unique(employees))
    if n_employees < FEWEST_EMPLOYEES:
        ships = SCALED_FUSION if group.scaled.weight.any() and segment != "none" else FUSION
        return judged({"ships": ships, "judged": False, "employees": n_employees}, np.empty((0, len(names))))
    ranked = [
        np.stack([one.weight for one in (group.without_fold[k], group.scaled_without_fold[k], *unlearned.values())])
        for k in range(FOLDS)
    ]
    figures = np.array([_figures(question, ranked[question.employee_idx % FOLDS], transform) for question in mine])
    by_person = by_employee(figures, employees)
    means = dict(zip(shippable, by_person.mean(axis=0).tolist(), strict=True))
    parts = {name: mean for name, mean in means.items() if name != BLEND}
    best = max(parts, key=lambda name: parts[name])

    def surely_gains(one: str, other: str) -> float:
        """Return the lower end of the paired 95 % interval of one's gain over the other."""
        gain = by_person[:, names.index(one)] - by_person[:, names.index(other)]
        return sampled_means(gain[:, None], n_resamples=RESAMPLES, seed=config.seed)[0].interval().low

    lower = surely_gains(BLEND, best)
    if lower >= -config.blend.tolerance * parts[best]:
        ships = BLEND
    else:
        ships = best if surely_gains(best, SCALED_FUSION) > 0 else SCALED_FUSION
    said = {
        "ships": ships,
        "judged": True,
        "employees": n_employees,
        "questions": len(mine),
        "l2": str(group.l2) if np.isinf(group.l2) else group.l2,
        "blend": means[BLEND],
        "best_part": best,
        "parts": parts,
        "gain_lower_95": lower,
    }
    return judged(said, figures)


def _asked_in(segment: str, group: Group) -> list[Question]:
    """Return the questions of a segment; hidden histories stand in where too few people truly have none."""
    mine = [question for question in group.questions if segment_of(question.context) == segment]
    real = [question for question in mine if question.protocol != MASKED]
    return real if len({question.employee_idx for question in real}) >= ENOUGH_EMPLOYEES else mine


def _figures(question: Question, weights: NDArray[np.float64], transform: Transform) -> NDArray[np.float64]:
    """Return NDCG@10 of the candidates ranked by each row of weights, (len(weights),)."""
    return ndcg_of(weights @ transform.features(question.signals, question.context), question)


def ndcg_of(scores: NDArray[np.float64], question: Question) -> NDArray[np.float64]:
    """Return NDCG@10 by each row of scores, (m, n) → (m,); what was taken and is no candidate counts as missed."""
    taken = np.flatnonzero(question.taken)
    if not len(taken):
        return np.zeros(len(scores))
    mine = scores[:, taken, None]
    places = np.arange(scores.shape[1])
    better = scores[:, None, :] > mine
    earlier = (scores[:, None, :] == mine) & (places < taken[:, None])
    rank = (better | earlier).sum(axis=2)
    discount = np.zeros(scores.shape[1] + 1)
    depth = min(DEPTH, len(discount))
    discount[:depth] = 1 / np.log2(np.arange(2, depth + 2))
    ideal = (1 / np.log2(np.arange(2, min(DEPTH, question.n_taken) + 2))).sum()
    return np.asarray(discount[rank].sum(axis=1) / ideal)


def by_employee(values: NDArray[np.float64], employees: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean over each employee's questions, (n_employees, m)."""
    _, who, counts = np.unique(employees, return_inverse=True, return_counts=True)
    total = np.zeros((len(counts), values.shape[1]))
    np.add.at(total, who, values)
    return np.asarray(total / counts[:, None])


def note_on(segment: str, said: Mapping[str, Any]) -> str:
    """Return the sentence that says why something other than the blend ships in a segment."""
    length, _, when = segment.partition("_")
    who = {"none": "no history", "short": "1 to 4 completions", "long": "5 or more completions"}[length]
    who += {"away": ", away for more than a day", "active": ", active within a day", "": ""}[when]
    if not said["judged"]:
        return f"People with {who}: too few ({said['employees']}) in the windows to judge; {said['ships']} ships."
    parts, best = said["parts"], said["best_part"]
    beside = "" if best == said["ships"] else f" and the best part, {best}, {parts[best]:.4f}"
    return (
        f"People with {who}: {said['ships']} ships, whose NDCG@10 out of sample was {parts[said['ships']]:.4f}; the blend "
        f"had {said['blend']:.4f}{beside}, and its gain over the best may be a loss "
        f"({said['gain_lower_95']:+.4f} at the lower end of the 95 % interval)."
    )
