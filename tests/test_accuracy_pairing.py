"""Accuracy before and after: the same people's questions, paired, and an interval held against the limit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import compare, paired, verdict


def fit(window: dict[str, tuple[float, int]], later: dict[str, tuple[float, int]] | None = None) -> dict[str, Any]:
    """Return what is written of one fit: of each person the mean NDCG and the questions behind it."""
    return {
        protocol: {
            "employee_id": list(people),
            "ndcg": [gain for gain, _ in people.values()],
            "n_cases": [n for _, n in people.values()],
        }
        for protocol, people in (("window", window), ("next", later or window))
    }


def test_a_person_in_several_fits_is_one_person_and_every_question_weighs_the_same() -> None:
    before = {"cut 1": fit({"a": (0.5, 1), "b": (0.2, 1)}), "cut 2": fit({"a": (0.1, 3)})}
    after = {"cut 2": fit({"a": (0.3, 3)}), "cut 1": fit({"b": (0.4, 1), "a": (0.5, 1)}), "cut 3": fit({"c": (1.0, 1)})}
    pair = next(paired(before, after))
    assert pair.n_fits == 2
    # a before: (0.5 + 3 · 0.1) / 4 = 0.2, after: (0.5 + 3 · 0.3) / 4 = 0.35
    assert pair.before.tolist() == pytest.approx([0.2, 0.2])
    assert pair.after.tolist() == pytest.approx([0.35, 0.4])


def test_different_people_cannot_be_paired() -> None:
    with pytest.raises(SystemExit, match="different people"):
        list(paired({"cut 1": fit({"a": (0.5, 1)})}, {"cut 1": fit({"b": (0.5, 1)})}))


def test_files_without_a_common_fit_are_refused() -> None:
    with pytest.raises(SystemExit, match="none in common"):
        list(paired({"cut 1": fit({"a": (0.5, 1)})}, {"cut 2": fit({"a": (0.5, 1)})}))


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.99, 1.2, "met"), (0.9, 0.989, "missed"), (0.98, 1.02, "open"), (float("nan"), float("nan"), "missed")],
)
def test_the_whole_interval_counts(low: float, high: float, word: str) -> None:
    assert verdict(low, high).startswith(word)


def saved(path: Path, gain: float, **other: object) -> Path:
    """Write a file of 50 people, every other of whom has this gain in `window`; in `next` all have 0.5."""
    people = {f"e{i}": (gain * (i % 2), 1) for i in range(50)}
    fits = {"cut 1": fit(people, dict.fromkeys(people, (0.5, 1)))}
    facts = {"format": 1, "k": 10, "data": "x", "cuts": 1, "max_employees": None, "code": path.stem, **other}
    path.write_text(json.dumps({**facts, "fits": fits}), encoding="utf-8")
    return path


def test_a_loss_of_two_per_cent_of_everybody_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compare(saved(tmp_path / "before.json", 0.5), saved(tmp_path / "after.json", 0.49))
    window, same = capsys.readouterr().out.split("\nnext: ")
    # 25 people lose 2 % each: whoever is drawn, the ratio is 0.98
    assert "0.25000 → 0.24500, ratio 0.9800 [0.9800, 0.9800]" in window
    assert window.endswith("missed")
    assert "ratio 1.0000 [1.0000, 1.0000]" in same
    assert same.endswith("met\n")


def test_files_of_different_data_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="data: found x before and y after"):
        compare(saved(tmp_path / "before.json", 0.5), saved(tmp_path / "after.json", 0.5, data="y"))
