"""The two health checks and the metrics."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify

from recommender.errors import ArtifactError
from recommender.moments import moment_text
from web.answers_catalogue import LiveAnswer, ReadyAnswer
from web.auth import INSUFFICIENT_SCOPE, current_tenant, require_scope
from web.config import settings
from web.guards import asked_from_here
from web.live import models_of
from web.metrics import CONTENT_TYPE, metrics
from web.operation import TEXT, operation
from web.problems import NOT_READY, Problem

operations = Blueprint("operations", __name__)

ReadinessCheck = Callable[[], str]
"""Returns why the service cannot answer, "" if it can. It must be quick: it is asked every few seconds."""

_EXTENSION = "lpr_readiness_checks"


def add_readiness_check(app: Flask, check: ReadinessCheck) -> None:
    """Make being ready depend on one thing more."""
    app.extensions.setdefault(_EXTENSION, []).append(check)


@operations.get("/health/live")
@operation(scope=None, tag="health", answer=LiveAnswer)
def live() -> Response:
    """Say that the process answers."""
    return jsonify({"status": "live"})


@operations.get("/health/ready")
@operation(scope=None, tag="health", answer=ReadyAnswer, errors=(503,))
def ready() -> Response:
    """Say whether questions can be answered, and by which model; 503 with every reason if they cannot."""
    config, models = settings(), models_of(current_app)
    reasons = [reason for check in current_app.extensions.get(_EXTENSION, []) if (reason := check())]
    try:
        manifest = models.served(config.tenant).manifest
    except ArtifactError as error:
        raise _not_ready([str(error), *reasons]) from error
    if reasons:
        raise _not_ready(reasons)
    as_of = int(manifest.origin.as_of.timestamp())
    body = {
        "status": "ready",
        "model_version": manifest.version,
        "model_as_of": moment_text(as_of),
        "model_age_seconds": max(0, config.clock() - as_of),
    }
    trouble = models.of(config.tenant).trouble
    return jsonify({**body, "warning": trouble} if trouble else body)


@operations.get("/metrics")
@operation(scope=None, tag="health", media=TEXT)
def measured() -> Response:
    """Return the metrics of all processes together, as Prometheus reads them.

    They are of all tenants: to other machines they need the scope admin of a key of the service's own tenant.
    """
    if not asked_from_here():
        require_scope("admin")
        if current_tenant() != settings().tenant:
            raise Problem(403, "The metrics are of all tenants; this key is of one of them.", kind=INSUFFICIENT_SCOPE)
    return Response(metrics().exposition(), content_type=CONTENT_TYPE)


def _not_ready(reasons: list[str]) -> Problem:
    return Problem(503, " ".join(reasons), kind=NOT_READY, headers=[("Retry-After", "5")])
