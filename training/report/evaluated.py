"""The report of an evaluation, from its metrics alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.config import FitConfig
from training.evaluation_summary import BEST_BASELINE, MAIN_K, MAIN_METRIC, MODEL
from training.provenance import package_versions, source_revision
from training.report.blocks import Block, Chart, Curve, Curves, Mark, Points, Report, Section, Table, Whiskers, Words
from training.report.evaluated_goals import goal_sections
from training.report.evaluated_verdict import evaluated_verdict
from training.report.shared import FEWEST_SHOWN, Facts, calibration_blocks, data_section, made_with_section
from training.report.wording import gain, interval, named, number, percent, whole

_ASKED = {
    "window": "at the cut: what will this person complete within the horizon",
    "next": "before each later completion: which one is it",
}
_MOST_MARKS = 12


def made_with(config: FitConfig) -> dict[str, Any]:
    """Return what the models of an evaluation were made with."""
    return {"config": config.model_dump(mode="json"), "packages": package_versions(), "commit": source_revision()}


def evaluated_report(metrics: Facts) -> Report:
    """Return the report of an evaluation; `metrics` as `metrics.json` holds them."""
    windows = metrics["windows"]
    return Report(
        title="Evaluation",
        about=(
            f"Fitted on the past and judged on what people did later, at {len(windows)} "
            f"{'cut' if len(windows) == 1 else 'cuts'} from {windows[0]['cut'][:10]} to {windows[-1]['end'][:10]}. "
            "Intervals are 95 % bootstrap intervals over people, paired for differences."
        ),
        verdict=evaluated_verdict(metrics),
        sections=tuple(_sections(metrics)),
    )


def _sections(metrics: Facts) -> Iterator[Section]:
    for protocol, facts in metrics["protocols"].items():
        yield _baselines(protocol, facts)
    yield _slices(metrics["protocols"])
    yield _ablation(metrics["protocols"])
    yield _live(metrics.get("live", {}))
    yield from goal_sections(metrics["goals"])
    where = "validation windows of the fit at the last cut"
    yield Section("calibration", "Calibration", calibration_blocks(metrics.get("calibration"), where=where))
    yield _beyond(metrics["protocols"])
    yield _learning(metrics.get("learning_curve", {}))
    yield data_section(metrics.get("tables", {}), fingerprint=metrics["data"]["fingerprint"])
    yield _to_know(metrics)
    yield made_with_section(_made(metrics))


def _baselines(protocol: str, facts: Facts) -> Section:
    warm, best = facts["warm"], facts["best_baseline"]["on_test"]
    against = warm.get("model_against", {})
    models = sorted(warm["models"].items(), key=lambda one: -(one[1][MAIN_METRIC][0] or 0))
    rows = tuple(
        (
            name,
            interval(one[MAIN_METRIC]),
            *(number(one[f"{metric}@{MAIN_K}"][0]) for metric in ("hr", "recall", "mrr")),
            gain(against[name][MAIN_METRIC]["difference"]) if name in against else "",
            interval(against[name][MAIN_METRIC]["ratio"], 2) if name in against else "",
        )
        for name, one in models
    )
    header = ("", MAIN_METRIC, f"hr@{MAIN_K}", f"recall@{MAIN_K}", f"mrr@{MAIN_K}", "model − this", "model ÷ this")
    chart = Chart(
        f"NDCG@10, {protocol}",
        _lead_in_words(warm, best),
        Whiskers(
            "NDCG@10, more is better",
            tuple(Mark(name, one[MAIN_METRIC], strong=name == MODEL) for name, one in models),
            line=warm["models"][MODEL][MAIN_METRIC][0] if MODEL in warm["models"] else None,
        ),
        Table(f"People with a history, {protocol}", header, rows),
    )
    words = Words(
        f"Asked {_ASKED.get(protocol, protocol)}? {warm['n_employees']:,} people with a history, "
        f"{warm['n_cases']:,} cases, "
        "full ranking at goal weight 0. Each baseline has the setting that was best on the horizon before each cut."
    )
    return Section(f"baselines-{protocol}", f"The model against baselines: {protocol}", (words, chart))


def _lead_in_words(warm: Facts, best: str) -> str:
    if MODEL not in warm["models"]:
        return "The model was left out; baselines alone."
    figure = interval(warm["models"][MODEL][MAIN_METRIC])
    if not best:
        return f"The model reaches {figure}."
    compared = warm["model_against"][best][MAIN_METRIC]
    return (
        f"The model (dashed line) reaches {figure}; the best baseline, {best}, "
        f"{interval(warm['models'][best][MAIN_METRIC])}: a lead of {gain(compared['difference'])}, "
        f"{interval(compared['ratio'], 2)} times its figure."
    )


def _slices(protocols: Facts) -> Section:
    blocks: list[Block] = []
    n_left_out = 0
    for protocol, facts in protocols.items():
        for key, title in (("history", "length of history"), ("new", "new people"), ("role", "role")):
            slices = facts["slices"][key].items()
            found = {name: one for name, one in slices if BEST_BASELINE in one.get("model_against", {})}
            shown = {name: one for name, one in found.items() if one["n_employees"] >= FEWEST_SHOWN}
            if key == "history":
                shown = {f"{name} completions": one for name, one in shown.items()}
            if shown:
                blocks.append(_slice_chart(protocol, title, shown))
            n_left_out += len(found) - len(shown)
    if not blocks:
        blocks.append(Words("No slice has both the model and a baseline."))
    if n_left_out:
        blocks.append(Words(f"Left out, fewer than {FEWEST_SHOWN} people: {n_left_out} slices."))
    return Section("slices", "By slice", tuple(blocks))


def _slice_chart(protocol: str, title: str, slices: Facts) -> Chart:
    leads = {name: one["model_against"][BEST_BASELINE][MAIN_METRIC]["difference"] for name, one in slices.items()}
    rows = tuple(
        (
            named(name),
            whole(one["n_employees"]),
            interval(one["models"][MODEL][MAIN_METRIC]),
            interval(one["models"][BEST_BASELINE][MAIN_METRIC]),
            gain(leads[name]),
        )
        for name, one in slices.items()
    )
    ahead = sum((lead[0] or 0) > 0 for lead in leads.values())
    shown = [Mark(named(name), lead, strong=True) for name, lead in leads.items()][:_MOST_MARKS]
    more = f" The {len(shown)} largest are drawn." if len(shown) < len(leads) else ""
    return Chart(
        f"Lead by {title}, {protocol}",
        f"NDCG@10 of the model less that of the best baseline by validation: ahead in {ahead} of "
        f"{len(leads)}.{more} Left of "
        "the dashed line the baseline is ahead.",
        Whiskers("lead in NDCG@10", tuple(shown), line=0.0),
        Table(f"By {title}, {protocol}", ("", "people", "model", "best baseline", "lead"), rows),
    )


def _ablation(protocols: Facts) -> Section:
    charts = []
    for protocol, facts in protocols.items():
        parts = sorted(facts["ablation"].items(), key=lambda one: one[1][MAIN_METRIC]["difference"][0] or 0)
        if not parts:
            continue
        name, most = parts[0]
        table = Table(
            f"Without each scorer, {protocol}",
            ("", MAIN_METRIC, "less the whole model"),
            tuple((n, interval(one[MAIN_METRIC]["value"]), gain(one[MAIN_METRIC]["difference"])) for n, one in parts),
        )
        charts.append(
            Chart(
                f"What each scorer is worth, {protocol}",
                f"NDCG@10 without one scorer less that of the whole model: most is lost {name}, "
                f"{gain(most[MAIN_METRIC]['difference'])}. Right of the dashed line the model would be better "
                f"off without it.",
                Whiskers(
                    "change in NDCG@10 without it",
                    tuple(Mark(n, one[MAIN_METRIC]["difference"], strong=True) for n, one in parts),
                    line=0.0,
                ),
                table,
            )
        )
    return Section("ablation", "Without each scorer", tuple(charts) or (Words("Not measured in this run."),))


def _live(live: Facts) -> Section:
    heading = "Beside the live model"
    if "protocols" not in live:
        return Section("live", heading, (Words(f"Not compared: {live.get('skipped', 'an older run')}."),))
    cuts = ", ".join(one[:10] for one in live["cuts"])
    words = Words(
        f"Live: {live['version']}, which looks from {live['as_of'][:10]}. Asked the same questions as the model "
        f"fitted at each "
        f"cut it looks from before ({cuts}). The model fitted at a cut has seen newer completions than the live "
        f"one: that is "
        "what a new fit brings."
    )
    blocks: list[Block] = [words]
    for protocol, facts in live["protocols"].items():
        groups = {"people with a history": facts["warm"]}
        slices = facts["history"].items()
        groups |= {f"{name} completions": one for name, one in slices if one["n_employees"] >= FEWEST_SHOWN}
        leads = {name: one["model_against"]["live model"][MAIN_METRIC]["difference"] for name, one in groups.items()}
        rows = tuple(
            (
                name,
                whole(one["n_employees"]),
                *(interval(one["models"][model][MAIN_METRIC]) for model in (MODEL, "live model")),
                gain(leads[name]),
            )
            for name, one in groups.items()
        )
        blocks.append(
            Chart(
                f"Lead over the live model, {protocol}",
                f"NDCG@10 of the model less that of the live one: {gain(leads['people with a history'])} over "
                f"people with a "
                "history. Left of the dashed line the live model is ahead.",
                Whiskers("lead in NDCG@10", tuple(Mark(n, one, strong=True) for n, one in leads.items()), line=0.0),
                Table(f"Beside the live model, {protocol}", ("", "people", "model", "live model", "lead"), rows),
            )
        )
    return Section("live", heading, tuple(blocks))


def _beyond(protocols: Facts) -> Section:
    blocks: list[Block] = [
        Words(
            "Popularity bias: by how much the courses shown are more popular than those people then took, as a "
            "percentile of "
            "the catalogue; 0 is as popular as people's own choices. Novelty: −log2 of the share of people who "
            "had completed "
            "a course. Coverage: the share of the catalogue shown to anybody at a cut."
        )
    ]
    for protocol, facts in protocols.items():
        models = {name: one for name, one in facts["warm"]["models"].items() if name in facts["coverage"]}
        models = {name: one for name, one in models.items() if not name.startswith("without ")}
        bias = {name: one[f"popularity_bias@{MAIN_K}"] for name, one in models.items()}
        rows = tuple(
            (
                name,
                interval(bias[name], 3),
                number(one[f"novelty@{MAIN_K}"][0], 2),
                percent(facts["coverage"][name][f"coverage@{MAIN_K}"]),
            )
            for name, one in models.items()
        )
        shown = next(iter(models)) if MODEL not in models else MODEL
        blocks.append(
            Chart(
                f"Popularity bias, {protocol}",
                f"The lists of {'the model' if shown == MODEL else shown} are {gain(bias[shown], 3)} more "
                f"popular than what people took; "
                f"they show {percent(facts['coverage'][shown][f'coverage@{MAIN_K}'])} of the catalogue.",
                Whiskers(
                    "more popular than what people took",
                    tuple(Mark(name, one, strong=name == MODEL) for name, one in bias.items()),
                    line=0.0,
                ),
                Table(
                    f"Beyond accuracy, {protocol}", ("", "popularity bias", "novelty, bits", "catalogue shown"), rows
                ),
            )
        )
    return Section("beyond", "Popularity and novelty", tuple(blocks))


def _learning(curve: Facts) -> Section:
    heading = "Learning curve"
    if "points" not in curve:
        return Section("learning", heading, (Words(f"Not measured: {curve.get('skipped', 'an older run')}."),))
    points = [one for one in curve["points"] if MAIN_METRIC in one]
    left = tuple(f"{percent(one['share'], 0)}: {one['skipped']}" for one in curve["points"] if "skipped" in one)
    more = curve.get("whole_less_half")
    says = f"NDCG@10 of {curve['n_employees']:,} people with a history, by the share of the completions learned from. "
    if more:
        says += f"All of them against half: {gain(more)}. "
        says += (
            "More data would probably still help." if (more[1] or 0) > 0 else "More data of this kind need not help."
        )
    chart = Chart(
        f"NDCG@10 against the share learned from, {curve['protocol']}",
        says,
        Curves(
            "% of the completions learned from",
            "NDCG@10",
            (Curve("model", tuple(100 * one["share"] for one in points), tuple(one[MAIN_METRIC] for one in points)),),
        ),
        Table(
            "Learning curve",
            ("share", "completions by choice", MAIN_METRIC),
            tuple((percent(one["share"], 0), whole(one["completions"]), interval(one[MAIN_METRIC])) for one in points),
        ),
    )
    words = Words(
        f"At the cut of {curve['cut'][:10]}. People are drawn at random and left out whole; everybody is asked "
        f"about, folded in. "
        "LightFM reports no loss by epoch, so there is no curve over epochs."
    )
    return Section("learning", heading, (words, chart, *((Points(left),) if left else ())))


def _to_know(metrics: Facts) -> Section:
    undated = {name: n for name, n in metrics["undated"].items() if n}
    items = [*metrics.get("notes", ())]
    items += [f"Undated {name}: {n:,}." for name, n in undated.items()]
    items += [f"{name}: not run, {reason}." for name, reason in metrics["skipped"].items()]
    for window in metrics["windows"]:
        shares = ", ".join(f"{percent(window[name]['share_not_rankable'])} ({name})" for name in metrics["protocols"])
        items.append(f"Cut {window['cut'][:10]}: targets that no list could show, counted as misses: {shares}.")
    return Section("notes", "What to know", (Points(tuple(items)),))


def _made(metrics: Facts) -> dict[str, Any]:
    made = metrics.get("made_with", {"config": {}, "packages": {}, "commit": ""})
    settings = metrics["settings"]
    shown = ("n_cuts", "horizon_days", "max_employees", "max_followed", "n_resamples", "seed", "threads")
    facts = {
        "data fingerprint": metrics["data"]["fingerprint"],
        "source revision": made["commit"] or "unknown",
        **{name.replace("_", " "): "all" if settings[name] is None else settings[name] for name in shown},
        "minutes": f"{metrics['seconds']['total'] / 60:.1f}",
    }
    return {"facts": facts, "packages": made["packages"], "config": made["config"]}
