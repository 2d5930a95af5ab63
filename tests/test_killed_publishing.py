"""Publishing killed at moments of chance always leaves whole models, one of them live."""

from __future__ import annotations

import shutil
from pathlib import Path

from publishing import kill_publishing


def test_a_publishing_command_that_is_killed_leaves_whole_models(
    sample_company: Path, models: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(sample_company, tmp_path / "data"))
    assert kill_publishing(data, models, times=5)[0] >= 2
