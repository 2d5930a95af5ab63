"""`make bench` runs every script of speed, tells limits met from missed, and does not hide one that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.everything import LIMIT, OF_QUALITY, OPTIONS, SHARED, Outcome, chosen, run, summed_up

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def test_scripts_are_run_unless_they_are_shared_of_quality_or_left_out() -> None:
    names = ("peers", "soak", "comparing", "tagging", "a_new_one")
    scripts = [Path(f"benchmarks/{name}.py") for name in names]
    assert chosen(scripts, but=["benchmarks/soak.py"]) == ["a_new_one", "peers"]


def test_every_name_is_that_of_a_script() -> None:
    names = {*OPTIONS, *SHARED, *OF_QUALITY}
    assert names <= {script.stem for script in BENCHMARKS.glob("*.py")}


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("ours ÷ theirs: 0.9× (0.8 to 1 in parts of it); limit at most 1×: met", True),
        ("limit at least 0.5×: missed", True),
        ("nobody has met a time limit yet", False),
        ("the limit was met twice", False),
    ],
)
def test_a_line_about_a_limit_is_known(line: str, counts: bool) -> None:
    assert bool(LIMIT.search(line)) is counts


def test_missed_limits_and_failures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    good = Outcome("good", 0, 60.0, 100.0, ("a: 1; limit at most 2: met", "b: 3; limit at most 2: missed"))
    bad = Outcome("bad", 3, 60.0, 100.0, ())
    assert summed_up([good]) == 0
    assert summed_up([good, bad]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[-4:] == [
        "2 benchmarks in 2 minutes",
        "1 limits met, 1 missed",
        "  good: b: 3; limit at most 2: missed",
        "failed: bad (exit code 3)",
    ]


def test_a_script_is_run_and_how_it_ended_is_known(capfd: pytest.CaptureFixture[str]) -> None:
    outcome = run("comparing", ())
    assert (outcome.code, outcome.limits) == (0, ())
    assert outcome.megabytes > 10  # Python with NumPy
    assert "numpy" in capfd.readouterr().out
    assert run("companies", ()).code == 2  # it asks where to
    assert "the following arguments are required" in capfd.readouterr().out
