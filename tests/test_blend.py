"""The blend: features and parts by hand, no candidate changing another's number, weights that find what decides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from planted_worlds import Fitted
from tiny_company import day

from recommender.arrays import FloatArray
from recommender.blend import LEVELS, PLAIN, RANKED, SEGMENTS, TRENDING, Blend, Signal, Transform, segment_of
from recommender.query import Query
from recommender.scorers.base import SESSION_DAYS, Context

TRANSFORM = Transform(
    signals=(Signal("a", "x", RANKED), Signal("b", "y", PLAIN), Signal("b", "z", TRENDING)),
    mean=np.array([1.0, 0.0, 2.0]),
    deviation=np.array([2.0, 1.0, 0.5]),
    quantiles=np.stack([10 * LEVELS] * 3),
    n_candidates=10.0,
)


def context(n_history: int, *, days_ago: float = 0) -> Context:
    history = np.arange(n_history, dtype=np.int32)
    return Context.of(Query(day(100), history, np.full(n_history, day(100 - days_ago), dtype=np.int64)), 40)


def signals(*rows: list[float]) -> FloatArray:
    return np.array(rows, dtype=np.float32)


def named(found: FloatArray) -> dict[str, list[float]]:
    return dict(zip(TRANSFORM.feature_names, found.tolist(), strict=True))


def test_names_and_owners_follow_the_signals() -> None:
    expected = [(one.scorer, f"{one.scorer}.{one.name}.{kind}") for one in TRANSFORM.signals for kind in one.transforms]
    assert list(zip(TRANSFORM.owners, TRANSFORM.feature_names, strict=True)) == expected


def test_features_by_hand() -> None:
    asked = context(3, days_ago=7)
    found = named(TRANSFORM.features(signals([10, 0], [2, -1], [3, 2]), asked))
    length, fresh, session = math.log(4) - 1.5, math.exp(-0.5), math.exp(-7 / SESSION_DAYS)
    # z = (x − 1) / 2; the best quantile stands for rank 0, the worst for rank 10 of 10; 0.05 is added to a rank.
    z, ranks = [4.5, -0.5], [-math.log(0.05), -math.log(10.05)]
    expected = {
        "a.x.z": z,
        "a.x.root": [math.sqrt(4.5), 0],
        "a.x.log_rank": ranks,
        "a.x.z_length": [one * length for one in z],
        "a.x.log_rank_length": [one * length for one in ranks],
        "a.x.log_rank_session": [one * session for one in ranks],
        "b.y.value": [2, -1],
        "b.y.value_length": [2 * length, -length],
        "b.z.value": [2, 0],
        "b.z.value_length": [2 * length, 0],
        "b.z.value_fresh": [2 * fresh, 0],
        "b.z.value_session": [2 * session, 0],
    }
    assert set(found) == set(expected)
    for name, numbers in expected.items():
        assert found[name] == pytest.approx(numbers, abs=1e-5), name


def test_a_rank_is_read_off_the_frozen_quantiles() -> None:
    at = 40
    between = (10 * LEVELS[at] + 10 * LEVELS[at + 1]) / 2
    ranks = named(TRANSFORM.features(signals([10 * LEVELS[at], between], [0, 0], [0, 0]), context(0)))["a.x.log_rank"]
    ends = [-math.log(0.05 + 10 * (1 - LEVELS[i])) for i in (at, at + 1)]
    assert ranks == pytest.approx([ends[0], sum(ends) / 2], rel=1e-5)


def test_without_a_history_its_length_and_age_say_nothing() -> None:
    found = named(TRANSFORM.features(signals([9], [2], [3]), context(0)))
    for name, (number,) in found.items():
        if name.endswith(("_length", "_fresh", "_session")):
            assert number == 0, name


def test_extremes_are_clipped_and_beyond_the_quantiles_rank_as_their_ends() -> None:
    found = named(TRANSFORM.features(signals([1e9, -1e9], [1e9, -1e9], [0, 0]), context(0)))
    assert found["a.x.z"] == [20, -3]
    assert found["a.x.log_rank"] == pytest.approx([-math.log(0.05), -math.log(10.05)], rel=1e-6)


@pytest.mark.parametrize(
    ("n", "days_ago", "segment"),
    [
        (0, 0, "none"),
        (1, 1, "short_active"),
        (1, 1.01, "short_away"),
        (4, 0, "short_active"),
        (5, 0, "long_active"),
        (99, 30, "long_away"),
    ],
)
def test_segments(n: int, days_ago: float, segment: str) -> None:
    assert segment_of(context(n, days_ago=days_ago)) == segment
    assert segment in SEGMENTS


def blend() -> Blend:
    width = len(TRANSFORM.feature_names)
    x, y, z = (TRANSFORM.feature_names.index(name) for name in ("a.x.z", "b.y.value", "b.z.value"))
    weights, centre = np.zeros((2, len(SEGMENTS), width))
    weights[SEGMENTS.index("none"), [x, y]] = 2, 10
    weights[SEGMENTS.index("long_away"), [x, z]] = 1, -1
    centre[SEGMENTS.index("none"), [x, y]] = 1, 0.5
    base = np.array([{"none": 0.25, "long_away": 0.75}.get(segment, 0) for segment in SEGMENTS])
    return Blend(TRANSFORM, weights, base, centre, {"none": "blend"})


def weighed(table: FloatArray, asking: Context, **left_out: tuple[str, ...]) -> tuple[NDArray[np.float64], float]:
    """Return the parts of every scorer and the base."""
    one = blend()
    weighing = one.weighing(asking, **left_out)
    return one.contributions(table, asking, weighing), weighing.base


def test_contributions_by_hand() -> None:
    asked = signals([9, 1], [2, 0], [3, 2])
    parts, base = weighed(asked, context(0))
    # Scorer a: 2·(z − 1) with z 4 and 0; scorer b: 10·(y − ½).
    assert parts.tolist() == [[6, -2], [15, -5]]
    assert base == 0.25
    parts, base = weighed(asked, context(7, days_ago=9))
    assert parts.tolist() == [[4, 0], [-2, 0]]
    assert base == 0.75
    assert blend().scorers == ("a", "b")


def test_a_scorer_left_out_adds_nothing() -> None:
    parts, _ = weighed(signals([9], [2], [3]), context(0), without=("b",))
    assert parts.tolist() == [[6], [0]]


@given(seed=st.integers(0, 10_000), n=st.integers(1, 9), n_history=st.sampled_from([0, 2, 8]))
def test_no_candidate_changes_the_number_of_another(academy_model: Fitted, seed: int, n: int, n_history: int) -> None:
    """Bitwise, down to a single candidate: the shipped transforms and weights on any signals."""
    shipped = academy_model.model.blend
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(len(shipped.transform.signals), 9)).astype(np.float32)
    asking = context(n_history)
    weighing = shipped.weighing(asking)
    everything = shipped.contributions(table, asking, weighing)
    some = shipped.contributions(table[:, :n].copy(), asking, weighing, n_more=2)[:-2]
    assert some.tobytes() == everything[:, :n].tobytes()


def test_what_is_packed_answers_the_same() -> None:
    one = blend()
    again = Blend.unpack(one.pack(), one.transform.signals, one.choices, one.transform.n_candidates)
    asked, asking = signals([9, 1], [2, 0], [3, 2]), context(7, days_ago=9)
    there, here = (each.contributions(asked, asking, each.weighing(asking)) for each in (again, one))
    assert there.tobytes() == here.tobytes()
    assert not any(array.flags.writeable for array in one.pack().values())
