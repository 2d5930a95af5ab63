"""The gap as a picture that is a table: what somebody has of each needed skill, will have after the path, and needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from web.pages.formats import date
from web.pages.wording import kind_name, level_name, source_name

KINDS = ("technical", "human", "domain", "")
"""The kinds of skills in the order shown, those of no known kind last."""
MOST_SKILLS = 30
"""Skills shown, the largest gaps first; a role may need hundreds."""


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One needed skill: levels 0–5 and in words, whether they suffice, what the level rests on, whether to confirm it."""

    name: str
    have: int
    after: int
    needed: int
    has: str
    then: str
    needs: str
    state: str
    source: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """The needed skills of one kind."""

    name: str
    rows: tuple[SkillRow, ...]


@dataclass(frozen=True, slots=True)
class GapPicture:
    """The needed skills by kind, and how many are not shown."""

    groups: tuple[SkillGroup, ...]
    n_more: int


def gap_picture(gap: Mapping[str, Any], path: Mapping[str, Any]) -> GapPicture:
    """Return the picture of an answer about a gap, with where a path leads."""
    skills, after = gap["skills"], levels_after(gap, path)
    groups: dict[str, list[SkillRow]] = {kind: [] for kind in KINDS}
    for one in skills[:MOST_SKILLS]:
        kind = one.get("kind", "")
        groups[kind if kind in groups else ""].append(_row(one, after[one["skill_id"]]))
    named = tuple(SkillGroup(kind_name(kind), tuple(rows)) for kind, rows in groups.items() if rows)
    return GapPicture(named, max(0, len(skills) - MOST_SKILLS))


def levels_after(gap: Mapping[str, Any], path: Mapping[str, Any]) -> dict[str, int]:
    """Return the level of each needed skill once a path and the training required before it are taken.

    What a path leaves below its need it says; everything else needed reaches the need, or goes beyond it.
    """
    if "solver" not in path:
        return {one["skill_id"]: one["have"] for one in gap["skills"]}
    found = {one["skill_id"]: max(one["have"], one["needed"]) for one in gap["skills"]}
    for step in path["steps"]:
        for lift in step["lifts"]:
            found[lift["skill_id"]] = max(found.get(lift["skill_id"], 0), lift["to"])
    return found | {one["skill_id"]: one["reached"] for one in path["unmet"]}


def _row(one: Mapping[str, Any], after: int) -> SkillRow:
    return SkillRow(
        name=one["name"],
        have=one["have"],
        after=after,
        needed=one["needed"],
        has=level_name(one["have"]),
        then=level_name(after),
        needs=level_name(one["needed"]),
        state=_state(one["have"], after, one["needed"]),
        source=_source(one),
        confirm=one["confirm"],
    )


def _state(have: int, after: int, needed: int) -> str:
    if have >= needed:
        return _("reached")
    if after >= needed:
        return _("reached by the path")
    short = needed - after
    return ngettext("%(levels)s level short", "%(levels)s levels short", short, levels=short)


def _source(one: Mapping[str, Any]) -> str:
    if "source" not in one:
        return _("nothing is known of it")
    said = source_name(one["source"])
    return f"{said}, {date(one['observed_at'])}" if "observed_at" in one else said
