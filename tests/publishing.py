"""Publishing that is killed: `lpr models refresh` saves and activates a version; SIGKILL may come at any moment."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from recommender import activation, artifact

ROOT = Path(__file__).resolve().parent.parent


def publish(data: Path, models: Path, turn: int) -> subprocess.Popen[bytes]:
    """Retitle a course, so that there is something new, and begin to publish it."""
    path = data / "courses.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["title"] = f"Title of turn {turn}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    command = [sys.executable, "-m", "training", "models", "refresh", str(data), "--models", str(models)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=quiet, stderr=quiet)


def kill_publishing(data: Path, models: Path, *, times: int, seed: int = 0) -> tuple[int, int]:
    """Kill publishing `times` times; return how often it was killed and how often a new version was live by then.

    After each, every version there is must be whole, and the live one among them; afterwards publishing must still work.
    """
    rng = random.Random(seed)
    began = time.monotonic()
    assert publish(data, models, 0).wait(120) == 0
    whole_seconds = time.monotonic() - began
    company = models / "default"
    n_killed = n_published = 0
    for turn in range(1, times + 1):
        before = activation.live_version(models, "default")
        process = publish(data, models, turn)
        if turn % 2:  # while it writes, or just after; else at any moment
            while process.poll() is None and not any(company.glob(f"{artifact.PARTIAL}*")):
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.1))
        else:
            time.sleep(whole_seconds * rng.random())
        process.kill()
        n_killed += process.wait(60) < 0
        versions = activation.versions(models, "default")
        for version in versions:
            artifact.load_model(models, "default", version)
        live = activation.live_version(models, "default")
        assert live in versions
        n_published += live != before
    assert publish(data, models, times + 1).wait(120) == 0
    return n_killed, n_published
