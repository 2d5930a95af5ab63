"""How fast the service answers beside a bare Flask route that returns the same bytes under the same server.

    python benchmarks/serving.py                                    the standard company, made and fitted if need be
    python benchmarks/serving.py --data DIR --models DIR            tables and a model that are there
    python benchmarks/serving.py --db postgresql://USER@HOST/NAME   stored people in PostgreSQL instead of SQLite

Starts the service as `lpr serve` does, with keys, metrics, decision log and a log line a request, and a Flask application
of one route under gunicorn with the same worker class, processes, threads and keep-alive, which returns a recorded answer.
The same client asks them in turns, over connections that are kept, the next request on each as soon as the last is
answered: a person described in the request (`POST /v1/recommendations`), then somebody stored
(`GET /v1/employees/{id}/recommendations`), another one each time, with the role and the history the company's tables give
them, k = 10. The client is one process of plain sockets; it takes the same share of the machine's cores from both sides.

Printed are medians over rounds, each ratio against its limit, and the processor time a request costs the processes that
answer.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from companies import size_of, size_options
from comparing import judge
from services import Service, bare_service, loaded, our_service, prepared

N_PEOPLE = 5_000
"""People asked about, drawn from the company."""
LEAST = {"POST": 0.5, "GET": 0.35}
"""Throughput that must be reached, as a share of that of the bare route."""
MOST_P99 = 3.0
"""How many times as long as that of the bare route the 99th percentile may be."""
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one side did in one round: answers a second, seconds of the slowest hundredth, processor seconds an answer."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass
class Connection:
    """One kept connection, and what it still waits for."""

    socket: socket.socket
    sent_at: float = 0.0
    left: int = -1
    head: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        """Ask."""
        self.sent_at, self.left = time.perf_counter(), -1
        self.head.clear()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come; True once the answer is whole. SystemExit if it is no 200."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise SystemExit("a connection was closed in the middle of a round")
        if self.left < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return False
            if not self.head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"unexpected answer: {bytes(self.head[:500])!r}")
            at = self.head.lower().index(b"content-length:") + 15
            self.left = int(self.head[at : self.head.index(b"\r", at)]) - (len(self.head) - end - 4)
        else:
            self.left -= len(data)
        return self.left <= 0


def asked(service: Service, requests: Iterable[bytes], *, connections: int, seconds: float) -> Round:
    """Ask for some seconds over kept connections, the next on each as soon as the last is answered."""
    todo = iter(requests)
    held = [Connection(socket.create_connection((service.host, service.port))) for _ in range(connections)]
    took: list[float] = []
    with selectors.DefaultSelector() as ready:
        for one in held:
            one.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(one.socket, selectors.EVENT_READ, one)
        cpu, began = service.cpu_seconds(), time.perf_counter()
        for one in held:
            one.send(next(todo))
        while time.perf_counter() - began < seconds:
            for key, _ in ready.select(1.0):
                one = key.data
                if one.receive():
                    took.append(time.perf_counter() - one.sent_at)
                    one.send(next(todo))
        passed, cpu = time.perf_counter() - began, service.cpu_seconds() - cpu
    for one in held:
        one.socket.close()
    p50, p99 = np.quantile(took, [0.5, 0.99])
    return Round(len(took) / passed, float(p50), float(p99), cpu / len(took))


def message(method: str, path: str, body: bytes = b"", *, key: str) -> bytes:
    """Return a request as it is sent."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def people_of(tables: Path, *, n: int, seed: int) -> dict[str, dict[str, Any]]:
    """Return employees drawn from a company's tables as a request describes them, by their ids."""
    employees = pq.read_table(tables / "employees.parquet", columns=["employee_id", "role_id", "target_role_id"])
    rng = np.random.default_rng(seed)
    drawn = employees.take(rng.choice(len(employees), min(n, len(employees)), replace=False)).to_pylist()
    found: dict[str, dict[str, Any]] = {
        one["employee_id"]: {"history": [], "role_id": one["role_id"], "target_role_id": one["target_role_id"]}
        for one in drawn
    }
    done = pq.read_table(tables / "completions.parquet", columns=["employee_id", "course_id", "completed_at"])
    done = done.filter(pc.is_in(done["employee_id"], value_set=pc.cast(list(found), "string")))
    done = done.set_column(2, "completed_at", pc.strftime(done["completed_at"], format="%Y-%m-%dT%H:%M:%SZ"))
    for employee_id, course_id, at in zip(*(column.to_pylist() for column in done.columns), strict=True):
        found[employee_id]["history"].append({"course_id": course_id, "completed_at": at})
    return found


