"""Somebody at their pages who chooses and says things, and what the API answers about them meanwhile."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from visiting import enter, post
from werkzeug.test import TestResponse

from store import rows
from store.database import Database
from web.database import opened_database

_MESSAGE = re.compile(r'<(?:p|div) class="note (\w+)" role="\w+">(.*?)</(?:p|bdi)>', re.DOTALL)
_UNDO = re.compile(r'<form method="post" action="([^"]+)">(.*?)<button>Undo</button>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def plain(text: str) -> str:
    """Return what a piece of a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


@dataclass(frozen=True)
class Chooser:
    """An employee whose pages a client has open."""

    client: FlaskClient
    employee_id: str

    @property
    def database(self) -> Database:
        opened = opened_database(self.client.application)
        assert opened is not None
        return opened.get()

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, plain(answer.text)[:500])
        assert answer.mimetype == "text/html"
        return answer.text

    def says(self, path: str) -> str:
        """Return the words of a page."""
        return plain(self.page(path).split("<main", 1)[1])

    def post(self, path: str, **fields: Any) -> TestResponse:
        return post(self.client, path, **fields)

    def told(self, path: str, back: str = "/me/said", **fields: Any) -> tuple[str, str, str]:
        """Send a form; return the kind of message the next page has, its words, and the page."""
        answer = self.post(path, back=back, **fields)
        assert answer.status_code == 303, plain(answer.text)[:500]
        assert answer.headers["Location"] == back
        page = self.page(back)
        found = _MESSAGE.search(page)
        assert found is not None, "nothing was said"
        return found[1], plain(found[2]), page

    def undo(self, page: str) -> tuple[str, str, str]:
        """Press the button of a message that takes back what was done."""
        found = _UNDO.search(page)
        assert found is not None, "nothing to be taken back"
        fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(found[2]) if name != "csrf_token"}
        return self.told(html.unescape(found[1]), **fields)

    def api(self, what: str, **query: Any) -> dict[str, Any]:
        answer = self.client.get(f"/v1/employees/{quote(self.employee_id, safe='')}/{what}", query_string=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def recommended(self, k: int = 20) -> list[str]:
        return [one["course_id"] for one in self.api("recommendations", k=k)["recommendations"]]

    def levels(self) -> dict[str, int]:
        return {one["skill_id"]: one["have"] for one in self.api("skill-gap")["skills"]}

    def stored(self) -> dict[str, Any]:
        """Return the row of the employee."""
        with self.database.read() as connection:
            found = rows.one(connection, "default", "employees", self.employee_id)
        assert found is not None
        return found

    def facts(self, table: str) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return rows.having(connection, "default", table, employee_id=self.employee_id)


def chooser(client: FlaskClient, employee_id: str, **known: Any) -> Chooser:
    """Store an employee, let them in, and return them."""
    put = client.put(f"/v1/employees/{quote(employee_id, safe='')}", json=known)
    assert put.status_code in {200, 201}, put.text
    own = client.application.test_client()
    enter(own, employee_id)
    return Chooser(own, employee_id)
