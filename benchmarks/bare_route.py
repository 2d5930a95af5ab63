"""A Flask application of one route that returns recorded bytes: what `benchmarks/serving.py` holds the service against.

BARE_ANSWER=answer.json gunicorn benchmarks.bare_route:app
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

app = Flask("bare")
_ANSWER = Path(os.environ["BARE_ANSWER"]).read_bytes() if "BARE_ANSWER" in os.environ else b"{}"


@app.route("/", methods=["GET", "POST"])
def answer() -> Response:
    """Return the recorded bytes."""
    return Response(_ANSWER, mimetype="application/json")
