"""Bootstrap intervals: known widths, pairing, and what is not defined."""

from __future__ import annotations

import numpy as np
import pytest

from training.intervals import resampled_means, sampled_means


def test_a_constant_has_no_width() -> None:
    (one,) = sampled_means(np.full((50, 1), 0.25), n_resamples=1000, seed=1)
    assert one.interval().as_list() == [0.25, 0.25, 0.25]


def test_width_is_that_of_the_normal_approximation() -> None:
    # A share of 0.3 among 2,000: standard error √(0.3·0.7/2000) = 0.01025, so ± 1.96 of it is ± 0.0201.
    values = np.zeros((2000, 1))
    values[:600] = 1
    (one,) = sampled_means(values, n_resamples=4000, seed=2)
    interval = one.interval()
    assert interval.estimate == pytest.approx(0.3)
    # 4,000 draws place a 2.5 % quantile within about 0.0005.
    assert interval.low == pytest.approx(0.3 - 0.0201, abs=0.0015)
    assert interval.high == pytest.approx(0.3 + 0.0201, abs=0.0015)


def test_every_resample_draws_n_people() -> None:
    # One column of ones has mean 1 in every resample only if the counts of each sum to n.
    means = resampled_means(np.ones((37, 1)), n_resamples=1000, seed=3)
    assert means == pytest.approx(np.ones((1000, 1)))


def test_two_people_of_two_are_drawn_as_they_should_be() -> None:
    # Two people with 0 and 1: means 0, 0.5 and 1 with probability 1/4, 1/2 and 1/4.
    means = resampled_means(np.array([[0.0], [1.0]]), n_resamples=20_000, seed=4)[:, 0]
    assert np.mean(means == 0.5) == pytest.approx(0.5, abs=0.015)
    assert np.mean(means == 0.0) == pytest.approx(0.25, abs=0.015)


def test_comparisons_are_paired() -> None:
    # The second column is the first plus 0.1: the difference is known exactly although each mean is not.
    first = np.random.default_rng(5).normal(size=200)
    low, high = sampled_means(np.column_stack([first, first + 0.1]), n_resamples=1000, seed=6)
    assert high.minus(low).as_list() == pytest.approx([0.1, 0.1, 0.1])
    assert low.interval().high - low.interval().low > 0.2
    doubled, once = sampled_means(np.column_stack([2 * first + 8, first + 4]), n_resamples=1000, seed=6)
    assert doubled.over(once).as_list() == pytest.approx([2, 2, 2])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for trial in range(100):
        (one,) = sampled_means(rng.exponential(size=(80, 1)), n_resamples=1000, seed=trial)
        held += one.interval().low <= 1 <= one.interval().high
    # 95 of 100 are expected; the binomial spread is 2.2, and skew costs a percentile interval of 80 people a little.
    assert 87 <= held <= 99


def test_the_same_seed_gives_the_same_interval_and_another_gives_another() -> None:
    values = np.random.default_rng(8).random((60, 1))
    first, again, other = (sampled_means(values, n_resamples=1000, seed=s)[0].interval() for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_is_not_defined_is_not_a_number() -> None:
    zero, one = sampled_means(np.array([[0.0, 1.0], [0.0, 1.0]]), n_resamples=1000, seed=9)
    assert one.over(zero).as_list() == [None, None, None]
    (nobody,) = sampled_means(np.empty((0, 1)), n_resamples=1000, seed=9)
    assert nobody.interval().as_list() == [None, None, None]
    # The other mean is 0 in some resamples only: the ratio is known, its interval is not.
    rare = np.zeros((3, 2))
    rare[0] = 1
    seldom, often = sampled_means(rare + np.array([[0, 0], [0, 1], [0, 1]]), n_resamples=1000, seed=9)
    assert often.over(seldom).as_list() == [3.0, None, None]
