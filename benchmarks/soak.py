"""Ask and write at full speed for minutes, and watch errors, times and memory.

Usage: python benchmarks/soak.py [--minutes 10] [--workers 2] [--clients 4] [--kind sqlite|postgresql]

A mix of stored and inline questions, paths, completions, feedback and their undoing, against `lpr serve` on a socket.
Every 10 s it prints requests, errors and the memory (proportional set size, MiB) of all processes of the service. It ends
with an error if any answer was not what it should be, or if memory grew by more than a tenth after the first fifth.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from databases import KINDS, database_url  # noqa: E402 - the tests' helpers are no package
from killing import process_tree  # noqa: E402
from running_service import RunningService, running  # noqa: E402
from served_company import StoredCompany, loaded_company  # noqa: E402

from recommender.moments import moment_text  # noqa: E402

EVERY = 10.0


@dataclass
class Seen:
    """What clients saw: statuses by kind of request, times in ms, and the first answers that were wrong."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Client:
    """One client on a connection of its own."""

    def __init__(self, service: RunningService, company: StoredCompany, seen: Seen, seed: int) -> None:
        self.connection = service.connect()
        self.company, self.seen, self.chance = company, seen, random.Random(seed)

    def run(self, stop: threading.Event) -> None:
        """Ask until told to stop."""
        with contextlib.closing(self.connection):
            while not stop.is_set():
                self.step()

    def step(self) -> None:
        """Ask one thing, drawn by chance."""
        person, course = self.chance.choice(self.company.employees), self.chance.choice(self.company.courses)
        draw = self.chance.random()
        if draw < 0.45:
            self.ask("stored", "GET", f"/v1/employees/{person}/recommendations?k=10")
        elif draw < 0.65:
            history = [{"course_id": course, "completed_at": "2024-05-01T00:00:00Z"}]
            self.ask("inline", "POST", "/v1/recommendations", {"person": {"history": history}, "k": 10})
        elif draw < 0.7:
            self.ask("path", "GET", f"/v1/employees/{person}/path")
        elif draw < 0.8:
            self.write("feedback", person, {"course_id": course, "verb": "later"})
        else:
            moment = moment_text(int(time.time()) - self.chance.randrange(1, 10**6))
            self.write("completions", person, {"course_id": course, "completed_at": moment})

    def write(self, table: str, person: str, body: object) -> None:
        """Write a fact and take it back, so that the tables keep their size."""
        made = self.ask(f"write {table}", "POST", f"/v1/employees/{person}/{table}", body)
        if "fact_id" in made:
            self.ask(f"undo {table}", "DELETE", f"/v1/employees/{person}/{table}/{made['fact_id']}")

    def ask(self, kind: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask and note what came of it."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        began = time.perf_counter()
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        with self.seen.lock:
            self.seen.times.append((time.perf_counter() - began) * 1000)
            self.seen.statuses[kind, answer.status] += 1
            if answer.status >= 400 and len(self.seen.wrong) < 10:
                self.seen.wrong.append(f"{method} {path}: {answer.status} {text[:300]}")
        found: dict[str, Any] = json.loads(text) if text else {}
        return found


def memory(service: RunningService) -> float:
    """Return the proportional set size of all processes of a service, MiB."""
    total = 0
    for pid in process_tree(service.process.pid):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def soak(service: RunningService, company: StoredCompany, *, seconds: float, clients: int) -> tuple[Seen, list[float]]:
    """Run the clients and return what they saw and the memory over time."""
    seen, stop, used = Seen(), threading.Event(), []
    threads = [threading.Thread(target=Client(service, company, seen, i).run, args=(stop,)) for i in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while time.monotonic() - began < seconds:
        time.sleep(min(EVERY, seconds))
        used.append(memory(service))
        n_wrong = sum(n for (_, status), n in seen.statuses.items() if status >= 400)
        print(
            f"{time.monotonic() - began:6.0f} s  {len(seen.times):9,} requests  {n_wrong} wrong  {used[-1]:7.1f} MiB",
            flush=True,
        )
    stop.set()
    for thread in threads:
        thread.join(60)
    return seen, used


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kind", choices=KINDS, default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database_url(asked.kind, Path(folder)) as url:
        company = loaded_company(Path(folder) / "models", url, employees=500, courses=150)
        unlimited = str(10**9)
        with running(
            company.models, workers=asked.workers, LPR_DB=url, LPR_DEMO="1", LPR_RATE_PER_MINUTE=unlimited
        ) as service:
            seen, used = soak(service, company, seconds=asked.minutes * 60, clients=asked.clients)
    times = sorted(seen.times)
    for (kind, status), n in sorted(seen.statuses.items()):
        print(f"{kind:20} {status}  {n:9,}")
    print(f"{len(times) / asked.minutes / 60:,.0f} requests/s; median {times[len(times) // 2]:.1f} ms, ", end="")
    print(f"99 % {times[int(len(times) * 0.99)]:.1f} ms; memory {used[0]:.1f} → {used[-1]:.1f} MiB")
    settled = used[len(used) // 5 :]
    if seen.wrong or max(settled) > 1.1 * settled[0]:
        sys.exit("\n".join(["not as it should be:", *seen.wrong, f"memory {settled[0]:.1f} to {max(settled):.1f} MiB"]))


if __name__ == "__main__":
    main()
