"""What is counted and timed, as Prometheus reads it: over all processes where they share a directory, else of this one.

`lpr serve` makes the directory and names it in PROMETHEUS_MULTIPROC_DIR before anything here is imported. No label holds
anything of a person, and none takes values a client can invent.
"""

from __future__ import annotations

import os
from typing import Literal

from flask import Flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from recommender.engine import Answer
from recommender.path_parts import LearningPath
from web.current import this_app
from web.live import Served

CONTENT_TYPE = CONTENT_TYPE_LATEST
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_CANDIDATES = (0, 10, 30, 100, 300, 1_000, 3_000, 10_000)
_GAPS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_BATCHES = (1, 10, 30, 100, 300, 1_000)
_EXTENSION = "lpr_metrics"


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._serving: dict[str, str] = {}
        self._counted: dict[tuple[str, str, int], Histogram] = {}
        self._fallen: dict[str, Counter] = {}
        own = self._registry
        self._requests = Histogram(
            "lpr_request_seconds",
            "Time to answer a request.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=own,
        )
        self._workers = Gauge(
            "lpr_model_workers",
            "Processes that answer a tenant with a version.",
            ("tenant", "version"),
            multiprocess_mode="livesum",
            registry=own,
        )
        self._as_of = Gauge(
            "lpr_model_as_of_timestamp_seconds",
            "The moment the model served looks from; the oldest of all processes.",
            ("tenant",),
            multiprocess_mode="livemin",
            registry=own,
        )
        self._fallbacks = Counter(
            "lpr_fallbacks", "Answers given with less than a whole question.", ("why",), registry=own
        )
        self._candidates = Histogram(
            "lpr_candidates", "Courses scored for one answer.", buckets=_CANDIDATES, registry=own
        )
        self._solving = Histogram(
            "lpr_path_solve_seconds", "Time the solver took for a path.", ("solver",), buckets=_SECONDS, registry=own
        )
        self._gap = Histogram(
            "lpr_path_optimality_gap", "Coverage a path may lack to the best.", buckets=_GAPS, registry=own
        )
        self._decisions = Counter(
            "lpr_decisions",
            "Entries of the decision log, written or dropped while the database was down.",
            ("outcome",),
            registry=own,
        )
        self._batch = Histogram("lpr_batch_size", "People asked about in one batch.", buckets=_BATCHES, registry=own)

    def request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request by its route's template, and time it."""
        counted = self._counted.get((route, method, status))
        if counted is None:
            known = method if method in _METHODS else "other"
            counted = self._requests.labels(route, known, f"{status // 100}xx")
            if known == method:
                self._counted[route, method, status] = counted
        counted.observe(seconds)

    def model(self, tenant: str, found: Served) -> None:
        """Say which version answers a tenant in this process from now on."""
        before, now = self._serving.get(tenant), found.manifest.version
        if before is not None and before != now:
            self._workers.labels(tenant, before).set(0)
        self._workers.labels(tenant, now).set(1)
        self._as_of.labels(tenant).set(found.manifest.origin.as_of.timestamp())
        self._serving[tenant] = now

    def recommendation(self, found: Answer) -> None:
        """Count one ranked answer: its candidates, and what the question lacked."""
        self._candidates.observe(found.n_candidates)
        if not len(found.query.history):
            self._fallback("no_history")
        if found.query.goal_role < 0:
            self._fallback("no_role")

    def path(self, found: LearningPath) -> None:
        """Count one path: how long it was sought, how close to the best it is, and what ended the search early."""
        solution = found.solution
        if solution is None:
            self._fallback("path_without_need")
            return
        self._solving.labels(solution.solver).observe(solution.seconds)
        self._gap.observe(solution.gap)
        if solution.solver == "greedy":
            self._fallback("path_greedy")
        if solution.stopped:
            self._fallback(f"path_{solution.stopped}_limit")

    def batch(self, n_people: int) -> None:
        """Count one batch."""
        self._batch.observe(n_people)

    def decisions(self, outcome: Literal["written", "dropped"], n: int) -> None:
        """Count entries of the decision log."""
        self._decisions.labels(outcome).inc(n)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        registry = self._registry
        if os.environ.get(DIRECTORY):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _fallback(self, why: str) -> None:
        counted = self._fallen.get(why)
        if counted is None:
            counted = self._fallen[why] = self._fallbacks.labels(why)
        counted.inc()


def attach_metrics(app: Flask, metrics: Metrics) -> None:
    """Make metrics an application's."""
    app.extensions[_EXTENSION] = metrics


def metrics() -> Metrics:
    """Return the metrics of the application that answers the current request."""
    return metrics_of(this_app())


def metrics_of(app: Flask) -> Metrics:
    """Return the metrics of an application."""
    found: Metrics = app.extensions[_EXTENSION]
    return found
