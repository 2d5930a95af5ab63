"""Style sheets and scripts of the pages: their address names their content, so that browsers keep them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from web.pages.assets import version_assets


def test_a_page_names_its_style_sheet_by_its_content_and_a_browser_keeps_it(client: FlaskClient) -> None:
    address = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)[0]
    assert re.fullmatch(r"/static/style\.css\?v=[0-9a-f]{16}", address)
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.headers.getlist("Cache-Control") == ["public, max-age=31536000, immutable"]
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000", "?v=x&v=y"])
def test_by_any_other_address_it_is_asked_for_again(client: FlaskClient, query: str) -> None:
    with client.get(f"/static/style.css{query}") as answer:
        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]
        assert "no-cache" in answer.headers["Cache-Control"]


def test_another_content_has_another_address(tmp_path: Path) -> None:
    app = Flask("assets", static_folder=str(tmp_path), static_url_path="/static")
    version_assets(app)
    sheet = tmp_path / "a.css"
    addresses = []
    for i, content in enumerate(("a", "b", "a")):
        sheet.write_text(content)
        os.utime(sheet, ns=(i, i))
        with app.test_request_context():
            addresses.append(url_for("static", filename="a.css"))
    assert addresses[0] == addresses[2] != addresses[1]
    with app.test_request_context():
        assert url_for("static", filename="nothing.css") == "/static/nothing.css"
