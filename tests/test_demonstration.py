"""The start page of a demonstration: whom it offers to look as, and that its buttons lead in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, database_url
from flask.testing import FlaskClient
from service_asking import DAY, make_app
from sqlalchemy import select
from stored_company import stored_client
from visiting import csrf_of
from werkzeug.test import TestResponse

from store import rows, showcase
from store.database import Database
from store.showcase import Person
from store.tables import visits
from web.database import opened_database


@pytest.fixture(scope="module", params=KINDS)
def stored(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("demonstration")
    now = model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as client:
        yield client


@pytest.fixture
def visitor(stored: FlaskClient) -> FlaskClient:
    """Return a browser that was never here."""
    return stored.application.test_client()


def offered(page: TestResponse) -> list[tuple[str, str, str]]:
    """Return (id, name, line) of each person the page offers."""
    found = re.findall(
        r'<li class="card">\s*<h3><bdi>(.*?)</bdi></h3>\s*<p><bdi>(.*?)</bdi></p>.*?name="employee_id" value="(.*?)"',
        page.text,
        re.DOTALL,
    )
    return [(employee_id, name, line) for name, line, employee_id in found]


def choose(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/demo/enter", data={"csrf_token": csrf_of(client.get("/").text), **fields})


def database_of(client: FlaskClient) -> Database:
    opened = opened_database(client.application)
    assert opened is not None
    return opened.get()


def test_it_offers_one_person_for_each_kind_of_page(visitor: FlaskClient) -> None:
    people = offered(visitor.get("/"))
    (grows, _, grown), (changes, _, changed), (new, _, arrived), (owes, _, owed) = people
    with database_of(visitor).read() as connection:
        stored = {one: rows.one(connection, "default", "employees", one) or {} for one, *_ in people}
        counts = {one: len(rows.having(connection, "default", "completions", employee_id=one)) for one, *_ in people}
        roles = {str(one["role_id"]): one for one in rows.everything(connection, "default", "roles")}
    assert stored[grows]["target_role_id"] in {None, stored[grows]["role_id"]}
    assert f"{counts[grows]} courses completed" in grown
    families = [roles[stored[changes][name]]["family"] for name in ("role_id", "target_role_id")]
    assert families[0] != families[1]
    assert changed.endswith(f"on the way to another role: {roles[stored[changes]['target_role_id']]['title']}.")
    assert counts[new] == min(counts.values())
    assert "new here" in arrived
    required = visitor.get(f"/v1/employees/{owes}/recommendations").get_json()["required"]
    assert any(one["overdue"] for one in required)
    assert "overdue" in owed
    assert len({one for one, *_ in people}) == 4


def test_it_offers_the_same_people_again_and_to_everybody(visitor: FlaskClient, stored: FlaskClient) -> None:
    assert offered(visitor.get("/")) == offered(stored.get("/")) == offered(visitor.get("/"))


def test_a_button_begins_a_visit_as_that_person(visitor: FlaskClient) -> None:
    employee_id, *_ = offered(visitor.get("/"))[0]
    answer = choose(visitor, employee_id=employee_id)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert employee_id not in answer.headers["Location"]
    with database_of(visitor).read() as connection:
        assert employee_id in connection.execute(select(visits.c.employee_id)).scalars().all()


def test_every_page_of_a_visit_leads_back_to_the_choice(visitor: FlaskClient) -> None:
    back = '<a href="/">Look as somebody else</a>'
    assert back not in visitor.get("/me/nowhere").text
    choose(visitor, employee_id=offered(visitor.get("/"))[0][0])
    assert back in visitor.get("/me/nowhere").text


def test_a_language_chosen_on_the_start_page_goes_with_whoever_is_looked_as(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    visitor.post("/language", data={"csrf_token": csrf_of(page), "language": "de", "back": "/"})
    employee_id = offered(visitor.get("/"))[0][0]
    choose(visitor, employee_id=employee_id)
    assert '<html lang="de"' in visitor.get("/me/said").text


def test_a_button_opens_the_overview(visitor: FlaskClient) -> None:
    answer = choose(visitor, kind="insight")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insight")


def test_somebody_unknown_is_said_to_be(visitor: FlaskClient) -> None:
    for employee_id in ("nobody", "", "x" * 5_000, "\u202e<script>alert(1)</script>"):
        answer = choose(visitor, employee_id=employee_id)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        page = visitor.get("/")
        assert "There is nobody of that id" in page.text
        assert "<script>" not in page.text


def test_who_is_gone_is_offered_no_more(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path: Path
) -> None:
    now = model_as_of + 10 * DAY
    with stored_client("sqlite", sample_company, tmp_path, models=fitted_models, now=now) as client:
        before = [one for one, *_ in offered(client.get("/"))]
        assert client.delete(f"/v1/employees/{before[1]}/data").status_code == 204
        after = [one for one, *_ in offered(client.get("/"))]
        assert len(after) == 4
        assert before[1] not in after
        assert (after[0], after[3]) == (before[0], before[3])


def test_without_people_it_says_how_to_load_some(fitted_models: Path, model_as_of: int, tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url:
        app = make_app(fitted_models, model_as_of, database=url)
        page = app.test_client().get("/")
        opened = opened_database(app)
        assert opened is not None
        opened.close()
    assert page.status_code == 200
    assert "lpr load DATA" in page.text
    assert "/demo/enter" not in page.text
    alone = make_app(fitted_models, model_as_of).test_client().get("/")
    assert "without a database" in alone.text


# Who is chosen, on people made for it


def someone(employee_id: str, n_completed: int, *, role: str = "a", target: str = "", hired_at: int = 0) -> Person:
    family, other = role.upper()[:1], target.upper()[:1]
    return Person(employee_id, "", role, role, family, target, target, other, hired_at, n_completed)


def test_who_grows_wants_no_other_role_and_has_about_a_dozen_completions() -> None:
    found = [someone("e1", 40), someone("e2", 11, target="b"), someone("e3", 10), someone("e4", 14, target="a")]
    assert showcase.with_history_in_their_role(found) == found[2]
    assert showcase.with_history_in_their_role([someone("e1", 0)]) is None


def test_who_changes_goes_far_if_anybody_does() -> None:
    near, far = someone("e1", 12, target="a2"), someone("e2", 90, target="b")
    assert showcase.on_the_way_elsewhere([near, far]) == far
    assert showcase.on_the_way_elsewhere([near, someone("e3", 12)]) == near
    assert showcase.on_the_way_elsewhere([someone("e3", 12)]) is None


def test_who_is_new_completed_least_and_came_last() -> None:
    found = [someone("e1", 0, hired_at=5), someone("e2", 0, hired_at=9), someone("e3", 1, hired_at=99)]
    assert showcase.newest(found) == found[1]
    assert showcase.newest([]) is None