def requests_about(people: dict[str, dict[str, Any]], key: str) -> dict[str, list[bytes]]:
    """Return the requests of both kinds, one a person."""
    bodies = [json.dumps({"person": person, "k": 10}).encode() for person in people.values()]
    return {
        "POST": [message("POST", "/v1/recommendations", body, key=key) for body in bodies],
        "GET": [message("GET", f"/v1/employees/{quote(one)}/recommendations?k=10", key=key) for one in people],
    }


def bare_requests(requests: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    """Return the same requests for the bare route: same method, headers and body, another path."""
    return {
        kind: [b" ".join([one.split(b" ", 2)[0], b"/", one.split(b" ", 2)[2]]) for one in some]
        for kind, some in requests.items()
    }


def median(rounds: Sequence[Round], name: str) -> float:
    """Return the median of a figure over rounds."""
    return statistics.median(getattr(one, name) for one in rounds)


def shown(kind: str, ours: Sequence[Round], bare: Sequence[Round]) -> None:
    """Print what was measured of one kind of request, each ratio against its limit."""
    print(f"\n{kind:28}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs/request':>17}")
    for name, rounds in (("bare Flask route", bare), ("service", ours)):
        p50, p99, cpu = (median(rounds, one) for one in ("p50", "p99", "cpu"))
        print(f"  {name:26}{median(rounds, 'rate'):12,.0f}{1e3 * p50:9.2f}{1e3 * p99:9.2f}{1e6 * cpu:17,.0f}")
    pairs = list(zip(ours, bare, strict=True))
    print(f"  requests/s by round: {', '.join(f'{one.rate:,.0f} of {other.rate:,.0f}' for one, other in pairs)}")
    rate = statistics.median(one.rate / other.rate for one, other in pairs)
    p99 = statistics.median(one.p99 / other.p99 for one, other in pairs)
    judge(f"{kind}, requests a second, of those of the bare route", rate, at_least=LEAST[kind], unit="×")
    judge(f"{kind}, p99, of that of the bare route", p99, at_most=MOST_P99, unit="×")


def measured(options: argparse.Namespace, folder: Path) -> None:
    """Start both, ask them in turns and print."""
    tables, models = prepared(size_of(options), options.models, options.data)
    db = options.db or f"sqlite:///{folder}/lpr.db"
    key = loaded(tables, db)
    people = people_of(tables, n=N_PEOPLE, seed=options.seed)
    requests = requests_about(people, key)
    size = {"workers": options.workers, "threads": options.threads, "pinned": options.pin_cores}
    with our_service(models, db, folder, **size) as ours:
        person = {"person": next(iter(people.values())), "k": 10}
        status, recorded = ours.ask(
            "POST",
            "/v1/recommendations",
            json.dumps(person).encode(),
            Authorization=f"Bearer {key}",
            Content_Type="application/json",
        )
        if status != 200:
            raise SystemExit(f"{status}: {recorded[:500]!r}")
        with bare_service(recorded, folder, **size) as bare:
            print(
                f"{options.rounds} rounds of {options.seconds:g} s a side, {options.connections} connections, "
                f"{options.workers} processes of {options.threads} threads, answers of {len(recorded):,} bytes"
            )
            sides = ((ours, requests), (bare, bare_requests(requests)))
            for kind in ("POST", "GET"):
                _kind(kind, sides, options)


def _kind(kind: str, sides: tuple[tuple[Service, dict[str, list[bytes]]], ...], options: argparse.Namespace) -> None:
    rounds: list[list[Round]] = [[], []]
    asking = {"connections": options.connections}
    todo = [cycle(requests[kind]) for _, requests in sides]
    for (service, _), some in zip(sides, todo, strict=True):
        asked(service, some, seconds=WARM_UP_SECONDS, **asking)
    for number in range(options.rounds):
        # Who comes first changes, so that a machine that slows down favours nobody.
        for side in islice(cycle((0, 1)), number % 2, number % 2 + 2):
            rounds[side].append(asked(sides[side][0], todo[side], seconds=options.seconds, **asking))
    shown(kind, *rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="tables that are there, instead of the made-up company")
    parser.add_argument("--models", type=Path, help="models that are there: tenant default, a live version")
    parser.add_argument("--db", help="database (default: SQLite, made for this)")
    parser.add_argument("--rounds", type=int, default=7, help="default 7")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each side in a round (default 4)")
    parser.add_argument("--connections", type=int, default=8, help="default 8")
    parser.add_argument("--workers", type=int, default=2, help="processes of each side (default 2)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each process (default 2)")
    parser.add_argument(
        "--pin-cores",
        action=argparse.BooleanOptionalAction,
        help="have the processes of both sides keep to a core each, or not; as `lpr serve` does unless said",
    )
    size_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured(options, Path(folder))


if __name__ == "__main__":
    main()
