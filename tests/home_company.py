"""A stored company with people whose pages differ: somebody new, somebody without a role, somebody who has it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from service_asking import make_app
from stored_company import stored_company
from visiting import enter

from store import rows
from store.database import Database
from web.database import opened_database
from web.decision_log import decision_log_of

ROLE = "data-engineer"
NEWCOMER, NOBODY, COVERED, ROLELESS, BUSY = "newcomer", "nobody", "covered", "of-an-empty-role", "busy"
EMPTY_ROLE = "unwritten"
PEOPLE: tuple[dict[str, Any], ...] = (
    {"employee_id": NEWCOMER, "role_id": "data-analyst", "target_role_id": ROLE, "target_since": 1},
    {"employee_id": NOBODY},
    {"employee_id": COVERED, "role_id": ROLE},
    {"employee_id": ROLELESS, "role_id": EMPTY_ROLE},
    {
        "employee_id": BUSY,
        "role_id": "data-analyst",
        "target_role_id": ROLE,
        "target_since": 1,
        "hours_per_week": 3.0,
        "budget": 400.0,
    },
)


@contextmanager
def home_client(directory: Path, folder: Path, *, models: Path, now: int, **tables: Any) -> Iterator[FlaskClient]:
    """Give a client of the service with the company and these people in its database, and further rows of tables."""
    with stored_company("sqlite", directory, folder) as url:
        database = Database(url)
        with database.write("default", catalogue=True) as connection:
            needed = [one for one in rows.everything(connection, "default", "role_skills") if one["role_id"] == ROLE]
            claims = [
                {
                    "employee_id": COVERED,
                    "skill_id": one["skill_id"],
                    "level": 5,
                    "source": "manager",
                    "observed_at": now,
                }
                for one in needed
            ]
            found = {
                "employees": PEOPLE,
                "skill_evidence": [one | {"observed_at": now - 86_400} for one in claims],
                "roles": [{"role_id": EMPTY_ROLE, "title": "Not written down"}],
                **tables,
            }
            for name, some in found.items():
                rows.put(connection, "default", name, list(some))
        database.close()
        app = make_app(models, now, database=url)
        yield app.test_client()
        decision_log_of(app).close()
        opened = opened_database(app)
        assert opened is not None
        opened.close()


def page_of(client: FlaskClient, employee_id: str, path: str = "/me") -> str:
    """Return a page as somebody sees it."""
    enter(client, employee_id)
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def words_of(page: str, part: str = "main") -> str:
    """Return what an element of a page says, by its id, on one line."""
    found = re.search(rf'<(\w+)[^>]* id="{part}".*?</\1>', page, re.DOTALL)
    assert found is not None, f"there is no {part}"
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


class Elements(HTMLParser):
    """The elements of a page, in order: tag and attributes; `open_tags` are those that were never closed."""

    VOID = frozenset({"meta", "link", "input", "br", "rect", "line", "path"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open_tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags, f"</{tag}> closes nothing"
        opened = self.open_tags.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]
