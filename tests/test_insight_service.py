"""The overview over HTTP and as pages: the same figures from either database, nobody in them, and quick once made."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from flask.testing import FlaskClient
from guarded_service import Guarded, guarded
from service_asking import DAY, make_app, problem
from stored_company import load, stored_client, stored_company
from visiting import enter_insight

from recommender.arrays import NONE
from recommender.engine import Recommender
from recommender.insight import insight_of, percent
from recommender.query import query_of
from recommender.tally import Tally
from store import rows
from store.database import Database
from store.people import everyone, person_of
from training.tables.load import load_dataset
from web import overview as making
from web.database import opened_database
from web.live import models_of
from web.overview import Overviews, make_overview

PAGES = ("/insight", "/insight?by=role", "/insight/gaps", "/insight/catalogue", "/insight/model")


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    """Return a manager's client of the service with the sample company in its database; not to be changed."""
    folder, now = tmp_path_factory.mktemp("insight"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        settled(asking)
        enter_insight(asking)
        yield asking


def settled(client: FlaskClient) -> None:
    """Ask until the figures are made."""
    for _ in range(100):
        if client.get("/v1/insight").status_code == 200:
            return
    raise AssertionError("the figures were never made")


def database_of(client: FlaskClient) -> Database:
    opened = opened_database(client.application)
    assert opened is not None
    return opened.get()


def test_everyone_is_read_as_each_alone_but_for_what_binds_them(client: FlaskClient) -> None:
    database = database_of(client)
    with database.read() as connection:
        many = list(everyone(connection, "default", block=100))
        alone = [person_of(database, "default", one.employee_id) for one in many]
        n = rows.count(connection, "default", "employees")
    assert len(many) == n > 200
    assert len({one.employee_id for one in many}) == n
    assert many == [replace(one, rules=()) for one in alone if one is not None]
    assert sum(len(one.history) for one in many) > n


def test_the_answer_is_the_figures_of_the_company(client: FlaskClient, sample_company: Path, model_as_of: int) -> None:
    """The same company from its files, person by person, gives what is answered from the database."""
    data, now = load_dataset(sample_company).dataset, model_as_of + 10 * DAY
    model = models_of(client.application).served("default").model
    tally = Tally(model, now)
    coverages = []
    for i in range(len(data.people)):
        query = replace(query_of(data, i, as_of=now + 1), target_role_idx=NONE)
        tally.add(query)
        gap = Recommender(model).gap(query)
        coverages.append((query.department, gap))
    expected = insight_of(tally)
    answer = client.get("/v1/insight").get_json()
    assert answer["people"] == expected.people[expected.find()] == sum(bool(gap.skills) for _, gap in coverages)
    missing = sum(gap.missing for _, gap in coverages)
    need = sum(one.importance * one.needed for _, gap in coverages for one in gap.skills)
    assert answer["coverage"] == percent(1 - missing / need)
    names = [model.skills.ids[gap.skill_idx] for gap in expected.gaps(expected.find())]
    assert [gap["skill_id"] for gap in answer["gaps"]] == names
    for row in answer["departments"]:
        group = expected.find(row["department"])
        assert (row["people"], row["coverage"]) == (expected.people[group], expected.coverage(group))
    assert len(answer["departments"]) > 3
    assert len(answer["roles"]) > 5
    assert len(answer["skills"]) == 12
    assert answer["not_shown"] > 0
    assert answer["model"]["rows"]["completions"] > 1000


def test_a_part_of_the_company_is_told_of_by_its_parts(client: FlaskClient) -> None:
    whole = client.get("/v1/insight").get_json()
    department = whole["departments"][0]["department"]
    family = whole["families"][0]["role_family"]
    of_department = client.get("/v1/insight", query_string={"department": department}).get_json()
    assert of_department["people"] == whole["departments"][0]["people"]
    assert (of_department["departments"], of_department["roles"]) == ([], [])
    assert all(row["people"] >= 5 for row in of_department["families"])
    of_family = client.get("/v1/insight", query_string={"role_family": family}).get_json()
    assert {row["role_family"] for row in of_family["roles"]} <= {family}
    assert of_family["families"] == []
    assert of_family["people"] == whole["families"][0]["people"]


def test_a_group_that_is_not_there_or_too_small_is_404(client: FlaskClient) -> None:
    assert "no such group" in problem(client.get("/v1/insight?department=Nowhere"), 404)["detail"]
    assert problem(client.get("/v1/insight?department="), 400)
    assert problem(client.get("/v1/insight?office=1"), 400)
    page = client.get("/insight?department=Nowhere")
    assert page.status_code == 404
    assert "Nothing can be shown of this part" in page.text


def test_nobody_is_on_any_page_or_in_the_answer(client: FlaskClient) -> None:
    with database_of(client).read() as connection:
        people = list(rows.everything(connection, "default", "employees"))
    whole = client.get("/v1/insight").get_json()
    parts = [f"?department={row['department']}" for row in whole["departments"]]
    parts += [f"?role_family={row['role_family']}" for row in whole["families"]]
    texts = [client.get(page).text for page in PAGES]
    texts += [
        client.get(f"{page}{part}").text for part in parts for page in ("/insight", "/insight/gaps", "/v1/insight")
    ]
    searched = "\n".join(texts)
    named = [one[key] for one in people for key in ("employee_id", "name") if one[key]]
    assert len(named) > 400
    assert [one for one in named if re.search(rf"\b{re.escape(one)}\b", searched)] == []


def test_no_answer_holds_a_number_of_people_under_five(client: FlaskClient) -> None:
    whole = client.get("/v1/insight").get_json()
    answers = [whole]
    answers += [
        client.get("/v1/insight", query_string={"department": row["department"]}).get_json()
        for row in whole["departments"]
    ]
    counts = [n for answer in answers for n in numbers_of(answer, {"people", "starters", "without_role"})]
    assert len(counts) > 100
    assert min(counts) >= 5
    shares = [n for answer in answers for n in numbers_of(answer, {"coverage", "assumed"})]
    assert min(shares) >= 5
    assert max(shares) <= 95
    for answer in answers:
        for gap in answer["gaps"]:
            assert gap.get("people", 0) <= answer["people"] - 5


def numbers_of(value: Any, names: set[str]) -> Iterator[int]:
    if isinstance(value, dict):
        yield from (one for name, one in value.items() if name in names)
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from numbers_of(one, names)


def test_each_page_has_one_heading_and_tables_with_headers(client: FlaskClient) -> None:
    for address in PAGES:
        page = client.get(address)
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        levels = [int(one) for one in re.findall(r"<h([1-6])", page.text)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), address
        for table in re.findall(r"<table.*?</table>", page.text, re.DOTALL):
            assert all('scope="' in one for one in re.findall(r"<th\b.*?>", table))
            assert 'scope="row"' in table
        regions = re.findall(r'<div class="scroll" role="group" aria-labelledby="([^"]+)" tabindex="0">', page.text)
        assert page.text.count("<table") == len(regions)
        assert all(f'id="{one}"' in page.text for one in regions)
        assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
        assert len(page.data) < 100_000
        assert 'aria-current="page"' in page.text


def test_the_table_shows_the_figures_of_the_answer(client: FlaskClient) -> None:
    answer = client.get("/v1/insight").get_json()
    table = re.search(r"<table class=\"heat\">.*?</table>", client.get("/insight").text, re.DOTALL)
    assert table is not None
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)[1:]:
        name = re.search(r"<bdi>(.*?)</bdi>", row)
        cells = [re.sub(r"<.*?>", "", one).strip() for one in re.findall(r"<td.*?</td>", row, re.DOTALL)]
        found[name[1] if name else ""] = cells
    for row in answer["departments"]:
        cells = found[escape(row["department"])]
        assert int(cells[0]) == row["people"]
        shares = [row["coverage"], row["assumed"], *(row["skills"].get(one["skill_id"]) for one in answer["skills"])]
        assert cells[1:] == [in_words(one) for one in shares]


