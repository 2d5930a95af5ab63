"""What a question is for: each mode a set of weights, and how a mode is chosen where none is asked for."""

from __future__ import annotations

from dataclasses import dataclass

COMPLIANCE = "compliance"
"""The mode that lists mandatory training and nothing else; only on request."""


@dataclass(frozen=True, slots=True)
class Mode:
    """The weights of one mode, in [0, 1]: score = (1 − goal − explore)·relevance + goal·goal + explore·new ground.

    Parameters
    ----------
    goal_weight
        Share of what closes the gap to the goal role; the question may say otherwise.
    explore_weight
        Share of new ground within reach: skills the person hardly has, in courses whose entry levels, assumed ones too,
        are met.
    required_only
        Whether the list is the mandatory training, and nothing else.
    """

    goal_weight: float
    explore_weight: float = 0.0
    required_only: bool = False


RELEVANCE_ALONE = Mode(goal_weight=0.0)
"""No goal: what is likely taken next, as `lpr evaluate` asks."""

MODES: dict[str, Mode] = {
    "upskill": Mode(goal_weight=0.1),
    "reskill": Mode(goal_weight=0.2),
    "explore": Mode(goal_weight=0.1, explore_weight=0.35),
    COMPLIANCE: Mode(goal_weight=0.0, required_only=True),
}
"""Every mode by name. docs/model.md says where the weights come from."""
