"""What happens around every request: an id, who may ask, and headers that keep browsers safe."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address

from flask import Flask, Response, request

from store.decisions import new_id
from web.config import ServiceConfig, settings_of
from web.current import current_request, notes
from web.pages.places import is_page
from web.problems import LOCAL_ONLY, Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", _CONTENT_POLICY),
    ("Referrer-Policy", "no-referrer"),
)
"""Headers of every answer that nothing else sets: added, not looked for first."""
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_NOT_NEEDED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
_PERMISSIONS = ", ".join(f"{one}=()" for one in _NOT_NEEDED)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address, without a port, can only be this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def asked_from_here() -> bool:
    """Tell whether the current request comes from this machine, and not through a proxy on it that says so."""
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"))
    return is_loopback(request.remote_addr or "") and not passed_on


def trace_id_of(traceparent: str) -> str:
    """Return the trace id of a `traceparent` header (W3C Trace Context, version 00), "" if it is not valid.

    Ids that are all zeros are not valid.
    """
    found = _TRACEPARENT.fullmatch(traceparent)
    return found[1] if found and int(found[1], 16) and int(found[2], 16) else ""


def guard(app: Flask) -> None:
    """Give each request an id, in a demonstration refuse those from or for other machines, and set every answer's headers.

    A demonstration asks for no keys, so it is for this machine alone. A page elsewhere could make a browser here ask on
    its behalf under a name that resolves to this machine; it cannot make the browser send a loopback Host.
    """
    config = settings_of(app)

    @app.before_request
    def _identify() -> None:
        environ, noted = current_request().environ, notes()
        if (traceparent := environ.get("HTTP_TRACEPARENT")) is not None:
            noted["traceparent"], noted["trace_id"] = traceparent, trace_id_of(traceparent)
        given = environ.get("HTTP_X_REQUEST_ID")
        noted["request_id"] = given if given is not None and _REQUEST_ID.fullmatch(given) else new_id()

    if config.demo:
        app.before_request(_local_only)

    @app.after_request
    def _headers(answer: Response) -> Response:
        headers, noted = answer.headers, notes()
        headers.add("X-Request-ID", noted.get("request_id", ""))
        if noted.get("trace_id"):
            headers.add("traceparent", noted["traceparent"])
        for name, value in _ALWAYS:
            headers.add(name, value)
        if is_page():
            headers["Content-Security-Policy"] = _PAGE_POLICY + _framed_by(config)
            headers["Permissions-Policy"] = _PERMISSIONS
        if not headers.getlist("Cache-Control"):  # `in` makes an exception of what is not there
            headers.add("Cache-Control", "no-store")
        return answer


def _local_only() -> None:
    """Refuse who asks a demonstration from or for another machine."""
    host = re.sub(r":\d+$", "", request.host)
    if not (is_loopback(host) and is_loopback(request.remote_addr or "")):
        raise Problem(
            403,
            "This is a demonstration without keys, for this machine only: ask it by localhost, 127.0.0.1 or [::1].",
            kind=LOCAL_ONLY,
        )


def _framed_by(config: ServiceConfig) -> str:
    """Return the origins whose pages may show ours in a frame, as a content policy says it."""
    return " ".join(config.frame_ancestors) or ("'self'" if config.demo else "'none'")
