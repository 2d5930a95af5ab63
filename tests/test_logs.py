"""The log: stack traces without values, one format for all, and settings that are refused."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from service_asking import ASK, make_app

from recommender.errors import ArtifactError, ConfigError
from service import create_app
from web.config import ServiceConfig
from web.logs import RequestLog, _now, configure_logs, style_of

SECRET = "ada@example.com"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Return the root logger and put it back as it was."""
    log = logging.getLogger()
    handlers, level = list(log.handlers), log.level
    yield log
    log.handlers[:] = handlers
    log.setLevel(level)


def fail(person: str) -> None:
    try:
        raise KeyError(person)
    except KeyError as error:
        raise ValueError(f"cannot find {person}") from error


def test_a_failure_is_logged_by_its_lines_without_values(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("json")
    try:
        fail(SECRET)
    except ValueError:
        logging.getLogger("lpr.web").exception("request %s failed", "r-1")
    text = capsys.readouterr().err
    line = json.loads(text)
    assert SECRET not in text
    assert (line["level"], line["event"], line["logger"], line["error"]) == (
        *("error", "request r-1 failed", "lpr.web", "ValueError"),
    )
    assert list(line)[:3] == ["time", "level", "event"]
    # The cause first, and the function both came through.
    assert line["stack"].index("KeyError\n") < line["stack"].index("ValueError\n")
    assert line["stack"].count("in fail") == 2


def test_an_error_that_names_files_only_keeps_its_message(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("json")
    logging.getLogger("x").error("no", exc_info=ArtifactError("models/v1: damaged"))
    assert json.loads(capsys.readouterr().err)["stack"] == "ArtifactError: models/v1: damaged\n"


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        (f"Invalid request from ip=127.0.0.1: GET /{SECRET}", "Invalid request from"),
        (f"Error handling request /v1/employees/{SECRET}", "Error handling request"),
        ("Booting worker with pid: 7", "Booting worker with pid: 7"),
    ],
)
def test_what_the_server_quotes_is_cut_off(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], message: str, logged: str
) -> None:
    configure_logs("json")
    logging.getLogger("gunicorn.error").warning(message)
    assert json.loads(capsys.readouterr().err)["event"] == logged


def test_configuring_again_logs_once(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")
    configure_logs("text")
    logging.getLogger("x").warning("once")
    (line,) = capsys.readouterr().err.splitlines()
    assert "event='once'" in line


def test_the_style_is_that_of_the_setting_else_json_where_no_terminal_is() -> None:
    assert style_of({"LPR_LOG": "text"}, io.StringIO()) == "text"
    assert style_of({}, io.StringIO()) == "json"
    with pytest.raises(ConfigError, match="LPR_LOG: found 'xml'"):
        style_of({"LPR_LOG": "xml"}, io.StringIO())


@pytest.mark.parametrize(("given", "logs"), [({}, True), ({"LPR_REQUEST_LOG": "0"}, False)])
def test_requests_are_logged_unless_switched_off(given: dict[str, str], logs: bool) -> None:
    assert ServiceConfig.from_environment(given).request_log is logs


def test_a_wrong_switch_is_refused() -> None:
    with pytest.raises(ConfigError, match="LPR_REQUEST_LOG"):
        ServiceConfig.from_environment({"LPR_REQUEST_LOG": "yes"})


def test_the_moment_of_a_line_is_written_to_the_microsecond(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = {
        1_772_357_400_000_000_999: "2026-03-01T09:30:00.000000Z",
        1_772_357_401_023_456_789: "2026-03-01T09:30:01.023456Z",
    }
    for at, text in moments.items():
        monkeypatch.setattr("web.logs.time.time_ns", lambda at=at: at)
        assert _now() == text


def test_a_log_nobody_reads_fails_no_request(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())
    client = create_app(ServiceConfig(models=models, request_log=True)).test_client()
    assert client.get("/health/live").status_code == 200


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as file:
        log = RequestLog(file)

        def write(n: int) -> None:
            for i in range(200):
                log.add("info", {"n": n, "i": i})

        threads = [Thread(target=write, args=(n,)) for n in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        # Nothing waits in the file's buffer: who reads the log sees a line as soon as it is added.
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted((one["n"], one["i"]) for one in lines) == [(n, i) for n in range(4) for i in range(200)]
    assert {(one["level"], one["event"]) for one in lines} == {("info", "request")}


def test_a_pipe_nobody_reads_fails_no_request(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        client = create_app(ServiceConfig(models=models, request_log=True)).test_client()
        assert client.get("/health/live").status_code == 200


def test_invented_methods_and_paths_make_no_series(models: Path) -> None:
    client = make_app(models, 0).test_client()
    for i in range(5):
        client.open(f"/nowhere/{i}", method=f"ODD{i}")
    client.post(ASK, json={})
    lines = [one for one in client.get("/metrics").text.splitlines() if one.startswith("lpr_request_seconds_count")]
    assert {line.rpartition(" ")[0].partition("{")[2] for line in lines} >= {
        'method="other",route="(none)",status="4xx"}',
        'method="POST",route="/v1/recommendations",status="4xx"}',
    }
    assert not [line for line in lines if "ODD" in line or "nowhere" in line]
