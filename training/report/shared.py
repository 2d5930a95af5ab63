"""Sections that a fit and an evaluation have in common: the tables, the calibration, settings and versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from training.report.blocks import Block, Chart, Curve, Curves, Listing, Points, Section, Table, Words
from training.report.wording import SEGMENTS, interval, listed, named, number, percent, whole

Facts = Mapping[str, Any]
FEWEST_SHOWN = 5
"""A mean over fewer people comes close to saying something of one of them: it is not shown."""


def data_section(data: Facts, *, fingerprint: str) -> Section:
    """Return what was read, set aside and absent."""
    blocks: list[Block] = [Words(_data_in_words(data))]
    blocks.append(
        Table("Rows read", ("table", "rows"), tuple((name, whole(n)) for name, n in data.get("rows", {}).items()))
    )
    rejected = data.get("rejected", {})
    if rejected:
        rows = tuple((reason, whole(n)) for reason, n in sorted(rejected.items(), key=lambda one: -one[1]))
        blocks.append(Table("Set aside, by reason", ("reason", "rows or ids"), rows))
    else:
        blocks.append(Words("No row was set aside."))
    absent, warnings = data.get("absent", ()), data.get("warnings", ())
    if absent:
        blocks.append(Words(f"Absent tables, whose features are off: {listed(absent, most=20)}."))
    if warnings:
        blocks.append(Points(tuple(warnings)))
    blocks.append(Words(f"Fingerprint of the rows: {fingerprint or 'unknown'}."))
    return Section("data", "Data", tuple(blocks))


def _data_in_words(data: Facts) -> str:
    taken = f"{whole(data.get('courses_taken'))} of {whole(data.get('courses'))} courses were taken"
    people = (
        f"{whole(data.get('employees_with_completions'))} of {whole(data.get('employees'))} people have a completion"
    )
    span = ""
    if "first_completion" in data:
        span = f", from {data['first_completion'][:10]} to {data['last_completion'][:10]}"
    return (
        f"{whole(data.get('completions'))} completions{span}; {whole(data.get('completions_by_choice'))} of them by "
        f"choice and first of their kind, which is what is learned from. {people}; {taken}. "
        f"{whole(data.get('roles'))} roles, {whole(data.get('skills'))} skills."
    )


def set_aside_share(data: Facts) -> float:
    """Return rows or ids set aside through rows read."""
    return float(sum(data.get("rejected", {}).values()) / max(sum(data.get("rows", {}).values()), 1))


def calibration_blocks(found: Facts | None, *, where: str) -> tuple[Block, ...]:
    """Return how far what is said of a course can be believed; `where` names what it was measured on."""
    if not found or "skipped" in found:
        why = found["skipped"] if found else "the fit that made this version did not measure it"
        return (Words(f"Not measured: {why}."),)
    calibrated, raw = found["calibrated"], found["raw"]
    chart = Chart(
        "What was said and what happened",
        f"Courses shown, in tenths by the chance said of them. On the line a course said to be taken next in 20 of 100 "
        f"cases is. Calibrated: said {percent(calibrated['said'])} on average, happened {percent(calibrated['happened'])}; "
        f"expected error {percent(calibrated['ece'], 2)}. Raw, as the weights come: said {percent(raw['said'])}, "
        f"expected error {percent(raw['ece'], 2)}.",
        Curves(
            "said",
            "happened",
            (_reliability("calibrated", found["bins"]), _reliability("raw", found["raw_bins"])),
            diagonal=True,
        ),
        _bins_table(found["bins"], found["raw_bins"]),
    )
    return (
        Words(
            "An answer holds no probability: the score orders. Here it is turned into the chance that a course is the "
            f"very next one taken, and judged on the ten first courses of {found['questions']:,} lists ({where}), by "
            "weights and a temperature learned without the people judged on. Brier score "
            f"{number(calibrated['brier'], 5)}; saying the same of every course gives "
            f"{number(calibrated['brier_of_base_rate'], 5)}, so {gain_in_words(found['brier_gain'])}."
        ),
        chart,
        _segment_table(found["segments"]),
    )


def gain_in_words(numbers: Any) -> str:
    """Return the share by which a score is better, in words."""
    estimate, low, high = numbers
    if estimate is None:
        return "nothing can be said of the gain"
    if low is None:
        return f"the gain is {percent(estimate)}"
    return f"the gain is {percent(estimate)} [{percent(low)}, {percent(high)}]"


def _reliability(name: str, bins: list[Facts]) -> Curve:
    return Curve(name, tuple(one["said"] for one in bins), tuple(one["happened"] for one in bins))


def _bins_table(calibrated: list[Facts], raw: list[Facts]) -> Table:
    rows = tuple(
        (
            str(i + 1),
            f"{one['shown']:,}",
            number(one["said"]),
            interval(one["happened"]),
            number(other["said"]),
            interval(other["happened"]),
        )
        for i, (one, other) in enumerate(zip(calibrated, raw, strict=True))
    )
    header = ("tenth", "courses shown", "said, calibrated", "happened", "said, raw", "happened")
    return Table("What was said and what happened, by tenths", header, rows)


def _segment_table(segments: Facts) -> Table:
    rows = tuple(
        (
            SEGMENTS.get(name, name),
            f"{one['questions']:,}",
            number(one["brier"], 5),
            number(one["brier_of_base_rate"], 5),
            percent(one["ece"], 2),
            " and ".join(f"{b:.2f}" for b in one["temperatures"]),
        )
        for name, one in segments.items()
    )
    header = (
        "people with",
        "questions",
        "Brier",
        "Brier of the base rate",
        "expected error",
        "temperatures of the folds",
    )
    return Table("Calibration by history", header, rows)


def made_with_section(made: Facts) -> Section:
    """Return settings and versions: `config`, `packages`, `commit`, `seed`, `threads` and other facts."""
    facts = tuple((name, named(str(value))) for name, value in made["facts"].items())
    packages = tuple(made["packages"].items())
    return Section(
        "made-with",
        "Settings and versions",
        (
            Table("What makes it repeatable", ("fact", "value"), facts),
            Table("Packages that took part", ("package", "version"), packages, folded=True),
            Listing("Every setting", json.dumps(made["config"], ensure_ascii=False, indent=2)),
        ),
    )
