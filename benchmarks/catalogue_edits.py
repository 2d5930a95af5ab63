"""How long a fitted model takes to answer from later tables: a course withdrawn, edited or added, a role added.

Each edit is made to the tables of a saved model that answered from the tables before it: the times are those of
putting the tables in the model's positions, of the model, and of the first answer, which counts the catalogue anew.

    lpr sample var/large --employees 2000 --courses 10000
    lpr fit var/large --models var/models --version large
    python benchmarks/catalogue_edits.py --models var/models --version large
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from recommender.arrays import Ids
from recommender.artifact import load_model
from recommender.catalog import Catalog, Roles, Skills
from recommender.engine import Recommender
from recommender.model import Model
from recommender.query import Query
from recommender.stored_tables import pack_tables, unpack_tables
from recommender.translation import later_tables

Tables = tuple[Catalog, Skills, Roles]
REPEATS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of saved models")
    parser.add_argument("--version", required=True, help="a saved version")
    arguments = parser.parse_args()
    if not arguments.models.is_dir():
        print(f"{arguments.models}: not there; `make run` makes it")
        return
    measure(load_model(arguments.models, "default", arguments.version)[1])


def measure(model: Model) -> None:
    """Print a table: edits, and the median milliseconds of each part."""
    told: Tables = (model.catalog, model.skills, model.roles)
    print(
        f"{len(model.catalog):,} courses, {len(model.roles):,} roles, {len(model.skills.ids):,} skills; "
        f"milliseconds, median of {REPEATS}"
    )
    print("| edit | tables | model | first answer |\n|---|---|---|---|")
    edits: tuple[tuple[str, Callable[[Tables], Tables]], ...] = (
        ("nothing", lambda tables: tables),
        ("a course withdrawn", withdrawn),
        ("the hours of a course", other_hours),
        ("the title of a course", other_title),
        ("a role added", one_more_role),
        ("20 courses added", twenty_more),
        ("with those, a course withdrawn", withdrawn),
        ("with those, the title of a course", other_title),
    )
    served = model
    for name, edit in edits:
        after = edit(told)
        times = [once(model, after, served) for _ in range(REPEATS)]
        print(
            f"| {name} | "
            + " | ".join(f"{1000 * statistics.median(part):.0f}" for part in zip(*times, strict=True))
            + " |"
        )
        if edit is twenty_more:
            told, served = after, model.with_tables(*later_tables(model, *after))


def once(model: Model, told: Tables, served: Model) -> tuple[float, float, float]:
    """Return the seconds of tables, model and first answer; the tables are made anew, as from a database."""
    told = unpack_tables(*pack_tables(*told))
    start = time.perf_counter()
    tables = later_tables(model, *told)
    placed = time.perf_counter()
    later = model.with_tables(*tables, last=served)
    made = time.perf_counter()
    Recommender(later).recommend(Query(as_of=model.as_of))
    return placed - start, made - placed, time.perf_counter() - made


def withdrawn(tables: Tables) -> Tables:
    """Return tables with the first course unpublished."""
    published = tables[0].published.copy()
    published[0] = False
    return replace(tables[0], published=published), tables[1], tables[2]


def other_hours(tables: Tables) -> Tables:
    """Return tables in which the first course takes an hour more."""
    hours, assumed = tables[0].hours.copy(), tables[0].hours_assumed.copy()
    hours[0], assumed[0] = hours[0] + 1, False
    return replace(tables[0], hours=hours, hours_assumed=assumed), tables[1], tables[2]


def other_title(tables: Tables) -> Tables:
    """Return tables in which the first course has the title of the second."""
    return replace(tables[0], titles=(tables[0].titles[1], *tables[0].titles[1:])), tables[1], tables[2]


def one_more_role(tables: Tables) -> Tables:
    """Return tables with one more role, needing nothing, of the title of the first course."""
    roles = tables[2]
    more = replace(
        roles,
        ids=Ids((*roles.ids.ids, "one-more")),
        titles=(*roles.titles, tables[0].titles[0]),
        families=(*roles.families, ""),
        descriptions=(*roles.descriptions, ""),
        needs=replace(roles.needs, indptr=np.append(roles.needs.indptr, roles.needs.indptr[-1])),
    )
    return tables[0], tables[1], more


def twenty_more(tables: Tables) -> Tables:
    """Return tables with twenty more courses, copies of the first twenty under other ids, teaching nothing."""
    arrays, documents = pack_tables(*tables)
    courses = documents["courses"]
    texts = {name: [*values, *values[:20]] for name, values in courses.items()}
    texts["ids"] = [*courses["ids"], *(f"more-{one}" for one in courses["ids"][:20])]
    longer = {name: np.append(array, array[:20]) if name in _BY_COURSE else array for name, array in arrays.items()}
    for name in ("prerequisites_indptr", "supersedes_indptr", "course_skills_indptr"):
        longer[name] = np.append(arrays[name], np.repeat(arrays[name][-1:], 20))
    return unpack_tables(longer, documents | {"courses": texts})


_BY_COURSE = ("difficulty", "hours", "hours_assumed", "cost", "available_from", "available_to", "published")


if __name__ == "__main__":
    main()
