"""The cookie of the pages: Flask's signed session, opened for pages only, so that the rest of the service pays nothing.

It holds the secret of the visit, what forms are checked by, and messages for the next page. The key that signs it is made
once for an installation and kept in the database; a service without one makes its own when it starts.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from store.own_secrets import kept_secret, made_secret
from web.config import settings_of
from web.database import opened_database
from web.pages.places import is_page

COOKIE = "__Host-lpr"
DEMO_COOKIE = "lpr"
"""The name in a demonstration, where there is no TLS, which `__Host-` demands."""
MAX_COOKIE = 3_800
"""Bytes of the signed value; browsers drop a cookie of more than 4,096 with its name and attributes."""
MAX_MESSAGE = 300

_SECRET = "pages"
_MESSAGES = "_flashes"


def hold_sessions(app: Flask) -> None:
    """Give the pages of an application sessions, and everything else none."""
    config = settings_of(app)
    app.session_interface = PageSessions()
    app.permanent_session_lifetime = timedelta(hours=config.visit_hours)
    app.config.update(
        SESSION_COOKIE_NAME=DEMO_COOKIE if config.demo else COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SECURE=not config.demo,
        SESSION_COOKIE_SAMESITE="Lax" if config.demo else "None",
        SESSION_COOKIE_PARTITIONED=not config.demo,
    )
    if opened_database(app) is None:
        app.secret_key = secrets.token_bytes(32)


class PageSessions(SecureCookieSessionInterface):
    """Sessions of pages; a route that is none can neither read nor write one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return an empty session for a page, for `load_session` to fill once errors can be answered; None for others."""
        return self.session_class() if is_page(request.path) else None

    def load(self, app: Flask) -> SecureCookieSession | None:
        """Return what the request's cookie holds."""
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie, with no more messages in it than a browser keeps; nothing is kept that nobody can sign."""
        if app.secret_key is None:
            return
        if session.modified and session.get(_MESSAGES):
            self._shorten(app, session)
        super().save_session(app, session, response)

    def _shorten(self, app: Flask, session: SessionMixin) -> None:
        serializer = self.get_signing_serializer(app)
        session[_MESSAGES] = [(category, _cut(message)) for category, message in session[_MESSAGES]]
        while serializer is not None and session[_MESSAGES] and len(serializer.dumps(dict(session))) > MAX_COOKIE:
            session[_MESSAGES] = session[_MESSAGES][1:]


def _cut(message: Any) -> Any:
    """Return a message, a text or an object that has one, of at most `MAX_MESSAGE` characters."""
    if isinstance(message, dict):
        return {name: _cut(one) if name == "text" else one for name, one in message.items()}
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"


def load_session(app: Flask, session: SessionMixin) -> None:
    """Fill the session of a page from the request's cookie, if it has one.

    Raises
    ------
    StoreUnavailable
        If the key that signs it was not read yet and the database does not answer.
    """
    sign(app)
    interface = app.session_interface
    found = interface.load(app) if isinstance(interface, PageSessions) else None
    session.update(found or {})
    session.modified = False


def sign(app: Flask) -> None:
    """Make sure that there is a key to sign with: the one kept, or, the first time, a new one."""
    opened = opened_database(app)
    if app.secret_key is not None or opened is None:
        return
    with opened.get().read() as connection:
        found = kept_secret(connection, _SECRET)
    if found is None:
        with opened.get().change() as connection:
            found = made_secret(connection, _SECRET)
    app.secret_key = found
