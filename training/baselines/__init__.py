"""The baselines a sceptic would try, each a family of settings tuned in the same run as the model.

`FAMILIES` is the whole list and the only place where it is kept; `grid_table` prints it for the docs.
"""

from __future__ import annotations

from training.baselines.als import ALS
from training.baselines.ease import EASE
from training.baselines.family import Family, Fitted, Setting, words
from training.baselines.item_knn import ITEM_KNN
from training.baselines.lightfm_alone import LIGHTFM
from training.baselines.markov import MARKOV
from training.baselines.popularity import DECAYED, POPULARITY, RANDOM, ROLE

__all__ = ["FAMILIES", "Family", "Fitted", "Setting", "grid_table", "words"]

FAMILIES: tuple[Family, ...] = (RANDOM, POPULARITY, DECAYED, ROLE, MARKOV, ITEM_KNN, EASE, LIGHTFM, ALS)
"""Every baseline, in the order reported."""


def grid_table(families: tuple[Family, ...] = FAMILIES) -> str:
    """Return a markdown table of the baselines and every setting tried."""
    lines = ["| baseline | what it does | settings tried |", "|---|---|---|"]
    for family in families:
        tried = "; ".join(words(setting) for setting in family.grid)
        lines.append(f"| {family.name} | {family.about} | {tried} |")
    return "\n".join(lines) + "\n"
