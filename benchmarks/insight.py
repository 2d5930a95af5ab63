"""How long the figures of a company take to make, and a page of them to answer.

    python benchmarks/insight.py --employees 2000
    python benchmarks/insight.py --employees 20000 --courses 1000

Makes a sample company, fits it (with few epochs: what takes time here does not depend on them) and loads it into SQLite.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service import create_app
from store.database import Database
from training.__main__ import main as lpr
from web.asking import model_moment
from web.catalogue import answering_from
from web.config import ServiceConfig
from web.live import LiveModel
from web.overview import make_overview

PAGES = ("/v1/insight",)
"""What is asked; the pages ask for a visit, so that their cost is that of the same figures and a template."""


def main() -> None:
    """Print the seconds an overview takes, and the milliseconds of an answer."""
    options = argparse.ArgumentParser()
    options.add_argument("--employees", type=int, default=2_000)
    options.add_argument("--courses", type=int, default=400)
    options.add_argument("--requests", type=int, default=200)
    options.add_argument("--work", type=Path, help="keep the company here, and use it again")
    asked = options.parse_args()
    with TemporaryDirectory() as folder:
        work = asked.work or Path(folder)
        run(work, asked.employees, asked.courses, asked.requests)


def run(work: Path, employees: int, courses: int, requests: int) -> None:
    """Measure one company."""
    url, models = f"sqlite:///{work / 'lpr.db'}", work / "models"
    if not models.is_dir():
        commands = (
            ("sample", work / "data", "--employees", employees, "--courses", courses),
            ("fit", work / "data", "--models", models),
            ("load", work / "data", "--db", url),
        )
        for command in commands:
            if lpr([str(one) for one in command]):
                raise SystemExit(f"lpr {command[0]} failed")
    live = answering_from(LiveModel(models, "default", announce=lambda *_: None).get(), None)
    now = model_moment(live) + 86_400
    database = Database(url)
    began = time.perf_counter()
    found = make_overview(database, live, "default", now=now)
    seconds = time.perf_counter() - began
    shown = int((found.insight.people >= 0).sum())
    print(f"{employees} employees: {seconds:.1f} s; {shown} of {len(found.insight.groups)} groups shown")
    cells = np.isfinite(found.insight.have)
    print(f"{int(cells.sum())} cells shown, {int((found.insight.short >= 0).sum())} counts")
    client = create_app(ServiceConfig(models=models, database=url, clock=lambda: now)).test_client()
    while client.get("/v1/insight").status_code == 503:
        time.sleep(0.5)
    for page in PAGES:
        times = []
        for _ in range(requests):
            began = time.perf_counter()
            size = len(client.get(page).data)
            times.append(time.perf_counter() - began)
        p50, p95 = (1000 * np.quantile(times, share) for share in (0.5, 0.95))
        print(f"{page}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {size} bytes")


if __name__ == "__main__":
    main()
