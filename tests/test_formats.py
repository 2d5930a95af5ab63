"""Dates, numbers and texts of the pages, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_babel import force_locale
from specimen_pages import specimen_app

from web.pages import formats

NARROW = "\u202f"
HARD = "\xa0"


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with specimen_app().test_request_context():
        yield


def test_english() -> None:
    assert formats.date("2026-03-01T23:59:59Z") == "Mar 1, 2026"
    assert formats.number(1234.56) == "1,234.6"
    assert formats.hours(1) == "1 hour"
    assert formats.hours(3.5) == "3.5 hours"
    assert formats.weeks(2) == "2 weeks"
    assert formats.money(0) == "free"
    assert formats.money(1250) == "1,250"
    assert formats.money(49.9) == "49.90"


def test_german() -> None:
    with force_locale("de"):
        assert formats.date("2026-03-01") == "01.03.2026"
        assert formats.number(1234.56) == "1.234,6"
        assert formats.hours(1) == "1 Stunde"
        assert formats.hours(3.5) == "3,5 Stunden"
        assert formats.percent(0.31) == f"31{HARD}%"
        assert formats.money(0) == "kostenlos"
        assert formats.money(1049.9) == "1.049,90"


def test_a_number_has_no_more_digits_than_it_needs() -> None:
    assert [formats.number(one) for one in (2, 2.0, 2.04, -0.04, 0.96)] == ["2", "2", "2", "0", "1"]
    assert formats.number(12.3456, 3) == "12.346"


def test_a_share_is_all_or_nothing_only_where_it_is() -> None:
    shares = (0, 0.001, 0.31, 0.315, 0.999, 1)
    assert [formats.percent(one) for one in shares] == ["0%", "1%", "31%", "32%", "99%", "100%"]


def test_a_day_is_the_same_however_it_is_said() -> None:
    moment = 1_772_323_200  # 2026-03-01T00:00:00Z
    assert {formats.date(one) for one in (moment, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00+00:00")} == {
        "Mar 1, 2026"
    }


def test_a_deadline_is_its_last_day() -> None:
    assert formats.deadline("2026-03-02T00:00:00Z") == "Mar 1, 2026"  # 24:00 of the day before
    assert formats.deadline("2026-03-02T12:00:00Z") == "Mar 2, 2026"


def test_a_long_text_ends_where_it_must() -> None:
    assert formats.cut("a" * 300) == "a" * 300
    assert formats.cut("a" * 10_000) == "a" * 299 + "…"
    assert formats.cut("one two three", 9) == "one two…"
    assert formats.cut(5) == "5"


def test_geometry_has_a_decimal_point_and_stays_inside() -> None:
    with force_locale("de"):
        assert [formats.share_of(one, 5) for one in (0, 0.0625, 3, 5, 7, -1)] == ["0", "1.25", "60", "100", "100", "0"]


def test_languages_call_themselves() -> None:
    assert [formats.language_name(one) for one in ("en", "de")] == ["English", "Deutsch"]
