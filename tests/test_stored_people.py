"""Stored people are answered as the same people in a data directory, and as the same people in a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY, problem
from stored_company import stored_client

from recommender.arrays import EARLIEST
from recommender.moments import moment_text
from store.database import Database
from store.people import PERSON, RoleChange, Rule, StoredPerson, person_of
from store.rows import put
from training.batching.answering import Settings
from training.batching.asks import asks_of
from training.batching.run import Outputs, recommend_all
from training.engines import LocalEngine
from training.tables.load import load_dataset
from web.database import store
from web.schemas import CompletionItem, Person
from web.stored import described_person

N_PEOPLE = 50


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    """Return a client of the service with the sample company in its database; not to be changed."""
    folder, now = tmp_path_factory.mktemp("stored"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture(scope="module")
def batch_answers(sample_company: Path, fitted_models: Path, model_as_of: int) -> list[dict[str, Any]]:
    """Return what a batch answers the first people, a second after the service's moment."""
    data = load_dataset(sample_company).dataset
    asked = asks_of(data, "all", as_of=model_as_of + 10 * DAY + 1).first(N_PEOPLE)
    answers: list[dict[str, Any]] = []
    settings = Settings(fitted_models, "default", "v1")
    outputs = Outputs(each=answers.append)
    recommend_all(data, asked, settings, outputs, engine=LocalEngine(), progress=lambda *_: None)
    return answers


def test_a_stored_person_is_answered_as_in_a_batch(client: FlaskClient, batch_answers: list[dict[str, Any]]) -> None:
    stored = [client.get(f"/v1/employees/{one['employee_id']}/recommendations").get_json() for one in batch_answers]
    assert len(stored) == N_PEOPLE
    assert any(one["required"] for one in stored)
    assert stored == batch_answers


