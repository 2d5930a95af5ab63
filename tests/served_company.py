"""A small company, its model saved and its tables in a database: what a running service needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from store import rows
from store.database import Database
from training.__main__ import main as lpr


@dataclass(frozen=True, slots=True)
class StoredCompany:
    """Where its model lies, and the ids of its people, courses and roles."""

    models: Path
    employees: list[str]
    courses: list[str]
    roles: list[str]


def _lpr(*arguments: str) -> None:
    code = lpr(list(arguments))
    assert code == 0, arguments


def loaded_company(models: Path, url: str, *, employees: int = 120, courses: int = 80, seed: int = 3) -> StoredCompany:
    """Make a company, fit it, load it into the database at `url`, and say what it holds."""
    data = models.parent / "company"
    _lpr("sample", str(data), "--employees", str(employees), "--courses", str(courses), "--seed", str(seed))
    _lpr("fit", str(data), "--models", str(models))
    _lpr("load", str(data), "--db", url)
    database = Database(url)
    with database.read() as connection:
        found = {
            name: [str(one[f"{name[:-1]}_id"]) for one in rows.everything(connection, "default", name)]
            for name in ("employees", "courses", "roles")
        }
    database.close()
    return StoredCompany(models, found["employees"], found["courses"], found["roles"])
