"""`/v1/models`: the saved versions, and which one is live."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, jsonify, request

from recommender.activation import read_current, versions
from recommender.artifact import read_manifest
from recommender.errors import ArtifactError
from recommender.moments import moment_text
from web.answers_catalogue import ActivationAnswer, ModelsAnswer
from web.auth import current_tenant, require_scope
from web.config import settings
from web.live import Served, live_model, models_of
from web.operation import operation
from web.problems import Problem

models = Blueprint("models", __name__, url_prefix="/v1/models")


@models.get("")
@operation(scope="read", tag="models", answer=ModelsAnswer, errors=(503,))
def list_models() -> Response:
    """List the saved versions, newest first, and say which one is live."""
    root, tenant = settings().models, current_tenant()
    current = read_current(root, tenant)
    found = [_model(version) for version in versions(root, tenant)]
    found.sort(key=lambda one: (str(one.get("created", "")), str(one["version"])), reverse=True)
    body: dict[str, object] = {"models": found}
    return jsonify({"live": current.live, **body} if current else body)


@models.post("/<version>/activate")
@operation(scope="admin", tag="models", answer=ActivationAnswer, errors=(404, 409, 503))
def activate(version: str) -> Response:
    """Make a version live, after checking each of its files.

    The answer comes when the process that gives it serves the version; the other processes follow within
    `follow_within_seconds` and the time it takes to load. A version that cannot be loaded changes nothing.
    """
    require_scope("admin")
    _refuse_other_sites()
    return _changed(live_model().activate(version, at=datetime.now(UTC)))


@models.post("/rollback")
@operation(scope="admin", tag="models", answer=ActivationAnswer, errors=(404, 409, 503))
def rollback() -> Response:
    """Make the version live that was live before, as activating it does."""
    require_scope("admin")
    _refuse_other_sites()
    return _changed(live_model().rollback(at=datetime.now(UTC)))


def _changed(live: Served) -> Response:
    seconds = models_of(current_app).reload_seconds
    return jsonify({"live": live.manifest.version, "follow_within_seconds": seconds})


def _refuse_other_sites() -> None:
    """Refuse what a page elsewhere makes a browser here ask: such a request needs no body, so no type protects it."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"} or (
        origin is not None and origin != request.host_url.rstrip("/")
    ):
        raise Problem(403, "Models are not changed on behalf of a page of another site.")


def _model(version: str) -> dict[str, object]:
    try:
        origin = read_manifest(settings().models, current_tenant(), version).origin
    except ArtifactError:
        return {"version": version, "damaged": True}
    return {
        "version": version,
        "created": moment_text(int(origin.created.timestamp())),
        "as_of": moment_text(int(origin.as_of.timestamp())),
        "data_fingerprint": origin.data_fingerprint,
        "metrics": dict(origin.metrics),
    }
