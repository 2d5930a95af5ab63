"""`GET /v1/models` and the two health checks."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from recommender.activation import read_current, versions
from recommender.artifact import read_manifest
from recommender.errors import ArtifactError
from recommender.moments import moment_text
from web.config import ServiceConfig, settings
from web.live import live_model
from web.operation import operation
from web.problems import NOT_READY, Problem

operations = Blueprint("operations", __name__)


@operations.get("/v1/models")
@operation(scope="read", tag="models")
def models() -> Response:
    """List the saved versions, newest first, and say which one is live."""
    config = settings()
    current = read_current(config.models, config.tenant)
    found = [_model(config, version) for version in versions(config.models, config.tenant)]
    found.sort(key=lambda one: (str(one.get("created", "")), str(one["version"])), reverse=True)
    body: dict[str, object] = {"models": found}
    return jsonify({"live": current.live, **body} if current else body)


def _model(config: ServiceConfig, version: str) -> dict[str, object]:
    try:
        origin = read_manifest(config.models, config.tenant, version).origin
    except ArtifactError:
        return {"version": version, "damaged": True}
    return {
        "version": version,
        "created": moment_text(int(origin.created.timestamp())),
        "as_of": moment_text(int(origin.as_of.timestamp())),
        "data_fingerprint": origin.data_fingerprint,
        "metrics": dict(origin.metrics),
    }


@operations.get("/health/live")
@operation(scope=None, tag="health")
def live() -> Response:
    """Say that the process answers."""
    return jsonify({"status": "live"})


@operations.get("/health/ready")
@operation(scope=None, tag="health", errors=(503,))
def ready() -> Response:
    """Say whether a model can answer, and which; 503 with the reason if none can."""
    holder = live_model()
    try:
        manifest = holder.get().manifest
    except ArtifactError as error:
        raise Problem(503, str(error), kind=NOT_READY) from error
    body = {
        "status": "ready",
        "model_version": manifest.version,
        "model_as_of": moment_text(int(manifest.origin.as_of.timestamp())),
    }
    return jsonify({**body, "warning": holder.trouble} if holder.trouble else body)
