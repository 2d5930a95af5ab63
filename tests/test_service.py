"""The service: recommendations for an inline person, errors that name every wrong field, and whom it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_asking import ASK, DAY, ask, make_app, pointers, problem
from tiny_company import catalog

from recommender.arrays import Ids
from recommender.catalog import Roles, SkillRows
from recommender.moments import moment_text, parse_deadline, parse_moment
from web.person import build_query
from web.schemas import RecommendationRequest

# Recommendations


def test_an_answer_ranks_k_courses_with_parts_that_sum_to_the_score(client: FlaskClient) -> None:
    found = ask(client, {"role_id": "data-analyst"}, k=7)
    listed = found["recommendations"]
    assert [one["rank"] for one in listed] == [1, 2, 3, 4, 5, 6, 7]
    scores = [one["score"] for one in listed]
    assert scores == sorted(scores, reverse=True)
    for one in listed:
        # Parts and score are printed to six digits each, so that their sum may be off by a few in the sixth.
        assert sum(one["parts"].values()) == pytest.approx(one["score"], abs=2e-5)
        assert all(reason["text"] for reason in one["reasons"])


def test_what_was_completed_is_not_offered_again(client: FlaskClient) -> None:
    first = [one["course_id"] for one in ask(client, k=5)["recommendations"]]
    history = [{"course_id": one, "completed_at": "2026-01-05"} for one in first]
    second = [one["course_id"] for one in ask(client, {"history": history}, k=100)["recommendations"]]
    assert not set(first) & set(second)


def test_dismissed_excluded_and_only_are_kept_to(client: FlaskClient) -> None:
    a, b, c, d = (one["course_id"] for one in ask(client, k=4)["recommendations"])
    found = ask(client, {"dismissed": [a]}, exclude=[b], only=[a, b, c, d])
    assert {one["course_id"] for one in found["recommendations"]} == {c, d}


def test_the_same_request_gets_the_same_answer(client: FlaskClient) -> None:
    request = {"role_id": "data-analyst", "target_role_id": "data-engineer", "as_of": "2026-07-05"}
    assert ask(client, request) == ask(client, request)


def test_unknown_ids_and_completions_to_come_are_listed_not_refused(client: FlaskClient, model_as_of: int) -> None:
    later = moment_text(model_as_of + 20 * DAY)
    person = {
        "history": [
            {"course_id": "no-such", "completed_at": "2026-01-05"},
            {"course_id": "C0001", "completed_at": later},
        ],
        "role_id": "no-role",
        "target_role_id": "data-engineer",
        "dismissed": ["C0002", "gone"],
    }
    found = ask(client, person, exclude=["old"])
    assert found["target_role_id"] == "data-engineer"
    assert {(one["pointer"], one["id"], one["why"]) for one in found["ignored"]} == {
        ("/person/history/0/course_id", "no-such", "unknown course"),
        ("/person/history/1/completed_at", "C0001", "not before as_of"),
        ("/person/role_id", "no-role", "unknown role"),
        ("/person/dismissed/1", "gone", "unknown course"),
        ("/exclude/0", "old", "unknown course"),
    }
    assert "ignored" not in ask(client)


def test_only_unknown_courses_leave_nothing_to_recommend(client: FlaskClient) -> None:
    assert ask(client, only=["gone"])["recommendations"] == []


def test_a_person_becomes_a_query_of_what_is_known() -> None:
    """Course b on day 3 and again on day 1, a on day 2, c on the day asked about, x unknown: b (1), a (2)."""
    done = [("a", 2), ("b", 1), ("b", 3), ("c", 4), ("x", 1)]
    asked = RecommendationRequest.model_validate(
        {
            "person": {
                "history": [{"course_id": one, "completed_at": moment_text(day * DAY)} for one, day in done],
                "dismissed": ["c", "a", "c"],
                "assignments": [
                    {"course_id": "c", "due_at": "1970-01-08"},
                    {"course_id": "x"},
                    {"course_id": "a"},
                    {"course_id": "b", "recur_days": 10},
                ],
                "target_role_id": "r2",
                "role_id": "r1",
                "skills": [
                    {"skill_id": "sql", "level": 4},
                    {"skill_id": "sql", "level": 2, "source": "manager", "observed_at": moment_text(1 * DAY)},
                    {"skill_id": "sql", "level": 5, "source": "manager", "observed_at": moment_text(4 * DAY)},
                    {"skill_id": "lore", "level": 1},
                ],
            },
            "only": ["c", "b"],
        }
    )
    roles = Roles(Ids(["r1", "r2"]), ("One", "Two"), ("", ""), ("", ""), SkillRows.empty(2))
    told = catalog(3, ids=["a", "b", "c"])
    query, ignored = build_query(asked, catalog=told, roles=roles, skills=Ids(["py", "sql"]), as_of=4 * DAY)
    assert query.history.tolist() == [1, 0]
    assert query.history_at.tolist() == [1 * DAY, 2 * DAY]
    assert query.feedback.saying("not_interested").tolist() == [0, 2]
    assert (query.role_idx, query.target_role_idx) == (0, 1)
    assert query.role_names == ("r1", "One")
    # A manager's claim outweighs one's own; the later one is not known yet.
    assert (query.claims.skill_idx.tolist(), query.claims.level.tolist()) == ([1], [2])
    assert query.limits.only is not None
    assert query.limits.only.tolist() == [1, 2]
    # c until the 24:00 of day 7, a is done; b, last completed on day 3, is due again 10 days later.
    assert [(one.course_idx, one.due_at, one.completed_at) for one in query.required] == [
        (2, 8 * DAY, None),
        (1, 13 * DAY, 3 * DAY),
    ]
    assert query.due_again.tolist() == [1]
    assert [(one.pointer, one.why) for one in ignored] == [
        ("/person/history/3/completed_at", "not before as_of"),
        ("/person/history/4/course_id", "unknown course"),
        ("/person/skills/2/observed_at", "not before as_of"),
        ("/person/skills/3/skill_id", "unknown skill"),
        ("/person/assignments/1/course_id", "unknown course"),
    ]


def test_required_training_is_listed_apart_and_alone_only_on_request(client: FlaskClient, model_as_of: int) -> None:
    person: dict[str, Any] = {"as_of": moment_text(model_as_of)}
    best = [one["course_id"] for one in ask(client, person, k=3)["recommendations"]]
    assert ask(client, person)["required"] == []
    soon, past = moment_text(model_as_of + DAY), moment_text(model_as_of - DAY)
    person |= {
        "assignments": [
            {"course_id": best[1]},
            {"course_id": best[0], "due_at": soon},
            {"course_id": best[2], "due_at": past},
        ]
    }
    found = ask(client, person, k=100)
    listed = [(one["course_id"], one.get("due_at"), one["overdue"], one["recurring"]) for one in found["required"]]
    assert listed == [(best[2], past, True, False), (best[0], soon, False, False), (best[1], None, False, False)]
    assert not {one["course_id"] for one in found["recommendations"]} & set(best)
    comply = ask(client, person, mode="compliance")
    assert (comply["mode"], comply["goal_weight"]) == ("compliance", 0)
    assert [one["course_id"] for one in comply["recommendations"]] == [best[2], best[0], best[1]]
    assert [one["reasons"][0]["text"] for one in comply["recommendations"]] == [
        f"Required; its time ended {past}.",
        f"Required until {soon}.",
        "Required, without a date.",
    ]
    assert [one["rank"] for one in ask(client, person, mode="compliance", k=2)["recommendations"]] == [1, 2]


def test_a_date_that_is_none_is_refused_where_it_stands(client: FlaskClient) -> None:
    wrong = {"assignments": [{"course_id": "C0001", "due_at": "soon"}, {"course_id": "C0001", "recur_days": 0}]}
    assert pointers(client.post(ASK, json={"person": wrong})) == [
        "/person/assignments/0/due_at",
        "/person/assignments/1/recur_days",
    ]
    last = {"assignments": [{"course_id": "C0001", "due_at": "9999-12-31"}]}
    assert ask(client, last)["required"][0]["due_at"] == "9999-12-31T23:59:59Z"


# The moment asked about


def test_before_the_models_own_moment_is_refused(client: FlaskClient, model_as_of: int) -> None:
    at = {"as_of": moment_text(model_as_of - 1)}
    found = problem(client.post(ASK, json={"person": at}), 400)
    assert [one["pointer"] for one in found["errors"]] == ["/person/as_of"]
    assert moment_text(model_as_of) in found["errors"][0]["detail"]
    assert ask(client, {"as_of": moment_text(model_as_of)})["trend_age_days"] == 0


def test_after_it_the_age_of_trend_is_stated(client: FlaskClient, model_as_of: int) -> None:
    found = ask(client, {"as_of": moment_text(model_as_of + 36 * 3600)})
    assert (found["as_of"], found["trend_age_days"]) == (moment_text(model_as_of + 36 * 3600), 1.5)
    assert found["model_as_of"] == moment_text(model_as_of)


@pytest.mark.parametrize(
    ("completed_at", "as_of"), [("0001-01-01", "9999-12-31"), ("1969-12-31T23:59:59.9Z", "9999-12-31T23:59:59Z")]
)
def test_moments_far_away_are_answered(client: FlaskClient, completed_at: str, as_of: str) -> None:
    found = ask(client, {"history": [{"course_id": "C0001", "completed_at": completed_at}], "as_of": as_of})
    assert len(found["recommendations"]) == 10
    assert "NaN" not in json.dumps(found)


def test_without_a_moment_it_is_now_or_the_models_if_that_lies_ahead(fitted_models: Path, model_as_of: int) -> None:
    for now, expected in ((model_as_of + DAY, model_as_of + DAY), (model_as_of - DAY, model_as_of)):
        assert ask(make_app(fitted_models, now).test_client())["as_of"] == moment_text(expected)


# Wrong requests


def test_every_wrong_field_is_named_at_once(client: FlaskClient) -> None:
    wrong = {
        "person": {
            "history": [{"course_id": "C0001", "completed_at": "soon"}, {"course_id": 7}],
            "skills": [{"skill_id": "python", "level": 6}],
            "as_of": 1.5,
            "a/b~c": True,
        },
        "k": 0,
        "goal_weight": "high",
        "mode": "fastest",
        "language": "en",
    }
    assert set(pointers(client.post(ASK, json=wrong))) == {
        "/goal_weight",
        "/k",
        "/language",
        "/mode",
        "/person/a~1b~0c",
        "/person/as_of",
        "/person/history/0/completed_at",
        "/person/history/1/completed_at",
        "/person/history/1/course_id",
        "/person/skills/0/level",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("k", 0),
        ("k", 101),
        ("k", "5"),
        ("k", 2.5),
        ("k", True),
        ("goal_weight", -0.1),
        ("goal_weight", 1.1),
        ("max_hours", -1),
        ("max_cost", "0"),
        ("exclude", ["a", 1]),
        ("surprise", 1),
    ],
)
def test_a_value_out_of_range_is_named(client: FlaskClient, field: str, value: Any) -> None:
    found = pointers(client.post(ASK, json={"person": {}, field: value}))
    assert len(found) == 1
    assert found[0].startswith(f"/{field}")


def test_k_may_be_1_and_100(client: FlaskClient) -> None:
    assert len(ask(client, k=1)["recommendations"]) == 1
    assert 1 < len(ask(client, k=100)["recommendations"]) <= 100


def test_a_person_must_be_given(client: FlaskClient) -> None:
    assert pointers(client.post(ASK, json={})) == ["/person"]


def test_many_wrong_fields_are_counted_and_the_first_listed(client: FlaskClient) -> None:
    found = problem(client.post(ASK, json={"person": {}, "exclude": [0] * 150}), 400)
    assert found["detail"] == "150 fields are not as expected; the first 100 are listed."
    assert len(found["errors"]) == 100


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"person": {}, "max_cost": NaN}', "NaN is not a number"),
        (b'{"person": {}, "max_cost": -Infinity}', "-Infinity is not a number"),
        (b'{"person": {}, "k": 3, "k": 4}', "given twice"),
        (b"[" * 50_000, "nested too deep"),
        (b'{"person": "\xff"}', "byte 12 is not UTF-8"),
        (b"{", "not usable as JSON"),
        (b"", "not usable as JSON"),
        (b"9" * 5_000, "not usable as JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_the_reason(client: FlaskClient, body: bytes, said: str) -> None:
    found = problem(client.post(ASK, data=body, content_type="application/json"), 400)
    assert [one["pointer"] for one in found["errors"]] == [""]
    assert said in found["errors"][0]["detail"]


def test_a_number_too_large_to_be_finite_is_refused(client: FlaskClient) -> None:
    body = b'{"person": {}, "max_cost": 1e999}'
    assert pointers(client.post(ASK, data=body, content_type="application/json")) == ["/max_cost"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["person", "history", "course_id", "completed_at", "k", "as_of", "only"]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_JSON)
def test_no_json_makes_the_service_fail(app: Flask, body: Any) -> None:
    answer = app.test_client().post(ASK, data=json.dumps(body), content_type="application/json")
    assert answer.status_code in {200, 400}


# Other errors


def test_every_other_error_is_a_problem_too(client: FlaskClient) -> None:
    problem(client.get("/no/such/place"), 404)
    assert problem(client.get(ASK), 405)["title"] == "Method Not Allowed"
    assert "POST" in client.get(ASK).headers["Allow"]
    problem(client.post(ASK, data="{}", content_type="text/plain"), 415)
    problem(client.post(ASK, data=b" " * 100_001, content_type="application/json"), 413)


def test_a_failure_is_a_problem_that_gives_nothing_away(fitted_models: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(fitted_models, 0)
    app.add_url_rule("/fails", view_func=lambda: str(1 // 0))
    answer = app.test_client().get("/fails")
    assert "division" not in json.dumps(problem(answer, 500))
    assert answer.headers["X-Request-ID"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("given_id", ["abc-123", "A.b_c:9", "x" * 64])
def test_a_plain_request_id_is_echoed(client: FlaskClient, given_id: str) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": given_id}).headers["X-Request-ID"] == given_id


@pytest.mark.parametrize("given_id", ["", "a b", "<script>", "x" * 65, "ä"])
def test_any_other_is_replaced(client: FlaskClient, given_id: str) -> None:
    found = client.get("/health/live", headers={"X-Request-ID": given_id}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", found)


# This machine only


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.8.9.1", "[::1]:8000"])
def test_loopback_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0:8000", "[::2]", "127.1"])
def test_other_names_are_refused(client: FlaskClient, host: str) -> None:
    assert problem(client.get("/health/live", headers={"Host": host}), 403)["type"] == "urn:lpr:problem:local-only"


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("::ffff:127.0.0.1", 200), ("192.0.2.1", 403)])
def test_other_machines_are_refused_whatever_they_call_us(client: FlaskClient, peer: str, status: int) -> None:
    assert client.get("/health/live", environ_base={"REMOTE_ADDR": peer}).status_code == status


def test_moments_are_read_as_iso_8601() -> None:
    assert parse_moment("1970-01-02") == DAY
    assert (parse_deadline("1970-01-02"), parse_deadline("1970-01-02T00:00")) == (2 * DAY, DAY)
    assert parse_moment("1970-01-01T01:00:00+01:00") == 0
    assert parse_moment("1969-12-31T23:59:59.5Z") == -1
    for wrong in ("", "tomorrow", "2026-13-01", 5, None):
        with pytest.raises(ValueError, match="expected an ISO 8601"):
            parse_moment(wrong)
