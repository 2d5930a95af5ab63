"""Ship it? What a fit's own figures say, each with its interval; the rules are docs/report.md's."""

from __future__ import annotations

from training.report.blocks import Answer, Check, Verdict
from training.report.shared import Facts, set_aside_share
from training.report.wording import SEGMENTS, gain, is_surely_above, is_surely_below, listed, part_name, percent

TOLERATED = 0.02
"""A loss against the best part, as a share of it, that is none: the tolerance of the blend (`BlendConfig.tolerance`)."""
MOST_SET_ASIDE = 0.05
MOST_GONE = 0.2
"""Share of the rows of a table, or of the courses, that may be gone since the live model before somebody should look."""
POPULARITY = ("trend.ever", "trend.season", "trend.month", "trend.week")


def fitted_verdict(report: Facts) -> Verdict:
    """Return what the figures of a fit say: ship, look first, or keep the live one."""
    judged = report.get("judged", {})
    checks = [
        _against_popularity(judged.get("pooled")),
        _against_best_part(judged.get("pooled")),
        _no_segment_worse(judged.get("segments", {})),
        _tables_whole(report.get("data", {})),
        *_like_before(report.get("live", {})),
    ]
    return decided(checks, good="Nothing measured at this fit speaks against it.", what="this version")


def decided(checks: list[Check], *, good: str, what: str) -> Verdict:
    """Return what to do by the answers: a "no" keeps the live model, anything not clearly answered asks for a look."""
    wrong = [check.question for check in checks if check.answer == "no"]
    open_ = [check.question for check in checks if check.answer in ("unclear", "not asked")]
    if wrong:
        return Verdict("Do not ship yet", f"Answered with no: {' '.join(wrong)}", tuple(checks))
    if open_:
        return Verdict("Look before you ship", f"Not clear: {' '.join(open_)}", tuple(checks))
    return Verdict(f"Ship {what}", good, tuple(checks))


def _against_popularity(pooled: Facts | None) -> Check:
    question = "Better than the most popular courses?"
    found = {name: one for name, one in (pooled or {}).get("parts", {}).items() if name in POPULARITY}
    if not found:
        return Check(question, "not asked", "Too few people with a history in the validation windows.")
    best = max(found, key=lambda name: found[name]["ndcg@10"][0])
    lead = found[best]["shipped_less_this"]
    answer: Answer = "yes" if is_surely_above(lead) else "no" if is_surely_below(lead) else "unclear"
    return Check(question, answer, f"NDCG@10 {gain(lead)} over {part_name(best)}, the best of {len(found)}.")


def _against_best_part(pooled: Facts | None) -> Check:
    question = "No worse than the best single signal?"
    parts = {name: one for name, one in (pooled or {}).get("parts", {}).items() if "." in name}
    if not parts:
        return Check(question, "not asked", "Too few people with a history in the validation windows.")
    best = max(parts, key=lambda name: parts[name]["ndcg@10"][0])
    lead, bound = parts[best]["shipped_less_this"], -TOLERATED * parts[best]["ndcg@10"][0]
    answer: Answer = (
        "no" if is_surely_below(lead, bound) else "yes" if lead[1] is not None and lead[1] >= bound else "unclear"
    )
    return Check(question, answer, f"NDCG@10 {gain(lead)} over {part_name(best)}; a loss of 2 % of it counts as none.")


def _no_segment_worse(segments: Facts) -> Check:
    question = "Worse for nobody, by length of history?"
    if not segments:
        return Check(question, "not asked", "No segment has enough people in the validation windows.")
    worse = [SEGMENTS.get(name, name) for name, one in segments.items() if _is_worse(one)]
    if worse:
        return Check(question, "no", f"Surely worse than a single part for people with {'; '.join(worse)}.")
    missing = [SEGMENTS[name] for name in SEGMENTS if name not in segments]
    figures = f"In none of {len(segments)} segments surely worse than a part of the model by more than 2 %."
    return Check(question, "yes", figures + (f" Too few people to judge: {'; '.join(missing)}." if missing else ""))


def _is_worse(segment: Facts) -> bool:
    parts = segment["parts"].values()
    return any(is_surely_below(one["shipped_less_this"], -TOLERATED * one["ndcg@10"][0]) for one in parts)


def _tables_whole(data: Facts) -> Check:
    question = "Are the tables whole?"
    if not data:
        return Check(question, "not asked", "This version does not say what it was read from.")
    share = set_aside_share(data)
    figures = f"{percent(share, 2)} of what was read was set aside."
    if share > MOST_SET_ASIDE:
        return Check(question, "unclear", f"{figures} More than {percent(MOST_SET_ASIDE, 0)} asks for a look.")
    return Check(question, "yes", figures)


def _like_before(live: Facts) -> list[Check]:
    if not live or "skipped" in live:
        return []
    shrunk = [
        f"{name} ({old:,} → {new or 0:,} rows)"
        for name, (old, new) in live["rows"].items()
        if old and (new or 0) < (1 - MOST_GONE) * old
    ]
    courses = live["courses"]
    if courses["gone"] > MOST_GONE * courses["before"]:
        shrunk.append(f"{courses['gone']:,} of {courses['before']:,} courses gone")
    data = Check(
        "As much data as the live model had?",
        "unclear" if shrunk else "yes",
        f"Much less: {listed(shrunk)}." if shrunk else "No table lost more than a fifth of its rows.",
    )
    if live["days_between"] < 0:
        figures = f"The live model looks from {live['as_of'][:10]}, later than this one."
        return [data, Check("Newer than the live model?", "no", figures)]
    return [data]
