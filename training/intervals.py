"""How sure a mean is: bootstrap over people, alone and paired.

People are drawn with replacement; a draw is a vector of counts, so that the resampled means of many columns are one
matrix product. All columns share the draws, which makes every difference and ratio of two columns paired by person.
Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile intervals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.metrics import DoubleArray

CONFIDENCE = 0.95
_DRAWS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the ends of its 95 % interval; NaN where it is not defined."""

    estimate: float
    low: float
    high: float

    def as_list(self) -> list[float | None]:
        """Return [estimate, low, high] for JSON, None for what is not a finite number."""
        return [float(x) if np.isfinite(x) else None for x in (self.estimate, self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A mean over people, and the same mean in each resample, shape (n_resamples,)."""

    mean: float
    draws: DoubleArray

    def interval(self) -> Interval:
        """Return the mean and its percentile interval."""
        return _interval(self.mean, self.draws)

    def minus(self, other: Sampled) -> Interval:
        """Return this mean less the other, paired by person."""
        return self.less(other).interval()

    def less(self, other: Sampled) -> Sampled:
        """Return this mean less the other, resample by resample."""
        return Sampled(self.mean - other.mean, self.draws - other.draws)

    def over(self, other: Sampled) -> Interval:
        """Return this mean as a multiple of the other, paired by person; NaN where the other is 0 in any resample."""
        return self.divided_by(other).interval()

    def divided_by(self, other: Sampled) -> Sampled:
        """Return this mean as a multiple of the other, resample by resample; not finite where the other is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return Sampled(float(np.divide(self.mean, other.mean)), self.draws / other.draws)


def sampled_means(columns: DoubleArray, *, n_resamples: int, seed: int) -> list[Sampled]:
    """Return the mean of each column with its resamples.

    `columns` is (n_people, m), one row a person. The same seed gives the same draws. Without people every mean is NaN.
    """
    n_people, n_columns = columns.shape
    if n_people == 0:
        return [Sampled(float("nan"), np.full(n_resamples, np.nan)) for _ in range(n_columns)]
    draws = resampled_means(columns, n_resamples=n_resamples, seed=seed)
    return [Sampled(float(columns[:, j].mean()), draws[:, j]) for j in range(n_columns)]


def resampled_means(columns: DoubleArray, *, n_resamples: int, seed: int) -> DoubleArray:
    """Draw n of n people with replacement, again and again, and return the means, (n_resamples, m)."""
    n_people = len(columns)
    rng = np.random.default_rng(seed)
    means = np.empty((n_resamples, columns.shape[1]))
    for start in range(0, n_resamples, _DRAWS_AT_ONCE):
        part = means[start : start + _DRAWS_AT_ONCE]
        counts = np.stack([_counts(rng, n_people) for _ in range(len(part))])
        part[:] = counts @ columns / n_people
    return means


def _counts(rng: np.random.Generator, n: int) -> DoubleArray:
    return np.bincount(rng.integers(0, n, size=n), minlength=n).astype(np.float64)


def _interval(estimate: float, draws: DoubleArray) -> Interval:
    if not np.isfinite(estimate):
        return Interval(float("nan"), float("nan"), float("nan"))
    if not np.isfinite(draws).all():
        return Interval(estimate, float("nan"), float("nan"))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Interval(estimate, float(low), float(high))
