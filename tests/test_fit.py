"""The fit as a whole: the same from the same, blind to what comes later, fooled by nothing, and without anybody's id."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from planted_worlds import CONFIG, Fitted, academy
from tiny_company import chains, company

from recommender import artifact
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import ArtifactError, ConfigError, DataError
from recommender.manifest import Origin
from recommender.model import Model
from recommender.query import Query, query_of
from training.baselines.interactions import popularity_share
from training.blending.rows import _hidden
from training.config import BlendConfig, FitConfig, read_config
from training.fit import FEWEST_COMPLETIONS, fit
from training.guards import with_other_future, with_permuted_pairs, with_random_targets
from training.metrics import hits_of, mean_per_employee, ndcg, random_ndcg
from training.split import Cases, cases_of, past_of, rolling_windows
from training.tables.load import load_dataset

SMALL = FitConfig.model_validate(
    {"threads": 1, "hybrid": {"epochs": 2, "factors": 8}, "blend": {"max_queries": 60, "most_windows": 2}}
)


def digest(model: Model) -> str:
    """Return one hash of everything that is saved: names, types, shapes, bytes and documents."""
    arrays, documents = model.pack()
    seal = hashlib.sha256(json.dumps(documents, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        seal.update(f"{name} {array.dtype} {array.shape}".encode())
        seal.update(np.ascontiguousarray(array).tobytes())
    return seal.hexdigest()


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from test_fit import SMALL, digest
from training.fit import fit
from training.tables.load import load_dataset
data = load_dataset(Path(sys.argv[1])).dataset
print(digest(fit(data, SMALL, as_of=data.now + 1).model))
"""


@pytest.fixture(scope="module")
def small(company_model: Fitted) -> Model:
    return fit(company_model.data, SMALL, as_of=company_model.as_of).model


# --- the same from the same --------------------------------------------------------------------------------------


def test_equal_input_gives_equal_arrays_here_and_in_another_process(company_model: Fitted, small: Model) -> None:
    assert digest(fit(company_model.data, SMALL, as_of=company_model.as_of).model) == digest(small)
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(company_model.directory)],
        capture_output=True,
        text=True,
        check=False,
        cwd=here.parent,
        env={**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}", "PYTHONHASHSEED": "7"},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == digest(small)


def test_another_seed_gives_other_arrays(company_model: Fitted, small: Model) -> None:
    other = fit(company_model.data, SMALL.model_copy(update={"seed": 1}), as_of=company_model.as_of).model
    assert digest(other) != digest(small)


