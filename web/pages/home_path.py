"""The path a page shows: the best one where this process has worked it out for the person as they stand, else a draft.

Solving may take most of a second, and a page must not wait for it: what is shown at once is the greedy path, and the best
one is asked for apart. It is kept for a quarter of an hour, for exactly the question, facts and model it was found with.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from recommender.arrays import DAY
from recommender.engine import Recommender
from store.people import StoredPerson
from web.asking import Question
from web.auth import current_tenant
from web.paths import found_path
from web.schemas import PathRequest

SOLVE_SECONDS = 0.6
"""How long the solver may take for a page; what it has found by then is shown with what it can lack at most."""
KEPT_SECONDS = 900.0
MOST_KEPT = 500

_EXTENSION = "lpr_kept_paths"

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A path, and what it was found for."""

    state: Hashable
    recommender: weakref.ref[Recommender]
    body: Body
    until: float


class KeptPaths:
    """The paths of one process, those asked for longest ago forgotten first.

    A path is found again only while nothing it rests on has changed: what is stored of the person, the day, and what
    answers, model and catalogue alike.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, Hashable], _Kept] = OrderedDict()

    def get(self, whose: tuple[str, str], limits: Hashable, state: Hashable, recommender: Recommender) -> Body | None:
        """Return the path of a tenant's employee within limits; None if there is none, or something has changed."""
        with self._lock:
            self._drop_old()
            found = self._kept.get((*whose, limits))
            if found is None or found.recommender() is not recommender or found.state != state:
                return None
            self._kept.move_to_end((*whose, limits))
            return found.body

    def put(
        self, whose: tuple[str, str], limits: Hashable, state: Hashable, recommender: Recommender, body: Body
    ) -> None:
        """Keep a path."""
        with self._lock:
            self._drop_old()
            until = self._clock() + KEPT_SECONDS
            self._kept[*whose, limits] = _Kept(state, weakref.ref(recommender), body, until)
            self._kept.move_to_end((*whose, limits))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def forget(self, tenant: str, employee_id: str) -> None:
        """Forget every path of an employee."""
        with self._lock:
            for key in [one for one in self._kept if one[:2] == (tenant, employee_id)]:
                del self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)

    def _drop_old(self) -> None:
        now = self._clock()
        for key in [key for key, one in self._kept.items() if one.until <= now]:
            del self._kept[key]


def kept_paths() -> KeptPaths:
    """Return the paths this process keeps for the application that answers the current request."""
    found: KeptPaths = current_app.extensions.setdefault(_EXTENSION, KeptPaths())
    return found


@dataclass(frozen=True, slots=True)
class PathFound:
    """A path as the API answers it, and whether a better one may be worked out."""

    body: Body
    is_draft: bool


def path_at_once(question: Question, asked: PathRequest, person: StoredPerson) -> PathFound:
    """Return the best path if it is kept, else a draft, unless it is plain that there is none better."""
    if (kept := _kept(question, asked, person)) is not None:
        return PathFound(kept, is_draft=False)
    body = found_path(question, asked, time_limit=0)
    nothing_better = "solver" not in body or (body["proven"] and not body["steps"])
    return PathFound(body, is_draft=not nothing_better)


def best_path(question: Question, asked: PathRequest, person: StoredPerson) -> PathFound:
    """Return the best path, worked out now unless it is kept."""
    found = _kept(question, asked, person)
    if found is None:
        found = found_path(question, asked, time_limit=SOLVE_SECONDS)
        whose, limits, state = _key(question, asked, person)
        kept_paths().put(whose, limits, state, question.live.recommender, found)
    return PathFound(found, is_draft=False)


def _kept(question: Question, asked: PathRequest, person: StoredPerson) -> Body | None:
    whose, limits, state = _key(question, asked, person)
    return kept_paths().get(whose, limits, state, question.live.recommender)


def _key(question: Question, asked: PathRequest, person: StoredPerson) -> tuple[tuple[str, str], Hashable, Hashable]:
    limits = (asked.person.target_role_id, asked.hours_per_week, asked.budget, asked.by)
    own = (person.hours_per_week, person.budget)
    return (
        (current_tenant(), person.employee_id),
        (*limits, *own, tuple(asked.language), tuple(asked.format)),
        (person, question.query.as_of // DAY),
    )
