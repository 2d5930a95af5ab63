"""WSGI entry: `create_app()` makes the service from its parts.

`lpr serve` starts it under gunicorn as `service:create_app()`; the settings then come from the environment.
"""

from __future__ import annotations

import logging
import os

from flask import Flask

from recommender.errors import ArtifactError, ConfigError
from store import keys
from store.keys import Verified
from web.application import Application
from web.auth import ask_for_keys, check_scopes
from web.catalog import catalog
from web.catalogue import attach_catalogues, prepare_catalogue
from web.catalogue_edits import catalogue_edits
from web.config import ServiceConfig, configure
from web.database import attach_database, opened_database
from web.decision_log import attach_decision_log
from web.explanations import explanations
from web.facts import facts
from web.guards import guard
from web.ids import accept_ids
from web.insight import insight
from web.json_answers import write_answers
from web.limits import limit_rates
from web.links import links
from web.live import Models, attach
from web.logs import configure_logs, observe
from web.metrics import Metrics, attach_metrics
from web.models import models
from web.oauth import oauth, offer_tokens
from web.operations import add_readiness_check, operations
from web.pages.assets import version_assets
from web.pages.choices import choices
from web.pages.demonstration import demonstration
from web.pages.entry import entry
from web.pages.feedback import opinions
from web.pages.home import home
from web.pages.insight import insight_pages
from web.pages.languages import speak_languages
from web.pages.lookups import lookups
from web.pages.own_data import own_data
from web.pages.own_skills import own_skills
from web.pages.start import pages
from web.pages.trouble import tell_people
from web.pages.visits import recognise_visitors
from web.paths import paths
from web.people import people
from web.problems import handle_errors
from web.recommendations import recommendations
from web.reference import reference
from web.rights import rights
from web.stored import stored
from web.xapi import xapi


def create_app(config: ServiceConfig | None = None) -> Flask:
    """Return the service.

    It starts without a usable model too, says so at `/health/ready`, and answers as soon as one is live.

    Parameters
    ----------
    config
        Its settings; without them, those of the environment, and the service's log goes to standard error.

    Raises
    ------
    ConfigError
        If a setting cannot be used.
    """
    if config is None:
        config = ServiceConfig.from_environment(os.environ)
        configure_logs()
    app = Application("web")
    configure(app, config)
    write_answers(app)
    accept_ids(app)
    _show_pages(app)
    measures = Metrics()
    attach_metrics(app, measures)
    observe(app, log_requests=config.request_log)
    guard(app)
    handle_errors(app)
    for group in (
        recommendations,
        paths,
        explanations,
        stored,
        facts,
        people,
        rights,
        catalog,
        catalogue_edits,
        insight,
        insight_pages,
        models,
        operations,
        oauth,
        links,
        xapi,
        reference,
        entry,
        choices,
        opinions,
        own_skills,
        lookups,
        own_data,
        home,
    ):
        app.register_blueprint(group)
    if config.demo:
        app.register_blueprint(pages)
        app.register_blueprint(demonstration)
    attach_database(app, config.database)
    attach_catalogues(app)
    if (opened := opened_database(app)) is not None:
        add_readiness_check(app, opened.trouble)
    _protect(app, config)
    attach_decision_log(app, config, measures)
    held = Models(config.models, reload_seconds=config.reload_seconds, announce=measures.model)
    attach(app, held)
    try:
        prepare_catalogue(app, held.of(config.tenant).get(), config.tenant)
    except ArtifactError as error:
        logging.getLogger("lpr.web").warning("starting without a model: %s", error)
    return app


def _show_pages(app: Flask) -> None:
    """Let the pages speak languages, be kept by browsers as far as they may, and say what goes wrong."""
    speak_languages(app)
    version_assets(app)
    tell_people(app)


def _protect(app: Flask, config: ServiceConfig) -> None:
    """Let nobody in without a key that allows it, nor more often than it may; in this order before every request."""
    opened = opened_database(app)
    if opened is None and not config.demo:
        raise ConfigError("the service needs a database, which holds its keys: name one, or start a demonstration.")

    def look_up(text: str, at: int) -> Verified | None:
        if opened is None:
            return None
        with opened.get().read() as connection:
            return keys.verify(connection, text, at=at)

    ask_for_keys(app, look_up)
    recognise_visitors(app)
    limit_rates(app, config)
    check_scopes(app)
    offer_tokens(app)
