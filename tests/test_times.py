"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables_on_disk import write_tables

from recommender.arrays import LATEST
from recommender.moments import FIRST_MOMENT, LAST_MOMENT, moment_of, moment_text, parse_deadline, parse_moment
from training.tables.load import load_dataset
from training.tables.times import NO_TIME, iso, read_times, zone_of

MARCH = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())

WRITTEN = {
    "2026-03-01": MARCH,
    "2026-03-01T09:30:00Z": MARCH + 34_200,
    "2026-03-01t09:30:00z": MARCH + 34_200,
    "2026-03-01 09:30:00": MARCH + 34_200,
    "2026-03-01T09:30": MARCH + 34_200,
    "2026-03-01T09:30:00.999999Z": MARCH + 34_200,
    "2026-03-01T09:30:00,5": MARCH + 34_200,
    "2026-03-01T09:30:00+02:00": MARCH + 27_000,
    "2026-03-01T09:30:00 +0200": MARCH + 27_000,
    "2026-03-01T09:30:00-03": MARCH + 45_000,
    "  2026-03-01  ": MARCH,
    "1969-12-31T23:59:59Z": -1,
    "0001-01-01": -62_135_596_800,
    "9999-12-31T23:59:59Z": 253_402_300_799,
    "2024-02-29": int(datetime(2024, 2, 29, tzinfo=UTC).timestamp()),
}

NOT_TIMES = [
    "2025-02-29",
    "2025-00-10",
    "2025-04-31",
    "0000-01-01",
    "20260301",
    "01.03.2026",
    "2026-3-1",
    "2026-03-01T24:00",
]
NOT_TIMES += ["2026-03-01Z", "2026-03-01T10:60", "2026-03-01T10:00:60", "T10:00", "2026-03-01T", "٢٠٢٦-٠٣-٠١", "now"]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_time_is_read_alone_and_among_others(text: str) -> None:
    for cells in ([text], [text, "2026-03-01", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.5+01:00"]):
        seconds, bad = read_times(pa.array(cells), zone_of("UTC"))
        assert seconds[0] == WRITTEN[text]
        assert not bad.any()


@pytest.mark.parametrize("text", NOT_TIMES)
def test_what_is_no_time_is_pointed_at_alone_and_among_others(text: str) -> None:
    for others in ([], ["2026-03-01T09:30:00Z"], ["2026-03-01 09:30:00"], ["2026-03-01"]):
        seconds, bad = read_times(pa.array([*others, text]), zone_of("UTC"))
        assert bad.tolist() == [False] * len(others) + [True]
        assert seconds[-1] == NO_TIME


def test_empty_cells_are_no_time_and_not_bad() -> None:
    for cells in (pa.array(["", None, "  "]), pa.nulls(3), pa.array([None] * 3, pa.date32())):
        seconds, bad = read_times(cells, zone_of("UTC"))
        assert seconds.tolist() == [NO_TIME] * 3
        assert not bad.any()


def test_a_date_begins_and_ends_in_its_time_zone() -> None:
    # Paris changes to summer time on 2026-03-29 at 02:00: the day begins at 23:00 UTC and lasts 23 hours.
    cells = pa.array(["2026-03-29", "2026-03-29T00:00"])
    begin = int(datetime(2026, 3, 28, 23, tzinfo=UTC).timestamp())
    assert read_times(cells, zone_of("Europe/Paris"))[0].tolist() == [begin, begin + 3_600]
    assert read_times(cells, zone_of("Europe/Paris"), until=True)[0].tolist() == [begin + 23 * 3_600, begin + 3_600]


def test_the_last_day_there_is_may_end() -> None:
    """It ends with the last moment that can be written, however it is stored and in whatever zone."""
    for cells in (pa.array(["9999-12-31"]), pa.array([date(9999, 12, 31)]), pa.array(["9999-12-31T23:59:59-11:00"])):
        for zone in ("UTC", "Europe/Paris", "America/New_York"):
            seconds, bad = read_times(cells, zone_of(zone), until=True)
            assert seconds.tolist() == [LAST_MOMENT]
            assert not bad.any()


def test_a_course_of_a_table_that_is_available_for_ever_is_so_until_the_last_moment(tmp_path: Path) -> None:
    data = write_tables(tmp_path, courses="course_id,title,available_to\nc1,One,9999-12-31\nc2,Two,\n")
    catalog = load_dataset(data).dataset.catalog
    assert moment_text(int(catalog.available_to[0])) == "9999-12-31T23:59:59Z"
    assert catalog.available_to[1] == LATEST


@pytest.mark.parametrize("offset", [-86_400, -1, 0, 1, 86_400])
def test_a_moment_that_no_date_can_say_is_written_as_the_nearest(offset: int) -> None:
    first, last = FIRST_MOMENT + min(offset, 0), LAST_MOMENT + max(offset, 0)
    assert (moment_text(first), moment_text(last)) == ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    assert moment_of(last).year == 9999


def test_a_deadline_at_the_end_of_the_last_day_can_be_written() -> None:
    assert parse_deadline("9999-12-31") == LAST_MOMENT
    assert moment_text(parse_moment("9999-12-31T23:59:59-12:00")) == "9999-12-31T23:59:59Z"


def test_stored_dates_and_timestamps_are_read_with_their_zones() -> None:
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    for unit in ("s", "ms", "us", "ns"):
        zoned = pa.array([moment, None], pa.timestamp(unit, "Europe/Paris"))
        assert read_times(zoned, zone_of("UTC"))[0].tolist() == [MARCH + 27_000, NO_TIME]
    assert read_times(pa.array([datetime(2026, 3, 1)], pa.timestamp("us")), zone_of("Asia/Tokyo"))[0][0] == MARCH  # noqa: DTZ001
    assert read_times(pa.array([date(2026, 3, 1)]), zone_of("Asia/Tokyo"))[0][0] == MARCH - 9 * 3_600
    assert read_times(pa.array([-1], pa.timestamp("ns")), zone_of("UTC"))[0][0] == -1  # floor, as for text


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.sampled_from(["seconds", "minutes", "microseconds"]),
    st.sampled_from("T "),
)
def test_any_time_reads_as_the_standard_library_reads_it(moment: datetime, offset: int, unit: str, mark: str) -> None:
    text = moment.replace(tzinfo=timezone(timedelta(minutes=offset))).isoformat(mark, timespec=unit)
    expected = (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    for others in ([], ["2026-03-01"]):
        seconds, bad = read_times(pa.array([text, *others]), zone_of("UTC"))
        assert seconds[0] == expected
        assert not bad[0]
        assert iso(int(seconds[0])).endswith("Z")


def test_zones_are_read_day_by_day() -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    zone = zone_of("America/New_York")
    expected = [int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) for day in days]
    assert np.array_equal(read_times(pa.array([str(day) for day in days]), zone)[0], expected)
