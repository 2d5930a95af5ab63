"""Who asks. There are no keys yet: everybody on this machine is the one tenant's administrator."""

from __future__ import annotations

from web.config import settings


def current_tenant() -> str:
    """Return the tenant of who asks."""
    return settings().tenant


def require_scope(scope: str) -> None:
    """Refuse who asks unless they have a scope."""


def asked_by() -> tuple[str, str]:
    """Return the tenant and the key id of who asks, "" while unknown; for logs, so it never refuses."""
    return settings().tenant, ""
