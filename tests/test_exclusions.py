"""What keeps a course away: every rule told with its numbers and in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from planted_worlds import Fitted, named_skills, positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import DAY, EARLIEST, Ragged
from recommender.catalog import Catalog
from recommender.eligibility import LATER, RULES
from recommender.exclusions import _TELLS, exclusions
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Feedback, Limits, Query
from recommender.required import Required

NOW = day(100)
COURSE, OTHER, THIRD = 0, 1, 2
THEN, SOON = moment_text(day(90)), moment_text(day(120))


def courses(**columns: Any) -> Catalog:
    told = replace(
        catalog(3, ids=("a", "b", "c")),
        titles=("Course", "Other", "Third"),
        languages=("fr", "", ""),
        formats=("book", "", ""),
        hours=np.array([7.3, 1, 1], dtype=np.float32),
        cost=np.array([99.9, 1, 1], dtype=np.float32),
        skills=skill_rows({0: [(0, 4), (1, 3)], 1: [(0, 4), (1, 4)]}, n_rows=3, entry={(0, 0): 3, (0, 1): 1}),
    )
    return replace(told, **columns)


def told(
    model: Model, catalog: Catalog, *, levels: tuple[int, int] = (3, 1), **facts: Any
) -> list[tuple[str, dict[str, Any], str]]:
    query = replace(Query(as_of=NOW, department="Sales"), **facts)
    known = replace(model, catalog=catalog, skills=named_skills("sql", "python"))
    found = exclusions(known, query, COURSE, levels=np.array(levels, dtype=np.int8))
    return [(one.code, one.numbers, one.text) for one in found]


def at(*days: float) -> Any:
    return np.array([day(one) for one in days], dtype=np.int64)


def said(course: int, verb: str, moment: int) -> dict[str, Any]:
    return {"feedback": Feedback.of([(course, verb, moment)])}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, dict[str, Any], str]] = {
    "unpublished": (
        {"published": np.array([False, True, True])},
        {},
        "unpublished",
        {},
        "It is not published.",
    ),
    "superseded": (
        {"supersedes": Ragged.from_rows([[], [COURSE], []])},
        {},
        "superseded",
        {"course_ids": ["b"]},
        "“Other” has taken its place.",
    ),
    "to come": (
        {"available_from": np.array([day(120), EARLIEST, EARLIEST])},
        {},
        "not_available",
        {"available_from": SOON},
        f"It is available from {SOON} only.",
    ),
    "gone": (
        {"available_from": at(1, 1, 1), "available_to": at(90, 200, 200)},
        {},
        "not_available",
        {"available_from": moment_text(day(1)), "available_to": THEN},
        f"It is available from {moment_text(day(1))} until {THEN} only.",
    ),
    "completed": (
        {},
        {"history": positions(OTHER, COURSE), "history_at": at(80, 90)},
        "completed",
        {"course_id": "a", "completed_at": THEN},
        f"You completed it on {THEN[:10]}.",
    ),
    "completed in another version": (
        {"supersedes": Ragged.from_rows([[THIRD], [], []])},
        {"history": positions(OTHER, THIRD), "history_at": at(80, 90)},
        "completed",
        {"course_id": "c", "completed_at": THEN},
        f"You completed another version of it, “Third”, on {THEN[:10]}.",
    ),
    "completed in two versions": (
        {"supersedes": Ragged.from_rows([[THIRD], [], []])},
        {"history": positions(THIRD, COURSE), "history_at": at(80, 90)},
        "completed",
        {"course_id": "a", "completed_at": THEN},
        f"You completed it on {THEN[:10]}.",
    ),
    "required": (
        {},
        {"required": (Required(COURSE, day(120), 1.0, overdue=False, recurring=False),)},
        "required",
        {"course_id": "a", "due_at": SOON},
        "It is mandatory for you, so it is listed as required and is no suggestion.",
    ),
    "in progress": (
        {},
        {"in_progress": positions(COURSE), "progress": np.array([0.4], dtype=np.float32)},
        "in_progress",
        {"progress": 0.4},
        "You have begun it already.",
    ),
    "not interested": (
        {},
        said(COURSE, "not_interested", day(90)),
        "feedback",
        {"course_id": "a", "verb": "not_interested", "at": THEN},
        "You said of it: not interested. It is not shown until you withdraw that.",
    ),
    "later": (
        {},
        said(COURSE, "later", day(90)),
        "feedback",
        {"course_id": "a", "verb": "later", "at": THEN, "until": moment_text(day(90) + LATER)},
        f"You said of it: later. It is not shown until {moment_text(day(180))[:10]}.",
    ),
    "later, undated": (
        {},
        said(COURSE, "later", EARLIEST),
        "feedback",
        {"course_id": "a", "verb": "later"},
        "You said of it: later. It is not shown until you withdraw that.",
    ),
    "covered by what was too easy": (
        {},
        said(OTHER, "too_easy", day(90)),
        "feedback",
        {"course_id": "b", "verb": "too_easy", "at": THEN},
        "You called “Other” too easy, and this teaches nothing beyond it.",
    ),
    "excluded": ({}, {"limits": Limits(exclude=positions(COURSE))}, "excluded", {"limit": "exclude"}, ""),
    "not among those": ({}, {"limits": Limits(only=positions(OTHER))}, "excluded", {"limit": "only"}, ""),
    "too long": (
        {},
        {"limits": Limits(max_hours=5)},
        "max_hours",
        {"hours": 7.3, "max_hours": 5},
        "It takes 7.3 hours; you asked for at most 5.",
    ),
    "too dear": (
        {},
        {"limits": Limits(max_cost=50.5)},
        "max_cost",
        {"cost": 99.9, "max_cost": 50.5},
        "It costs 99.9; you asked for at most 50.5.",
    ),
    "language": (
        {},
        {"limits": Limits(languages=("en", "de"))},
        "language",
        {"language": "fr", "accepted": ["en", "de"]},
        "Its language is fr; you asked for en or de.",
    ),
    "format unknown": (
        {"formats": ("", "", "")},
        {"limits": Limits(formats=("video",))},
        "format",
        {"accepted": ["video"]},
        "Its format is not known; you asked for video.",
    ),
    "audience": (
        {"audience": (("Legal", "Rome", "Buyer"), (), ())},
        {},
        "audience",
        {"audience": ["Legal", "Rome", "Buyer"]},
        "It is meant for Legal, Rome or Buyer.",
    ),
    "prerequisites": (
        {"prerequisites": Ragged.from_rows([[OTHER, THIRD], [], []])},
        {},
        "prerequisite",
        {"course_ids": ["b", "c"]},
        "It asks you to complete “Other” and “Third” first.",
    ),
    "one prerequisite left": (
        {"prerequisites": Ragged.from_rows([[OTHER, THIRD], [], []])},
        {"history": positions(OTHER), "history_at": at(80)},
        "prerequisite",
        {"course_ids": ["c"]},
        "It asks you to complete “Third” first.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_a_course_away_is_told_with_its_numbers(academy_model: Fitted, case: str) -> None:
    columns, facts, code, numbers, text = CASES[case]
    ((found, its_numbers, words),) = told(academy_model.model, courses(**columns), **facts)
    assert (found, its_numbers) == (code, numbers)
    assert words == (text or words)
    assert words.endswith(".")


def test_levels_that_are_too_low_are_told_skill_by_skill(academy_model: Fitted) -> None:
    """It asks for 3 and 1; at 2 and 0 both are missing, at 3 and 0 the second alone."""
    sql, python = (
        {"skill_id": "sql", "name": "Sql", "has": 2, "needed": 3},
        {"skill_id": "python", "name": "Python", "has": 0, "needed": 1},
    )
    assert told(academy_model.model, courses(), levels=(2, 0)) == [
        ("entry_level", {"skills": [sql, python]}, "It asks for Sql at level 3 and Python at level 1; you are at 2, 0.")
    ]
    assert told(academy_model.model, courses(), levels=(3, 0))[0][1] == {"skills": [python]}


def test_what_was_too_hard_waits_for_time_and_for_levels(academy_model: Fitted) -> None:
    """Assumed entry levels count here: 3 asked, 2 there."""
    rows = skill_rows({0: [(0, 4)]}, n_rows=3)
    hard = courses(skills=replace(rows, entry_level=np.array([3], dtype=np.int8)))
    asked = {"skill_id": "sql", "name": "Sql", "has": 2, "needed": 3}
    until = moment_text(day(180))
    ((_, numbers, text),) = told(academy_model.model, hard, levels=(2, 0), **said(COURSE, "too_hard", day(90)))
    assert numbers == {"course_id": "a", "verb": "too_hard", "at": THEN, "until": until, "skills": [asked]}
    assert text == (
        f"You said of it: too hard. It is not shown until {until[:10]}, and while you are below Sql at level 3."
    )
    ((_, numbers, text),) = told(academy_model.model, hard, levels=(2, 0), **said(COURSE, "too_hard", NOW - 91 * DAY))
    assert "until" not in numbers
    assert text == "You said of it: too hard. It is not shown while you are below Sql at level 3."
    ((_, numbers, _),) = told(academy_model.model, hard, levels=(3, 0), **said(COURSE, "too_hard", day(90)))
    assert "skills" not in numbers


def test_only_the_words_that_keep_it_away_are_told(academy_model: Fitted) -> None:
    words = Feedback.of(
        [(COURSE, "later", NOW - LATER), (OTHER, "too_easy", day(90)), (THIRD, "not_interested", day(90))]
    )
    assert [numbers["course_id"] for _, numbers, _ in told(academy_model.model, courses(), feedback=words)] == ["b"]


def test_everything_that_keeps_a_course_away_is_told_in_the_order_of_the_rules(academy_model: Fitted) -> None:
    limits = Limits(max_hours=5, max_cost=5, exclude=positions(COURSE), only=positions(OTHER))
    found = told(academy_model.model, courses(published=np.zeros(3, dtype=np.bool_)), levels=(0, 0), limits=limits)
    assert [code for code, *_ in found] == [
        "unpublished",
        "excluded",
        "excluded",
        "max_hours",
        "max_cost",
        "entry_level",
    ]


def test_every_rule_has_words(academy_model: Fitted) -> None:
    assert list(_TELLS) == list(RULES)
    assert told(academy_model.model, courses()) == []
