from __future__ import annotations

from pathlib import Path

import pytest
from databases import KINDS, database_url
from killing import Written, judge, kill_under_writes, moments
from served_company import loaded_company

N_KILLS = 3
"""`make test-kill` kills it fifty times on each."""


@pytest.mark.parametrize("kind", KINDS)
def test_killed_under_writes_it_keeps_what_it_acknowledged(kind: str, tmp_path: Path) -> None:
    with database_url(kind, tmp_path) as url:
        company = loaded_company(tmp_path / "models", url)
        written = Written(company.employees[:5], company.courses)
        for after in moments(N_KILLS, seed=7):
            kill_under_writes(company.models, url, written, after=after)
        counts = judge(company.models, url, written)
    assert counts["acknowledged"] > N_KILLS
