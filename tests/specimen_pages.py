"""Every element of the pages on one page, with harmless or hostile texts, in any language and direction."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, flash, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from web.pages.languages import speak_languages

FOLDER = Path(__file__).resolve().parent / "specimen"
PLAIN = "Data engineer"
HOSTILE = "<script>alert(1)</script>\u202e\u2066" + "W" * 10_000 + "<img src=x onerror=alert(2)>"


def specimen_app() -> Flask:
    """Return an application whose only page, `/`, shows every element; `?title=hostile` puts hostile texts into it."""
    app = Flask("web")
    app.secret_key = "for messages"
    app.jinja_env.globals["csrf_field"] = lambda: Markup('<input type="hidden" name="csrf_token" value="x">')
    app.jinja_env.globals["here"] = lambda: "/"
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(FOLDER)])  # type: ignore[list-item]
    speak_languages(app)

    @app.get("/")
    def specimen() -> str:
        title = HOSTILE if request.args.get("title") == "hostile" else PLAIN
        flash(f"{title} is no longer offered.", "done")
        flash("Nothing was changed.", "problem")
        undo = {"text": f"{title} is no longer offered.", "undo": "/me/feedback/undo", "fields": {"fact_id": title}}
        flash(undo, "undo")  # type: ignore[arg-type]
        return render_template("specimen.html", title=title, address="/?page={}".format)

    return app
