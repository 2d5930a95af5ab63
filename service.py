"""WSGI entry: `create_app()` makes the service from its parts.

`lpr serve` starts it under gunicorn as `service:create_app()`; the settings then come from the environment.
"""

from __future__ import annotations

import logging
import os

from flask import Flask

from recommender.errors import ArtifactError
from web.catalog import catalog
from web.catalogue import attach_catalogues
from web.config import ServiceConfig, configure
from web.database import attach_database, opened_database
from web.explanations import explanations
from web.guards import guard
from web.ids import accept_ids
from web.live import Models, attach
from web.logs import configure_logs, observe
from web.metrics import Metrics, attach_metrics
from web.models import models
from web.operations import add_readiness_check, operations
from web.pages import pages
from web.paths import paths
from web.problems import handle_errors
from web.recommendations import recommendations
from web.stored import stored


def create_app(config: ServiceConfig | None = None) -> Flask:
    """Return the service.

    It starts without a usable model too, says so at `/health/ready`, and answers as soon as one is live.

    Parameters
    ----------
    config
        Its settings; without them, those of the environment, and the service's log goes to standard error.
    """
    if config is None:
        config = ServiceConfig.from_environment(os.environ)
        configure_logs()
    app = Flask("web")
    configure(app, config)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    accept_ids(app)
    measures = Metrics()
    attach_metrics(app, measures)
    observe(app, log_requests=config.request_log)
    guard(app)
    handle_errors(app)
    for group in (recommendations, paths, explanations, stored, catalog, models, operations, pages):
        app.register_blueprint(group)
    attach_database(app, config.database)
    attach_catalogues(app)
    if (opened := opened_database(app)) is not None:
        add_readiness_check(app, opened.trouble)
    held = Models(config.models, reload_seconds=config.reload_seconds, announce=measures.model)
    attach(app, held)
    try:
        held.of(config.tenant).get()
    except ArtifactError as error:
        logging.getLogger("lpr.web").warning("starting without a model: %s", error)
    return app
