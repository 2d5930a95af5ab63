"""What a ranked list is worth: accuracy per case, and what the lists do to the catalogue.

`ranked` is always (n_cases, depth) int32 of course positions, best first, −1 where a list has ended. Relevance is
binary. `k` cuts the list; a list shorter than k is judged as it is. A target that could not be ranked stays in every
denominator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, Ragged, frozen
from recommender.company import Completions

DoubleArray = NDArray[np.float64]
ACCURACY = ("hr", "ndcg", "recall", "mrr")
BEYOND_ACCURACY = ("novelty", "popularity_bias")


def hits_of(ranked: IntArray, targets: Ragged) -> BoolArray:
    """Return where a list shows a target of its own case, same shape as `ranked`."""
    n_cases, _ = ranked.shape
    n_courses = int(max(ranked.max(initial=0), targets.values.max(initial=0))) + 1
    owner = np.repeat(np.arange(n_cases, dtype=np.int64), np.diff(targets.indptr))
    wanted = np.sort(owner * n_courses + targets.values)
    asked = np.arange(n_cases, dtype=np.int64)[:, None] * n_courses + ranked
    place = np.minimum(np.searchsorted(wanted, asked), max(len(wanted) - 1, 0))
    found = wanted[place] == asked if len(wanted) else np.zeros(ranked.shape, dtype=np.bool_)
    return np.asarray(found & (ranked != NONE))


def hit_rate(hits: BoolArray, k: int) -> DoubleArray:
    """Return 1 where the first k show at least one target, else 0, shape (n_cases,)."""
    return np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)


def recall(hits: BoolArray, n_targets: IntArray, k: int) -> DoubleArray:
    """Return the share of a case's targets that the first k show, shape (n_cases,). The denominator is not cut at k."""
    return np.asarray(hits[:, :k].sum(axis=1) / n_targets)


def reciprocal_rank(hits: BoolArray, k: int) -> DoubleArray:
    """Return 1 / rank of the first target among the first k, 0 without one, shape (n_cases,).

    Source: Voorhees, "The TREC-8 Question Answering Track Report", 1999.
    """
    top = hits[:, :k]
    return np.where(top.any(axis=1), 1.0 / (top.argmax(axis=1) + 1.0), 0.0)


def ndcg(hits: BoolArray, n_targets: IntArray, k: int) -> DoubleArray:
    """Return the discounted gain of the first k over the best possible, shape (n_cases,).

    DCG = Σ hit_r / log2(r + 1) over ranks r = 1 … k; the best puts min(k, n_targets) targets first. Source: Järvelin
    and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002, with binary gains.
    """
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    gain = hits[:, :k] @ discount[: hits[:, :k].shape[1]]
    return np.asarray(gain / np.cumsum(discount)[np.minimum(n_targets, k) - 1])


def random_ndcg(n_candidates: IntArray, n_rankable: IntArray, n_targets: IntArray, k: int) -> DoubleArray:
    """Return the expected NDCG of a uniformly random order, shape (n_cases,).

    Each of the first min(k, n_candidates) ranks shows a target with probability n_rankable / n_candidates.
    """
    discount = np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))
    shown = np.minimum(n_candidates, k)
    gain = np.where(shown > 0, n_rankable / np.maximum(n_candidates, 1) * discount[np.maximum(shown, 1) - 1], 0.0)
    return np.asarray(gain / discount[np.minimum(n_targets, k) - 1])


@dataclass(frozen=True, slots=True)
class Popularity:
    """How widely each course was completed before a cut.

    `surprise` (n_courses,): −log2 of the share of people who had completed it; a course nobody had completed counts as
    completed by one. `percentile` (n_courses,): share of courses with fewer completers, ties counted half, in [0, 1].
    """

    surprise: DoubleArray
    percentile: DoubleArray

    @classmethod
    def of(cls, past: Completions, n_courses: int) -> Popularity:
        """Count people per course among the completions of the past, assigned ones included."""
        completers = np.bincount(past.course_idx[past.first], minlength=n_courses)
        n_people = max(1, len(np.unique(past.employee_idx)))
        ordered = np.sort(completers)
        below = np.searchsorted(ordered, completers, side="left")
        up_to = np.searchsorted(ordered, completers, side="right")
        surprise = -np.log2(np.maximum(completers, 1) / n_people)
        return cls(frozen(surprise), frozen((below + up_to) / 2.0 / n_courses))


def novelty(ranked: IntArray, surprise: DoubleArray, k: int) -> DoubleArray:
    """Return the mean surprise of the first k, in bits, shape (n_cases,); 0 for an empty list.

    Source: Castells, Vargas and Wang, "Novelty and Diversity Metrics for Recommender Systems", 2011 (self-information,
    inverse user frequency).
    """
    return _mean_over_list(ranked[:, :k], surprise)


def popularity_bias(ranked: IntArray, targets: Ragged, percentile: DoubleArray, k: int) -> DoubleArray:
    """Return by how much the first k are more popular than what was truly completed, shape (n_cases,), in [−1, 1].

    Mean popularity percentile of the first k minus that of the case's targets; 0 means the lists are as popular as
    people's own choices. Source of the comparison of profile and list popularity: Abdollahpouri et al., "The
    Unfairness of Popularity Bias in Recommendation", 2019 (there as a ratio of raw popularity per user group).
    """
    owner = np.repeat(np.arange(len(ranked)), np.diff(targets.indptr))
    chosen = np.bincount(owner, weights=percentile[targets.values], minlength=len(ranked)) / np.diff(targets.indptr)
    return np.asarray(_mean_over_list(ranked[:, :k], percentile) - chosen)


def coverage(ranked: IntArray, n_courses: int, k: int) -> float:
    """Return the share of the catalogue that appears among the first k of any list."""
    shown = np.unique(ranked[:, :k])
    return float((shown != NONE).sum() / n_courses)


def values_per_case(
    ranked: IntArray, targets: Ragged, popularity: Popularity, ks: tuple[int, ...]
) -> dict[str, DoubleArray]:
    """Return every per-case metric at every k as `name@k` → (n_cases,)."""
    hits, n_targets = hits_of(ranked, targets), np.diff(targets.indptr).astype(np.int32)
    values: dict[str, DoubleArray] = {}
    for k in ks:
        values[f"hr@{k}"] = hit_rate(hits, k)
        values[f"ndcg@{k}"] = ndcg(hits, n_targets, k)
        values[f"recall@{k}"] = recall(hits, n_targets, k)
        values[f"mrr@{k}"] = reciprocal_rank(hits, k)
        values[f"novelty@{k}"] = novelty(ranked, popularity.surprise, k)
        values[f"popularity_bias@{k}"] = popularity_bias(ranked, targets, popularity.percentile, k)
    return values


def mean_per_employee(employee_idx: IntArray, values: DoubleArray) -> tuple[IntArray, DoubleArray]:
    """Average the cases of each person, so that people weigh equally.

    `values` is (n_cases,) or (n_cases, m); returns the people, rising, and their means (n_people,) or (n_people, m).
    """
    people, group = np.unique(employee_idx, return_inverse=True)
    table = values[:, None] if values.ndim == 1 else values
    sums = np.column_stack([np.bincount(group, weights=column, minlength=len(people)) for column in table.T])
    means = sums / np.bincount(group, minlength=len(people))[:, None]
    return people, means[:, 0] if values.ndim == 1 else means


def _mean_over_list(ranked: IntArray, value: DoubleArray) -> DoubleArray:
    there = ranked != NONE
    total = np.where(there, value[ranked], 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1))
