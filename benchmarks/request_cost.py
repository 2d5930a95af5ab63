"""What a request costs beside the scoring, step by step: microseconds of processor time in one process, without a server.

    python benchmarks/request_cost.py                           the standard company, made and fitted if need be
    python benchmarks/request_cost.py --data DIR --models DIR   tables and a model that are there
    python benchmarks/request_cost.py --profile 30              and the 30 functions that take most, by cProfile

The application is called as gunicorn calls it, with keys, metrics over processes, decision log and a log line a request.
Each step is timed around the function that does it; of each request the least of all rounds counts, so that a busy machine
does little harm. The median over requests is printed: the whole request, `Recommender.recommend`, the rest, then its steps.
"Flask itself" is a route that returns as many bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import io
import json
import os
import pstats
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from companies import size_of, size_options
from services import loaded, prepared
from serving import people_of

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()  # before the metrics are imported: they look once

from flask import Flask, Response

import web.recommendations
import web.stored
from recommender.engine import Recommender
from service import create_app
from web.config import ServiceConfig
from web.decision_log import DecisionLog
from web.metrics import Metrics

N_PEOPLE = 200
STEPS: tuple[tuple[object, str], ...] = (
    (web.recommendations, "read_body"),
    (web.recommendations, "served"),
    (web.recommendations, "question_of"),
    (web.recommendations, "answer_to_json"),
    (web.recommendations, "jsonify"),
    (web.stored, "read_query"),
    (web.stored, "loaded"),
    (web.stored, "person_and_revision"),
    (web.stored, "answering"),
    (web.stored, "described_person"),
    (web.stored, "question_of"),
    (web.stored, "jsonify"),
    (Metrics, "recommendation"),
    (DecisionLog, "add"),
    (Recommender, "recommend"),
)
"""Functions timed, each where it is looked up; besides every function that runs before or after each request."""

Times = dict[str, list[int]]
Environ = dict[str, Any]


def timed(function: Callable[..., Any], times: list[int]) -> Callable[..., Any]:
    """Return a function that does the same and notes how long it took, in ns."""

    @wraps(function)
    def around(*arguments: Any, **named: Any) -> Any:
        began = time.thread_time_ns()
        try:
            return function(*arguments, **named)
        finally:
            times.append(time.thread_time_ns() - began)

    return around


@contextlib.contextmanager
def each_step_timed(app: Flask) -> Iterator[Times]:
    """Time every step of the application's requests until the end of the block."""
    times: Times = defaultdict(list)
    before = [(owner, name, getattr(owner, name)) for owner, name in STEPS if hasattr(owner, name)]
    for owner, name, function in before:
        setattr(owner, name, timed(function, times[name]))
    around = {"before": app.before_request_funcs, "after": app.after_request_funcs}
    kept = {when: list(functions.get(None, [])) for when, functions in around.items()}
    for when, functions in around.items():
        functions[None] = [timed(one, times[f"{when}: {_name(one)}"]) for one in kept[when]]
    try:
        yield times
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)
        for when, functions in around.items():
            functions[None] = kept[when]


def _name(function: Any) -> str:
    inner = getattr(function, "func", function)
    return f"{inner.__module__.removeprefix('web.')}.{inner.__name__}"


def ask(app: Any, environ: Environ) -> int:
    """Ask an application as a server does; return how many bytes it answered. SystemExit if it is no 200."""
    said: list[str] = []
    answer = app({**environ, "wsgi.input": io.BytesIO(environ["body"])}, lambda status, headers: said.append(status))
    data = b"".join(answer)
    answer.close()
    if said[0] != "200 OK":
        raise SystemExit(f"{said[0]}: {data[:500]!r}")
    return len(data)


