"""The pages as they are: every text on them goes through the translations, data apart, and the language is the reader's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import flask_babel
import pytest
from babel.support import NullTranslations
from browsing import eventually
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from page_addresses import EMPLOYEE, INSIGHT, filled
from service_asking import DAY
from specimen_pages import specimen_app
from stored_company import stored_client
from visiting import enter, enter_insight, post

from web.pages import languages

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_READ = ("aria-label", "alt", "title", "placeholder")
_FORMATTED = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"  # of a date
    r"|[\d.,]+ (?:hours?|weeks?)"
)


class Untranslated(HTMLParser):
    """Finds the texts of a page that stand outside of ⟦…⟧, those that are data apart.

    Data is what stands in `bdi`, `code`, in an option of either direction, or in another language (`lang`). The title of a
    page may be data too, if it stands in the page as such.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._within = 0
        self._titles: list[str] = []
        self._data: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.found += [text for name in _READ if _left(text := said.get(name) or "")]
        if tag in _VOID:
            return
        data = tag in {"bdi", "code", "style", "script"} or (tag == "option" and "dir" in said)
        foreign = tag != "html" and "lang" in said
        self._open.append((tag, data or foreign))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def close(self) -> None:
        super().close()
        self.found += [one for one in self._titles if _left(one) and one not in self._data]

    def handle_data(self, data: str) -> None:
        if any(is_data for _, is_data in self._open):
            self._data.add(data.strip())
            return
        if self._open and self._open[-1][0] == "title":
            self._titles.append(data.strip())
            return
        outside = ""
        for one in data:
            self._within += (one == "⟦") - (one == "⟧")
            outside += one if not self._within else " "
        if _left(outside):
            self.found.append(" ".join(outside.split()))


def _left(text: str) -> bool:
    """Tell whether a text has letters outside of ⟦…⟧ that no number or date explains."""
    text = re.sub(r"⟦[^⟧]*⟧", "", text).replace("⟧", "")
    return any(one.isalpha() for one in _FORMATTED.sub("", text))


def untranslated(page: str) -> list[str]:
    finder = Untranslated()
    finder.feed(page)
    finder.close()
    return finder.found


