"""Reader of O*NET: occupations with the skills, knowledge and technology they need, and their relations.

Roles without people or courses: what it writes is partial. docs/data.md gives the whole mapping and what the published
files hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.sources.naming import assign_ids, slug
from training.sources.reading import FIRST_ROW, parse_number, read_columns, require_distinct, tidy
from training.sources.writing import (
    ASSUMED_ROLE_LEVEL,
    Provenance,
    Row,
)

FILES = (
    "Occupation_Data.csv",
    "Skills.csv",
    "Knowledge.csv",
    "Technology_Skills.csv",
    "Related_Occupations.csv",
    "Job_Zones.csv",
)
CODE = "O*NET-SOC Code"
PROVENANCE = Provenance(
    source="onet",
    title="O*NET occupations and what they need",
    homepage="https://www.onetcenter.org/database.html",
    licence="CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    attribution=(
        "Includes information from the O*NET 29 Database by the U.S. Department of Labor, Employment and Training "
        "Administration (USDOL/ETA), used under the CC BY 4.0 licence. O*NET is a trademark of USDOL/ETA. The "
        "information was modified by this import; USDOL/ETA has not approved, endorsed or tested the modifications."
    ),
)

MAJOR_GROUPS = {
    "11": "Management",
    "13": "Business and Financial Operations",
    "15": "Computer and Mathematical",
    "17": "Architecture and Engineering",
    "19": "Life, Physical, and Social Science",
    "21": "Community and Social Service",
    "23": "Legal",
    "25": "Educational Instruction and Library",
    "27": "Arts, Design, Entertainment, Sports, and Media",
    "29": "Healthcare Practitioners and Technical",
    "31": "Healthcare Support",
    "33": "Protective Service",
    "35": "Food Preparation and Serving Related",
    "37": "Building and Grounds Cleaning and Maintenance",
    "39": "Personal Care and Service",
    "41": "Sales and Related",
    "43": "Office and Administrative Support",
    "45": "Farming, Fishing, and Forestry",
    "47": "Construction and Extraction",
    "49": "Installation, Maintenance, and Repair",
    "51": "Production",
    "53": "Transportation and Material Moving",
    "55": "Military Specific",
}
"""Name of each major group of the 2018 Standard Occupational Classification, by the first two digits of a code."""

LEAST_IMPORTANCE = 0.5
"""Importance a skill must have to be needed: rating 3, "important" on O*NET's own scale of 1 to 5."""


def level_of(rating: float) -> int:
    """Return the level 0–5 of an O*NET level rating (LV, 0–7): rating · 5/7, halves up."""
    return int(rating * 5 / 7 + 0.5)


def importance_of(rating: float) -> float:
    """Return the importance 0–1 of an O*NET importance rating (IM, 1–5): (rating − 1) / 4."""
    return round((rating - 1) / 4, 4)


def technology_importance(*, hot: bool, in_demand: bool) -> float:
    """Return the importance of a technology, 0–1: 0.25, and 0.25 more if hot, 0.5 more if in demand.

    Hot: common in job advertisements of all occupations. In demand: common in those of this one.
    """
    return 0.25 + 0.25 * hot + 0.5 * in_demand


def tables_of(files: Mapping[str, Path], notes: list[str]) -> dict[str, list[Row]]:
    """Return roles, skills, role skills and the extra table `role_relations`, row by row; note what was left out.

    Raises
    ------
    DataError
        If a column or a cell is not as published.
    """
    roles = _roles(files["Occupation_Data.csv"], files["Job_Zones.csv"])
    role_ids = {str(role["onet_code"]): str(role["role_id"]) for role in roles}
    skills, needs = _needs(files, notes)
    rated = {code for code, _ in needs}
    notes.append(
        f"{len(role_ids.keys() - rated):,} of {len(roles):,} roles need nothing: the source has not rated them"
    )
    if unlisted := rated - role_ids.keys():
        notes.append(f"{len(unlisted):,} rated occupations dropped: not in Occupation_Data.csv")
    return {
        "roles": roles,
        "skills": skills,
        "role_skills": [
            {"role_id": role_ids[code], **need} for (code, _), need in sorted(needs.items()) if code in role_ids
        ],
        "role_relations": _relations(files["Related_Occupations.csv"], role_ids, notes),
    }


def _roles(occupations: Path, job_zones: Path) -> list[Row]:
    """Return the role rows, with the extra columns `onet_code` and `job_zone` (1–5, preparation needed)."""
    columns = read_columns(occupations, (CODE, "Title", "Description"))
    zones = read_columns(job_zones, (CODE, "Job Zone"))
    zone_of = dict(zip(zones[CODE], zones["Job Zone"], strict=True))
    require_distinct(columns[CODE], f"{occupations}, column {CODE}")
    require_distinct(columns["Title"], f"{occupations}, column Title")
    ids = assign_ids(columns["Title"])
    return [
        {
            "role_id": ids[title],
            "title": title,
            "family": MAJOR_GROUPS.get(code[:2], ""),
            "description": tidy(description),
            "uri": f"https://www.onetonline.org/link/summary/{code}",
            "onet_code": code,
            "job_zone": zone_of.get(code, ""),
        }
        for code, title, description in zip(*columns.values(), strict=True)
    ]