def test_the_order_of_rows_in_the_files_does_not_matter(company_model: Fitted, small: Model, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(company_model.directory, tmp_path / "company"))
    for name in (
        "completions",
        "skill_evidence",
        "role_changes",
        "feedback",
        "progress",
        "course_skills",
        "role_skills",
    ):
        header, *rows = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        random.Random(name).shuffle(rows)
        (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    mixed = load_dataset(folder).dataset
    assert digest(fit(mixed, SMALL, as_of=company_model.as_of).model) == digest(small)


def test_the_order_of_rows_does_not_matter_without_a_table_of_employees(tmp_path: Path) -> None:
    rows = [f"{name},c{course},2025-0{1 + course}-1{i}" for i, name in enumerate("zyxwvu") for course in range(4)]
    (tmp_path / "courses.csv").write_text("course_id,title\n" + "".join(f"c{i},Course {i}\n" for i in range(6)))
    found = []
    for order in (rows, rows[::-1]):
        (tmp_path / "completions.csv").write_text("\n".join(["employee_id,course_id,completed_at", *order]) + "\n")
        data = load_dataset(tmp_path).dataset
        found.append(digest(fit(data, SMALL, as_of=data.now + 1).model))
    assert found[0] == found[1]


# --- blind to what comes later -----------------------------------------------------------------------------------


def test_rows_at_or_after_the_moment_of_the_fit_change_no_byte(company_model: Fitted) -> None:
    data = company_model.data
    cut = int(np.quantile(data.completions.at, 0.8))
    at_the_cut = int(data.completions.at[np.searchsorted(np.sort(data.completions.at), cut)])
    expected = digest(fit(data, SMALL, as_of=at_the_cut).model)
    for seed in (1, 2):
        other = with_other_future(data, at_the_cut, seed=seed)
        assert (other.completions.at == at_the_cut).sum() > (data.completions.at == at_the_cut).sum()
        assert digest(fit(other, SMALL, as_of=at_the_cut).model) == expected
    assert digest(fit(past_of(data, at_the_cut), SMALL, as_of=at_the_cut).model) == expected
    assert digest(fit(data, SMALL, as_of=at_the_cut + 1).model) != expected, "the guard sees a row let in"


def test_role_changes_after_the_moment_of_the_fit_change_no_byte(company_model: Fitted) -> None:
    data = company_model.data
    changes = data.people.role_changes
    cut = int(np.median(changes.at))
    # Whoever moves later moves to another role; whom it was left for stays known.
    subject = np.where(changes.at >= cut, (changes.subject + 1) % len(data.roles), changes.subject).astype(np.int32)
    assert (subject != changes.subject).sum() > 5
    moved = replace(data, people=replace(data.people, role_changes=replace(changes, subject=subject)))
    one, two = (digest(fit(which, SMALL, as_of=cut).model) for which in (data, moved))
    assert one == two


# --- fooled by nothing -------------------------------------------------------------------------------------------


def worth(cases: Cases, ranked: np.ndarray) -> np.ndarray:
    """NDCG@10 of each person."""
    return mean_per_employee(cases.employee_idx, ndcg(hits_of(ranked, cases.targets), cases.n_targets, 10))[1]


def by_popularity(past: Dataset, queries: tuple[Query, ...]) -> np.ndarray:
    share = popularity_share(past.completions, len(past.catalog))
    ranked = np.empty((len(queries), 10), dtype=np.int32)
    for row, query in zip(ranked, queries, strict=True):
        score = share.copy()
        score[query.history] = -1
        row[:] = np.argsort(-score, kind="stable")[:10]
    return ranked


@pytest.mark.parametrize("world", ["chains", "academy"])
def test_permuted_pairs_leave_nothing_that_beats_popularity(world: str) -> None:
    data = chains(seed=1) if world == "chains" else academy(n_employees=400)
    gains = []
    for told in (data, with_permuted_pairs(data, seed=6)):
        window = rolling_windows(told.completions, n_cuts=1)[0]
        past, cases = past_of(told, window.start), cases_of(told, window, "next")
        ranked = Recommender(fit(past, SMALL, as_of=window.start).model).rank(cases.queries, k=10)
        gain = worth(cases, ranked) - worth(cases, by_popularity(past, cases.queries))
        # Three standard errors of a mean over people: once in 700 runs by chance, and the seeds are fixed.
        gains.append((gain.mean(), 3 * gain.std() / np.sqrt(len(gain))))
    (true, noise), (permuted, permuted_noise) = gains
    assert true > noise, "with who took what the model beats popularity"
    assert permuted <= permuted_noise


def test_what_judges_the_blend_has_not_seen_the_window() -> None:
    """Where who took what is chance, nothing is worth much more than popularity in the fit's own figures either."""
    data = with_permuted_pairs(chains(seed=1), seed=6)
    more = SMALL.model_copy(update={"blend": BlendConfig(max_queries=120)})
    judged = [said for said in fit(data, more, as_of=data.now + 1).metrics["validation"].values() if said["judged"]]
    assert sum(said["employees"] for said in judged) > 200
    for said in judged:
        # Scorers that had seen the window would reach four times as much.
        assert max(said["blend"], *said["parts"].values()) < 2 * said["parts"]["trend.ever"]


def test_random_targets_are_hit_as_often_as_by_chance() -> None:
    data = chains(seed=1)
    window = rolling_windows(data.completions, n_cuts=1)[0]
    recommender = Recommender(fit(past_of(data, window.start), SMALL, as_of=window.start).model)
    true = cases_of(data, window, "next")
    cases = with_random_targets(true, np.ones(len(data.catalog), dtype=np.bool_), seed=5)
    ranked = recommender.rank(cases.queries, k=10)
    shown = (len(data.catalog) - cases.history_length).astype(np.int32)
    expected = random_ndcg(shown, cases.n_targets, cases.n_targets, 10).mean()
    found = ndcg(hits_of(ranked, cases.targets), cases.n_targets, 10)
    # Four standard errors of the mean of independent cases.
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / np.sqrt(len(found)))
    assert ndcg(hits_of(ranked, true.targets), true.n_targets, 10).mean() > 3 * expected