def as_json(person: Person) -> dict[str, Any]:
    """Return a person as a client would describe them."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            times = {"at", "completed_at", "observed_at", "due_at", "as_of"}
            return {n: moment_text(v) if n in times else plain(v) for n, v in value.items() if v is not None}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return dict(plain(person.model_dump()))


def test_a_stored_person_is_answered_as_in_a_request(
    client: FlaskClient, batch_answers: list[dict[str, Any]], model_as_of: int
) -> None:
    as_of = model_as_of + 10 * DAY + 1
    for one in batch_answers[::7]:
        who = one["employee_id"]
        with client.application.app_context():
            person = person_of(store(), "default", who)
        assert person is not None
        inline = {"person": as_json(described_person(person, as_of=as_of))}
        course = one["recommendations"][0]["course_id"]
        for path, route, more in (
            ("recommendations", "recommendations", {}),
            ("path", "paths", {}),
            ("skill-gap", "skill-gaps", {}),
            (f"recommendations/{course}/explanation", "explanations", {"course_id": course}),
        ):
            stored = client.get(f"/v1/employees/{who}/{path}").get_json()
            assert stored.pop("employee_id") == who
            assert stored == client.post(f"/v1/{route}", json=inline | more).get_json()


def test_the_parameters_are_those_of_a_request(client: FlaskClient, batch_answers: list[dict[str, Any]]) -> None:
    who, first = batch_answers[0]["employee_id"], batch_answers[0]["recommendations"]
    ask = f"/v1/employees/{who}/recommendations"
    without = client.get(ask, query_string={"k": 3, "exclude": first[0]["course_id"], "mode": "explore"}).get_json()
    assert without["mode"] == "explore"
    assert len(without["recommendations"]) == 3
    assert first[0]["course_id"] not in {one["course_id"] for one in without["recommendations"]}
    only = client.get(ask, query_string={"only": [first[1]["course_id"]]}).get_json()
    assert [one["course_id"] for one in only["recommendations"]] == [first[1]["course_id"]]
    role = client.get("/v1/roles?limit=1").get_json()["roles"][0]["role_id"]
    assert client.get(ask, query_string={"target_role": role}).get_json()["target_role_id"] == role
    unknown = client.get(ask, query_string={"target_role": "astronaut"}).get_json()
    assert unknown["ignored"] == [{"pointer": "/target_role", "id": "astronaut", "why": "unknown role"}]


def test_nobody_unknown_is_answered(client: FlaskClient) -> None:
    for path in ("recommendations", "path", "skill-gap", "recommendations/c0001/explanation"):
        assert "nobody" in problem(client.get(f"/v1/employees/nobody/{path}"), 404)["detail"]


def somebody(**facts: Any) -> StoredPerson:
    """Return a stored person of whom only these facts are known."""
    known: dict[str, Any] = {
        "employee_id": "e1",
        "role_id": "",
        "target_role_id": "",
        "target_since": EARLIEST,
        "department": "",
        "location": "",
        "language": "",
        "hired_at": EARLIEST,
        "hours_per_week": None,
        "budget": None,
    }
    tuples = ("history", "begun", "feedback", "claims", "role_changes", "rules")
    return StoredPerson(**known | dict.fromkeys(tuples, ()) | facts)


def test_the_role_and_the_target_are_those_of_the_moment() -> None:
    person = somebody(
        role_id="c",
        target_role_id="d",
        target_since=300,
        role_changes=(RoleChange("a", "b", 100), RoleChange("b", "c", 200)),
    )
    assert [person.role_at(at) for at in (99, 100, 199, 200)] == ["a", "b", "b", "c"]
    assert [person.target_at(at) for at in (299, 300)] == ["", "d"]
    assert somebody(role_id="c").role_at(0) == "c"


def test_a_rule_binds_by_role_and_department_and_its_term_begins_with_the_later_of_hire_and_role_entry() -> None:
    hired, entered = 10 * DAY, 30 * DAY
    rules = (
        Rule("all", None, "*", None, 7, 365),
        Rule("other-role", "r2", None, None, 7, None),
        Rule("my-role", "r1", "", 20 * DAY, 5, None),
        Rule("other-department", "", "Sales", None, None, None),
    )
    person = somebody(
        department="Law", hired_at=hired, role_changes=(RoleChange("", "r1", entered),), rules=rules, role_id="r1"
    )
    # 30 + 7 days; of 20 days and 30 + 5 days the later.
    assert person.duties_at(40 * DAY) == [("all", 37 * DAY, 365), ("my-role", 35 * DAY, None)]
    # Before the role was entered the term begins with the hire, and the role binds nobody yet.
    assert person.duties_at(20 * DAY) == [("all", 17 * DAY, 365)]


def test_the_latest_fact_is_the_latest_up_to_a_moment() -> None:
    person = somebody(history=(("a", 5), ("b", 900)), claims=(("s", 3, "self", 7),))
    assert person.latest(until=10) == 7
    assert person.latest(until=1_000) == 900
    assert somebody().latest(until=10) == EARLIEST


def test_reading_a_person_looks_for_their_rows_alone(tmp_path: Path) -> None:
    """SQLite's plan for each table of facts goes by the employee, though nobody told it how its rows are spread."""
    database = Database(f"sqlite:///{tmp_path / 'plans'}.db")
    database.migrate()
    with database.write("default") as connection:
        put(connection, "default", "employees", [{"employee_id": "e1"}])
    assert person_of(database, "default", "e1") is not None
    sql, given = PERSON.written(database.engine.dialect, {"tenant": "default", "employee_id": "e1"})
    with database.read() as connection:
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
    database.close()
    looked = [line for line in plan if re.match("SEARCH|SCAN", line) and "SEARCH tenants" not in line]
    assert len(looked) >= 7
    assert all("employee_id=?" in line for line in looked), plan


def test_an_item_of_known_values_is_as_one_that_was_checked() -> None:
    known = CompletionItem.known(course_id="c1", completed_at=5)
    checked = CompletionItem(course_id="c1", completed_at="1970-01-01T00:00:05Z")  # type: ignore[arg-type]
    assert known == checked
    assert known.model_fields_set == checked.model_fields_set
    assert known.model_copy(update={"course_id": "c2"}).model_dump() == {"course_id": "c2", "completed_at": 5}
