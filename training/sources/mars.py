"""Reader of MARS: Office e-learning of a training provider, with page views, watches, jobs, software and themes.

A completion is a watch of 80 % or more, or a page view of a course the person has no watch of. docs/data.md gives the
whole mapping and what the published files hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recommender.schema import IN_PROGRESS_BELOW
from training.sources.naming import assign_ids
from training.sources.reading import (
    FIRST_ROW,
    parse_names,
    parse_number,
    parse_time,
    read_columns,
    require_distinct,
    tidy,
)
from training.sources.writing import (
    ASSUMED_ROLE_LEVEL,
    LEVEL_OF_DIFFICULTY,
    Provenance,
    Row,
    taught,
)

FILES = ("items_en.csv", "users_en.csv", "implicit_ratings_en.csv", "explicit_ratings_en.csv")
PROVENANCE = Provenance(
    source="mars",
    title="MARS: e-learning of Mandarine Academy",
    homepage="https://doi.org/10.7910/DVN/BMY3UD",
    licence="not stated in the files: check with the publisher before any use beyond local measurement",
    attribution="MARS data set, Mandarine Academy, Harvard Dataverse, doi:10.7910/DVN/BMY3UD.",
)

ROLE_OF_JOB = {
    "comptabilité": "Accounting",
    "administratif": "Administrative",
    "assistant": "Administrative",
    "conseil": "Consulting",
    "finance & risque et assurance": "Finance, Risk and Insurance",
    "finance, risk and insurance": "Finance, Risk and Insurance",
    "financial": "Finance, Risk and Insurance",
    "direction générale": "General Management",
    "manager": "General Management",
    "ressources humaines": "Human Resources",
    "human resources": "Human Resources",
    "it": "IT",
    "juridique": "Legal",
    "marketing produit & service": "Product and Service Marketing",
    "product & service marketing": "Product and Service Marketing",
    "production & logistique": "Production and Logistics",
    "project manager": "Project Management",
    "project management": "Project Management",
    "achats": "Purchasing",
    "recherche et développement": "Research and Development",
    "commercial": "Sales Representative",
    "salesman": "Sales Representative",
}
"""English role of each job that is French, or that people and courses write differently; other names are kept."""

_TITLE_OF_ROLE = {title.lower(): title for title in ROLE_OF_JOB.values()}

NOT_A_SKILL = {"Discover", "New features", "Other Products"}
"""Themes that say what a course is, not what it teaches: they become tags."""

HUMAN_THEMES = {"Collaborate", "Communicate", "Organize", "Share"}
DOMAIN_THEMES = {"Accessibility", "Analyze", "Customize", "Mobility", "Produce", "Research", "Security"}
"""Themes that are human or of a domain; software, and every theme not named here, is technical."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One course as published: its row, and what the columns with lists hold."""

    row: Row
    year: int
    difficulty: str
    jobs: tuple[str, ...]
    software: tuple[str, ...]
    themes: tuple[str, ...]

    @property
    def skills(self) -> tuple[str, ...]:
        """Names of the skills taught, software first."""
        return (*self.software, *(theme for theme in self.themes if theme not in NOT_A_SKILL))


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """One page view or watch; `share` is the part watched, None for a view."""

    at: str
    employee_id: str
    course_id: str
    share: float | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Who and what."""
        return self.employee_id, self.course_id


def tables_of(files: Mapping[str, Path], notes: list[str]) -> dict[str, list[Row]]:
    """Return courses, completions, progress, people, skills and roles, row by row; note what was left out.

    Raises
    ------
    DataError
        If a column or a cell is not as published.
    """
    items = _read_items(files["items_en.csv"])
    views = _read_events(files["implicit_ratings_en.csv"])
    watches = _read_events(files["explicit_ratings_en.csv"], watched="watch_percentage")
    completions, begun = _completions(views, watches, notes)
    jobs = _read_jobs(files["users_en.csv"], [*views, *watches], notes)
    role_ids = assign_ids([*(role for item in items.values() for role in item.jobs), *filter(None, jobs.values())])
    skill_ids = assign_ids(skill for item in items.values() for skill in item.skills)
    return {
        "courses": _courses(items, [*views, *watches], notes),
        "completions": completions,
        "progress": begun,
        "employees": [{"employee_id": person, "role_id": role_ids.get(role)} for person, role in jobs.items()],
        "skills": [{"skill_id": skill_ids[name], "name": name, "kind": _kind_of_skill(name)} for name in skill_ids],
        "course_skills": _course_skills(items, skill_ids),
        "roles": [{"role_id": role_id, "title": title} for title, role_id in role_ids.items()],
        "role_skills": _role_skills(items.values(), role_ids, skill_ids, notes),
    }


def _read_items(path: Path) -> dict[str, _Item]:
    names = ("item_id", "language", "name", "description", "created_at", "Difficulty", "Job", "Software", "Theme")
    columns = read_columns(path, (*names, "duration", "type"))
    require_distinct(columns["item_id"], f"{path}, column item_id")
    items: dict[str, _Item] = {}
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=FIRST_ROW):
        raw = dict(zip(columns, cells, strict=True))
        where = f"{path}, row {number}, column"
        lists = {name: tuple(dict.fromkeys(parse_names(raw[name], f"{where} {name}"))) for name in names[-3:]}
        seconds = parse_number(raw["duration"], f"{where} duration", low=0)
        difficulty = raw["Difficulty"].strip().lower()
        items[raw["item_id"]] = _Item(
            row={
                "course_id": raw["item_id"],
                "title": tidy(raw["name"]),
                "description": tidy(raw["description"]),
                "format": raw["type"],
                "language": raw["language"],
                "difficulty": difficulty if difficulty in LEVEL_OF_DIFFICULTY else "",
                "hours": round(seconds / 3600, 5) or None,
                "tags": tuple(f"theme:{theme}" for theme in lists["Theme"] if theme in NOT_A_SKILL),
            },
            year=int(parse_number(raw["created_at"], f"{where} created_at", low=1900, high=9999)),
            difficulty=difficulty,
            jobs=tuple(dict.fromkeys(_role_title(job) for job in lists["Job"])),
            software=lists["Software"],
            themes=lists["Theme"],
        )
    return items


def _read_events(path: Path, *, watched: str | None = None) -> list[_Event]:
    columns = read_columns(path, ("created_at", "user_id", "item_id", *([watched] if watched else [])))
    events = []
    for number, cells in enumerate(zip(*columns.values(), strict=True), start=FIRST_ROW):
        where = f"{path}, row {number}, column"
        at = parse_time(cells[0], f"{where} created_at")
        share = parse_number(cells[3], f"{where} {watched}", low=0, high=100) / 100 if watched else None
        events.append(_Event(at, cells[1], cells[2], share))
    return events


def _completions(views: Sequence[_Event], watches: Sequence[_Event], notes: list[str]) -> tuple[list[Row], list[Row]]:
    """Return the rows of completions and of progress, by time; what falls away is counted in `notes`."""
    finished = {event for event in watches if (event.share or 0) >= IN_PROGRESS_BELOW}
    finished_pairs = {event.pair for event in finished}
    begun: dict[tuple[str, str], _Event] = {}
    for event in sorted(set(watches) - finished, key=lambda event: (event.share or 0, event.at)):
        if event.pair not in finished_pairs:
            begun[event.pair] = event
    watched = finished_pairs | begun.keys()
    distinct_views = set(views)
    kept = {event for event in distinct_views if event.pair not in watched}
    notes += [
        f"{len(finished):,} completions are watches of 80 % or more, {len(kept):,} are page views of courses the "
        f"person has no watch of ({len({event.pair for event in kept}):,} pairs, the others later repeats, kept)",
        f"{len(distinct_views) - len(kept):,} page views dropped: the person has a watch of that course",
        f"{len(views) - len(distinct_views):,} page views dropped: same person, course and second as another",
        f"{len(watches) - len(finished) - len(begun):,} watches below 80 % dropped: the person watched more of that "
        "course in another row",
        "`rating` dropped: it is the watched percentage again, by tens rounded up; `nb_views` dropped: an undated "
        "total would let a model see the future",
        "times carry no zone and are taken as UTC",
    ]
    return [_completion(event) for event in sorted({*finished, *kept}, key=_order)], [
        {"employee_id": event.employee_id, "course_id": event.course_id, "progress": event.share, "at": event.at}
        for event in sorted(begun.values(), key=_order)
    ]


def _order(event: _Event) -> tuple[str, str, str]:
    return event.at, event.employee_id, event.course_id


def _completion(event: _Event) -> Row:
    return {
        "employee_id": event.employee_id,
        "course_id": event.course_id,
        "completed_at": event.at,
        "progress": event.share,
    }


def _role_title(job: str) -> str:
    """Return the English role of a job as written; a job that is not in the table keeps its name, capitalised."""
    name = tidy(job)
    return ROLE_OF_JOB.get(name.lower()) or _TITLE_OF_ROLE.get(name.lower()) or name[:1].upper() + name[1:]


def _read_jobs(path: Path, events: Iterable[_Event], notes: list[str]) -> dict[str, str]:
    """Return the role title of each person, "" where the job is N/A; people only events know come last, without one."""
    columns = read_columns(path, ("user_id", "job"))
    require_distinct(columns["user_id"], f"{path}, column user_id")
    jobs = {
        person: "" if job.strip().upper() in {"", "N/A"} else _role_title(job)
        for person, job in zip(columns["user_id"], columns["job"], strict=True)
    }
    active = {event.employee_id for event in events}
    unlisted = sorted(active - jobs.keys())
    if unlisted:
        notes.append(f"{len(unlisted):,} people have events and no row in {path.name}: kept without a role")
    known = [person for person, job in jobs.items() if job]
    notes.append(
        f"{len(known):,} of {len(jobs):,} people have a job ({len(active & set(known)):,} of them have events); "
        f"{len(jobs.keys() - active):,} people have no event at all, kept"
    )
    return jobs | dict.fromkeys(unlisted, "")


def _courses(items: dict[str, _Item], events: Iterable[_Event], notes: list[str]) -> list[Row]:
    """Return the course rows with `available_from`, and a bare row for each course that only events know."""
    first_seen: dict[str, str] = {}
    for event in events:
        first_seen[event.course_id] = min(event.at, first_seen.get(event.course_id, event.at))
    contradicted = 0
    rows = []
    for course_id, item in items.items():
        start = f"{item.year:04d}-01-01"
        believed = course_id not in first_seen or first_seen[course_id] >= start
        contradicted += not believed
        rows.append(item.row | {"available_from": start if believed else ""})
    unlisted = sorted(first_seen.keys() - items.keys())
    notes.append(
        "`created_at` of a course is a year: `available_from` is its 1 January, left empty for "
        f"{contradicted:,} courses that have earlier events"
    )
    if unlisted:
        notes.append(f"{len(unlisted):,} courses have events and no row in items: kept, titled by their number")
    return rows + [{"course_id": course_id, "title": f"Item {course_id}"} for course_id in unlisted]


def _kind_of_skill(name: str) -> str:
    if name in HUMAN_THEMES:
        return "human"
    return "domain" if name in DOMAIN_THEMES else "technical"


def _course_skills(items: Mapping[str, _Item], skill_ids: Mapping[str, str]) -> list[Row]:
    return [
        row
        for course_id, item in items.items()
        for row in taught(course_id, [skill_ids[name] for name in item.skills], difficulty=item.difficulty)
    ]


def _role_skills(
    items: Iterable[_Item], role_ids: Mapping[str, str], skill_ids: Mapping[str, str], notes: list[str]
) -> list[Row]:
    """Return what each role needs, read from the courses made for it.

    importance = share of the role's courses that teach the skill; level = their mean level, halves up, over courses of
    known difficulty, or the assumed level where none is known.
    """
    made_for: Counter[str] = Counter()
    levels: dict[tuple[str, str], list[int | None]] = {}
    for item in items:
        made_for.update(item.jobs)
        for role in item.jobs:
            for skill in item.skills:
                levels.setdefault((role, skill), []).append(LEVEL_OF_DIFFICULTY.get(item.difficulty))
    rows: list[Row] = []
    for (role, skill), found in sorted(levels.items()):
        known = [level for level in found if level is not None]
        rows.append(
            {
                "role_id": role_ids[role],
                "skill_id": skill_ids[skill],
                "level": int(sum(known) / len(known) + 0.5) if known else ASSUMED_ROLE_LEVEL,
                "importance": round(len(found) / made_for[role], 4),
                "source": "derived" if known else "assumed",
            }
        )
    assumed = sum(row["source"] == "assumed" for row in rows)
    notes.append(
        f"what roles need is derived from {sum(map(bool, (item.jobs for item in items))):,} courses made for "
        f"{len(made_for):,} roles; {assumed:,} of {len(rows):,} levels assumed ({ASSUMED_ROLE_LEVEL})"
    )
    return rows