def test_what_comes_next_is_found() -> None:
    """In chains of courses walked in order the next one is first for most, from one completion on."""
    data = chains(seed=1)
    as_of = data.now + 1
    recommender = Recommender(fit(data, CONFIG, as_of=as_of).model)
    asked = [
        Query(as_of, np.array([6 * chain + 2], dtype=np.int32), np.array([as_of - 86_400], dtype=np.int64))
        for chain in range(10)
    ]
    first = recommender.rank(asked, k=1)[:, 0]
    assert (first == [6 * chain + 3 for chain in range(10)]).sum() >= 9


# --- what is saved -----------------------------------------------------------------------------------------------


def test_a_model_comes_back_bit_for_bit_and_answers_the_same(company_model: Fitted, tmp_path: Path) -> None:
    model, moment = company_model.model, datetime(2026, 3, 1, tzinfo=UTC)
    arrays, documents = model.pack()
    version = artifact.save(tmp_path, "tests", Origin(moment, moment), arrays=arrays, documents=documents).version
    _, loaded = artifact.load_model(tmp_path, "tests", version)
    assert digest(loaded) == digest(model)
    for i in range(0, len(company_model.data.people), 40):
        query = query_of(company_model.data, i, as_of=company_model.as_of)
        one, two = (Recommender(which).recommend(query, k=20).recommendations for which in (model, loaded))
        assert one == two


def test_every_array_is_finite_read_only_and_plain(company_model: Fitted) -> None:
    arrays, documents = company_model.model.pack()
    for name, array in arrays.items():
        assert not array.flags.writeable, name
        assert not array.dtype.hasobject, name
        if array.dtype.kind == "f" and name != "tables.cost":  # NaN where unknown
            assert np.isfinite(array).all(), name
    json.dumps(documents, allow_nan=False)


@pytest.mark.parametrize("part", ["blend.weights", "hybrid.course_vectors", "tables.hours", "courses", "model"])
def test_a_missing_part_is_named(company_model: Fitted, part: str) -> None:
    arrays, documents = company_model.model.pack()
    arrays.pop(part, None)
    documents.pop(part, None)
    with pytest.raises((ArtifactError, TypeError), match=part.split(".")[-1]):
        Model.unpack(arrays, documents)


def test_nobody_is_in_a_model(company_model: Fitted) -> None:
    """No id, name or address of an employee, in no text and no array, and no axis as long as the staff."""
    data = company_model.data
    arrays, documents = company_model.model.pack()
    text = json.dumps(documents)
    for people in (data.people.ids.ids, [name for name in data.people.names if name]):
        assert not [one for one in people if f'"{one}"' in text or f"{one}@" in text]
    whole = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    assert not [one for one in data.people.ids.ids if one.encode() in whole or one.encode("utf-32-le") in whole]
    staff = {len(data.people), len(data.completions), len(data.completions) + 1, data.completions.n_employees + 1}
    assert not [name for name, array in arrays.items() if staff & set(array.shape)]


# --- what cannot be fitted, and small companies that can ---------------------------------------------------------


