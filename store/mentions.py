"""Where a person is named: as an xAPI agent, as a value in a statement, or as a word in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, or_

from store.identities import Identity, canonical, identity_of
from store.rows import chunks

ERASED = "erased"
"""What stands where a person was named in somebody else's statement."""
NOBODY = {"objectType": "Agent", "account": {"homePage": "urn:lpr:erased", "name": ERASED}}
_HASHED = "mbox_sha1sum"
_ALTERNATIVES = 200


@dataclass(frozen=True, slots=True)
class Named:
    """Everything a person is called by.

    Parameters
    ----------
    employee_id, name
        The name is None if not known; as others may bear it, it alone names nobody.
    identities
        Each as `store.identities.canonical` writes it; of a mail address its hashes too.
    """

    employee_id: str
    name: str | None
    identities: frozenset[Identity]

    def may_name(self, column: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """Yield conditions of rows worth a closer look: every row that names the person fulfils one.

        More than one where the person has many names: SQLite takes at most 1,000 alternatives.
        """
        words = {self.employee_id, quote(self.employee_id, safe=""), *self._unique_parts()}
        written = {form for word in words for form in (word, json.dumps(word)[1:-1])}
        for chunk in chunks(sorted(written), _ALTERNATIVES):
            yield or_(*(column.icontains(word, autoescape=True) for word in chunk))

    def is_agent(self, value: Any) -> bool:
        """Tell whether an xAPI agent is this person; an account whose name is their id is, on any platform."""
        if not isinstance(value, Mapping):
            return False
        account = value.get("account")
        if isinstance(account, Mapping):
            if not (isinstance(account.get("homePage"), str) and isinstance(account.get("name"), str)):
                return False
            if account["name"] == self.employee_id:
                return True
        return identity_of(value) in self.identities

    def redacted(self, value: Any) -> Any:
        """Return a JSON value in which nothing names the person any more."""
        if self.is_agent(value):
            return NOBODY
        if isinstance(value, Mapping):
            return {self.redacted(name): self.redacted(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.redacted(one) for one in value]
        return ERASED if isinstance(value, str) and self._is_named_by(value) else value

    def is_mentioned(self, text: str) -> bool:
        """Tell whether a text holds the person's id or an identity as a word.

        A short id is also a word that means something else; who uses this loses a record that can be spared, rather than
        keep one that names an erased person.
        """
        words = {self.employee_id, quote(self.employee_id, safe=""), *self._unique_parts()}
        written = {re.escape(form) for word in words for form in (word, json.dumps(word)[1:-1])}
        return re.search(rf"(?<!\w)(?:{'|'.join(sorted(written))})(?!\w)", text, re.IGNORECASE) is not None

    def _is_named_by(self, text: str) -> bool:
        if text in {self.employee_id, self.name}:
            return True
        if any((kind, canonical(kind, text)) in self.identities for kind in ("mbox", _HASHED, "openid", "account")):
            return True
        lower = text.lower()
        return any(form.removeprefix("mailto:") in lower for kind, form in self.identities if kind == "mbox")

    def _unique_parts(self) -> set[str]:
        """Return of each identity what is written the same wherever it is used."""
        parts = set()
        for kind, form in self.identities:
            if kind == "account":
                parts.add(form.partition("|")[2])
            else:
                parts.add(form.removeprefix("mailto:").rpartition("://")[2])
        return parts - {""}
