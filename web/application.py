"""Flask as the service is one: what it makes of a Host header is remembered, and no view is asked for an event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request
from werkzeug.exceptions import BadHost
from werkzeug.routing import MapAdapter

MAX_HOSTS = 100
"""Names of this host that are remembered; a client may invent as many as it likes."""


class Application(Flask):
    """Flask for views that are all plain functions, on one host under whatever name it is asked."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self._hosts: dict[tuple[str, str], tuple[str, str]] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none has an event loop of its own, so none is asked whether it has."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the route of a request and writes addresses, as Flask makes it.

        What Flask makes of a Host header (its form checked, its name in ASCII) is the same each time, and is remembered. A
        request with a Host that is none is refused; its problem page has addresses without one.
        """
        environ: dict[str, Any] = {} if request is None else request.environ
        if request is None or "HTTP_HOST" not in environ or "HTTP_UPGRADE" in environ:
            return super().create_url_adapter(request)
        asked = (environ["HTTP_HOST"], environ["wsgi.url_scheme"])
        known = self._hosts.get(asked)
        if known is None:
            try:
                made = super().create_url_adapter(request)
            except BadHost as error:
                request.routing_exception = error
                return self._adapter(environ, "")
            if made is not None:
                if len(self._hosts) >= MAX_HOSTS:
                    self._hosts.clear()
                self._hosts[asked] = (request.host, made.server_name)
            return made
        request.host, server_name = known
        return self._adapter(environ, server_name)

    def _adapter(self, environ: Mapping[str, Any], server_name: str) -> MapAdapter:
        return MapAdapter(
            self.url_map,
            server_name,
            _text(environ.get("SCRIPT_NAME", "")),
            self.url_map.default_subdomain or "",
            environ["wsgi.url_scheme"],
            _text(environ.get("PATH_INFO", "/")),
            environ["REQUEST_METHOD"],
            _text(environ.get("QUERY_STRING", "")),
        )


def _text(sent: str) -> str:
    """Return what WSGI hands over as Latin-1, which is UTF-8."""
    return sent if sent.isascii() else sent.encode("latin-1").decode(errors="replace")
