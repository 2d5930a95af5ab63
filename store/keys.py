"""API keys and the short-lived access tokens made from them: who may ask, for which tenant, and what.

A key is `lpr_<key_id>_<secret>`, an access token `lpt_<token_id>_<secret>`; a secret is 256 random bits. The database
has its SHA-256 only: a secret of that length cannot be guessed, so a slow hash would protect nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from recommender.manifest import checked_name
from store.database import add_tenant
from store.scopes import SCOPES
from store.tables import access_tokens, api_keys, tickets, visits

TOKEN_SECONDS = 3_600
"""How long an access token is good for."""

_ID_LENGTH = 12
_ID_LETTERS = string.ascii_lowercase + string.digits
_SECRET_BYTES = 32
_GIVEN = re.compile(r"(lpr|lpt)_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_NO_DIGEST = bytes(hashlib.sha256().digest_size)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept; `rate_per_minute` None means the service's own limit. Times are seconds."""

    key_id: str
    tenant: str
    name: str
    scopes: frozenset[str]
    rate_per_minute: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a key or token that was checked allows, until `expires_at`, None if it has no end."""

    key_id: str
    tenant: str
    scopes: frozenset[str]
    rate_per_minute: int | None
    expires_at: int | None


def looks_like_one(text: str) -> bool:
    """Tell whether a text has the form of a key or a token; one that has not needs no look into the database."""
    return _GIVEN.fullmatch(text) is not None


def create(
    connection: Connection,
    tenant: str,
    *,
    name: str,
    scopes: Iterable[str],
    at: int,
    rate_per_minute: int | None = None,
    expires_at: int | None = None,
) -> tuple[Key, str]:
    """Make a key, and its tenant if that is new; return it with the whole key, which nobody can see again.

    Raises
    ------
    ValueError
        If there is no scope, or none of that name.
    ArtifactError
        If the tenant's name is not a usable one.
    """
    allowed = frozenset(scopes)
    if not allowed or not allowed <= set(SCOPES):
        raise ValueError(f"scopes: found {', '.join(sorted(allowed)) or 'none'}; expected some of {', '.join(SCOPES)}.")
    add_tenant(connection, checked_name(tenant, what="tenant"), at=at)
    key_id, secret = random_id(), secrets.token_urlsafe(_SECRET_BYTES)
    key = Key(key_id, tenant, name, allowed, rate_per_minute, at, expires_at, None)
    connection.execute(
        insert(api_keys).values(
            key_id=key_id,
            tenant=tenant,
            name=name,
            scopes=_joined(allowed),
            secret_sha256=_digest(secret),
            rate_per_minute=rate_per_minute,
            created_at=at,
            expires_at=expires_at,
        )
    )
    return key, f"lpr_{key_id}_{secret}"


def list_keys(connection: Connection, *, tenant: str | None = None) -> list[Key]:
    """Return the keys of a tenant, or of all, in the order they were made, those revoked too."""
    asked = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
    if tenant is not None:
        asked = asked.where(api_keys.c.tenant == tenant)
    return [_key(row) for row in connection.execute(asked)]


def revoke(connection: Connection, key_id: str, *, at: int) -> Key | None:
    """Make a key worthless, with its tokens, the links it issued and the visits they began; None if there is none.

    Return the key as it is now.
    """
    fresh = update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    connection.execute(fresh.values(revoked_at=at))
    for made in (access_tokens, tickets, visits):  # links before visits: one that is used just now becomes a visit
        connection.execute(delete(made).where(made.c.key_id == key_id))
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).one_or_none()
    return None if row is None else _key(row)


def verify(connection: Connection, text: str, *, at: int) -> Verified | None:
    """Return what a key or token allows at a moment; None if it is none, expired or revoked.

    It is looked up by its id; the secrets' hashes are compared in constant time, also where there is no such id.
    """
    parts = _GIVEN.fullmatch(text)
    if parts is None:
        return None
    kind, name, secret = parts.groups()
    row = _row_of_key(connection, name) if kind == "lpr" else _row_of_token(connection, name)
    matches = hmac.compare_digest(_digest(secret), _NO_DIGEST if row is None else bytes(row.secret_sha256))
    if row is None or not matches or row.revoked_at is not None:
        return None
    ends = [moment for moment in (row.expires_at, row.token_expires_at) if moment is not None]
    if ends and min(ends) <= at:
        return None
    return Verified(row.key_id, row.tenant, _scopes(row.scopes), row.rate_per_minute, min(ends, default=None))


def is_usable(connection: Connection, key_id: str, *, at: int) -> bool:
    """Tell whether a key is still good, and let nobody revoke it before what is made with it now is there to see.

    Who asks may be remembered as good for a while; this asks the database. `connection` is one for changes.
    """
    asked = select(api_keys).where(api_keys.c.key_id == key_id).with_for_update(read=True)
    row = connection.execute(asked).one_or_none()
    return row is not None and row.revoked_at is None and (row.expires_at is None or row.expires_at > at)


def issue_token(connection: Connection, key_id: str, scopes: Iterable[str], *, at: int) -> str:
    """Make an access token of a key, good for `TOKEN_SECONDS`, and return it; tokens that expired go.

    The caller has verified the key, and that it allows the scopes.
    """
    connection.execute(delete(access_tokens).where(access_tokens.c.expires_at <= at))
    token_id, secret = random_id(), secrets.token_urlsafe(_SECRET_BYTES)
    connection.execute(
        insert(access_tokens).values(
            token_id=token_id,
            key_id=key_id,
            scopes=_joined(scopes),
            secret_sha256=_digest(secret),
            issued_at=at,
            expires_at=at + TOKEN_SECONDS,
        )
    )
    return f"lpt_{token_id}_{secret}"


def _row_of_key(connection: Connection, key_id: str) -> Row[Any] | None:
    columns = [api_keys.c[name] for name in ("key_id", "tenant", "rate_per_minute", "expires_at", "revoked_at")]
    own = [api_keys.c.scopes, api_keys.c.secret_sha256, api_keys.c.expires_at.label("token_expires_at")]
    return _one(connection, select(*columns, *own), api_keys.c.key_id == key_id)


def _row_of_token(connection: Connection, token_id: str) -> Row[Any] | None:
    columns = [api_keys.c[name] for name in ("key_id", "tenant", "rate_per_minute", "expires_at", "revoked_at")]
    own = [access_tokens.c.scopes, access_tokens.c.secret_sha256, access_tokens.c.expires_at.label("token_expires_at")]
    asked = select(*columns, *own).join_from(access_tokens, api_keys, access_tokens.c.key_id == api_keys.c.key_id)
    return _one(connection, asked, access_tokens.c.token_id == token_id)


def _one(connection: Connection, asked: Any, wanted: ColumnElement[bool]) -> Row[Any] | None:
    found: Row[Any] | None = connection.execute(asked.where(wanted)).one_or_none()
    return found


def _key(row: Row[Any]) -> Key:
    found = row._mapping
    return Key(
        found["key_id"],
        found["tenant"],
        found["name"],
        _scopes(found["scopes"]),
        found["rate_per_minute"],
        found["created_at"],
        found["expires_at"],
        found["revoked_at"],
    )


def _scopes(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


def _joined(scopes: Iterable[str]) -> str:
    wanted = set(scopes)
    return "|".join(scope for scope in SCOPES if scope in wanted)


def random_id() -> str:
    """Return a new public id: 12 random letters and digits."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
