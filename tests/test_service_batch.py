"""`POST /v1/recommendations/batch`: many people at once, each as if asked alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from service_asking import ASK, DAY, ask, pointers, problem

from recommender.moments import moment_text
from service import create_app
from web.config import ServiceConfig

BATCH = f"{ASK}/batch"


def asked(client: FlaskClient, *requests: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(BATCH, json={"requests": requests})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_each_is_answered_as_if_asked_alone_and_in_order(client: FlaskClient) -> None:
    people = [{"role_id": "data-analyst"}, {}, {"target_role_id": "data-engineer"}]
    found = asked(client, *({"person": one, "k": 3 + i} for i, one in enumerate(people)))
    assert found["model_version"] == "v1"
    assert [one["answer"] for one in found["answers"]] == [ask(client, one, k=3 + i) for i, one in enumerate(people)]


def test_one_that_cannot_be_answered_has_a_problem_and_the_others_are_answered(
    client: FlaskClient, model_as_of: int
) -> None:
    early = {"person": {"as_of": moment_text(model_as_of - DAY)}}
    found = asked(client, {"person": {}}, early, {"person": {"role_id": "no-role"}})["answers"]
    assert [list(one) for one in found] == [["answer"], ["problem"], ["answer"]]
    assert found[1]["problem"]["status"] == 400
    assert [one["pointer"] for one in found[1]["problem"]["errors"]] == ["/requests/1/person/as_of"]
    assert [one["pointer"] for one in found[2]["answer"]["ignored"]] == ["/requests/2/person/role_id"]


def test_a_wrong_field_refuses_the_whole(client: FlaskClient) -> None:
    wrong = {"requests": [{"person": {}}, {"person": {}, "k": 0}, {"people": {}}]}
    assert pointers(client.post(BATCH, json=wrong)) == ["/requests/1/k", "/requests/2/person", "/requests/2/people"]
    assert pointers(client.post(BATCH, json={"requests": []})) == ["/requests"]


def test_a_batch_may_be_as_large_as_the_setting_and_no_larger(client: FlaskClient, fitted_models: Path) -> None:
    one = {"person": {}, "k": 1}
    assert len(asked(client, *[one] * 100)["answers"]) == 100
    found = problem(client.post(BATCH, json={"requests": [one] * 101}), 400)["errors"]
    assert found == [{"pointer": "/requests", "detail": "found 101 elements; expected at most 100"}]
    small = create_app(ServiceConfig(models=fitted_models, max_batch=2)).test_client()
    assert small.post(BATCH, json={"requests": [one] * 2}).status_code == 200
    assert pointers(small.post(BATCH, json={"requests": [one] * 3})) == ["/requests"]
