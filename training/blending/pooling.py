"""How sure the figures of the windows are: each segment's with intervals, and everybody with a history together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.blending.judging import RESAMPLES, Judged, by_employee
from training.intervals import Sampled, sampled_means

SHIPPED = "shipped"
MOST_PARTS = 8
"""Alternatives that are kept of a segment, the best ones; of all segments together every one is."""


def shipped_against_parts(judged: Mapping[str, Judged], *, seed: int) -> dict[str, Any]:
    """Return NDCG@10 of what ships and of every alternative, with intervals, by segment and over those with a history.

    All figures are out of sample; which alternative ships was chosen by them, which flatters it a little. Under `pooled`
    are the people of every judged segment but `none`, each person counting once, and what can rank alone in all of them.
    """
    enough = {segment: one for segment, one in judged.items() if one.said["judged"]}
    with_history = {segment: one for segment, one in enough.items() if segment != "none"}
    found: dict[str, Any] = {"segments": {segment: _best(_compared([one], seed)) for segment, one in enough.items()}}
    if with_history:
        found["pooled"] = {**_compared([*with_history.values()], seed), "segments": list(with_history)}
    return found


def _compared(judged: Sequence[Judged], seed: int) -> dict[str, Any]:
    names = [name for name in judged[0].names if all(name in one.names for one in judged)]
    figures = np.concatenate([_columns(one, names) for one in judged])
    by_person = by_employee(figures, np.concatenate([one.employees for one in judged]))
    sampled = dict(zip([SHIPPED, *names], sampled_means(by_person, n_resamples=RESAMPLES, seed=seed), strict=True))
    shipped = sampled.pop(SHIPPED)
    return {
        "employees": len(by_person),
        "questions": len(figures),
        "ndcg@10": shipped.interval().as_list(),
        "parts": {name: _against(shipped, one) for name, one in sampled.items()},
    }


def _best(compared: dict[str, Any]) -> dict[str, Any]:
    ranked = sorted(compared["parts"].items(), key=lambda one: -one[1]["ndcg@10"][0])
    return {**compared, "parts": dict(ranked[:MOST_PARTS])}


def _columns(one: Judged, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the figures of what ships, then of some alternatives, (n_questions, 1 + len(names))."""
    places = [one.names.index(name) for name in (one.said["ships"], *names)]
    return one.figures[:, places]


def _against(shipped: Sampled, part: Sampled) -> dict[str, Any]:
    return {"ndcg@10": part.interval().as_list(), "shipped_less_this": shipped.minus(part).as_list()}
