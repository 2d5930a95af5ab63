"""The service: skill gaps and learning paths for an inline person, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from service_asking import pointers

from recommender.moments import moment_text

PATHS, GAPS = "/v1/paths", "/v1/skill-gaps"
MOVER: dict[str, Any] = {"role_id": "data-analyst", "target_role_id": "data-engineer", "hours_per_week": 2}


def asked(client: FlaskClient, address: str, person: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = client.post(address, json={"person": person, **options})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_path_keeps_to_its_limits_and_says_how_good_it_is(client: FlaskClient) -> None:
    free = asked(client, PATHS, MOVER)
    tight = asked(client, PATHS, MOVER, hours=5, budget=60)
    assert free["target_role_id"] == "data-engineer"
    assert free["coverage_before"] < tight["coverage_after"] < free["coverage_after"] <= free["bound"] <= 1
    assert tight["hours"] <= 5
    assert tight["cost"] <= 60
    assert [step["position"] for step in free["steps"]] == list(range(1, len(free["steps"]) + 1))
    covered = [free["coverage_before"], *(step["coverage_after"] for step in free["steps"])]
    assert covered == sorted(covered)
    assert all(step["reasons"] and step["from_week"] <= step["to_week"] for step in free["steps"])
    assert {one["why"] for one in tight["unmet"]} >= {"beyond_limits"}


def test_a_finished_step_is_what_the_path_said_it_is(client: FlaskClient, model_as_of: int) -> None:
    """Completing the first step gives the coverage the path promised after it, and the rest of the path stays."""
    before = asked(client, PATHS, MOVER)
    first, *rest = before["steps"]
    history = [{"course_id": first["course_id"], "completed_at": moment_text(model_as_of - 60)}]
    after = asked(client, PATHS, {**MOVER, "history": history})
    assert after["coverage_before"] == pytest.approx(first["coverage_after"], abs=1e-6)
    assert after["coverage_after"] == pytest.approx(before["coverage_after"], abs=1e-6)
    assert first["course_id"] not in [step["course_id"] for step in after["steps"]]
    assert len(after["steps"]) == len(rest)


def test_required_training_comes_first_and_is_no_step(client: FlaskClient) -> None:
    step = asked(client, PATHS, MOVER)["steps"][0]["course_id"]
    person = {**MOVER, "assignments": [{"course_id": step, "due_at": "2027-01-31"}]}
    found = asked(client, PATHS, person, by="2027-06-30")
    assert [one["course_id"] for one in found["required"]] == [step]
    assert found["required"][0]["from_week"] == 1
    assert step not in [one["course_id"] for one in found["steps"]]


def test_a_gap_says_where_levels_come_from(client: FlaskClient) -> None:
    claims = [{"skill_id": "sql", "level": 2, "source": "assessment", "observed_at": "2026-06-01"}]
    found = asked(client, GAPS, {**MOVER, "skills": claims}, adjacent=3)
    sql = next(one for one in found["skills"] if one["skill_id"] == "sql")
    assert (sql["have"], sql["source"], sql["observed_at"]) == (2, "assessment", "2026-06-01T00:00:00Z")
    assert len(found["adjacent_roles"]) == 3
    assert found["missing"] == pytest.approx(
        sum(one["importance"] * max(one["needed"] - one["have"], 0) for one in found["skills"]), abs=1e-3
    )
    corrected = asked(
        client, GAPS, {**MOVER, "skills": [*claims, {"skill_id": "sql", "level": 4, "source": "manager"}]}
    )
    assert corrected["coverage"] > found["coverage"]


def test_nothing_aimed_at_is_answered(client: FlaskClient) -> None:
    gap, path = asked(client, GAPS, {}), asked(client, PATHS, {})
    assert ("coverage" in gap, gap["skills"]) == (False, [])
    assert (path["steps"], [note["code"] for note in path["notes"]]) == ([], ["no_goal", "hours_per_week_assumed"])


def test_every_wrong_field_of_a_path_is_named(client: FlaskClient) -> None:
    body = {"person": {}, "hours": -1, "budget": "much", "by": "soon", "hours_per_week": 200, "weeks": 3}
    answer = client.post(PATHS, json=body)
    assert sorted(pointers(answer)) == ["/budget", "/by", "/hours", "/hours_per_week", "/weeks"]


def test_a_deadline_before_the_moment_asked_about_is_refused(client: FlaskClient) -> None:
    answer = client.post(PATHS, json={"person": MOVER, "by": "2020-01-01"})
    assert pointers(answer) == ["/by"]


def test_a_deadline_on_the_last_day_there_is_is_answered(client: FlaskClient) -> None:
    found = asked(client, PATHS, {"target_role_id": "data-engineer"}, by="9999-12-31")
    assert found["limits"]["by"] == "9999-12-31T23:59:59Z"


def test_a_question_before_the_model_is_refused(client: FlaskClient) -> None:
    for address in (PATHS, GAPS):
        assert pointers(client.post(address, json={"person": {"as_of": "2020-01-01"}})) == ["/person/as_of"]
