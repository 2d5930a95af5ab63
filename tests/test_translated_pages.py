"""The pages as they are: every text on them goes through the translations, data apart, and the language is the reader's."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import flask_babel
import pytest
from babel.support import NullTranslations
from flask import Flask, render_template_string
from specimen_pages import specimen_app

from web.pages import languages

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_READ = ("aria-label", "alt", "title", "placeholder")
_FORMATTED = re.compile(
    r"[A-Z][a-z]{2} \d{1,2}, \d{4}"  # a date
    r"|[\d.,]+ (?:hours?|weeks?)"
)


class Untranslated(HTMLParser):
    """Finds the texts of a page that stand outside of ⟦…⟧, those that are data apart.

    Data is what stands in `bdi`, `code`, in an option of either direction, or in another language (`lang`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._within = 0

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

    def handle_data(self, data: str) -> None:
        if any(is_data for _, is_data in self._open):
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