def environ_of(method: str, target: str, body: bytes = b"", *, key: str = "") -> Environ:
    """Return what gunicorn hands an application for a request."""
    path, _, query = target.partition("?")
    found = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "body": body,
    }
    return found | ({"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))} if body else {})


def least(times: list[Any], n_requests: int) -> float:
    """Return the median over requests of the least time of each, of times in the order asked, round after round."""
    return float(np.median(np.min(np.reshape(times, (-1, n_requests)), axis=0)))


def whole_microseconds(app: Any, requests: list[Environ], *, rounds: int) -> list[float]:
    """Return how long each of some requests took, nothing else timed."""
    took = []
    for _ in range(rounds):
        for one in requests:
            began = time.thread_time_ns()
            ask(app, one)
            took.append((time.thread_time_ns() - began) / 1e3)
    return took


def show(kind: str, app: Flask, requests: list[Environ], rounds: int) -> int:
    """Print the steps of one kind of request; return the bytes of an answer."""
    n_bytes = ask(app, requests[0])
    whole_microseconds(app, requests, rounds=1)
    whole = least(whole_microseconds(app, requests, rounds=rounds), len(requests))
    with each_step_timed(app) as times:
        whole_microseconds(app, requests, rounds=rounds)
    found = {name: least(took, len(requests)) / 1e3 for name, took in times.items() if took}
    scoring = found.pop("recommend")
    print(f"\n{kind}: {whole:.0f} µs, of which recommend {scoring:.0f}, the rest {whole - scoring:.0f}")
    for name, microseconds in sorted(found.items(), key=lambda item: -item[1]):
        print(f"  {name:56}{microseconds:8.1f}")
    return n_bytes


def profiled(app: Flask, requests: list[Environ], n_functions: int) -> None:
    """Print the functions that take most time themselves."""
    profile = cProfile.Profile()
    profile.runcall(whole_microseconds, app, requests, rounds=2)
    stream = io.StringIO()
    pstats.Stats(profile, stream=stream).sort_stats("tottime").print_stats(n_functions)
    print(stream.getvalue())


def bare(n_bytes: int) -> Flask:
    """Return Flask with one route that returns so many bytes."""
    app = Flask("bare")
    recorded = b" " * n_bytes
    app.add_url_rule(
        "/", methods=["GET", "POST"], view_func=lambda: Response(recorded, mimetype="application/json"), endpoint="bare"
    )
    return app


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="tables that are there, instead of the made-up company")
    parser.add_argument("--models", type=Path, help="models that are there: tenant default, a live version")
    parser.add_argument("--db", help="database (default: SQLite, made for this)")
    parser.add_argument("--rounds", type=int, default=10, help=f"of {N_PEOPLE} requests (default 10)")
    parser.add_argument("--profile", type=int, default=0, help="functions of cProfile to print (default none)")
    size_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        tables, models = prepared(size_of(options), options.models, options.data)
        db = options.db or f"sqlite:///{folder}/lpr.db"
        key = loaded(tables, db)
        config = ServiceConfig(models=models, database=db, demo=False, workers=2, request_log=True)
        with contextlib.redirect_stdout(nowhere):
            app = create_app(config)
        people = people_of(tables, n=N_PEOPLE, seed=options.seed)
        bodies = [json.dumps({"person": person, "k": 10}).encode() for person in people.values()]
        paths = [f"/v1/employees/{quote(one)}/recommendations?k=10" for one in people]
        posts = [environ_of("POST", "/v1/recommendations", body, key=key) for body in bodies]
        gets = [environ_of("GET", path, key=key) for path in paths]
        n_bytes = [show(kind, app, some, options.rounds) for kind, some in (("POST", posts), ("GET", gets))]
        plain = [environ_of("POST", "/", body) for body in bodies]
        itself = least(whole_microseconds(bare(n_bytes[0]), plain, rounds=options.rounds), len(plain))
        print(f"\nFlask itself: {itself:.0f} µs")
        for kind, some in (("POST", posts), ("GET", gets)) if options.profile else ():
            print(kind)
            profiled(app, some, options.profile)
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])


if __name__ == "__main__":
    main()
