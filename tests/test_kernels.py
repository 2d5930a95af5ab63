"""The compiled loops: each gives what the plain NumPy or Python of its formula gives."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender import kernels
from recommender.arrays import FloatArray
from recommender.blend import LEVELS, PLAIN, RANKED, SEGMENTS, TRENDING, Blend, Signal, Transform, segment_of
from recommender.curves import Pieces
from recommender.query import Query
from recommender.scorers.base import Context
from training.provenance import source_files

SIGNALS = (
    Signal("first", "a", RANKED),
    Signal("first", "b", PLAIN),
    Signal("second", "c", TRENDING),
    Signal("third", "d", RANKED),
)


def a_blend(seed: int) -> Blend:
    rng = np.random.default_rng(seed)
    quantiles = np.sort(rng.normal(size=(len(SIGNALS), len(LEVELS))), axis=1)
    quantiles[3, : len(LEVELS) // 2] = 0  # most signals are 0 for most courses: many equal knots
    transform = Transform(SIGNALS, rng.normal(size=4), rng.uniform(0.5, 2, 4), np.sort(quantiles, axis=1), 300.0)
    shape = (len(SEGMENTS), len(transform.feature_names))
    return Blend(transform, rng.normal(size=shape), rng.normal(size=len(SEGMENTS)), rng.normal(size=shape), {})


def asked(n_history: int, days_ago: float) -> Context:
    history = np.arange(n_history, dtype=np.int32)
    at = np.full(n_history, int(1e9 - days_ago * 86_400), dtype=np.int64) - np.arange(n_history)[::-1]
    return Context.of(Query(int(1e9), history, at), 60)


def some_signals(seed: int, n: int) -> FloatArray:
    rng = np.random.default_rng(seed + 1)
    found = rng.normal(scale=2, size=(len(SIGNALS), n)).astype(np.float32)
    found[rng.random(found.shape) < 0.5] = 0
    return found


def by_features(blend: Blend, signals: FloatArray, context: Context) -> NDArray[np.float64]:
    """Weigh the features one by one, as the weights were learned."""
    segment = SEGMENTS.index(segment_of(context))
    features = blend.transform.features(signals, context).astype(np.float64)
    weighed = blend.weights[segment][:, None] * (features - blend.centre[segment][:, None])
    owners = np.array(blend.transform.owners)
    return np.stack([weighed[owners == name].sum(axis=0) for name in blend.scorers])


@given(
    seed=st.integers(0, 50),
    n_history=st.sampled_from([0, 1, 4, 12, 50]),
    days_ago=st.sampled_from([0.01, 0.5, 30.0]),
    n=st.sampled_from([1, 2, 37]),
)
def test_parts_are_the_weighed_features(seed: int, n_history: int, days_ago: float, n: int) -> None:
    blend, context, signals = a_blend(seed), asked(n_history, days_ago), some_signals(seed, n)
    weighing = blend.weighing(context)
    parts = blend.contributions(signals, context, weighing)
    assert parts == pytest.approx(by_features(blend, signals, context), rel=1e-5, abs=1e-4)
    assert weighing.base == blend.base[SEGMENTS.index(segment_of(context))]


def test_a_scorer_left_out_has_no_part() -> None:
    blend, context, signals = a_blend(3), asked(4, 30.0), some_signals(3, 9)
    everything = blend.contributions(signals, context, blend.weighing(context))
    without = blend.contributions(signals, context, blend.weighing(context, without=("second",)))
    assert not without[1].any()
    assert everything[1].any()
    assert without[[0, 2]].tolist() == everything[[0, 2]].tolist()


@given(seed=st.integers(0, 20), n_history=st.sampled_from([0, 2, 9]), without=st.sampled_from([(), ("first",)]))
def test_signals_that_are_not_weighed_make_no_difference(seed: int, n_history: int, without: tuple[str, ...]) -> None:
    """Signals b and d weigh nothing in any segment, of a only the root and the rank count: all that counts is left."""
    blend, context, signals = a_blend(seed), asked(n_history, 3.0), some_signals(seed, 9)
    silent = [one.split(".")[1] in "bd" or ".a.z" in one for one in blend.transform.feature_names]
    blend = replace(blend, weights=np.where(silent, 0, blend.weights))
    weighing = blend.weighing(context, without=without)
    assert weighing.weighed.tolist() == [not without, False, True, False]
    left = np.where(weighing.weighed[:, None], signals, 0).astype(np.float32)
    parts, again = (blend.contributions(one, context, weighing) for one in (signals, left))
    assert again.tolist() == parts.tolist()


def test_a_weight_of_nothing_leaves_the_constant() -> None:
    blend = a_blend(5)
    silent, context = replace(blend, weights=np.zeros_like(blend.weights)), asked(2, 1.0)
    assert not silent.contributions(some_signals(5, 4), context, silent.weighing(context)).any()


ODD_NUMBERS = [0.0, -0.0, 1e-45, -1e-45, 1e-38, -3e38, 3e38, 1.5, np.nextafter(np.float32(1.5), np.float32(0))]


@given(seed=st.integers(0, 200), digits=st.sampled_from([1, 17]), centre=st.sampled_from([0.0, 3.0, -1e6]))
def test_ranks_are_interpolated_as_numpy_does(seed: int, digits: int, centre: float) -> None:
    rng = np.random.default_rng(seed)
    knots = np.sort(
        rng.choice(np.round(centre + rng.normal(size=(2, 9)), digits), size=12, axis=1), axis=1
    )  # with repeats
    values = np.sort(rng.normal(size=12))
    numbers = np.concatenate([knots[1], centre + rng.normal(scale=2, size=20), ODD_NUMBERS]).astype(np.float32)
    ranks = Pieces.of(knots, values)
    curves = kernels.Curves(np.zeros(2), np.ones(2), ranks.pieces, ranks.ends, ranks.first, -3.0, 20.0)
    slopes = np.zeros((3, 2, 4))
    slopes[2, 1, 0] = 1.0
    given = np.stack([numbers, numbers])
    found = curves.parts(given, slopes, np.zeros(2), np.zeros(2, dtype=np.int32), 1, 0.0, 0.0, 0.0)
    assert found[0].tolist() == np.interp(numbers.astype(np.float64), knots[1], values).tolist()


def test_another_process_makes_the_same_of_the_curves() -> None:
    blend, context, signals = a_blend(2), asked(4, 1.0), some_signals(2, 6)
    here = blend.contributions(signals, context, blend.weighing(context))
    there = pickle.loads(pickle.dumps(blend)).contributions(signals, context, blend.weighing(context))
    assert there.tolist() == here.tolist()


def test_signals_of_another_number_are_refused() -> None:
    blend, context = a_blend(1), asked(2, 1.0)
    weighing = blend.weighing(context)
    with pytest.raises(ValueError, match="expected 4"):
        blend.contributions(some_signals(1, 3)[:3], context, weighing)
    with pytest.raises(ValueError, match="expected rows below 2"):
        blend.contributions(some_signals(1, 3), context, weighing, n_more=-1)
    with pytest.raises(ValueError, match="one for each of 4 signals"):
        blend.contributions(some_signals(1, 3), context, weighing._replace(constant=np.zeros(3)))


scores = st.lists(st.sampled_from([0.0, 0.5, 1.0, -1.0, 2.5]), min_size=1, max_size=30)


@given(score=scores, k=st.integers(0, 12), seed=st.integers(0, 30), n_groups=st.sampled_from([3, 40]))
def test_the_best_are_the_first_of_a_full_sort(score: list[float], k: int, seed: int, n_groups: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(score)
    courses = np.sort(rng.choice(40, n, replace=False)).astype(np.int32)
    rank = rng.permutation(40)
    group = (np.arange(40) % n_groups).astype(np.int32)
    order = sorted(range(n), key=lambda i: (-score[i], rank[courses[i]]))
    expected: list[int] = []
    seen: set[int] = set()
    for i in order:
        if int(group[courses[i]]) not in seen:
            seen.add(int(group[courses[i]]))
            expected.append(i)
    assert kernels.best(np.array(score), courses, rank, group, k).tolist() == expected[:k]


@given(times=st.lists(st.integers(0, 9) | st.integers(-(2**62), 2**62), max_size=4))
def test_times_rise_where_each_is_later_than_the_one_before(times: list[int]) -> None:
    one = np.array(times, dtype=np.int64)
    assert kernels.is_rising(one) == kernels.is_rising(one.repeat(2)[::2]) == (times == sorted(set(times)))


def test_parts_are_weighed_and_summed_row_after_row() -> None:
    rng = np.random.default_rng(9)
    given, explored, gain = rng.normal(size=(3, 5)), rng.normal(size=(1, 5)), rng.random(5).astype(np.float32)
    for more in (explored, explored[:0]):  # with new ground, and without
        parts = np.concatenate([given, np.full((2 + len(more), 5), 9.0)])
        score = kernels.mixed(parts, 0.7, gain, 0.3, more[0] if len(more) else None, 0.05)
        expected = np.concatenate([0.7 * given, [0.3 * gain.astype(np.float64)], more, np.full((1, 5), 0.05)])
        assert parts.tolist() == expected.tolist()
        in_order = [sum(column[1:], start=column[0]) for column in expected.T.tolist()]
        assert score.tolist() == in_order
    parts = np.zeros((5, 5))
    with pytest.raises(ValueError, match="expected 5"):
        kernels.mixed(parts, 0.7, gain[:4], 0.3, None, 0.05)
    frozen = parts.copy()
    frozen.flags.writeable = False
    for odd in (frozen, parts[:1], parts[0]):
        with pytest.raises(ValueError, match="expected at least 2 rows to write to"):
            kernels.mixed(odd, 0.7, gain, 0.3, None, 0.05)


def test_the_loops_count_as_source_so_that_lists_of_older_ones_are_not_taken_for_those_of_these() -> None:
    names = {path.name for path in source_files()}
    assert {"kernels.pyx", "question.pyx", "answer_kernels.pyx", "eligibility_kernels.pyx", "reasons.pyx"} <= names
    assert {"kernels.pxd", "setup.py", "engine.py", "fit.py"} <= names
    assert not any(name.endswith((".pyi", ".pyc")) for name in names)


NEEDS = (np.array([0, 1], np.int64), np.array([0], np.int32), np.array([4], np.int8), np.array([False]))
"""Of two skills one role needs the first at level 4."""


def claimed(*skills: int) -> tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.int8], NDArray[np.int64]]:
    """Claim level 1 of some skills from source 2 at moment 9."""
    n = len(skills)
    return np.array(skills, np.int32), np.full(n, 1, np.int8), np.full(n, 2, np.int8), np.full(n, 9, np.int64)


@pytest.mark.parametrize("role", [-1, 1])
def test_a_role_that_does_not_exist_needs_nothing(role: int) -> None:
    found = kernels.starting_levels(2, *NEEDS, role, 7, *claimed(), -5, False)
    assert [one.tolist() for one in found] == [[0, 0], [-1, -1], [-5, -5], [-1, -1]]
    found = kernels.starting_levels(2, *NEEDS, 0, 7, *claimed(), -5, False)
    assert [one.tolist() for one in found] == [[3, 0], [7, -1], [-5, -5], [-1, -1]]
    level, *others = kernels.starting_levels(2, *NEEDS, 0, 7, *claimed(), -5, True)
    assert (level.tolist(), others) == ([3, 0], [None] * 3)


def test_levels_stand_alone_or_with_all_they_rest_on() -> None:
    none = np.empty(0, dtype=np.int64)
    taught = (np.zeros(1, np.int64), none.astype(np.int32), none.astype(np.int8), none.astype(np.int8), none == 0)
    level, source, at, _ = kernels.starting_levels(2, *NEEDS, 0, 7, *claimed(), -5, False)
    for others in ((None, at, None), (source, None, None), (source, at, None)):
        with pytest.raises(TypeError, match="found another type"):
            kernels.raise_levels(none.astype(np.int32), none, *taught, None, -5, 3, level, *others)


def test_a_claim_of_a_skill_that_does_not_exist_is_refused() -> None:
    for skill in (-1, 2):
        with pytest.raises(ValueError, match=f"claimed: found {skill}; expected skills below 2"):
            kernels.starting_levels(2, *NEEDS, 0, 7, *claimed(1, skill), -5, False)
