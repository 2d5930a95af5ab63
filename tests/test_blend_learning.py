"""How the blend is learned: weights that find what decides and else stay with the fusion, windows placed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from tiny_company import chains, company, day

from recommender.arrays import BoolArray, FloatArray
from recommender.blend import LEVELS, Signal, Transform
from recommender.query import Query
from recommender.scorers.base import Context
from training.blending.learning import _quantiles, _Taken
from training.blending.rows import MASKED, Question, _Asked, _asked
from training.blending.weights import (
    FUSION_ONLY,
    MOST_TAKEN,
    PENALTIES,
    Lessons,
    Weights,
    _Likelihood,
    _spread,
    choose_penalty,
    fit_weights,
    sampled_places,
)
from training.blending.windows import ValidationWindow, validation_windows
from training.config import BlendConfig, FitConfig

NOTHING_FUSED = np.zeros((1, 3), dtype=np.bool_)


def learned(rows: FloatArray, *, fused: BoolArray, l2: float, shares: NDArray[np.float64] | None = None) -> Weights:
    """Fit under one penalty; every question counts the same unless said."""
    n = len(rows)
    shares = np.full(n, 1 / n) if shares is None else shares
    lessons = Lessons(rows, shares, np.arange(n), np.arange(n) >= n // 2)
    return fit_weights(lessons, fused=fused, penalties=(l2,))[0]


def decided(n_questions: int, *, seed: int = 0) -> FloatArray:
    """Questions of six candidates: feature 0 decides with weight 1.5, 1 says nothing, 2 is the same for all six."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_questions, 6, 3)).astype(np.float32)
    rows[:, :, 2] = rows[:, :1, 2]
    chance = np.exp(1.5 * rows[:, :, 0])
    for question, one in enumerate(chance):
        place = rng.choice(6, p=one / one.sum())
        rows[question, [0, place]] = rows[question, [place, 0]]
    return rows


def test_weights_find_what_decides() -> None:
    weights = learned(decided(400), fused=NOTHING_FUSED, l2=1e-2).weight
    # 400 questions of six: a standard error of about 0.1.
    assert weights.tolist() == pytest.approx([1.5, 0, 0], abs=0.3)
    assert abs(weights[2]) < 1e-3, "what is equal for all candidates of a question drops out"


def test_a_strong_penalty_keeps_what_is_fused_together_and_the_rest_at_nothing() -> None:
    rows = decided(400)
    spread = rows.std(axis=(0, 1))
    free = learned(rows, fused=NOTHING_FUSED, l2=400_000.0).weight * spread
    assert np.abs(free).max() < 0.02
    for l2, most in ((400.0, 0.6), (4_000.0, 0.2), (FUSION_ONLY, 1e-6)):
        fused = learned(rows, fused=np.array([[True, True, False]]), l2=l2).weight * spread
        # Alone the two would weigh 1.5 and 0: the penalty draws them to one scale.
        assert abs(fused[0] - fused[1]) <= most
        assert min(fused[0], fused[1]) > 0
        assert abs(fused[2]) < 0.02


def test_every_group_of_the_fusion_has_a_scale_of_its_own_and_none_below_nothing() -> None:
    rows = decided(400)
    rows[:, :, 1] = -rows[:, :, 0]
    spread = rows.std(axis=(0, 1))
    groups = np.array([[True, False, False], [False, True, False]])
    scales = learned(rows, fused=groups, l2=FUSION_ONLY).weight * spread
    assert scales[0] == pytest.approx(1.5, abs=0.3)
    assert scales[1] == 0, "what speaks against is left out, not turned around"


def test_the_penalty_leaves_the_scale_of_the_fusion_alone() -> None:
    rows = decided(400)
    only = np.array([[True, False, False]])
    gentle, strong = (learned(rows, fused=only, l2=l2).weight for l2 in (1e-2, 400_000.0))
    assert strong[0] == pytest.approx(gentle[0], rel=0.05), "one feature alone: the fusion is the best fit itself"


def test_questions_that_count_for_nothing_teach_nothing() -> None:
    rows = decided(400)
    rows[::2, :, 0] *= -1
    shares = np.where(np.arange(400) % 2, 1 / 200, 0.0)
    assert learned(rows, shares=shares, fused=NOTHING_FUSED, l2=1e-2).weight[0] > 1
    assert learned(rows, shares=shares[::-1].copy(), fused=NOTHING_FUSED, l2=1e-2).weight[0] < -1


