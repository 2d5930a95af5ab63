"""What an evaluation shows: a table on the terminal, `metrics.json`, and markdown tables for the docs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.baselines import grid_table
from training.evaluation_summary import BEST_BASELINE, MAIN_K, MAIN_METRIC, MODEL, SLICE_METRICS
from training.goals.report import goal_tables, show_goals
from training.tabulating import UNKNOWN, interval_in_words, markdown_table, show_table

if TYPE_CHECKING:
    from rich.console import Console

Metrics = Mapping[str, Any]
_BESIDE = (f"hr@{MAIN_K}", f"recall@{MAIN_K}", f"mrr@{MAIN_K}")


def write_metrics(metrics: Metrics, report_dir: Path) -> Path:
    """Write `metrics.json` so that a reader sees all of it or the one before; returns its path."""
    report_dir.mkdir(parents=True, exist_ok=True)
    path = report_dir / "metrics.json"
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(metrics, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def show(metrics: Metrics, console: Console) -> None:
    """Print the headline tables: each protocol, the model against the baselines, following lists, what was left out."""
    for protocol, facts in metrics["protocols"].items():
        show_table(*_headline(protocol, facts), console=console)
        console.print(_best_in_words(facts))
        console.print(_not_rankable_in_words(metrics, protocol))
    show_goals(metrics["goals"], console)
    for name, reason in metrics["skipped"].items():
        console.print(f"{name}: not run, {reason}")
    for line in _undated_in_words(metrics):
        console.print(line)
    console.print(f"{metrics['seconds']['total'] / 60:.1f} minutes")


def docs_tables(metrics: Metrics) -> str:
    """Return every table of docs/evaluation.md as markdown, headings of the third level and below."""
    parts = ["### Windows\n", _windows_table(metrics), *(f"{line}\n" for line in _undated_in_words(metrics))]
    for protocol, facts in metrics["protocols"].items():
        title, header, rows = _headline(protocol, facts)
        parts += [f"### {title}\n", markdown_table(header, rows), _best_in_words(facts) + "\n"]
        parts += [_not_rankable_in_words(metrics, protocol) + "\n"]
        parts += ["#### Everyone, people without history included\n", _group_table(facts["all"])]
        parts += [f"#### {MAIN_METRIC} at each cut\n", _per_cut_table(facts)]
        parts += ["#### By length of history\n", _slices_table(facts["slices"]["history"])]
        if facts["slices"]["new"]:
            parts += ["#### New people\n", _new_people_table(facts["slices"]["new"])]
        if facts["slices"]["role"]:
            parts += ["#### By role\n", _slices_table(facts["slices"]["role"])]
        parts += ["#### Beyond accuracy\n", _beyond_table(facts)]
        parts += ["#### Cold courses\n", _cold_table(facts["cold_courses"])]
        if facts["ablation"]:
            parts += ["#### Without each scorer\n", _ablation_table(facts["ablation"])]
    parts += goal_tables(metrics["goals"])
    parts += ["### Settings chosen\n", _tuning_table(metrics), "### Settings tried\n", grid_table()]
    parts += [f"- {name}: not run, {reason}\n" for name, reason in metrics["skipped"].items()]
    parts += ["### Time\n", _time_table(metrics)]
    return "\n".join(parts)


def _headline(protocol: str, facts: Metrics) -> tuple[str, list[str], list[list[str]]]:
    warm = facts["warm"]
    title = f"{protocol}: {warm['n_employees']:,} people with a history, {warm['n_cases']:,} cases"
    against = warm.get("model_against")
    header = ["", MAIN_METRIC, *_BESIDE] + (["model − this", "model ÷ this"] if against else [])
    return title, header, [_headline_row(name, one, against) for name, one in warm["models"].items()]


def _headline_row(name: str, one: Metrics, against: Metrics | None) -> list[str]:
    row = [name, interval_in_words(one[MAIN_METRIC]), *(_plain(one[metric][0]) for metric in _BESIDE)]
    if against is None:
        return row
    if name not in against:
        return [*row, "", ""]
    compared = against[name][MAIN_METRIC]
    return [*row, interval_in_words(compared["difference"]), interval_in_words(compared["ratio"], 2)]


def _plain(value: float | None, digits: int = 4) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def _best_in_words(facts: Metrics) -> str:
    best = facts["best_baseline"]
    by_cut = ", ".join(best["by_validation_per_cut"]) or "none"
    return f"Best baseline by validation at each cut: {by_cut}. Best on test: {best['on_test'] or 'none'}."


def _not_rankable_in_words(metrics: Metrics, protocol: str) -> str:
    shares = [window[protocol]["share_not_rankable"] for window in metrics["windows"]]
    words = ", ".join(UNKNOWN if share is None else f"{100 * share:.1f} %" for share in shares)
    return f"Targets that no list could show (not visible or not eligible then), counted as misses: {words}."


def _undated_in_words(metrics: Metrics) -> list[str]:
    """Say what has no date: what the questions did not see, and what they saw although it may be of later."""
    counts = dict(metrics["undated"])
    n_roles = counts.pop("roles")
    hidden = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n)
    lines = [f"Undated, so seen by no question: {hidden}."] if hidden else []
    if n_roles:
        lines.append(f"Undated and taken to be held all along: the roles of {n_roles:,} people. They may be of later.")
    return lines


def _windows_table(metrics: Metrics) -> str:
    protocols = list(metrics["protocols"])
    header = ["cut", "end", "completions before", "cold courses"]
    header += [f"{name}: cases (with history)" for name in protocols]
    rows = []
    for window in metrics["windows"]:
        cases = [f"{window[name]['n_cases']:,} ({window[name]['n_warm_cases']:,})" for name in protocols]
        facts = [f"{window['n_completions_before']:,}", f"{window['n_cold_courses']:,}"]
        rows.append([window["cut"], window["end"], *facts, *cases])
    return markdown_table(header, rows)


def _group_table(group: Metrics) -> str:
    rows = [
        [name, *(interval_in_words(one[metric]) for metric in SLICE_METRICS)] for name, one in group["models"].items()
    ]
    sizes = f"{group['n_employees']:,} people, {group['n_cases']:,} cases"
    return f"{sizes}\n\n" + markdown_table(["", *SLICE_METRICS], rows)


def _per_cut_table(facts: Metrics) -> str:
    cuts = facts["per_cut"]
    header = ["", *(f"cut {i + 1} ({cut['n_employees']:,} people)" for i, cut in enumerate(cuts))]
    names = list(cuts[0]["models"])
    rows = [[name, *(interval_in_words(cut["models"][name][MAIN_METRIC]) for cut in cuts)] for name in names]
    return markdown_table(header, rows)


def _slices_table(slices: Metrics) -> str:
    """One row a slice, one column a model."""
    names = list(next(iter(slices.values()))["models"]) if slices else []
    rows = [
        [name, f"{one['n_employees']:,}", *(_plain(one["models"][model][MAIN_METRIC][0]) for model in names)]
        for name, one in slices.items()
    ]
    return markdown_table([MAIN_METRIC, "people", *names], rows)


def _new_people_table(slices: Metrics) -> str:
    """One row a model, one column a slice; how many times each figure the model reaches stands beside it."""
    header = ["", *(f"{name} ({one['n_employees']:,} people)" for name, one in slices.items())]
    rows = []
    for model in next(iter(slices.values()))["models"]:
        row = [model]
        for one in slices.values():
            against = one.get("model_against", {}).get(model)
            times = f"; model ÷ this {interval_in_words(against[MAIN_METRIC]['ratio'], 2)}" if against else ""
            row.append(_plain(one["models"][model][MAIN_METRIC][0]) + times)
        rows.append(row)
    return markdown_table(header, rows)


def _beyond_table(facts: Metrics) -> str:
    header = ["", f"coverage@{MAIN_K}", f"novelty@{MAIN_K} (bits)", f"popularity bias@{MAIN_K}"]
    rows = []
    for name, covered in facts["coverage"].items():
        one = facts["warm"]["models"].get(name)
        if one is not None:
            beyond = [_plain(one[f"{metric}@{MAIN_K}"][0], 3) for metric in ("novelty", "popularity_bias")]
            rows.append([name, _plain(covered[f"coverage@{MAIN_K}"], 3), *beyond])
    return markdown_table(header, rows)


def _cold_table(cold: Metrics) -> str:
    if "full ranking" not in cold:
        return "Nobody completed a course that was new at a cut.\n"
    alone, mixed, random = cold["among cold courses"], cold["full ranking"], cold["against_random_order"]
    header = ["", f"{MAIN_METRIC} in the full ranking", f"{MAIN_METRIC} among cold courses", "÷ random order"]
    rows = [
        [
            name,
            interval_in_words(mixed["models"][name][MAIN_METRIC]) if name in mixed["models"] else UNKNOWN,
            interval_in_words(one[MAIN_METRIC]),
            interval_in_words(random["ratio"][name], 1),
        ]
        for name, one in alone["models"].items()
    ]
    sizes = f"{alone['n_employees']:,} people, {alone['n_cases']:,} cases; random order: {random['expected']:.4f}"
    return f"{sizes}\n\n" + markdown_table(header, rows)


def _ablation_table(ablation: Metrics) -> str:
    rows = [
        [name, interval_in_words(one[MAIN_METRIC]["value"]), interval_in_words(one[MAIN_METRIC]["difference"])]
        for name, one in ablation.items()
    ]
    return markdown_table(["", MAIN_METRIC, "less the whole model"], rows)


def _tuning_table(metrics: Metrics) -> str:
    rows = [
        [row["protocol"], str(row["cut"] + 1), row["family"], row["setting"], _plain(row[MAIN_METRIC])]
        for row in metrics["tuning"]
        if row["chosen"]
    ]
    return markdown_table(["protocol", "cut", "baseline", "setting", f"validation {MAIN_METRIC}"], sorted(rows))


def _time_table(metrics: Metrics) -> str:
    rows = [
        [name, _plain(one["fit"], 1), _plain(one["rank"], 1)]
        for name, one in metrics["seconds"].items()
        if isinstance(one, Mapping)
    ]
    return markdown_table(["seconds over the whole run", "fitting", "ranking"], rows)


def model_beats(metrics: Metrics, protocol: str, *, baseline: str = BEST_BASELINE) -> tuple[float | None, float | None]:
    """Return how many times the baseline's figure the model reaches, and the low end of the paired difference."""
    against = metrics["protocols"][protocol]["warm"].get("model_against", {})
    if baseline not in against:
        raise KeyError(f"{baseline}: not compared with the {MODEL}; known are {', '.join(against) or 'none'}")
    compared = against[baseline][MAIN_METRIC]
    return compared["ratio"][0], compared["difference"][1]
