"""The names other systems give a person, in one form, so that the same name written differently is the same name.

| kind | form |
|---|---|
| mbox | `mailto:` and the address, in lower case; `mailto:` may be left out of what is given |
| mbox_sha1sum | 40 hexadecimal digits in lower case |
| openid | the address, its scheme and host in lower case, without a `/` that is the whole path |
| account | `homePage|name`: the home page as an openid, the name as it is |

Lower case in a local part is not what RFC 5321 promises, but what every mail system in use does. Account names are
compared letter by letter, for some platforms tell them apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

Identity = tuple[str, str]
"""Kind and form."""


def canonical(kind: str, value: str) -> str:
    """Return the form of an identity."""
    text = value.strip()
    if kind == "mbox":
        return "mailto:" + _address(text).lower()
    if kind == "mbox_sha1sum":
        return text.lower()
    if kind == "account":
        home, bar, name = text.partition("|")
        return _page(home) + bar + name
    return _page(text)


def forms(kind: str, value: str) -> dict[str, str | None]:
    """Return what an identity is found by: its form and, for a mail address, the SHA-1 of it in both spellings.

    Platforms hash the address as they have it, so the address as given counts beside the one in lower case.
    """
    form = canonical(kind, value)
    if kind != "mbox":
        return {"form": form, "sha1": None, "sha1_as_given": None}
    return {"form": form, "sha1": _sha1(form), "sha1_as_given": _sha1("mailto:" + _address(value.strip()))}


def identity_of(agent: Mapping[str, Any]) -> Identity | None:
    """Return the identity of an xAPI agent or identified group; None of an anonymous group."""
    account = agent.get("account")
    if isinstance(account, Mapping):
        return "account", canonical("account", f"{account['homePage']}|{account['name']}")
    for kind in ("mbox", "mbox_sha1sum", "openid"):
        if kind in agent:
            return kind, canonical(kind, str(agent[kind]))
    return None


def _address(text: str) -> str:
    return text[7:] if text[:7].lower() == "mailto:" else text


def _page(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    path = "" if parts.path == "/" and not parts.query and not parts.fragment else parts.path
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, parts.fragment))


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
