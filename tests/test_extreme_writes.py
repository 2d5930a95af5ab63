"""What is allowed by its type and absurd by its size: refused when it is put, so that no later answer fails of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS
from flask.testing import FlaskClient
from service_asking import DAY, pointers
from stored_company import stored_client

from recommender.schema import LEAST_NUMBER, MOST_NUMBER

MOVER = {"role_id": "data-analyst", "target_role_id": "data-engineer"}


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest,
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    folder, now = tmp_path_factory.mktemp("extreme"), model_as_of + 10 * DAY
    with stored_client(request.param, sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"hours": 1e300}, "/hours"),
        ({"hours": 1e-320}, "/hours"),
        ({"hours": 0}, "/hours"),
        ({"cost": 1e300}, "/cost"),
        ({"skills": [{"skill_id": "python", "confidence": 1e-320}]}, "/skills/0/confidence"),
    ],
)
def test_a_number_that_single_precision_cannot_hold_is_refused(
    client: FlaskClient, more: dict[str, Any], pointer: str
) -> None:
    assert pointers(client.put("/v1/courses/absurd", json={"title": "Absurd", **more})) == [pointer]


def test_an_importance_that_single_precision_takes_for_none_is_refused(client: FlaskClient) -> None:
    needs = [{"skill_id": "python", "importance": 1e-320}]
    assert pointers(client.put("/v1/roles/absurd", json={"title": "Absurd", "skills": needs})) == [
        "/skills/0/importance"
    ]


@pytest.mark.parametrize("more", [{"hours": LEAST_NUMBER}, {"hours": MOST_NUMBER, "cost": MOST_NUMBER}])
def test_the_most_that_it_can_hold_is_answered_with_finite_numbers(client: FlaskClient, more: dict[str, Any]) -> None:
    taught = [{"skill_id": "data-engineering", "level": 5}, {"skill_id": "python", "level": 5}]
    course = {"title": "Absurd", "language": "en", "skills": taught, **more}
    assert client.put("/v1/courses/absurd", json=course).status_code in {200, 201}
    assert client.put("/v1/employees/mover", json=MOVER).status_code in {200, 201}
    for asked in ("recommendations?only=absurd", "path", "path?hours=40&budget=100", "skill-gap"):
        answer = client.get(f"/v1/employees/mover/{asked}")
        assert answer.status_code == 200, (asked, answer.text)
        assert not {word for word in ("Infinity", "NaN") if word in answer.text}, asked
    assert client.delete("/v1/courses/absurd").status_code == 204


def words(n: int, first: int, last: int) -> str:
    """Return `n` characters that no database can store in less."""
    draw = random.Random(n)
    return "".join(chr(draw.randint(first, last)) for _ in range(n))


@pytest.mark.parametrize(("n", "status"), [(990, 201), (1_500, 400), (9_000, 400)])
def test_the_uri_of_a_course_fits_into_every_index(client: FlaskClient, n: int, status: int) -> None:
    uri = "urn:x:" + words(n, 0x61, 0x7A)
    assert client.put(f"/v1/courses/long-{n}", json={"title": "Long", "uri": uri}).status_code == status


@pytest.mark.parametrize(("n", "status"), [(480, 201), (990, 400)])
def test_an_identity_fits_into_every_index(client: FlaskClient, n: int, status: int) -> None:
    value = "https://x.org|" + words(n, 0x1F300, 0x1F5FF)
    body = {"identities": [{"kind": "account", "value": value}]}
    assert client.put(f"/v1/employees/long-{n}", json=body).status_code == status


@pytest.mark.parametrize("dots", [".", ".."])
def test_no_id_is_one_that_clients_take_out_of_a_path(client: FlaskClient, dots: str) -> None:
    one = client.put("/v1/employees", json=[{"employee_id": dots}])
    assert one.status_code == 400
    assert pointers(one) == ["/0/employee_id"]
    assert client.put("/v1/employees", json=[{"employee_id": "..."}]).status_code == 200
