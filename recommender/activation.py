"""Which version of a tenant is live, and how to go back.

`models/<tenant>/current` holds the live version and every activation and rollback so far, sealed by its own hash and
replaced in one step. A rollback returns to the version that was live before; a second one goes one further back.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from recommender.artifact import read_manifest, sweep, verify
from recommender.durable import JSON, flush_folder, locked, read_sealed, replace_file, sealed
from recommender.errors import ArtifactError
from recommender.manifest import MANIFEST, checked_name

CURRENT = "current"
REMOVED = ".removed-"
"""A version being deleted is renamed so first: a crash leaves it out of sight, not half there."""

Action = Literal["activate", "rollback"]


@dataclass(frozen=True, slots=True)
class Activation:
    """One change of the live version: to which, when (aware) and by what."""

    version: str
    at: datetime
    action: Action


@dataclass(frozen=True, slots=True)
class Current:
    """The live version and every change so far, oldest first."""

    live: str
    history: tuple[Activation, ...]

    @property
    def stack(self) -> tuple[str, ...]:
        """Versions a rollback can return to, the live one last.

        An activation adds one; a rollback takes away down to the version it returned to.
        """
        stack: list[str] = []
        for change in self.history:
            if change.action == "activate":
                stack.append(change.version)
                continue
            while stack and stack[-1] != change.version:
                stack.pop()
        return tuple(stack)


def read_current(root: Path, tenant: str) -> Current | None:
    """Return which version is live and how it became so, or None if none ever was.

    Raises
    ------
    ArtifactError
        If the file is damaged, named.
    """
    path = root / checked_name(tenant, what="tenant") / CURRENT
    if not path.exists():
        return None
    document = read_sealed(path)
    try:
        history = tuple(
            Activation(one["version"], datetime.fromisoformat(one["at"]), one["action"]) for one in document["history"]
        )
        current = Current(document["live"], history)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path}: not a record of activations: {error}. Activate a version again.") from error
    if current.stack[-1:] != (current.live,):
        raise ArtifactError(f"{path}: its live version is not the last it activated. Activate a version again.")
    return current


def live_version(root: Path, tenant: str) -> str:
    """Return the live version's name; ArtifactError if no version was ever activated."""
    current = read_current(root, tenant)
    if current is None:
        raise ArtifactError(
            f"{root / tenant}: no live version; expected one. Fit a model (`lpr fit DATA --models {root}`) or activate "
            "a saved one (`lpr models activate VERSION`)."
        )
    return current.live


def versions(root: Path, tenant: str) -> tuple[str, ...]:
    """Return the names of a tenant's saved versions, in alphabetical order."""
    company = root / checked_name(tenant, what="tenant")
    found = company.iterdir() if company.is_dir() else ()
    return tuple(sorted(one.name for one in found if not one.name.startswith(".") and (one / MANIFEST).is_file()))


def activate(root: Path, tenant: str, version: str, *, at: datetime) -> Current:
    """Make a version live after checking each of its files; the live one stays if that fails.

    Activating the version that is live already changes nothing.

    Raises
    ------
    ArtifactError
        If the version is missing or damaged.
    """
    verify(root, tenant, version)
    with locked(root / tenant):
        current = read_current(root, tenant)
        if current is not None and current.live == version:
            return current
        return _record(root, tenant, current, Activation(version, at, "activate"))


def rollback(root: Path, tenant: str, *, at: datetime) -> Current:
    """Make the version that was live before live again; one that was deleted since is passed over.

    Raises
    ------
    ArtifactError
        If there is nothing to return to, or what there is is damaged.
    """
    company = root / checked_name(tenant, what="tenant")
    if not company.is_dir():
        raise ArtifactError(f"{company}: no such tenant; nothing to roll back.")
    with locked(company):
        current = read_current(root, tenant)
        before = _before(root, tenant, current)
        if current is None or before is None:
            raise ArtifactError(f"{company / CURRENT}: no earlier version to return to.")
        verify(root, tenant, before)
        return _record(root, tenant, current, Activation(before, at, "rollback"))


def rollback_target(root: Path, tenant: str) -> str | None:
    """Return the version a rollback would return to, None if there is none; ArtifactError if the record is damaged."""
    return _before(root, tenant, read_current(root, tenant))


def prune(root: Path, tenant: str, *, keep: int) -> tuple[str, ...]:
    """Delete all but the newest `keep` versions and return the names of those deleted.

    The live version and the one a rollback would return to are never deleted, nor counted. A version whose manifest
    cannot be read counts as oldest. What fits that were killed left unfinished goes too, and is not named.
    """
    company = root / checked_name(tenant, what="tenant")
    if keep < 0:
        raise ValueError(f"keep must be 0 or more, not {keep}")
    if not company.is_dir():
        return ()
    with locked(company):
        sweep(company)
        for left in company.glob(f"{REMOVED}*"):
            shutil.rmtree(left)
        current = read_current(root, tenant)
        spared = {current.live, _before(root, tenant, current)} if current else set()
        others = [one for one in _newest_first(root, tenant) if one not in spared]
        for version in others[keep:]:
            hidden = company / f"{REMOVED}{version}"
            (company / version).rename(hidden)
            flush_folder(company)
            shutil.rmtree(hidden)
    return tuple(others[keep:])


def _before(root: Path, tenant: str, current: Current | None) -> str | None:
    """Return the version a rollback goes to: the nearest below the top of the stack that exists and is another."""
    there = versions(root, tenant)
    below = reversed(current.stack[:-1]) if current else ()
    return next((one for one in below if one in there and current and one != current.live), None)


def _newest_first(root: Path, tenant: str) -> Sequence[str]:
    def created(version: str) -> tuple[str, str]:
        try:
            moment = read_manifest(root, tenant, version).origin.created
        except ArtifactError:
            return ("", version)
        return (moment.astimezone(UTC).isoformat(), version)

    return sorted(versions(root, tenant), key=created, reverse=True)


def _record(root: Path, tenant: str, current: Current | None, change: Activation) -> Current:
    changed = Current(change.version, (*(current.history if current else ()), change))
    history: list[JSON] = [
        {"version": one.version, "at": one.at.astimezone(UTC).isoformat(), "action": one.action}
        for one in changed.history
    ]
    replace_file(root / tenant / CURRENT, sealed({"live": changed.live, "history": history}))
    return changed
