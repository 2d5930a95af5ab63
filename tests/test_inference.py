"""What is inferred where tables are silent: skills of courses from texts, needs of roles from completions."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import named_skills, skill_rows
from service_asking import make_app
from tables_on_disk import write_tables
from tiny_company import company, completions, day

from recommender import artifact
from recommender.catalog import SkillRows, Skills
from recommender.company import Dataset
from recommender.model import Model
from recommender.profile import profile_of
from recommender.query import query_of
from recommender.translation import updated
from training.__main__ import main
from training.config import CourseSkillsConfig, RoleSkillsConfig, read_config
from training.inference.course_skills import infer_course_skills, with_course_skills
from training.inference.names import PART, name_evidence
from training.inference.role_needs import infer_role_needs, with_role_needs
from training.inference.tagged import CourseTexts, TaggedCourses, text_rows
from training.inference.tagging import FEWEST_TAGGED, Tags, tag_courses
from training.inference.words import aliases, stem, stems
from training.tables.load import load_dataset


def texts(*titles: str) -> CourseTexts:
    n = len(titles)
    return CourseTexts(tuple(f"c{i:03}" for i in range(n)), titles, ("",) * n, ((),) * n)


# Words and names


@pytest.mark.parametrize(
    ("one", "other"),
    [("manage", "managing"), ("manage", "management"), ("account", "accounting"), ("program", "programming")],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_of_any_language_and_signs_that_tell_them_apart() -> None:
    assert stems("C++ und C# für Anfänger") == ("c++", "c#", "fur", "anfang")
    assert stems("機械学習 入門") == ("機械学習", "入門")
    assert stems(" – !") == ()


def test_a_name_is_also_called_by_its_parts() -> None:
    called = {alias.stems: alias.whole for alias in aliases("Economics and Accounting")}
    assert called == {stems("economics accounting"): True, stems("economics"): True, stems("accounting"): True}
    assert (("sql",), True) in {(one.stems, one.whole) for one in aliases("Structured query language (SQL)")}
    brackets = {alias.stems: alias.whole for alias in aliases("Python (Programming Language)")}
    assert brackets == {("python",): True, stems("programming language"): False}
    assert aliases("") == ()


def test_evidence_of_a_name_is_the_rarity_found() -> None:
    # Five documents, three texts and two names: "data" stands in 3, "mining" in 2, "pottery" in 2.
    found = name_evidence(["Mining for data", "Pottery", "Data for all"], ["Data mining", "Pottery"])
    rarity = {"data": np.log(6 / 4) / np.log(6), "mining": np.log(6 / 3) / np.log(6)}
    share = rarity["data"] / (rarity["data"] + rarity["mining"])
    assert found.share.toarray() == pytest.approx(np.array([[1, 0], [0, 1], [share, 0]]), abs=1e-6)
    assert found.exact.toarray().tolist() == [[0, 0], [0, 1], [0, 0]]  # the words of the first stand in another order


def test_a_part_in_brackets_counts_less_than_a_name() -> None:
    exact = name_evidence(["a programming language", "python"], ["Python (Programming Language)"]).exact
    assert exact.toarray().ravel().tolist() == [PART, 1]


# Tagged courses


def _taught(rows: list[list[int]]) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(rows, dtype=float))


def test_left_out_of_the_regression_is_as_if_never_in_it() -> None:
    known = texts("python basics", "python for data", "watercolour painting", "oil painting", "data tables")
    rows, taught = text_rows(known), _taught([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]])
    for course in range(5):
        others = np.array([i for i in range(5) if i != course])
        asked = np.array([course])
        inside = TaggedCourses(rows, taught, np.arange(5)).ask(asked)
        outside = TaggedCourses(rows, taught, others).ask(asked)
        assert inside.linear == pytest.approx(outside.linear, abs=1e-9)
        assert inside.near == pytest.approx(outside.near, abs=1e-9)
        assert course not in inside.nearest[0, :4]


def _world(n: int = 30) -> tuple[CourseTexts, sp.csr_matrix, list[str]]:
    """Make courses of two subjects whose tags never stand in a title, and two courses without any."""
    python = [f"django flask lesson {i}" for i in range(n)]
    paint = [f"brush canvas lesson {i}" for i in range(n)]
    taught = _taught([[1, 0]] * n + [[0, 1]] * n + [[0, 0]] * 2)
    return texts(*python, *paint, "django flask", "brush canvas"), taught, ["Web development", "Fine art"]


def test_tagged_courses_teach_what_no_name_says() -> None:
    known, taught, names = _world()
    tags = tag_courses(known, names, taught=taught).best(most=1, threshold=0.5)
    assert list(zip(tags.course.tolist(), tags.skill.tolist(), strict=True)) == [(60, 0), (61, 1)]
    assert (tags.nearest[0] < 30, tags.nearest[1] >= 30) == (True, True)


def test_with_few_tagged_courses_names_alone_speak() -> None:
    known, taught, names = _world(n=FEWEST_TAGGED // 2 - 1)
    assert len(tag_courses(known, names, taught=taught)) == 0
    alone = tag_courses(texts("Fine art of painting", "Web design"), names)
    assert (alone.course[0], alone.skill[0]) == (0, 1)


def _cells(tags: Tags, ids: tuple[str, ...]) -> dict[tuple[str, int], float]:
    cells = zip(tags.course.tolist(), tags.skill.tolist(), tags.confidence.tolist(), strict=True)
    return {(ids[course], skill): sure for course, skill, sure in cells}


@given(st.permutations(range(62)))
@settings(max_examples=8, deadline=None)
def test_the_order_of_courses_changes_no_tag(order: list[int]) -> None:
    known, taught, names = _world()
    mixed = CourseTexts(*(tuple(getattr(known, one)[i] for i in order) for one in CourseTexts.__slots__))
    one = _cells(tag_courses(known, names, taught=taught), known.ids)
    other = _cells(tag_courses(mixed, names, taught=taught[order]), mixed.ids)
    assert one.keys() == other.keys()
    assert list(one.values()) == pytest.approx([other[key] for key in one], abs=1e-9)


@given(st.lists(st.text(max_size=20), max_size=6), st.lists(st.text(max_size=12), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_confidences_above_0_and_below_1(titles: list[str], names: list[str]) -> None:
    tags = tag_courses(texts(*titles), names)
    assert ((tags.confidence > 0) & (tags.confidence < 1)).all()
    again = tag_courses(texts(*titles), names)
    assert tags.confidence.tolist() == again.confidence.tolist()
    assert len(tags.best(most=1, threshold=0.01)) <= len(titles)


# Courses of a company


def _school(*titles: str, declared: SkillRows | None = None) -> tuple[Dataset, Skills]:
    skills = named_skills("negotiation", "knitting")
    data = company([(0, 0, 1)], n_courses=len(titles))
    rows = SkillRows.empty(len(titles)) if declared is None else declared
    difficulty = np.array([4, *[0] * (len(titles) - 1)], dtype=np.int8)
    catalog = replace(data.catalog, titles=titles, skills=rows, difficulty=difficulty)
    return replace(data, catalog=catalog, skills=skills), skills


def test_only_courses_without_skills_are_given_any() -> None:
    data, skills = _school(
        "Negotiation", "Knitting and negotiation", "Cooking", declared=skill_rows({1: [(1, 2)]}, n_rows=3)
    )
    config = CourseSkillsConfig(threshold=0.05)
    rows = infer_course_skills(data.catalog, skills, config=config).rows
    assert rows.indptr.tolist() == [0, 1, 2, 2]
    assert rows.skill_idx.tolist() == [0, 1]
    assert rows.inferred.tolist() == [True, False]
    assert rows.level.tolist() == [5, 2]  # expert; the declared one as it was
    assert rows.entry_declared.tolist() == [False, False]
    assert 0 < rows.confidence[0] < 1 == rows.confidence[1]
    asked = infer_course_skills(data.catalog, skills, config=config, asked=np.arange(3)).rows
    assert asked.indptr.tolist() == [0, 1, 3, 3]
    assert asked.skill_idx.tolist() == [0, 0, 1]


def test_inference_of_courses_can_be_switched() -> None:
    data, _ = _school("Negotiation", "Negotiation", declared=skill_rows({1: [(1, 2)]}, n_rows=2))
    changed, told = with_course_skills(data, CourseSkillsConfig(threshold=0.05))
    assert len(changed.catalog.skills.skill_idx) == 2
    assert changed.fingerprint != data.fingerprint
    assert told == (
        "Course skills inferred from texts: 1 for 1 of 1 courses without any, of a confidence of 0.05 or more.",
    )
    assert with_course_skills(data, CourseSkillsConfig(infer="off")) == (data, ())
    assert with_course_skills(data, CourseSkillsConfig(infer="absent")) == (data, ())
    bare, _ = _school("Negotiation")
    assert len(with_course_skills(bare, CourseSkillsConfig(infer="absent", threshold=0.05))[1]) == 1


# Roles


def _two_roles(*, late: bool = False, assigned: bool = False, holders: int = 10) -> Dataset:
    """Make ten holders of role 0, of whom all completed course 0, and ninety of role 1, who completed course 1."""
    rows = [(person, 0, 1.0 if not late else 50.0) for person in range(holders)]
    rows += [(person, 1, 1.0) for person in range(holders, 100)]
    data = company(rows, n_courses=2, n_roles=2, role_idx=[0] * holders + [1] * (100 - holders))
    if assigned:
        done = completions(rows, n_employees=100, assigned=range(holders))
        data = data.with_completions(done)
    taught = skill_rows({0: [(0, 4)], 1: [(1, 2)]}, n_rows=2)
    return replace(data, catalog=replace(data.catalog, skills=taught), skills=named_skills("law", "sums"))


def test_needs_worked_by_hand() -> None:
    needs = infer_role_needs(_two_roles(), RoleSkillsConfig(strength=10, least_lift=1.05), as_of=day(100))
    # Skill 0: everyone's share 10/100; of the role (10 + 10·0.1)/(10 + 10) = 0.55, a lift of 5.5. Skill 1 in role 1:
    # (90 + 10·0.9)/(90 + 10) = 0.99, a lift of 1.1.
    assert needs.indptr.tolist() == [0, 1, 2]
    assert needs.skill_idx.tolist() == [0, 1]
    assert needs.level.tolist() == [4, 2]
    assert needs.weight.tolist() == [1, 1]
    assert needs.inferred.all()
    # z = (0.55 − 0.1) / √(0.55·0.45/21) = 4.15; z = (0.99 − 0.9) / √(0.99·0.01/101) = 9.09
    assert needs.confidence == pytest.approx([0.99998, 1], abs=1e-5)


def test_fewer_than_five_people_need_nothing() -> None:
    config = RoleSkillsConfig(strength=1)
    assert infer_role_needs(_two_roles(holders=4), config, as_of=day(100)).indptr.tolist() == [0, 0, 0]
    assert infer_role_needs(_two_roles(holders=5), config, as_of=day(100)).indptr.tolist()[:2] == [0, 1]


def test_nothing_after_the_cut_and_nothing_assigned_counts() -> None:
    config, early = RoleSkillsConfig(strength=10, least_lift=1.05), day(20)
    late = infer_role_needs(_two_roles(late=True), config, as_of=early)
    cut = _two_roles(late=True)
    without = infer_role_needs(cut.with_completions(cut.completions.before(early)), config, as_of=early)
    assert late.indptr.tolist() == without.indptr.tolist() == [0, 0, 0]
    assert infer_role_needs(_two_roles(late=True), config, as_of=day(60)).indptr.tolist() == [0, 1, 2]
    assert infer_role_needs(_two_roles(assigned=True), config, as_of=day(60)).indptr.tolist()[1] == 0


def test_declared_needs_stay_and_inference_can_be_switched() -> None:
    data = _two_roles()
    data = replace(data, roles=replace(data.roles, needs=skill_rows({0: [(1, 3)]}, n_rows=2)))
    changed, told = with_role_needs(data, RoleSkillsConfig(least_lift=1.0), as_of=day(100))
    needs = changed.roles.needs
    assert needs.skill_idx.tolist() == [1, 1]
    assert needs.inferred.tolist() == [False, True]
    assert told == ("Role needs inferred from completions: 1 for 1 of 1 without any.",)
    assert with_role_needs(data, RoleSkillsConfig(infer="off"), as_of=day(100)) == (data, ())
    assert with_role_needs(data, RoleSkillsConfig(infer="absent"), as_of=day(100)) == (data, ())


def test_holders_are_not_assumed_to_have_what_was_inferred() -> None:
    data = _two_roles()
    changed, _ = with_role_needs(data, RoleSkillsConfig(strength=10), as_of=day(100))
    beginner = replace(query_of(data, 0, as_of=day(0)), role_idx=0)
    assert profile_of(beginner, catalog=changed.catalog, roles=changed.roles, n_skills=2).level.tolist() == [0, 0]


# Settings and the command


def test_settings_of_a_file_switch_inference(tmp_path: Path) -> None:
    path = tmp_path / "fit.toml"
    path.write_text('[infer.course_skills]\ninfer = "off"\n[infer.role_skills]\ninfer = "absent"\nfewest_people = 8\n')
    found = read_config(path).infer
    assert (found.course_skills.infer, found.role_skills.infer, found.role_skills.fewest_people) == ("off", "absent", 8)


def test_tags_are_written_for_review_and_can_be_used(tmp_path: Path) -> None:
    courses = "course_id,title\nc1,Knitting and negotiation\nc2,\nc3,Négociation\n".replace("c2,\n", "c2,Ü\n")
    folder = write_tables(
        tmp_path, courses=courses, completions=None, skills="skill_id,name\ns1,Negotiation\ns2,Knitting\n"
    )
    out = folder / "for_review.csv"
    assert main(["tag", str(folder), "--out", str(out), "--threshold", "0.05"]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["course_id"], row["skill_id"]) for row in rows if row["course_id"] == "c1"} == {
        ("c1", "s1"),
        ("c1", "s2"),
    }
    assert rows[0]["source"] == "inferred"
    assert {row["skill_id"]: row["words"] for row in rows} == {"s1": "negoti", "s2": "knit"}
    (folder / "completions.csv").write_text("employee_id,course_id,completed_at\ne1,c1,2025-01-01\n")
    out.rename(folder / "course_skills.csv")
    taught = load_dataset(folder).dataset.catalog.skills
    assert taught.inferred.all()
    assert len(taught.skill_idx) == len(rows)


def test_without_skills_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", str(write_tables(tmp_path))]) == 2
    assert "expected the table skills" in capsys.readouterr().err
    assert not list(tmp_path.glob("*inferred*"))


def test_a_fit_says_what_it_inferred_and_the_service_too(sample_company: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sample_company, tmp_path / "company"))
    (folder / "role_skills.csv").unlink()
    lines = (folder / "course_skills.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "course_skills.csv").write_text("".join(one for one in lines if not one.startswith("C0001,")))
    (folder / "fit.toml").write_text("[hybrid]\nepochs = 1\n[infer.course_skills]\nthreshold = 0.01\n")
    models = tmp_path / "models"
    code = main(["fit", str(folder), "--models", str(models), "--config", str(folder / "fit.toml"), "--version", "v1"])
    assert code == 0
    saved = artifact.read(models, "default", "v1")
    assert sum("inferred" in note for note in saved.manifest.origin.notes) == 2
    model = Model.unpack(saved.arrays, saved.documents)
    assert model.roles.needs.inferred.all()
    assert len(model.roles.needs.skill_idx) > 0
    i = model.catalog.ids.find("C0001")
    span = model.catalog.skills.span(i)
    assert span.stop > span.start
    assert model.catalog.skills.inferred[span].all()
    # The tables still say nothing of C0001 nor of what roles need.
    assert updated(model, load_dataset(folder).dataset) == (model, "")
    client = make_app(models, day(10_000)).test_client()
    skills = client.get("/v1/courses/C0001").get_json()["skills"]
    assert all(one["inferred"] and 0 < one["confidence"] <= 1 for one in skills)
    needs = [one for role in client.get("/v1/roles").get_json()["roles"] for one in role.get("skills", [])]
    assert all(one["inferred"] and {"importance", "confidence"} <= one.keys() for one in needs)
    declared = client.get(f"/v1/courses/{lines[-1].split(',')[0]}").get_json()["skills"]
    assert not any("inferred" in one for one in declared)
