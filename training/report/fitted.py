"""The report of a fit, from a version's manifest alone: the page and the model card say the same because they are this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recommender.manifest import Manifest, manifest_document
from training.report.blocks import Block, Chart, Mark, Points, Report, Section, Table, Whiskers, Words
from training.report.fitted_live import live_section
from training.report.fitted_verdict import fitted_verdict
from training.report.shared import Facts, calibration_blocks, data_section, made_with_section
from training.report.wording import SEGMENTS, gain, interval, moment, number, part_name, percent, whole

INTENDED = """\
Ranks next courses for one employee at one moment, from what was completed, the role held and the role aimed at. It \
advises; a person decides."""
NOT_FOR = (
    "Judging people: a score says what someone is likely to take next and what closes a gap, not how good anybody is at a "
    "job. No decision on hiring, pay, promotion or dismissal may rest on it.",
    "Deciding what is mandatory: required training comes from assignments, not from this model.",
    "People of another company, or courses of a catalogue it was not fitted on.",
)
FAIRNESS = (
    "It repeats what people did: what was never offered to a group was never taken by it, and is ranked low for it.",
    "It knows nobody's sex, age, origin or health, and no name. Role, department and history stand in for such things "
    "where they go together; look at the figures by role (`lpr evaluate`) before relying on it for a small one.",
    "People with little or no history get what their role takes and what is popular; their figures stand apart above.",
    "A reason about other people is given only where at least 5 of them stand behind it.",
)
LIMITS = (
    "It knows the courses and roles of its as-of; what came later is unknown to it until the next fit.",
    "Trend is as old as the as-of; answers state that age.",
    "It holds no person's id and no person's vector. The influence an erased person had on the shared weights ends with "
    "the next fit.",
    "Every figure is of what people took by choice where they could choose: not of what would have been good for them.",
)
_UNMEASURED = (
    "Beside tuned baselines, at several cuts and by role; without each scorer; the price of the goal and role coverage "
    "after 20, 40 and 80 hours: `lpr evaluate DATA` measures them and writes a report of its own.",
    "How much more data would help: `lpr evaluate DATA --learning-curve`. LightFM reports no loss by epoch.",
    "Against the live model on the same questions: `lpr evaluate DATA --models DIR`.",
)


def fitted_report(manifest: Manifest) -> Report:
    """Return the report of a saved version."""
    origin = manifest.origin
    report: Facts = origin.report
    document = manifest_document(manifest)
    return Report(
        title=f"Model {manifest.version}",
        about=(
            f"Fitted for the tenant {manifest.tenant} on {moment(document['created'])}, on what came before "
            f"{moment(document['as_of'])}. Figures of its fit are out of sample: scorers fitted before "
            "each validation window, weights learned without the people judged on."
        ),
        verdict=fitted_verdict(report),
        sections=tuple(_sections(manifest, report, document)),
    )


def _sections(manifest: Manifest, report: Facts, document: dict[str, Any]) -> Iterator[Section]:
    origin, judged = manifest.origin, report.get("judged", {})
    yield Section("intended", "What it is for, and what not", (Words(INTENDED), Words("Not for:"), Points(NOT_FOR)))
    yield _measured(judged)
    yield _slices(judged.get("segments", {}), origin.metrics.get("validation", {}))
    where = "validation windows of the fit"
    yield Section("calibration", "Calibration", calibration_blocks(judged.get("calibration"), where=where))
    yield _beyond(report.get("lists"))
    yield live_section(report.get("live"), origin.metrics.get("validation", {}), judged)
    yield data_section(report.get("data", {}), fingerprint=origin.data_fingerprint)
    yield Section("notes", "What to know", (Points((*origin.notes, *LIMITS)),))
    yield Section("fairness", "Fairness", (Points(FAIRNESS),))
    yield Section("elsewhere", "What a fit does not measure", (Points(_UNMEASURED),))
    yield _going_back(manifest)
    yield made_with_section(
        {
            "facts": {
                "tenant": manifest.tenant,
                "version": manifest.version,
                "created": document["created"],
                "as of": document["as_of"],
                "data fingerprint": origin.data_fingerprint or "unknown",
                "source revision": origin.commit or "unknown",
                "seed": origin.seed,
                "threads": origin.threads,
                "format version": manifest.format_version,
                **_spent(origin.metrics),
            },
            "packages": origin.packages,
            "config": document["config"],
        }
    )
    yield _files(manifest)


def _measured(judged: Facts) -> Section:
    heading = "The model beside its parts and popularity"
    pooled = judged.get("pooled")
    if pooled is None:
        nothing = "Nothing was measured over people with a history: too few of them in the validation windows."
        return Section("measured", heading, (Words(nothing),))
    parts = [one for one in _by_figure(pooled["parts"]) if any(one[1]["shipped_less_this"])]
    if not parts:
        parts = _by_figure(pooled["parts"])
    best = parts[0]
    shipped = Mark("what ships", pooled["ndcg@10"], strong=True)
    rows = [("what ships", interval(pooled["ndcg@10"]), "")]
    rows += [(part_name(name), interval(one["ndcg@10"]), gain(one["shipped_less_this"])) for name, one in parts]
    chart = Chart(
        "NDCG@10 of people with a history",
        f"What ships reaches {interval(pooled['ndcg@10'])} over {pooled['employees']:,} people; the best of the others, "
        f"{part_name(best[0])}, {interval(best[1]['ndcg@10'])}: a lead of {gain(best[1]['shipped_less_this'])}. "
        "Bars are 95 % intervals over people.",
        Whiskers("NDCG@10, more is better", (shipped, *(Mark(part_name(n), one["ndcg@10"]) for n, one in parts[:11]))),
        Table("NDCG@10 of people with a history", ("", "NDCG@10", "what ships less this"), tuple(rows)),
    )
    words = Words(
        f"{pooled['questions']:,} questions of the validation windows, all segments with a history and enough people. "
        "A single part is what a sceptic would try first: popularity, EASE, LightFM, what is taken next. Which alternative "
        "ships was chosen by these figures too, which flatters it a little."
    )
    return Section("measured", heading, (words, chart))


def _by_figure(parts: Facts) -> list[tuple[str, Facts]]:
    return sorted(parts.items(), key=lambda one: -one[1]["ndcg@10"][0])


def _slices(segments: Facts, validation: Facts) -> Section:
    heading = "By length of history and activity"
    if not segments:
        nothing = "No segment has enough people in the validation windows to judge: each ships its default."
        return Section("slices", heading, (Words(nothing),))
    marks, rows = [], []
    for name, one in segments.items():
        best, against = _by_figure(one["parts"])[0]
        lead = against["shipped_less_this"]
        marks.append(Mark(SEGMENTS.get(name, name), lead, strong=True))
        ships = part_name(validation.get(name, {}).get("ships", ""))
        rows.append(
            (
                SEGMENTS.get(name, name),
                whole(one["employees"]),
                ships,
                interval(one["ndcg@10"]),
                f"{part_name(best)}: {number(against['ndcg@10'][0])}",
                gain(lead),
            )
        )
    least = min(marks, key=lambda mark: mark.numbers[0] or 0)
    chart = Chart(
        "Lead over the best other part",
        f"NDCG@10 of what ships less that of the best alternative, by segment; the least, {gain(least.numbers)}, for "
        f"people with {least.label}. Left of the dashed line the alternative is ahead; 0 without a bar: it is what ships.",
        Whiskers("lead in NDCG@10", tuple(marks), line=0.0),
        Table("By segment", ("people with", "people", "ships", "NDCG@10", "best other", "lead"), tuple(rows)),
    )
    judged = [f"{SEGMENTS[name]}: {one['employees']} people" for name, one in validation.items() if not one["judged"]]
    left = (Words(f"Too few people to judge, so the default ships: {'; '.join(judged)}."),) if judged else ()
    return Section("slices", heading, (chart, *left))


def _beyond(lists: Facts | None) -> Section:
    heading = "Popularity and novelty"
    if not lists:
        return Section("beyond", heading, (Words("Not measured for this version."),))
    rows = (
        (
            "popularity, percentile of the catalogue",
            percent(lists["popularity"]),
            percent(lists["popularity_of_history"]),
        ),
        ("novelty, bits", number(lists["novelty"], 2), number(lists["novelty_of_history"], 2)),
        ("share of the catalogue shown", percent(lists["coverage"]), "–"),
        ("share of the ten most popular in lists", percent(lists["share_of_most_popular"]), "–"),
    )
    words = Words(
        f"The ten first courses of {lists['asked']} people drawn at random, those with a history first, as this version "
        "would answer at its as-of, beside what the same people took themselves. Lists much more popular than that narrow "
        "what is seen."
    )
    table = Table("Lists beside what people took", ("", "lists", "taken by the same people"), rows)
    return Section("beyond", heading, (words, table))


def _going_back(manifest: Manifest) -> Section:
    return Section(
        "rollback",
        "How to go back",
        (
            Points(
                (
                    f"`lpr models rollback --tenant {manifest.tenant}` makes the version live that was live before; a "
                    "running service follows within a second.",
                    f"`lpr models activate {manifest.version}` brings this one back.",
                    "`lpr models list` shows what is saved, `lpr models show VERSION` checks every file against its hash.",
                )
            ),
        ),
    )


def _spent(metrics: Facts) -> dict[str, str]:
    spent = metrics.get("fit", {})
    return (
        {"seconds": f"{spent['seconds']:,}", "megabytes of memory": f"{spent['peak_memory_megabytes']:,}"}
        if spent
        else {}
    )


def _files(manifest: Manifest) -> Section:
    rows = tuple(
        (name, f"{one.dtype} {'×'.join(map(str, one.shape))}".strip(), f"{one.size:,}", one.sha256[:12])
        for name, one in manifest.files.items()
    )
    header = ("file", "type and shape", "bytes", "SHA-256 begins")
    blocks: tuple[Block, ...] = (Table("Files of the version", header, rows, folded=True),)
    return Section("files", "Files", blocks)
