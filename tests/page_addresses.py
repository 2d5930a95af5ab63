"""Every page of the service, by who may see it, in the states that look different."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask

from web.operation import HTML, operation_of

EMPLOYEE = (
    "/me",
    "/me?k=20",
    "/me?role={role}&hours_per_week=2&by=2027-03-01&budget=300",
    "/me?hours_per_week=0.1&budget=0&by=2026-12-01",
    "/me?role=no-such&hours_per_week=many&by=soon&budget=-1&language=xx&format=xx",
    "/me/path",
    "/me/skills",
    "/me/roles",
    "/me/roles?q=data",
    "/me/roles?q=nothing-like-it",
    "/me/courses",
    "/me/courses?q=data",
    "/me/courses/{course}",
    "/me/courses/{taken}",
    "/me/said",
    "/me/data",
    "/me/no-such-page",
)
INSIGHT = (
    "/insight",
    "/insight?by=role",
    "/insight?department={department}",
    "/insight?department=no-such",
    "/insight/gaps",
    "/insight/catalogue",
    "/insight/model",
    "/insight/no-such-page",
)
ANYBODY = ("/", "/enter?ticket=no-such", "/me", "/insight")

ELSEWHERE = {"/me/data/export", "/openapi.json", "/docs"}
"""What is no page for people, though it stands among them, and the API reference, which is too long to look at as often."""


def filled(paths: tuple[str, ...], **ids: str) -> list[str]:
    """Return addresses with ids put in; each is encoded as addresses want it."""
    return [one.format(**{name: quote(text, safe="") for name, text in ids.items()}) for one in paths]


def forgotten(app: Flask) -> Iterator[str]:
    """Yield the rules of an application's pages that no address here leads to."""
    adapter = app.url_map.bind("localhost")
    listed = filled(EMPLOYEE + INSIGHT + ANYBODY, role="x", course="x", taken="x", department="x")
    reached = {adapter.match(path.partition("?")[0])[0] for path in listed if "no-such-page" not in path}
    for rule in app.url_map.iter_rules():
        described = operation_of(app.view_functions[rule.endpoint])
        is_page = described is not None and described.media == HTML and "GET" in (rule.methods or ())
        if is_page and rule.endpoint not in reached and rule.rule not in ELSEWHERE:
            yield rule.rule