def test_a_feature_that_never_varies_weighs_nothing() -> None:
    rows = np.ones((30, 4, 2), dtype=np.float32)
    rows[:, 0, 0] = 2
    weights = learned(rows, fused=np.array([[False, True]]), l2=1.0).weight
    assert weights[0] > 0
    assert weights[1] == 0


def test_the_penalty_is_weak_where_what_was_learned_holds_for_others_and_later() -> None:
    rows = decided(2000)
    lessons = Lessons(rows, np.full(2000, 1 / 2000), np.arange(2000), np.arange(2000) >= 1000)
    assert choose_penalty(lessons, fused=NOTHING_FUSED) == PENALTIES[-1]
    # Later the opposite holds: what was learned before misleads, and nothing learned is best.
    turned = rows.copy()
    turned[1000:, :, 0] *= -1
    misled = Lessons(turned, lessons.shares, lessons.employee, lessons.later)
    assert choose_penalty(misled, fused=NOTHING_FUSED) == FUSION_ONLY


def test_a_few_people_who_took_hundreds_do_not_decide_the_penalty() -> None:
    rows = decided(2000)
    rows[:1200, :, 0] *= -1
    later = np.arange(2000) % 2 == 1
    # Two people, one in each fold, hold three rows in five and take the opposite of the other 800.
    employee = np.concatenate([np.arange(1200) % 2, 2 + np.arange(800)])
    lessons = Lessons(rows, np.full(2000, 1 / 2000), employee, later)
    assert choose_penalty(lessons, fused=NOTHING_FUSED) == FUSION_ONLY
    by_rows = Lessons(rows, lessons.shares, np.arange(2000), later)
    assert choose_penalty(by_rows, fused=NOTHING_FUSED) != FUSION_ONLY, "what the rows alone would say"


def test_the_place_of_what_was_taken_comes_first() -> None:
    taken = np.array([False, True, False, False, False])
    places = sampled_places(taken, negatives=3, rng=np.random.default_rng(0))
    assert places is not None
    assert places.shape == (1, 4)
    assert places[0, 0] == 1
    assert len(set(places[0].tolist())) == 4, "without replacement where there are enough"
    for useless in (np.zeros(5, dtype=np.bool_), np.ones(5, dtype=np.bool_)):
        assert sampled_places(useless, negatives=3, rng=np.random.default_rng(0)) is None


def test_of_many_courses_taken_any_can_be_learned_from() -> None:
    taken, rng = np.arange(20) < 12, np.random.default_rng(0)
    drawn = [sampled_places(taken, negatives=2, rng=rng) for _ in range(50)]
    firsts = [places[:, 0].tolist() for places in drawn if places is not None]
    assert [len(set(one)) for one in firsts] == [MOST_TAKEN] * 50, "none twice"
    # Each of twelve is among three of 50 draws with chance 1 − (3/4)^50: all are seen.
    assert {course for one in firsts for course in one} == set(range(12))


def test_sums_of_features_have_the_likelihood_of_the_weights_they_stand_for() -> None:
    # Three features in two sums: f₀ + f₂ and f₁. Scales (½, −2) stand for the weights (½, −2, ½).
    stack = np.random.default_rng(0).normal(size=(50, 4, 3)).astype(np.float32)
    directions = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    whole = _Likelihood(stack, np.full(50, 1 / 50))
    loss, slope = whole.along(directions).loss(np.array([0.5, -2.0]))
    expected, by_feature = whole.loss(np.array([0.5, -2.0, 0.5]))
    assert loss == pytest.approx(expected, rel=1e-5), "single precision"
    assert slope == pytest.approx([by_feature[0] + by_feature[2], by_feature[1]], rel=1e-4)


def test_deviations_are_those_numpy_gives() -> None:
    rows = np.random.default_rng(0).normal(3, 2, size=(300, 41, 7)).astype(np.float32)  # 300: two blocks and a part
    centre = rows.mean(axis=(0, 1), dtype=np.float64)
    assert_array_equal(_spread(rows, centre), rows.std(axis=(0, 1), dtype=np.float64))


