"""`lpr recommend`: who is asked, in which order, and what is left when it cannot be done."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
from service_asking import DAY, ask, make_app

from recommender import artifact
from training.__main__ import main
from training.asking import just_after
from training.batching import run
from training.batching.answering import Lists, Settings
from training.batching.asks import asks_of
from training.batching.formats import AS_OF, Csv
from training.engines import LocalEngine
from training.tables.load import load_dataset


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_batch_asks_everyone_in_order_and_is_the_same_for_any_number_of_processes(
    sample_company: Path, fitted_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 7)
    monkeypatch.setattr(run, "PART", 35)
    written = []
    for workers in (1, 2):
        out = tmp_path / f"{workers}.csv"
        arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(out), "--k", "3"]
        assert main([*arguments, "--workers", str(workers)]) == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]
    rows = lines_of(tmp_path / "1.csv")
    people = [row["employee_id"] for row in lines_of(sample_company / "employees.csv")]
    assert list(dict.fromkeys(row["employee_id"] for row in rows)) == people
    assert list(rows[0]) == ["employee_id", "rank", "course_id", "score"]
    assert [row["rank"] for row in rows[:3]] == ["1", "2", "3"]


def test_the_lists_of_a_chunk_stand_in_columns() -> None:
    lists = Lists(dated=True)
    lists.add("a", 7, ["x", "y"], [0.12345678949, 0.1])
    lists.add("b", 8, [], [])
    lists.add("c", 9, ["y"], [-1.5])
    assert len(lists) == 3
    expected = [["a", "a", "c"], [1, 2, 1], ["x", "y", "y"], [0.123456789, 0.1, -1.5], [7, 7, 9]]
    assert lists.columns() == expected


def test_a_batch_offers_nothing_already_completed(sample_company: Path, fitted_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(out), "--k", "90"]) == 0
    done = {(row["employee_id"], row["course_id"]) for row in lines_of(sample_company / "completions.csv")}
    again = {(row["employee_id"], row["course_id"]) for row in lines_of(out)} & done
    recurring = {row["course_id"] for row in lines_of(sample_company / "assignments.csv") if row["recur_days"]}
    assert {course for _, course in again} <= recurring


def test_a_batch_for_some_reports_those_unknown(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "who.txt"
    asked.write_text("E00003\nnobody\n\nE00001\n")
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(asked)]
    assert main([*arguments, "--json", "--k", "2"]) == 0
    shown = capsys.readouterr()
    answers = [json.loads(line) for line in shown.out.splitlines()]
    assert [answer["employee_id"] for answer in answers] == ["E00003", "E00001"]
    assert all(len(answer["recommendations"]) == 2 for answer in answers)
    assert "1 unknown employees left out: nobody" in shown.err


def test_a_batch_with_moments_writes_them(sample_company: Path, fitted_models: Path, tmp_path: Path) -> None:
    asked, out = tmp_path / "who.csv", tmp_path / "out.csv"
    asked.write_text("employee_id,as_of\nE00002,2026-07-02\nE00002,2026-08-01T12:00:00+02:00\n")
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(out), "--k", "1"]
    assert main([*arguments, "--employees", str(asked)]) == 0
    assert [row["as_of"] for row in lines_of(out)] == ["2026-07-02T00:00:00Z", "2026-08-01T10:00:00Z"]


@pytest.mark.parametrize(
    ("who", "more", "said"),
    [
        ("employee_id,as_of\nE00001,2026-07-02\nE00001,soon\n", [], "line 3, column as_of: found 'soon'"),
        ("employee_id,as_of\nE00001,2020-01-01\n", [], "before the model's own"),
        ("E00001\n", ["--target-role", "astronaut"], "knows no such role"),
        ("E00001\n", ["--as-of", "2020-01-01"], "before the model's own"),
    ],
)
def test_a_batch_that_cannot_be_done_leaves_no_file(
    sample_company: Path,
    fitted_models: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    who: str,
    more: list[str],
    said: str,
) -> None:
    asked, out = tmp_path / "who.csv", tmp_path / "result" / "out.csv"
    asked.write_text(who)
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(out), *more]
    assert main([*arguments, "--employees", str(asked)]) == 2
    assert said in capsys.readouterr().err
    assert not out.parent.exists() or list(out.parent.iterdir()) == []


def test_a_batch_that_is_stopped_leaves_the_file_that_was_there(
    sample_company: Path, fitted_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("from an earlier run\n")
    data = load_dataset(sample_company).dataset
    seen = []

    def stop_in_the_middle(answer: dict[str, Any]) -> None:
        seen.append(answer)
        if len(seen) == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.recommend_all(
            data,
            asks_of(data, "all", as_of=just_after(data)),
            Settings(fitted_models, "default", "v1", k=3),
            run.Outputs(out, each=stop_in_the_middle),
            engine=LocalEngine(),
            progress=lambda step, done=0, total=0: None,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "from an earlier run\n"


def test_a_list_has_the_courses_and_scores_of_the_answers(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists are made without reasons and texts: they must be those of the answers all the same, in every mode."""
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(1, 41)))
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(who), "--k", "5"]
    n_listed = 0
    for more in ([], ["--mode", "explore"], ["--mode", "compliance"], ["--goal-weight", "0.9"]):
        out = tmp_path / "out.csv"
        assert main([*arguments, *more, "--out", str(out), "--workers", "1"]) == 0
        capsys.readouterr()
        assert main([*arguments, *more, "--json", "--workers", "1"]) == 0
        answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        told = [
            (answer["employee_id"], str(one["rank"]), one["course_id"], str(one["score"]))
            for answer in answers
            for one in answer["recommendations"]
        ]
        assert [tuple(row.values()) for row in lines_of(out)] == told
        n_listed += len(told)
    assert n_listed > 3 * 40 * 5


