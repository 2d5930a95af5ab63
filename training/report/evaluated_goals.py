"""Where lists lead, for the report of an evaluation: role coverage at hours, and the price of the goal."""

from __future__ import annotations

from training.goals.drawing import TITLES
from training.goals.lists import MODEL_AS_ASKED, PATH
from training.goals.tradeoff import TRADE_OFF_HOURS
from training.report.blocks import Block, Chart, Curve, Curves, Mark, Section, Table, TradeOff, Whiskers, Words
from training.report.shared import FEWEST_SHOWN, Facts
from training.report.wording import gain, interval


def goal_sections(goals: Facts) -> tuple[Section, ...]:
    """Return the sections on roles; why there is nothing in them where nothing was measured."""
    if "skipped" in goals:
        why = Words(f"Not measured: {goals['skipped']}.")
        return Section("coverage", "Role coverage at hours", (why,)), Section(
            "trade-off", "The price of the goal", (why,)
        )
    return _coverage(goals), _trade_off(goals)


def _coverage(goals: Facts) -> Section:
    main = goals["hours"][f"{TRADE_OFF_HOURS:g}"]
    lists = sorted(main["lists"].items(), key=lambda one: -(one[1]["after"][0] or 0))
    leader = PATH if PATH in main["lists"] else MODEL_AS_ASKED
    rows = tuple(
        (
            name,
            *(interval(facts["lists"][name]["after"], 3) for facts in goals["hours"].values()),
            interval(one["hours"], 1),
        )
        for name, one in lists
    )
    header = ("coverage after", *(f"{hours} h" for hours in goals["hours"]), f"hours used of {TRADE_OFF_HOURS:g}")
    table = Table("Role coverage at hours", header, rows)
    best = main["best_baseline"]
    bars = Chart(
        f"Coverage after {TRADE_OFF_HOURS:g} hours",
        f"From {interval(goals['before'], 3)} before (dashed line)." + _lead_in_words(main, leader, best),
        Whiskers(
            "share of the role covered",
            tuple(Mark(name, one["after"], strong=name in (PATH, MODEL_AS_ASKED)) for name, one in lists),
            line=goals["before"][0],
        ),
        table,
    )
    names = [name for name in (PATH, MODEL_AS_ASKED, best) if name in main["lists"]]
    hours = tuple(float(one) for one in goals["hours"])
    curves = tuple(
        Curve(name, hours, tuple(facts["lists"][name]["after"] for facts in goals["hours"].values())) for name in names
    )
    rising = Chart(
        "Coverage over hours",
        f"How coverage rises with the hours spent, following {', '.join(names)}.",
        Curves("hours", "share of the role covered", curves, from_zero=False),
        Table("Coverage over hours", header, tuple(row for row in rows if row[0] in names)),
    )
    words = Words(
        f"{goals['n_employees']:,} people with a gap to a role, {goals['n_cases']:,} cases, each following a "
        f"list or a plan for "
        "so many hours. Coverage by what the tables say of courses and people; nobody outside them says that "
        "these lifts are true."
    )
    blocks: tuple[Block, ...] = (words, bars, rising)
    return Section("coverage", "Role coverage at hours", blocks)


def _lead_in_words(main: Facts, leader: str, best: str) -> str:
    against = main["against"].get(leader, {})
    if best not in against:
        return ""
    return (
        f" The {leader} leads to {interval(main['lists'][leader]['after'], 3)}, the best baseline, {best}, to "
        f"{interval(main['lists'][best]['after'], 3)}: {gain(against[best]['difference'], 3)}."
    )


def _trade_off(goals: Facts) -> Section:
    heading = "The price of the goal"
    groups = goals.get("trade_off", {})
    if not groups:
        return Section("trade-off", heading, (Words("Not measured: the model was left out."),))
    words = Words(
        "The weight g of the goal moves a list from what is likely to what closes the gap. Every point is one "
        "weight: NDCG@10 of "
        f"what was taken next against coverage gained per hour over {TRADE_OFF_HOURS:g} hours of the list."
    )
    shown = {group: facts for group, facts in groups.items() if facts["n_employees"] >= FEWEST_SHOWN}
    return Section("trade-off", heading, (words, *(_trade_off_chart(group, facts) for group, facts in shown.items())))


def _trade_off_chart(group: str, facts: Facts) -> Chart:
    protocols = [name for name in ("window", "next") if name in facts["points"][0]]
    header = ["weight of the goal", "points of coverage an hour"]
    header += [cell for name in protocols for cell in (f"NDCG@10, {name}", f"÷ weight 0, {name}")]
    rows = []
    for point in facts["points"]:
        row = [f"{point['goal_weight']:g}", _points(point)]
        row += [cell for one in protocols for cell in (interval(point[one]), interval(point[f"{one}_kept"], 3))]
        rows.append(tuple(row))
    who = f"{TITLES[group]}, {facts['n_employees']:,} people."
    says = f"{who} {_chosen_in_words(facts, protocols)}"
    title = f"The price of the goal: {TITLES[group].lower()}"
    return Chart(title, says, TradeOff(dict(facts), TRADE_OFF_HOURS), Table(title, tuple(header), tuple(rows)))


def _chosen_in_words(facts: Facts, protocols: list[str]) -> str:
    if not facts["chosen"]:
        return "No weight above 0 keeps enough of NDCG@10, so the weight chosen is 0."
    at_0, chosen = facts["points"][0], _at(facts, facts["chosen"])
    kept = " and ".join(f"{interval(chosen[f'{name}_kept'], 3)} of NDCG@10 ({name})" for name in protocols)
    return (
        f"The weight chosen is {facts['chosen']:g}: {_points(chosen)} points an hour instead of {_points(at_0)}, keeping "
        f"{kept}."
    )


def _at(facts: Facts, weight: float) -> Facts:
    return min(facts["points"], key=lambda point: abs(float(point["goal_weight"]) - weight))


def _points(point: Facts) -> str:
    return interval([None if one is None else 100 * one for one in point["gained_per_hour"]], 3)
