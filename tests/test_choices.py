"""What an employee chooses and says: it counts in the next answer, only for them, and is taken back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from choosing import Chooser, chooser, plain
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY
from stored_company import stored_client
from visiting import post

from recommender.eligibility import LATER
from recommender.moments import moment_text, parse_moment
from recommender.schema import FEEDBACK_VERBS
from web.config import settings_of
from web.live import models_of
from web.pages.formats import date


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    folder, now = tmp_path_factory.mktemp("choosing"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture
def somebody(client: FlaskClient, request: pytest.FixtureRequest) -> Chooser:
    name = f"chooser-{abs(hash(request.node.name)):x}"
    return chooser(client, name, role_id="data-analyst", target_role_id="data-engineer")


def now_of(who: Chooser) -> int:
    return settings_of(who.client.application).clock()


def model_of(who: Chooser) -> Any:
    return models_of(who.client.application).of("default").get().model


def title_of(who: Chooser, course_id: str) -> str:
    model = model_of(who)
    return str(model.catalog.titles[model.catalog.ids.find(course_id)])


def day_of(who: Chooser, seconds: int) -> str:
    with who.client.application.test_request_context(headers={"Accept-Language": "en"}):
        return date(seconds)


# --- the role aimed at -------------------------------------------------------------------------------------------


def test_another_target_counts_at_once_and_is_taken_back_with_its_date(client: FlaskClient) -> None:
    known = {"role_id": "data-analyst", "target_role_id": "data-engineer", "target_since": "2026-02-03"}
    somebody = chooser(client, "aiming", **known)
    before = somebody.stored()
    assert (before["target_role_id"], before["target_since"]) == ("data-engineer", parse_moment("2026-02-03"))
    kind, text, page = somebody.told("/me/target", role_id="team-lead")
    assert (kind, text) == ("undo", "You aim at Team lead now.")
    assert somebody.api("skill-gap")["target_role_id"] == "team-lead"
    assert somebody.stored()["target_since"] == now_of(somebody)
    kind, text, _ = somebody.undo(page)
    assert (kind, text) == ("done", "You aim at Data engineer again.")
    assert somebody.stored() == before
    assert somebody.api("skill-gap")["target_role_id"] == "data-engineer"


def test_a_first_target_is_taken_back_to_none(client: FlaskClient) -> None:
    who = chooser(client, "aimless", role_id="data-analyst")
    before = who.stored()
    *_, page = who.told("/me/target", role_id="data-engineer")
    assert who.api("skill-gap")["target_role_id"] == "data-engineer"
    _, text, _ = who.undo(page)
    assert text == "You aim at no other role again."
    assert who.stored() == before
    assert who.api("skill-gap")["target_role_id"] == "data-analyst"


@pytest.mark.parametrize("role_id", ["", "no-such-role", "x" * 5_000, "<script>", "\u202eevil", "a\x00b"])
def test_a_role_that_nobody_knows_is_no_target(somebody: Chooser, role_id: str) -> None:
    before = somebody.stored()
    kind, text, _ = somebody.told("/me/target", role_id=role_id)
    assert (kind, text) == ("problem", "Nothing was changed: nobody knows what that role needs.")
    if role_id:
        kind, text, _ = somebody.told("/me/target/undo", role_id=role_id, since="5")
        assert (kind, text) == ("problem", "Nothing was changed: that role is gone.")
    assert somebody.stored() == before


def test_a_role_without_needs_is_no_target(client: FlaskClient, somebody: Chooser) -> None:
    assert client.put("/v1/roles/dreamer", json={"title": "Dreamer"}).status_code in {200, 201}
    before = somebody.stored()
    kind, *_ = somebody.told("/me/target", role_id="dreamer")
    assert kind == "problem"
    assert somebody.stored() == before


# --- hours and budget --------------------------------------------------------------------------------------------


def test_hours_and_budget_are_kept_and_taken_back(client: FlaskClient) -> None:
    who = chooser(client, "busy", role_id="data-analyst", target_role_id="data-engineer", hours_per_week=2.125)
    before = who.stored()
    kind, text, page = who.told("/me/limits", hours_per_week="3,5", budget="99.90")
    assert (kind, text) == ("undo", "Kept: 3.5 hours a week. Kept: a budget of 99.90.")
    assert (who.stored()["hours_per_week"], who.stored()["budget"]) == (3.5, 99.9)
    limits = who.api("path")["limits"]
    assert (limits["hours_per_week"], limits["budget"]) == (3.5, 99.9)
    who.undo(page)
    assert who.stored() == before


def test_a_budget_with_a_sign_between_thousands_is_kept_as_it_is_meant(somebody: Chooser) -> None:
    somebody.told("/me/limits", budget="1.0625")
    for text in ("1,000", "1.000,00"):
        kind, _, page = somebody.told("/me/limits", budget=text)
        assert (kind, somebody.stored()["budget"]) == ("undo", 1_000.0)
        somebody.undo(page)
        assert somebody.stored()["budget"] == 1.0625
    somebody.told("/me/limits", budget="1.1250")
    _, _, page = somebody.told("/me/limits", budget="7")
    somebody.undo(page)
    assert somebody.stored()["budget"] == 1.125, "the number an undo puts back is read as it was"


def test_an_empty_field_is_no_limit_and_one_not_sent_stays(somebody: Chooser) -> None:
    somebody.told("/me/limits", hours_per_week="4", budget="50")
    _, text, _ = somebody.told("/me/limits", budget="")
    assert text == "No budget is kept."
    assert (somebody.stored()["hours_per_week"], somebody.stored()["budget"]) == (4.0, None)
    somebody.told("/me/limits", hours_per_week=" ")
    assert somebody.stored()["hours_per_week"] is None
    kind, text, _ = somebody.told("/me/limits", hours_per_week="0", budget="0")
    assert (kind, text) == ("undo", "Kept: 0 hours a week. Kept: a budget of 0.")
    assert "from_week" not in somebody.api("path")
    kind, _, _ = somebody.told("/me/limits")
    assert kind == "problem"


@pytest.mark.parametrize(
    "fields",
    [
        {"hours_per_week": "168.01"},
        {"hours_per_week": "0.001"},
        {"hours_per_week": "-1"},
        {"hours_per_week": "nan"},
        {"hours_per_week": "two"},
        {"hours_per_week": "1" * 400},
        {"hours_per_week": "٣"},
        {"hours_per_week": "3", "budget": "1e3"},
        {"budget": "1000000000001"},
        {"budget": "<script>"},
        {"budget": "1,000,50"},
    ],
)
def test_what_is_no_limit_changes_nothing(somebody: Chooser, fields: dict[str, str]) -> None:
    before = somebody.stored()
    kind, text, _ = somebody.told("/me/limits", **fields)
    assert kind == "problem"
    assert text.startswith("Nothing was changed: ")
    assert somebody.stored() == before


# --- what is said of courses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", FEEDBACK_VERBS)
def test_a_word_on_a_course_counts_at_once_and_is_taken_back(somebody: Chooser, verb: str) -> None:
    before = somebody.recommended()
    first, title = before[0], title_of(somebody, before[0])
    kind, text, page = somebody.told("/me/feedback", course_id=first, verb=verb)
    assert kind == "undo"
    assert text.startswith(f"“{title}” ")
    again = day_of(somebody, now_of(somebody) + LATER)
    assert (again in text) == (verb in {"later", "too_hard"})
    assert first not in somebody.recommended()
    (said,) = somebody.facts("feedback")
    assert (said["course_id"], said["verb"], said["at"]) == (first, verb, now_of(somebody))
    kind, text, page = somebody.undo(page)
    assert kind == "done"
    assert text.startswith(f"You said of “{title}”: ")
    assert somebody.recommended() == before
    assert somebody.facts("feedback") == []


def test_a_word_that_raises_skills_says_how_the_coverage_moved(somebody: Chooser) -> None:
    gap = somebody.api("skill-gap")
    lifting = next(one for one in somebody.api("recommendations", k=20)["recommendations"] if one["lifts"])
    _, text, page = somebody.told("/me/feedback", course_id=lifting["course_id"], verb="already_know")
    after = somebody.api("skill-gap")
    assert after["coverage"] > gap["coverage"]
    with somebody.client.application.test_request_context(headers={"Accept-Language": "en"}):
        from web.pages.formats import percent

        was, now = percent(gap["coverage"]), percent(after["coverage"])
    assert text.endswith(f"Of Data engineer you cover {now} now; before, {was}.")
    _, text, _ = somebody.undo(page)
    assert text.endswith(f"Of Data engineer you cover {was} now; before, {now}.")


def test_a_second_word_in_the_same_second_counts_and_leaves_the_first_behind_it(somebody: Chooser) -> None:
    course = somebody.recommended()[0]
    somebody.told("/me/feedback", course_id=course, verb="later")
    *_, page = somebody.told("/me/feedback", course_id=course, verb="not_interested")
    assert [one["verb"] for one in sorted(somebody.facts("feedback"), key=lambda one: one["at"])] == [
        "later",
        "not_interested",
    ]
    excluded = somebody.api(f"recommendations/{course}/explanation")["excluded_by"]
    assert [one["verb"] for one in excluded] == ["not_interested"]
    somebody.undo(page)
    excluded = somebody.api(f"recommendations/{course}/explanation")["excluded_by"]
    assert [one["verb"] for one in excluded] == ["later"]


@pytest.mark.parametrize(
    "fields",
    [
        {"course_id": "no-such", "verb": "later"},
        {"course_id": "", "verb": "later"},
        {"course_id": "x" * 5_000, "verb": "later"},
        {"course_id": "a\x00b", "verb": "later"},
        {"course_id": "C0001", "verb": "love"},
        {"course_id": "C0001"},
        {},
    ],
)
def test_what_is_no_word_on_a_course_changes_nothing(somebody: Chooser, fields: dict[str, str]) -> None:
    kind, _, _ = somebody.told("/me/feedback", **fields)
    assert kind == "problem"
    assert somebody.facts("feedback") == []


def test_everything_said_is_listed_with_what_comes_of_it(somebody: Chooser) -> None:
    assert "You have said nothing of a course yet." in somebody.says("/me/said")
    one, two, three, *_ = somebody.recommended()
    for course, verb in [(one, "later"), (two, "not_interested"), (three, "already_know"), (one, "too_easy")]:
        somebody.told("/me/feedback", course_id=course, verb=verb)
    listed = somebody.says("/me/said")
    assert "4 things said" in listed
    assert listed.count("You said something later.") == 1
    assert "You said of it: not interested. It is not shown until you withdraw that." in listed
    for course in (one, two, three):
        assert title_of(somebody, course) in listed
    page = somebody.page("/me/said")
    assert page.count('action="/me/feedback/undo"') == 4


def test_what_was_put_off_long_ago_may_be_offered_again(somebody: Chooser) -> None:
    course, at = somebody.recommended()[0], moment_text(now_of(somebody) - LATER - 1)
    path = f"/v1/employees/{somebody.employee_id}/feedback"
    assert somebody.client.post(path, json={"course_id": course, "verb": "later", "at": at}).status_code == 201
    assert "Its time is over; it may be offered again." in somebody.says("/me/said")


def test_a_long_list_is_cut_into_parts(somebody: Chooser) -> None:
    for course in model_of(somebody).catalog.ids.ids[:25]:
        path = f"/v1/employees/{somebody.employee_id}/feedback"
        assert somebody.client.post(path, json={"course_id": course, "verb": "later"}).status_code == 201
    first, second = somebody.page("/me/said"), somebody.page("/me/said?page=2")
    counts = [page.count('action="/me/feedback/undo"') for page in (first, second)]
    assert counts == [20, 5]
    assert 'href="/me/said?page=2"' in first
    for odd in ("0", "-1", "99", "x", "1" * 50, "²"):
        assert somebody.page(f"/me/said?page={odd}").count('action="/me/feedback/undo"') in {5, 20}


# --- skills ------------------------------------------------------------------------------------------------------


def missing_of(who: Chooser) -> dict[str, Any]:
    return next(one for one in who.api("skill-gap")["skills"] if one["have"] < one["needed"])


def test_a_level_corrected_moves_the_gap_and_is_taken_back(somebody: Chooser) -> None:
    gap, levels, skill = somebody.api("skill-gap"), somebody.levels(), missing_of(somebody)
    kind, text, page = somebody.told("/me/skills", "/me/skills", skill_id=skill["skill_id"], level="5")
    assert kind == "undo"
    assert text.startswith(f"You are at level 5 in {skill['name']} now, as you say. Of Data engineer you cover ")
    after = somebody.api("skill-gap")
    assert after["coverage"] > gap["coverage"]
    (found,) = (one for one in after["skills"] if one["skill_id"] == skill["skill_id"])
    assert (found["have"], found["source"]) == (5, "self")
    kind, text, _ = somebody.undo(page)
    assert (kind, text.split(".")[0]) == ("done", f"What you said of {skill['name']} is taken back")
    assert somebody.levels() == levels
    assert somebody.api("skill-gap")["coverage"] == gap["coverage"]
    assert somebody.facts("skill_evidence") == []


def test_a_manager_s_word_outweighs_and_the_page_says_so(somebody: Chooser) -> None:
    skill, path = missing_of(somebody), f"/v1/employees/{somebody.employee_id}/skill-evidence"
    by_manager = {"skill_id": skill["skill_id"], "level": 1, "source": "manager"}
    assert somebody.client.post(path, json=by_manager).status_code == 201
    _, text, page = somebody.told("/me/skills", "/me/skills", skill_id=skill["skill_id"], level="5")
    assert text == f"Kept, but what counts for {skill['name']} is level 1 (as your manager says)."
    assert "more weight has another: the level is set as your manager says." in plain(page)
    assert somebody.levels()[skill["skill_id"]] == 1
    managers = next(one for one in somebody.facts("skill_evidence") if one["source"] == "manager")
    assert somebody.post("/me/skills/undo", fact_id=managers["fact_id"]).status_code == 404
    assert managers in somebody.facts("skill_evidence")


def test_the_latest_word_counts_and_the_one_before_comes_back(somebody: Chooser) -> None:
    skill = missing_of(somebody)["skill_id"]
    somebody.told("/me/skills", "/me/skills", skill_id=skill, level="4")
    *_, page = somebody.told("/me/skills", "/me/skills", skill_id=skill, level="2")
    assert somebody.levels()[skill] == 2
    somebody.undo(page)
    assert somebody.levels()[skill] == 4


def test_the_page_lists_what_is_needed_first_and_says_where_levels_come_from(somebody: Chooser) -> None:
    page = somebody.page("/me/skills")
    assert "assumed from your role" in plain(page)
    needed = somebody.api("skill-gap")["skills"]
    names = [plain(part.split("</h3>")[0].split(">", 1)[1]) for part in page.split('<h3 id="needed-')[1:]]
    assert names == [one["name"] for one in needed]
    assert page.count("<option") == 6 * page.count("<select id=")
    assert all(f'for="{name}"' in page for name in [f"needed-{i}-level" for i in range(1, len(needed) + 1)])


def test_a_skill_that_is_not_listed_yet_is_found_and_added(somebody: Chooser) -> None:
    model, needed = model_of(somebody), somebody.levels()
    with_level = somebody.page("/me/skills")
    new = next(
        i for i, one in enumerate(model.skills.ids.ids) if one not in needed and f'value="{one}"' not in with_level
    )
    typed = model.skills.names[new].upper()
    page = somebody.page(f"/me/skills?q={typed}")
    assert f'name="skill_id" value="{model.skills.ids[new]}"' in page
    _, text, page = somebody.told("/me/skills", "/me/skills", skill_id=model.skills.ids[new], level="3")
    assert text == f"You are at level 3 in {model.skills.names[new]} now, as you say."
    assert f'name="skill_id" value="{model.skills.ids[new]}"' in page
    assert "No skill has every word you typed." in somebody.says("/me/skills?q=zzzzqqq")


@pytest.mark.parametrize(
    "fields",
    [
        {"skill_id": "no-such", "level": "3"},
        {"skill_id": "python", "level": "6"},
        {"skill_id": "python", "level": "-1"},
        {"skill_id": "python", "level": "3.5"},
        {"skill_id": "python", "level": "³"},
        {"skill_id": "python"},
        {"level": "3"},
        {"skill_id": "a\x00b", "level": "3"},
    ],
)
def test_what_is_no_level_changes_nothing(somebody: Chooser, fields: dict[str, str]) -> None:
    kind, _, _ = somebody.told("/me/skills", "/me/skills", **fields)
    assert kind == "problem"
    assert somebody.facts("skill_evidence") == []


# --- only one's own, and only from one's own pages ----------------------------------------------------------------


def test_nobody_takes_back_what_another_said(client: FlaskClient, somebody: Chooser) -> None:
    other = chooser(client, "somebody-else", role_id="data-analyst", target_role_id="data-engineer")
    course, skill = other.recommended()[0], missing_of(other)["skill_id"]
    other.told("/me/feedback", course_id=course, verb="later")
    other.told("/me/skills", "/me/skills", skill_id=skill, level="4")
    before = {table: other.facts(table) for table in ("feedback", "skill_evidence")}
    for path, table in (("/me/feedback/undo", "feedback"), ("/me/skills/undo", "skill_evidence")):
        (fact,) = before[table]
        answer = somebody.post(path, fact_id=fact["fact_id"])
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        for odd in ("", "x" * 5_000, "<script>", "a\x00b"):
            assert somebody.post(path, fact_id=odd).status_code == 404
    assert {table: other.facts(table) for table in before} == before


BACK = ["//evil.example", "https://evil.example/me", "/me\\@evil.example", "/\\evil.example", "/me/../v1/models"]
BACK += ["javascript:alert(1)", "/v1/models", "/me//evil.example", "\t/me", "/insight", "", "/meanwhile", "/me\nX: y"]
CHANGES = ["/me/target", "/me/limits", "/me/feedback", "/me/skills", "/me/data/erase"]


@pytest.mark.parametrize("back", BACK)
def test_a_form_leads_back_to_one_s_own_pages_only(somebody: Chooser, back: str) -> None:
    for path in CHANGES:
        answer = somebody.post(path, back=back)
        assert answer.status_code == 303
        assert answer.headers["Location"] in {"/me", "/me/skills", "/me/data"}


@pytest.mark.parametrize("path", [*CHANGES, "/me/target/undo", "/me/feedback/undo", "/me/skills/undo"])
def test_a_form_without_its_token_changes_nothing(somebody: Chooser, path: str) -> None:
    before = (somebody.stored(), somebody.facts("feedback"), somebody.facts("skill_evidence"))
    fields = {"course_id": "C0001", "verb": "later", "role_id": "team-lead", "hours_per_week": "9", "confirm": "yes"}
    answer = somebody.client.post(path, data=fields | {"skill_id": "python", "level": "3"})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert (somebody.stored(), somebody.facts("feedback"), somebody.facts("skill_evidence")) == before


def test_nobody_changes_anything_without_a_visit(client: FlaskClient) -> None:
    stranger = client.application.test_client()
    for path in CHANGES:
        assert stranger.post(path).status_code == 403
    for path in (
        "/me/said",
        "/me/skills",
        "/me/roles",
        "/me/courses",
        "/me/courses/C0001",
        "/me/data",
        "/me/data/export",
    ):
        assert stranger.get(path).status_code == 403
    assert post is not None
