"""What each way to document a route costs a request: bare, read as the service reads, and through SpecTree.

    python benchmarks/openapi_cost.py                     5 rounds of 2,000 requests a way
    python benchmarks/openapi_cost.py --requests 200      fewer

The body is a request for recommendations with ten completions, the answer one of ten courses; nothing is computed, so that
what is left is the cost of reading, checking and answering. The ways take turns; of each the fastest round is printed, in
microseconds of processor time a request. Where flask-openapi3 is installed it is measured too; the project does not
need it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, jsonify
from flask.testing import FlaskClient
from pydantic import ConfigDict
from spectree import Response as Answers
from spectree import SpecTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from web.answers import RecommendationAnswer
from web.operation import operation
from web.reading import read_body, read_query
from web.schemas import RecommendationRequest
from web.stored_queries import StoredQuery

ROUNDS = 5
PERSON = {
    "history": [{"course_id": f"C{i:04d}", "completed_at": "2026-03-01"} for i in range(10)],
    "role_id": "data-analyst",
    "target_role_id": "data-engineer",
}
BODY = json.dumps({"person": PERSON, "k": 10}).encode()
QUERY = "k=10&language=en&language=fr&max_hours=4"
COURSE = {
    "rank": 1,
    "course_id": "C0014",
    "title": "Your first pipeline",
    "score": 1.687381933,
    "parts": dict.fromkeys(("item_item", "sequence", "hybrid", "trend", "content", "role", "goal", "base"), 0.1),
    "goal_gain": 0.104167,
    "lifts": [{"skill_id": "sql", "name": "SQL", "from": 0, "to": 2, "needed": 4}],
    "reasons": [{"code": "closes_gap", "text": "Takes SQL from level 0 to 2; Data engineer needs 4.", "from": 0}],
    "hours": 3.25,
}
ANSWER = {
    "model_version": "v1",
    "as_of": "2026-07-05T00:00:00Z",
    "mode": "upskill",
    "goal_weight": 0.6,
    "recommendations": [COURSE] * 10,
    "required": [],
    "model_as_of": "2026-06-30T17:56:27Z",
    "trend_age_days": 4.25,
}


def bare() -> Flask:
    """Neither read nor checked nor documented."""
    app = Flask("bare")
    app.post("/body", endpoint="body")(lambda: jsonify(ANSWER))
    app.get("/query", endpoint="query")(lambda: jsonify(ANSWER))
    return app


def ours() -> Flask:
    """As the service does it: our readers, and an operation that costs nothing."""
    app = Flask("ours")

    @app.post("/body")
    @operation(scope="read", tag="x", body=RecommendationRequest, answer=RecommendationAnswer)
    def body() -> Any:
        read_body(RecommendationRequest)
        return jsonify(ANSWER)

    @app.get("/query")
    @operation(scope="read", tag="x", query=StoredQuery, answer=RecommendationAnswer)
    def query() -> Any:
        read_query(StoredQuery)
        return jsonify(ANSWER)

    return app


def spectree(*, validate: bool) -> Flask:
    """SpecTree around the views; without validation our readers check."""
    app, spec = Flask("spectree"), SpecTree("flask", annotations=False)
    answers = Answers(HTTP_200=RecommendationAnswer)

    @app.post("/body")
    @spec.validate(json=RecommendationRequest, resp=answers, skip_validation=not validate)
    def body() -> Any:
        if not validate:
            read_body(RecommendationRequest)
        return jsonify(ANSWER)

    @app.get("/query")
    @spec.validate(query=LaxQuery, resp=Answers(HTTP_200=RecommendationAnswer), skip_validation=not validate)
    def query() -> Any:
        if not validate:
            read_query(StoredQuery)
        return jsonify(ANSWER)

    spec.register(app)
    return app


def flask_openapi3() -> Flask:
    """flask-openapi3, which checks requests and never answers."""
    from flask_openapi3 import OpenAPI

    app = OpenAPI("flask_openapi3")

    def on_body(body: RecommendationRequest) -> Any:
        return jsonify(ANSWER | {"mode": body.mode or "upskill"})

    def on_query(query: LaxQuery) -> Any:
        return jsonify(ANSWER | {"mode": query.mode or "upskill"})

    on_body.__annotations__, on_query.__annotations__ = {"body": RecommendationRequest}, {"query": LaxQuery}
    app.post("/body", responses={200: RecommendationAnswer})(on_body)
    app.get("/query", responses={200: RecommendationAnswer})(on_query)
    return app


class LaxQuery(StoredQuery):
    """The same parameters for libraries that hand texts to the schema: it has to convert them."""

    model_config = ConfigDict(strict=False)


def ways() -> dict[str, Callable[[], Flask]]:
    """Return what is measured, by name."""
    found: dict[str, Callable[[], Flask]] = {
        "bare": bare,
        "our readers, @operation": ours,
        "our readers, SpecTree skip_validation": lambda: spectree(validate=False),
        "SpecTree validates": lambda: spectree(validate=True),
    }
    if importlib.util.find_spec("flask_openapi3"):
        found["flask-openapi3 validates"] = flask_openapi3
    return found


def seconds_of(ask: Callable[[], Any], n_requests: int) -> float:
    """Return the processor seconds a request takes, over many."""
    began = time.process_time()
    for _ in range(n_requests):
        ask()
    return (time.process_time() - began) / n_requests


def asks_of(client: FlaskClient) -> dict[str, Callable[[], Any]]:
    """Return the two requests, each tried once."""
    asks: dict[str, Callable[[], Any]] = {
        "body": lambda: client.post("/body", data=BODY, content_type="application/json"),
        "query": lambda: client.get("/query", query_string=QUERY),
    }
    for name, ask in asks.items():
        answer = ask()
        if answer.status_code != 200:
            raise SystemExit(f"{client.application.name} {name}: {answer.status_code} {answer.text[:500]}")
    return asks


def main() -> None:
    """Measure every way in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000, help="requests a round (default 2,000)")
    n_requests = parser.parse_args().requests
    asks = {name: asks_of(make().test_client()) for name, make in ways().items()}
    best = {name: dict.fromkeys(kinds, float("inf")) for name, kinds in asks.items()}
    for _ in range(ROUNDS):
        for name, kinds in asks.items():
            for kind, ask in kinds.items():
                best[name][kind] = min(best[name][kind], seconds_of(ask, n_requests))
    print(f"{'microseconds a request':40}{'body':>8}{'query':>8}")
    for name, figures in best.items():
        print(f"{name:40}{1e6 * figures['body']:8.0f}{1e6 * figures['query']:8.0f}")


if __name__ == "__main__":
    main()
