"""What is held of an employee: shown in words, handed over, erased with the visit; and nothing of anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from choosing import Chooser, chooser, plain
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY, problem
from stored_company import stored_client
from visiting import enter, ticket_for

from store import visits
from store.erasure import _OF_A_PERSON
from web.live import models_of
from web.pages.data_view import _COLUMNS, MOST_ROWS, held_views, label_of, words_of
from web.pages.home_path import KeptPaths


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    folder, now = tmp_path_factory.mktemp("held"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture
def somebody(client: FlaskClient, request: pytest.FixtureRequest) -> Chooser:
    name = f"held-{abs(hash(request.node.name)):x}"
    who = chooser(client, name, name="Zora Quill", role_id="data-analyst", target_role_id="data-engineer")
    first, second, *_ = who.recommended()
    who.told("/me/feedback", course_id=first, verb="later")
    who.told("/me/skills", "/me/skills", skill_id="python", level="3")
    path = f"/v1/employees/{who.employee_id}/completions"
    assert client.post(path, json={"course_id": second, "score": 0.875}).status_code == 201
    return who


def test_every_table_with_people_is_told_in_words(client: FlaskClient) -> None:
    with client.application.test_request_context():
        tables = {table.name: table for table in _OF_A_PERSON}
        assert set(_COLUMNS) == set(tables)
        said = [words_of(name) for name in tables]
        assert len({title for title, *_ in said}) == len(tables)
        assert all(all(one) for one in said)
        for name, columns in _COLUMNS.items():
            assert set(columns) <= set(tables[name].c.keys())
            labels = [label_of(column) for column in columns]
            assert len(set(labels)) == len(labels), name


def test_what_is_held_is_shown_as_people_read_it(somebody: Chooser) -> None:
    words, page = somebody.says("/me/data"), somebody.page("/me/data")
    model = models_of(somebody.client.application).of("default").get().model
    for course in (somebody.facts("feedback")[0]["course_id"], somebody.facts("completions")[0]["course_id"]):
        assert model.catalog.titles[model.catalog.ids.find(course)] in words
    for text in ("Zora Quill", "Data analyst", "Data engineer", "3 (working)", "as you say", "later", "88%"):
        assert text in words, text
    held = somebody.api("data")["tables"]
    assert page.count('<h2 id="table-') == len(held)
    assert "visits" in held
    assert re.search(r"\b[0-9a-f]{32,}\b", plain(page.split("<main")[1])) is None, "no hash is shown"
    assert "1 row." in words


def test_of_many_rows_the_newest_are_shown_and_all_are_counted(somebody: Chooser) -> None:
    courses = models_of(somebody.client.application).of("default").get().model.catalog.ids.ids[:30]
    rows = [{"course_id": one, "verb": "later", "at": f"2026-01-{day:02}"} for day, one in enumerate(courses, 1)]
    path = f"/v1/employees/{somebody.employee_id}/feedback"
    assert somebody.client.post(path, json=rows).status_code == 201
    assert f"The newest {MOST_ROWS} of 31; all are in the file." in somebody.says("/me/data")
    shown = somebody.says("/me/data")
    assert "Jan 30, 2026" in shown
    assert "Jan 2, 2026" not in shown


def test_a_table_nobody_has_words_for_is_counted(client: FlaskClient) -> None:
    with client.application.test_request_context():
        (view,) = held_views({"new_table": [{"employee_id": "e", "x": 1}]}, None)
        assert (view.title, view.total, view.rows) == ("new_table", 1, ())


def test_the_file_holds_what_the_api_answers(somebody: Chooser) -> None:
    answer = somebody.client.get("/me/data/export")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-learning-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == somebody.api("data")
    assert answer.get_json()["employee_id"] == somebody.employee_id


def test_nothing_is_erased_by_accident(somebody: Chooser) -> None:
    before = somebody.api("data")
    for confirm in ({}, {"confirm": ""}, {"confirm": "no"}):
        kind, text, _ = somebody.told("/me/data/erase", "/me/data", **confirm)
        assert (kind, text.split(":")[0]) == ("problem", "Nothing was erased")
    assert somebody.api("data")["tables"].keys() == before["tables"].keys()
    assert somebody.client.get("/me/data/erase").status_code == 405


def test_erasing_oneself_ends_the_visit_and_leaves_nothing(client: FlaskClient, somebody: Chooser) -> None:
    other = chooser(client, "stays", role_id="data-analyst")
    elsewhere = client.application.test_client()
    enter(elsewhere, somebody.employee_id)
    ticket = ticket_for(client, visits.EMPLOYEE, somebody.employee_id)
    paths = client.application.extensions["lpr_kept_paths"] = KeptPaths()
    somebody.client.get("/me/path")
    assert len(paths) == 1
    answer = somebody.post("/me/data/erase", confirm="yes")
    assert answer.status_code == 200
    assert len(paths) == 0
    assert "Nothing about you is held here any more" in plain(answer.text)
    assert somebody.employee_id not in answer.text
    for visiting in (somebody.client, elsewhere):
        assert visiting.get("/me/said").status_code == 403
    assert elsewhere.get(f"/enter?ticket={ticket}").status_code == 403
    problem(client.get(f"/v1/employees/{somebody.employee_id}/data"), 404)
    problem(client.put(f"/v1/employees/{somebody.employee_id}", json={}), 410)
    assert other.says("/me/said")
