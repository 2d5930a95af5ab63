"""Fit a model: scorers on what came before, the blend on later windows, then the scorers again on everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.catalog import Roles
from recommender.company import Dataset
from recommender.errors import DataError
from recommender.model import Model, Scorers
from recommender.scorers.content import Content
from recommender.scorers.item_item import ItemItem
from recommender.scorers.role import Role
from recommender.scorers.sequence import Sequence
from recommender.scorers.trend import Trend
from recommender.vocabularies import Vocabularies
from training.blending.learning import Learned, learn_blend
from training.blending.rows import collect, unweighted
from training.blending.windows import ValidationWindow, validation_windows
from training.config import FitConfig
from training.engines import HERE, Engine, processes
from training.inference.role_needs import with_role_needs
from training.memory import give_back
from training.progress import Progress
from training.scorers.content import fit_content
from training.scorers.counted import fit_role, fit_trend
from training.scorers.histories import interactions
from training.scorers.hybrid import HybridFit, hybrid_bounds
from training.scorers.hybrid_fits import HybridFits
from training.scorers.item_item import fit_item_item
from training.scorers.sequence import fit_sequence

FEWEST_COMPLETIONS = 10


@dataclass(frozen=True)
class FittedModel:
    """A model, what was measured while it was made, and what a person should know of it.

    `report` is what the training report shows besides: intervals, and whether probabilities can be believed.
    """

    model: Model
    metrics: dict[str, Any]
    report: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass
class _Clock:
    """Seconds spent in each stage; after it the memory it has freed is given back."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress(name)
        began = time.perf_counter()
        yield
        give_back()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - began, 2)


def fit(
    data: Dataset, config: FitConfig, *, as_of: int, progress: Progress | None = None, engine: Engine = HERE
) -> FittedModel:
    """Fit a model on the completions strictly before `as_of`; needs of roles without any are inferred from the same rows.

    The scorers are fitted before each of a few validation windows, the blend is learned and judged on those windows,
    and the scorers that ship are fitted on everything before `as_of`. The sums over employees that closed forms are made of
    are computed on `engine`, which changes no digit of them.

    Raises
    ------
    DataError
        If there are fewer than `FEWEST_COMPLETIONS` completions by choice to learn from.
    """
    past = data.with_completions(data.completions.before(as_of))
    n_targets = int(past.completions.targets.sum())
    if n_targets < FEWEST_COMPLETIONS:
        raise DataError(
            f"completions: found {n_targets} by choice before the moment of the fit; expected at least "
            f"{FEWEST_COMPLETIONS}. Give more history or a later --as-of."
        )
    clock = _Clock(progress or (lambda step, done=0, total=0: None))
    windows = validation_windows(past.completions, config.blend, end=as_of)
    with threadpool_limits(config.threads), HybridFits(config, most=len(windows) + 1) as hybrids:
        names = [f"window {n} of {len(windows)}" for n in range(1, len(windows) + 1)]
        origins = [*zip(names, (window.start for window in windows), strict=True), ("whole past", as_of)]
        fits: list[_FittedScorers] = []
        goes_on = config.hybrid.later_share < 1
        for of, moment in origins:
            # What ships starts from nothing: it is learned beside the windows, which start from one another.
            after = fits[-1].hybrid if goes_on and fits and moment != as_of else None
            fits.append(
                _fit_scorers(
                    past, config, as_of=moment, clock=clock, of=of, hybrids=hybrids, after=after, engine=engine
                )
            )
        begun = {of: one.hybrid for (of, _), one in zip(origins, fits, strict=True)}
        shipped = fits.pop()
        learned = _learned(past, config, fits, dict(zip(names, windows, strict=True)), clock=clock, hybrids=hybrids)
        hybrids.wait(shipped.hybrid, clock.progress)
        clock.seconds |= hybrids.seconds
    model = replace(shipped.model(past, config), blend=learned.blend, goal_scale=learned.goal_scale)
    bounds = hybrid_bounds({of: one.result() for of, one in begun.items()}, config.hybrid)
    notes = (*shipped.told, *bounds, *learned.notes)
    metrics = {"validation": learned.metrics, "seconds_by_stage": clock.seconds}
    return FittedModel(model, metrics, learned.report, notes)


