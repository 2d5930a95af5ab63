"""What an xAPI statement says that matters here: who did what to which course, and what follows from it.

The statements are those `web.xapi_schemas` has checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from recommender.moments import parse_moment
from store.identities import Identity, identity_of

COMPLETED = frozenset({"http://adlnet.gov/expapi/verbs/completed", "http://adlnet.gov/expapi/verbs/passed"})
PROGRESSED = "http://adlnet.gov/expapi/verbs/progressed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
PROGRESS_EXTENSION = "https://w3id.org/xapi/cmi5/result/extensions/progress"
"""Progress in per cent (cmi5, section 9.6.4.1)."""

COMPLETION, PROGRESS, VOID, NONE = "completion", "progress", "void", "none"
_EXACT = 2**53
"""Whole numbers up to here are the same as whole numbers and as fractions."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A statement as this service reads it.

    Parameters
    ----------
    actor
        Who, or None of a group: what a group did is nobody's completion.
    activity
        The id of the activity it is about, or None.
    target
        The statement it is about, or None.
    effect
        One of `COMPLETION`, `PROGRESS`, `VOID` and `NONE`.
    value
        The score of a completion or the share that is done, from 0 to 1; None if not said.
    happened_at
        When, in seconds since 1970-01-01 UTC; when it was received if it does not say.
    """

    verb: str
    actor: Identity | None
    activity: str | None
    target: str | None
    effect: str
    value: float | None
    happened_at: int


def event_of(statement: Json, *, at: int) -> Event:
    """Return what a statement, received at a second, says."""
    verb, thing = str(statement["verb"]["id"]), statement["object"]
    kind = thing.get("objectType", "Activity")
    actor = None if statement["actor"].get("objectType") == "Group" else identity_of(statement["actor"])
    activity = str(thing["id"]) if kind == "Activity" else None
    effect, value = _effect(verb, statement.get("result", {}))
    if verb == VOIDED and kind == "StatementRef":
        effect, value = VOID, None
    elif actor is None or activity is None:
        effect, value = NONE, None
    said = statement.get("timestamp")
    return Event(
        verb=verb,
        actor=actor,
        activity=activity,
        target=str(thing["id"]).lower() if kind == "StatementRef" else None,
        effect=effect,
        value=value,
        happened_at=at if said is None else parse_moment(said),
    )


def _effect(verb: str, result: Json) -> tuple[str, float | None]:
    """Return what follows from a verb and a result. Not passed, or expressly not completed, is no completion."""
    if verb in COMPLETED and result.get("success") is not False and result.get("completion") is not False:
        return COMPLETION, score_of(result.get("score", {}))
    if verb == PROGRESSED:
        share = _progress(result)
        return (PROGRESS, share) if share is not None else (NONE, None)
    return NONE, None


def score_of(score: Json) -> float | None:
    """Return a score from 0 to 1: `scaled`, else where `raw` lies between `min` (0 unless said) and `max`; else None."""
    if "scaled" in score:
        return min(max(float(score["scaled"]), 0.0), 1.0)
    if "raw" not in score or "max" not in score:
        return None
    raw, low, high = float(score["raw"]), float(score.get("min", 0)), float(score["max"])
    return min(max((raw - low) / (high - low), 0.0), 1.0) if high > low and isfinite(high - low) else None


def _progress(result: Json) -> float | None:
    percent = result.get("extensions", {}).get(PROGRESS_EXTENSION)
    if isinstance(percent, int | float) and not isinstance(percent, bool) and 0 <= percent <= 100:
        return float(percent) / 100
    return score_of(result.get("score", {}))


def digest_of(statement: Json) -> str:
    """Return a hash of what must not change when a statement is sent again (xAPI 1.0.3 part 3, 2.3.2; part 2, 2.3).

    What the receiver sets, names, descriptions and the order of lists without order do not count.
    """
    said = _immutable(statement)
    if "timestamp" in statement:
        said["timestamp"] = parse_moment(statement["timestamp"])
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _immutable(statement: Json) -> dict[str, Any]:
    """Return the parts of a statement, or of one within a statement, that must not change, the time apart."""
    return {
        "actor": _agent(statement["actor"]),
        "verb": statement["verb"]["id"],
        "object": _object(statement["object"]),
        "result": _numbers(statement.get("result", {})),
        "context": _context(statement.get("context", {})),
        "attachments": sorted(str(one["sha2"]) for one in statement.get("attachments", ())),
    }


def _agent(agent: Json) -> list[Any]:
    members = sorted(json.dumps(_agent(one)) for one in agent.get("member", ()))
    return [agent.get("objectType", "Agent"), identity_of(agent), members]


def _object(thing: Json) -> Any:
    kind = thing.get("objectType", "Activity")
    if kind == "SubStatement":
        return [kind, _immutable(thing), thing.get("timestamp")]
    if kind in {"Agent", "Group"}:
        return _agent(thing)
    return [kind, str(thing["id"]).lower() if kind == "StatementRef" else thing["id"]]


def _context(context: Json) -> dict[str, Any]:
    said = {name: _numbers(value) for name, value in context.items()}
    for name in ("instructor", "team"):
        if name in context:
            said[name] = _agent(context[name])
    if "contextActivities" in context:
        said["contextActivities"] = {
            name: sorted(str(one["id"]) for one in (listed if isinstance(listed, list) else [listed]))
            for name, listed in context["contextActivities"].items()
        }
    if "registration" in context:
        said["registration"] = str(context["registration"]).lower()
    return said


def _numbers(value: Any) -> Any:
    """Return a JSON value in which 1 and 1.0 are the same number."""
    if isinstance(value, Mapping):
        return {name: _numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    exact = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT
    return float(value) if exact else value
