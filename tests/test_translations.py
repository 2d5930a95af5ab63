"""The texts of the pages: every one of them can be translated, and is, in every language offered."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from web.pages.languages import LANGUAGES

WEB = Path(__file__).resolve().parent.parent / "web"
SOURCE, *TRANSLATED = LANGUAGES
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}

Text = str | tuple[str, ...]


def folder(language: str) -> Path:
    return WEB / "translations" / language / "LC_MESSAGES"


def catalogue(language: str) -> Catalog:
    with (folder(language) / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> set[Text]:
    found = extract_from_dir(WEB, METHODS, OPTIONS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def texts(messages: Catalog) -> Iterator[Message]:
    return (one for one in messages if one.id)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%(?:\(\w+\))?[sd%]", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    held = {one.id for one in texts(catalogue(language))}
    assert extracted() - held == set(), "run `make translations` and translate what it adds"
    assert held - extracted() == set(), "run `make translations`"
    assert len(held) > 10


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_missing_or_doubtful(language: str) -> None:
    messages = catalogue(language)
    wrong = [one.id for one in texts(messages) if one.fuzzy or not all(_strings(one))]
    assert wrong == []
    assert messages.obsolete == {}
    assert all(len(_strings(one)) == messages.num_plurals for one in texts(messages) if one.pluralizable)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_their_texts(language: str) -> None:
    wrong = []
    for one in texts(catalogue(language)):
        plural = one.id if isinstance(one.id, str) else one.id[-1]
        wrong += [(one.id, text) for text in _strings(one) if placeholders(text) != placeholders(plural)]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_read_at_run_time_is_what_was_translated(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    assert (folder(language) / "messages.mo").read_bytes() == compiled.getvalue(), "run `make translations`"


def _strings(one: Message) -> list[str]:
    return [one.string] if isinstance(one.string, str) else list(one.string or ())
