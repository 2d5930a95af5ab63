"""Numbers rounded by the compiled loops are those `round` makes of each, to the last bit."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from recommender.answer_kernels import all_rounded, rounded


def each(values: list[float], digits: int) -> list[float]:
    """Round numbers one by one, having seen that together they are rounded as alone."""
    found = [rounded(one, digits) for one in values]
    names = {str(i): one for i, one in enumerate(values)}
    together = all_rounded(names, digits)
    assert list(together) == list(names)
    assert bits(list(together.values())) == bits(found)
    return found


def bits(values: list[float]) -> list[bytes]:
    return [struct.pack("d", one) for one in values]


@given(st.lists(st.floats() | st.floats(-10, 10), max_size=30), st.integers(0, 9))
def test_each_number_is_rounded_as_round_does(values: list[float], digits: int) -> None:
    assert bits(each(values, digits)) == bits([round(one, digits) for one in values])


@given(st.lists(st.integers(-(10**10), 10**10), max_size=30))
def test_so_are_numbers_in_the_middle_of_two_roundings(halves: list[int]) -> None:
    values = [one / 2e9 for one in halves]
    assert bits(each(values, 9)) == bits([round(one, 9) for one in values])


def test_what_is_no_number_stays_so() -> None:
    # 2.675 is a little less than it is written, so it is rounded down; scaled by 100 it is 267.49999999999994 or 267.5.
    found = each([float("nan"), float("-inf"), 1e300, -0.0, 2.675], 2)
    assert bits(found) == bits([float("nan"), float("-inf"), 1e300, -0.0, 2.67])
