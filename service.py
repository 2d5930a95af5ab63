"""WSGI entry: `create_app()` makes the service from its parts.

`lpr serve` starts it under gunicorn as `service:create_app()`; the settings then come from the environment.
"""

from __future__ import annotations

import logging
import os

from flask import Flask

from recommender.errors import ArtifactError
from web.catalog import catalog
from web.config import ServiceConfig, configure
from web.explanations import explanations
from web.guards import guard
from web.ids import accept_ids
from web.live import LiveModel, attach
from web.operations import operations
from web.pages import pages
from web.paths import paths
from web.problems import handle_errors
from web.recommendations import recommendations


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
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = Flask("web")
    configure(app, config)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    accept_ids(app)
    guard(app)
    handle_errors(app)
    for group in (recommendations, paths, explanations, catalog, operations, pages):
        app.register_blueprint(group)
    live = LiveModel(config.models, config.tenant, reload_seconds=config.reload_seconds)
    attach(app, live)
    try:
        live.get()
    except ArtifactError as error:
        logging.getLogger("lpr.web").warning("starting without a model: %s", error)
    return app
