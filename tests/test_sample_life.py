"""The life of the sample company: careers, duties, signals that are truly there, and the truth beside them."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sample_company import END, FIRST_DAY, Row, Written, write


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("sample"))


# --- the people ------------------------------------------------------------------------------------------------------


def test_completions_happen_while_the_person_is_there_and_the_course_is_open(company: Written) -> None:
    courses, people = company.by_id("courses", "course_id"), company.by_id("employees", "employee_id")
    for row in company.tables["completions"]:
        day = row["completed_at"][:10]
        course = courses[row["course_id"]]
        assert FIRST_DAY <= day < END
        assert people[row["employee_id"]]["hired_at"] < day
        assert course["available_from"]
        assert course["available_from"] <= day <= (course["available_to"] or END)


def test_self_driven_courses_are_in_a_language_the_person_reads_and_open_to_their_place(company: Written) -> None:
    courses, people = company.by_id("courses", "course_id"), company.by_id("employees", "employee_id")
    places = {row["location"] for row in people.values()}
    for row in company.self_driven:
        course, person = courses[row["course_id"]], people[row["employee_id"]]
        assert course["language"] in ("en", person["language"])
        restricted = places & set(course["audience"].split("|"))
        assert not restricted or person["location"] in restricted


def test_most_learn_by_themselves_some_much_and_some_not_at_all(company: Written) -> None:
    counts = Counter(row["employee_id"] for row in company.self_driven)
    n = sorted(counts.get(row["employee_id"], 0) for row in company.tables["employees"])
    assert 8 <= sum(n) / len(n) <= 15
    assert 0.03 <= n.count(0) / len(n) <= 0.12
    assert n.count(0) == company.summary.inactive_employees
    # A heavy tail: the most active tenth does a third or more of it all.
    assert sum(n[-len(n) // 10 :]) > sum(n) / 3


def test_managers_lead_and_are_led_without_circles(company: Written) -> None:
    people = company.by_id("employees", "employee_id")
    for person in people.values():
        steps = 0
        while person["manager_id"]:
            assert people[person["manager_id"]]["department"] == person["department"]
            person, steps = people[person["manager_id"]], steps + 1
            assert steps <= 2


def test_roles_follow_from_the_changes(company: Written) -> None:
    latest: dict[str, str] = {}
    for row in company.tables["role_changes"]:  # oldest first
        assert row["from_role_id"] != row["to_role_id"]
        assert latest.get(row["employee_id"], row["from_role_id"]) == row["from_role_id"]
        latest[row["employee_id"]] = row["to_role_id"]
    people = company.by_id("employees", "employee_id")
    known = {employee: role for employee, role in latest.items() if people[employee]["role_id"]}
    assert len(known) > 100
    assert all(people[employee]["role_id"] == role for employee, role in known.items())


def test_about_a_third_declare_a_target_some_of_them_in_another_family(company: Written) -> None:
    people = company.tables["employees"]
    declared = [row for row in people if row["target_role_id"]]
    assert 0.2 < len(declared) / len(people) < 0.45
    assert all(row["hired_at"] <= row["target_since"] < END for row in declared)
    family = {row["role_id"]: row["family"] for row in company.tables["roles"]}
    moving = [row for row in declared if row["role_id"]]
    other = sum(family[row["role_id"]] != family[row["target_role_id"]] for row in moving)
    assert 0.2 < other / len(moving) < 0.8


def test_required_courses_are_assigned_and_come_back_when_their_rule_says(company: Written) -> None:
    rules = {row["course_id"]: row for row in company.tables["assignments"] if not row["employee_id"]}
    assert {row["origin"] for row in company.tables["completions"] if row["course_id"] in rules} == {"assigned", ""}
    whole = next(row["course_id"] for row in rules.values() if row["department"] == "*" and row["recur_days"] == "365")
    times: dict[str, list[datetime]] = defaultdict(list)
    for row in company.tables["completions"]:
        if row["course_id"] == whole:
            times[row["employee_id"]].append(datetime.fromisoformat(row["completed_at"]))
    gaps = sorted((b - a).days for days in times.values() for a, b in itertools.pairwise(days))
    # Finished in the days before it is due again: the middle gap is a little under a year.
    assert 345 <= gaps[len(gaps) // 2] <= 365
    share = sum(row["origin"] != "self" for row in company.tables["completions"]) / len(company.tables["completions"])
    assert 0.3 < share < 0.6


def main_skills(company: Written) -> dict[str, tuple[str, int]]:
    """The skill that is the subject of each course, with the level it leads to."""
    main: dict[str, tuple[str, int]] = {}
    for row in company.truth["course_skills"]:  # the main skill comes first
        main.setdefault(row["course_id"], (row["skill_id"], int(row["level"])))
    return main


# --- the planted signals ---------------------------------------------------------------------------------------------


def share_serving(
    pairs: Iterable[tuple[str, str]], skills_of: dict[str, set[str]], needs: dict[str, set[str]]
) -> float:
    """Share of (role, course) pairs where the course teaches something the role needs."""
    hits = [bool(skills_of[course] & needs[role]) for role, course in pairs]
    return sum(hits) / len(hits)


def sets_of(rows: Iterable[Row], key: str) -> dict[str, set[str]]:
    """The skills of each course or role."""
    skills: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        skills[row[key]].add(row["skill_id"])
    return skills


def lift_of_targets(company: Written) -> float:
    """How much more often than by chance people with a plan take what only the wanted role needs.

    Chance: the same courses dealt out at random among the same people, so that popularity cannot be the reason.
    """
    skills_of, needs = sets_of(company.truth["course_skills"], "course_id"), sets_of(company.truth["roles"], "role_id")
    taken: dict[str, list[Row]] = defaultdict(list)
    for row in company.self_driven:
        taken[row["employee_id"]].append(row)
    wanted, courses = [], []
    for plan in company.truth["plans"]:
        extra = f"{plan['from_role_id']}>{plan['target_role_id']}"
        needs[extra] = needs[plan["target_role_id"]] - needs[plan["from_role_id"]]
        for row in taken[plan["employee_id"]]:
            if plan["started_at"] <= row["completed_at"] < (plan["ended_at"] or END):
                wanted.append(extra)
                courses.append(row["course_id"])
    dealt = random.Random(1).sample(courses, len(courses))
    assert len(courses) > 500
    real = share_serving(zip(wanted, courses, strict=True), skills_of, needs)
    return real / share_serving(zip(wanted, dealt, strict=True), skills_of, needs)


def test_people_take_what_the_role_they_want_needs_more_than_chance(company: Written) -> None:
    assert 1.3 < lift_of_targets(company) < 3


def test_with_nothing_but_noise_the_target_role_says_nothing(tmp_path: Path) -> None:
    noisy = write(tmp_path, n_employees=400, noise=1.0)
    assert {row["reason"] for row in noisy.truth["intent"]} == {"chance"}
    assert 0.85 < lift_of_targets(noisy) < 1.15


def test_movers_prepare_in_the_months_before(company: Written) -> None:
    skills_of, needs = sets_of(company.truth["course_skills"], "course_id"), sets_of(company.truth["roles"], "role_id")
    taken: dict[str, list[Row]] = defaultdict(list)
    for row in company.self_driven:
        taken[row["employee_id"]].append(row)
    before, long_before = [], []
    for change in company.tables["role_changes"]:
        moved = datetime.fromisoformat(change["changed_at"])
        for row in taken[change["employee_id"]]:
            age = moved - datetime.fromisoformat(row["completed_at"][:10])
            pair = (change["to_role_id"], row["course_id"])
            if timedelta(0) < age <= timedelta(days=180):
                before.append(pair)
            elif age > timedelta(days=700):  # longer than any plan
                long_before.append(pair)
    assert share_serving(before, skills_of, needs) > 1.2 * share_serving(long_before, skills_of, needs)


def test_seasons_show(company: Written) -> None:
    months = Counter(row["completed_at"][5:7] for row in company.self_driven if "2022" <= row["completed_at"] < "2026")
    assert months["08"] < 0.55 * months["01"]
    assert months["08"] == min(months.values())


def test_a_completion_is_followed_by_the_next_step_at_once_more_than_later(company: Written) -> None:
    main = main_skills(company)
    histories: dict[str, list[str]] = defaultdict(list)
    for row in company.self_driven:  # oldest first
        histories[row["employee_id"]].append(row["course_id"])

    def steps_up(lag: int) -> float:
        """Share of courses that teach the next level of the skill taken `lag` courses before."""
        links = [(main[a], main[b]) for order in histories.values() for a, b in zip(order, order[lag:], strict=False)]
        return sum(a[0] == b[0] and a[1] + 1 == b[1] for a, b in links) / len(links)

    # The same people and skills five to seven courses later: interest and role cannot be the reason.
    assert steps_up(1) > 3 * (steps_up(5) + steps_up(6) + steps_up(7)) / 3


def always_open(company: Written) -> set[str]:
    """The courses that were there from the first day and have not gone."""
    return {
        row["course_id"]
        for row in company.tables["courses"]
        if "" < row["available_from"] < FIRST_DAY and row["published"] == "true" and not row["available_to"]
    }


def test_popularity_lasts_and_is_not_everything(company: Written) -> None:
    always = always_open(company)
    rows = [row for row in company.self_driven if row["course_id"] in always]
    early = Counter(row["course_id"] for row in rows if row["completed_at"] < "2023")
    late = Counter(row["course_id"] for row in rows if row["completed_at"] >= "2025")
    top = [course for course, _ in early.most_common(len(always) // 10)]
    # 1 would be no memory at all; a tenth of the courses could have at most 10 times their share.
    assert 2 < (sum(late[course] for course in top) / late.total()) / (len(top) / len(always)) < 6


def test_new_releases_draw_people_at_first(company: Written) -> None:
    opened = {row["course_id"]: row["available_from"] for row in company.tables["courses"]}
    ages = [
        (datetime.fromisoformat(row["completed_at"][:10]) - datetime.fromisoformat(opened[row["course_id"]])).days
        for row in company.self_driven
        if "2022-01-01" < opened[row["course_id"]] < "2025-06-30"
    ]
    first, later = sum(age < 70 for age in ages) / 70, sum(180 <= age < 360 for age in ages) / 180
    assert first > 1.5 * later


def test_courses_rise_and_fall(company: Written) -> None:
    always = always_open(company)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in company.self_driven:
        if row["course_id"] in always:
            quarter = 4 * int(row["completed_at"][:4]) + (int(row["completed_at"][5:7]) - 1) // 3
            counts[quarter][row["course_id"]] += 1

    def likeness(gap: int) -> float:
        """How alike the shares of courses are in quarters `gap` apart, up to a constant."""
        pairs = [(counts[q], counts[q + gap]) for q in range(4 * 2022, 4 * 2026 + 2 - gap)]
        return sum(sum(a[c] * b[c] for c in always) / a.total() / b.total() for a, b in pairs) / len(pairs)

    assert likeness(1) > 1.16 * sum(likeness(gap) for gap in range(5, 13)) / 8


def test_most_prerequisites_are_met_and_some_people_skip_them(company: Written) -> None:
    first: dict[tuple[str, str], str] = {}
    for row in company.tables["completions"]:
        first.setdefault((row["employee_id"], row["course_id"]), row["completed_at"])
    before = {row["course_id"]: row["prerequisites"] for row in company.tables["courses"] if row["prerequisites"]}
    met = [
        first.get((row["employee_id"], before[row["course_id"]]), END) <= row["completed_at"]
        for row in company.self_driven
        if row["course_id"] in before
    ]
    assert 0.7 < sum(met) / len(met) < 1


# --- the truth -------------------------------------------------------------------------------------------------------


def test_each_self_driven_completion_has_its_reason(company: Written) -> None:
    key = ("employee_id", "course_id", "completed_at")
    intent = {tuple(row[name] for name in key): row for row in company.truth["intent"]}
    assert set(intent) == {tuple(row[name] for name in key) for row in company.self_driven}
    assert all(0 <= float(row["probability"]) <= 1 for row in intent.values())
    reasons = Counter(row["reason"] for row in intent.values())
    assert set(reasons) == {"role", "target", "interest", "sequence", "trend", "popularity", "chance"}
    assert reasons["chance"] / len(intent) == pytest.approx(0.25, abs=0.02)  # three standard errors of 0.25


def test_evidence_errs_and_tests_err_less_than_people_about_themselves(company: Written) -> None:
    truth = {(row["employee_id"], row["skill_id"]): float(row["level"]) for row in company.truth["skills"]}
    errors: dict[str, list[float]] = defaultdict(list)
    for row in company.tables["skill_evidence"]:
        if row["observed_at"] >= "2026":
            errors[row["source"]].append(int(row["level"]) - truth.get((row["employee_id"], row["skill_id"]), 0))
    assert set(errors) == {"self", "manager", "assessment", "credential"}
    size = {source: sum(map(abs, found)) / len(found) for source, found in errors.items()}
    assert 0.1 < size["assessment"] < size["manager"] < size["self"]
    assert sum(errors["self"]) / len(errors["self"]) > 0.3


def test_written_roles_are_close_to_the_real_ones_and_not_the_same(company: Written) -> None:
    real = {(row["role_id"], row["skill_id"]): int(row["level"]) for row in company.truth["roles"]}
    written = {(row["role_id"], row["skill_id"]): int(row["level"]) for row in company.tables["role_skills"]}
    assert set(written) < set(real)
    off = [abs(level - real[key]) for key, level in written.items()]
    assert set(off) == {0, 1}
    assert sum(off) / len(off) < 0.25


def test_those_who_learned_more_know_more_of_what_they_took(company: Written) -> None:
    truth = {(row["employee_id"], row["skill_id"]): float(row["level"]) for row in company.truth["skills"]}
    main = main_skills(company)
    # A course lifts by at least 0.6 of what is missing, so nobody ends below 0.6 of the level; 0.01 is rounding.
    for row in company.self_driven:
        skill, level = main[row["course_id"]]
        assert truth.get((row["employee_id"], skill), 0) >= 0.6 * level - 0.01
