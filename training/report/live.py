"""The live model beside a new one: what differs in settings, data and answers. What cannot be compared says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.arrays import NONE, IntArray
from recommender.company import Dataset
from recommender.manifest import Manifest
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Query
from training.live_version import LiveModel
from training.report.facts import K

SEEN = "completions before its as-of"
"""Stands among the rows of tables: what each version could learn from."""
MOST_NAMED = 20
"""Courses added or gone that are named."""


def compared_with_live(
    live: tuple[Manifest, Model] | str,
    data: Dataset,
    *,
    queries: Sequence[Query],
    ranked: IntArray,
    as_of: int,
    config: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what sets a new model apart from the live one; why not, under `skipped`, where they were not compared.

    `ranked` (n_queries, k) are the new model's lists for `queries`, questions of `data`; `facts` are its `table_facts`.
    """
    if isinstance(live, str):
        return {"skipped": live}
    manifest, model = live
    old = LiveModel.of(manifest, model, data)
    return {
        "version": manifest.version,
        "created": moment_text(int(manifest.origin.created.timestamp())),
        "as_of": moment_text(model.as_of),
        "days_between": round((as_of - model.as_of) / 86_400, 1),
        "same_data": manifest.origin.data_fingerprint == data.fingerprint,
        "settings": changed_settings(manifest.origin.config, config),
        "rows": _rows(manifest.origin.report.get("data", {}), facts),
        "courses": _course_changes(model, data),
        "segments": _segments(manifest.origin.metrics),
        "pooled": manifest.origin.report.get("judged", {}).get("pooled", {}).get("ndcg@10"),
        "answers": overlap(ranked, old.rank(queries, k=K)),
    }


def changed_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return [old, new] of each setting that differs, by its dotted name; None where one has no such setting."""
    one, other = dict(_flat(old)), dict(_flat(new))
    return {name: [one.get(name), other.get(name)] for name in {**one, **other} if one.get(name) != other.get(name)}


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in settings.items():
        found += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) and value else [(prefix + name, value)]
    return found


def _rows(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[int | None]]:
    """Return [old, new] rows of each table, and of completions seen; None where one was absent or is not known."""
    one, other = old.get("rows", {}), new["rows"]
    rows = {name: [one.get(name), other.get(name)] for name in {**one, **other}}
    return {**rows, SEEN: [old.get("completions"), new["completions"]]}


def _course_changes(model: Model, data: Dataset) -> dict[str, Any]:
    old, new = set(model.catalog.ids.ids), set(data.catalog.ids.ids)
    added, gone = sorted(new - old), sorted(old - new)
    return {
        "before": len(old),
        "now": len(new),
        "added": len(added),
        "gone": len(gone),
        "some_added": added[:MOST_NAMED],
        "some_gone": gone[:MOST_NAMED],
    }


def _segments(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return of each segment what ships in the old version and its NDCG@10 out of sample at its own fit."""
    found = {}
    for segment, said in metrics.get("validation", {}).items():
        ships = said["ships"]
        value = said["blend"] if ships == "blend" and said["judged"] else said.get("parts", {}).get(ships)
        found[segment] = {"ships": ships, "ndcg@10": value}
    return found


def overlap(new: IntArray, old: IntArray) -> dict[str, Any]:
    """Return how much of the first courses two models share, (n_queries, k) each; a mean over the questions.

    `shared` is the share of the courses of the longer list that are in both, `same_first` how often both begin with the
    same course, `same_list` how often all are the same in the same order, `counts` how many lists share 0, 1 … k courses.
    """
    shared = np.array([len(np.intersect1d(a[a != NONE], b[b != NONE])) for a, b in zip(new, old, strict=True)])
    longest = np.maximum(np.maximum((new != NONE).sum(axis=1), (old != NONE).sum(axis=1)), 1)
    if not len(new):
        return {"asked": 0, "shared": None, "same_first": None, "same_list": None, "counts": []}
    return {
        "asked": len(new),
        "shared": float((shared / longest).mean()),
        "same_first": float((new[:, 0] == old[:, 0]).mean()),
        "same_list": float((new == old).all(axis=1).mean()),
        "counts": np.bincount(shared, minlength=new.shape[1] + 1).tolist(),
    }
