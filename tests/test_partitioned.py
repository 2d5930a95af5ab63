"""Tables in parts: a folder of Parquet files is the table its rows would be in one file, for every command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from tables_on_disk import write_tables

from recommender.errors import DataError
from training.__main__ import main
from training.tables.load import load_dataset

N_PARTS = 3


def text_of(path: Path) -> pa.Table:
    """Read a CSV file as text, empty cells as nothing."""
    names = pa_csv.open_csv(path).schema.names
    as_text = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(newlines_in_values=True), convert_options=as_text)


@pytest.fixture(scope="module")
def partitioned(sample_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the sample company, each a folder of parts with several row groups."""
    out = tmp_path_factory.mktemp("partitioned")
    for path in sample_company.glob("*.csv"):
        if path.stem == "rejects":
            continue
        table = text_of(path)
        folder = out / path.stem
        folder.mkdir()
        size = -(-len(table) // N_PARTS)
        for i in range(N_PARTS):
            part = table.slice(i * size, size)
            pq.write_table(part, folder / f"part-{i}.parquet", row_group_size=max(1, size // 2))
    return out


def test_a_company_in_parts_is_the_company_in_files(sample_company: Path, partitioned: Path, tmp_path: Path) -> None:
    """The same rows in the same order: also those of one Parquet file a table, fingerprint included."""
    whole = tmp_path / "whole"
    whole.mkdir()
    for path in sample_company.glob("*.csv"):
        if path.stem != "rejects":
            pq.write_table(text_of(path), whole / f"{path.stem}.parquet")
    parts, files, csv = (load_dataset(path) for path in (partitioned, whole, sample_company))
    assert parts.dataset.fingerprint == files.dataset.fingerprint == csv.dataset.fingerprint
    assert parts.rows == files.rows == csv.rows
    assert parts.rows["completions"] > N_PARTS
    assert (parts.dataset.completions.at == csv.dataset.completions.at).all()
    assert parts.dataset.people.ids.ids == csv.dataset.people.ids.ids


def test_a_batch_over_parts_is_a_batch_over_files(
    sample_company: Path, partitioned: Path, fitted_models: Path, tmp_path: Path
) -> None:
    written = []
    for name, data in (("files", sample_company), ("parts", partitioned)):
        out = tmp_path / f"{name}.csv"
        arguments = ["recommend", str(data), "--models", str(fitted_models), "--out", str(out), "--k", "3"]
        assert main([*arguments, "--workers", "1"]) == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]


def test_parts_are_checked_as_files_are(partitioned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(partitioned)]) == 0
    broken = Path(shutil.copytree(partitioned, tmp_path / "broken"))
    part = broken / "completions" / "part-2.parquet"
    table = pq.read_table(part)
    place = table.schema.get_field_index("completed_at")
    moments = ["soon", *table["completed_at"].to_pylist()[1:]]
    pq.write_table(table.set_column(place, "completed_at", pa.array(moments)), part)
    capsys.readouterr()
    assert main(["check", str(broken)]) == 2
    shown = capsys.readouterr()
    assert "completions/part-2.parquet" in shown.out + shown.err
    assert "'soon'" in shown.out + shown.err


def test_parts_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Courses keep the order of their rows."""
    write_tables(tmp_path, courses=None)
    (tmp_path / "courses").mkdir()
    for name, course in (("b", "c0"), ("a", "c1"), ("c", "c2")):
        pq.write_table(pa.table({"course_id": [course], "title": [course]}), tmp_path / "courses" / f"{name}.parquet")
    assert load_dataset(tmp_path).dataset.catalog.ids.ids == ("c1", "c0", "c2")


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    write_tables(tmp_path, completions=None)
    (tmp_path / "completions").mkdir()
    row = {"employee_id": ["e1"], "course_id": ["c1"], "completed_at": ["2025-01-01"]}
    pq.write_table(pa.table(row), tmp_path / "completions" / "0.parquet")
    (tmp_path / "completions" / "1.parquet").write_bytes(b"PAR1, or so it says")
    with pytest.raises(DataError, match=r"completions/1\.parquet: found no Parquet data .*; expected a Parquet file\."):
        load_dataset(tmp_path)


def test_a_table_in_a_file_and_in_parts_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path)
    (tmp_path / "completions").mkdir()
    with pytest.raises(
        DataError, match=r"completions: found completions\.csv and completions/; expected one of them\."
    ):
        load_dataset(tmp_path)


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, completions=None)
    (tmp_path / "completions").mkdir()
    with pytest.raises(DataError, match=r"completions/: found a folder without Parquet files; expected at least one\."):
        load_dataset(tmp_path)
