"""The values behind the employee's page, worked by hand: levels, parts that sum, addresses, dates, what is kept."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from web.pages.home_courses import followable, shown_parts
from web.pages.home_gap import MOST_SKILLS, gap_picture, levels_after
from web.pages.home_path import KEPT_SECONDS, MOST_KEPT, KeptPaths, PathFound
from web.pages.home_timeline import path_view, required_views
from web.pages.languages import speak_languages

MODEL: Any = SimpleNamespace(
    catalog=SimpleNamespace(
        ids=SimpleNamespace(find={"c1": 0, "c2": 1, "c3": 2}.get),
        titles=("Basics", "Next", "Other"),
        urls=("https://learn.example/c1", "javascript:alert(1)", ""),
    )
)


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    app = Flask("speaking")
    speak_languages(app)
    with app.test_request_context("/me"):
        yield


def skill(skill_id: str, have: int, needed: int, **more: Any) -> dict[str, Any]:
    return {"skill_id": skill_id, "name": skill_id.upper(), "have": have, "needed": needed, "confirm": False, **more}


GAP: dict[str, Any] = {
    "skills": [
        skill("sql", 1, 4, kind="technical", source="manager", observed_at="2026-03-01T00:00:00Z"),
        skill("talk", 0, 2, kind="human"),
        skill("law", 3, 2, kind="unheard-of", source="assumed", confirm=True),
    ]
}


def step(position: int, course_id: str, to: int, **more: Any) -> dict[str, Any]:
    lift = {"skill_id": "sql", "name": "SQL", "from": 1, "to": to, "needed": 4}
    return {
        "position": position,
        "course_id": course_id,
        "title": course_id.upper(),
        "hours": 3.0,
        "lifts": [lift],
        "coverage_after": 0.5,
        "reasons": [],
        "alternatives": [],
        **more,
    }


def path(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"as_of": "2026-07-10T12:00:00Z", "hours": 3.0 * len(steps), "cost": 10.0, "limits": {}}
    whole |= {"steps": list(steps), "milestones": [], "unmet": [], "required": [], "notes": []}
    whole |= {"solver": "exact", "proven": True, "optimality_gap": 0.0}
    return whole | more


def test_levels_after_a_path_reach_the_need_unless_the_path_says_otherwise() -> None:
    left = [{"skill_id": "talk", "reached": 1}]
    assert levels_after(GAP, path(step(1, "c1", 5), unmet=left)) == {"sql": 5, "talk": 1, "law": 3}
    assert levels_after(GAP, path(step(1, "c1", 3), unmet=[{"skill_id": "sql", "reached": 3}])) == {
        "sql": 3,
        "talk": 2,  # by training that is required anyway, which is no step
        "law": 3,
    }


def test_without_a_goal_nothing_is_lifted() -> None:
    none = path()
    del none["solver"]
    assert levels_after(GAP, none) == {"sql": 1, "talk": 0, "law": 3}


def test_the_picture_groups_skills_by_kind_and_says_in_words_what_the_bars_say() -> None:
    found = gap_picture(GAP, path(step(1, "c1", 4), unmet=[{"skill_id": "talk", "reached": 1}]))
    assert [(group.name, [row.name for row in group.rows]) for group in found.groups] == [
        ("Technical skills", ["SQL"]),
        ("Human skills", ["TALK"]),
        ("Other skills", ["LAW"]),
    ]
    sql, talk, law = (group.rows[0] for group in found.groups)
    assert (sql.state, sql.source, sql.has, sql.needs) == (
        "reached by the path",
        "as your manager says, Mar 1, 2026",
        "aware",
        "advanced",
    )
    assert (talk.state, talk.source, talk.after) == ("1 level short", "nothing is known of it", 1)
    assert (law.state, law.source, law.confirm) == ("reached", "assumed from your role", True)


def test_a_role_that_needs_hundreds_of_skills_shows_the_largest_gaps() -> None:
    many = {"skills": [skill(f"s{i}", 0, 3) for i in range(MOST_SKILLS + 7)]}
    found = gap_picture(many, path(unmet=[{"skill_id": one["skill_id"], "reached": 0} for one in many["skills"]]))
    assert ([len(group.rows) for group in found.groups], found.n_more) == ([MOST_SKILLS], 7)


def test_parts_are_shown_so_that_they_add_up() -> None:
    """0.333 + 0.333 + 0.334 = 1.000, but 0.33 three times is 0.99: the one that lost most gets the hundredth."""
    found = shown_parts({"trend": 0.333, "goal": 0.334, "role": 0.333, "content": 0.001, "base": -0.001})
    assert [(one.name, one.amount) for one in found] == [
        ("Closes your gap", "0.34"),
        ("Usual in the role or on the way to it", "0.33"),
        ("In demand now", "0.33"),
    ]
    assert found[0].share == 1.0


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]), st.floats(-9, 9), min_size=1))
def test_shown_parts_always_sum_to_the_shown_score_and_none_is_far_from_its_own(parts: dict[str, float]) -> None:
    shown = {one.name: one.hundredths for one in shown_parts(parts, name_of=lambda name: name)}
    assert abs(sum(shown.values()) - 100 * sum(parts.values())) <= 0.5 + 1e-6
    assert all(abs(shown.get(name, 0) - 100 * part) < 1 + 1e-9 for name, part in parts.items())


@pytest.mark.parametrize("url", ["https://learn.example/a?b=c#d", "http://intranet/course/7"])
def test_an_address_of_the_web_is_followed(url: str) -> None:
    assert followable(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "/me/data/erase",
        "https:",
        "https:///x",
        "http://[bad",
        'https://x/"onclick="alert(1)',
        "https://x\\@evil.example",
    ],
)
def test_no_other_address_is(url: str) -> None:
    assert followable(url) == ""


def test_weeks_have_the_days_of_the_calendar() -> None:
    found = path_view(
        PathFound(
            path(
                step(1, "c1", 2, from_week=1, to_week=1, cost=0.0, alternatives=["c2", "c3"]),
                step(2, "c2", 4, from_week=2, to_week=27, hours_assumed=True, continues=True),
                milestones=[{"position": 2, "week": 27, "skills": [{"name": "SQL"}], "coverage": 0.5}],
                limits={"hours_per_week": 1.5},
            ),
            is_draft=False,
        ),
        MODEL,
    )
    first, second = found.steps
    assert (first.weeks, first.dates.replace("\u2009", " ")) == ("Week 1", "Jul 10 – 16, 2026")
    assert (second.weeks, second.dates.replace("\u2009", " ")) == ("Weeks 2–27", "Jul 17, 2026 – Jan 14, 2027")
    assert (first.link, second.link) == ("https://learn.example/c1", "")
    assert first.facts == ("3 hours", "free")
    assert second.facts == ("about 3 hours (not stated)", "begun")
    assert first.instead == "Would do as well: “Next” or “Other”"
    assert (first.milestone, second.milestone) == ("", "Reached as needed: SQL")
    assert found.summary == (
        "2 courses · 6 hours · costs 10 · the price of 1 is not known · done by Jan 14, 2027 · at 1.5 hours a week"
    )


def test_a_path_without_weeks_or_beyond_any_calendar_has_no_dates() -> None:
    far = path(step(1, "c1", 2), step(2, "c2", 4, from_week=9, to_week=10**9))
    found = path_view(PathFound(far, is_draft=False), MODEL)
    assert [(one.weeks, one.dates) for one in found.steps] == [("", ""), ("Weeks 9–1,000,000,000", "")]
    assert "done by" not in found.summary


@pytest.mark.parametrize(
    ("more", "is_draft", "said"),
    [
        ({}, False, "This is the best there can be: it is proven that nothing within your limits covers more."),
        (
            {"proven": False, "optimality_gap": 0.0234},
            False,
            "It is proven that at most 2.3 points of coverage are missing to the best.",
        ),
        (
            {"proven": False, "optimality_gap": 1e-5},
            False,
            "It is proven that at most 0.1 points of coverage are missing to the best.",
        ),
        ({}, True, ""),
    ],
)
def test_how_good_a_path_is_is_said_in_words(more: dict[str, Any], is_draft: bool, said: str) -> None:
    assert path_view(PathFound(path(step(1, "c1", 2), **more), is_draft=is_draft), MODEL).quality == said


def test_required_training_is_listed_once_the_earliest_due_first() -> None:
    late = {"course_id": "c1", "title": "C1", "hours": 1.0, "overdue": True, "recurring": False}
    late |= {"due_at": "2026-07-01T00:00:00Z"}
    soon = {"course_id": "c2", "title": "", "hours": 2.0, "overdue": False, "recurring": True}
    soon |= {"due_at": "2026-08-01T00:00:00Z"}
    undated = {"course_id": "c3", "title": "C3", "hours": 2.0, "overdue": False, "recurring": False}
    planned = [
        {**late, "from_week": 1, "to_week": 1, "late": True},
        {**soon, "from_week": 2, "to_week": 3, "late": True},
    ]
    found = required_views([undated, late], planned, MODEL)
    assert [(one.title, one.due, one.pressing) for one in found] == [
        ("C1", "It was due by Jun 30, 2026.", "Overdue"),
        ("c2", "Due by Jul 31, 2026.", "No longer possible in time"),
        ("C3", "No date is set.", ""),
    ]
    assert found[1].facts == ("2 hours", "comes back regularly", "Weeks 2–3")
    assert found[1].link == "", "its address is a script"


def test_what_a_page_says_is_in_its_language() -> None:
    g.chosen_language = "de"
    found = path_view(PathFound(path(step(1, "c1", 2, from_week=1, to_week=5)), is_draft=False), MODEL)
    assert found.steps[0].dates.replace("\u2009", " ") == "10. Juli – 13. Aug. 2026"


class Kept:
    """Paths kept on a clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.paths = KeptPaths(clock=lambda: self.now)
        self.recommender: Any = _Recommender()

    def get(self, *, who: str = "e1", limits: object = 1, state: object = "a", by: Any = None) -> Any:
        return self.paths.get(("t", who), limits, state, by or self.recommender)

    def put(self, body: Any, *, who: str = "e1", limits: object = 1, state: object = "a") -> None:
        self.paths.put(("t", who), limits, state, self.recommender, body)


