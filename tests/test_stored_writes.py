"""Facts and things written over HTTP: they count at once, once, whole, and only for whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY, pointers, problem
from stored_company import stored_client
from werkzeug.test import TestResponse

from recommender.moments import moment_text
from store.database import Database
from store.people import person_of
from web.config import settings
from web.database import opened_database

FACTS = {"completions": "completions", "feedback": "feedback", "skill-evidence": "skill_evidence"}


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    """Return a client of the service with the sample company in its database; each test has an employee of its own."""
    folder, now = tmp_path_factory.mktemp("stored"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@dataclass(frozen=True)
class Somebody:
    """An employee of whom nothing is known but a role aimed at, and who asks for them."""

    client: FlaskClient
    employee_id: str

    def path(self, more: str = "") -> str:
        return f"/v1/employees/{self.employee_id}{more}"

    def post(self, kind: str, body: Any, **headers: str) -> TestResponse:
        return self.client.post(self.path(f"/{kind}"), json=body, headers=headers)

    def recommended(self, k: int = 20) -> list[str]:
        answer = self.client.get(self.path(f"/recommendations?k={k}"))
        assert answer.status_code == 200, answer.text
        return [one["course_id"] for one in answer.get_json()["recommendations"]]


@pytest.fixture
def somebody(client: FlaskClient, request: pytest.FixtureRequest) -> Somebody:
    role = client.get("/v1/roles?limit=1").get_json()["roles"][0]["role_id"]
    who = Somebody(client, f"new-{abs(hash(request.node.name)):x}")
    assert client.put(who.path(), json={"target_role_id": role}).status_code == 201
    return who


def now_of(client: FlaskClient) -> int:
    with client.application.app_context():
        return settings().clock()


def revision_of(client: FlaskClient) -> int:
    opened = opened_database(client.application)
    assert opened is not None
    return opened.get().revision("default").all


def test_a_completion_counts_in_the_next_answer_and_not_once_it_is_taken_back(somebody: Somebody) -> None:
    before = somebody.recommended()
    done = somebody.post("completions", {"course_id": before[0]})
    assert done.status_code == 201
    after = somebody.recommended()
    assert before[0] not in after
    undone = somebody.client.delete(somebody.path(f"/completions/{done.get_json()['fact_id']}"))
    assert undone.status_code == 204
    assert somebody.recommended() == before
    problem(somebody.client.delete(somebody.path(f"/completions/{done.get_json()['fact_id']}")), 404)


def test_a_dismissal_and_what_is_begun_count_in_the_next_answer(somebody: Somebody) -> None:
    first, second, *_ = somebody.recommended()
    assert somebody.post("feedback", {"course_id": first, "verb": "not_interested"}).status_code == 201
    assert somebody.post("completions", {"course_id": second, "progress": 0.5}).status_code == 201
    assert not {first, second} & set(somebody.recommended())


def test_evidence_counts_in_the_next_answer(somebody: Somebody) -> None:
    gap = somebody.client.get(somebody.path("/skill-gap")).get_json()
    missing = next(one for one in gap["skills"] if one["have"] < one["needed"])
    said = {"skill_id": missing["skill_id"], "level": 5, "source": "manager"}
    assert somebody.post("skill-evidence", said).status_code == 201
    later = somebody.client.get(somebody.path("/skill-gap")).get_json()
    have = {one["skill_id"]: one["have"] for one in later["skills"]}
    assert have[missing["skill_id"]] == 5
    assert later["coverage"] > gap["coverage"]


def test_a_fact_sent_again_is_the_same_fact(somebody: Somebody) -> None:
    at = moment_text(now_of(somebody.client) - DAY)
    course, other, *_ = somebody.recommended()
    facts = [{"course_id": one, "completed_at": at, "score": 0.9} for one in (course, other)]
    many = somebody.post("completions", facts).get_json()["fact_ids"]
    assert len(set(many)) == 2
    assert somebody.post("completions", facts[0]).get_json() == {"fact_id": many[0]}
    listed = somebody.client.get(somebody.path("/completions")).get_json()
    assert listed["total"] == 2
    assert {one["fact_id"] for one in listed["completions"]} == set(many)
    assert listed["completions"][0] | {"fact_id": "", "course_id": ""} == facts[0] | {"fact_id": "", "course_id": ""}


def test_lists_are_cut_into_pages(somebody: Somebody) -> None:
    courses = somebody.recommended(5)
    ids = somebody.post("completions", [{"course_id": one} for one in courses]).get_json()["fact_ids"]
    seen: list[str] = []
    path = somebody.path("/completions?limit=2")
    while path:
        page = somebody.client.get(path).get_json()
        assert page["total"] == 5
        seen += [one["fact_id"] for one in page["completions"]]
        path = page.get("next", "")
    assert seen == sorted(ids)


@pytest.mark.parametrize(
    ("kind", "body", "wrong"),
    [
        ("completions", {"course_id": "unheard-of"}, ["/course_id"]),
        (
            "completions",
            [{"course_id": "unheard-of"}, {"course_id": "unheard-of-too"}],
            ["/0/course_id", "/1/course_id"],
        ),
        ("completions", {"course_id": "a", "completed_at": "2199-01-01"}, ["/completed_at"]),
        ("completions", {"course_id": "a\x00b"}, ["/course_id"]),
        ("completions", [], [""]),
        ("completions", [{"course_id": "a", "score": 2}], ["/0/score"]),
        ("feedback", {"course_id": "unheard-of", "verb": "later"}, ["/course_id"]),
        ("feedback", {"course_id": "a", "verb": "maybe"}, ["/verb"]),
        ("skill-evidence", {"skill_id": "unheard-of", "level": 3}, ["/skill_id"]),
        ("skill-evidence", {"skill_id": "a", "level": 6}, ["/level"]),
    ],
)
def test_a_wrong_fact_is_named_and_nothing_is_kept(somebody: Somebody, kind: str, body: Any, wrong: list[str]) -> None:
    before = revision_of(somebody.client)
    assert pointers(somebody.post(kind, body)) == wrong
    assert somebody.client.get(somebody.path(f"/{kind}")).get_json() == {"total": 0, FACTS[kind]: []}
    assert revision_of(somebody.client) == before


def test_one_wrong_fact_keeps_all_of_a_list_out(somebody: Somebody) -> None:
    body = [{"course_id": somebody.recommended()[0]}, {"course_id": "unheard-of"}]
    assert pointers(somebody.post("completions", body)) == ["/1/course_id"]
    assert somebody.client.get(somebody.path("/completions")).get_json()["total"] == 0


def test_the_clock_of_who_writes_may_be_a_little_ahead(somebody: Somebody) -> None:
    now = now_of(somebody.client)
    course, other, *_ = somebody.recommended()
    ahead = {"course_id": course, "completed_at": moment_text(now + 300)}
    assert somebody.post("completions", ahead).status_code == 201
    assert course not in somebody.recommended()
    assert pointers(somebody.post("completions", {"course_id": other, "completed_at": moment_text(now + 301)})) == [
        "/completed_at"
    ]


def test_facts_of_nobody_are_refused(client: FlaskClient) -> None:
    body = {"course_id": "a", "verb": "later"}
    assert "nobody" in problem(client.post("/v1/employees/nobody/feedback", json=body), 404)["detail"]
    problem(client.get("/v1/employees/nobody/completions"), 404)


def test_a_write_with_a_key_is_done_once(somebody: Somebody) -> None:
    course, other, *_ = somebody.recommended()
    key = {"Idempotency-Key": f"key-{somebody.employee_id}"}
    first = somebody.post("feedback", {"course_id": course, "verb": "later"}, **key)
    undo = somebody.client.delete(somebody.path(f"/feedback/{first.get_json()['fact_id']}"))
    assert undo.status_code == 204
    before = revision_of(somebody.client)
    again = somebody.post("feedback", {"course_id": course, "verb": "later"}, **key)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert somebody.client.get(somebody.path("/feedback")).get_json()["total"] == 0
    assert revision_of(somebody.client) == before
    changed = problem(somebody.post("feedback", {"course_id": other, "verb": "later"}, **key), 422)
    assert changed["type"] == "urn:lpr:problem:idempotency-key-reused"
    problem(somebody.post("feedback", {"course_id": course, "verb": "later"}, **{"Idempotency-Key": "a b"}), 400)


def test_another_body_put_with_the_same_key_is_refused(somebody: Somebody) -> None:
    client, who = somebody.client, somebody.employee_id
    for path, one, other in [
        (somebody.path(), {"name": "One"}, {"name": "Other"}),
        ("/v1/employees", [{"employee_id": f"{who}-1"}], [{"employee_id": f"{who}-2"}]),
    ]:
        key = {"Idempotency-Key": f"put-{who}-{len(path)}"}
        first = client.put(path, json=one, headers=key)
        assert client.put(path, json=one, headers=key).headers["Idempotency-Replayed"] == "true"
        changed = problem(client.put(path, json=other, headers=key), 422)
        assert changed["type"] == "urn:lpr:problem:idempotency-key-reused"
        assert client.put(path, json=other).status_code == 200
        assert client.put(path, json=one, headers=key).data == first.data


def test_a_refused_write_does_not_use_its_key_up(somebody: Somebody) -> None:
    key = {"Idempotency-Key": f"again-{somebody.employee_id}"}
    problem(somebody.post("completions", {"course_id": "unheard-of"}, **key), 400)
    assert somebody.post("completions", {"course_id": somebody.recommended()[0]}, **key).status_code == 201


def test_a_course_is_new_withdrawn_and_deleted_without_a_new_fit(somebody: Somebody) -> None:
    client, key = somebody.client, f"/v1/courses/course%2F{somebody.employee_id}"
    role = client.get(somebody.path()).get_json()["target_role_id"]
    needs = client.get(f"/v1/roles/{role}").get_json()["skills"]
    course = {
        "title": "Everything the role needs",
        "hours": 2.5,
        "tags": ["new", "whole"],
        "available_from": "2020-01-01T00:00:00Z",
        "skills": [{"skill_id": one["skill_id"], "level": 5, "source": "declared"} for one in needs],
    }
    made = client.put(key, json=course)
    assert made.status_code == 201, made.text
    course_id = made.get_json()["course_id"]
    read = client.get(key)
    listed = sorted(course["skills"], key=lambda one: str(one["skill_id"]))  # type: ignore[call-overload]
    assert read.get_json() == course | {"course_id": course_id, "published": True, "skills": listed}
    assert read.headers["ETag"] == made.headers["ETag"]
    why = client.get(somebody.path(f"/recommendations/course%2F{somebody.employee_id}/explanation"))
    assert why.status_code == 200
    assert why.get_json()["course_id"] == course_id
    only = somebody.path(f"/recommendations?only=course%2F{somebody.employee_id}")
    assert [one["course_id"] for one in client.get(only).get_json()["recommendations"]] == [course_id]

    assert client.put(key, json=course | {"published": False}).status_code == 200
    assert client.get(only).get_json()["recommendations"] == []
    assert client.put(key, json=course).status_code == 200
    assert len(client.get(only).get_json()["recommendations"]) == 1

    done = somebody.post("completions", {"course_id": course_id})
    assert done.status_code == 201
    coverage = client.get(somebody.path("/skill-gap")).get_json()["coverage"]
    assert client.delete(key).status_code == 204
    problem(client.get(key), 404)
    problem(client.delete(key), 404)
    assert client.get(somebody.path("/skill-gap")).get_json()["coverage"] == coverage == 1
    assert client.delete(somebody.path(f"/completions/{done.get_json()['fact_id']}")).status_code == 204
    assert client.get(only).get_json()["recommendations"] == []
    assert course_id not in [one["course_id"] for one in client.get("/v1/courses?limit=1000").get_json()["courses"]]


def test_a_write_over_what_was_not_seen_is_refused(somebody: Somebody) -> None:
    client, path = somebody.client, somebody.path()
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    problem(client.put(path, json={"department": "Law"}, headers={"If-None-Match": "*"}), 412)
    changed = client.put(path, json={"department": "Law"}, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert changed.headers["ETag"] == client.get(path).headers["ETag"]
    problem(client.put(path, json={"department": "Sales"}, headers={"If-Match": tag}), 412)
    assert client.get(path).get_json()["department"] == "Law"
    problem(client.put("/v1/employees/not-yet", json={}, headers={"If-Match": "*"}), 412)
    page = client.get("/v1/employees?limit=3")
    assert client.get("/v1/employees?limit=3", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def test_an_assignment_is_required_at_once_and_a_change_of_role_lets_it_count_from_then(somebody: Somebody) -> None:
    client = somebody.client
    first, second = (one["role_id"] for one in client.get("/v1/roles?limit=2").get_json()["roles"])
    course = somebody.recommended()[0]
    path = f"/v1/assignments/law-{somebody.employee_id}"
    rule = {"course_id": course, "role_id": second, "department": "Space law", "due_days": 30}
    assert client.put(path, json=rule).status_code == 201
    assert client.get(path).get_json() == rule | {"assignment_id": f"law-{somebody.employee_id}"}
    employee = {"department": "Space law", "hired_at": "2020-01-01", "role_id": first}

    def due() -> list[str]:
        answer = client.get(somebody.path("/recommendations")).get_json()
        return [one["due_at"] for one in answer["required"] if one["course_id"] == course]

    assert client.put(somebody.path(), json=employee).status_code == 200
    assert due() == []
    assert client.put(somebody.path(), json=employee | {"role_id": second}).status_code == 200
    assert due() == [moment_text(now_of(client) + 30 * DAY)]
    assert client.delete(path).status_code == 204
    assert due() == []


def test_many_things_are_put_together_or_not_at_all(somebody: Somebody) -> None:
    client, name = somebody.client, somebody.employee_id
    good = [
        {"course_id": f"{name}-{i}", "title": f"Part {i}", "prerequisites": [f"{name}-{i - 1}"] * (i > 0)}
        for i in range(3)
    ]
    assert client.put("/v1/courses", json=good).get_json() == {"written": 3}
    assert client.get(f"/v1/courses/{name}-2").get_json()["prerequisites"] == [f"{name}-1"]
    bad = [*good, {"course_id": f"{name}-3", "title": "Part 3", "prerequisites": ["unheard-of"]}]
    assert pointers(client.put("/v1/courses", json=bad)) == ["/3/prerequisites/0"]
    problem(client.get(f"/v1/courses/{name}-3"), 404)
    circle = good[0] | {"prerequisites": [f"{name}-2"]}
    assert pointers(client.put(f"/v1/courses/{name}-0", json=circle)) == ["/prerequisites"]
    assert pointers(client.put("/v1/courses", json=[good[0], good[0], {"title": "x"}])) == [
        "/1/course_id",
        "/2/course_id",
    ]
    assert pointers(client.put(f"/v1/courses/{name}-0", json=good[1])) == ["/course_id"]
    people = [
        {"employee_id": f"{name}-{i}", "identities": [{"kind": "mbox", "value": f"{name}{i}@x.org"}]} for i in (1, 2)
    ]
    assert client.put("/v1/employees", json=people).get_json() == {"written": 2}
    assert client.get(f"/v1/employees/{name}-2").get_json() == people[1]
    taken = {"identities": people[1]["identities"]}
    problem(client.put(f"/v1/employees/{name}-1", json=taken), 409)
    assert client.get(f"/v1/employees/{name}-2").get_json() == people[1]


def test_an_identity_is_one_employee_s_however_it_is_written(somebody: Somebody) -> None:
    client, who = somebody.client, somebody.employee_id

    def known_as(value: str) -> dict[str, Any]:
        return {"identities": [{"kind": "mbox", "value": value}]}

    assert client.put(f"/v1/employees/{who}-a", json=known_as(f"mailto:{who}@X.org")).status_code == 201
    problem(client.put(f"/v1/employees/{who}-b", json=known_as(f"{who.upper()}@x.org")), 409)
    assert client.put(f"/v1/employees/{who}-a", json=known_as(f"{who}@x.org")).status_code == 200
    both = [
        {"employee_id": f"{who}-{end}", **known_as(mail)} for end, mail in [("c", "c@x.org"), ("d", "mailto:C@x.org")]
    ]
    assert pointers(client.put("/v1/employees", json=both)) == ["/1/identities/0"]


def test_who_was_erased_does_not_come_back_as_a_manager(somebody: Somebody) -> None:
    client, boss = somebody.client, f"boss-{somebody.employee_id}"
    assert client.put(f"/v1/employees/{boss}", json={}).status_code == 201
    assert client.put(somebody.path(), json={"manager_id": boss}).status_code == 200
    assert client.delete(f"/v1/employees/{boss}/data").status_code == 204
    assert client.get(somebody.path()).get_json() == {"employee_id": somebody.employee_id}
    problem(client.put(somebody.path(), json={"manager_id": boss}), 410)
    problem(client.put("/v1/employees", json=[{"employee_id": "sub", "manager_id": boss}]), 410)


def test_skills_and_roles_are_edited(somebody: Somebody) -> None:
    client, name = somebody.client, somebody.employee_id
    skill, role = f"/v1/skills/{name}", f"/v1/roles/{name}"
    needs = {"title": "Juggler", "skills": [{"skill_id": name, "level": 3, "importance": 0.5}]}
    assert pointers(client.put(role, json=needs)) == ["/skills/0/skill_id"]
    assert client.put(skill, json={"name": "Juggling", "kind": "human"}).status_code == 201
    assert client.put(role, json=needs).status_code == 201
    assert client.get(role).get_json() == needs | {"role_id": name}
    gap = client.get(somebody.path(f"/skill-gap?target_role={name}")).get_json()
    assert [(one["skill_id"], one["needed"]) for one in gap["skills"]] == [(name, 3)]
    problem(client.delete(skill), 409)
    assert client.delete(role).status_code == 204
    assert client.delete(skill).status_code == 204
    problem(client.get(skill), 404)


def test_another_tenant_sees_nothing_of_it(somebody: Somebody) -> None:
    opened = opened_database(somebody.client.application)
    assert opened is not None
    database: Database = opened.get()
    somebody.post("completions", {"course_id": somebody.recommended()[0]})
    assert person_of(database, "another", somebody.employee_id) is None
