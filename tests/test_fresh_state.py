"""What one process wrote counts in the very next answer of every process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from running_service import RunningService, running
from stored_company import stored_company

READS = 20
"""Answers looked at after each write: on connections of their own, so that both processes give some."""
WHO = "/v1/employees/newcomer"


@pytest.fixture(scope="module", params=KINDS)
def service(
    request: pytest.FixtureRequest, sample_company: Path, fitted_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """Return the service with two processes, and the sample company in its database."""
    with (
        stored_company(request.param, sample_company, tmp_path_factory.mktemp("fresh")) as url,
        running(fitted_models, workers=2, LPR_DB=url) as service,
    ):
        done(service, "PUT", WHO, {"target_role_id": "data-engineer"})
        yield service


def done(service: RunningService, method: str, path: str, body: Any = None) -> dict[str, Any]:
    status, text = service.ask(method, path, body) if method != "DELETE" else (service.ask_text(method, path)[0], {})
    assert status in {200, 201, 204}, text
    return text


def next_answers(service: RunningService, path: str) -> Iterator[dict[str, Any]]:
    """Yield the next answers to a question, each asked only when the one before was looked at."""
    for _ in range(READS):
        status, answer = service.ask("GET", WHO + path)
        assert status == 200, answer
        yield answer


def recommended(answer: dict[str, Any]) -> list[str]:
    return [one["course_id"] for one in answer["recommendations"]]


def test_facts_count_in_the_next_answers_of_every_process_until_they_are_taken_back(service: RunningService) -> None:
    best = recommended(next(next_answers(service, "/recommendations")))
    completion = done(service, "POST", f"{WHO}/completions", {"course_id": best[0]})["fact_id"]
    assert not any(best[0] in recommended(one) for one in next_answers(service, "/recommendations"))
    dismissal = done(service, "POST", f"{WHO}/feedback", {"course_id": best[1], "verb": "not_interested"})["fact_id"]
    assert not any(best[1] in recommended(one) for one in next_answers(service, "/recommendations"))
    done(service, "DELETE", f"{WHO}/completions/{completion}")
    assert all(best[0] in recommended(one) for one in next_answers(service, "/recommendations"))
    done(service, "DELETE", f"{WHO}/feedback/{dismissal}")
    assert all(recommended(one) == best for one in next_answers(service, "/recommendations"))


def test_evidence_counts_in_the_next_answers_of_every_process(service: RunningService) -> None:
    before = next(next_answers(service, "/skill-gap"))
    missing = next(one["skill_id"] for one in before["skills"] if one["have"] < one["needed"])
    said = done(service, "POST", f"{WHO}/skill-evidence", {"skill_id": missing, "level": 5, "source": "manager"})
    assert all(one["coverage"] > before["coverage"] for one in next_answers(service, "/skill-gap"))
    done(service, "DELETE", f"{WHO}/skill-evidence/{said['fact_id']}")
    assert all(one["coverage"] == before["coverage"] for one in next_answers(service, "/skill-gap"))


def test_the_catalogue_counts_in_the_next_answers_of_every_process(service: RunningService) -> None:
    best = recommended(next(next_answers(service, "/recommendations")))
    course = service.ask("GET", f"/v1/courses/{best[0]}")[1]
    for published in (False, True):
        done(service, "PUT", f"/v1/courses/{best[0]}", course | {"published": published})
        assert all((best[0] in recommended(one)) is published for one in next_answers(service, "/recommendations"))
    skills = service.ask("GET", "/v1/roles/data-engineer")[1]["skills"]
    taught = [{"skill_id": one["skill_id"], "level": 5} for one in skills]
    done(service, "PUT", "/v1/courses/brand-new", {"title": "All of it", "hours": 3, "skills": taught})
    only = "/recommendations?only=brand-new"
    assert all(recommended(one) == ["brand-new"] for one in next_answers(service, only))
    done(service, "DELETE", "/v1/courses/brand-new")
    assert all(recommended(one) == [] for one in next_answers(service, only))


def test_both_processes_answered(service: RunningService) -> None:
    list(next_answers(service, "/recommendations"))
    environment = Path(f"/proc/{service.process.pid}/environ").read_bytes().decode().split("\0")
    folder = Path(dict(one.split("=", 1) for one in environment if one)["PROMETHEUS_MULTIPROC_DIR"])
    route = b"/v1/employees/<id:employee_id>/recommendations"
    counted = [path for path in folder.glob("histogram_*.db") if route in path.read_bytes()]
    assert len(counted) == 2
