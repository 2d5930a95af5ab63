"""Reader of ESCO: IT occupations with the skills they need, and their O*NET counterparts.

Roles without people or courses: what it writes is partial. docs/data.md gives the whole mapping and what the published
files hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.sources.naming import assign_ids
from training.sources.reading import (
    FIRST_ROW,
    parse_names,
    parse_number,
    read_columns,
    require_distinct,
    tidy,
)
from training.sources.writing import (
    ASSUMED_ROLE_LEVEL,
    Provenance,
    Row,
)

RELATIONS = "ict_occupation_skill_relations.csv"
CROSSWALK = "esco_onet_crosswalk_Nov2020.csv"
FILES = (RELATIONS, CROSSWALK)
CROSSWALK_COLUMNS = {
    "concept_uri": "esco_uri",
    "esco_occupation": "esco_title",
    "isco_code": "isco_code",
    "onet_code": "onet_code",
    "onet_occupation": "onet_title",
    "semantic_similarity": "similarity",
    "confidence": "confidence",
    "matching_job_titles": "matching_titles",
}
"""Columns of the crosswalk and what the extra table `role_crosswalk` calls them."""

PROVENANCE = Provenance(
    source="esco",
    title="ESCO: IT occupations and their skills",
    homepage="https://esco.ec.europa.eu",
    licence="ESCO v1: reuse with acknowledgement (Commission Decision 2011/833/EU); crosswalk: MIT",
    attribution=(
        "This uses the ESCO classification of the European Commission. The crosswalk to O*NET is by Nesta. "
        "Both were reshaped by this import."
    ),
)


def tables_of(files: Mapping[str, Path], notes: list[str]) -> dict[str, list[Row]]:
    """Return roles, skills, role skills and the extra table `role_crosswalk`, row by row; note what was left out.

    Raises
    ------
    DataError
        If a column or a cell is not as published.
    """
    tables = _relations(files[RELATIONS], notes)
    tables["role_crosswalk"] = _crosswalk(files[CROSSWALK], tables["roles"], notes)
    return tables


def _relations(path: Path, notes: list[str]) -> dict[str, list[Row]]:
    """Return the tables roles, skills and role_skills; a repeated relation counts once."""
    columns = read_columns(path, ("occupation_uri", "occupation", "skill", "skill_uri", "skill_type"))
    rows: list[tuple[str, ...]] = list(
        zip(*([tidy(cell) for cell in cells] for cells in columns.values()), strict=True)
    )
    occupations = sorted({(occupation, uri) for uri, occupation, *_ in rows})
    require_distinct([title for title, _ in occupations], f"{path}, titles of different occupation_uri")
    role_uris = dict(occupations)
    skills = {skill: (uri, kind) for _, _, skill, uri, kind in rows}
    role_ids, skill_ids = assign_ids(role_uris), assign_ids(skills)
    needs = dict.fromkeys((role_ids[occupation], skill_ids[skill]) for _, occupation, skill, _, _ in rows)
    notes += [
        f"{len(rows) - len(needs):,} relations dropped: repeated",
        f"every level is assumed ({ASSUMED_ROLE_LEVEL}) and every importance 1: the source names neither, and does not "
        "tell essential from optional",
        f"{sum(not uri for uri, _ in skills.values()):,} of {len(skills):,} skills have no address in the source",
        "the kind of a skill is left empty: ESCO tells skills from knowledge only, kept in the column `esco_type`",
    ]
    return {
        "roles": [{"role_id": role_ids[title], "title": title, "uri": uri} for title, uri in sorted(role_uris.items())],
        "skills": [
            {"skill_id": skill_ids[name], "name": name, "uri": uri, "esco_type": kind}
            for name, (uri, kind) in sorted(skills.items())
        ],
        "role_skills": [
            {"role_id": role_id, "skill_id": skill_id, "level": ASSUMED_ROLE_LEVEL, "importance": 1.0, "source": "esco"}
            for role_id, skill_id in sorted(needs)
        ],
    }


def _crosswalk(path: Path, roles: list[Row], notes: list[str]) -> list[Row]:
    """Return each ESCO occupation with its O*NET code; `role_id` is filled where it is one of the roles."""
    columns = read_columns(path, tuple(CROSSWALK_COLUMNS))
    role_of_uri = {str(role["uri"]): str(role["role_id"]) for role in roles}
    rows: list[Row] = []
    untitled = 0
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=FIRST_ROW):
        raw = dict(zip(columns, cells, strict=True))
        where = f"{path}, row {number}, column"
        row: Row = {"role_id": role_of_uri.get(raw["concept_uri"])}
        row |= {new: tidy(raw[old]) for old, new in CROSSWALK_COLUMNS.items()}
        row["similarity"] = round(parse_number(raw["semantic_similarity"], f"{where} semantic_similarity", low=-1), 4)
        row["confidence"] = parse_number(raw["confidence"], f"{where} confidence", low=0)
        titles = raw["matching_job_titles"]
        listed = titles.startswith("[")
        row["matching_titles"] = tuple(parse_names(titles, f"{where} matching_job_titles")) if listed else ()
        untitled += not listed and titles != "na"
        rows.append(row)
    linked = len({row["role_id"] for row in rows if row["role_id"]})
    notes.append(
        f"the crosswalk links {linked:,} of the {len(roles):,} roles to O*NET; its {len(rows):,} rows are all kept"
    )
    if untitled:
        notes.append(f"{untitled:,} crosswalk cells of matching job titles left empty: neither a list nor `na`")
    return rows