class _Pseudo(NullTranslations):
    def ugettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    gettext, ngettext = ugettext, ungettext


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every text that is translated stand in ⟦…⟧."""
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _self: _Pseudo())


def test_a_text_that_nobody_can_translate_is_found() -> None:
    page = """<html lang="en"><p>⟦Takes <bdi>Data</bdi> to 31%⟧ 3.5 hours, Mar 1, 2026</p><p>Loose</p><br>
    <button lang="de">Deutsch</button><svg aria-label="Bar"></svg>
    <select><option dir="auto">Role</option><option>Not</option></select><code>id</code>"""
    assert untranslated(page) == ["Loose", "Bar", "Not"]
    assert untranslated("<title>Mine</title><title>Data</title><bdi>Data</bdi>") == ["Mine"]


def test_the_shared_parts_of_the_pages_can_be_translated(pseudo: None) -> None:
    app = specimen_app()
    with app.test_request_context():
        page = render_template_string(
            '{% extends "base.html" %}{% from "_macros.html" import bar, legend, pagination %}'
            "{% block main %}{{ bar(1, 3, 4) }}{{ bar(1, 1, 4) }}{{ legend() }}{{ pagination(2, 3, address) }}"
            "{% endblock %}",
            address="/?page={}".format,
        )
    assert page.count("⟦") > 10
    assert untranslated(page) == []


@pytest.mark.parametrize(
    ("accepted", "language", "skip"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Zum Inhalt springen"),
        ("en-GB,de;q=0.5", "en", "Skip to content"),
        ("fr, de;q=0", "en", "Skip to content"),
        ("fr", "en", "Skip to content"),
        ("", "en", "Skip to content"),
    ],
)
def test_a_page_speaks_the_language_of_the_browser(accepted: str, language: str, skip: str) -> None:
    page = _page(specimen_app(), {"Accept-Language": accepted} if accepted else {})
    assert f'<html lang="{language}" dir="ltr">' in page
    assert skip in page


def test_a_language_written_from_right_to_left_turns_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "LANGUAGES", ("en", "ar"))
    assert '<html lang="ar" dir="rtl">' in _page(specimen_app(), {"Accept-Language": "ar"})


def _page(app: Flask, headers: dict[str, Any]) -> str:
    return app.test_client().get("/", headers=headers).text


@pytest.fixture(scope="module")
def demonstration(
    fitted_models: Path, sample_company: Path, model_as_of: int, tmp_path_factory: Any
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("translated")
    with stored_client("sqlite", sample_company, folder, models=fitted_models, now=model_as_of + DAY) as client:
        yield client.application


@pytest.fixture
def ids(demonstration: Flask) -> dict[str, str]:
    """Return the ids of somebody, of a role, of a department, and of a course they can take and one they have taken."""
    client = demonstration.test_client()
    me = next(
        one
        for one in client.get("/v1/employees?limit=200").get_json()["employees"]
        if len(client.get(f"/v1/employees/{one['employee_id']}/path").get_json()["steps"]) >= 3
    )
    of_me = f"/v1/employees/{me['employee_id']}"
    offered = client.get(f"{of_me}/recommendations?k=30").get_json()["recommendations"]
    taken = client.get(f"{of_me}/data").get_json()["tables"]["completions"][0]["course_id"]
    for verb in ("not_interested", "already_know", "too_easy", "too_hard", "later"):
        client.post(f"{of_me}/feedback", json={"course_id": offered.pop()["course_id"], "verb": verb})
    role = client.get(f"{of_me}/skill-gap").get_json()["adjacent_roles"][0]["role_id"]
    return {
        "employee": me["employee_id"],
        "role": role,
        "department": me["department"],
        "course": offered[-1]["course_id"],
        "taken": taken,
    }


def test_every_text_of_an_employees_pages_can_be_translated(
    demonstration: Flask, ids: dict[str, str], pseudo: None
) -> None:
    client = demonstration.test_client()
    enter(client, ids["employee"])
    assert _loose(client, filled(EMPLOYEE, **ids)) == {}


def test_every_text_of_the_overview_and_the_other_pages_can_be_translated(
    demonstration: Flask, ids: dict[str, str], pseudo: None
) -> None:
    client = demonstration.test_client()
    assert _loose(client, ["/", "/enter?ticket=no-such", "/me"]) == {}
    enter_insight(client)
    eventually(lambda: b"<table" in client.get("/insight").data)
    assert _loose(client, filled(INSIGHT, **ids)) == {}


def test_what_is_said_after_a_change_can_be_translated(demonstration: Flask, ids: dict[str, str], pseudo: None) -> None:
    client = demonstration.test_client()
    enter(client, ids["employee"])
    skill = client.get("/v1/skills?limit=1").get_json()["skills"][0]["skill_id"]
    for path, fields in (
        ("/me/target", {"role_id": ids["role"]}),
        ("/me/target", {"role_id": "no-such"}),
        ("/me/limits", {"hours_per_week": "4", "budget": "100"}),
        ("/me/limits", {"hours_per_week": "many"}),
        ("/me/feedback", {"course_id": ids["course"], "verb": "not_interested"}),
        ("/me/feedback", {"course_id": ids["course"], "verb": "later"}),
        ("/me/skills", {"skill_id": skill, "level": "3"}),
        ("/me/skills", {"skill_id": "no-such", "level": "3"}),
        ("/me/data/erase", {}),
    ):
        assert post(client, path, **fields).status_code == 303, path
        assert _loose(client, ["/me/said"]) == {}, (path, fields)


def _loose(client: FlaskClient, paths: list[str]) -> dict[str, list[str]]:
    """Return the texts of pages that cannot be translated, by page."""
    pages = {path: client.get(path) for path in paths}
    assert [path for path, one in pages.items() if one.status_code not in {200, 403, 404}] == []
    assert [path for path, one in pages.items() if "⟦" not in one.text] == []
    return {path: loose for path, one in pages.items() if (loose := untranslated(one.text))}
