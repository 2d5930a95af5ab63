"""How long the figures of a company take to make, and an answer with them or a page of them.

    python benchmarks/insight.py --employees 2000
    python benchmarks/insight.py --employees 20000 --courses 1000

Makes a sample company and loads it into SQLite; the model is fitted on a small company with the same catalogue, since
what is measured here goes by what is stored.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))


from service import create_app
from store.catalogue import catalogue_of
from store.database import Database
from training.__main__ import main as lpr
from web.asking import model_moment
from web.catalogue import answering_from
from web.config import ServiceConfig
from web.live import LiveModel
from web.overview import make_overview

PAGES = ("/v1/insight", "/insight", "/insight?by=role", "/insight/gaps", "/insight/catalogue", "/insight/model")
FITTED_ON = 300
"""Employees of the company the model is fitted on."""


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
        prepare(work, models, url, employees, courses)
    loaded = LiveModel(models, "default", announce=lambda *_: None).get()
    now = model_moment(loaded) + 86_400
    database = Database(url)
    with database.read() as connection:
        live = answering_from(loaded, catalogue_of(connection, "default"))
    spent = time.process_time()
    found = make_overview(database, live, "default", now=now)
    spent = time.process_time() - spent
    figures = found.insight
    shown, counts = np.isfinite(figures.have).sum(), (figures.short >= 0).sum()
    print(f"{employees} employees: {found.seconds:.1f} s, {spent:.1f} s of them computing")
    print(f"{(figures.people >= 0).sum()} of {len(figures.groups)} groups, {shown} cells and {counts} counts shown")
    config = ServiceConfig(models=models, database=url, clock=lambda: now, rate_per_minute=1_000_000)
    measure(create_app(config).test_client(), requests)


def prepare(work: Path, models: Path, url: str, employees: int, courses: int) -> None:
    """Make a company, its database and a model."""
    commands = (
        ("sample", work / "small", "--employees", FITTED_ON, "--courses", courses),
        ("fit", work / "small", "--models", models),
        ("sample", work / "data", "--employees", employees, "--courses", courses),
        ("load", work / "data", "--db", url),
    )
    for command in commands:
        if lpr([str(one) for one in command]):
            raise SystemExit(f"lpr {command[0]} failed")


def measure(client: FlaskClient, requests: int) -> None:
    """Print how long answers take, once the figures are made."""
    from visiting import enter_insight  # the tests' helpers are no package

    enter_insight(client)
    while client.get("/v1/insight").status_code == 503:
        time.sleep(0.5)
    for page in PAGES:
        times, spent = [], time.process_time()
        for _ in range(requests):
            began = time.perf_counter()
            answer = client.get(page)
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{page}: {answer.status_code} {answer.text}")
        spent = 1000 * (time.process_time() - spent) / requests
        p50, p95 = (1000 * np.quantile(times, share) for share in (0.5, 0.95))
        size = len(answer.data)
        print(f"{page}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {spent:.1f} ms of computing, {size} bytes")


if __name__ == "__main__":
    main()
