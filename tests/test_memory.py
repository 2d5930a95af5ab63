"""What was freed is given back to the system."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pytest

from training import memory
from training.memory import give_back

MEGABYTE = 2**20


def held() -> int:
    """Return the bytes of memory of this process."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed and can be told")
def test_arrays_that_were_freed_between_others_leave_memory() -> None:
    arrays = [np.ones(100_000, dtype=np.int8) for _ in range(2000)]  # too small for pages of their own
    last, before = arrays[-1], held()
    arrays.clear()
    give_back()
    assert held() < before - 150 * MEGABYTE
    assert last.sum() == 100_000


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_library", object)
    give_back()
