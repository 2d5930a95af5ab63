"""Compare what takes time inside one run: interleaved rounds, medians, ratios against limits, and the machine it ran on.

    python benchmarks/comparing.py        describe this machine

The other benchmarks import it. A machine that is busy for a while slows all that is compared, if they take turns: so
everything is asked once a round, in an order that is drawn anew, and ratios are of medians over rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
"""What each round took, (n_rounds,)."""
CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}
"""What may be counted: the time that passed, or what the processor spent on this process alone."""
PARTS = 5
"""A ratio is also taken in each of so many parts of the rounds, to show how steady it is."""


def in_rounds(
    contenders: Mapping[str, Callable[[int], object]],
    *,
    rounds: int,
    warm_up: int = 1,
    clock: Callable[[], float] = CLOCKS["wall"],
) -> dict[str, Seconds]:
    """Call every contender once a round with the number of the round, and return what each call took.

    The order is drawn for each round, so that none always finds the caches as the same other left them.

    Parameters
    ----------
    contenders
        By name; called with 0, 1, … rounds − 1, so that all answer the same question in one round.
    warm_up
        Rounds made before, with the first numbers, and not counted.
    clock
        Returns seconds; one of `CLOCKS`.
    """
    rng = np.random.default_rng(0)
    names = list(contenders)
    spent = {name: np.empty(rounds) for name in names}
    for turn in range(-warm_up, rounds):
        for name in (names[i] for i in rng.permutation(len(names))):
            began = clock()
            contenders[name](turn if turn >= 0 else turn + warm_up)
            took = clock() - began
            if turn >= 0:
                spent[name][turn] = took
    return spent


def ratio_of(one: Seconds, other: Seconds) -> tuple[float, float, float]:
    """Return median(one) / median(other) over all rounds, and the least and the most of it in `PARTS` parts of them."""
    parts = [
        float(np.median(a) / np.median(b))
        for a, b in zip(*(np.array_split(times, min(PARTS, len(times))) for times in (one, other)), strict=True)
    ]
    return float(np.median(one) / np.median(other)), min(parts), max(parts)


def show_times(spent: Mapping[str, Seconds], *, unit: str = "ms") -> None:
    """Print the median and other percentiles of each contender; `unit` is s, ms or µs."""
    times = {"s": 1.0, "ms": 1e3, "µs": 1e6}[unit]
    width = max(map(len, spent))
    print(f"{unit:{width}}  {'rounds':>6} {'10 %':>9} {'median':>9} {'90 %':>9} {'99 %':>9}")
    for name, seconds in spent.items():
        p10, p50, p90, p99 = times * np.quantile(seconds, [0.1, 0.5, 0.9, 0.99])
        print(f"{name:{width}}  {len(seconds):6,} {p10:9.3f} {p50:9.3f} {p90:9.3f} {p99:9.3f}")


def show_ratio(what: str, one: Seconds, other: Seconds, *, at_most: float) -> bool:
    """Print a ratio of medians against the most it may be, and return whether it is kept."""
    ratio, least, most = ratio_of(one, other)
    return judge(
        what, ratio, at_most=at_most, unit="×", seen=f"{ratio:.3g}× ({least:.3g} to {most:.3g} in parts of it)"
    )


def judge(
    what: str,
    value: float,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    unit: str = "",
    seen: str = "",
) -> bool:
    """Print a figure against its limit, `what: seen …; limit …: met` or `missed`, and return whether it is met.

    Exactly one of `at_most` and `at_least` is given, in the unit of the value; `seen` says the value in other words. NaN
    misses every limit.
    """
    if (at_most is None) == (at_least is None):
        raise ValueError("limit: found none or two; expected at_most or at_least.")
    met = value <= at_most if at_most is not None else value >= (at_least or 0.0)
    words = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    print(f"{what}: {seen or f'{value:.3g}{unit}'}; limit {words}{unit}: {'met' if met else 'missed'}")
    return met


def clock_option(parser: argparse.ArgumentParser) -> None:
    """Add --clock to a command, a key of `CLOCKS`."""
    words = "wall: time that passes (default); cpu: the processor's time of this process, for a machine that is busy"
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help=words)


def machine(packages: Sequence[str] = ("numpy", "scipy")) -> str:
    """Describe what this runs on: processor, memory, system, Python, the packages named, and the BLAS in use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"{_processor()}, {_cores()} cores, {memory:.0f} GiB of memory, {platform.system()} {platform.machine()}",
        ", ".join([f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in packages)]),
        _blas(),
    ]
    busy = os.getloadavg()[0]
    if busy > 0.5:
        lines.append(f"busy before this began: load average {busy:.1f}")
    return "\n".join(lines)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    """Return the name of the processor as Linux tells it, else the platform's word."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _blas() -> str:
    """Return each BLAS that is loaded, its version, its kernel and its threads."""
    try:
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError:
        return "BLAS unknown: threadpoolctl is not installed"
    blas = [one for one in threadpool_info() if one["user_api"] == "blas"]
    found = {f"{one['internal_api']} {one['version']} ({_how(one)})" for one in blas}
    return ", ".join(sorted(found)) or "no BLAS loaded"


def _how(blas: Mapping[str, Any]) -> str:
    return f"{blas.get('architecture', 'unknown kernel')}, {blas['num_threads']} threads"


if __name__ == "__main__":
    print(machine())
