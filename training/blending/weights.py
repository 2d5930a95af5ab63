"""The weights of the blend: L2 logistic regression, conditional on the question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from threadpoolctl import threadpool_limits

from recommender.arrays import FloatArray

MOST_ITERATIONS = 100
TOLERANCE = 1e-6
"""Relative fall of the loss in one step below which the search stops: what single precision can tell."""
MOST_SCALE = 3.0
"""Largest weight of a standardised feature in the fusion the penalty pulls towards."""
MOST_TAKEN = 3
"""Courses taken that one question teaches at most: a person who took thirty at once weighs no more than ten times one."""


@dataclass(frozen=True)
class Weights:
    """Weights of the raw features and the point they are measured from, both (n_features,)."""

    weight: NDArray[np.float64]
    centre: NDArray[np.float64]


def sampled_rows(
    features: FloatArray, taken: NDArray[np.bool_], *, negatives: int, rng: np.random.Generator
) -> list[FloatArray]:
    """Return, for each of a few courses taken, drawn from all, its features and those of drawn candidates that were not.

    Each has the shape (1 + negatives, n_features), the one taken first; candidates are drawn with replacement only where
    there are too few.
    """
    positives, others = np.flatnonzero(taken), np.flatnonzero(~taken)
    if not len(positives) or not len(others):
        return []
    if len(positives) > MOST_TAKEN:
        positives = rng.choice(positives, MOST_TAKEN, replace=False)
    drawn = rng.choice(others, negatives, replace=len(others) < negatives)
    return [features[:, np.concatenate([[positive], drawn])].T.copy() for positive in positives]


def fit_weights(rows: FloatArray, shares: NDArray[np.float64], *, fused: NDArray[np.bool_], l2: float) -> Weights:
    """Maximise the likelihood of what was taken among what was drawn, less an L2 penalty on standardised weights.

    The penalty pulls towards an equal-weight fusion, not towards nothing: first the one scale of the features `fused`
    (n_features,) is fitted, then all weights, penalised for leaving it. Few questions stay near the fusion.

    Conditional logistic regression: P(taken) = exp(w·x₀) / Σ_j exp(w·x_j) over the rows of one question (McFadden,
    *Conditional logit analysis of qualitative choice behavior*, 1974). What is equal for all candidates of a question
    drops out, so that no part of the score stands for the person rather than the course. `rows` is
    (n_questions, 1 + negatives, n_features), the course taken first; `shares` (n_questions,) sum to 1 and say how much
    each counts. The penalty is l2 divided by the number of questions.
    """
    stack = rows.astype(np.float32)
    centre = stack.mean(axis=(0, 1), dtype=np.float64)
    spread = stack.std(axis=(0, 1), dtype=np.float64)
    useful = spread > 1e-6
    scale = np.where(useful, 1 / np.where(useful, spread, 1), 0)
    stack -= centre.astype(np.float32)
    stack *= scale.astype(np.float32)
    likelihood = _Likelihood(stack, shares, l2 / len(stack))
    direction = (fused & useful).astype(np.float64)
    free = _Likelihood(stack, shares, 0.0)
    step = minimize_scalar(lambda s: free.loss(s * direction), bounds=(0, MOST_SCALE), method="bounded")
    likelihood.prior = float(step.x) * direction
    # One thread: the steps between two evaluations are too small to share.
    with threadpool_limits(1, user_api="blas"):
        found = minimize(
            likelihood.loss_and_gradient,
            likelihood.prior,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MOST_ITERATIONS, "ftol": TOLERANCE},
        )
    return Weights(np.asarray(found.x) * scale, centre)


class _Likelihood:
    """Minus the weighted log-likelihood of the rows taken, plus the penalty, with its gradient."""

    def __init__(self, stack: FloatArray, shares: NDArray[np.float64], l2: float) -> None:
        self._stack, self._shares, self._l2 = stack, shares, l2
        self.prior = np.zeros(stack.shape[2])
        self._flat = stack.reshape(-1, stack.shape[2])

    def _chances(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ln P(row) within each question, (n_questions, 1 + negatives)."""
        score = (self._flat @ weight.astype(np.float32)).reshape(self._stack.shape[:2]).astype(np.float64)
        score -= score.max(axis=1, keepdims=True)
        return np.asarray(score - np.log(np.exp(score).sum(axis=1, keepdims=True)))

    def loss(self, weight: NDArray[np.float64]) -> float:
        return -float(self._shares @ self._chances(weight)[:, 0]) + self._l2 * float(((weight - self.prior) ** 2).sum())

    def loss_and_gradient(self, weight: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        chances = self._chances(weight)
        away = weight - self.prior
        wrong = np.exp(chances)
        wrong[:, 0] -= 1
        wrong *= self._shares[:, None]
        slope = (wrong.reshape(-1).astype(np.float32) @ self._flat).astype(np.float64)
        loss = -float(self._shares @ chances[:, 0]) + self._l2 * float(away @ away)
        return loss, slope + 2 * self._l2 * away
