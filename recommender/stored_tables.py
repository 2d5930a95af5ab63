"""The catalogue, the skills and the roles as arrays and JSON values: how a saved model keeps what its positions mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Ids, Ragged
from recommender.catalog import Catalog, Roles, SkillRows, Skills

Arrays = Mapping[str, NDArray[np.generic]]

_TEXTS = ("titles", "descriptions", "providers", "formats", "languages", "urls", "uris", "credentials")
_NUMBERS = ("difficulty", "hours", "hours_assumed", "cost", "available_from", "available_to", "published")
_RAGGED = ("prerequisites", "supersedes")
_SKILL_ROWS = ("indptr", "skill_idx", "level", "entry_level", "entry_declared", "weight", "inferred", "confidence")


def pack_tables(
    catalog: Catalog, skills: Skills, roles: Roles
) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
    """Return numbers as arrays and texts as documents."""
    arrays: dict[str, NDArray[np.generic]] = {name: getattr(catalog, name) for name in _NUMBERS}
    for name in _RAGGED:
        ragged = getattr(catalog, name)
        arrays |= {f"{name}_indptr": ragged.indptr, f"{name}_values": ragged.values}
    for prefix, rows in (("course_skills", catalog.skills), ("role_skills", roles.needs)):
        arrays |= {f"{prefix}_{name}": getattr(rows, name) for name in _SKILL_ROWS}
    courses = {name: list(getattr(catalog, name)) for name in _TEXTS}
    lists = {name: [list(one) for one in getattr(catalog, name)] for name in ("tags", "audience")}
    documents = {
        "courses": {"ids": list(catalog.ids.ids), **courses, **lists},
        "skills": {"ids": list(skills.ids.ids), "names": list(skills.names), "kinds": list(skills.kinds)},
        "roles": {
            "ids": list(roles.ids.ids),
            "titles": list(roles.titles),
            "families": list(roles.families),
            "descriptions": list(roles.descriptions),
        },
    }
    return arrays, documents


def unpack_tables(arrays: Arrays, documents: Mapping[str, Any]) -> tuple[Catalog, Skills, Roles]:
    """Make the tables of what `pack_tables` returned."""
    courses, skills, roles = documents["courses"], documents["skills"], documents["roles"]
    columns: dict[str, Any] = {name: tuple(courses[name]) for name in _TEXTS}
    columns |= {name: tuple(tuple(one) for one in courses[name]) for name in ("tags", "audience")}
    columns |= {name: np.asarray(arrays[name]) for name in _NUMBERS}
    for name in _RAGGED:
        columns[name] = Ragged(np.asarray(arrays[f"{name}_indptr"]), np.asarray(arrays[f"{name}_values"]))
    catalog = Catalog(ids=Ids(courses["ids"]), skills=_skill_rows(arrays, "course_skills"), **columns)
    return (
        catalog,
        Skills(Ids(skills["ids"]), tuple(skills["names"]), tuple(skills["kinds"])),
        Roles(
            ids=Ids(roles["ids"]),
            titles=tuple(roles["titles"]),
            families=tuple(roles["families"]),
            descriptions=tuple(roles["descriptions"]),
            needs=_skill_rows(arrays, "role_skills"),
        ),
    )


def _skill_rows(arrays: Arrays, prefix: str) -> SkillRows:
    columns: dict[str, Any] = {name: np.asarray(arrays[f"{prefix}_{name}"]) for name in _SKILL_ROWS}
    return SkillRows(**columns)
