"""Numbers in fields: read as people of several languages write them, and written so that they are read as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.pages.amounts import read_amount, written_amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5", 2.5),
        ("2,5", 2.5),
        ("99.90", 99.9),
        ("1,000", 1_000),
        ("1.000", 1_000),
        ("1 000", 1_000),
        ("1\N{NARROW NO-BREAK SPACE}000", 1_000),
        ("1’000", 1_000),
        ("1,000.50", 1_000.5),
        ("1.000,50", 1_000.5),
        ("12.345.678", 12_345_678),
        ("1,000,000,000,000", 1e12),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1.1250", 1.125),
        ("1000.125", 1_000.125),
    ],
)
def test_a_number_is_what_its_writer_meant(text: str, value: float) -> None:
    assert read_amount(text) == value


@pytest.mark.parametrize(
    "text", ["", "-1", "1e3", "nan", "٣", "1,00,000", "1,000,50", "1.000.50", "1,,000", "0,000,1", "1 00"]
)
def test_what_could_be_two_numbers_or_none_is_none(text: str) -> None:
    assert read_amount(text) is None


@given(st.floats(0, 1e12) | st.integers(1, 10**6).map(lambda n: n / 1_000))
def test_a_number_written_is_read_as_the_same(value: float) -> None:
    assert read_amount(written_amount(value, 6)) == pytest.approx(value, abs=1e-6)
    if value == 0 or value > 1e-10:
        assert read_amount(written_amount(value)) == value
