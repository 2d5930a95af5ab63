"""Every setting of a fit, with its default: read from a TOML file, checked, and kept in the manifest."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recommender.errors import ConfigError
from recommender.profile import HALF_LIFE_DAYS, TRUST, EvidenceRules

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Source = Literal["manager", "assessment", "credential", "completion", "self", "assumed"]
When = Literal["missing", "absent", "off"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ItemItemConfig(_Section):
    """`l2` λ and `text_weight` t of EASE; `keep` entries of each row.

    More than `dense_up_to` courses are solved one by one on the nearest courses, without a dense matrix.
    """

    l2: Positive = 250.0
    text_weight: Annotated[float, Field(ge=0)] = 4.0
    keep: Count = 300
    dense_up_to: Annotated[int, Field(ge=0)] = 15_000


class SequenceConfig(_Section):
    """`l2` λ of the ridge regression; `keep` entries of each row; `dense_up_to` as for `ItemItemConfig`."""

    l2: Positive = 300.0
    keep: Count = 300
    dense_up_to: Annotated[int, Field(ge=0)] = 15_000


class HybridConfig(_Section):
    """LightFM's settings; at most `max_rows` completions are learned from, drawn by the seed.

    Each is known by the latest `history` courses before it; `hidden_share` of them are seen once more without the history.
    The fit of a later validation window starts from that of the window before and makes `later_share` of the epochs; with
    1 every fit starts from nothing. A fit that lasts longer than `max_minutes` ends with the epoch it is in: a safety;
    where it ends depends on the machine.
    """

    factors: Count = 64
    epochs: Count = 8
    later_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    learning_rate: Positive = 0.1
    max_sampled: Count = 40
    max_rows: Count = 1_000_000
    max_minutes: Positive = 120.0
    history: Count = 12
    hidden_share: Annotated[float, Field(ge=0, le=1)] = 0.2


class RoleConfig(_Section):
    """`shrinkage`: how many people of average taste are added to each role."""

    shrinkage: Positive = 20.0


class EvidenceConfig(_Section):
    """How evidence of skills is trusted: by source, where it differs from the defaults of `recommender.profile`.

    `trust` of fresh evidence and the days in which it halves (`half_life_days`); `assume_role`: a holder of a role has its
    levels less one unless something else is known; `confirm_below`: people are asked to confirm a needed level whose
    confidence is lower.
    """

    trust: dict[Source, Annotated[float, Field(gt=0, le=1)]] = {}
    half_life_days: dict[Source, Positive] = {}
    assume_role: bool = True
    confirm_below: Annotated[float, Field(ge=0, le=1)] = 0.3

    def rules(self) -> EvidenceRules:
        """Return the rules with the defaults where nothing is said."""
        return EvidenceRules(
            trust=dict(TRUST) | dict(self.trust),
            half_life_days=dict(HALF_LIFE_DAYS) | dict(self.half_life_days),
            assume_role=self.assume_role,
            confirm_below=self.confirm_below,
        )


class BlendConfig(_Section):
    """How the blend is learned.

    `windows` rolling validation windows, each `window_share` of the completions, and up to `most_windows` while they
    hold fewer than `enough` completions; at most `max_queries` questions of each kind in each; `negatives` candidates
    beside each one taken; `l2` of the weights, chosen out
    of sample unless given; `tolerance`: a segment keeps the blend only if the interval of its gain
    excludes a larger loss, as a share of the best part.
    """

    windows: Count = 2
    most_windows: Count = 6
    enough: Count = 8000
    window_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.08
    max_queries: Count = 2500
    negatives: Count = 40
    l2: Positive | None = None
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.02


class CourseSkillsConfig(_Section):
    """Whether and which skills of courses are inferred from their texts.

    `infer`: "missing" for every course without skills, "absent" only where no course has any, "off" never. At most `most`
    skills a course, each of a confidence of at least `threshold`.
    """

    infer: When = "missing"
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.3
    most: Count = 10


class RoleSkillsConfig(_Section):
    """Whether and which needs of roles are inferred from what holders completed; docs/model.md has the formulas.

    `infer` as for courses, of roles; `strength`: how many people of everyone's taste are added to each role;
    `fewest_people` behind a need; `least_lift` over everyone's share; at most `most` needs a role; `level_quantile` of the
    levels holders reached.
    """

    infer: When = "missing"
    strength: Positive = 20.0
    fewest_people: Annotated[int, Field(ge=5)] = 5
    least_lift: Annotated[float, Field(ge=1)] = 1.1
    most: Count = 10
    level_quantile: Annotated[float, Field(ge=0, le=1)] = 0.5


class InferConfig(_Section):
    """What is inferred where tables are silent."""

    course_skills: CourseSkillsConfig = CourseSkillsConfig()
    role_skills: RoleSkillsConfig = RoleSkillsConfig()


class FitConfig(_Section):
    """All settings of a fit. `threads` 1 makes equal input give equal arrays."""

    seed: int = 0
    threads: Count = Field(default_factory=lambda: os.cpu_count() or 1)
    item_item: ItemItemConfig = ItemItemConfig()
    sequence: SequenceConfig = SequenceConfig()
    hybrid: HybridConfig = HybridConfig()
    role: RoleConfig = RoleConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    blend: BlendConfig = BlendConfig()
    infer: InferConfig = InferConfig()


def read_config(path: Path | None, *, threads: int | None = None) -> FitConfig:
    """Return the settings of a TOML file, defaults where it is silent; `threads` overrides the file.

    Raises
    ------
    ConfigError
        Naming every setting that is unknown or out of range.
    """
    try:
        settings = {} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}; expected a TOML file of settings.") from error
    if threads is not None:
        settings["threads"] = threads
    try:
        return FitConfig.model_validate(settings)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigError(f"{path or 'settings'}: {wrong}. See docs/operations.md for the settings.") from error
