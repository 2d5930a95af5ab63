"""Reading requests: query parameters, ids in paths, strict JSON, and what a wrong value is told."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from service_asking import ASK, pointers, problem

from web.guards import trace_id_of
from web.ids import IdConverter, accept_ids
from web.problems import Problem, handle_errors
from web.reading import MAX_DEPTH, read_body, read_json, read_query
from web.schemas import Id, Mode, Moment, Strict, Words


class Asked(Strict):
    """Parameters of every kind."""

    k: Annotated[int, Field(ge=1, le=100)] = 10
    weight: float | None = None
    gone: bool = False
    since: Moment | None = None
    mode: Mode | None = None
    language: Words = Field(default_factory=list)
    level: list[int] = Field(default_factory=list)
    id: Id | None = None


class Named(Strict):
    """Parameters that are not those of `Asked`."""

    id: Id | None = None


bare = Flask("bare")


def asked(query: str | bytes) -> Asked:
    text = query if isinstance(query, str) else query.decode("latin-1")
    with bare.test_request_context("/", environ_overrides={"QUERY_STRING": text}):
        return read_query(Asked)


def refused(query: str | bytes) -> dict[str, str]:
    with pytest.raises(Problem) as found:
        asked(query)
    return {one.pointer: one.detail for one in found.value.errors}


@pytest.mark.parametrize("n", [1, 40])
def test_a_query_read_again_says_the_same(n: int) -> None:
    """Short ones are remembered, long ones are not: neither may say what another schema or another text says."""
    languages = [f"l{i}" for i in range(n)]
    query = "k=7" + "".join(f"&language={one}" for one in languages)
    first, again = asked(query), asked(query)
    assert first == again == Asked(k=7, language=languages)
    assert (first is again) == (n == 1)
    assert asked(query.replace("k=7", "k=8")).k == 8
    for _ in range(2):
        assert "/k" in refused(query.replace("k=7", "k=0"))
    with bare.test_request_context("/", environ_overrides={"QUERY_STRING": query}), pytest.raises(Problem):
        read_query(Named)


def test_texts_become_what_the_schema_has() -> None:
    found = asked(
        "k=7&weight=2.5e1&gone=true&since=1970-01-02&mode=upskill&language=en&language=fr&level=3&id=a%2Fb%20c"
    )
    assert found == Asked.model_construct(
        k=7, weight=25.0, gone=True, since=86_400, mode="upskill", language=["en", "fr"], level=[3], id="a/b c"
    )
    assert asked("") == Asked()
    assert asked("language=en").language == ["en"]
    assert asked("weight=3").weight == 3.0


@pytest.mark.parametrize(
    ("query", "pointer", "said"),
    [
        ("k=", "/k", "found ''; expected a whole number"),
        ("k=7.0", "/k", "found '7.0'; expected a whole number"),
        ("k=1_0", "/k", "found '1_0'; expected a whole number"),
        ("k=%207", "/k", "expected a whole number"),
        ("k=٧", "/k", "not percent-encoded"),
        ("k=%D9%A7", "/k", "expected a whole number"),
        ("k=101", "/k", "found 101; expected at most 100"),
        ("k=1&k=2", "/k", "found 2 values; expected the parameter once"),
        ("weight=nan", "/weight", "found 'nan'; expected a number"),
        ("weight=inf", "/weight", "expected a number"),
        ("weight=1e999", "/weight", "expected a finite number"),
        ("gone=1", "/gone", "found '1'; expected true or false"),
        ("gone=True", "/gone", "expected true or false"),
        ("since=soon", "/since", "expected an ISO 8601 date"),
        ("mode=fast", "/mode", "expected one of upskill"),
        ("level=2&level=x", "/level/1", "found 'x'; expected a whole number"),
        ("language[]=en", "/language[]", "no such parameter; expected k, weight, "),
        ("id=%00", "/id", "without control characters"),
        ("id=" + "x" * 257, "/id", "found 257 characters; expected at most 256"),
        ("id=%FF", "", "not percent-encoded UTF-8"),
        ("language=x&" * 10_001, "", "too many parameters; expected at most 10000"),
    ],
)
def test_what_is_not_as_expected_is_named(query: str, pointer: str, said: str) -> None:
    if not query.isascii():
        pointer = ""
    found = refused(query.encode() if not query.isascii() else query)
    assert list(found) == [pointer]
    assert said in found[pointer]


def test_every_wrong_parameter_is_named_at_once() -> None:
    assert set(refused("k=0&k=1&weight=x&other=1&gone=maybe")) == {"/k", "/weight", "/other", "/gone"}


# Ids in paths

paths = Flask("paths")
accept_ids(paths)
handle_errors(paths)


@paths.get("/people/<id:employee_id>/courses/<id:course_id>")
def both(employee_id: str, course_id: str) -> dict[str, str]:
    return {"employee": employee_id, "course": course_id}


@paths.get("/people/<id:employee_id>")
def one_person(employee_id: str) -> dict[str, str]:
    return {"employee": employee_id}


_SENT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    lambda one: one not in {".", ".."}
)


@settings(deadline=None)
@given(employee=_SENT, course=_SENT)
def test_any_two_ids_arrive_as_they_were_sent(employee: str, course: str) -> None:
    to_url = IdConverter(paths.url_map).to_url
    answer = paths.test_client().get(f"/people/{to_url(employee)}/courses/{to_url(course)}")
    assert answer.get_json() == {"employee": employee, "course": course}


@pytest.mark.parametrize(
    ("path", "employee"),
    [
        ("/people/a%2Fcourses%2Fb", "a/courses/b"),
        ("/people/100%25", "100%"),
        ("/people/a%252Fb", "a%2Fb"),
        ("/people/a+b", "a+b"),
        ("/people/%2E%2E%2Fadmin", "../admin"),
        ("/peop%6Ce/a", "a"),
    ],
)
def test_one_segment_is_one_id(path: str, employee: str) -> None:
    assert paths.test_client().get(path).get_json() == {"employee": employee}


@pytest.mark.parametrize("sent", ["%00", "a%0Ab", "%C2%85", "%FF", "x" * 257, "%ED%A0%80"])
@pytest.mark.parametrize("given_raw", [True, False])
def test_an_id_that_cannot_be_one_is_refused(sent: str, given_raw: bool) -> None:
    path = f"/people/{sent}"
    decoded = unquote_to_bytes(path).decode("latin-1")
    environ = {"PATH_INFO": decoded, "RAW_URI": path if given_raw else ""}
    answer = paths.test_client().get("/", environ_overrides=environ)
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "urn:lpr:problem:invalid-request"


@pytest.mark.parametrize("path", ["/people/", "/people//a", "/people//courses/b"])
def test_an_empty_segment_is_no_id(path: str) -> None:
    environ = {"PATH_INFO": path, "RAW_URI": path}
    assert paths.test_client().get("/", environ_overrides=environ).status_code == 404


@pytest.mark.parametrize("raw", ["/people/a%2Fb?q=1", "http://localhost/people/a%2Fb", "/lpr/people/a%2Fb"])
def test_the_path_is_read_as_it_was_sent(raw: str) -> None:
    within = "/lpr" if raw.startswith("/lpr") else ""
    environ = {"RAW_URI": raw, "PATH_INFO": "/people/a/b", "SCRIPT_NAME": within}
    assert paths.test_client().get("/", environ_overrides=environ).get_json() == {"employee": "a/b"}


@pytest.mark.parametrize("raw", ["", "/elsewhere", "*", "//people/a%25b"])
def test_a_path_that_is_not_the_one_sent_is_taken_decoded(raw: str) -> None:
    environ = {"RAW_URI": raw, "PATH_INFO": "/people/a%b"}
    assert paths.test_client().get("/", environ_overrides=environ).get_json() == {"employee": "a%b"}


# Strict JSON


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)


@pytest.mark.parametrize("text", [b'["[[[{{{"]', b'["\\"[[["]', b'["\\\\", "["]', b'"[' + b"[" * 200 + b'"'])
def test_brackets_in_texts_are_no_depth(text: bytes) -> None:
    many = b"[" + b",".join([text] * 60) + b"]"
    assert len(read_json(many)) == 60


def test_json_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    assert read_json(nested(MAX_DEPTH)) is not None
    assert read_json(b"[" + b",".join([b"[]"] * 500) + b"]") == [[]] * 500
    for body in (nested(MAX_DEPTH + 1), b"[" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(Problem) as found:
            read_json(body)
        assert "nested too deep; expected at most 100 levels" in found.value.errors[0].detail


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"\\uDfff": 1}', '["\\udc00\\ud800"]'])
def test_half_of_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(Problem) as found:
        read_json(text.encode())
    assert "surrogate" in found.value.errors[0].detail
    assert read_json(b'["\\ud83d\\ude00", "\\\\ud800"]') == ["😀", "\\ud800"]


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({"person": {}, "k": "5"}, "/k", "found '5'; expected a whole number"),
        ({"person": {}, "k": 2.5}, "/k", "found 2.5; expected a whole number"),
        ({"person": {}, "k": True}, "/k", "found true; expected a whole number"),
        ({"person": {}, "k": 0}, "/k", "found 0; expected at least 1"),
        ({"person": {}, "k": None}, "/k", "found null; expected a whole number"),
        ({"person": {}, "goal_weight": "x"}, "/goal_weight", "found 'x'; expected a number"),
        ({"person": {}, "exclude": {}}, "/exclude", "found an object; expected a list"),
        ({"person": []}, "/person", "found a list; expected an object"),
        ({"person": {"role_id": ""}}, "/person/role_id", "found 0 characters; expected at least 1"),
        ({"person": {"role_id": 7}}, "/person/role_id", "found 7; expected text"),
        ({"person": {"role_id": "a\x00b"}}, "/person/role_id", "found 'a\\x00b'; expected text without control"),
        ({"person": {"department": "a\nb"}}, "/person/department", "expected text without control characters"),
        ({"person": {}, "language": ["x"] * 101}, "/language", "found 101 elements; expected at most 100"),
        (
            {"person": {"in_progress": [{"course_id": "a", "progress": 1}]}},
            "/person/in_progress/0/progress",
            "found 1; expected less than 1",
        ),
        ([], "", "found a list; expected an object"),
    ],
)
def test_what_was_found_and_expected_is_said_in_our_words(
    client: FlaskClient, body: Any, pointer: str, said: str
) -> None:
    found = problem(client.post(ASK, data=json.dumps(body), content_type="application/json"), 400)["errors"]
    assert [one["pointer"] for one in found] == [pointer]
    assert said in found[0]["detail"]


# Tracing

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_valid_traceparent_is_given_back(client: FlaskClient) -> None:
    for path in ("/health/live", "/no/such/place"):
        assert client.get(path, headers={"traceparent": TRACE}).headers["traceparent"] == TRACE
    assert trace_id_of(TRACE) == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert "traceparent" not in client.get("/health/live").headers


@pytest.mark.parametrize(
    "sent",
    [
        TRACE.replace("00-", "01-", 1),
        TRACE.upper(),
        TRACE + "-x",
        TRACE[:-1],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "<script>",
    ],
)
def test_any_other_is_not(client: FlaskClient, sent: str) -> None:
    assert "traceparent" not in client.get("/health/live", headers={"traceparent": sent}).headers
    assert trace_id_of(sent) == ""


def test_a_body_is_read_once_and_by_its_type(client: FlaskClient) -> None:
    with bare.test_request_context("/", method="POST", data=b"{}", content_type="text/json"):
        assert request.mimetype == "text/json"
        with pytest.raises(Problem, match="application/json"):
            read_body(Asked)
    assert pointers(client.post(ASK, data=b"{}", content_type="application/json; charset=utf-8")) == ["/person"]


@pytest.mark.parametrize("n", [99_999, 100_000, 300_000])
def test_a_body_sent_in_chunks_is_never_cut_off(client: FlaskClient, n: int) -> None:
    """The limit is 100,000 bytes here; of a longer one the part that fits would be other JSON, or none."""
    body = b'{"person": {}}'.ljust(n)
    unended = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post(ASK, content_type="application/json", environ_overrides=unended)
    assert answer.status_code == (200 if n < 100_000 else 413), answer.text


@pytest.mark.parametrize(("said", "status"), [("100000", 200), ("100001", 413), ("9" * 5_000, 400), ("99999", 200)])
def test_a_body_is_read_as_far_as_its_length_says(client: FlaskClient, said: str, status: int) -> None:
    """What follows is the next request's; the limit is 100,000 bytes here."""
    sent = BytesIO(b'{"person": {}}'.ljust(100_000) + b"POST /")
    answer = client.post(
        ASK, content_type="application/json", environ_overrides={"wsgi.input": sent, "CONTENT_LENGTH": said}
    )
    assert answer.status_code == status, answer.text
    assert status != 200 or sent.tell() == int(said)