@dataclass(frozen=True)
class _FittedScorers:
    """The scorers as of one moment and the roles as known by then; `hybrid` may still be under way."""

    as_of: int
    roles: Roles
    told: tuple[str, ...]
    item_item: ItemItem
    sequence: Sequence
    hybrid: Future[HybridFit]
    trend: Trend
    content: Content
    role: Role
    vocabularies: Vocabularies

    def model(self, data: Dataset, config: FitConfig) -> Model:
        """Return the model of these scorers, whose signals nothing weighs yet."""
        scorers = (self.item_item, self.sequence, self.hybrid.result().scorer, self.trend, self.content, self.role)
        return Model(
            as_of=self.as_of,
            catalog=data.catalog,
            skills=data.skills,
            roles=self.roles,
            scorers=Scorers(*scorers),
            blend=unweighted(),
            vocabularies=self.vocabularies,
            goal_scale=1.0,
            evidence=config.evidence.rules(),
        )


def _learned(
    past: Dataset,
    config: FitConfig,
    fits: list[_FittedScorers],
    windows: dict[str, ValidationWindow],
    *,
    clock: _Clock,
    hybrids: HybridFits,
) -> Learned:
    """Learn the blend on the windows, by name, whose scorers are `fits`; those are taken away one by one."""
    rows = []
    with processes(config.threads) as engine:
        for name, window in windows.items():
            scorers = fits.pop(0)
            hybrids.wait(scorers.hybrid, clock.progress)
            with clock.stage(f"{name}: questions"):
                model = scorers.model(past, config)
                rows.append(collect(past, model, window, config, progress=clock.progress, engine=engine))
    del scorers, model
    with clock.stage("blend"):
        return learn_blend(rows, config, progress=clock.progress)


def _fit_scorers(
    data: Dataset,
    config: FitConfig,
    *,
    as_of: int,
    clock: _Clock,
    of: str,
    hybrids: HybridFits,
    after: Future[HybridFit] | None,
    engine: Engine,
) -> _FittedScorers:
    """Fit the scorers on what came before `as_of`; the hybrid one in the background, from where `after` ended."""
    data, told = with_role_needs(data, config.infer.role_skills, as_of=as_of)
    past = data.completions.before(as_of)
    catalog, n_courses = data.catalog, len(data.catalog)
    with clock.stage(f"{of}: text"):
        vocabularies = Vocabularies.learn(catalog, data.skills)
        encoded = vocabularies.encode_courses(catalog, data.skills, n_fitted=n_courses)
        unseen = np.bincount(past.course_idx[past.targets], minlength=n_courses) == 0
        roles = vocabularies.encode_roles(data.roles, data.skills)
        content = fit_content(encoded, roles, unseen=unseen, progress=clock.progress)
    hybrid = hybrids.begin(of, data, past, encoded.terms, after=after)
    with clock.stage(f"{of}: item_item"):
        taken = interactions(past, n_courses=n_courses)
        settings = config.item_item
        item_item = fit_item_item(
            taken,
            encoded.vectors,
            l2=settings.l2,
            text_weight=settings.text_weight,
            keep=settings.keep,
            dense_up_to=settings.dense_up_to,
            like=content.neighbours,
            engine=engine,
            progress=clock.progress,
        )
    with clock.stage(f"{of}: sequence"):
        steps = config.sequence
        sequence = fit_sequence(
            past,
            n_courses=n_courses,
            l2=steps.l2,
            keep=steps.keep,
            dense_up_to=steps.dense_up_to,
            engine=engine,
            progress=clock.progress,
        )
    with clock.stage(f"{of}: trend, role"):
        trend = fit_trend(data, past, as_of=as_of)
        role = fit_role(data, past, as_of=as_of, shrinkage=config.role.shrinkage)
    return _FittedScorers(as_of, data.roles, told, item_item, sequence, hybrid, trend, content, role, vocabularies)
