"""Can the relevance be read as a probability? Calibrated and judged out of sample, on the questions of the windows.

The score orders candidates; it is no probability by itself. The conditional logit that the weights are learned by says
P(i is taken next) = exp(s_i) / Σ_j exp(s_j) over the candidates of a question (McFadden 1974). Two numbers make that
fit for use, learned on the people of the other fold: a temperature b on the score (Guo, Pleiss, Sun and Weinberger, *On
Calibration of Modern Neural Networks*, ICML 2017), and the share c of questions whose answer is among the candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from recommender.blend import Transform, segment_of
from training.blending.judging import DEPTH, RESAMPLES, Judged
from training.blending.rows import Question
from training.blending.weights import FOLDS
from training.intervals import resampled_means, sampled_means

MOST_ASKED = 1000
"""Questions that are calibrated on and judged, drawn by the seed: what keeps the cost of a large fit small."""
FEWEST_ASKED = 40
"""With fewer in a segment, or fewer than half of it in a fold, its temperature would be chance."""
N_BINS = 10
_LOG_TEMPERATURE = (-5.0, 5.0)

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class _Answered:
    """One `next` question: scores of its candidates, best first, and which place the course taken has, −1 none."""

    employee_idx: int
    scores: Doubles
    taken: int

    @property
    def fold(self) -> int:
        return self.employee_idx % FOLDS


@dataclass(frozen=True)
class _Believed:
    """The first courses of lists, laid below each other: said probabilities, which were taken, and whose list it was."""

    said: Doubles
    taken: Doubles
    employees: NDArray[np.int64]


def calibration(
    judged: Mapping[str, Judged], questions: Sequence[Question], transform: Transform, *, seed: int
) -> dict[str, Any]:
    """Return how well probabilities of the ten first courses of a list hold, raw and calibrated; `skipped` says why not.

    `bins` are tenths of the shown courses by what was said of them, lowest first: `said` and `happened` are means,
    the latter with a bootstrap interval over people.
    """
    asked = _drawn([one for one in questions if one.protocol == "next"], seed)
    raw: list[_Believed] = []
    calibrated: list[_Believed] = []
    segments: dict[str, Any] = {}
    for segment, one in judged.items():
        answered = [_answered(q, one, transform) for q in asked if segment_of(q.context) == segment]
        if not one.said["judged"] or not _enough(answered):
            continue
        temperatures = [_temperature([a for a in answered if a.fold != fold]) for fold in range(FOLDS)]
        mine = _believed(answered, temperatures)
        raw.append(_believed(answered, [(1.0, 1.0)] * FOLDS))
        calibrated.append(mine)
        segments[segment] = {
            "questions": len(answered),
            "temperatures": [b for b, _ in temperatures],
            **_errors(mine),
        }
    if not calibrated:
        return {"skipped": f"fewer than {FEWEST_ASKED} questions about the next course in every segment"}
    pooled, unchanged = _pooled(calibrated), _pooled(raw)
    return {
        "questions": sum(one["questions"] for one in segments.values()),
        "calibrated": _errors(pooled),
        "raw": _errors(unchanged),
        "bins": _bins(pooled, seed),
        "raw_bins": _bins(unchanged, seed),
        "brier_gain": _brier_gain(pooled, seed),
        "segments": segments,
    }


def _drawn(asked: list[Question], seed: int) -> list[Question]:
    if len(asked) <= MOST_ASKED:
        return asked
    kept = np.sort(np.random.default_rng(seed).choice(len(asked), MOST_ASKED, replace=False))
    return [asked[i] for i in kept.tolist()]


def _enough(answered: Sequence[_Answered]) -> bool:
    found = [sum(one.taken >= 0 for one in answered if one.fold == fold) for fold in range(FOLDS)]
    return len(answered) >= FEWEST_ASKED and min(found) >= FEWEST_ASKED // (2 * FOLDS)


def _answered(question: Question, judged: Judged, transform: Transform) -> _Answered:
    """Score a question by weights that its person had no part in."""
    weights = judged.without_fold[question.employee_idx % FOLDS]
    scores = weights.weight @ transform.features(question.signals, question.context)
    order = np.argsort(-scores, kind="stable")
    places = np.flatnonzero(question.taken[order])
    return _Answered(question.employee_idx, scores[order], int(places[0]) if len(places) else -1)


def _temperature(answered: Sequence[_Answered]) -> tuple[float, float]:
    """Return the temperature that makes what was taken likeliest, and the share of questions whose answer was there."""
    found = [one for one in answered if one.taken >= 0]
    share = (len(found) + 1) / (len(answered) + 2)
    longest = max(len(one.scores) for one in found)
    table = np.full((len(found), longest), -np.inf)
    for row, one in zip(table, found, strict=True):
        row[: len(one.scores)] = one.scores - one.scores[0]
    taken = np.array([one.taken for one in found])
    hit = table[np.arange(len(found)), taken]

    def loss(log_temperature: float) -> float:
        b = float(np.exp(log_temperature))
        return float(np.mean(np.log(np.exp(b * table).sum(axis=1)) - b * hit))

    best = minimize_scalar(loss, bounds=_LOG_TEMPERATURE, method="bounded", options={"xatol": 1e-2})
    return float(np.exp(best.x)), share


def _believed(answered: Sequence[_Answered], temperatures: Sequence[tuple[float, float]]) -> _Believed:
    said, taken, employees = [], [], []
    for one in answered:
        b, share = temperatures[one.fold]
        chance = np.exp(b * (one.scores - one.scores[0]))
        shown = share * chance[:DEPTH] / chance.sum()
        said.append(shown)
        taken.append(np.arange(len(shown)) == one.taken)
        employees.append(np.full(len(shown), one.employee_idx))
    return _Believed(np.concatenate(said), np.concatenate(taken).astype(np.float64), np.concatenate(employees))


def _pooled(parts: Sequence[_Believed]) -> _Believed:
    return _Believed(
        np.concatenate([one.said for one in parts]),
        np.concatenate([one.taken for one in parts]),
        np.concatenate([one.employees for one in parts]),
    )


def _errors(one: _Believed) -> dict[str, Any]:
    """Return the Brier score, that of saying the same of every course, and the expected calibration error.

    Sources: Brier, *Verification of forecasts expressed in terms of probability*, 1950; Naeini, Cooper and Hauskrecht,
    *Obtaining well calibrated probabilities using Bayesian binning*, AAAI 2015 (here with bins of equal size).
    """
    rate = float(one.taken.mean())
    gaps = [abs(one.said[rows].mean() - one.taken[rows].mean()) * len(rows) for rows in _tenths(one)]
    return {
        "shown": len(one.said),
        "said": float(one.said.mean()),
        "happened": rate,
        "brier": float(np.mean((one.said - one.taken) ** 2)),
        "brier_of_base_rate": rate * (1 - rate),
        "ece": float(sum(gaps) / len(one.said)),
    }


def _tenths(one: _Believed) -> list[NDArray[np.int64]]:
    order = np.argsort(one.said, kind="stable")
    return [rows for rows in np.array_split(order, N_BINS) if len(rows)]


def _bins(one: _Believed, seed: int) -> list[dict[str, Any]]:
    people, who = np.unique(one.employees, return_inverse=True)
    tenths = _tenths(one)
    columns = np.zeros((len(people), 2 * len(tenths)))
    for j, rows in enumerate(tenths):
        columns[:, 2 * j] = np.bincount(who[rows], weights=one.taken[rows], minlength=len(people))
        columns[:, 2 * j + 1] = np.bincount(who[rows], minlength=len(people))
    sampled = sampled_means(columns, n_resamples=RESAMPLES, seed=seed)
    return [
        {
            "shown": len(rows),
            "said": float(one.said[rows].mean()),
            "happened": sampled[2 * j].over(sampled[2 * j + 1]).as_list(),
        }
        for j, rows in enumerate(tenths)
    ]


def _brier_gain(one: _Believed, seed: int) -> list[float | None]:
    """Return by which share the Brier score is lower than that of saying the same of every course, with its interval."""
    people, who = np.unique(one.employees, return_inverse=True)
    sums: list[Doubles] = [(one.said - one.taken) ** 2, one.taken, np.ones_like(one.said)]
    counted = [np.bincount(who, weights=values, minlength=len(people)) for values in sums]
    columns: Doubles = np.stack(counted, axis=1).astype(np.float64)
    draws = np.vstack([columns.mean(axis=0), resampled_means(columns, n_resamples=RESAMPLES, seed=seed)])
    rate = draws[:, 1] / draws[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = 1 - draws[:, 0] / draws[:, 2] / (rate * (1 - rate))
    if not np.isfinite(gains).all():
        return [float(gains[0]) if np.isfinite(gains[0]) else None, None, None]
    low, high = np.quantile(gains[1:], [0.025, 0.975])
    return [float(gains[0]), float(low), float(high)]
