"""What xAPI statements come to in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from databases import KINDS, database_url
from xapi_statements import ADL, AT, H5P, PLATFORMS, STORYLINE, cmi5, said, voiding

from store import rows
from store.database import Database
from store.erasure import erase
from store.statements import StatementConflict, apply_pending, receive
from store.tables import metadata
from store.tables import statements as table

HOUR, DAY = 3_600, 86_400
NOON = "2026-03-01T12:00:00Z"
NOON_SECONDS = AT + 9_000  # 09:30 and two and a half hours


@pytest.fixture(params=KINDS, scope="module")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database_url(request.param, tmp_path_factory.mktemp("statements")) as url:
        made = Database(url)
        made.migrate()
        yield made
        made.close()


@pytest.fixture
def database(migrated: Database) -> Database:
    """Return a database whose tables are empty."""
    with migrated.change() as connection:
        for one in metadata.tables.values():
            if one.name != "tenants":
                connection.execute(one.delete())
    return migrated


@pytest.fixture
def company(database: Database) -> Database:
    """Return a database with Ann, known by a mail address, and two courses."""
    put(database, "employees", {"employee_id": "e1"})
    put(database, "identities", {"employee_id": "e1", "kind": "mbox", "value": "Ann@example.com"})
    for course in ("c1", "c2"):
        put(database, "courses", {"course_id": course, "title": course, "uri": f"https://courses.example.com/{course}"})
    return database


def put(database: Database, name: str, *given: dict[str, Any], tenant: str = "default") -> None:
    with database.write(tenant) as connection:
        rows.put(connection, tenant, name, given)


def send(database: Database, *given: dict[str, Any], at: int = AT + DAY, tenant: str = "default") -> list[str]:
    with database.write(tenant) as connection:
        return receive(connection, tenant, given, at=at)


def apply(database: Database, **narrowed: Any) -> int:
    with database.write("default") as connection:
        return apply_pending(connection, "default", **narrowed)


def facts(database: Database, name: str = "completions", tenant: str = "default") -> list[tuple[Any, ...]]:
    """Return what is stored of a table of facts: person, course, when, and score or progress."""
    when, what = ("completed_at", "score") if name == "completions" else ("at", "progress")
    with database.read() as connection:
        found = rows.having(connection, tenant, name)
    return sorted((one["employee_id"], one["course_id"], one[when], one[what]) for one in found)


def statuses(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {row.statement_id: row.status for row in connection.execute(table.select())}


IDENTITIES = {
    "moodle": ("account", "HTTPS://moodle.example.com/|42"),
    "storyline": ("mbox", "ANN@example.com"),
    "scorm_cloud": ("account", "http://cloud.scorm.com|ann@example.com"),
    "cmi5": ("account", "https://lms.example.com|ann"),
    "totara": ("openid", "https://TOTARA.example.com/user/profile/ann"),
    "h5p": ("mbox_sha1sum", H5P["actor"]["mbox_sha1sum"].upper()),
}
# Storyline: scaled 0.9. SCORM Cloud: 40 between 0 and 50. H5P: scaled 0.75, and received at AT + one day.
OUTCOMES = {
    "moodle": (AT, None),
    "storyline": (AT + 130, 0.9),
    "scorm_cloud": (AT, 0.8),
    "cmi5": (AT, None),
    "totara": (AT, None),
    "h5p": (AT + DAY, 0.75),
}


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_a_completion_as_a_platform_sends_it_counts(database: Database, platform: str) -> None:
    kind, value = IDENTITIES[platform]
    put(database, "employees", {"employee_id": "e1"})
    put(database, "identities", {"employee_id": "e1", "kind": kind, "value": value})
    put(database, "courses", {"course_id": "c1", "title": "A", "uri": PLATFORMS[platform]["object"]["id"]})
    send(database, PLATFORMS[platform])
    assert facts(database) == [("e1", "c1", *OUTCOMES[platform])]


@pytest.mark.parametrize("hashed", ["mailto:Ann@example.com", "mailto:ann@example.com"])
def test_a_hashed_address_is_the_address_as_stored_or_in_lower_case(company: Database, hashed: str) -> None:
    statement = said("completed", at=NOON)
    statement["actor"] = {"mbox_sha1sum": hashlib.sha1(hashed.encode()).hexdigest()}
    send(company, statement)
    assert facts(company) == [("e1", "c1", NOON_SECONDS, None)]


def test_an_identity_of_two_people_and_an_activity_of_two_courses_wait(company: Database) -> None:
    put(company, "employees", {"employee_id": "e2"})
    put(company, "identities", {"employee_id": "e2", "kind": "mbox", "value": "mailto:ANN@EXAMPLE.COM"})
    put(company, "courses", {"course_id": "c3", "title": "c3", "uri": "https://courses.example.com/c2"})
    (first,) = send(company, said("completed", at=NOON))
    with company.write("default") as connection:
        rows.remove(connection, "default", "identities", employee_id="e2")
    (second,) = send(company, said("completed", at=NOON, course="c2"))
    assert statuses(company) == {first: "pending", second: "pending"}
    put(
        company,
        "courses",
        {"course_id": "c3", "title": "c3", "uri": "https://courses.example.com/c2", "published": False},
    )
    assert apply(company) == 2
    assert [one[1] for one in facts(company)] == ["c1", "c2"]


def test_a_course_without_a_uri_is_named_by_its_id(company: Database) -> None:
    put(company, "courses", {"course_id": "https://courses.example.com/own", "title": "own"})
    send(company, said("completed", at=NOON, course="own"))
    assert [one[1] for one in facts(company)] == ["https://courses.example.com/own"]


def test_passed_and_completed_of_one_attempt_are_one_completion_whichever_comes_first(company: Database) -> None:
    attempt = [
        said("completed", at="2026-03-01T12:00:00Z", completion=True),
        said("passed", at="2026-03-01T12:05:00Z", score={"scaled": 0.7}, success=True),
        said("completed", at="2026-03-01T23:59:59Z"),
    ]
    for n, order in enumerate(itertools.permutations(attempt)):
        tenant = f"t{n}"
        with company.write("default") as connection:
            for name in ("employees", "identities", "courses"):
                rows.put(connection, tenant, name, rows.having(connection, "default", name))
        for one in order:
            send(company, one, tenant=tenant)
        assert facts(company, tenant=tenant) == [("e1", "c1", NOON_SECONDS, 0.7)]


def test_a_completion_a_day_later_is_another_one(company: Database) -> None:
    send(company, said("completed", at=NOON), said("completed", at="2026-03-02T12:00:00Z"))
    assert [one[2] for one in facts(company)] == [NOON_SECONDS, NOON_SECONDS + DAY]


def test_a_completion_already_loaded_is_not_counted_again_and_stays_when_the_statement_is_voided(
    company: Database,
) -> None:
    put(
        company,
        "completions",
        {"employee_id": "e1", "course_id": "c1", "completed_at": NOON_SECONDS - HOUR, "score": 0.4},
    )
    before = facts(company)
    (key,) = send(company, said("completed", at=NOON))
    assert facts(company) == before
    send(company, voiding(key))
    assert facts(company) == before


@pytest.mark.parametrize(
    ("verb", "result"),
    [
        ("failed", {"success": False}),
        ("failed", {"success": False, "completion": True}),
        ("completed", {"success": False, "completion": True}),
        ("completed", {"completion": False}),
        ("attempted", {"completion": True}),
    ],
)
def test_what_was_not_completed_is_kept_and_is_no_completion(
    company: Database, verb: str, result: dict[str, Any]
) -> None:
    (key,) = send(company, said(verb, at=NOON, **result))
    assert (facts(company), facts(company, "progress")) == ([], [])
    assert statuses(company) == {key: "stored"}


def test_progress_is_the_latest_and_never_a_completion(company: Database) -> None:
    with_account = {"actor": {"mbox": "mailto:ann@example.com"}, "object": {"id": "https://courses.example.com/c1"}}
    send(company, cmi5("progressed", minute=50, percent=85) | with_account)
    send(company, cmi5("progressed", minute=40, percent=60) | with_account)
    send(company, said("progressed", at=NOON, course="c2", score={"scaled": 0.3}))
    send(company, said("progressed", at=NOON, course="c2"))  # says nothing of how far
    assert facts(company, "progress") == [("e1", "c1", AT + 1_200, 0.85), ("e1", "c2", NOON_SECONDS, 0.3)]
    assert facts(company) == []


def test_voiding_takes_back_what_the_statement_made(company: Database) -> None:
    completed, passed = said("completed", at=NOON), said("passed", at="2026-03-01T13:00:00Z", score={"scaled": 1})
    first, second = send(company, completed, passed)
    assert facts(company) == [("e1", "c1", NOON_SECONDS, 1.0)]
    send(company, voiding(first))
    assert facts(company) == [("e1", "c1", NOON_SECONDS + HOUR, 1.0)]  # the other one still says so
    send(company, voiding(second.upper()))
    assert facts(company) == []


def test_voiding_progress_leaves_the_progress_before(company: Database) -> None:
    _, later = send(
        company,
        said("progressed", at=NOON, score={"scaled": 0.2}),
        said("progressed", at="2026-03-01T13:00:00Z", score={"scaled": 0.6}),
    )
    send(company, voiding(later))
    assert facts(company, "progress") == [("e1", "c1", NOON_SECONDS, 0.2)]


def test_voiding_may_come_before_what_it_voids(company: Database) -> None:
    key = str(uuid.uuid4())
    send(company, voiding(key))
    send(company, said("completed", at=NOON) | {"id": key})
    assert facts(company) == []


def test_a_voiding_statement_cannot_be_voided(company: Database) -> None:
    (key,) = send(company, said("completed", at=NOON))
    (void,) = send(company, voiding(key))
    send(company, voiding(void))
    assert facts(company) == []
    with company.read() as connection:
        assert {row.statement_id for row in connection.execute(table.select()) if row.voided} == {key}


def test_the_same_statement_again_is_the_same_one(company: Database) -> None:
    again = STORYLINE | {
        "id": STORYLINE["id"].upper(),
        "verb": {"id": ADL + "passed", "display": {"de": "bestanden"}},
        "stored": "2026-03-05T00:00:00Z",
        "actor": {"mbox": "mailto:ann@example.com", "name": "A. Example"},
        "result": STORYLINE["result"] | {"score": {"scaled": 0.9, "raw": 90.0, "min": 0, "max": 100.0}},
    }
    assert send(company, STORYLINE, again) == [STORYLINE["id"]] * 2
    assert send(company, again) == [STORYLINE["id"]]
    assert len(statuses(company)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"verb": {"id": ADL + "failed"}},
        {"actor": {"mbox": "mailto:bob@example.com"}},
        {"object": {"id": "http://other"}},
        {"timestamp": "2026-03-01T09:32:11Z"},
        {"result": {"success": True}},
    ],
)
def test_an_id_that_says_something_else_is_refused_and_nothing_of_the_batch_is_kept(
    company: Database, changed: dict[str, Any]
) -> None:
    send(company, STORYLINE)
    with pytest.raises(StatementConflict, match=STORYLINE["id"]):
        send(company, said("completed", at=NOON), STORYLINE | changed)
    assert list(statuses(company)) == [STORYLINE["id"]]
    assert facts(company) == []


def test_statements_wait_for_people_and_courses(database: Database) -> None:
    one, other = said("completed", at=NOON), said("completed", at=NOON, course="c2", who="bob@example.com")
    waiting = send(database, one, other)
    assert set(statuses(database).values()) == {"pending"}
    put(database, "courses", {"course_id": "c1", "title": "A", "uri": "https://courses.example.com/c1"})
    assert apply(database, courses=["c1"]) == 0
    put(database, "identities", {"employee_id": "e1", "kind": "mbox", "value": "ann@example.com"})
    assert apply(database) == 0  # nobody is e1 yet
    put(database, "employees", {"employee_id": "e1"})
    assert apply(database, employees=["e9"]) == 0
    assert apply(database, employees=["e1"]) == 1
    assert facts(database) == [("e1", "c1", NOON_SECONDS, None)]
    assert statuses(database) == {waiting[0]: "applied", waiting[1]: "pending"}
    assert apply(database) == 0


def test_a_waiting_statement_that_was_voided_never_counts(company: Database) -> None:
    (key,) = send(company, said("completed", at=NOON, who="bob@example.com"))
    send(company, voiding(key))
    put(company, "employees", {"employee_id": "e2"})
    put(company, "identities", {"employee_id": "e2", "kind": "mbox", "value": "bob@example.com"})
    apply(company, employees=["e2"])
    assert facts(company) == []


def test_what_was_taken_back_by_hand_does_not_come_back_with_the_next_statement(company: Database) -> None:
    send(company, said("completed", at=NOON), said("passed", at="2026-03-01T12:10:00Z"))
    with company.write("default") as connection:
        rows.remove(connection, "default", "completions", employee_id="e1")
    send(company, said("progressed", at="2026-03-01T12:20:00Z", score={"scaled": 0.1}))
    assert facts(company) == []
    send(company, said("completed", at="2026-03-01T12:30:00Z"))
    assert [one[2] for one in facts(company)] == [NOON_SECONDS + HOUR // 2]


def test_statements_are_of_one_tenant(company: Database) -> None:
    send(company, said("completed", at=NOON) | {"id": STORYLINE["id"]})
    send(company, STORYLINE, voiding(STORYLINE["id"]), tenant="other")
    assert (len(facts(company)), facts(company, tenant="other")) == (1, [])


def test_what_a_group_did_is_nobody_s_completion(company: Database) -> None:
    group = {"objectType": "Group", "mbox": "mailto:ann@example.com", "member": [{"mbox": "mailto:ann@example.com"}]}
    (key,) = send(company, said("completed", at=NOON) | {"actor": group})
    assert (facts(company), statuses(company)) == ([], {key: "stored"})


def test_what_somebody_did_who_was_erased_is_acknowledged_and_not_kept(company: Database) -> None:
    by_number = said("completed", at=NOON) | {"actor": {"account": {"homePage": "https://a.example.com", "name": "e1"}}}
    hashed = hashlib.sha1(b"mailto:ann@example.com").hexdigest()
    send(company, said("completed", at=NOON))
    with company.write("default") as connection:
        assert erase(connection, "default", "e1", at=AT)
    sent = [
        said("completed", at=NOON),
        said("completed", at=NOON) | {"actor": {"mbox_sha1sum": hashed}},
        by_number,
        said("completed", at=NOON, who="bob@example.com")
        | {
            "id": STORYLINE["id"],
            "context": {
                "instructor": {"name": "Ann", "mbox": "mailto:ANN@example.com"},
                "team": {"objectType": "Group", "member": [{"mbox_sha1sum": hashed}, {"mbox": "mailto:c@example.com"}]},
                "extensions": {"https://x.example.com": {"account": {"name": 1}, "mbox": "mailto:d@example.com"}},
            },
        },
    ]
    for _ in range(2):
        assert len(send(company, *sent)) == 4
    assert statuses(company) == {STORYLINE["id"]: "pending"}
    with company.read() as connection:
        kept = connection.execute(table.select()).one().body
    assert "ann" not in kept.lower()
    assert hashed not in kept
    assert ("c@example.com" in kept, "d@example.com" in kept) == (True, True)
