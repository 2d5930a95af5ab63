"""The service killed while it is written to, and what is left: every acknowledged write whole, nothing half there."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from running_service import RunningService, running

BATCH = 3
"""Completions of one write: all of them are there afterwards, or none."""
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Written:
    """What writers sent and what was acknowledged: batches by number, each some completions of one person."""

    employees: list[str]
    courses: list[str]
    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    unexpected: list[tuple[int, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> int:
        """Return the number of a batch nobody has sent."""
        with self.lock:
            number = len(self.sent)
            self.sent.add(number)
            return number

    def employee(self, number: int) -> str:
        """Return whom a batch is of."""
        return self.employees[number % len(self.employees)]

    def batch(self, number: int) -> list[dict[str, str]]:
        """Return the completions of a batch, at a moment of its own."""
        at = (_FIRST + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
        return [{"course_id": self.courses[(number + i) % len(self.courses)], "completed_at": at} for i in range(BATCH)]


def process_tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def kill(service: RunningService) -> None:
    """Kill every process of a service at once, without a warning."""
    for pid in process_tree(service.process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.process.wait(30)


def write_until(service: RunningService, written: Written, stop: threading.Event) -> None:
    """Send one batch after another until told to stop or the service is gone."""
    with contextlib.closing(service.connect()) as connection:
        while not stop.is_set():
            number = written.next()
            body = json.dumps(written.batch(number))
            path = f"/v1/employees/{written.employee(number)}/completions"
            try:
                headers = {"Content-Type": "application/json", "Idempotency-Key": f"batch-{number}"}
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException):
                return
            with written.lock:
                if answer.status == 201:
                    written.acknowledged.add(number)
                else:
                    written.unexpected.append((answer.status, text))


def kill_under_writes(models: Path, url: str, written: Written, *, after: float, writers: int = 3) -> float:
    """Start the service, kill it after some seconds of writing, and return how long it took to answer at first."""
    started = time.perf_counter()
    stop = threading.Event()
    with running(models, workers=2, LPR_DB=url, LPR_DEMO="1") as service:
        seconds = time.perf_counter() - started
        threads = [threading.Thread(target=write_until, args=(service, written, stop)) for _ in range(writers)]
        for thread in threads:
            thread.start()
        time.sleep(after)
        kill(service)
        stop.set()
        for thread in threads:
            thread.join(30)
    return seconds


def stored(service: RunningService, employee_id: str) -> list[dict[str, Any]]:
    """Return every completion the service holds of a person, page after page."""
    path, found = f"/v1/employees/{employee_id}/completions?limit=1000", []
    while path:
        status, answer = service.ask("GET", path)
        assert status == 200, answer
        found += answer["completions"]
        path = answer.get("next", "")
    return found


def judge(models: Path, url: str, written: Written) -> dict[str, int]:
    """Compare what is stored with what was acknowledged, count it and return the counts; AssertionError on a loss."""
    with running(models, workers=1, LPR_DB=url, LPR_DEMO="1") as service:
        there = {
            (one, fact["course_id"], fact["completed_at"]) for one in written.employees for fact in stored(service, one)
        }
    whole = 0
    for number in written.sent:
        wanted = {(written.employee(number), one["course_id"], one["completed_at"]) for one in written.batch(number)}
        n_there = len(wanted & there)
        assert n_there in {0, BATCH}, f"batch {number}: {n_there} of {BATCH} are there"
        assert number not in written.acknowledged or n_there == BATCH, f"batch {number} was acknowledged and is lost"
        whole += n_there == BATCH
    assert not written.unexpected, written.unexpected[:3]
    return {"sent": len(written.sent), "acknowledged": len(written.acknowledged), "stored": whole}


def moments(n: int, *, seed: int, most: float = 1.5) -> list[float]:
    """Return after how many seconds of writing each of n services is killed."""
    chance = random.Random(seed)
    return [chance.uniform(0.02, most) for _ in range(n)]
