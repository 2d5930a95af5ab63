"""How long the service takes to start and to follow an activation, and what each of its processes needs for itself.

    python benchmarks/starting.py                           the standard company, made and fitted if need be
    python benchmarks/starting.py --data DIR --models DIR   tables and a model that are there

Starts `lpr serve` several times on a copy of the models and prints, each against its limit: the seconds from its start to
`/health/ready`; the memory a process that answers has to itself (`Private_*` in /proc/PID/smaps_rollup) after some hundred
requests of both kinds and again after a reload; and the seconds from `lpr models activate`, when it returns, to the first
answer of the other version, while a client goes on asking and every answer is checked.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from companies import size_of, size_options
from comparing import judge
from services import Service, loaded, our_service, own_memory, prepared
from serving import people_of

from recommender import activation, artifact

MOST_SECONDS_TO_READY = 2.0
MOST_SECONDS_TO_RELOAD = 1.0
MOST_OWN_MB = 60.0
N_PEOPLE = 300
GIVEN_UP_SECONDS = 30.0


def second_version(models: Path) -> tuple[str, str]:
    """Save the live version once more under another name; return both names."""
    live = activation.live_version(models, "default")
    saved = artifact.read(models, "default", live)
    again = f"{live}-again"
    artifact.save(
        models, "default", saved.manifest.origin, arrays=saved.arrays, documents=saved.documents, version=again
    )
    return live, again


def ask_everyone(service: Service, people: dict[str, dict[str, object]], key: str) -> None:
    """Ask about each person, as described and as stored."""
    for employee_id, person in people.items():
        body = json.dumps({"person": person, "k": 10}).encode()
        typed = {"Authorization": f"Bearer {key}", "Content_Type": "application/json"}
        path = f"/v1/employees/{quote(employee_id)}/recommendations"
        for status, answer in (
            service.ask("POST", "/v1/recommendations", body, **typed),
            service.ask("GET", path, None, Authorization=f"Bearer {key}"),
        ):
            if status != 200:
                raise SystemExit(f"{status}: {answer[:500]!r}")


def seconds_to_reload(service: Service, models: Path, version: str, key: str) -> float:
    """Activate a version; return how long after that the first answer came from it."""
    activation.activate(models, "default", version, at=datetime.now(UTC))
    began = time.perf_counter()
    while time.perf_counter() - began < GIVEN_UP_SECONDS:
        status, answer = service.ask(
            "POST",
            "/v1/recommendations",
            b'{"person": {}}',
            Authorization=f"Bearer {key}",
            Content_Type="application/json",
        )
        if status != 200:
            raise SystemExit(f"{status}: {answer[:500]!r}")
        if json.loads(answer)["model_version"] == version:
            return time.perf_counter() - began
    raise SystemExit(f"no answer of {version} within {GIVEN_UP_SECONDS:g} s")


def measured(options: argparse.Namespace, folder: Path) -> None:
    """Start, ask, reload and print, each figure against its limit."""
    tables, fitted = prepared(size_of(options), options.models, options.data)
    models = folder / "models"
    shutil.copytree(fitted / "default", models / "default")
    db = options.db or f"sqlite:///{folder}/lpr.db"
    key = loaded(tables, db)
    people = people_of(tables, n=N_PEOPLE, seed=options.seed)
    versions = second_version(models)
    ready, memory, later, reloads = [], [], [], []
    for number in range(options.rounds):
        began = time.perf_counter()
        with our_service(models, db, folder, workers=2, threads=2) as service:
            ready.append(time.perf_counter() - began)
            ask_everyone(service, people, key)
            memory.append(max(own_memory(one) for one in service.workers()))
            reloads.append(seconds_to_reload(service, models, versions[1 - number % 2], key))
            ask_everyone(service, dict(list(people.items())[:50]), key)
            later.append(max(own_memory(one) for one in service.workers()))
    judge("from the start to ready", statistics.median(ready), at_most=MOST_SECONDS_TO_READY, unit=" s")
    judge("memory of a process to itself", statistics.median(memory), at_most=MOST_OWN_MB, unit=" MB")
    judge(
        "from an activation to its first answer", statistics.median(reloads), at_most=MOST_SECONDS_TO_RELOAD, unit=" s"
    )
    print(f"memory of a process to itself after a reload: {statistics.median(later):.2f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="tables that are there, instead of the made-up company")
    parser.add_argument("--models", type=Path, help="models that are there: tenant default, a live version")
    parser.add_argument("--db", help="database (default: SQLite, made for this)")
    parser.add_argument("--rounds", type=int, default=5, help="starts (default 5)")
    size_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured(options, Path(folder))


if __name__ == "__main__":
    main()
