"""`/xapi`, asked as platforms ask it, with the sample company in a database of each kind."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY, pointers, problem
from stored_company import stored_client
from werkzeug.test import TestResponse
from xapi_statements import ADL, PLATFORMS, STORYLINE, voiding

from store import rows
from store.statements import apply_pending
from web.database import store

VERSION = "X-Experience-API-Version"
SPOKEN = {VERSION: "1.0.3"}
PATH = "/xapi/statements"
HOME = "https://lms.example.com"

Json = dict[str, Any]


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    """Return a client of the service; each test speaks of people or activities of its own."""
    folder, now = tmp_path_factory.mktemp("xapi"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture
def employee(client: FlaskClient, model_as_of: int) -> str:
    """Return an employee of this test alone, who is known by an account."""
    employee_id = f"E{uuid.uuid4().hex[:8]}"
    identity = {"employee_id": employee_id, "kind": "account", "value": f"{HOME}|{employee_id}"}
    write(client, "employees", {"employee_id": employee_id, "role_id": "R01"})
    write(client, "identities", identity)
    return employee_id


def write(client: FlaskClient, name: str, row: Json) -> None:
    with client.application.app_context(), store().write("default") as connection:
        rows.put(connection, "default", name, [row])
        apply_pending(connection, "default")


def post(client: FlaskClient, document: Any, **headers: str) -> TestResponse:
    return client.post(PATH, json=document, headers=SPOKEN | headers)


def get(client: FlaskClient, **query: Any) -> TestResponse:
    return client.get(PATH, query_string=query, headers=SPOKEN)


def completed(employee_id: str, course_id: str, at: int, **more: Any) -> Json:
    return {
        "actor": {"account": {"homePage": HOME, "name": employee_id}},
        "verb": {"id": ADL + "completed"},
        "object": {"id": course_id},
        "timestamp": datetime.fromtimestamp(at, UTC).isoformat(),
        **more,
    }


def offered(client: FlaskClient, employee_id: str) -> list[str]:
    answer = client.get(f"/v1/employees/{employee_id}/recommendations")
    assert answer.status_code == 200, answer.text
    return [one["course_id"] for one in answer.get_json()["recommendations"]]


def test_a_completed_course_is_not_offered_in_the_next_answer_and_again_when_voided(
    client: FlaskClient, employee: str, model_as_of: int
) -> None:
    first, *_ = before = offered(client, employee)
    (key,) = post(client, completed(employee, first, model_as_of + 5 * DAY)).get_json()
    assert first not in offered(client, employee)
    assert post(client, voiding(key)).status_code == 200
    assert offered(client, employee) == before


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_statements_of_platforms_are_taken_and_given_back(client: FlaskClient, platform: str) -> None:
    sent = PLATFORMS[platform] | {"id": str(uuid.uuid4())}
    answer = post(client, [sent])
    assert (answer.status_code, answer.get_json()) == (200, [sent["id"]])
    found = get(client, statementId=sent["id"])
    assert found.headers["X-Experience-API-Consistent-Through"].endswith("Z")
    stored = found.get_json()
    assert {name: stored[name] for name in sent if name != "stored"} == {k: v for k, v in sent.items() if k != "stored"}
    assert set(stored) == {*sent, "stored", "timestamp", "version"}


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"actor": {"name": "Ann"}}, "/actor"),
        ({"actor": {"mbox": "mailto:a@example.com", "openid": "https://a.example.com"}}, "/actor"),
        ({"actor": {"mbox": "a@example.com"}}, "/actor/mbox"),
        ({"actor": {"account": {"homePage": "nowhere", "name": "a"}}}, "/actor/account/homePage"),
        ({"actor": {"account": {"homePage": HOME, "name": "a\0"}}}, "/actor/account/name"),
        ({"actor": {"mbox_sha1sum": "12"}}, "/actor/mbox_sha1sum"),
        ({"actor": {"objectType": "Group"}}, "/actor"),
        ({"actor": {"objectType": "Robot"}}, "/actor"),
        ({"verb": {"id": "completed"}}, "/verb/id"),
        ({"verb": {"id": ADL + "voided"}}, ""),
        ({"object": {"id": ""}}, "/object/id"),
        ({"object": {"id": "x" * 1_001}}, "/object/id"),
        ({"object": {"objectType": "StatementRef", "id": "7"}}, "/object/id"),
        ({"id": "7"}, "/id"),
        ({"timestamp": "yesterday"}, "/timestamp"),
        ({"timestamp": "9999-01-01T00:00:00Z"}, "/timestamp"),
        ({"version": "0.95"}, "/version"),
        ({"result": {"duration": "an hour"}}, "/result/duration"),
        ({"result": {"duration": "P"}}, "/result/duration"),
        ({"result": {"success": "true"}}, "/result/success"),
        ({"result": {"score": {"scaled": 1.1}}}, "/result/score/scaled"),
        ({"result": {"score": {"raw": 5, "min": 0, "max": 4}}}, "/result/score"),
        ({"result": {"score": {"raw": 10**400}}}, "/result/score/raw"),
        ({"result": None}, "/result"),
        ({"context": {"registration": "r"}}, "/context/registration"),
        ({"shape": 1}, "/shape"),
        ({"attachments": [{"usageType": "http://a", "display": {}, "contentType": "a", "length": 1, "sha2": "0"}]},
         "/attachments/0"),
    ],
)  # fmt: skip
def test_a_batch_with_one_bad_statement_names_it_and_keeps_nothing(
    client: FlaskClient, employee: str, model_as_of: int, change: Json, at: str
) -> None:
    good = completed(employee, "C0001", model_as_of) | {"id": str(uuid.uuid4())}
    answer = post(client, [good, completed(employee, "C0002", model_as_of) | change])
    assert pointers(answer) == [f"/1{at}"]
    assert get(client, statementId=good["id"]).status_code == 404


def test_a_whole_batch_is_taken_and_one_more_statement_is_not(
    client: FlaskClient, employee: str, model_as_of: int
) -> None:
    batch = [completed(employee, f"C{i:04}", model_as_of - i * DAY) for i in range(1, 1_001)]
    short = [{**one, "timestamp": one["timestamp"][:10]} for one in batch]
    client.application.config["MAX_CONTENT_LENGTH"] = 1 << 20
    try:
        ids = post(client, short).get_json()
        assert (len(ids), len(set(ids))) == (1_000, 1_000)
        assert "1,001 statements" in problem(post(client, [*short, short[0]]), 400)["errors"][0]["detail"]
    finally:
        client.application.config["MAX_CONTENT_LENGTH"] = 100_000


def test_a_put_statement_is_taken_once_and_not_changed(client: FlaskClient, employee: str, model_as_of: int) -> None:
    key, statement = str(uuid.uuid4()), completed(employee, "C0003", model_as_of)

    def put(document: Any, **query: str) -> TestResponse:
        return client.put(PATH, json=document, query_string=query, headers=SPOKEN)

    for _ in range(2):
        answer = put(statement, statementId=key.upper())
        assert (answer.status_code, answer.data) == (204, b"")
    assert key in problem(put(statement | {"timestamp": "2020-01-01"}, statementId=key), 409)["detail"]
    assert get(client, statementId=key).get_json()["timestamp"] == statement["timestamp"]
    assert pointers(put(statement | {"id": str(uuid.uuid4())}, statementId=key)) == ["/id"]
    assert pointers(put([statement], statementId=key)) == [""]
    assert pointers(put(statement)) == ["/statementId"]
    assert problem(post(client, statement | {"id": key, "timestamp": "2020-01-01"}), 409)["status"] == 409


def test_statements_are_found_by_what_they_say(client: FlaskClient, employee: str, model_as_of: int) -> None:
    sent = [completed(employee, course, model_as_of) for course in ("C0001", "C0002", "C0003", "C0004", "C0005")]
    sent[1]["verb"] = {"id": ADL + "failed"}
    ids = post(client, sent).get_json()
    agent = json.dumps({"account": {"homePage": HOME + "/", "name": employee}})

    def found(**query: Any) -> list[str]:
        return [one["id"] for one in get(client, agent=agent, **query).get_json()["statements"]]

    assert found() == ids[::-1]
    assert found(ascending="true") == ids
    assert found(verb=ADL + "failed") == [ids[1]]
    assert found(activity="C0004") == [ids[3]]
    now = datetime.fromtimestamp(model_as_of + 10 * DAY, UTC).isoformat()
    assert (found(since=now), found(until=now)) == ([], ids[::-1])
    assert pointers(get(client, agent="{}")) == ["/agent"]
    assert pointers(get(client, agent="{")) == ["/agent"]
    assert pointers(get(client, related_agents="true")) == ["/related_agents"]


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more_leads_to_the_next_page(client: FlaskClient, employee: str, model_as_of: int, ascending: str) -> None:
    ids = post(client, [completed(employee, f"C000{i}", model_as_of) for i in range(1, 6)]).get_json()
    agent = json.dumps({"account": {"homePage": HOME, "name": employee}})
    page = get(client, agent=agent, limit=2, ascending=ascending).get_json()
    found = page["statements"]
    while page["more"]:
        page = client.get(page["more"], headers=SPOKEN).get_json()
        assert len(page["statements"]) in {1, 2}
        found += page["statements"]
    assert [one["id"] for one in found] == (ids if ascending == "true" else ids[::-1])


def test_a_voided_statement_is_found_as_such_alone(client: FlaskClient, employee: str, model_as_of: int) -> None:
    (key,) = post(client, completed(employee, "C0001", model_as_of)).get_json()
    assert get(client, voidedStatementId=key).status_code == 404
    (void,) = post(client, voiding(key)).get_json()
    problem(get(client, statementId=key), 404)
    assert get(client, voidedStatementId=key).get_json()["id"] == key
    assert get(client, statementId=void).status_code == 200
    assert key not in [one["id"] for one in get(client).get_json()["statements"]]
    assert pointers(get(client, voidedStatementId=key, statementId=key)) == [""]
    assert pointers(get(client, statementId=key, limit=1)) == [""]


def test_a_statement_about_somebody_unknown_counts_once_they_are_known(client: FlaskClient, model_as_of: int) -> None:
    employee_id = f"N{uuid.uuid4().hex[:8]}"
    assert post(client, completed(employee_id, "C0001", model_as_of)).status_code == 200
    write(client, "employees", {"employee_id": employee_id})
    write(client, "identities", {"employee_id": employee_id, "kind": "account", "value": f"{HOME}|{employee_id}"})
    with client.application.app_context(), store().read() as connection:
        assert len(rows.having(connection, "default", "completions", employee_id=employee_id)) == 1


@pytest.mark.parametrize(
    ("said", "named"), [("1.0.3", "1.0.3"), ("1.0.0", "1.0.3"), ("1.0", "1.0.3"), ("2.0.0", "2.0.0"), ("2.0", "2.0.0")]
)
def test_both_versions_are_spoken(client: FlaskClient, said: str, named: str) -> None:
    answer = client.post(PATH, json=STORYLINE, headers={VERSION: said})
    assert (answer.status_code, answer.headers[VERSION]) == (200, named)


@pytest.mark.parametrize("said", [None, "0.95", "1.1.0", "3.0.0", "1.0.3x", "two"])
def test_other_versions_are_refused(client: FlaskClient, said: str | None) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = client.open(PATH, method=method, json=STORYLINE, headers={} if said is None else {VERSION: said})
        assert "expected 1.0.x or 2.0.x" in problem(answer, 400)["detail"]
        assert answer.headers[VERSION] in {"1.0.3", "2.0.0"}


def test_about_needs_no_version(client: FlaskClient) -> None:
    answer = client.get("/xapi/about")
    assert (answer.get_json(), answer.headers[VERSION]) == ({"version": ["1.0.3", "2.0.0"]}, "1.0.3")


def test_files_are_refused_in_words(client: FlaskClient) -> None:
    headers = SPOKEN | {"Content-Type": 'multipart/mixed; boundary="x"'}
    assert "fileUrl" in problem(client.post(PATH, data=b"--x--", headers=headers), 400)["detail"]
    problem(client.post(PATH, data=b"{}", headers=SPOKEN | {"Content-Type": "text/plain"}), 415)
    assert post(client, []).get_json() == []


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400 + ".0"])
def test_a_number_that_is_too_large_is_refused_wherever_it_stands(client: FlaskClient, number: str) -> None:
    """What is kept is given back, and infinity is no JSON."""
    sent = json.dumps(completed("anybody", "C0001", 0, result={"extensions": {f"{HOME}/x": 123456}}))
    body = sent.replace("123456", number)
    answer = client.post(PATH, data=body, content_type="application/json", headers=SPOKEN)
    assert problem(answer, 400)["errors"][0]["detail"].startswith("not usable as JSON: ")
    assert post(client, json.loads(sent)).status_code == 200