def test_parquet_holds_what_csv_holds(sample_company: Path, fitted_models: Path, tmp_path: Path) -> None:
    who = tmp_path / "who.csv"
    who.write_text("employee_id,as_of\n" + "".join(f"E{i:05},2026-08-0{i % 9 + 1}\n" for i in range(30, 0, -1)))
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(who)]
    files = {}
    for suffix in ("csv", "parquet"):
        out, paths = tmp_path / f"next.{suffix}", tmp_path / f"paths.{suffix}"
        assert main([*arguments, "--out", str(out), "--paths-out", str(paths), "--hours", "60", "--workers", "1"]) == 0
        files[suffix] = out, paths
    for text, table in zip(files["csv"], files["parquet"], strict=True):
        columns = pa_parquet.ParquetFile(table).read()
        assert str(columns.schema.field("as_of").type) == "timestamp[ms, tz=UTC]"
        assert len(columns) > 30
        assert pa_csv.read_csv(text, convert_options=pa_csv.ConvertOptions(column_types=columns.schema)).equals(columns)


def test_a_text_that_needs_quotes_changes_no_other_line() -> None:
    numbers = [0.0, -0.0, 1.0, 1e-9, 1.5e-7, 0.1 + 0.2, 1e22, None, *np.random.default_rng(0).normal(size=200).tolist()]
    schema = pa.schema([("id", pa.string()), ("number", pa.float64()), AS_OF])
    plain = ["an id"] * len(numbers)
    odd = ['a "good" one', "one, two", "one\ntwo", "one\rtwo", ""]
    moments = [1_790_000_000 + i for i in range(len(numbers))]
    bare = Csv().encode([plain, numbers, moments], schema)
    mixed = Csv().encode([odd + plain, [0.5] * len(odd) + numbers, [0] * len(odd) + moments], schema)
    assert mixed.endswith(bare)
    rows = [*csv.reader(io.StringIO(mixed.decode(), newline=""))]
    assert [row[0] for row in rows] == odd + plain
    assert [float(row[1]) if row[1] else None for row in rows] == [0.5] * len(odd) + numbers
    assert rows[len(odd)][2] == "2026-09-21T14:13:20Z"
    assert Csv().encode([(), (), ()], schema) == b""
    assert Csv().encode([[None], [1.0], [0]], schema) == b",1,1970-01-01T00:00:00Z\n"


def test_paths_are_those_of_the_one_asked_alone(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "paths.csv"
    limits = ["--hours", "50", "--hours-per-week", "3"]
    common = [str(sample_company), "--models", str(fitted_models), *limits]
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(1, 31)))
    assert main(["recommend", *common, "--employees", str(who), "--paths-out", str(out), "--workers", "1"]) == 0
    said = capsys.readouterr().err
    steps: dict[str, list[dict[str, str]]] = {f"E{i:05}": [] for i in range(1, 31)}
    for row in lines_of(out):
        steps[row["employee_id"]].append(row)
    n_without = sum(not rows for rows in steps.values())
    assert 0 < n_without < 20
    assert f"{n_without} employees without a path" in said
    longest = max(steps, key=lambda one: len(steps[one]))
    for employee in (longest, next(one for one, rows in steps.items() if not rows)):
        assert main(["path", *common, "--employee", employee, "--json"]) == 0
        alone = json.loads(capsys.readouterr().out)
        assert [(row["course_id"], float(row["hours"])) for row in steps[employee]] == [
            (step["course_id"], step["hours"]) for step in alone["steps"]
        ]
        for row, step in zip(steps[employee], alone["steps"], strict=True):
            assert int(row["position"]) == step["position"]
            assert (int(row["from_week"]), int(row["to_week"])) == (step["from_week"], step["to_week"])
            assert float(row["coverage_after"]) == step["coverage_after"]
            assert (row["target_role_id"], float(row["optimality_gap"])) == (
                alone["target_role_id"],
                alone["optimality_gap"],
            )
    covered = [float(row[name]) for row in steps[longest] for name in ("coverage_before", "coverage_after")]
    assert covered[1:-1:2] == covered[2::2]
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


