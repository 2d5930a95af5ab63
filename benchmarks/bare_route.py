"""A Flask application of one route that returns recorded bytes: what `benchmarks/serving.py` holds the service against.

BARE_ANSWER=answer.json gunicorn -c python:benchmarks.bare_route benchmarks.bare_route:app

It is its own configuration too: its processes keep to cores as those of the service do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from web.cores import post_fork, pre_fork

__all__ = ("app", "post_fork", "pre_fork")

app = Flask("bare")
_ANSWER = Path(os.environ["BARE_ANSWER"]).read_bytes() if "BARE_ANSWER" in os.environ else b"{}"


@app.route("/", methods=["GET", "POST"])
def answer() -> Response:
    """Return the recorded bytes."""
    return Response(_ANSWER, mimetype="application/json")
