"""Who asks: the key or token of a request, the tenant it belongs to, and what it may do.

A request without a key is answered in a demonstration only, on this machine, as the one tenant's administrator.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask, request

from store.keys import Verified, looks_like_one
from store.scopes import SCOPES, includes
from web.config import settings, settings_of
from web.current import current_request, notes, this_app
from web.operation import operation_of
from web.problems import Problem
from web.verified import FailedAttempts, LookUp, VerifiedKeys

UNAUTHENTICATED = "urn:lpr:problem:unauthenticated"
INSUFFICIENT_SCOPE = "urn:lpr:problem:insufficient-scope"
TOO_MANY_REQUESTS = "urn:lpr:problem:too-many-requests"

FAILED_PER_MINUTE = 60
"""Wrong keys an address may try in a minute, over all processes."""
DEMO_KEY = "demo"
"""The key id of who asks without a key in a demonstration."""

_EXTENSION = "lpr_gate"


class Caller(NamedTuple):
    """Who asks: whose tenant, what they may do, with which key, and how often a minute, None for the service's limit."""

    tenant: str
    scopes: frozenset[str]
    key_id: str
    rate_per_minute: int | None = None


class Gate:
    """What an application knows of keys, and of who tried wrong ones.

    Links are counted apart: people who open an old one again must not shut out a platform's key.
    """

    def __init__(self, keys: VerifiedKeys, attempts: FailedAttempts, links: FailedAttempts) -> None:
        self.keys = keys
        self.attempts = attempts
        self.links = links


def ask_for_keys(app: Flask, look_up: LookUp) -> None:
    """Find out who asks before each request to a route that is not for everybody; 401 if nobody can tell."""
    config = settings_of(app)
    limit = max(1, FAILED_PER_MINUTE // config.workers)
    app.extensions[_EXTENSION] = Gate(
        VerifiedKeys(look_up, clock=config.clock),
        FailedAttempts(limit, clock=config.clock),
        FailedAttempts(limit, clock=config.clock),
    )

    @app.before_request
    def _identify() -> None:
        if scope_asked() is not None:
            caller()


def check_scopes(app: Flask) -> None:
    """Refuse with 403, before each request, who may not do what its route does."""

    @app.before_request
    def _check() -> None:
        scope = scope_asked()
        if scope is not None:
            require_scope(scope)


def scope_asked() -> str | None:
    """Return the scope the current request needs; None for a route for everybody, or where there is no route.

    A view that does not say what it is, is an administrator's.
    """
    endpoint = current_request().endpoint
    if endpoint is None or endpoint == "static":
        return None
    described = operation_of(this_app().view_functions[endpoint])
    return "admin" if described is None else described.scope


def caller() -> Caller:
    """Return who asks.

    Raises
    ------
    Problem
        401 without a key or with a wrong one; 429 after many wrong ones from the same address.
    StoreUnavailable
        If the database, which alone knows the key, does not answer.
    """
    noted = notes()
    found: Caller | None = noted.get("caller")
    if found is None:
        found = noted["caller"] = _caller()
    return found


def current_tenant() -> str:
    """Return the tenant of who asks."""
    return caller().tenant


def require_scope(scope: str) -> None:
    """Refuse who asks with 403 unless they have a scope."""
    if not includes(caller().scopes, scope):
        raise Problem(
            403,
            f"This needs a key with the scope {scope}.",
            kind=INSUFFICIENT_SCOPE,
            headers=[("WWW-Authenticate", f'Bearer realm="lpr", error="insufficient_scope", scope="{scope}"')],
        )


def asked_by() -> tuple[str, str]:
    """Return the tenant and the key id of who asks, "" while unknown; for logs, so it never refuses."""
    found: Caller | None = notes().get("caller")
    return (found.tenant, found.key_id) if found else ("", "")


def verified(text: str) -> Verified | None:
    """Return what a key or token allows, None if it is none; otherwise as `caller`. Wrong ones are counted."""
    gate: Gate = this_app().extensions[_EXTENSION]
    address = current_request().remote_addr or ""
    # Good keys go on from an address that many share, whoever else tries wrong ones from there.
    if (seconds := gate.attempts.wait(address)) and not gate.keys.remembers(text):
        detail = f"Too many wrong keys from this address. Ask again in {seconds} s."
        raise Problem(429, detail, kind=TOO_MANY_REQUESTS, headers=[("Retry-After", str(seconds))])
    found = gate.keys.get(text)
    if found is None:
        gate.attempts.count(address)
    return found


def count_wrong_link() -> None:
    """Count a link that is not good; a good one is never refused, whoever tries wrong ones from the same address.

    Raises
    ------
    Problem
        429 after many from the same address.
    """
    gate: Gate = this_app().extensions[_EXTENSION]
    address = request.remote_addr or ""
    if seconds := gate.links.wait(address):
        detail = f"Too many wrong links from this address. Ask again in {seconds} s."
        raise Problem(429, detail, kind=TOO_MANY_REQUESTS, headers=[("Retry-After", str(seconds))])
    gate.links.count(address)


def _caller() -> Caller:
    given = _given()
    if given is None:
        if settings().demo and not request.headers.get("Authorization"):
            return Caller(settings().tenant, frozenset(SCOPES), DEMO_KEY)
        raise _unauthenticated("Expected a key: Authorization: Bearer KEY.", "")
    text, key_id = given
    found = verified(text)
    if found is None or (key_id is not None and key_id != found.key_id):
        raise no_such_key()
    return Caller(found.tenant, found.scopes, found.key_id, found.rate_per_minute)


def _given() -> tuple[str, str | None] | None:
    """Return the key or token of the request, and the key id where that is given apart."""
    header = current_request().environ.get("HTTP_AUTHORIZATION", "")
    if header.startswith("Bearer ") and looks_like_one(header[7:]):
        return header[7:], None  # as nearly every request has it
    given = request.authorization
    if given is not None and given.type == "bearer" and given.token:
        return given.token, None
    if given is not None and given.type == "basic" and _takes_basic():
        return given.password or "", given.username or ""
    return None


def _takes_basic() -> bool:
    return (scope_asked() or "").startswith("xapi:")


def no_such_key() -> Problem:
    """Return the problem of a key that is none, or none any more."""
    return _unauthenticated("There is no such key or token, or it expired or was revoked.", ', error="invalid_token"')


def _unauthenticated(detail: str, error: str) -> Problem:
    challenges = [("WWW-Authenticate", f'Bearer realm="lpr"{error}')]
    if _takes_basic():
        challenges.append(("WWW-Authenticate", 'Basic realm="lpr"'))
    return Problem(401, detail, kind=UNAUTHENTICATED, headers=challenges)
