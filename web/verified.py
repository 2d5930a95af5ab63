"""Keys that were found good, remembered for a short while, and who tried with wrong ones."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from recommender.errors import StoreUnavailable
from store.keys import Verified, looks_like_one

REMEMBERED_SECONDS = 60
"""How long a key that was found good is not looked up again: what a revoked one may still be used."""
REMEMBERED_UNREACHABLE_SECONDS = 900
"""The same while the database does not answer."""
UNREACHABLE_SECONDS = 2
"""How long the database is not asked again after it did not answer: each try may take seconds."""
MAX_REMEMBERED = 10_000

Clock = Callable[[], int]
LookUp = Callable[[str, int], Verified | None]
"""Returns what a key or token allows at a moment, None if it is none; StoreUnavailable where nobody can say."""


class VerifiedKeys:
    """What keys and tokens allow, as the database says or said lately.

    Those found good are remembered by their SHA-256, so that no secret stays in memory, the least used of more than
    `MAX_REMEMBERED` forgotten. Wrong ones are not remembered: those without the form of a key cost no look-up.
    """

    def __init__(self, look_up: LookUp, *, clock: Clock) -> None:
        self._look_up = look_up
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[bytes, tuple[int, Verified]] = OrderedDict()
        self._unreachable_at: int | None = None

    def remembers(self, text: str) -> bool:
        """Tell whether a key was found good within `REMEMBERED_UNREACHABLE_SECONDS`."""
        held = self._found.get(_digest(text))
        return held is not None and 0 <= self._clock() - held[0] < REMEMBERED_UNREACHABLE_SECONDS

    def get(self, text: str) -> Verified | None:
        """Return what a key or token allows now; None if it is none.

        Raises
        ------
        StoreUnavailable
            If the database does not answer and the key was not found good lately.
        """
        now, digest = self._clock(), _digest(text)
        held = self._found.get(digest)
        if held is None and not looks_like_one(text):
            return None
        # A clock set back must not make a key good for longer: an age below 0 is no age.
        age = -1 if held is None else now - held[0]
        if held is None or not 0 <= age < REMEMBERED_SECONDS:
            try:
                return self._asked(text, digest, now)
            except StoreUnavailable:
                if held is None or not 0 <= age < REMEMBERED_UNREACHABLE_SECONDS:
                    raise
        found = held[1]
        return found if found.expires_at is None or now < found.expires_at else None

    def _asked(self, text: str, digest: bytes, now: int) -> Verified | None:
        since = self._unreachable_at
        if since is not None and 0 <= now - since < UNREACHABLE_SECONDS:
            raise StoreUnavailable("the database did not answer a moment ago")
        try:
            found = self._look_up(text, now)
        except StoreUnavailable:
            self._unreachable_at = now
            raise
        self._unreachable_at = None
        with self._lock:
            self._found.pop(digest, None)
            if found is not None:
                self._found[digest] = (now, found)
            while len(self._found) > MAX_REMEMBERED:
                self._found.popitem(last=False)
        return found


class FailedAttempts:
    """How often each address asked with a wrong key in the present minute; the oldest of many addresses are forgotten."""

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Return the seconds an address must wait before it may try another key, 0 if it need not."""
        found = self._counted.get(address)
        if found is None:
            return 0
        (minute, n), now = found, self._clock()
        return 60 - now % 60 if minute == now // 60 and n >= self._limit else 0

    def count(self, address: str) -> None:
        """Count one more wrong key."""
        present = self._clock() // 60
        with self._lock:
            minute, n = self._counted.pop(address, (present, 0))
            self._counted[address] = (present, n + 1 if minute == present else 1)
            while len(self._counted) > MAX_REMEMBERED:
                self._counted.popitem(last=False)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
