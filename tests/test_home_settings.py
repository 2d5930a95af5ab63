"""What the address of the employee's page asks: read, refused field by field, and written again."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from recommender.moments import parse_moment
from web.pages.languages import speak_languages
from web.pages.settings import FEW, MOST, Asked, Offered, address, as_query, changed, plain_number, read_asked

NOW = parse_moment("2026-07-10T12:00:00Z")
OFFERED = Offered(has_role={"data-engineer"}.__contains__, languages=("de", "en"), formats=("video",), now=NOW)


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    app = Flask("speaking")
    speak_languages(app)
    with app.test_request_context("/me"):
        yield


def read(query: str) -> Asked:
    return read_asked(MultiDict(parse_qsl(query, keep_blank_values=True)), OFFERED)


def test_nothing_asked_is_what_is_saved() -> None:
    assert read("") == Asked()
    assert as_query(Asked()) == ""
    assert address(Asked()) == "/me"


def test_everything_asked_is_read_and_written_again() -> None:
    query = "role=data-engineer&hours_per_week=2.5&by=2026-12-31&budget=300&language=de&language=en&format=video&k=10"
    found = read(query)
    assert found == Asked("data-engineer", 2.5, 300.0, "2026-12-31", ("de", "en"), ("video",), 10)
    assert found.deadline == parse_moment("2027-01-01T00:00:00Z"), "until 24:00 of the last day"
    assert as_query(found) == f"?{query}"


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("hours_per_week=ten", "hours_per_week", "Expected a number from 0 to 168."),
        ("hours_per_week=169", "hours_per_week", "Expected a number from 0 to 168."),
        ("hours_per_week=-1", "hours_per_week", "Expected a number from 0 to 168."),
        ("hours_per_week=nan", "hours_per_week", "Expected a number from 0 to 168."),
        ("hours_per_week=1e3", "hours_per_week", "Expected a number from 0 to 168."),
        ("hours_per_week=0.001", "hours_per_week", "Expected 0 or at least 0.01 hours."),
        ("budget=٣", "budget", "Expected a number from 0 to 1,000,000,000,000."),
        ("budget=9999999999999", "budget", "Expected a number from 0 to 1,000,000,000,000."),
        ("by=tomorrow", "by", "Expected a date as YYYY-MM-DD, for example 2027-03-31."),
        ("by=2027-02-30", "by", "Expected a date as YYYY-MM-DD, for example 2027-03-31."),
        ("by=2027-03-31T10:00", "by", "Expected a date as YYYY-MM-DD, for example 2027-03-31."),
        ("by=2026-07-09", "by", "Expected a date that is not over yet."),
        ("role=nobody", "role", "There is no such role now. This is about your own target."),
        ("language=xx", "language", "There is no course of this kind now; it is left out."),
        ("format=video&format=%3Cscript%3E", "format", "There is no course of this kind now; it is left out."),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_the_rest_counts(query: str, name: str, message: str) -> None:
    found = read(f"{query}&k=10")
    assert dict(found.errors) == {name: message}
    assert found.k == 10
    assert getattr(found, name) in {None, "", (), ("video",)}
    if name not in {"language", "format"}:
        assert found.typed[name] == query.partition("=")[2]


def test_today_is_not_over_until_midnight() -> None:
    assert read("by=2026-07-10").by == "2026-07-10"


def test_a_saved_limit_given_empty_is_none() -> None:
    found = read("hours_per_week=&budget=+&role=&by=&language=")
    assert found == Asked(without=frozenset({"hours_per_week", "budget"}))
    assert as_query(found) == "?budget=&hours_per_week="
    assert read(as_query(found)[1:]) == found


def test_a_comma_is_a_decimal_sign_too() -> None:
    assert read("hours_per_week=2,5").hours_per_week == 2.5


def test_a_sign_between_thousands_makes_no_budget_of_one() -> None:
    assert [read(f"budget={text}").budget for text in ("1,000", "1.000", "1.000,50")] == [1000.0, 1000.0, 1000.5]
    assert read("hours_per_week=1.500").errors
    assert as_query(read("budget=1.1250")) == "?budget=1.1250"


def test_how_many_courses_stays_within_reason() -> None:
    assert [read(f"k={k}").k for k in ("0", "1", "999", "99999", "x", "-3")] == [1, 1, MOST, FEW, FEW, FEW]


def test_a_change_keeps_everything_else_and_forgets_what_was_wrong() -> None:
    asked = read("role=data-engineer&budget=300&by=never&language=de")
    assert as_query(changed(asked, budget="")) == "?role=data-engineer&language=de&budget="
    assert as_query(asked, budget=None, language=None) == "?role=data-engineer"
    assert as_query(asked, hours_per_week=2.0) == "?role=data-engineer&hours_per_week=2&budget=300&language=de"
    assert changed(changed(asked, budget=""), budget=5.0).without == frozenset()
    assert changed(asked, k=10).errors == {}


@given(st.floats(0, 1e12))
def test_a_number_is_written_so_that_it_is_read_again(amount: float) -> None:
    text = plain_number(amount)
    assert float(text) == pytest.approx(amount, abs=1e-6)
    assert read(f"budget={text}").budget == float(text)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_reading(name: str, value: str) -> None:
    found = read_asked(MultiDict([(name, value), *((one, value) for one in ("role", "by", "budget", "k"))]), OFFERED)
    assert read(as_query(found)[1:]) == changed(found)
