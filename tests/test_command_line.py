"""The command line: its documentation, its exit codes, its output, and what it leaves behind."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel
from reading_pages import read_page

from recommender import activation
from recommender.moments import moment_text
from training.__main__ import lpr, main
from training.commands.reference import leaves, reference, renewed
from training.config import FitConfig
from training.progress import PlainProgress, shown_on

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = ROOT / "docs" / "operations.md"
COMMANDS = dict(leaves(lpr, "lpr"))


# Documentation


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path.split()[1:], "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example:\n    {path}" in shown


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_says_what_it_does(path: str) -> None:
    options = [one for one in COMMANDS[path].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_the_reference_in_the_documentation_is_that_of_the_commands() -> None:
    page = OPERATIONS.read_text(encoding="utf-8")
    assert renewed(page) == page, "renew it: python -m training.commands.reference docs/operations.md"


def test_the_reference_names_every_command_and_option() -> None:
    written = reference(lpr)
    for path, command in COMMANDS.items():
        assert f"### `{path}`" in written
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in written


def test_the_reference_names_every_setting_of_a_fit() -> None:
    page = OPERATIONS.read_text(encoding="utf-8")

    def check(config: type[BaseModel], within: str) -> None:
        for name, field in config.model_fields.items():
            if isinstance(field.default, BaseModel):
                assert f"`[{within}{name}]`" in page
                check(type(field.default), f"{within}{name}.")
            else:
                assert f"| `{name}` |" in page

    check(FitConfig, "")


def test_a_wrong_setting_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fit.toml").write_text("[hybrid]\nfactors = 0\nepoch = 3\n")
    assert main(["fit", str(tmp_path), "--config", str(tmp_path / "fit.toml")]) == 2
    said = capsys.readouterr().err
    assert "hybrid.factors" in said
    assert "hybrid.epoch" in said


def test_the_sources_named_in_the_help_of_import_are_all_there_are() -> None:
    from training.sources import SOURCES

    said = " ".join((COMMANDS["lpr import"].help or "").split())
    assert said.split("SOURCE is ")[1].split(";")[0].replace(" or ", ", ").split(", ") == list(SOURCES)


def in_a_process_of_its_own(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_that_starts_the_service_waits_for_nothing_the_service_imports_again() -> None:
    in_a_process_of_its_own(
        "import sys; from training.commands.serving import serve; from training import server\n"
        "assert not {'numpy', 'pydantic', 'sqlalchemy', 'flask'} & set(sys.modules), sorted(sys.modules)"
    )


def test_the_collector_rests_while_the_service_starts_and_works_from_then_on() -> None:
    in_a_process_of_its_own(
        "import gc; from web import gunicorn_settings\n"
        "assert not gc.isenabled()\n"
        "gunicorn_settings.when_ready(None)\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 0"
    )


def test_a_process_forked_after_the_settings_were_read_again_collects_too() -> None:
    in_a_process_of_its_own(
        "import gc; from types import SimpleNamespace; from service import create_app\n"
        "from web import gunicorn_settings; from web.config import ServiceConfig\n"
        "assert not gc.isenabled()\n"
        "gunicorn_settings.post_worker_init(SimpleNamespace(wsgi=create_app(ServiceConfig())))\n"
        "assert gc.isenabled()"
    )


# Exit codes and messages


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["fit"], "expected either the directory DATA or --db URL"),
        (["import", "nowhere", ".", "out"], "expected one of mars, coco"),
        (["fit", "no-such-directory"], "no such directory"),
        (["fit", ".", "--as-of", "soon"], "expected an ISO 8601"),
        (["fit", ".", "--as-of", "2999-01-01"], "expected a moment that has come"),
        (["fit", ".", "--version", "../up"], "not a usable name"),
        (["fit", ".", "--tenant", ".."], "not a usable name"),
        (["models", "rollback", "--models", "none"], "nothing to roll back"),
        (["models", "activate", "v9", "--models", "none"], "no such version"),
        (["models", "show", "--models", "none"], "no live version"),
        (["recommend", "."], "expected --out FILE, --paths-out FILE or --json"),
        (["recommend", ".", "--out", "x.csv", "--models", "none"], "no live version"),
        (["serve", "--models", "none"], "no live version"),
        (["serve", "--db", "mysql://nowhere/at-all"], "expected sqlite:///FILE or postgresql://"),
        (["serve", "--db", "sqlite:///:memory:"], "expected sqlite:///FILE or postgresql://"),
        (["serve", "--demo", "--host", "0.0.0.0"], "no keys"),
        (["serve", "--demo", "--host", "example.com"], "no keys"),
        (["serve", "--demo", "--host", "::"], "no keys"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_is_wrong(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert said in " ".join(shown.err.split())
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["sample", str(tmp_path / "file" / "out"), "--employees", "5"]) == 2
    assert "file" in capsys.readouterr().err


def test_check_ends_with_2_for_tables_a_fit_would_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "courses.csv").write_text("course_id,title\na,A\na,B\n")
    assert main(["check", str(tmp_path)]) == 2
    assert "again" in capsys.readouterr().out
    assert main(["check", str(tmp_path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2
    assert main(["fit", str(tmp_path), "--models", str(tmp_path / "models")]) == 2
    assert "again" in capsys.readouterr().err
    assert activation.versions(tmp_path / "models", "default") == ()


def test_an_interrupt_ends_cleanly(tmp_path: Path) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "training", "sample", str(tmp_path / "out"), "--employees", "200000"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # Not measured: an interrupt inside the tracer of coverage leaves its lock held, and the command waits forever.
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
        # A shell that runs the tests in the background has them, and all they start, ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with command:
        assert command.stderr is not None
        command.stderr.readline()
        command.send_signal(signal.SIGINT)
        said = command.communicate(timeout=60)[1]
    assert command.returncode == 130
    assert said.endswith("interrupted\n")
    assert "Traceback" not in said


def test_a_reader_that_stops_reading_is_no_crash(models: Path) -> None:
    script = f'"{sys.executable}" -m training models show --models "{models}" | true'
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""


# Models


def test_a_fit_is_saved_with_its_card_and_everything_that_made_it(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "show", "--models", str(models), "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["version"] == "v1"
    assert manifest["threads"] == 1
    assert manifest["config"]["threads"] == 1
    assert {"python", "numpy", "lightfm-next"} <= set(manifest["packages"])
    assert len(manifest["data_fingerprint"]) == 64
    assert manifest["metrics"]["fit"]["seconds"] > 0
    assert main(["models", "show", "v1", "--models", str(models)]) == 0
    card = capsys.readouterr().out
    assert card.startswith("# Model v1\n")
    assert manifest["data_fingerprint"] in card
    assert manifest["files"]["MODEL_CARD.md"]["size"] == len(card.rstrip("\n").encode()) + 1


def test_versions_are_listed_activated_rolled_back_and_pruned(
    sample_company: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*arguments: str) -> Any:
        assert main(["models", *arguments, "--models", str(models), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    fit = ["fit", str(sample_company), "--models", str(models), "--threads", "1"]
    assert main([*fit, "--version", "v2", "--no-activate"]) == 0
    assert f"its report: {models / 'default' / 'v2' / 'report.html'}" in capsys.readouterr().out
    compared = json.loads((models / "default" / "v2" / "manifest.json").read_text())["report"]["live"]
    assert (compared["version"], compared["settings"], compared["same_data"]) == ("v1", {}, True)
    assert compared["answers"]["same_list"] == 1.0, "one thread and the same tables give the same lists"
    assert "share 100 % of the ten first courses" in (models / "default" / "v2" / "MODEL_CARD.md").read_text()
    assert ask("list")["live"] == "v1"
    assert [one["version"] for one in ask("list")["models"]] == ["v2", "v1"]
    assert ask("activate", "v2") == {"live": "v2", "previous": "v1"}
    assert ask("rollback") == {"live": "v1", "previous": None}
    assert ask("prune", "--keep", "0") == {"removed": ["v2"]}
    assert main([*fit, "--version", "v1"]) == 2
    assert "exists" in capsys.readouterr().err
    assert main(["models", "list", "--models", str(models)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["*", "v1"]


def test_one_thread_and_the_same_tables_give_the_same_arrays(
    sample_company: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hashes = []
    for version in ("same-1", "same-2"):
        arguments = ["fit", str(sample_company), "--models", str(models), "--threads", "1", "--version", version]
        assert main(arguments) == 0
        manifest = json.loads((models / "default" / version / "manifest.json").read_text())
        hashes.append({name: one["sha256"] for name, one in manifest["files"].items() if name.startswith("arrays/")})
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) > 5
    capsys.readouterr()


# Evaluation


def test_an_evaluation_shows_the_model_beside_the_baselines_and_keeps_its_results(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", str(sample_company), "--report", str(tmp_path), "--cuts", "1", "--threads", "1"]
    arguments += ["--models", str(fitted_models)]
    assert main([*arguments, "--max-employees", "25"]) == 0
    shown = capsys.readouterr().out
    kept = json.loads((tmp_path / "metrics.json").read_text())
    assert set(kept["protocols"]) == {"window", "next"}
    for name in ("model", "random", "popularity", "EASE"):
        assert f"│ {name}" in shown
    assert "| model |" in (tmp_path / "tables.md").read_text()
    assert f"its report: {tmp_path / 'report.html'}" in shown
    page = read_page((tmp_path / "report.html").read_text())
    assert page.wrong == []
    assert kept["calibration"]["questions"] > 100, "the fits of an evaluation say how they went"
    assert "it has seen what is asked" in page.text, "the live model looks from after the cut"
    assert main([*arguments, "--max-employees", "25", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["protocols"] == kept["protocols"]


# Progress


def test_progress_off_a_terminal_is_a_line_a_step_and_one_now_and_then() -> None:
    """A step of 30 parts, one every second: a line when it begins, and every ten seconds."""
    stream, seconds = io.StringIO(), iter(range(100))
    progress = PlainProgress(stream, clock=lambda: next(seconds))
    progress("reading")
    progress("reading")
    for done in range(30):
        progress("fitting", done, 2000)
    said = stream.getvalue().splitlines()
    assert said == ["reading", "fitting: 0 of 2,000", "fitting: 10 of 2,000", "fitting: 20 of 2,000"]


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_on() as progress:
        progress("reading")
    assert capsys.readouterr() == ("", "reading\n")


def everything_from(controller: int) -> str:
    """Read what a closed terminal showed; a terminal without a writer ends with an error or with nothing."""
    shown = b""
    while True:
        try:
            part = os.read(controller, 100_000)
        except OSError:
            part = b""
        if not part:
            os.close(controller)
            return shown.decode()
        shown += part


def test_progress_on_a_terminal_is_a_bar() -> None:
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, shown_on(stream) as progress:
        progress("reading [courses]")
        progress("fitting", 3, 4)
        progress("fitting", 4, 4)
    shown = everything_from(controller)
    assert "reading [courses]" in shown
    assert "━" in shown
    assert "4/4" in shown


def test_the_noise_of_the_sample_company_reaches_it(tmp_path: Path) -> None:
    for noise in ("0.2", "0.5"):
        assert main(["sample", str(tmp_path / noise), "--employees", "60", "--courses", "80", "--noise", noise]) == 0
    calm, loud = ((tmp_path / noise / "completions.csv").read_bytes() for noise in ("0.2", "0.5"))
    assert calm != loud


def test_a_path_is_printed_for_people_and_for_programs(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["path", str(sample_company), "--models", str(fitted_models), "--employee", "E00007"]
    asked += ["--target-role", "data-engineer", "--hours", "20", "--by", "2027-06-30"]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["employee_id"], told["target_role_id"], told["limits"]["hours"]) == ("E00007", "data-engineer", 20)
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert all(step["title"] in said for step in told["steps"])
    assert f"{told['coverage_after']:.0%} after {told['hours']:g} hours" in said


@pytest.mark.parametrize(
    "asked",
    [["path", "--employee", "E00007"], ["explain", "--employee", "E00007", "--course", "C0001"], ["recommend"]],
    ids=lambda asked: asked[0],
)
def test_an_answer_on_the_command_line_ends_as_the_services_does(
    sample_company: Path,
    fitted_models: Path,
    model_as_of: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
) -> None:
    command, *options = asked
    (tmp_path / "who.txt").write_text("E00007\n")
    options += ["--employees", str(tmp_path / "who.txt")] if command == "recommend" else []
    options += ["--models", str(fitted_models), "--as-of", moment_text(model_as_of + 36 * 3600), "--json"]
    assert main([command, str(sample_company), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told)[:3] == ["model_version", "as_of", "employee_id"]
    assert list(told)[-2:] == ["model_as_of", "trend_age_days"]
    assert (told["model_as_of"], told["trend_age_days"]) == (moment_text(model_as_of), 1.5)


def test_a_path_may_have_until_the_last_day_there_is(
    sample_company: Path, fitted_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["path", str(sample_company), "--models", str(fitted_models), "--employee", "E00007"]
    assert main([*asked, "--by", "9999-12-31", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["limits"]["by"] == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        (["--employee", "nobody"], 2, "employee 'nobody'"),
        (["--employee", "E00007", "--target-role", "king"], 2, "target role 'king'"),
        (["--employee", "E00007", "--by", "2001-01-01"], 2, "by: found 2001-01-02"),
        (["--employee", "E00007", "--hours", "-1"], 2, "--hours"),
    ],
)
def test_a_path_of_nobody_or_to_nowhere_is_refused(
    sample_company: Path,
    fitted_models: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: list[str],
    code: int,
    message: str,
) -> None:
    assert main(["path", str(sample_company), "--models", str(fitted_models), *wrong]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["course_skills.csv", "courses.csv", "skills.parquet", "roles.CSV", "sub/../courses.csv"]
)
def test_tags_never_replace_a_table_they_were_made_from(
    sample_company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    data = Path(shutil.copytree(sample_company, tmp_path / "data"))
    (data / "sub").mkdir()
    before = {path.name: path.read_bytes() for path in data.glob("*.csv")}
    assert main(["tag", str(data), "--out", str(data / name)]) == 2
    assert f"--out: {data / name} would be a table of {data}" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    "wrong",
    [
        ["tag", "--threshold", "nan"],
        ["path", "--employee", "E00007", "--hours", "inf"],
        ["path", "--employee", "E00007", "--budget", "nan"],
        ["explain", "--employee", "E00007", "--course", "C0001", "--goal-weight", "nan"],
        ["recommend", "--json", "--goal-weight", "nan"],
        ["check", "--in-progress-below", "nan"],
    ],
    ids=lambda wrong: " ".join(wrong[:1] + wrong[-2:]),
)
def test_a_number_that_is_not_finite_is_refused(
    sample_company: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    command, *options = wrong
    assert main([command, str(sample_company), *options]) == 2
    assert f"Invalid value for '{wrong[-2]}': found {wrong[-1]}; expected a finite number." in capsys.readouterr().err
