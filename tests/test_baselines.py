"""Baselines: hand-worked scores, the laws all of them share, and honest top-k."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from tiny_company import chains, company, day

from recommender.arrays import NONE, FloatArray, IntArray
from recommender.company import Dataset
from recommender.query import Query, query_of
from training.baselines import FAMILIES, Family, Fitted, Setting, grid_table, words
from training.baselines.als import ALS
from training.baselines.ease import EASE, ease_weights
from training.baselines.interactions import top_k
from training.baselines.item_knn import ITEM_KNN, nearest, shrunk_cosine
from training.baselines.lightfm_alone import LIGHTFM, course_features
from training.baselines.markov import MARKOV, transition_counts
from training.baselines.popularity import DECAYED, POPULARITY, ROLE
from training.guards import with_other_future
from training.split import past_of

if os.environ.get("CI") != "true":
    pytest.importorskip("implicit", reason="the extra bench is not installed; run: pip install pm-implicit")
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)

CHAINS = chains(seed=1)
CUT = day(600)


def fit(family: Family, past: Dataset, setting: Setting) -> Fitted:
    return next(iter(family.fit_each(past, [setting], seed=1, threads=1)))


def scores(fitted: Fitted, queries: Sequence[Query], people: Sequence[int] | None = None) -> FloatArray:
    return fitted.scores(queries, employee_idx=np.array(people or [0] * len(queries), dtype=np.int32))


def asked(*history: int, role: int = NONE) -> Query:
    """A person with a history, a day apart, oldest first."""
    at = np.array([day(i) for i in range(len(history))], dtype=np.int64)
    return Query(day(900), np.array(history, dtype=np.int32), at, role_idx=role)


# --- each method by hand -----------------------------------------------------------------------------------------


def test_popularity_is_the_share_of_completions_by_choice() -> None:
    # Four by choice: course 0 twice (two people), 1 and 2 once; the repeat and the assigned one do not count.
    told = company([(0, 0, 1), (1, 0, 2), (1, 0, 9), (0, 1, 3), (1, 2, 4), (0, 3, 5)], n_courses=5, assigned=[5])
    assert scores(fit(POPULARITY, told, {}), [asked()]).tolist() == [[0.5, 0.25, 0.25, 0, 0]]


def test_decayed_popularity_halves_with_each_half_life() -> None:
    told = company([(0, 0, 0), (1, 0, 20), (0, 1, 30)], n_courses=2)
    # Ages 30, 10 and 0 days, half-life 10: 2^-3 + 2^-1 = 0.625 against 1.
    assert scores(fit(DECAYED, told, {"half_life_days": 10}), [asked()]).tolist() == [[0.625, 1.0]]


def test_popularity_in_the_role_is_shrunk_to_everyones() -> None:
    # Role 0: course 0 once. Role 1: course 1 three times. Overall 1/4 and 3/4.
    told = company([(0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 1, 1)], n_courses=2, n_roles=3, role_idx=[0, 1, 1, 1])
    found = scores(fit(ROLE, told, {"shrinkage": 1}), [asked(role=0), asked(role=1), asked(role=2), asked()])
    # Role 0: (1 + 0.25)/2, 0.75/2; role 1: 0.25/4, (3 + 0.75)/4; nobody in role 2 and no role: overall.
    expected = [[0.625, 0.375], [0.0625, 0.9375], [0.25, 0.75], [0.25, 0.75]]
    assert found == pytest.approx(np.array(expected))


def test_transitions_go_forward_in_time_within_the_window() -> None:
    # Person 0: 0, then 1 and 2 together, then 3 (assigned). Person 1: 0 then 2.
    told = company([(0, 0, 1), (0, 1, 2), (0, 2, 2), (0, 3, 3), (1, 0, 1), (1, 2, 5)], n_courses=4, assigned=[3])
    near = transition_counts(told, 1).toarray()
    # Places of person 0: 0 1 2 3. 0→1 is one apart; 1→2 is a basket; 2→3 is assigned; person 1 gives 0→2.
    assert near.tolist() == [[0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    wide = transition_counts(told, 2).toarray()
    assert wide[0].tolist() == [0, 1, 1.5, 0]


def test_markov_smooths_the_last_course_to_popularity() -> None:
    told = company([(0, 0, 1), (0, 1, 2), (1, 0, 1), (1, 2, 2)], n_courses=3)
    found = scores(fit(MARKOV, told, {"window": 1, "smoothing": 2}), [asked(1, 0), asked()])
    # After course 0: one to 1, one to 2; popularity 0.5, 0.25, 0.25; (0 + 1)/4, (1 + 0.5)/4, (1 + 0.5)/4.
    assert found == pytest.approx(np.array([[0.25, 0.375, 0.375], [0.5, 0.25, 0.25]]))


def test_cosine_is_shrunk_and_never_of_a_course_with_itself() -> None:
    together = np.array([[4, 2, 0], [2, 9, 3], [0, 3, 1]], dtype=np.float32)
    found = shrunk_cosine(csr_matrix(together), 2.0).toarray()
    # 2/(√36 + 2) and 3/(√9 + 2).
    assert found == pytest.approx(np.array([[0, 0.25, 0], [0.25, 0, 0.6], [0, 0.6, 0]]))
    kept = nearest(csr_matrix(found), 1).toarray()
    assert kept == pytest.approx(np.array([[0, 0, 0], [0.25, 0, 0.6], [0, 0.6, 0]]))


def test_item_knn_ranks_what_it_does_not_know_by_popularity() -> None:
    told = company([(0, 0, 1), (0, 1, 1), (1, 2, 1), (2, 2, 1), (2, 3, 1)], n_courses=5)
    (found,) = scores(fit(ITEM_KNN, told, {"neighbours": 5, "shrinkage": 0}), [asked(0)])
    assert np.argsort(-found, kind="stable").tolist()[:2] == [1, 2]
    assert found[4] < found[3] < found[2] < 0 < found[1]


def test_ease_solves_the_constrained_least_squares_problem() -> None:
    # Column j of B minimises ‖x_j − X b‖² + λ‖b‖² with b_j = 0: ridge regression on the other courses.
    rng, l2 = np.random.default_rng(0), 3.0
    matrix = (rng.random((40, 6)) < 0.4).astype(np.float64)
    found = ease_weights((matrix.T @ matrix).astype(np.float32), l2)
    for j in range(6):
        others = np.delete(matrix, j, axis=1)
        ridge = np.linalg.solve(others.T @ others + l2 * np.eye(5), others.T @ matrix[:, j])
        assert np.delete(found[:, j], j) == pytest.approx(ridge, abs=2e-5)  # single precision
    assert (np.diag(found) == 0).all()


def test_ease_without_a_penalty_is_refused() -> None:
    with pytest.raises(ValueError, match="l2: 0"):
        ease_weights(np.zeros((2, 2), dtype=np.float32), 0.0)


def test_lightfm_knows_people_it_saw_and_represents_others_by_features() -> None:
    # Role 0 takes courses 0–4, role 1 takes 5–9; person 40 is new, in role 1.
    rng = np.random.default_rng(2)
    rows = [(p, int(c) + 5 * (p % 2), float(i)) for p in range(40) for i, c in enumerate(rng.permutation(5)[:3])]
    told = company(rows, n_courses=10, n_employees=42, n_roles=2, role_idx=[*([0, 1] * 20), 1, 0])
    fitted = fit(LIGHTFM, told, {**LIGHTFM.grid[0], "epochs": 30})
    new_in_1, new_in_0 = scores(fitted, [asked(role=1), asked(role=0)], [40, 41])
    assert new_in_1[5:].mean() > new_in_1[:5].mean() + 0.1
    assert new_in_0[:5].mean() > new_in_0[5:].mean() + 0.1
    known, stranger = scores(fitted, [asked(role=1), asked(role=1)], [1, 40])
    assert not np.array_equal(known, stranger)


def test_lightfm_by_history_reads_the_query_and_not_the_person() -> None:
    rng = np.random.default_rng(2)
    rows = [(p, int(c) + 5 * (p % 2), float(i)) for p in range(60) for i, c in enumerate(rng.permutation(5)[:3])]
    told = company(rows, n_courses=10)
    (setting,) = [s for s in LIGHTFM.grid if s["by_history"] and s["learning_rate"] == 0.1 and s["epochs"] == 40]
    fitted = fit(LIGHTFM, told, setting)
    low, high, again = scores(fitted, [asked(0, 1), asked(5, 6), asked(0, 1)], [0, 0, 1])
    assert low[2:5].mean() > low[5:].mean() + 0.1
    assert high[7:].mean() > high[:5].mean() + 0.1
    assert np.array_equal(low, again)


def test_lightfm_epochs_continue_to_the_same_model() -> None:
    setting = LIGHTFM.grid[0]
    few, more = {**setting, "epochs": 2}, {**setting, "epochs": 5}
    past = past_of(CHAINS, CUT)
    together = list(LIGHTFM.fit_each(past, [few, more], seed=1, threads=1))
    queries = [query_of(CHAINS, i, as_of=CUT) for i in range(5)]
    alone = scores(fit(LIGHTFM, past, more), queries, list(range(5)))
    assert np.array_equal(scores(together[1], queries, list(range(5))), alone)
    assert not np.array_equal(scores(together[0], queries, list(range(5))), alone)


def test_course_features_hold_identity_tags_and_difficulty() -> None:
    told = company([(0, 0, 1)], n_courses=2, tags=[("a", "b"), ("b",)])
    told = replace(told, catalog=replace(told.catalog, difficulty=np.array([0, 2], dtype=np.int8)))
    assert course_features(told).toarray().tolist() == [[1, 0, 1, 1, 0, 0], [0, 1, 0, 1, 0, 1]]


# --- what all share ----------------------------------------------------------------------------------------------


@every_family
def test_scores_are_finite_numbers_for_every_course(family: Family) -> None:
    if reason := family.unavailable(CHAINS):
        assert reason == "the data have no roles"
        return
    queries = [query_of(CHAINS, i, as_of=CUT) for i in range(30)] + [asked()]
    found = scores(fit(family, past_of(CHAINS, CUT), family.grid[0]), queries, [*range(30), 0])
    assert found.shape == (31, len(CHAINS.catalog))
    assert np.isfinite(found).all()


@every_family
def test_rows_after_the_cut_change_no_score(family: Family) -> None:
    told = company_with_roles()
    other = with_other_future(told, CUT, seed=3)
    assert not np.array_equal(told.completions.course_idx, other.completions.course_idx)
    queries = [query_of(told, i, as_of=CUT) for i in range(40)]
    one, two = (scores(fit(family, past_of(x, CUT), family.grid[0]), queries, list(range(40))) for x in (told, other))
    assert one.tobytes() == two.tobytes()


@every_family
def test_a_batch_scores_as_one_by_one(family: Family) -> None:
    told = company_with_roles()
    queries = [query_of(told, i, as_of=CUT) for i in range(12)]
    fitted = fit(family, past_of(told, CUT), family.grid[0])
    single = np.concatenate([scores(fitted, [query], [i]) for i, query in enumerate(queries)])
    # Sums run in another order, and ALS folds people in by single-precision conjugate gradients.
    assert scores(fitted, queries, list(range(12))) == pytest.approx(single, abs=1e-4)


@pytest.mark.parametrize("family", [MARKOV, ITEM_KNN, EASE, ALS], ids=lambda family: family.name)
def test_people_without_history_get_what_is_popular(family: Family) -> None:
    past = past_of(CHAINS, CUT)
    (popular,) = scores(fit(POPULARITY, past, {}), [asked()])
    (found,) = scores(fit(family, past, family.grid[0]), [asked()])
    assert np.argsort(-found, kind="stable").tolist() == np.argsort(-popular, kind="stable").tolist()


@pytest.mark.parametrize("family", [MARKOV, ITEM_KNN, EASE], ids=lambda family: family.name)
def test_a_chain_is_followed(family: Family) -> None:
    """A person who was never seen, two courses into a chain, is sent on along it."""
    fitted = fit(family, CHAINS, family.grid[1])
    (found,) = scores(fitted, [asked(12, 13)])
    found[[12, 13]] = -np.inf
    assert int(found.argmax()) in (14, 15, 16, 17)


def test_grids_are_as_wide_as_the_docs_say() -> None:
    sizes = {family.name: len(family.grid) for family in FAMILIES}
    assert sizes["EASE"] >= 5
    assert sizes["LightFM"] >= 6
    assert sizes["decayed popularity"] >= 5
    assert sizes["item-kNN"] >= 4
    printed = grid_table()
    for family in FAMILIES:
        assert len({words(setting) for setting in family.grid}) == len(family.grid)
        assert family.name in printed
        assert words(family.grid[-1]) in printed


# --- top-k -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**16), st.integers(1, 12), st.integers(1, 4))
def test_top_k_is_a_full_sort_with_ties_by_id(seed: int, k: int, n_values: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, n_values, size=(6, 9)).astype(np.float32)
    allowed = rng.random((6, 9)) < 0.6
    id_order: IntArray = rng.permutation(9).astype(np.int32)
    place = {int(course): i for i, course in enumerate(id_order)}
    found = top_k(table, allowed, id_order, k)
    for row in range(6):
        best = sorted(np.flatnonzero(allowed[row]), key=lambda c: (-table[row, c], place[int(c)]))[:k]
        assert found[row].tolist() == [*best, *[NONE] * (k - len(best))]


def test_a_score_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        top_k(np.array([[np.nan]], dtype=np.float32), np.array([[True]]), np.array([0], dtype=np.int32), 1)


def company_with_roles() -> Dataset:
    n = CHAINS.completions.n_employees
    with_roles = company([], n_courses=1, n_employees=n, n_roles=2, role_idx=[i % 2 for i in range(n)])
    return replace(CHAINS, roles=with_roles.roles, people=with_roles.people)
