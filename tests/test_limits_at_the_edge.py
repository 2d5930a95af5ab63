"""Numbers that are allowed by their type and absurd by their size: answered or refused, never a failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from planted_worlds import Fitted
from service_asking import pointers

from recommender.errors import QueryError
from recommender.path_parts import PathLimits
from training.__main__ import main

MOVER: dict[str, Any] = {"role_id": "data-analyst", "target_role_id": "data-engineer"}
TOO_FEW = (5e-324, 1e-300, 0.0099)
"""Hours a week that are above 0 and not worth a plan."""


@pytest.mark.parametrize("hours", TOO_FEW)
def test_hours_a_week_above_0_and_below_a_hundredth_are_refused(client: FlaskClient, hours: float) -> None:
    answer = client.post("/v1/paths", json={"person": {**MOVER, "hours_per_week": hours}, "hours_per_week": hours})
    assert pointers(answer) == ["/person/hours_per_week", "/hours_per_week"]
    assert pointers(client.post("/v1/recommendations", json={"person": {"hours_per_week": hours}})) == [
        "/person/hours_per_week"
    ]


@pytest.mark.parametrize("hours", [0, 0.01])
def test_no_hours_a_week_and_the_fewest_are_answered(client: FlaskClient, hours: float) -> None:
    answer = client.post("/v1/paths", json={"person": MOVER, "hours_per_week": hours})
    assert answer.status_code == 200
    steps = answer.get_json()["steps"]
    assert steps
    assert all(("from_week" in step) == (hours > 0) for step in steps)


@pytest.mark.parametrize("hours", TOO_FEW)
def test_the_engine_refuses_too_few_hours_a_week_asked_for(company_model: Fitted, hours: float) -> None:
    with pytest.raises(QueryError, match=r"hours_per_week: found .*; expected 0 or a finite number of at least 0\.01"):
        company_model.recommender.path(company_model.ask(target=3), PathLimits(hours_per_week=hours))


@pytest.mark.parametrize("hours", TOO_FEW)
def test_a_person_whose_tables_say_too_few_hours_a_week_has_none(company_model: Fitted, hours: float) -> None:
    query, engine = company_model.ask(target=3), company_model.recommender
    found, none = (engine.path(replace(query, hours_per_week=each)) for each in (hours, 0.0))
    assert found.limits.hours_per_week == 0
    assert [step.course_idx for step in found.steps] == [step.course_idx for step in none.steps]
    assert found.steps
    assert all(step.weeks is None for step in found.steps)


@pytest.mark.parametrize("hours", ["5e-324", "0.001", "nan", "inf"])
def test_the_command_line_refuses_them_too(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str], hours: str
) -> None:
    asked = ["path", str(sample_company), "--models", str(fitted_models), "--employee", "E00007"]
    assert main([*asked, "--hours-per-week", hours]) == 2
    said = capsys.readouterr().err
    assert "--hours-per-week" in said
    assert "Traceback" not in said


HUGE = (1e39, 1e308, 1.7976931348623157e308)
"""Beyond what single precision holds, and the largest numbers there are."""


@pytest.mark.parametrize("huge", HUGE)
def test_limits_of_any_size_limit_as_little_as_none(client: FlaskClient, huge: float) -> None:
    """Nothing overflows: pytest turns every warning into an error, which would be answered with 500."""
    free = client.post("/v1/paths", json={"person": MOVER}).get_json()
    found = client.post("/v1/paths", json={"person": MOVER, "hours": huge, "budget": huge}).get_json()
    assert [step["course_id"] for step in found["steps"]] == [step["course_id"] for step in free["steps"]]
    body = {"person": MOVER, "course_id": "C0072", "k": 3}
    plain = client.post("/v1/explanations", json=body).get_json()
    limited = client.post("/v1/explanations", json={**body, "max_hours": huge, "max_cost": huge})
    assert limited.status_code == 200
    assert limited.get_json()["rank"] == plain["rank"]
