"""In which language a page speaks: the one chosen, else the person's, else the browser's, else English."""

from __future__ import annotations

from babel.core import negotiate_locale
from flask import Flask, g, request
from flask_babel import Babel

from web.pages.formats import filter_formats

LANGUAGES = ("en", "de")
"""Those whose texts are complete, the one of the source first."""
DIRECTIONS = {"ar": "rtl", "fa": "rtl", "he": "rtl", "ur": "rtl"}
"""Languages that are not written from left to right."""


def speak_languages(app: Flask) -> None:
    """Make texts, dates and numbers of an application's pages those of the language of who looks."""
    Babel(app, locale_selector=language)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    filter_formats(app)

    @app.context_processor
    def _language() -> dict[str, object]:
        spoken = language()
        return {"language": spoken, "direction": DIRECTIONS.get(spoken, "ltr"), "languages": LANGUAGES}


def language() -> str:
    """Return the language of the current request's page."""
    chosen = g.get("chosen_language")
    if chosen in LANGUAGES:
        return str(chosen)
    accepted = [one.replace("-", "_") for one, quality in request.accept_languages if quality > 0]
    return negotiate_locale(accepted, LANGUAGES) or LANGUAGES[0]
