"""Rolling validation windows at the end of the past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.arrays import DAY
from recommender.company import Completions
from training.config import BlendConfig

SHORTEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class ValidationWindow:
    """A half-open stretch of time: scorers see what lies before `start`, questions are answered in [start, end)."""

    start: int
    end: int


def validation_windows(past: Completions, config: BlendConfig, *, end: int) -> list[ValidationWindow]:
    """Return consecutive windows before `end`, oldest first.

    Each holds `window_share` of the completions by choice and lasts at least a week. There are `config.windows` of them,
    more (`config.most_windows`) while they hold fewer than `config.enough` completions. Windows that would leave less
    than a third of the completions to learn from are left out, but one remains.
    """
    at = np.sort(past.at[past.targets])
    windows: list[ValidationWindow] = []
    latest = end
    for n in range(config.most_windows):
        held = int(np.searchsorted(at, latest)) - int(np.searchsorted(at, end))
        if n >= config.windows and held >= config.enough:
            break
        n_before = int(np.searchsorted(at, end))
        position = max(n_before - max(int(config.window_share * len(at)), 1), 0)
        start = min(int(at[position]), end - SHORTEST_DAYS * DAY)
        if windows and np.searchsorted(at, start) < len(at) / 3:
            break
        windows.append(ValidationWindow(start, end))
        end = start
    return windows[::-1]
