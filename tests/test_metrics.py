"""Metrics against values worked by hand, laws, and RecTools."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import permutations
from math import log2
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_company import completions

from recommender.arrays import NONE, IntArray, Ragged
from training.metrics import (
    Popularity,
    coverage,
    hit_rate,
    hits_of,
    mean_per_employee,
    ndcg,
    novelty,
    popularity_bias,
    random_ndcg,
    recall,
    reciprocal_rank,
    values_per_case,
)

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers" / "bin" / "python"

# Three people. The first finds courses 7 and 2 at ranks 1 and 3 of their targets {7, 2, 9}; the second finds nothing of
# {5}; the list of the third ends after one course, which is the target.
RANKED = np.array([[7, 1, 2, 3], [0, 1, 2, 3], [4, NONE, NONE, NONE]], dtype=np.int32)
TARGETS = Ragged.from_rows([[7, 2, 9], [5], [4]])
N_TARGETS = np.array([3, 1, 1], dtype=np.int32)


def ints(*values: int) -> IntArray:
    return np.array(values, dtype=np.int32)


def test_hits_are_a_cases_own_targets() -> None:
    expected = [[True, False, True, False], [False] * 4, [True, False, False, False]]
    assert hits_of(RANKED, TARGETS).tolist() == expected


def test_a_list_that_ended_hits_nothing_even_beside_the_last_course_of_the_case_before() -> None:
    # Position −1 of case 1 must not be read as the last course of case 0.
    ranked = np.array([[1], [NONE]], dtype=np.int32)
    assert hits_of(ranked, Ragged.from_rows([[3], [2]])).tolist() == [[False], [False]]


def test_hit_rate_at_1_and_4() -> None:
    hits = hits_of(RANKED, TARGETS)
    assert hit_rate(hits, 1).tolist() == [1, 0, 1]
    assert hit_rate(hits[:, 1:], 1).tolist() == [0, 0, 0]


def test_recall_divides_by_all_targets() -> None:
    hits = hits_of(RANKED, TARGETS)
    assert recall(hits, N_TARGETS, 1).tolist() == pytest.approx([1 / 3, 0, 1])
    assert recall(hits, N_TARGETS, 4).tolist() == pytest.approx([2 / 3, 0, 1])


def test_reciprocal_rank_is_that_of_the_first_hit() -> None:
    hits = np.array([[False, False, True, True], [False] * 4])
    assert reciprocal_rank(hits, 4).tolist() == pytest.approx([1 / 3, 0])
    assert reciprocal_rank(hits, 2).tolist() == [0, 0]


def test_ndcg_by_hand() -> None:
    hits = hits_of(RANKED, TARGETS)
    # k = 4: (1/log2 2 + 1/log2 4) / (1/log2 2 + 1/log2 3 + 1/log2 4): three targets, so three ideal hits.
    first = (1 + 0.5) / (1 + 1 / log2(3) + 0.5)
    assert ndcg(hits, N_TARGETS, 4).tolist() == pytest.approx([first, 0, 1])
    # k = 2: only rank 1 hits, and only two of three targets could: 1 / (1 + 1/log2 3).
    assert ndcg(hits, N_TARGETS, 2).tolist() == pytest.approx([1 / (1 + 1 / log2(3)), 0, 1])


def test_ndcg_at_a_depth_the_list_does_not_reach() -> None:
    assert ndcg(np.array([[False, True]]), np.array([1], dtype=np.int32), 10).tolist() == pytest.approx([1 / log2(3)])


def test_random_ndcg_is_the_mean_over_all_orders() -> None:
    orders = np.array(list(permutations(range(5))), dtype=np.int32)
    truth = Ragged.from_rows([[1, 4]] * len(orders))
    by_trying = ndcg(hits_of(orders[:, :3], truth), np.full(len(orders), 2, dtype=np.int32), 3).mean()
    one = random_ndcg(ints(5), ints(2), ints(2), 3)
    assert one.tolist() == pytest.approx([by_trying], abs=1e-12)


def test_random_ndcg_counts_targets_that_cannot_be_shown_as_misses() -> None:
    # 4 candidates, one of two targets among them, k = 1: 1/4 of an ideal gain of 1.
    assert random_ndcg(ints(4), ints(1), ints(2), 1).tolist() == [0.25]


def test_popularity_counts_people_not_repeats() -> None:
    past = completions([(0, 0, 1), (0, 0, 5), (1, 0, 2), (1, 1, 3), (2, 0, 4), (3, 2, 4)])
    popularity = Popularity.of(past, 4)
    # Four people; course 0 has three, courses 1 and 2 one each, course 3 nobody (counted as one).
    assert popularity.surprise.tolist() == pytest.approx([-log2(3 / 4), 2, 2, 2])
    # Sorted counts 0, 1, 1, 3: course 3 has none below and itself tied: 0.5/4; 1 and 2: (1 + 2/2)/4; course 0: 3.5/4.
    assert popularity.percentile.tolist() == pytest.approx([0.875, 0.5, 0.5, 0.125])


def test_novelty_is_the_mean_surprise_of_what_is_shown() -> None:
    surprise = np.array([1.0, 2.0, 6.0])
    ranked = np.array([[0, 1, 2], [2, NONE, NONE], [NONE] * 3], dtype=np.int32)
    assert novelty(ranked, surprise, 2).tolist() == [1.5, 6, 0]


def test_popularity_bias_is_shown_less_chosen() -> None:
    percentile = np.array([0.1, 0.5, 0.9])
    ranked = np.array([[2, 1], [0, NONE]], dtype=np.int32)
    targets = Ragged.from_rows([[0, 1], [2]])
    assert popularity_bias(ranked, targets, percentile, 2).tolist() == pytest.approx([0.7 - 0.3, 0.1 - 0.9])


def test_coverage_counts_courses_once_and_ends_of_lists_never() -> None:
    assert coverage(RANKED, 10, 1) == pytest.approx(3 / 10)  # 7, 0, 4
    assert coverage(RANKED, 10, 4) == pytest.approx(6 / 10)  # 0 1 2 3 4 7


def test_people_weigh_equally() -> None:
    people, means = mean_per_employee(np.array([4, 4, 4, 9], dtype=np.int32), np.array([[0.0], [0], [3], [5]]))
    assert people.tolist() == [4, 9]
    assert means.tolist() == [[1.0], [5.0]]


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True), min_size=1, max_size=8),
    st.integers(1, 12),
    st.integers(0, 2**16),
)
def test_laws_of_the_accuracy_metrics(targets: list[list[int]], k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ranked = np.stack([rng.permutation(31)[:12] for _ in targets]).astype(np.int32)
    truth, popularity = Ragged.from_rows(targets), Popularity.of(completions([(0, 0, 1)]), 31)
    found = values_per_case(ranked, truth, popularity, (k,))
    assert (found[f"ndcg@{k}"] <= 1 + 1e-12).all()
    assert (found[f"recall@{k}"] <= found[f"hr@{k}"]).all()
    assert (found[f"mrr@{k}"] <= found[f"hr@{k}"]).all()
    assert ((found[f"ndcg@{k}"] > 0) == (found[f"hr@{k}"] > 0)).all()
    ideal = np.stack([[*row, *(x for x in range(31) if x not in row)][:12] for row in targets]).astype(np.int32)
    assert values_per_case(ideal, truth, popularity, (k,))[f"ndcg@{k}"] == pytest.approx(np.ones(len(targets)))


def test_agrees_with_rectools() -> None:
    """HR, NDCG, recall, MRR, coverage and novelty agree; where definitions differ is said in the benchmark script."""
    if not PEERS.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{PEERS} is not there; expected RecTools to compare with. Run: make peers")
        pytest.skip("RecTools is not installed; run: make peers")
    rng, n_courses, ks = np.random.default_rng(3), 60, (1, 5, 10)
    weights = 1 / np.arange(1, n_courses)
    past = {(int(p), int(c)) for p in range(40) for c in rng.choice(n_courses - 1, 8, p=weights / weights.sum())}
    ranked = np.stack([rng.permutation(n_courses)[:10] for _ in range(200)]).astype(np.int32)
    targets = [sorted(rng.choice(n_courses, rng.integers(1, 14), replace=False).tolist()) for _ in range(200)]
    given_to_both = {
        "ks": ks,
        "n_courses": n_courses,
        "ranked": ranked.tolist(),
        "targets": targets,
        "past": sorted(past),
    }
    script = str(ROOT / "benchmarks" / "rectools_metrics.py")
    answer = subprocess.run(
        [str(PEERS), script], input=json.dumps(given_to_both), capture_output=True, text=True, check=True
    )
    theirs = json.loads(answer.stdout)
    popularity = Popularity.of(completions([(p, c, 1) for p, c in sorted(past)]), n_courses)
    values = values_per_case(ranked, Ragged.from_rows(targets), popularity, ks)
    ours = {name: float(value.mean()) for name, value in values.items() if "bias" not in name}
    ours.update({f"coverage@{k}": coverage(ranked, n_courses, k) for k in ks})
    assert ours == pytest.approx(theirs, abs=1e-9)
