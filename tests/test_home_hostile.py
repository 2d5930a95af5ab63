"""Hostile titles, names and ids on the employee's page: nothing runs, breaks out of its place or is endless."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from flask.testing import FlaskClient
from home_company import Elements, home_client, page_of
from service_asking import DAY
from visiting import enter

from web.pages.home_courses import followable

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


@pytest.fixture(scope="module")
def client(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """Return a client of a service whose tables are full of hostile texts; not to be changed."""
    skills = [{"skill_id": f"{i}{HOSTILE}", "name": text} for i, text in enumerate((SCRIPT, TURNED, ENDLESS))]
    taught = [
        {"course_id": course["course_id"], "skill_id": skill["skill_id"], "level": 3}
        for course, skill in zip(courses(), skills, strict=True)
    ]
    needs = [{"role_id": ROLE, "skill_id": one["skill_id"], "level": 3, "importance": 1.0} for one in skills]
    person = {"employee_id": WHO, "name": SCRIPT, "role_id": ROLE, "department": SCRIPT, "location": TURNED}
    duty = {"assignment_id": HOSTILE, "course_id": courses()[1]["course_id"], "employee_id": WHO, "due_at": model_as_of}
    tables: dict[str, Any] = {
        "skills": skills,
        "courses": courses(),
        "course_skills": taught,
        "roles": [{"role_id": ROLE, "title": SCRIPT, "family": SCRIPT, "description": ENDLESS}],
        "role_skills": needs,
        "employees": [person],
        "assignments": [duty],
    }
    folder, now = tmp_path_factory.mktemp("hostile"), model_as_of + 10 * DAY
    with home_client(sample_company, folder, models=fitted_models, now=now, **tables) as asking:
        yield asking


ALONE = f"/me?{urlencode({'language': [one['language'] for one in courses()]}, doseq=True)}"
"""Where the hostile courses are the only ones."""
PAGES = ("/me", "/me?k=20", "/me/path", "/me?role=data-engineer", ALONE)


@pytest.mark.parametrize("path", PAGES)
def test_texts_stay_texts(client: FlaskClient, path: str) -> None:
    page = page_of(client, WHO, path)
    assert "&lt;script&gt;alert" in page, "the texts are there"
    found = Elements(page)
    assert found.open_tags == []
    scripts = [one["src"] for one in found.all("script")]
    assert all(one.startswith("/static/home.js") for one in scripts)
    assert found.all("img") == []
    for _, one in found.found:
        assert not any(name.startswith("on") or name == "style" for name in one)
    assert "49" not in {text.strip() for text in page.split(">")}, "no template within a text is rendered"


@pytest.mark.parametrize("path", PAGES)
def test_no_address_but_those_of_the_web_is_followed(client: FlaskClient, path: str) -> None:
    for one in Elements(page_of(client, WHO, path)).all("a"):
        assert one["href"].startswith(("/", "#")) or followable(one["href"]) == one["href"]
        assert not one["href"].startswith("//")


@pytest.mark.parametrize("path", PAGES)
def test_the_page_stays_small_and_no_text_is_endless(client: FlaskClient, path: str) -> None:
    page = page_of(client, WHO, path)
    assert len(page.encode()) < 100_000
    assert "W" * 301 not in page.replace(f"https://x.example/{ENDLESS}", "")


@pytest.mark.parametrize("path", PAGES)
def test_what_turns_the_direction_of_text_is_set_apart(client: FlaskClient, path: str) -> None:
    """Every text with a control of direction stands in an element that isolates it, or the control is gone."""
    page = page_of(client, WHO, path)
    at = page.find("\u202e")
    while at >= 0:
        before = page[:at]
        isolated = before.rfind("<bdi>") > before.rfind("</bdi>")
        within_tag = before.rfind("<") > before.rfind(">")
        option = before.rfind("<option") > before.rfind("</option>")
        title = before.rfind("<title") > before.rfind("</title>")
        assert isolated or within_tag or option or title, page[at - 100 : at + 50]
        at = page.find("\u202e", at + 1)


def test_links_to_a_course_with_a_hostile_id_name_that_course(client: FlaskClient) -> None:
    found = Elements(page_of(client, WHO, ALONE))
    wanted = {one["course_id"] for one in courses()}
    linked = {
        unquote(one["href"].removeprefix("/me/courses/")) for one in found.all("a") if "/me/courses/" in one["href"]
    }
    assert linked & wanted
    assert all(
        "/" not in one["href"].removeprefix("/me/courses/") for one in found.all("a") if "/me/courses/" in one["href"]
    )
    fields = {one["value"] for one in found.all("input") if one.get("name") == "course_id"}
    assert fields == wanted - {courses()[1]["course_id"]}, "the third is required, so no suggestion"


@pytest.mark.parametrize(
    "query",
    [
        f"role={'%3Cscript%3E' * 500}",
        "role=%00",
        "role=%ff%fe",
        "by=%3Cscript%3Ealert(1)%3C/script%3E",
        "hours_per_week=%22%3E%3Cscript%3E",
        "budget=1&budget=2",
        "k=%F0%9F%92%A9",
        "language=" + "&language=".join(map(str, range(2_000))),
        "nothing=known&__proto__=1",
        "by=9999-12-31&hours_per_week=168",
        "by=0000-00-00",
    ],
)
@pytest.mark.parametrize("path", ["/me", "/me/path"])
def test_no_query_breaks_the_page(client: FlaskClient, path: str, query: str) -> None:
    enter(client, "E00004")
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert Elements(answer.text).open_tags == []
    assert "W" * 301 not in answer.text
    assert len(answer.data) < 100_000
