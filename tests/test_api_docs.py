"""docs/api.md: every route is in it, and every example in it is what the service answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from recommender.modes import MODES
from recommender.reasons import CLOSE
from recommender.schema import EVIDENCE_SOURCES
from web.operation import operation_of

API_PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"


def examples() -> list[tuple[str, str, Any, Any]]:
    """Return (method, path, body or None, answer) of every example in the API page."""
    pattern = r"<!-- example: (\w+) (\S+) -->(?:\s*```json request\n(.*?)```)?.*?```json answer\n(.*?)```"
    found = re.findall(pattern, API_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [(method, path, json.loads(body) if body else None, json.loads(said)) for method, path, body, said in found]


def shape(value: Any) -> Any:
    """Return a JSON value with every leaf replaced by its type, and every list by its first element.

    A reason counts with what every reason has; its numbers depend on its code.
    """
    if isinstance(value, dict):
        kept = {"code", "text"} if "code" in value else set(value)
        return {name: shape(one) for name, one in value.items() if name in kept}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one[0]} {one[1]}")
def test_the_examples_in_the_documentation_are_what_is_answered(client: FlaskClient, example: Any) -> None:
    method, path, body, documented = example
    answer = client.open(path, method=method, json=body)
    assert shape(answer.get_json()) == shape(documented)


def test_the_modes_and_sources_in_the_documentation_are_those_there_are() -> None:
    page = API_PAGE.read_text(encoding="utf-8")
    said = re.search(r"\| `mode` \| (.*?):", page)
    assert said is not None
    assert re.findall(r"`(\w+)`", said[1]) == list(MODES)
    assert f"({', '.join(EVIDENCE_SOURCES)})" in page


def test_every_route_has_an_example_or_a_heading(app: Flask) -> None:
    page = API_PAGE.read_text(encoding="utf-8")
    missing = []
    for rule in app.url_map.iter_rules():
        written = re.sub(r"<(?:\w+:)?(.*?)>", r"{\1}", rule.rule)
        named = {
            word for words in re.findall(rf"`([A-Z, ]+) {re.escape(written)}`", page) for word in words.split(", ")
        }
        described = operation_of(app.view_functions[rule.endpoint]) if rule.endpoint != "static" else None
        if described is not None and not described.documented:
            continue
        lacking = (rule.methods or set()) - {"HEAD", "OPTIONS"} - named
        missing += [(method, written) for method in lacking if rule.endpoint != "static"]
    assert missing == []


def test_a_course_has_one_title_and_the_reasons_keep_to_their_bounds_across_the_page() -> None:
    """What was printed at different times, from different companies or weights, does not stand side by side."""
    titles: dict[str, set[str]] = {}
    for each in (one for *_, answer in examples() for one in objects_in(answer)):
        if "title" in each and "course_id" in each:
            titles.setdefault(each["course_id"], set()).add(each["title"])
        assert each.get("cosine", CLOSE) >= CLOSE
    assert titles
    assert {course: sorted(names) for course, names in titles.items() if len(names) > 1} == {}
    asked = [(body or {}, answer) for _, _, body, answer in examples()]
    of_modes = [answer for body, answer in asked if "mode" in answer and "goal_weight" not in body]
    assert of_modes
    assert all(answer["goal_weight"] == MODES[answer["mode"]].goal_weight for answer in of_modes)


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(one)
