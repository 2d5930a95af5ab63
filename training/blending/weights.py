"""The weights of the blend: L2 logistic regression, conditional on the question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.arrays import BoolArray, FloatArray

MOST_ITERATIONS = 100
TOLERANCE = 1e-6
"""Relative fall of the loss in one step below which the search stops: what single precision can tell."""
MOST_SCALE = 3.0
"""Largest weight of a standardised feature in the fusion the penalty pulls towards."""
FIRST_SCALE = 0.3
SCALE_PENALTY = 1e-4
"""Keeps scales of features that say the same from running apart."""
MOST_TAKEN = 3
"""Courses taken that one question teaches at most: a person who took thirty at once weighs no more than three times one."""
FUSION_ONLY = np.inf
"""The penalty under which nothing leaves the fusion."""
PENALTIES = (FUSION_ONLY, 10_000.0, 3000.0, 1000.0, 300.0, 100.0, 30.0)
"""What the penalty is chosen among, strongest first."""
FOLDS = 2
_ROWS_A_BLOCK = 128
"""Rows whose squares are summed at a time: as float64 all of them would take three times the memory of the rest."""


@dataclass(frozen=True)
class Weights:
    """Weights of the raw features and the point they are measured from, both (n_features,)."""

    weight: NDArray[np.float64]
    centre: NDArray[np.float64]


@dataclass(frozen=True)
class Lessons:
    """What weights are learned from, one row a course taken.

    `rows` (n, 1 + negatives, n_features) the course taken first; `shares` (n,) how much each counts; `employee` (n,)
    whose it was; `later` (n,) whether it was asked in the later half of the windows.
    """

    rows: FloatArray
    shares: NDArray[np.float64]
    employee: NDArray[np.int64]
    later: BoolArray

    @property
    def fold(self) -> NDArray[np.int64]:
        """Which of `FOLDS` parts each person belongs to, (n,)."""
        return self.employee % FOLDS

    @property
    def shares_by_person(self) -> NDArray[np.float64]:
        """How much each counts where every person counts the same, (n,), summing to 1."""
        _, who, counts = np.unique(self.employee, return_inverse=True, return_counts=True)
        return np.asarray(1 / (counts[who] * len(counts)))

    def of(self, chosen: BoolArray | NDArray[np.int64]) -> Lessons:
        """Return some of them."""
        return Lessons(self.rows[chosen], self.shares[chosen], self.employee[chosen], self.later[chosen])


def sampled_places(taken: NDArray[np.bool_], *, negatives: int, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """Return, for each of a few of the courses taken, its place and those of drawn candidates that were not.

    The shape is (n_courses, 1 + negatives), the one taken first; candidates are drawn with replacement only where there
    are too few. None where nothing was taken, or nothing was not.
    """
    positives, others = np.flatnonzero(taken), np.flatnonzero(~taken)
    if not len(positives) or not len(others):
        return None
    if len(positives) > MOST_TAKEN:
        positives = rng.choice(positives, MOST_TAKEN, replace=False)
    drawn = rng.choice(others, negatives, replace=len(others) < negatives)
    return np.column_stack([positives, np.tile(drawn, (len(positives), 1))])


def fit_weights(lessons: Lessons, *, fused: BoolArray, penalties: tuple[float, ...]) -> list[Weights]:
    """Maximise the likelihood of what was taken among what was drawn, less an L2 penalty on standardised weights.

    The penalty pulls towards a fusion, not towards nothing: first one scale of 0 or more is fitted to each group of
    features summed with equal weight, `fused` (n_groups, n_features), then all weights, penalised for leaving that. Few
    questions stay near the fusion.

    Conditional logistic regression: P(taken) = exp(w·x₀) / Σ_j exp(w·x_j) over the rows of one question (McFadden,
    *Conditional logit analysis of qualitative choice behavior*, 1974). What is equal for all candidates of a question
    drops out, so that no part of the score stands for the person rather than the course. The penalty is one of
    `penalties`, strongest first, divided by the number of rows; each search starts where the one before ended.

    Returns
    -------
    The weights under each penalty.
    """
    centre = lessons.rows.mean(axis=(0, 1), dtype=np.float64)
    spread = _spread(lessons.rows, centre)
    useful = spread > 1e-6
    scale = np.where(useful, 1 / np.where(useful, spread, 1), 0)
    stack = np.subtract(lessons.rows, centre.astype(np.float32), dtype=np.float32)
    stack *= scale.astype(np.float32)
    likelihood = _Likelihood(stack, lessons.shares / lessons.shares.sum())
    found = []
    prior = weight = _fusion(likelihood, (fused & useful).astype(np.float64))
    for l2 in penalties:
        if np.isfinite(l2):
            weight = _search(likelihood.penalised, weight, prior, l2 / len(stack))
        found.append(Weights(weight * scale, centre))
    return found


def _spread(rows: FloatArray, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each feature over all rows, (n_features,), as NumPy's own sums it."""
    flat, size = rows.reshape(-1, rows.shape[2]), _ROWS_A_BLOCK * rows.shape[1]
    squares = np.zeros((1 + size, rows.shape[2]))  # what was summed before comes first
    for begin in range(0, len(flat), size):
        part = flat[begin : begin + size]
        away = squares[1 : 1 + len(part)]
        np.subtract(part, centre, out=away)
        np.multiply(away, away, out=away)
        squares[0] = squares[: 1 + len(part)].sum(axis=0)
    return np.asarray(np.sqrt(squares[0] / len(flat)))


