from __future__ import annotations

from pathlib import Path

from fuzzing import fuzz, n_cases
from running_service import running
from served_company import loaded_company


def test_generated_requests_get_documented_answers(tmp_path: Path) -> None:
    """`make test-api` sends many thousands."""
    url = f"sqlite:///{tmp_path / 'lpr.db'}"
    company = loaded_company(tmp_path / "models", url)
    with running(company.models, workers=2, LPR_DB=url, LPR_DEMO="1", LPR_RATE_PER_MINUTE=str(10**9)) as service:
        found = fuzz(service, examples=4, phases="fuzzing,stateful", seed=3)
    assert found.returncode == 0, found.stdout[-5_000:]
    assert n_cases(found.stdout) > 200
