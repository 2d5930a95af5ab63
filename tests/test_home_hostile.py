"""Hostile titles, names and ids on the employee's page: nothing runs, breaks out of its place or is endless."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from home_company import Elements, page_of
from hostile_company import ALONE, ENDLESS, WHO, courses, hostile_client
from service_asking import DAY
from visiting import enter

from web.pages.home_courses import followable


@pytest.fixture(scope="module")
def client(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """Return a client of a service whose tables are full of hostile texts; not to be changed."""
    folder, now = tmp_path_factory.mktemp("hostile"), model_as_of + 10 * DAY
    with hostile_client(sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


PAGES = ("/me", "/me?k=10", "/me/path", "/me?role=data-engineer", ALONE)


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