def _needs(files: Mapping[str, Path], notes: list[str]) -> tuple[list[Row], dict[tuple[str, str], Row]]:
    """Return the skill rows, and what each occupation needs by (code, skill_id).

    A name that two files share stays two skills: the later one says in brackets what it is.
    """
    skills: dict[str, Row] = {}
    needs: dict[tuple[str, str], Row] = {}
    for family, found in (
        ("skills", _ratings(files["Skills.csv"], notes)),
        ("knowledge", _ratings(files["Knowledge.csv"], notes)),
        ("technology", _technologies(files["Technology_Skills.csv"], notes)),
    ):
        taken = {str(skill["name"]).casefold() for skill in skills.values()}
        names = {key: f"{key[1]} ({family})" if key[1].casefold() in taken else key[1] for _, key in found}
        ids = assign_ids(names.values())
        for key, name in sorted(names.items()):
            skills[ids[name]] = {"skill_id": ids[name], "name": name, "kind": _kind(key[0])}
        for (code, key), (level, importance) in found.items():
            skill_id = ids[names[key]]
            needs[code, skill_id] = {
                "skill_id": skill_id,
                "level": level,
                "importance": importance,
                "source": f"onet-{family}",
            }
    return [skills[skill_id] for skill_id in sorted(skills)], needs


def _kind(element_id: str) -> str:
    """Return the kind of a skill: knowledge (2.C) is of a domain, technical skills (2.B.3) and technology technical."""
    if element_id.startswith("2.C"):
        return "domain"
    return "human" if element_id.startswith("2.") and not element_id.startswith("2.B.3") else "technical"


Key = tuple[str, str]
"""Element id ("" for a technology) and name."""

Found = dict[tuple[str, Key], tuple[int, float]]
"""Level and importance by occupation code and key."""


def _ratings(path: Path, notes: list[str]) -> Found:
    """Return the ratings that hold: not suppressed, relevant, important, of a level of 1 or more."""
    columns = read_columns(
        path, (CODE, "Element ID", "Element Name", "Scale ID", "Data Value", "Recommend Suppress", "Not Relevant")
    )
    values: dict[tuple[str, Key], dict[str, float]] = {}
    suppressed: set[tuple[str, Key]] = set()
    irrelevant: set[tuple[str, Key]] = set()
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=FIRST_ROW):
        code, element_id, name, scale, value, suppress, not_relevant = cells
        pair = code, (element_id, name)
        where = f"{path}, row {number}, column Data Value"
        values.setdefault(pair, {})[scale] = parse_number(value, where, low=0, high=7)
        if suppress == "Y":
            suppressed.add(pair)
        if not_relevant == "Y":
            irrelevant.add(pair)
    return _kept_ratings(path.name, values, suppressed, irrelevant, notes)


def _kept_ratings(
    name: str,
    values: Mapping[tuple[str, Key], Mapping[str, float]],
    suppressed: set[tuple[str, Key]],
    irrelevant: set[tuple[str, Key]],
    notes: list[str],
) -> Found:
    complete = {pair: rating for pair, rating in values.items() if rating.keys() >= {"IM", "LV"}}
    doubtful = suppressed | irrelevant
    relevant = {pair: rating for pair, rating in complete.items() if pair not in doubtful}
    important = {pair: rating for pair, rating in relevant.items() if importance_of(rating["IM"]) >= LEAST_IMPORTANCE}
    kept = {pair: rating for pair, rating in important.items() if level_of(rating["LV"]) > 0}
    notes.append(
        f"{name}: {len(kept):,} of {len(values):,} ratings kept; dropped {len(values) - len(complete):,} without "
        f"level or importance, {len(suppressed & complete.keys()):,} marked Recommend Suppress, "
        f"{len((irrelevant - suppressed) & complete.keys()):,} marked Not Relevant, {len(relevant) - len(important):,} "
        f"below importance {LEAST_IMPORTANCE:g}, {len(important) - len(kept):,} whose level rounds to 0"
    )
    return {pair: (level_of(rating["LV"]), importance_of(rating["IM"])) for pair, rating in kept.items()}


def _technologies(path: Path, notes: list[str]) -> Found:
    """Return the technologies each occupation uses that are hot or in demand, by their own name.

    The other names are thousands of products that few occupations use and few courses teach.
    """
    columns = read_columns(path, (CODE, "Example", "Hot Technology", "In Demand"))
    found: Found = {}
    for code, example, hot, in_demand in zip(*columns.values(), strict=True):
        importance = technology_importance(hot=hot == "Y", in_demand=in_demand == "Y")
        if importance >= LEAST_IMPORTANCE:
            found[code, ("", tidy(example))] = ASSUMED_ROLE_LEVEL, importance
    notes.append(
        f"{path.name}: {len(found):,} of {len(columns[CODE]):,} technologies kept, the others are neither hot nor in "
        f"demand; every level is assumed ({ASSUMED_ROLE_LEVEL})"
    )
    return found


def _relations(path: Path, role_ids: Mapping[str, str], notes: list[str]) -> list[Row]:
    """Return the rows of `role_relations`: from_role_id, to_role_id, tier, rank (1 is closest)."""
    columns = read_columns(path, (CODE, "Related O*NET-SOC Code", "Relatedness Tier", "Index"))
    rows: list[Row] = []
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=FIRST_ROW):
        code, other, tier, index = cells
        rank = int(parse_number(index, f"{path}, row {number}, column Index", low=1))
        if code in role_ids and other in role_ids:
            rows.append(
                {"from_role_id": role_ids[code], "to_role_id": role_ids[other], "tier": slug(tier), "rank": rank}
            )
    if unlisted := len(columns[CODE]) - len(rows):
        notes.append(f"{unlisted:,} relations dropped: an occupation is not in Occupation_Data.csv")
    return rows