def test_too_little_to_learn_from_is_said() -> None:
    few = company([(i, i % 3, i) for i in range(FEWEST_COMPLETIONS - 1)], n_courses=3)
    with pytest.raises(DataError, match="found 9 by choice before the moment of the fit; expected at least 10"):
        fit(few, SMALL, as_of=few.now + 1)
    enough = company([(i, i % 3, i) for i in range(FEWEST_COMPLETIONS)], n_courses=3)
    with pytest.raises(DataError, match="found 9 by choice"):
        fit(enough, SMALL, as_of=enough.now)
    assigned = company([(i, i % 3, i) for i in range(30)], n_courses=3, assigned=range(25))
    with pytest.raises(DataError, match="found 5 by choice"):
        fit(assigned, SMALL, as_of=assigned.now + 1)


SMALL_COMPANIES = {
    "two courses": ([(i, 0, i) for i in range(10)], 2),
    "one person": ([(0, i, i) for i in range(12)], 30),
    "one moment": ([(i, i % 3, 0) for i in range(12)], 5),
    "one basket": ([(0, i, 0) for i in range(12)], 13),
    "two weeks": ([(i, i % 4, i) for i in range(14)], 6),
    "far apart": ([(i % 5, i, 100 * i) for i in range(40)], 45),
    "long baskets": ([(e, i, e) for e in range(2) for i in range(80)], 90),
}


@pytest.mark.parametrize("name", SMALL_COMPANIES)
def test_a_strange_small_company_gets_finite_answers(name: str) -> None:
    rows, n_courses = SMALL_COMPANIES[name]
    data = company(rows, n_courses=n_courses)
    fitted = fit(data, SMALL, as_of=data.now + 1)
    recommender = Recommender(fitted.model)
    assert recommender.recommend(Query(as_of=data.now + 1)).recommendations
    for employee in range(len(data.people)):
        answer = recommender.recommend(query_of(data, employee, as_of=data.now + 1), k=100)
        assert np.isfinite([one.score for one in answer.recommendations]).all()
    assert len(fitted.notes) > 0, "what could not be judged is said"


# --- settings ----------------------------------------------------------------------------------------------------


def test_settings_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "fit.toml"
    path.write_text("seed = 3\n[sequence]\nl2 = 7.5\n")
    found = read_config(path, threads=1)
    assert (found.seed, found.sequence.l2, found.threads) == (3, 7.5, 1)
    assert found.item_item == FitConfig().item_item
    path.write_text("sed = 3\n[sequence]\nl2 = 0\n[blend]\nwindow_share = 0.5\n")
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert all(word in str(refused.value) for word in ("fit.toml", "sed", "sequence.l2", "blend.window_share"))
    path.write_text("seed = \n")
    with pytest.raises(ConfigError, match=r"fit\.toml"):
        read_config(path)
    with pytest.raises(ConfigError, match="absent"):
        read_config(tmp_path / "absent.toml")


def test_a_company_with_one_course_is_told_what_is_missing() -> None:
    data = company([(person, 0, person) for person in range(30)], n_courses=1)
    with pytest.raises(DataError, match="two or more courses to choose from"):
        fit(data, SMALL, as_of=data.now + 1)


def test_a_hidden_history_is_no_candidate_again(company_model: Fitted) -> None:
    data = company_model.data
    taken = next(e for e in range(len(data.people)) if len(query_of(data, e, as_of=data.now + 1).history) > 3)
    query = query_of(data, taken, as_of=data.now + 1)
    candidates, _, context = Recommender(company_model.model).signals(_hidden(query))
    assert not len(context.recent)
    assert not np.isin(candidates, query.history).any()


def test_people_without_a_history_are_not_served_by_what_needs_one(company_model: Fitted) -> None:
    assert company_model.model.blend.choices["none"].split(".")[0] not in {"item_item", "sequence"}
    answer = company_model.recommender.recommend(Query(as_of=company_model.as_of), k=3)
    assert max(abs(one.parts["item_item"]) for one in answer.recommendations) < 10, "no part is a large constant"
