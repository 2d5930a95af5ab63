"""A version side by side with the one that was live when it was fitted: figures, settings, data and answers."""

from __future__ import annotations

import json
from typing import Any

from training.report.blocks import Block, Section, Table, Words
from training.report.shared import Facts
from training.report.wording import SEGMENTS, interval, listed, named, number, part_name, percent, whole

HEADING = "Beside the live model"


def live_section(live: Facts | None, validation: Facts, judged: Facts) -> Section:
    """Return the comparison with the live model, or why there is none."""
    if not live or "skipped" in live:
        why = live["skipped"] if live else "this version does not say what it was compared with"
        return Section("live", HEADING, (Words(f"Not compared: {why}."),))
    blocks: list[Block] = [
        Words(
            f"Live when this version was fitted: {live['version']}, which looks from {live['as_of'][:10]}, "
            f"{_apart(live['days_between'])}." + (" It was fitted on the same rows." if live["same_data"] else "")
        ),
        Words(_answers_in_words(live["answers"])),
        _answers_table(live["answers"]),
        Words(
            "Figures of each version are of its own validation windows, so a difference may lie in the questions. On the "
            "same questions `lpr evaluate --models` compares them."
        ),
        _figures_table(live, validation, judged),
        *_settings(live["settings"]),
        *_data(live),
    ]
    return Section("live", HEADING, tuple(blocks))


def _apart(days: float) -> str:
    return f"{days:,g} days before this one" if days >= 0 else f"{-days:,g} days after this one"


def _answers_in_words(answers: Facts) -> str:
    if not answers["asked"]:
        return "Nobody was asked: the tables hold no employee."
    return (
        f"Of {answers['asked']} people drawn at random, asked from this version's as-of, the two versions share "
        f"{percent(answers['shared'], 0)} of the ten first courses; {percent(answers['same_first'], 0)} get the same first "
        f"course, {percent(answers['same_list'], 0)} the same list in the same order."
    )


def _answers_table(answers: Facts) -> Table:
    rows = tuple((f"{shared} of 10", whole(n)) for shared, n in reversed(list(enumerate(answers["counts"]))) if n)
    return Table("How many of the ten first courses are shared", ("shared", "people"), rows)


def _figures_table(live: Facts, validation: Facts, judged: Facts) -> Table:
    pooled = judged.get("pooled", {}).get("ndcg@10")
    rows = [("people with a history, all", "", _figure(live["pooled"]), "", _figure(pooled))]
    for name in SEGMENTS:
        old, new = live["segments"].get(name, {}), validation.get(name, {})
        ships = new.get("ships", "")
        value = new.get("blend") if ships == "blend" else new.get("parts", {}).get(ships)
        cells = (part_name(old.get("ships", "")), number(old.get("ndcg@10")), part_name(ships), number(value))
        rows.append((SEGMENTS[name], *cells))
    header = ("people with", "live ships", "live NDCG@10", "this ships", "this NDCG@10")
    return Table("NDCG@10 out of sample, each at its own fit", header, tuple(rows))


def _figure(numbers: Any) -> str:
    return interval(numbers) if numbers else "–"


def _settings(settings: Facts) -> list[Block]:
    if not settings:
        return [Words("Every setting is the same.")]
    rows = tuple((name, _value(old), _value(new)) for name, (old, new) in settings.items())
    return [Table("Settings that differ", ("setting", "live", "this"), rows)]


def _value(value: Any) -> str:
    return "not there" if value is None else json.dumps(value, ensure_ascii=False)


def _data(live: Facts) -> list[Block]:
    courses = live["courses"]
    changed = [(name, whole(old), whole(new)) for name, (old, new) in live["rows"].items()]
    words = f"{courses['added']:,} courses added, {courses['gone']:,} gone; {courses['now']:,} now."
    for what in ("added", "gone"):
        if courses[f"some_{what}"]:
            more = courses[what] - len(courses[f"some_{what}"])
            names = listed(map(named, courses[f"some_{what}"]), most=20) + (f" and {more:,} more" if more else "")
            words += f" {what.capitalize()}: {names}."
    return [Table("Rows read", ("table", "live", "this"), tuple(changed)), Words(words)]
