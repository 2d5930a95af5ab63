"""What the benchmarks share: turns drawn anew, ratios of medians, limits kept or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.comparing import in_rounds, judge, machine, ratio_of


class Clock:
    """Moves on only where a contender says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_everybody_is_asked_once_a_round() -> None:
    clock = Clock()
    asked: list[tuple[int, str]] = []

    def taking(name: str, seconds: float) -> Callable[[int], None]:
        def contender(turn: int) -> None:
            asked.append((turn, name))
            clock.now += seconds + turn

        return contender

    spent = in_rounds({"a": taking("a", 1.0), "b": taking("b", 10.0)}, rounds=3, warm_up=0, clock=clock)
    assert sorted(asked) == [(0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "a"), (2, "b")]
    assert spent["a"].tolist() == [1.0, 2.0, 3.0]
    assert spent["b"].tolist() == [10.0, 11.0, 12.0]


def test_nobody_always_follows_the_same_other() -> None:
    asked: list[str] = []
    contenders = {name: lambda _, name=name: asked.append(name) for name in "abc"}
    in_rounds(contenders, rounds=100, warm_up=0)
    rounds = ["".join(asked[start : start + 3]) for start in range(0, 300, 3)]
    # of six orders each comes 17 times in 100 on average
    assert min(Counter(rounds)[order] for order in ("abc", "acb", "bac", "bca", "cab", "cba")) >= 5


def test_rounds_before_are_not_counted() -> None:
    clock = Clock()
    asked: list[int] = []

    def contender(turn: int) -> None:
        asked.append(turn)
        clock.now += 100.0 if len(asked) <= 2 else 1.0

    spent = in_rounds({"a": contender}, rounds=2, warm_up=2, clock=clock)
    assert asked == [0, 1, 0, 1]
    assert spent["a"].tolist() == [1.0, 1.0]


def test_a_ratio_is_of_medians_with_its_spread_over_parts() -> None:
    one = np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0])
    other = np.full(10, 2.0)
    # median of one is 3; the five parts have medians 1 to 5
    assert ratio_of(one, other) == (1.5, 0.5, 2.5)


@pytest.mark.parametrize(
    ("value", "at_most", "at_least", "met"),
    [
        (2.0, 2.0, None, True),
        (2.1, 2.0, None, False),
        (0.5, None, 0.5, True),
        (0.4, None, 0.5, False),
        (float("nan"), 2.0, None, False),
        (float("nan"), None, 0.5, False),
    ],
)
def test_a_limit_is_met_or_missed(
    capsys: pytest.CaptureFixture[str], value: float, at_most: float | None, at_least: float | None, met: bool
) -> None:
    assert judge("speed", value, unit="×", at_most=at_most, at_least=at_least) is met
    assert capsys.readouterr().out.endswith("met\n" if met else "missed\n")


def test_a_figure_without_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at_most or at_least"):
        judge("speed", 1.0)


def test_the_machine_is_described() -> None:
    told = machine()
    assert f"numpy {np.__version__}" in told
    assert "cores" in told
