"""docs/api.md: every example about what is stored is what the service answers, asked in the order of the page."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from service_asking import DAY, make_app
from stored_company import stored_company
from test_api_docs import API_PAGE, shape

from web.database import opened_database

EXAMPLE = re.compile(
    r"<!-- stored example: (\w+) (\S+) -->\s*(?:```json request\n(.*?)```\s*)?```json answer\n(.*?)```", re.DOTALL
)


def test_the_stored_examples_are_what_is_answered(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path: Path
) -> None:
    found = EXAMPLE.findall(API_PAGE.read_text(encoding="utf-8"))
    assert len(found) == API_PAGE.read_text(encoding="utf-8").count("<!-- stored example:") > 10
    with stored_company("sqlite", sample_company, tmp_path) as url:
        app = make_app(fitted_models, model_as_of + 10 * DAY, database=url)
        client = app.test_client()
        for method, path, body, documented in found:
            answer = client.open(path, method=method, json=json.loads(body) if body else None)
            while answer.status_code == 503 and "Retry-After" in answer.headers:
                time.sleep(0.1)
                answer = client.open(path, method=method)
            assert answer.status_code in {200, 201}, (path, answer.text)
            assert shape(answer.get_json()) == shape(json.loads(documented)), path
        opened = opened_database(app)
        assert opened is not None
        opened.close()
