"""`POST /v1/explanations` and `lpr explain`: the same explanation, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from service_asking import DAY, ask, pointers, problem

from recommender.moments import moment_text
from training.__main__ import main

WHY = "/v1/explanations"
ANALYST = {"role_id": "data-analyst", "target_role_id": "data-engineer"}


def explained(client: FlaskClient, course_id: str, person: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = client.post(WHY, json={"person": person, "course_id": course_id, **options})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_of_a_recommended_course_it_says_what_the_recommendation_says(client: FlaskClient) -> None:
    found = ask(client, ANALYST, k=5, goal_weight=0.6)
    for one in found["recommendations"]:
        why = explained(client, one["course_id"], ANALYST, k=5, goal_weight=0.6)
        same = ["rank", "course_id", "title", "score", "parts", "goal_gain", "lifts", "reasons"]
        assert {name: why[name] for name in same} == {name: one[name] for name in same}
        assert (why["in_top_k"], why["excluded_by"], why["tried"]) == (True, [], 0)
        assert not {"change", "against_kth"} & set(why)
        for name in ("mode", "goal_weight", "as_of", "target_role_id", "model_as_of", "trend_age_days"):
            assert why[name] == found[name]


def test_the_change_it_names_can_be_asked_for(client: FlaskClient) -> None:
    """The first course, kept away by its own hours less one, comes back with the limit that is named."""
    first = ask(client, ANALYST, k=1)["recommendations"][0]
    why = explained(client, first["course_id"], ANALYST, k=1, max_hours=first["hours"] - 1)
    assert [one["code"] for one in why["excluded_by"]] == ["max_hours"]
    change = why["change"]
    assert (change["kind"], change["limit"], change["to"]) == ("limit", "max_hours", first["hours"])
    assert change["text"].endswith(f"and it would be number {change['rank']}.")
    again = ask(client, ANALYST, k=1, max_hours=change["to"])["recommendations"][0]
    assert again["course_id"] == first["course_id"]


def test_what_was_left_out_is_said(client: FlaskClient) -> None:
    why = explained(client, "C0001", {"role_id": "astronaut"}, exclude=["nowhere"])
    assert [one["pointer"] for one in why["ignored"]] == ["/person/role_id", "/exclude/0"]


def test_what_cannot_be_explained_is_refused(client: FlaskClient, model_as_of: int) -> None:
    unknown = problem(client.post(WHY, json={"person": {}, "course_id": "nowhere"}), 404)
    assert unknown["detail"] == "The live model knows no course 'nowhere'."
    assert pointers(client.post(WHY, json={"person": {}, "k": 0})) == ["/k", "/course_id"]
    early = {"person": {"as_of": moment_text(model_as_of - 1)}, "course_id": "C0001"}
    assert pointers(client.post(WHY, json=early)) == ["/person/as_of"]


# The command line


def command(data: Path, models: Path, *more: str) -> list[str]:
    return ["explain", str(data), "--models", str(models), "--employee", "E00003", *more]


def test_the_command_says_what_recommend_says(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "who.txt").write_text("E00003\n")
    asked = ["--target-role", "product-manager", "--k", "4", "--goal-weight", "0.5"]
    recommend = ["recommend", str(sample_company), "--models", str(fitted_models), "--json", *asked]
    assert main([*recommend, "--employees", str(tmp_path / "who.txt")]) == 0
    answer = json.loads(capsys.readouterr().out)
    one = answer["recommendations"][2]
    course = ["--course", one["course_id"]]
    assert main(command(sample_company, fitted_models, *course, *asked, "--json")) == 0
    why = json.loads(capsys.readouterr().out)
    for name in ("rank", "score", "parts", "reasons"):
        assert why[name] == one[name]
    assert (why["employee_id"], why["as_of"], why["in_top_k"]) == ("E00003", answer["as_of"], True)
    assert main(command(sample_company, fitted_models, *course, *asked)) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{one['title']} ({one['course_id']}): recommended, number 3 of {why['of']}, mode")
    assert all(reason["text"] in shown for reason in one["reasons"])


def test_the_command_prints_what_keeps_a_course_away(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the 90 courses some are listed lower and some are kept away; the last line says what would help."""
    for course in ("C0001", "C0040", "C0080"):
        arguments = command(sample_company, fitted_models, "--course", course, "--k", "1")
        assert main([*arguments, "--json"]) == 0
        why = json.loads(capsys.readouterr().out)
        assert not why["in_top_k"]
        assert main(arguments) == 0
        shown = capsys.readouterr().out
        assert "not among the first 1" in shown
        assert all(one["text"] in shown for one in why["excluded_by"])
        last = why["change"]["text"] if "change" in why else f"No single change brings it in; {why['tried']} tried."
        assert shown.splitlines()[-1] == last


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--employee", "nobody", "--course", "C0001"], "employee 'nobody': there is no such employee"),
        (["--course", "nowhere"], "course 'nowhere': there is no such course"),
        (["--course", "C0001", "--target-role", "astronaut"], "target role 'astronaut': there is no such target role"),
        (["--course", "C0001", "--as-of", "2020-01-01"], "expected no earlier than"),
    ],
)
def test_the_command_names_what_it_does_not_know(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main(command(sample_company, fitted_models, *more)) == 2
    assert said in capsys.readouterr().err


def test_a_later_moment_is_looked_from(
    sample_company: Path, fitted_models: Path, model_as_of: int, capsys: pytest.CaptureFixture[str]
) -> None:
    moment = moment_text(model_as_of + 20 * DAY)
    assert main([*command(sample_company, fitted_models, "--course", "C0001"), "--as-of", moment, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == moment
