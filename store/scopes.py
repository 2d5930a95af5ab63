"""What a key may be allowed. Nothing here needs the database, so that a command line can list it at once."""

from __future__ import annotations

SCOPES = ("read", "write", "admin", "link", "insight", "xapi:read", "xapi:write")
"""`admin` includes all others, and none of these includes another."""


def includes(scopes: frozenset[str], scope: str) -> bool:
    """Tell whether who has these scopes may do what needs `scope`."""
    return scope in scopes or "admin" in scopes