def in_words(share: int | None) -> str:
    if share is None:
        return "·not shown"
    return "≤ 5%" if share <= 5 else "≥ 95%" if share >= 95 else f"{share}%"


def test_the_lowest_stand_first_and_pages_follow_one_another(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.insight.ROWS_A_PAGE", 3)
    n = len(client.get("/v1/insight").get_json()["roles"])
    pages = [client.get(f"/insight?by=role&page={i + 1}").text for i in range(-(-n // 3))]
    shares = [
        int(one)
        for page in pages
        for one in re.findall(r"</th>\s*<td>\d+</td>\s*<td class=\"heat-\d\">\D*(\d+)%", page)
    ]
    assert len(shares) == n
    assert shares == sorted(shares)
    assert "Page 1 of" in pages[0]
    assert client.get("/insight?by=role&page=99999").text.count('rel="next"') == 0


def test_hostile_names_stay_text(sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script>\u202e"' + "x" * 10_000
    with stored_client("sqlite", sample_company, tmp_path, models=fitted_models, now=model_as_of) as asking:
        with database_of(asking).write("default", catalogue=True) as connection:
            for one in list(rows.everything(connection, "default", "skills")):
                rows.put(connection, "default", "skills", [one | {"name": hostile}])
            for one in list(rows.everything(connection, "default", "employees")):
                rows.put(connection, "default", "employees", [one | {"department": f"{one['department']}{hostile}"}])
        settled(asking)
        enter_insight(asking)
        for page in PAGES:
            found = asking.get(page)
            assert found.status_code == 200
            assert "<script" not in found.text
            assert len(found.data) < 100_000
        assert "&lt;script&gt;" in asking.get("/insight").text


def test_an_empty_company_says_what_it_lacks(fitted_models: Path, model_as_of: int, tmp_path: Path) -> None:
    app = make_app(fitted_models, model_as_of, database=f"sqlite:///{tmp_path / 'empty.db'}")
    asking = app.test_client()
    settled(asking)
    enter_insight(asking)
    answer = asking.get("/v1/insight").get_json()
    assert "people" not in answer
    assert (answer["gaps"], answer["departments"]) == ([], [])
    assert "Fewer than five people hold a role" in asking.get("/insight").text
    for page in PAGES:
        assert asking.get(page).status_code == 200
    opened = opened_database(app)
    assert opened is not None
    opened.close()


def test_while_the_first_figures_are_made_nobody_waits(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, began = threading.Event(), []

    def slow(*arguments: Any, **named: Any) -> Any:
        began.append(1)
        assert may_end.wait(30)
        return make_overview(*arguments, **named)

    monkeypatch.setattr(making, "make_overview", slow)
    monkeypatch.setattr(making, "WAIT_SECONDS", 0.01)
    kept = client.application.extensions["lpr_insight"]
    client.application.extensions["lpr_insight"] = Overviews()
    try:
        monkeypatch.setattr(making.overview, "__kwdefaults__", {"wait": 0.01})
        answer = client.get("/v1/insight")
        assert problem(answer, 503)["type"] == "urn:lpr:problem:being-made"
        assert answer.headers["Retry-After"] == "2"
        page = client.get("/insight/gaps")
        assert page.headers["Refresh"] == "2"
        assert "being worked out" in page.text
        may_end.set()
        settled(client)
        assert "Refresh" not in client.get("/insight/gaps").headers
        assert began == [1]
    finally:
        may_end.set()
        client.application.extensions["lpr_insight"] = kept


def test_figures_are_made_anew_after_ten_minutes_if_something_changed(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path: Path
) -> None:
    with stored_company("sqlite", sample_company, tmp_path) as url:
        database = Database(url)
        live = models_of(make_app(fitted_models, model_as_of)).served("default")
        overviews, now = Overviews(), model_as_of

        def made_at(at: int) -> int:
            found = overviews.get(database, live, "default", now=at, wait=60)
            making_one = overviews._making["default"]
            assert making_one.done.wait(60)
            assert found is not None
            return found.made_at - now

        assert made_at(now) == 0
        assert made_at(now + 10_000) == 0  # nothing changed
        assert made_at(now + 86_400) == 0  # a day old: made anew, the old ones told meanwhile
        assert made_at(now + 86_401) == 86_400
        with database.write("default"):
            pass
        assert made_at(now + 86_400 + 599) == 86_400
        assert made_at(now + 86_400 + 600) == 86_400
        assert made_at(now + 86_400 + 601) == 86_400 + 600
        database.close()


@pytest.fixture
def service(fitted_models: Path, model_as_of: int, tmp_path: Path) -> Iterator[Guarded]:
    with guarded(fitted_models, f"sqlite:///{tmp_path / 'lpr.db'}", model_as_of) as found:
        yield found


def test_only_keys_of_the_scope_insight_see_the_figures_and_they_see_nothing_else(
    service: Guarded, sample_company: Path
) -> None:
    database = Database(service.url)
    load(database, sample_company)
    database.close()
    _, manager = service.key("insight")
    _, reader = service.key("read", "write")
    assert service.client.get("/v1/insight", headers=reader).status_code == 403
    assert service.client.get("/v1/insight").status_code == 401
    statuses = {service.client.get("/v1/insight", headers=manager).status_code for _ in range(30)}
    assert 200 in statuses <= {200, 503}
    assert service.client.get("/v1/employees", headers=manager).status_code == 403
    assert service.client.get("/insight", headers=manager).status_code == 403