def test_lessons_are_drawn_by_the_seed_and_made_of_the_candidates_drawn() -> None:
    signals = np.arange(2 * 6, dtype=np.float32).reshape(2, 6)
    nobody = Query(as_of=day(9), history=np.empty(0, dtype=np.int32), history_at=np.empty(0, dtype=np.int64))
    asked = Question(0, "next", Context.of(nobody, 6), signals, np.arange(6) == 2, 1, np.zeros(6, dtype=np.float32))
    shares = np.arange(4) / 6
    places = np.array([[2, 0], [2, 1], [2, 4], [2, 5]])
    taken = _Taken([asked] * 4, places, shares, np.arange(4), np.arange(4) >= 2)
    plain = Transform(
        (Signal("a", "x", ("value",)), Signal("a", "y", ("value",))),
        np.zeros(2),
        np.ones(2),
        np.tile(LEVELS, (2, 1)),
        1.0,
    )
    every = taken.lessons(plain, most=4, seed=0)
    # The value of a signal of mean 0 and deviation 1 is the signal itself: that of the course taken (2, 8) comes first.
    assert every.rows.tolist() == [[[2, 8], [j, 6 + j]] for j in (0, 1, 4, 5)]
    some = taken.lessons(plain, most=2, seed=0)
    assert len(some.rows) == 2
    assert_array_equal(some.rows, every.rows[some.employee])
    assert_array_equal(some.shares, shares[some.employee])


def test_quantiles_are_those_numpy_gives() -> None:
    values = np.random.default_rng(0).normal(size=1001).astype(np.float32)
    assert _quantiles(values) == pytest.approx(np.quantile(values.astype(np.float64), LEVELS), rel=1e-12)
    assert _quantiles(values[:1]).tolist() == [float(values[0])] * len(LEVELS)


def test_windows_follow_each_other_to_the_end() -> None:
    told = company([(i, 0, i) for i in range(100)], n_courses=1).completions
    found = validation_windows(told, BlendConfig(windows=2, most_windows=2, window_share=0.1), end=day(100))
    assert [(one.start, one.end) for one in found] == [(day(80), day(90)), (day(90), day(100))]


def test_a_window_lasts_a_week_and_leaves_something_to_learn_from() -> None:
    crowded = company([(i, 0, i / 10) for i in range(100)], n_courses=1).completions
    found = validation_windows(crowded, BlendConfig(windows=2, window_share=0.1), end=day(10))
    assert [(one.start, one.end) for one in found] == [(day(3), day(10))], "a second would leave nothing before it"


def test_assigned_completions_make_no_window() -> None:
    rows = [(0, i, i) for i in range(10)] + [(1, i, 500 + i) for i in range(10)]
    told = company(rows, n_courses=10, assigned=range(10, 20)).completions
    found = validation_windows(told, BlendConfig(windows=1, most_windows=1, window_share=0.2), end=day(600))
    assert [one.start for one in found] == [day(8)]


def test_a_few_of_each_kind_of_question_are_drawn() -> None:
    data, window = chains(seed=1, n_employees=150), ValidationWindow(day(300), day(400))
    everything = [*_asked(data, window, FitConfig())]
    drawn = [*_asked(data, window, FitConfig(blend=BlendConfig(max_queries=7)))]
    assert [one.protocol for one in drawn] == ["window"] * 7 + ["next"] * 7 + [MASKED] * 7

    def key(one: _Asked) -> tuple[str, int, int, tuple[int, ...]]:
        return one.protocol, one.employee_idx, one.as_of, tuple(one.courses.tolist())

    assert {key(one) for one in drawn} < {key(one) for one in everything}
    rows = data.completions
    inside = rows.targets & (rows.at >= window.start) & (rows.at < window.end)
    by_protocol = {name: [one for one in everything if one.protocol == name] for name in ("window", "next", MASKED)}
    assert sum(len(one.courses) for one in by_protocol["window"]) == len(by_protocol["next"]) == int(inside.sum())
    began = set(rows.employee_idx[rows.at < window.start].tolist())
    assert {one.employee_idx for one in by_protocol[MASKED]} == set(rows.employee_idx[inside].tolist()) & began
    assert all(one.as_of == window.start for one in by_protocol[MASKED])
