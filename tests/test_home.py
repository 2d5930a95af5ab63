"""The employee's page: what it shows is what the API answers, for everybody, under any limits, and in every state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from home_company import BUSY, COVERED, NEWCOMER, NOBODY, ROLE, ROLELESS, Elements, home_client, page_of, words_of
from service_asking import DAY

from recommender.moments import moment_text
from web.ids import encoded_path

SOMEBODY, MOVER, OVERDUE = "E00003", "E00004", "E00010"


@pytest.fixture(scope="module")
def client(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """Return a client of a service with people in its database; not to be changed."""
    folder = tmp_path_factory.mktemp("home")
    german = [{"course_id": f"C{i:04}", "title": f"Kurs {i}", "language": "de", "hours": 2.0} for i in range(1, 4)]
    duty = {"assignment_id": "late", "course_id": "C0005", "employee_id": OVERDUE, "due_at": model_as_of}
    more = {"courses": german, "assignments": [duty]}
    with home_client(sample_company, folder, models=fitted_models, now=model_as_of + 10 * DAY, **more) as asking:
        yield asking


@pytest.fixture(autouse=True)
def forget(client: FlaskClient) -> None:
    client.application.extensions.pop("lpr_kept_paths", None)


def api(client: FlaskClient, employee_id: str, what: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/employees/{employee_id}/{what}", query_string=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def share(number: float) -> str:
    return f"{min(max(round(100 * number), 1), 99) if 0 < number < 1 else round(100 * number)}%"


def titles_in(page: str, part: str) -> list[str]:
    """Return the titles that stand as headings in a part of the page."""
    found = page[page.index(f'id="{part}"') :]
    found = found[: found.index("</section>")]
    titles = re.findall(r"<h3[^>]*>(.*?)</h3>", found, re.DOTALL)
    return [unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", one)).strip() for one in titles]


@pytest.mark.parametrize("employee_id", [SOMEBODY, MOVER, OVERDUE, NEWCOMER, BUSY])
def test_the_page_shows_what_the_api_answers(client: FlaskClient, employee_id: str) -> None:
    page_of(client, employee_id, "/me/path")
    page = page_of(client, employee_id)
    gap, path = api(client, employee_id, "skill-gap"), api(client, employee_id, "path")
    budget = 400 if employee_id == BUSY else None
    limits = {} if budget is None else {"max_cost": budget}
    courses = api(client, employee_id, "recommendations", k=5, **limits)
    assert titles_in(page, "next") == [one["title"] for one in courses["recommendations"]]
    assert titles_in(page, "path") == [one["title"] for one in path["steps"]]
    assert path["steps"], "or this shows nothing"
    stand = words_of(page, "stand")
    assert f"You cover {share(gap['coverage'])} of what" in stand
    assert f"The path below leads to {share(path['coverage_after'])}." in stand
    required = [one["title"] for one in path["required"]]
    assert set(titles_in(page, "required") if required else []) == set(required)
    table = words_of(page, "gap")
    for one in gap["skills"][:30]:
        assert one["name"] in table
    reached = sum(one["have"] >= one["needed"] for one in gap["skills"][:30])
    assert len(re.findall(r"(?<!is )\breached (?!by)", table)) == reached


def test_overdue_training_stands_apart_and_says_so_in_words(client: FlaskClient) -> None:
    found = api(client, OVERDUE, "recommendations")["required"]
    late = [one for one in found if one["overdue"]]
    assert late, "or this shows nothing"
    words = words_of(page_of(client, OVERDUE), "required")
    assert words.count("Overdue It was due by") == len(late)


def test_a_card_says_why_in_words_and_parts_that_add_up(client: FlaskClient) -> None:
    page = page_of(client, MOVER)
    cards = re.findall(r'<li class="card">.*?</details>\s*</li>', page, re.DOTALL)
    assert len(cards) == 5
    for card in cards:
        amounts = [float(one) for one in re.findall(r"<td>(-?\d+\.\d\d)</td>", card)]
        assert round(sum(amounts[:-1]), 2) == amounts[-1]
        assert len(re.findall(r'name="verb" value="(\w+)"', card)) == 5
        assert "item_item" not in card, "parts have names in words"


def test_a_card_leads_to_the_same_question_about_its_course(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?role=backend-developer&hours_per_week=1&budget=&k=10")
    links = [one["href"] for one in Elements(page).all("a") if one["href"].startswith("/me/courses/")]
    assert links[0].endswith("?role=backend-developer&budget=")
    place = words_of(page_of(client, MOVER, links[0]))
    assert "Back-end developer" in place


def test_more_courses_are_shown_until_there_are_ten(client: FlaskClient) -> None:
    seen = []
    path: str | None = "/me"
    while path:
        page = page_of(client, MOVER, unescape(path))
        seen.append(len(titles_in(page, "next")))
        more = re.search(r'id="more"[^>]* href="([^"]+)"', page)
        path = more[1].partition("#")[0] if more else None
    assert seen == [5, 10]


def test_at_first_there_is_a_draft_then_the_best_path(client: FlaskClient) -> None:
    first = page_of(client, MOVER)
    assert "This is a first draft." in words_of(first, "path")
    best = re.search(r'data-best="([^"]+)"', first)
    assert best is not None
    assert best[1] == "/me/path"
    whole = page_of(client, MOVER, best[1])
    assert "draft" not in words_of(whole, "path")
    assert "It is proven" in words_of(whole, "path") or "it is proven" in words_of(whole, "path")
    again = page_of(client, MOVER)
    assert words_of(again, "path") == words_of(whole, "path")
    for part in ("gap", "stand"):
        assert words_of(again, part) == words_of(whole, part)


def test_the_best_path_is_worked_out_again_once_something_changed(client: FlaskClient) -> None:
    page_of(client, MOVER, "/me/path")
    assert "draft" not in words_of(page_of(client, MOVER), "path")
    assert "draft" in words_of(page_of(client, MOVER, "/me?hours_per_week=9"), "path"), "of another question"
    course = api(client, MOVER, "path")["steps"][0]["course_id"]
    said = client.post(f"/v1/employees/{MOVER}/feedback", json={"course_id": course, "verb": "not_interested"})
    assert said.status_code in {200, 201}
    try:
        page = page_of(client, MOVER)
        assert "draft" in words_of(page, "path")
        title = client.get(f"/v1/courses/{course}").get_json()["title"]
        assert title not in titles_in(page, "path")
    finally:
        undone = client.delete(f"/v1/employees/{MOVER}/feedback/{said.get_json()['fact_id']}")
        assert undone.status_code in {200, 204}


def test_what_is_shown_is_logged_once(client: FlaskClient) -> None:
    def logged() -> Counter[str]:
        tables = client.get(f"/v1/employees/{NEWCOMER}/data").get_json()["tables"]
        return Counter(one["kind"] for one in tables.get("decisions", []))

    before = logged()
    page_of(client, NEWCOMER)
    assert logged() - before == {"path": 1, "recommendations": 1}
    page_of(client, NEWCOMER, "/me/path")
    assert logged() - before == {"path": 2, "recommendations": 1}


# --- what if ----------------------------------------------------------------------------------------------------------


def test_another_role_is_looked_at_and_can_be_made_the_target(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?role=backend-developer")
    gap = api(client, MOVER, "skill-gap", target_role="backend-developer")
    stand = words_of(page, "stand")
    assert stand.startswith("Your way to Back-end developer You cover " + share(gap["coverage"]))
    assert "You are looking at Back-end developer. Your target is Data analyst." in stand
    assert '<input type="hidden" name="role_id" value="backend-developer">' in page
    for own in ("/me", "/me?role=data-analyst"):
        assert 'action="/me/target"' not in page_of(client, MOVER, own)
    assert re.search(r'<option value="backend-developer"[^>]* selected>', page)


def test_the_search_for_why_not_is_one_step_from_the_suggestions(client: FlaskClient) -> None:
    page = page_of(client, BUSY)
    following = page[page.index('id="next"') : page.index('id="settings"')]
    assert '<a href="/me/courses">Why not a certain course?</a>' in following


def test_limits_make_the_path_shorter_and_can_be_kept(client: FlaskClient) -> None:
    free = page_of(client, BUSY, "/me/path?budget=")
    tight = page_of(client, BUSY, "/me/path?budget=20")
    assert 0 < len(titles_in(tight, "path")) < len(titles_in(free, "path"))
    page = page_of(client, BUSY, "/me?budget=20&hours_per_week=1.5")
    keep = page[page.index('action="/me/limits"') :]
    assert re.findall(r'name="(hours_per_week|budget)" value="([^"]*)"', keep)[:2] == [
        ("hours_per_week", "1.5"),
        ("budget", "20"),
    ]
    assert re.findall(r'name="back" value="([^"]*)"', keep)[0] == "/me", "so that an undo shows what is saved again"
    page = page_of(client, BUSY, "/me?role=team-lead&budget=20")
    keep = page[page.index('action="/me/limits"') :]
    assert re.findall(r'name="back" value="([^"]*)"', keep)[0] == "/me?role=team-lead"
    assert '<a class="button-quiet" href="/me">' in page


def test_what_is_saved_is_no_change(client: FlaskClient) -> None:
    for query in ("", "?hours_per_week=3&budget=400", "?role=&by="):
        page = page_of(client, BUSY, f"/me{query}")
        assert "Keep these" not in page
        assert "Back to what is saved" not in page
        assert re.search(r'name="hours_per_week"[^>]* value="3"', page)
        assert re.search(r'name="budget"[^>]* value="400"', page)


def test_a_saved_limit_can_be_taken_away_to_see_what_happens(client: FlaskClient) -> None:
    page = page_of(client, BUSY, "/me?hours_per_week=&budget=")
    assert re.search(r'name="budget"[^>]* value=""', page)
    assert "Keep these" in page
    assert "2 hours a week are assumed" in words_of(page, "path")


def test_a_budget_keeps_dearer_courses_from_the_list(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?budget=0&k=10")
    assert titles_in(page, "next")
    assert "costs" not in words_of(page, "next")
    assert "costs" in words_of(page_of(client, MOVER, "/me?k=10&budget="), "next")


def test_a_language_is_kept_to(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?language=de")
    assert titles_in(page, "next")
    assert all(re.fullmatch(r"Kurs \d", one) for one in [*titles_in(page, "next"), *titles_in(page, "path")])
    assert re.search(r'name="language" value="de" checked>', page)


def test_wrong_settings_are_said_beside_their_fields_and_the_page_stands(client: FlaskClient) -> None:
    page = page_of(client, BUSY, "/me?hours_per_week=ten&budget=-5&by=2020-01-01&role=nobody&language=xx&format=video")
    for name in ("hours_per_week", "budget", "by", "role", "language"):
        assert f'id="{name}-error"' in page
        assert re.search(rf'aria-describedby="[^"]*\b{name}-error"', page)
    assert 'value="ten"' in page
    assert titles_in(page, "next")
    assert "You cover" in words_of(page, "stand")
    assert re.search(r'name="format" value="video" checked>', page)


# --- states -----------------------------------------------------------------------------------------------------------


def test_who_has_no_role_is_told_to_choose_one_and_sees_courses(client: FlaskClient) -> None:
    page = page_of(client, NOBODY)
    assert words_of(page, "stand").startswith("Your next steps You have no role here yet")
    assert len(titles_in(page, "next")) == 5
    assert "No role with known needs is aimed at" in words_of(page, "gap")
    assert 'href="/me/roles"' in page
    assert "draft" not in page
    assert "You have completed no course yet." in page


def test_a_role_whose_needs_nobody_wrote_down_says_so(client: FlaskClient) -> None:
    page = page_of(client, ROLELESS)
    assert "What Not written down needs is not written down yet. Look at another role." in words_of(page, "stand")
    assert titles_in(page, "next")


def test_who_has_no_target_is_told_this_is_about_their_role(client: FlaskClient) -> None:
    page = page_of(client, SOMEBODY)
    assert "You have not said where you want to go, so this is about the role you have." in words_of(page, "stand")


def test_who_has_everything_is_shown_where_next(client: FlaskClient) -> None:
    stand = words_of(page_of(client, COVERED), "stand")
    assert "You have everything that is known to be needed as Data engineer." in stand
    assert "Where next? These roles are nearest:" in stand
    near = api(client, COVERED, "skill-gap")["adjacent_roles"][0]
    assert near["title"] in stand
    assert words_of(page_of(client, COVERED), "path").startswith(
        "The path, week by week There is nothing to close: the path is empty."
    )


def test_a_budget_nothing_fits_is_named_and_can_be_taken_away(client: FlaskClient) -> None:
    query = "/me/path?by={}&hours_per_week=1&budget=0&format=workshop"
    day = moment_text(client.application.extensions["lpr_config"].clock() + 400 * DAY)[:10]
    page = page_of(client, BUSY, query.format(day))
    assert titles_in(page, "path") == []
    assert "Nothing fits" in words_of(page, "path")
    links = [unescape(one) for one in re.findall(r'href="(/me\?[^"]+)"', page[page.index('id="path"') :])]
    assert links
    assert all(titles_in(page_of(client, BUSY, link.replace("/me?", "/me/path?")), "path") for link in links)


def test_no_time_is_named_and_can_be_taken(client: FlaskClient) -> None:
    day = moment_text(client.application.extensions["lpr_config"].clock() + 100 * DAY)[:10]
    page = page_of(client, MOVER, f"/me?by={day}&hours_per_week=0")
    words = words_of(page, "path")
    assert "With no hours a week there is no time for a course before" in words
    assert "Show the path that leads to" in words
    assert f'href="/me?hours_per_week=2&amp;by={day}"' in page


def test_no_course_within_the_limits_of_the_list_leads_to_the_list_without_them(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?language=de&format=coaching")
    assert "No course fits the budget, languages and formats you ask for." in words_of(page, "next")
    assert 'href="/me?budget="' in page


def test_nobody_without_a_visit_sees_a_page(client: FlaskClient) -> None:
    for path in ("/me", "/me/path"):
        assert client.application.test_client().get(path).status_code == 403


# --- the markup -------------------------------------------------------------------------------------------------------

VISITS = [(SOMEBODY, "/me"), (MOVER, "/me?role=backend-developer&hours_per_week=1"), (NOBODY, "/me")]
VISITS += [(OVERDUE, "/me/path"), (COVERED, "/me"), (BUSY, "/me?budget=0&by=x&language=xx"), (BUSY, "/me?k=10")]


@pytest.mark.parametrize(("employee_id", "path"), VISITS)
def test_the_markup_is_sound(client: FlaskClient, employee_id: str, path: str) -> None:
    page = page_of(client, employee_id, path)
    found = Elements(page)
    assert found.open_tags == []
    ids = [one["id"] for _, one in found.found if "id" in one]
    assert len(ids) == len(set(ids))
    for _, one in found.found:
        assert not any(name.startswith("on") or name == "style" for name in one)
        for name in ("aria-labelledby", "aria-describedby", "for", "form"):
            assert set(one.get(name, "").split()) <= set(ids), f"{name}={one.get(name)}"
    levels = [int(tag[1]) for tag, _ in found.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    labelled = {one["for"] for one in found.all("label") if "for" in one}
    for tag, one in found.found:
        if tag in {"select", "input"} and one.get("type") not in {"hidden", "checkbox"}:
            assert one["id"] in labelled
    for one in found.all("script"):
        assert one["src"].startswith("/static/home.js")
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize(("employee_id", "path"), VISITS)
def test_every_link_and_form_leads_somewhere(client: FlaskClient, employee_id: str, path: str) -> None:
    found = Elements(page_of(client, employee_id, path))
    ids = {one["id"] for _, one in found.found if "id" in one}
    targets = [("GET", one["href"]) for tag, one in found.found if tag == "a"]
    targets += [(one["method"].upper(), one["action"]) for one in found.all("form")]
    routes = client.application.url_map.bind("localhost")
    for method, target in targets:
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme in {"http", "https"}
            continue
        assert not parts.fragment or parts.fragment in ids
        if not parts.path:
            continue
        routes.match(encoded_path({"PATH_INFO": parts.path, "RAW_URI": parts.path}), method=method)
    for one in found.all("a"):
        if urlsplit(one["href"]).scheme:
            assert (one["target"], one["rel"]) == ("_blank", "noopener noreferrer")


def test_every_form_that_is_posted_carries_its_token(client: FlaskClient) -> None:
    page = page_of(client, MOVER, "/me?role=backend-developer&hours_per_week=1")
    for form in re.findall(r'<form[^>]* method="post".*?</form>', page, re.DOTALL):
        assert form.count('name="csrf_token"') == 1
        assert 'name="back"' in form or 'action="/leave"' in form


def test_the_script_is_served(client: FlaskClient) -> None:
    with client.get("/static/home.js") as script:
        assert script.status_code == 200
        assert script.mimetype == "text/javascript"


def test_the_role_asked_about_is_offered_among_the_roles(client: FlaskClient) -> None:
    page = page_of(client, NOBODY, f"/me?role={ROLE}")
    assert re.search(rf'<option value="{ROLE}"[^>]* selected>Data engineer', page)
    assert "You have not said where you want to go." in words_of(page, "stand")