def test_a_target_role_changes_what_is_asked(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "who.txt"
    asked.write_text("E00003\n")
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(asked), "--json"]
    assert main([*arguments, "--target-role", "data-engineer"]) == 0
    assert json.loads(capsys.readouterr().out)["target_role_id"] == "data-engineer"


def test_what_the_tables_assign_is_listed_as_required(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has not yet taken a course assigned to everyone has it among what is required, and nobody else has."""
    arguments = ["recommend", str(sample_company), "--models", str(fitted_models), "--json", "--k", "20"]
    assert main(arguments) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rules = lines_of(sample_company / "assignments.csv")
    replaced = {old for row in lines_of(sample_company / "courses.csv") for old in row["supersedes"].split("|")}
    for_all = {row["course_id"] for row in rules if row["department"] == "*"} - replaced
    done = {(row["employee_id"], row["course_id"]) for row in lines_of(sample_company / "completions.csv")}
    n_due = 0
    for answer in answers:
        required = {one["course_id"]: one for one in answer["required"]}
        never = {course for course in for_all if (answer["employee_id"], course) not in done}
        assert never <= set(required)
        assert all(one["overdue"] or one["recurring"] for course, one in required.items() if course in for_all - never)
        assert not set(required) & {one["course_id"] for one in answer["recommendations"]}
        n_due += len(required)
    assert for_all
    assert n_due > len(answers) / 4
    assert main([*arguments, "--mode", "compliance"]) == 0
    comply = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for one, answer in zip(comply, answers, strict=True):
        listed = [item["course_id"] for item in answer["required"]]
        assert [item["course_id"] for item in one["recommendations"]] == listed
        assert one["required"] == answer["required"]


def with_other_courses(sample_company: Path, folder: Path, *, withdrawn: str, longer: str) -> Path:
    """Copy a company whose catalogue has moved on: a course is gone, one takes 99 hours, and one is new."""
    data = Path(shutil.copytree(sample_company, folder / "company"))
    rows = lines_of(data / "courses.csv")
    rows = [{**row, "hours": "99" if row["course_id"] == longer else row["hours"]} for row in rows]
    rows = [row for row in rows if row["course_id"] != withdrawn]
    for row in rows:
        row["prerequisites"] = "|".join(one for one in row["prerequisites"].split("|") if one != withdrawn)
        row["supersedes"] = "|".join(one for one in row["supersedes"].split("|") if one != withdrawn)
    like = next(row for row in rows if row["course_id"] == longer)
    rows.append({**like, "course_id": "NEW", "hours": "3", "audience": "", "supersedes": "", "prerequisites": ""})
    with (data / "courses.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return data


def test_a_batch_answers_from_the_courses_of_its_tables(
    sample_company: Path,
    fitted_models: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "CHUNK", 9)
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(1, 31)))
    more = ["--models", str(fitted_models), "--employees", str(who), "--json", "--k", "40"]

    def answers(data: Path) -> tuple[list[dict[str, Any]], str]:
        assert main(["recommend", str(data), *more, "--workers", "2"]) == 0
        said = capsys.readouterr()
        return [json.loads(line) for line in said.out.splitlines()], said.err

    before, said = answers(sample_company)
    assert "catalogue" not in said
    first, second = [one["course_id"] for one in before[0]["recommendations"][:2]]
    moved = with_other_courses(sample_company, tmp_path, withdrawn=first, longer=second)
    after, said = answers(moved)
    assert "1 courses added, 1 withdrawn" in said
    shown = [{one["course_id"]: one for one in answer["recommendations"]} for answer in after]
    assert not any(first in one for one in shown)
    assert any("NEW" in one for one in shown)
    hours = {one[second]["hours"] for one in shown if second in one}
    assert hours == {99}
    assert {answer["model_version"] for answer in after} == {"v1"}


def test_a_refreshed_model_is_served_without_a_new_fit(
    sample_company: Path, models: Path, model_as_of: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_app(models, model_as_of + DAY).test_client()
    first, second = [one["course_id"] for one in ask(client, k=2)["recommendations"]]
    moved = with_other_courses(sample_company, tmp_path, withdrawn=first, longer=second)
    assert main(["models", "refresh", str(sample_company), "--models", str(models), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": "v1", "saved": False, "note": ""}
    assert main(["models", "refresh", str(moved), "--models", str(models), "--json"]) == 0
    refreshed = json.loads(capsys.readouterr().out)["version"]
    found = ask(client, k=100)
    assert found["model_version"] == refreshed
    shown = {one["course_id"]: one for one in found["recommendations"]}
    assert first not in shown
    assert shown[second]["hours"] == 99
    assert "NEW" in shown
    manifests = [artifact.read_manifest(models, "default", version) for version in ("v1", refreshed)]
    assert manifests[0].origin.as_of == manifests[1].origin.as_of
    assert "later than the fit" in manifests[1].origin.notes[-1]
