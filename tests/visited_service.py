"""A running service with the sample company in its database, and a browser let in as somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Page
from running_service import RunningService, running

from training.__main__ import main as lpr


@dataclass(frozen=True)
class Plan:
    """What somebody does on a visit: aim at a role, and correct a skill it needs to the level needed."""

    employee_id: str
    role_id: str
    role_title: str
    skill_id: str
    skill_name: str
    needed: int


@dataclass(eq=False)
class Visited:
    """A service whose pages are visited, and whom it knows."""

    service: RunningService

    @property
    def address(self) -> str:
        """Its address, without a path."""
        return f"http://{self.service.host}:{self.service.port}"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask the API, and return the answer, which must be a good one."""
        status, body = self.service.ask("GET", f"/v1/{path}?{urlencode(query)}")
        assert status == 200, body
        return body

    def of(self, employee_id: str, what: str, **query: Any) -> dict[str, Any]:
        """Ask the API something about somebody stored."""
        return self.get(f"employees/{quote(employee_id, safe='')}/{what}", **query)

    @cached_property
    def learner(self) -> str:
        """Somebody with a way to go: at least three courses of a path, and one of them at least offered next."""
        for one in self.people:
            path = self.of(one, "path", hours_per_week=6)
            if len(path["steps"]) >= 3 and path["coverage_before"] < 0.8:
                return one
        raise AssertionError("nobody of the sample company has three courses to go")

    @cached_property
    def ids(self) -> dict[str, str]:
        """Ids to put into addresses: a role, a department, a course nobody need take and one the learner has taken."""
        me = self.get(f"employees/{quote(self.learner, safe='')}")
        history = self.of(self.learner, "data")["tables"]["completions"]
        offered = self.of(self.learner, "recommendations", k=30)["recommendations"]
        near = self.of(self.learner, "skill-gap")["adjacent_roles"]
        return {
            "role": near[0]["role_id"],
            "department": me["department"],
            "course": offered[-1]["course_id"],
            "taken": history[0]["course_id"],
        }

    @cached_property
    def newcomers(self) -> list[str]:
        """People of whom nothing is known but a role, and not even that."""
        role = self.ids["role"]
        for employee_id, known in (("new-1", {"role_id": role, "name": "Nia New"}), ("new-2", {})):
            status, answer = self.service.ask("PUT", f"/v1/employees/{employee_id}", known)
            assert status in {200, 201}, answer
        return ["new-1", "new-2"]

    def say_something(self) -> None:
        """Have the learner say what they think of two courses, and what they can."""
        for course, verb in ((self.ids["course"], "not_interested"), (self.ids["taken"], "too_easy")):
            body = {"course_id": course, "verb": verb}
            status, answer = self.service.ask("POST", f"/v1/employees/{quote(self.learner, safe='')}/feedback", body)
            assert status in {200, 201}, answer

    def plan(self) -> Plan:
        """Return a plan for somebody who had none yet: a path that hours shorten, and a skill that is theirs to judge."""
        return next(self._plans)

    @cached_property
    def _plans(self) -> Iterator[Plan]:
        return (
            Plan(one, role["role_id"], role["title"], skill["skill_id"], skill["name"], skill["needed"])
            for one in self.people
            for role in self.of(one, "skill-gap")["adjacent_roles"][:1]
            if self._weeks(one, role["role_id"], 2.5) > self._weeks(one, role["role_id"], 12) > 0
            for skill in self._own_to_judge(one, role["role_id"])[:1]
        )

    def _weeks(self, employee_id: str, role_id: str, hours: float) -> int:
        steps = self.of(employee_id, "path", target_role=role_id, hours_per_week=hours)["steps"]
        return int(steps[-1]["to_week"]) if len(steps) >= 2 else 0

    def _own_to_judge(self, employee_id: str, role_id: str) -> list[dict[str, Any]]:
        skills = self.of(employee_id, "skill-gap", target_role=role_id)["skills"]
        return [one for one in skills if one["have"] < one["needed"] and one.get("source", "assumed") == "assumed"]

    @cached_property
    def people(self) -> list[str]:
        """Everybody stored, at first."""
        return [str(one["employee_id"]) for one in self.get("employees", limit=200)["employees"]]

    def link(self, path: str, **body: Any) -> str:
        """Have a link issued by the API, and return its address."""
        status, answer = self.service.ask("POST", f"/v1/{path}", body)
        assert status == 201, answer
        return str(answer["url"])

    def enter(self, page: Page, employee_id: str, **body: Any) -> None:
        """Let a browser in as somebody, as a platform's link does."""
        page.goto(self.link(f"employees/{quote(employee_id, safe='')}/links", **body))

    def enter_insight(self, page: Page, **body: Any) -> None:
        """Let a browser in at the manager's overview."""
        page.goto(self.link("insight/links", **body))


@contextmanager
def visited_service(models: Path, data: Path, folder: Path, **environment: str) -> Iterator[Visited]:
    """Load a data directory into a database of its own and serve it as a demonstration, until the end of the block."""
    url = f"sqlite:///{folder / 'lpr.db'}"
    assert lpr(["load", str(data), "--db", url]) == 0
    with running(models, workers=1, LPR_DB=url, LPR_RATE_PER_MINUTE="1000000", **environment) as service:
        yield Visited(service)