def _fusion(likelihood: _Likelihood, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Σ_k scale_k·directions[k] that fits best, every scale in [0, `MOST_SCALE`]."""
    if not directions.any():
        return np.zeros(directions.shape[1])

    summed = likelihood.along(directions)

    def loss(scales: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = summed.loss(scales)
        return value + SCALE_PENALTY * float(scales @ scales), slope + 2 * SCALE_PENALTY * scales

    bounds = [(0.0, MOST_SCALE)] * len(directions)
    found = minimize(loss, np.full(len(directions), FIRST_SCALE), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x @ directions)


def _search(
    penalised: object, start: NDArray[np.float64], prior: NDArray[np.float64], l2: float
) -> NDArray[np.float64]:
    found = minimize(
        penalised,
        start,
        args=(prior, l2),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MOST_ITERATIONS, "ftol": TOLERANCE},
    )
    return np.asarray(found.x)


def choose_penalty(lessons: Lessons, *, fused: BoolArray) -> float:
    """Return the penalty whose weights make what was not learned from likeliest.

    Asked are the people of the other fold, and the later windows by weights learned on the earlier ones: what is
    learned will be used on other people and later. Every person counts the same, as in what the lists are judged by: a
    few who took hundreds of courses must not decide. Of equals the strongest.
    """
    held_out = [lessons.fold == k for k in range(FOLDS)] + [lessons.later]
    scores = np.zeros(len(PENALTIES))
    for left_out in held_out:
        if not left_out.any() or left_out.all():
            continue
        asked = lessons.of(left_out)
        likelihood = _Likelihood(asked.rows, asked.shares_by_person)
        for i, weights in enumerate(fit_weights(lessons.of(~left_out), fused=fused, penalties=PENALTIES)):
            scores[i] -= likelihood.loss(weights.weight)[0]
    return PENALTIES[int(scores.argmax())]


class _Likelihood:
    """Minus the weighted log-likelihood of the rows taken, with its gradient; `shares` sum to 1."""

    def __init__(self, stack: FloatArray, shares: NDArray[np.float64]) -> None:
        self._shape, self._shares = stack.shape[:2], shares
        self._flat = stack.reshape(-1, stack.shape[2])

    def loss(self, weight: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = (self._flat @ weight.astype(np.float32)).reshape(self._shape).astype(np.float64)
        score -= score.max(axis=1, keepdims=True)
        wrong = np.exp(score)
        total = wrong.sum(axis=1, keepdims=True)
        loss = -float(self._shares @ (score[:, 0] - np.log(total[:, 0])))
        wrong /= total
        wrong[:, 0] -= 1
        wrong *= self._shares[:, None]
        return loss, (wrong.reshape(-1).astype(np.float32) @ self._flat).astype(np.float64)

    def along(self, directions: NDArray[np.float64]) -> _Likelihood:
        """Return the likelihood of weights of sums of features, `directions` (n_sums, n_features)."""
        summed = self._flat @ directions.T.astype(np.float32)
        return _Likelihood(summed.reshape(*self._shape, len(directions)), self._shares)

    def penalised(
        self, weight: NDArray[np.float64], prior: NDArray[np.float64], l2: float
    ) -> tuple[float, NDArray[np.float64]]:
        loss, slope = self.loss(weight)
        away = weight - prior
        return loss + l2 * float(away @ away), slope + 2 * l2 * away
