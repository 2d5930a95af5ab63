"""Looking up roles and courses, and why a course is suggested or not: the page says what the API answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from choosing import Chooser, chooser, plain
from flask.testing import FlaskClient
from service_asking import DAY
from stored_company import stored_client

from web.live import models_of
from web.pages.course_view import _tried
from web.pages.formats import percent
from web.pages.paging import page_of
from web.pages.searching import folded, found_in
from web.pages.wording import said

HOSTILE = "<script>alert(1)</script>\u202e\u2066" + "W" * 9_000


@pytest.fixture(scope="module")
def client(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    folder, now = tmp_path_factory.mktemp("looking"), model_as_of + 10 * DAY
    with stored_client("sqlite", sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture
def somebody(client: FlaskClient, request: pytest.FixtureRequest) -> Chooser:
    name = f"looking-{abs(hash(request.node.name)):x}"
    return chooser(client, name, role_id="data-analyst", target_role_id="data-engineer", department="Data")


def english(who: Chooser) -> Any:
    return who.client.application.test_request_context(headers={"Accept-Language": "en"})


def model_of(who: Chooser) -> Any:
    return models_of(who.client.application).of("default").get().model


# --- searching ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("data", ["Data engineer", "Senior data engineer", "Clerk of data"]),
        ("ENGINEER data", ["Data engineer", "Senior data engineer"]),
        ("  senior\t", ["Senior data engineer"]),
        ("uberprufer", ["Überprüfer"]),
        ("Überprüfer", ["Überprüfer"]),
        ("strasse", ["Straße"]),
        ("numbers", ["Clerk of data"]),
        ("clerk numbers", ["Clerk of data"]),
        ("d", ["Data engineer", "Senior data engineer", "Clerk of data", "Überprüfer"]),
        ("nothing like it", []),
        ("", []),
        ("   ", []),
        ("%", []),
    ],
)
def test_every_word_is_found_whatever_its_case_and_accents(typed: str, found: list[str]) -> None:
    titles = ("Senior data engineer", "Überprüfer", "Data engineer", "Straße", "Clerk of data")
    others = (("", "Guard", "", "", "numbers"),)
    ordered = [titles[i] for i in found_in(typed, titles, others)]
    assert ordered == sorted(found, key=lambda one: rank_of(one, typed))
    assert set(ordered) == set(found)


def rank_of(title: str, typed: str) -> tuple[int, str]:
    words, text = folded(typed).split(), folded(title)
    if text.startswith(folded(typed)):
        return (0, text)
    return (1 if all(word in text for word in words) else 2, text)


def test_a_very_long_search_and_text_are_cut() -> None:
    assert found_in("a" * 100_000, ("a" * 100_000,)) == [0]
    assert len(folded("ä" * 100_000)) == 2_000


def test_parts_of_a_list_hold_everything_once() -> None:
    whole = list(range(45))
    parts = [page_of(whole, str(number), address="/x?page={}") for number in (1, 2, 3)]
    assert [one for part in parts for one in part.items] == whole
    assert [(part.number, part.pages, part.total) for part in parts] == [(1, 3, 45), (2, 3, 45), (3, 3, 45)]
    assert parts[0].address(2) == "/x?page=2"
    nothing: list[int] = []
    empty = page_of(nothing, "3", address="/x?page={}")
    assert (empty.number, empty.pages, list(empty.items)) == (1, 1, [])


# --- roles -------------------------------------------------------------------------------------------------------


def test_without_a_search_the_nearest_roles_come_first(somebody: Chooser) -> None:
    page = somebody.page("/me/roles")
    near = somebody.api("skill-gap", adjacent=20)["adjacent_roles"]
    titles = [plain(part.split("</h3>")[0].split(">", 1)[1]) for part in page.split('<h3 id="role-')[1:]]
    assert titles == [one["title"] for one in near][: len(titles)]
    assert len(titles) == min(20, len(near))
    words = plain(page)
    with english(somebody):
        for one in near[:5]:
            assert f"You cover {percent(one['coverage'])}" in words
            assert one["reachable"] == one["coverage"] or f"lead to {percent(one['reachable'])}" in words


def test_a_role_is_found_and_can_be_looked_at_or_aimed_at(somebody: Chooser) -> None:
    page = somebody.page("/me/roles?q=LEAD+team")
    assert plain(page.split('<h3 id="role-1">')[1].split("</h3>")[0]) == "Team lead"
    assert 'href="/me?role=team-lead"' in page
    _, text, _ = somebody.told("/me/target", "/me/roles?q=lead", role_id="team-lead")
    assert text == "You aim at Team lead now."
    assert "You aim at it" in somebody.says("/me/roles?q=lead")
    assert "Your role" in somebody.says("/me/roles?q=data+analyst")
    gap = somebody.api("skill-gap")
    with english(somebody):
        assert f"You cover {percent(gap['coverage'])}" in somebody.says("/me/roles?q=team+lead")


def test_a_role_of_unknown_needs_is_found_and_cannot_be_aimed_at(client: FlaskClient, somebody: Chooser) -> None:
    assert client.put("/v1/roles/nap", json={"title": "Napper"}).status_code in {200, 201}
    page = somebody.page("/me/roles?q=napper")
    assert "Nobody has said what it needs." in page
    assert 'value="nap"' not in page


def test_no_role_found_says_what_to_do(somebody: Chooser) -> None:
    assert "0 roles found" in somebody.says("/me/roles?q=xyzzyq")
    assert "Try fewer or shorter words." in somebody.says("/me/roles?q=xyzzyq")


# --- courses -----------------------------------------------------------------------------------------------------


def test_courses_are_found_by_title_and_lead_to_their_pages(somebody: Chooser) -> None:
    catalog = model_of(somebody).catalog
    title = catalog.titles[5]
    page = somebody.page(f"/me/courses?q={quote(title.upper())}")
    assert f'href="/me/courses/{catalog.ids[5]}"' in page
    assert "course found" in page or "courses found" in page
    assert "0 courses found" in somebody.says("/me/courses?q=xyzzyq")
    assert "found" not in somebody.says("/me/courses").lower()


def test_a_suggested_course_says_why(somebody: Chooser) -> None:
    first = somebody.api("recommendations", k=10)["recommendations"][0]
    words = somebody.says(f"/me/courses/{first['course_id']}")
    assert "Why it is suggested" in words
    assert "It is number 1 of " in words
    for reason in first["reasons"]:
        with english(somebody):
            assert said(reason, model_of(somebody)) in words
    assert "What would bring it in" not in words


def test_every_course_says_what_the_api_answers(somebody: Chooser) -> None:
    suggested = {one["course_id"] for one in somebody.api("recommendations", k=10)["recommendations"]}
    kinds = set()
    for course_id in model_of(somebody).catalog.ids.ids[::4]:
        answer = somebody.api(f"recommendations/{course_id}/explanation", k=10)
        words = somebody.says(f"/me/courses/{course_id}")
        assert (course_id in suggested) == ("Why it is suggested" in words) == answer["in_top_k"]
        with english(somebody):
            model = model_of(somebody)
            sentences = [said(one, model, about=course_id) for one in answer["excluded_by"]]
            sentences += [said(answer["change"], model)] if "change" in answer else []
            sentences += [_tried(answer)] if not answer["in_top_k"] and "change" not in answer else []
            assert [one for one in sentences if one not in words] == []
        if "against_kth" in answer and not answer["excluded_by"]:
            assert "Beside number 10, the last one that is suggested: " + answer["against_kth"]["title"] in words
            kinds.add("against")
        kinds |= {one["code"] for one in answer["excluded_by"]} | ({"change"} if "change" in answer else set())
    assert {"against", "change"} <= kinds
    assert len(kinds) >= 4


def test_what_somebody_said_is_why_it_is_not_suggested(somebody: Chooser) -> None:
    course = somebody.recommended()[0]
    page = somebody.page(f"/me/courses/{course}")
    assert f'name="back" value="/me/courses/{course}"' in page
    _, _, page = somebody.told("/me/feedback", f"/me/courses/{course}", course_id=course, verb="not_interested")
    words = plain(page)
    assert "You said of it: not interested. It is not shown until you withdraw that." in words
    assert "Withdraw “not interested” on “" in words


def test_limits_of_the_page_are_those_of_the_suggestions(client: FlaskClient, somebody: Chooser) -> None:
    """A budget keeps away what costs more, as on the page of suggestions; asked for in the address, another one does."""
    dear = max(somebody.api("recommendations", k=10)["recommendations"], key=lambda one: one.get("cost", 0))
    path = f"/me/courses/{dear['course_id']}"
    assert "Why it is suggested" in somebody.says(path)
    somebody.told("/me/limits", budget="1")
    assert "you asked for at most 1." in somebody.says(path)
    assert "Why it is suggested" in somebody.says(f"{path}?budget=")
    assert "It is number " in somebody.says(f"{path}?budget=&role=team-lead")
    other = client.get(
        f"/v1/employees/{somebody.employee_id}/recommendations/{dear['course_id']}/explanation?target_role=team-lead&k=10"
    ).get_json()
    assert f"number {other['rank']} of {other['of']}." in somebody.says(f"{path}?budget=&role=team-lead")


def test_what_a_course_asks_for_and_teaches_is_a_table(somebody: Chooser) -> None:
    model = model_of(somebody)
    rows = model.catalog.skills
    course = next(i for i in range(len(rows)) if rows.entry_level[rows.span(i)].any() and model.catalog.published[i])
    words = somebody.says(f"/me/courses/{model.catalog.ids[course]}")
    for skill in rows.skill_idx[rows.span(course)]:
        assert model.skills.names[skill] in words


@pytest.mark.parametrize("course_id", ["no-such", "x" * 300, "%2e%2e", "a%2Fb", "%F0%9F%A6%89"])
def test_an_unknown_course_is_a_page_that_says_so(somebody: Chooser, course_id: str) -> None:
    answer = somebody.client.get(f"/me/courses/{course_id}")
    assert answer.status_code in {400, 404}
    assert answer.mimetype == "text/html"


def test_a_draft_is_shown_to_nobody_who_has_nothing_to_do_with_it(client: FlaskClient, somebody: Chooser) -> None:
    draft = {"title": "Secret reorganisation", "published": False}
    assert client.put("/v1/courses/draft-1", json=draft).status_code in {200, 201}
    assert somebody.client.get("/me/courses/draft-1").status_code == 404
    assert "0 courses found" in somebody.says("/me/courses?q=secret+reorganisation")
    done = client.post(f"/v1/employees/{somebody.employee_id}/completions", json={"course_id": "draft-1"})
    assert done.status_code == 201
    assert "It is not published." in somebody.says("/me/courses/draft-1")


# --- hostile texts -----------------------------------------------------------------------------------------------


def test_hostile_texts_are_shown_as_texts(client: FlaskClient) -> None:
    course, role, skill = "c<script>&\"'/../ä", 'r"><img src=x>', "s'><svg onload=x>"
    assert client.put(f"/v1/skills/{quote(skill, safe='')}", json={"name": HOSTILE}).status_code in {200, 201}
    need = {"skill_id": skill, "level": 3}
    put = client.put(f"/v1/roles/{quote(role, safe='')}", json={"title": HOSTILE, "family": HOSTILE, "skills": [need]})
    assert put.status_code in {200, 201}, put.text
    told = {
        "title": HOSTILE,
        "description": HOSTILE,
        "provider": HOSTILE[:200],
        "url": "javascript:alert(1)",
        "prerequisites": ["C0001"],
        "skills": [{"skill_id": skill, "level": 3, "entry_level": 1}],
    }
    put = client.put(f"/v1/courses/{quote(course, safe='')}", json=told)
    assert put.status_code in {200, 201}, put.text
    who = chooser(client, "e<script>'\"", role_id="data-analyst", target_role_id=role)
    at = f"/me/courses/{quote(course, safe='')}"
    who.told("/me/feedback", at, course_id=course, verb="too_hard")
    who.told("/me/skills", "/me/skills", skill_id=skill, level="2")
    who.told("/me/target", "/me/roles", role_id=role)
    pages = [
        at,
        "/me/said",
        "/me/skills",
        "/me/skills?q=script",
        "/me/roles?q=script",
        "/me/courses?q=script",
        "/me/data",
    ]
    pages += [f"/me/{what}?q={quote(HOSTILE[:150])}" for what in ("skills", "roles", "courses")]
    for path in pages:
        page = who.page(path)
        assert "<script>alert" not in page, path
        assert "javascript:" not in page, path
        assert "<img src=x>" not in page, path
        assert "<svg onload" not in page, path
        assert " style=" not in page, path
        assert "W" * 301 not in page or path in {at, "/me/data"}, path
        assert len(page.encode()) < 100_000, path
    assert "W" * 1_001 not in who.page(at)
    assert f"/me/courses/{quote(course, safe='')}" in who.page("/me/courses?q=script")


def test_the_pages_are_small(somebody: Chooser) -> None:
    for path in ("/me/skills", "/me/roles", "/me/courses?q=a", "/me/said", "/me/data", "/me/courses/C0001"):
        assert len(somebody.page(path).encode()) < 60_000, path
