"""Ship it? What an evaluation says, each answer with its interval; the rules are docs/report.md's."""

from __future__ import annotations

from typing import Any

from training.evaluation_summary import BEST_BASELINE, MAIN_METRIC, MODEL
from training.goals.lists import MODEL_AS_ASKED, PATH
from training.goals.tradeoff import TRADE_OFF_HOURS
from training.report.blocks import Answer, Check, Verdict
from training.report.fitted_verdict import decided
from training.report.shared import FEWEST_SHOWN, Facts
from training.report.wording import gain, is_surely_above, is_surely_below, listed, named

MOST_LOST = 0.02
"""A loss against the live model, as a share of its figure, that is none."""


def evaluated_verdict(metrics: Facts) -> Verdict:
    """Return what the figures of an evaluation say of the model as it is fitted now."""
    checks: list[Check] = []
    for protocol, facts in metrics["protocols"].items():
        checks += [_against_baselines(protocol, facts), _no_slice_worse(protocol, facts)]
    checks += _new_people(metrics["protocols"])
    checks += _against_live(metrics.get("live", {}))
    checks += _leads_to_roles(metrics["goals"])
    return decided(checks, good="It is ahead of every baseline and behind in no slice.", what="what is fitted so")


def _lead(group: Facts, other: str) -> Any:
    return group["model_against"][other][MAIN_METRIC]["difference"]


def _against_baselines(protocol: str, facts: Facts) -> Check:
    question = f"Better than the best baseline ({protocol})?"
    best = facts["best_baseline"]["on_test"]
    if MODEL not in facts["warm"]["models"] or not best:
        return Check(question, "not asked", "The model or the baselines were left out.")
    lead = _lead(facts["warm"], best)
    answer: Answer = "yes" if is_surely_above(lead) else "no" if is_surely_below(lead) else "unclear"
    ratio = facts["warm"]["model_against"][best][MAIN_METRIC]["ratio"][0]
    times = "" if ratio is None else f", {ratio:.2f} times its figure"
    return Check(question, answer, f"NDCG@10 {gain(lead)} over {best}, the best on test{times}.")


def _no_slice_worse(protocol: str, facts: Facts) -> Check:
    question = f"Worse in no slice ({protocol})?"
    slices = {f"history {name}": one for name, one in facts["slices"]["history"].items()}
    slices |= {f"role {named(name)}": one for name, one in facts["slices"]["role"].items()}
    slices = {name: one for name, one in slices.items() if one["n_employees"] >= FEWEST_SHOWN}
    judged = {name: one for name, one in slices.items() if BEST_BASELINE in one.get("model_against", {})}
    if not judged:
        return Check(question, "not asked", "No slice has enough people, or nothing was compared.")
    worse = [name for name, one in judged.items() if is_surely_below(_lead(one, BEST_BASELINE))]
    if not worse:
        return Check(question, "yes", f"In none of {len(judged)} slices surely behind the best baseline by validation.")
    # One interval in forty lies below 0 by chance alone: a single one among many slices is a reason to look.
    chance = max(1, round(len(judged) / 40))
    answer: Answer = "unclear" if len(worse) <= chance else "no"
    return Check(question, answer, f"Surely behind in {len(worse)} of {len(judged)}: {listed(worse)}.")


def _new_people(protocols: Facts) -> list[Check]:
    found = next(iter(protocols.values()))["slices"]["new"].get("none by choice", {})
    if "model_against" not in found or "popularity" not in found["model_against"]:
        return []
    if found["n_employees"] < FEWEST_SHOWN:
        return []
    lead = _lead(found, "popularity")
    answer: Answer = "yes" if is_surely_above(lead) else "no" if is_surely_below(lead) else "unclear"
    figures = f"NDCG@10 {gain(lead)} over popularity, {found['n_employees']:,} people without a completion by choice."
    return [Check("Better than popularity for new people?", answer, figures)]


def _against_live(live: Facts) -> list[Check]:
    if "protocols" not in live:
        return []
    checks = []
    for protocol, facts in live["protocols"].items():
        question = f"No worse than the live model ({protocol})?"
        lead, figure = _lead(facts["warm"], "live model"), facts["warm"]["models"]["live model"][MAIN_METRIC][0]
        if lead[0] is None or figure is None:
            checks.append(Check(question, "not asked", "Nobody with a history was asked."))
            continue
        bound = -MOST_LOST * figure
        is_no_loss = lead[1] is not None and lead[1] >= bound
        answer: Answer = "no" if is_surely_below(lead, bound) else "yes" if is_no_loss else "unclear"
        checks.append(Check(question, answer, f"NDCG@10 {gain(lead)} over {named(live['version'])}, same cases."))
    return checks


def _leads_to_roles(goals: Facts) -> list[Check]:
    if "skipped" in goals:
        return []
    main = goals["hours"][f"{TRADE_OFF_HOURS:g}"]
    leader = next((name for name in (PATH, MODEL_AS_ASKED) if name in main["against"]), "")
    best = main["best_baseline"]
    if not leader or best not in main["against"].get(leader, {}):
        return []
    lead = main["against"][leader][best]["difference"]
    answer: Answer = "yes" if is_surely_above(lead) else "no" if is_surely_below(lead) else "unclear"
    figures = f"Coverage {gain(lead, 3)} over following {best}, the best baseline after {TRADE_OFF_HOURS:g} hours."
    return [Check(f"Does the {leader} lead further to the role?", answer, figures)]
