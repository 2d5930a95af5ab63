"""Requests that no well-meaning client sends: for every route of an application, in great number, always the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask

from web.operation import HTML, operation_of

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{'k': 1}",
    "cut off": b'{"person": {"history": [',
    "null": b"null",
    "a number": b"5",
    "a text": b'"person"',
    "nested arrays": b"[" * 50_000 + b"]" * 50_000,
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "NaN": b'{"person": {}, "k": NaN}',
    "infinity": b'{"person": {"budget": Infinity}}',
    "beyond a float": b'{"person": {"budget": 1e999}}',
    "a long number": b'{"person": {"budget": ' + b"9" * 5_000 + b"}}",
    "a field twice": b'{"person": {}, "person": {}}',
    "half a pair": b'{"person": {"department": "\\ud800"}}',
    "not UTF-8": b'{"person": {"department": "\xff\xfe"}}',
    "UTF-16": '{"person": {}}'.encode("utf-16"),
    "an unknown field": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "wrong types": b'{"person": [1, 2], "k": "ten", "course_id": {"$ne": null}}',
    "numbers as ids": b'{"course_id": 5, "title": 7, "employee_id": 1.5, "role_id": true}',
    "control characters": b'{"course_id": "a\\u0000b", "title": "\\u0007"}',
    "too large": b'{"person": {"department": "' + b"x" * (1 << 20) + b'"}}',
}
"""Bodies that no route takes."""

IDS = (
    "..",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "'%20OR%20'1'%3D'1",
    "%27%3B%20DROP%20TABLE%20employees%3B--",
    "%24%7Bjndi%3Aldap%3A%2F%2Fx%7D",
    "%7B%7B7*7%7D%7D",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "x" * 3_000,
    "%F0%9F%92%A9" * 100,
    "%E2%80%AE",
    "-1",
    "current",
    ".tmp-1",
)
"""Ids, as they stand in a path, of which there is nothing, and which may be no ids at all."""

QUERIES = (
    "k=NaN",
    "k=-1",
    "k=1e9",
    "k=10&k=11",
    "limit=-1",
    "limit=99999999999999999999",
    "limit=ten",
    "unknown=1",
    "%ff=1",
    "k=%ff",
    "as_of=2026-13-45",
    "__proto__=1",
    "limit=1%27%3B--",
    "a" * 2_000 + "=1",
)
"""Query strings that no route takes."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request, what is wrong with it, and which route it is for."""

    why: str
    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def hostile_requests(app: Flask) -> Iterator[Hostile]:
    """Yield the requests for every described route of an application."""
    for rule in app.url_map.iter_rules():
        described = operation_of(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if described is None or described.media == HTML:
                continue  # a page takes any form, and says in it what is wrong
            plain = re.sub(r"<[^>]+>", "nobody", rule.rule)
            headers = {"X-Experience-API-Version": "1.0.3"} if rule.rule.startswith("/xapi") else {}
            if described.body is not None:
                typed = {**headers, "Content-Type": described.body_media}
                for why, body in BODIES.items():
                    yield Hostile(f"body: {why}", method, plain, body, typed)
                yield Hostile("body: of another type", method, plain, b"<a/>", {**headers, "Content-Type": "text/xml"})
            if "<" in rule.rule:
                valid = {**headers, "Content-Type": "application/json"}
                for one in IDS:
                    yield Hostile(f"id: {one[:40]}", method, re.sub(r"<[^>]+>", one, rule.rule), b"{", valid)
            if described.query is not None or described.body is not None:
                cut_off = None if described.body is None else b"{"
                for query in QUERIES:
                    yield Hostile(f"query: {query[:40]}", method, f"{plain}?{query}", cut_off, headers)
