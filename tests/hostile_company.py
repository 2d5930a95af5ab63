"""A company whose titles, names and ids are hostile: markup, scripts, templates, marks of direction, no end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from home_company import home_client
from service_asking import DAY

SCRIPT = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}{% raw %}"
TURNED = "\u202eDROWSSAP\u2066 gnihton \u200f\u0007"
ENDLESS = "W" * 10_000
NEEDED = ("python", "sql", "data-engineering")
HOSTILE = "<script>alert('id')</script>&\"'/?#%2F\u202e"
ROLE = f"role{HOSTILE}"
WHO = f"who{HOSTILE}"


def courses() -> list[dict[str, Any]]:
    """Return courses that everybody would be told to take, with a hostile text in every place."""
    texts = {"script": SCRIPT, "turned": TURNED, "endless": ENDLESS}
    urls = {
        "script": "javascript:alert(1)",
        "turned": "https://learn.example/turned",
        "endless": f"https://x.example/{ENDLESS}",
    }
    return [
        {
            "course_id": f"{name}{HOSTILE}",
            "title": text,
            "provider": text,
            "format": text[:200],
            "language": text[:100],
            "url": urls[name],
            "hours": 1.0,
            "cost": 0.0,
            "published": True,
        }
        for name, text in texts.items()
    ]


ALONE = f"/me?{urlencode({'language': [one['language'] for one in courses()]}, doseq=True)}"
"""Where the hostile courses are the only ones."""


@contextmanager
def hostile_client(directory: Path, folder: Path, *, models: Path, now: int) -> Iterator[FlaskClient]:
    """Give a client of a service whose tables are full of hostile texts; not to be changed."""
    skills = [{"skill_id": f"{i}{HOSTILE}", "name": text} for i, text in enumerate((SCRIPT, TURNED, ENDLESS))]
    taught = [
        {"course_id": course["course_id"], "skill_id": skill["skill_id"], "level": 3}
        for course, skill in zip(courses(), skills, strict=True)
    ]
    needs = [{"role_id": ROLE, "skill_id": one["skill_id"], "level": 3, "importance": 1.0} for one in skills]
    person = {"employee_id": WHO, "name": SCRIPT, "role_id": ROLE, "department": SCRIPT, "location": TURNED}
    duty = {
        "assignment_id": HOSTILE,
        "course_id": courses()[1]["course_id"],
        "employee_id": WHO,
        "due_at": now - 10 * DAY,
    }
    tables: dict[str, Any] = {
        "skills": skills,
        "courses": courses(),
        "course_skills": taught,
        "roles": [{"role_id": ROLE, "title": SCRIPT, "family": SCRIPT, "description": ENDLESS}],
        "role_skills": needs,
        "employees": [person],
        "assignments": [duty],
    }
    with home_client(directory, folder, models=models, now=now, **tables) as asking:
        yield asking
