"""What the engines' tests run on workers: functions importable by name, here and on a cluster."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl

from recommender.arrays import FloatArray


def slowest_first(part: int, n_parts: int) -> int:
    """Take longer the earlier the part is, so that later ones are done first."""
    time.sleep(0.02 * (n_parts - part))
    return part * part


def plus(part: int, shared: FloatArray) -> float:
    return float(part + shared.sum())


def slow_plus(part: int, shared: FloatArray) -> float:
    time.sleep(0.2)
    return plus(part, shared)


def where(part: int, *shared: object) -> int:
    """Return which process ran the part."""
    time.sleep(0.02)
    return os.getpid()


def scaled(part: int, shared: FloatArray) -> FloatArray:
    return np.asarray(shared * part)


def refuses_seven(part: int) -> int:
    if part == 7:
        raise LookupError("seven is refused")
    return part


def ends_its_process(part: int) -> int:
    if part == 1:
        os._exit(1)
    return part


def of_array(part: int, shared: FloatArray) -> tuple[str, bool]:
    """Return the class of a shared array and whether it may be changed."""
    return type(shared).__name__, shared.flags.writeable


def most_threads(part: int) -> int:
    """Return how many threads BLAS and OpenMP may use; a product makes sure BLAS is there."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return max(int(pool["num_threads"]) for pool in threadpoolctl.threadpool_info())


@dataclass
class Arrivals:
    """Notes in a file every time it arrives in a process."""

    file: Path

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(f"{os.getpid()}\n")


def arrived(part: int, shared: Arrivals) -> int:
    time.sleep(0.02)  # so that no process does all the parts alone
    return os.getpid()
