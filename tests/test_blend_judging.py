"""What ships in a segment: when it is too small to judge, and which parts may stand alone."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.query import Query
from recommender.scorers.base import Context
from training.blending.judging import SCALED_FUSION, Group, alternatives, judge, note_on, scaled_features
from training.blending.rows import SIGNALS, Question, unweighted
from training.blending.weights import Weights
from training.config import FitConfig

TRANSFORM = unweighted().transform
N_CANDIDATES = 5


def question(employee_idx: int, *, flat: str = "") -> Question:
    """One of five candidates was taken; every signal tells them apart but the one named `flat`."""
    rng = np.random.default_rng(employee_idx)
    signals = rng.normal(size=(len(SIGNALS), N_CANDIDATES)).astype(np.float32)
    for row, signal in zip(signals, SIGNALS, strict=True):
        if f"{signal.scorer}.{signal.name}" == flat:
            row[:] = 0
    taken = np.arange(N_CANDIDATES) == 0
    history = np.array([7], dtype=np.int32)
    query = Query(as_of=10 * 86_400, history=history, history_at=np.array([0], dtype=np.int64))
    gain = np.zeros(N_CANDIDATES, dtype=np.float32)
    return Question(employee_idx, "window", Context.of(query, 10), signals, taken, 1, gain)


@pytest.mark.parametrize(("n_flat", "may"), [(0, True), (5, True), (6, False), (10, False)])
def test_a_part_that_tells_most_candidates_not_apart_stands_for_nothing(n_flat: int, may: bool) -> None:
    flat = "item_item.cosine"
    questions = [question(i, flat=flat if i < n_flat else "") for i in range(10)]
    found = alternatives(TRANSFORM, questions, with_history=True)
    assert (flat in found) is may
    assert "item_item.sum" in found


def test_the_scaled_fusion_sums_one_feature_of_each_signal_that_can_only_speak_for_a_course() -> None:
    rows = scaled_features(TRANSFORM)
    assert (rows.sum(axis=1) == 1).all()
    summed = [TRANSFORM.feature_names[int(row.argmax())] for row in rows]
    assert len(set(summed)) == len(summed)
    assert {"item_item.sum.log_rank", "sequence.last.log_rank", "trend.month.value", "content.topic.value"} <= set(
        summed
    )
    left_out = {f"{one.scorer}.{one.name}" for one in SIGNALS} - {name.rpartition(".")[0] for name in summed}
    assert left_out == {"trend.age", "trend.unseen", "content.strain", "sequence.second", "sequence.order"}


def test_a_segment_too_small_to_judge_ships_the_scaled_fusion_and_says_so() -> None:
    n = len(TRANSFORM.feature_names)
    blend, scaled = (Weights(np.full(n, value), np.zeros(n)) for value in (1.0, 2.0))
    group = Group([question(i) for i in range(3)], 100.0, blend, scaled, (blend, blend), (scaled, scaled))
    judged = judge("short_away", group, TRANSFORM, FitConfig())
    said = judged.said
    assert judged.weights is scaled
    assert (said["ships"], said["judged"], said["employees"]) == (SCALED_FUSION, False, 3)
    assert "too few (3)" in note_on("short_away", said)
