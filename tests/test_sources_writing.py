"""What every reader promises: a whole data directory or none, the same bytes each time, faults named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
from raw_folders import FOLDERS, lay, table

from recommender.errors import DataError
from training.sources import SOURCES
from training.sources.writing import Provenance, write_data_directory


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_reader_names_its_files_and_tells_progress(source: str, tmp_path: Path) -> None:
    told: list[str] = []
    summary = SOURCES[source].read(lay(tmp_path / "raw", source), tmp_path / "out", progress=told.append)
    assert sorted(SOURCES[source].files) == sorted(FOLDERS[source])
    assert len(told) == len(summary.tables)
    notice = json.loads((tmp_path / "out" / "source.json").read_text())
    assert notice["source"] == source
    assert notice["licence"]
    assert notice["attribution"] in (tmp_path / "out" / "README.md").read_text()
    assert {name: entry["rows"] for name, entry in notice["tables"].items()} == summary.tables
    for name, count in summary.tables.items():
        assert len(table(tmp_path / "out", name)) == count


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_the_same_folder_gives_the_same_bytes(source: str, tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", source)
    for out in (tmp_path / "a", tmp_path / "b", tmp_path / "b"):  # b twice: an earlier import is replaced
        SOURCES[source].read(raw, out)
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()} for out in "ab")
    assert first == second


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_parquet_holds_what_csv_holds(source: str, tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", source)
    summary = SOURCES[source].read(raw, tmp_path / "csv")
    SOURCES[source].read(raw, tmp_path / "parquet", file_format="parquet")
    for name in summary.tables:
        parquet = pa_parquet.read_table(tmp_path / "parquet" / f"{name}.parquet").to_pylist()
        text = [
            {
                column: "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)
                for column, cell in row.items()
            }
            for row in parquet
        ]
        assert text == table(tmp_path / "csv", name)


def test_parquet_numbers_are_numbers(tmp_path: Path) -> None:
    SOURCES["mars"].read(lay(tmp_path / "raw", "mars"), tmp_path / "out", file_format="parquet")
    first = pa_parquet.read_table(tmp_path / "out" / "role_skills.parquet").to_pylist()[0]
    assert (first["level"], first["importance"]) == (3, 0.6667)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_missing_file_is_named(source: str, tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", source)
    name = SOURCES[source].files[-1]
    (raw / name).unlink()
    with pytest.raises(DataError, match=f"{re.escape(name)} not found; expected .*Point the import at"):
        SOURCES[source].read(raw, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_missing_column_is_named(source: str, tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", source)
    for name in SOURCES[source].files:
        whole = (raw / name).read_text(encoding="utf-8")
        header, rest = whole.split("\n", 1)
        last = header.split(",")[-1]
        if last in {"rating", "course_students_enrolled"}:  # the readers do not use these
            continue
        (raw / name).write_text(header.replace(last, "strange") + "\n" + rest, encoding="utf-8")
        with pytest.raises(DataError, match=f"{re.escape(name)}: no column '{re.escape(last)}'; expected .*strange"):
            SOURCES[source].read(raw, tmp_path / "out")
        (raw / name).write_text(whole, encoding="utf-8")
    assert not (tmp_path / "out").exists()


MARS_ITEMS_HEADER = FOLDERS["mars"]["items_en.csv"].split("\n")[0]


@pytest.mark.parametrize(
    ("source", "file", "text", "message"),
    [
        (
            "mars",
            "explicit_ratings_en",
            "user_id,item_id,watch_percentage,created_at,rating\n1,510,80,2019-02-30 09:00:00,8\n",
            "row 1, column created_at: found '2019-02-30 09:00:00'; expected a time like",
        ),
        (
            "mars",
            "explicit_ratings_en",
            "user_id,item_id,watch_percentage,created_at,rating\n1,510,101,2019-02-03 09:00:00,8\n",
            "row 1, column watch_percentage: found '101'; expected a number from 0 to 100",
        ),
        (
            "mars",
            "items_en",
            f"{MARS_ITEMS_HEADER}\n1,en,A,,,2016,,[],Excel,[],60,tutorial\n",
            "row 1, column Software: found 'Excel'; expected a list of quoted names or []",
        ),
        (
            "mars",
            "items_en",
            f"{MARS_ITEMS_HEADER}\n1,en,A,,,2016,,[],[],[],nan,tutorial\n",
            "row 1, column duration: found 'nan'; expected a number from 0 up",
        ),
        ("mars", "users_en", "user_id,job\n1,it\n1,legal\n", "column user_id: found '1' more than once"),
        ("coco", "events", "learner,course,unix_time\nL1,7,\n", "row 1, column unix_time: found ''; expected a number"),
        ("coco", "events", "learner,course,unix_time\n", "a header and no rows"),
        ("coco", "events", "learner,course,unix_time\nL1,7\n", "events.csv: .*Expected 3 columns, got 2"),
        ("coco", "events", "", "no column 'unix_time', 'learner', 'course'"),
    ],
)
def test_a_bad_cell_stops_the_import_and_nothing_is_written(
    source: str, file: str, text: str, message: str, tmp_path: Path
) -> None:
    raw = lay(tmp_path / "raw", source, **{file: text})
    with pytest.raises(DataError, match=re.escape(message) if ".*" not in message else message):
        SOURCES[source].read(raw, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", "coco")
    (raw / "courses.csv").write_bytes(FOLDERS["coco"]["courses.csv"].replace("hello", "höllo").encode("latin-1"))
    with pytest.raises(DataError, match=r"courses\.csv: .*expected UTF-8 CSV"):
        SOURCES["coco"].read(raw, tmp_path / "out")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder; expected one holding courses\.csv, events\.csv"):
        SOURCES["coco"].read(tmp_path / "nowhere", tmp_path / "out")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", "coco")
    before = {path.name: path.read_bytes() for path in raw.iterdir()}
    with pytest.raises(DataError, match="already holds something else"):
        SOURCES["coco"].read(raw, raw)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == before


def test_another_source_does_not_overwrite_an_import(tmp_path: Path) -> None:
    SOURCES["onet"].read(lay(tmp_path / "onet", "onet"), tmp_path / "out")
    with pytest.raises(DataError, match="an earlier import of esco"):
        SOURCES["esco"].read(lay(tmp_path / "esco", "esco"), tmp_path / "out")


def test_importing_again_replaces_its_own_files_and_keeps_yours(tmp_path: Path) -> None:
    raw = lay(tmp_path / "raw", "onet")
    SOURCES["onet"].read(raw, tmp_path / "out")
    (tmp_path / "out" / "courses.csv").write_text("course_id,title\nmine,Mine\n")
    SOURCES["onet"].read(raw, tmp_path / "out", file_format="parquet")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "courses.csv" in names
    assert "roles.parquet" in names
    assert "roles.csv" not in names


def test_a_bar_inside_a_value_is_replaced_and_counted(tmp_path: Path) -> None:
    provenance = Provenance("mars", "T", "https://example.org", "L", "A")
    summary = write_data_directory(
        tmp_path / "out",
        {"courses": [{"course_id": "1", "title": "A|B", "tags": ("x|y|z", "w"), "audience": (), "hours": None}]},
        provenance=provenance,
        inputs=[],
        notes=[],
    )
    assert table(tmp_path / "out", "courses") == [{"course_id": "1", "title": "A|B", "tags": "x/y/z|w"}]
    assert summary.notes == ("courses: 2 `|` inside a value replaced by `/`",)
