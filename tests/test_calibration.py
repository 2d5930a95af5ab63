"""Whether what is said of probabilities is true: on answers drawn with chances that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender.query import Query
from recommender.scorers.base import Context
from training.blending.calibration import MOST_ASKED, N_BINS, calibration
from training.blending.judging import Judged
from training.blending.pooling import MOST_PARTS, SHIPPED, shipped_against_parts
from training.blending.rows import SIGNALS, Question, unweighted
from training.blending.weights import FOLDS, Weights

TRANSFORM = unweighted().transform
MONTH = TRANSFORM.feature_names.index("trend.month.value")
ROW = [f"{one.scorer}.{one.name}" for one in SIGNALS].index("trend.month")
N_CANDIDATES = 40
TRUE_TEMPERATURE, FOUND = 0.5, 0.8
SEGMENT = "short_away"


def judged(*, is_judged: bool = True, scale: float = 1.0) -> Judged:
    """What ships sums one signal: the score of a candidate is that signal times `scale`."""
    weight = np.zeros(len(TRANSFORM.feature_names))
    weight[MONTH] = scale
    weights = Weights(weight, np.zeros(len(weight)))
    nothing = np.empty((0, 0))
    said = {"judged": is_judged, "ships": "trend.month"}
    return Judged(weights, (weights,) * FOLDS, said, (), nothing, np.empty(0, dtype=np.int64))


def questions(
    n: int, *, seed: int = 0, protocol: str = "next", temperatures: tuple[float, ...] = (TRUE_TEMPERATURE,) * FOLDS
) -> list[Question]:
    """Of each question one candidate is taken with P = softmax(b·score), b by fold; in a fifth something that is none."""
    rng = np.random.default_rng(seed)
    query = Query(as_of=10 * 86_400, history=np.array([7], dtype=np.int32), history_at=np.array([0], dtype=np.int64))
    context, found = Context.of(query, 10), []
    for i in range(n):
        signals = np.zeros((len(SIGNALS), N_CANDIDATES), dtype=np.float32)
        signals[ROW] = rng.uniform(-3, 3, N_CANDIDATES)
        chance = np.exp(temperatures[i // 2 % FOLDS] * signals[ROW].astype(np.float64))
        taken = np.zeros(N_CANDIDATES, dtype=np.bool_)
        if rng.random() < FOUND:
            taken[rng.choice(N_CANDIDATES, p=chance / chance.sum())] = True
        gain = np.zeros(N_CANDIDATES, dtype=np.float32)
        found.append(Question(i // 2, protocol, context, signals, taken, 1, gain))
    return found


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return calibration({SEGMENT: judged()}, questions(MOST_ASKED), TRANSFORM, seed=0)


def test_the_temperature_is_the_one_that_the_answers_were_drawn_with(found: dict[str, Any]) -> None:
    temperatures = found["segments"][SEGMENT]["temperatures"]
    assert len(temperatures) == FOLDS
    # The standard error of the temperature of 400 answers is about 0.03.
    assert temperatures == pytest.approx([TRUE_TEMPERATURE] * FOLDS, abs=0.12)
    assert temperatures[0] != temperatures[1], "each fold's is learned on the other"


def test_each_fold_is_calibrated_on_the_other() -> None:
    asked = questions(MOST_ASKED, temperatures=(0.2, 1.0))
    found = calibration({SEGMENT: judged()}, asked, TRANSFORM, seed=0)
    assert found["segments"][SEGMENT]["temperatures"] == pytest.approx([1.0, 0.2], abs=0.12)


def test_calibrated_chances_hold_and_raw_ones_do_not(found: dict[str, Any]) -> None:
    calibrated, raw = found["calibrated"], found["raw"]
    assert calibrated["said"] == pytest.approx(calibrated["happened"], rel=0.05)
    assert raw["said"] > 1.5 * raw["happened"], "what is found in four of five questions is said to be found in all"
    assert raw["ece"] > 3 * calibrated["ece"]
    assert calibrated["brier"] < raw["brier"]
    assert calibrated["brier"] < calibrated["brier_of_base_rate"]
    estimate, low, high = found["brier_gain"]
    assert estimate == pytest.approx(1 - calibrated["brier"] / calibrated["brier_of_base_rate"])
    assert low < estimate < high


def test_the_bins_are_tenths_in_rising_order_and_their_intervals_hold_what_was_said(found: dict[str, Any]) -> None:
    bins = found["bins"]
    assert len(bins) == N_BINS
    assert sum(one["shown"] for one in bins) == found["calibrated"]["shown"] == 10 * MOST_ASKED
    said = [one["said"] for one in bins]
    assert said == sorted(said)
    held = [one["happened"][1] <= one["said"] <= one["happened"][2] for one in bins]
    assert sum(held) >= 8, "95 % intervals miss one of ten now and then, not three"
    raw = [one["happened"][1] <= one["said"] <= one["happened"][2] for one in found["raw_bins"]]
    assert sum(raw) <= 5


def test_the_scores_scale_does_not_matter_once_calibrated(found: dict[str, Any]) -> None:
    other = calibration({SEGMENT: judged(scale=4.0)}, questions(MOST_ASKED), TRANSFORM, seed=0)
    assert other["calibrated"]["brier"] == pytest.approx(found["calibrated"]["brier"], rel=1e-3)
    assert other["raw"]["ece"] > found["raw"]["ece"]


@pytest.mark.parametrize(
    ("how", "n", "protocol"), [(True, 30, "next"), (True, 300, "window"), (False, 300, "next"), (True, 0, "next")]
)
def test_too_little_to_calibrate_is_said(how: bool, n: int, protocol: str) -> None:
    found = calibration({SEGMENT: judged(is_judged=how)}, questions(n, protocol=protocol), TRANSFORM, seed=0)
    assert list(found) == ["skipped"]


# --- what ships against the parts --------------------------------------------------------------------------------


def segment_of(figures: list[list[float]], employees: list[int], *, ships: str = "blend", names: str = "") -> Judged:
    parts = ("blend", *(names.split() or ("trend.ever", "hybrid.affinity")))
    said = {"judged": True, "ships": ships}
    nothing = Weights(np.zeros(1), np.zeros(1))
    return Judged(nothing, (nothing,) * FOLDS, said, parts, np.array(figures), np.array(employees, dtype=np.int64))


def test_people_count_once_and_what_ships_is_each_segments_own() -> None:
    """By hand: person 1 has 0.2 and 0.6 in one segment and 0.4 in the other, person 2 has 0.8."""
    away = segment_of([[0.2, 0.0, 0.1], [0.6, 0.2, 0.1]], [1, 1])
    active = segment_of([[0.9, 0.4, 0.3], [0.1, 0.8, 0.3]], [1, 2], ships="trend.ever")
    nobody = segment_of([[1.0, 1.0, 1.0]], [3])
    found = shipped_against_parts({"none": nobody, "long_away": away, "long_active": active}, seed=0)
    pooled = found["pooled"]
    assert pooled["segments"] == ["long_away", "long_active"], "people without a history are no part of it"
    assert (pooled["employees"], pooled["questions"]) == (2, 4)
    assert pooled["ndcg@10"][0] == pytest.approx(((0.2 + 0.6 + 0.4) / 3 + 0.8) / 2)
    ever = pooled["parts"]["trend.ever"]
    assert ever["ndcg@10"][0] == pytest.approx(((0.0 + 0.2 + 0.4) / 3 + 0.8) / 2)
    assert ever["shipped_less_this"][0] == pytest.approx(0.6 - 0.5)
    assert ever["shipped_less_this"][1] == 0.0, "all resamples of two people: person 2 twice, whose part ships"
    assert ever["shipped_less_this"][2] == pytest.approx(0.2)
    assert found["segments"]["none"]["ndcg@10"] == [1.0, 1.0, 1.0]
    assert SHIPPED not in pooled["parts"]


def test_only_what_can_rank_in_every_segment_is_pooled() -> None:
    one = segment_of([[0.2, 0.1, 0.1]], [1])
    other = segment_of([[0.2, 0.1]], [2], names="trend.ever")
    assert list(shipped_against_parts({"long_away": one, "long_active": other}, seed=0)["pooled"]["parts"]) == [
        "blend",
        "trend.ever",
    ]


def test_of_a_segment_the_best_parts_are_kept() -> None:
    names = [f"part.{i}" for i in range(20)]
    figures = [[0.5, *np.linspace(0, 1, 20).tolist()]]
    found = shipped_against_parts({"long_away": segment_of(figures, [1], names=" ".join(names))}, seed=0)
    assert list(found["segments"]["long_away"]["parts"]) == [f"part.{i}" for i in range(19, 19 - MOST_PARTS, -1)]
    assert len(found["pooled"]["parts"]) == 21


def test_without_a_judged_segment_nothing_is_pooled() -> None:
    assert shipped_against_parts({"long_away": judged(is_judged=False)}, seed=0) == {"segments": {}}