@pytest.mark.parametrize("said", ["application/json", "application/json; charset=utf-8"])
def test_a_body_that_ends_early_is_refused(client: FlaskClient, said: str) -> None:
    cut = {"wsgi.input": BytesIO(b'{"person": {}}'), "CONTENT_LENGTH": "15"}
    assert client.post(ASK, content_type=said, environ_overrides=cut).status_code == 400


def test_a_body_whose_connection_is_lost_is_refused(client: FlaskClient) -> None:
    class Lost(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    lost = {"wsgi.input": Lost(), "CONTENT_LENGTH": "15"}
    assert client.post(ASK, content_type="application/json", environ_overrides=lost).status_code == 400


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_a_usual_body_is_read_as_any_other(value: Any, escaped: bool, indent: int | None) -> None:
    sent = json.dumps(value, ensure_ascii=escaped, indent=indent)
    # As Python's own reader has it, type for type.
    assert repr(read_json(sent.encode())) == repr(json.loads(sent))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": "x", "b": {"c": 1, "c": "y"}}',
        '[{"a": "b", "a": "b"}]',
        '{"": 0, "": 0}',
        '{"a": [], "\\u0061": []}',
    ],
)
def test_a_field_given_twice_is_refused_wherever_it_stands(text: str) -> None:
    with pytest.raises(Problem) as found:
        read_json(text.encode())
    assert [one.detail for one in found.value.errors] == ["not usable as JSON: a field is given twice"]


def test_a_long_number_is_not_rounded() -> None:
    assert read_json(b"[12345678901234567890123]") == [12345678901234567890123]