class _Recommender:
    pass


def test_a_path_is_found_again_only_while_nothing_it_rests_on_changed() -> None:
    kept = Kept()
    body: dict[str, Any] = {"steps": []}
    kept.put(body)
    assert kept.get() is body
    assert kept.get(who="e2") is None
    assert kept.get(limits=2) is None
    assert kept.get(state="b") is None
    assert kept.get(by=_Recommender()) is None
    kept.now = KEPT_SECONDS - 1
    assert kept.get() is body
    kept.now = KEPT_SECONDS
    assert kept.get() is None
    assert len(kept.paths) == 0, "nothing of a person stays behind"


def test_kept_paths_do_not_keep_a_model_alive() -> None:
    kept = Kept()
    kept.put({})
    alive = weakref.ref(kept.recommender)
    kept.recommender = _Recommender()
    assert alive() is None
    assert kept.get() is None


def test_those_asked_for_longest_ago_are_forgotten_first() -> None:
    kept = Kept()
    for i in range(MOST_KEPT):
        kept.put({"i": i}, limits=i)
    assert kept.get(limits=0) == {"i": 0}
    kept.put({}, limits="one more")
    assert kept.get(limits=0) == {"i": 0}
    assert kept.get(limits=1) is None
    assert len(kept.paths) == MOST_KEPT


def test_everything_of_an_employee_can_be_forgotten() -> None:
    kept = Kept()
    for who in ("e1", "e2"):
        for limits in range(3):
            kept.put({}, who=who, limits=limits)
    kept.paths.forget("t", "e1")
    assert [kept.get(who="e1", limits=i) for i in range(3)] == [None] * 3
    assert kept.get(who="e2") == {}
    assert len(kept.paths) == 3
