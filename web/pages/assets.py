"""Style sheets and scripts, with their hash in the address: a browser keeps one for a year and asks for it once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from web.current import current_request

_VERSION = "v"
_LENGTH = 16
_A_YEAR = 31_536_000


def version_assets(app: Flask) -> None:
    """Put the hash of each file of the pages into its address, and let what asks for it by that be kept."""
    hashes: dict[tuple[str, int], str] = {}

    def version(filename: str) -> str | None:
        path = Path(str(app.static_folder), filename)
        try:
            key = (filename, path.stat().st_mtime_ns)
            if key not in hashes:
                hashes[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:_LENGTH]
        except (OSError, ValueError):
            return None
        return hashes[key]

    @app.url_defaults
    def _name(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and (found := version(values["filename"])):
            values.setdefault(_VERSION, found)

    @app.after_request
    def _keep(answer: Response) -> Response:
        if current_request().endpoint == "static" and answer.status_code in {200, 304}:
            asked = request.args.get(_VERSION)
            if asked is not None and asked == version((request.view_args or {})["filename"]):
                answer.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
        return answer
