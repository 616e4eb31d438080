"""The command line: what it writes, and that bad input ends with one message and exit code 2."""

import json
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import simcc
from simcc.cli import main

SMALL = """
[horizon]
length = "1h"

[[contact_types]]
name = "voice"
arrivals = { rate_per_hour = 60 }
talk_time = { law = "exponential", mean = "3min" }
patience = { law = "exponential", mean = "2min" }

[[agent_groups]]
name = "agents"
skills = ["voice"]
agents = 4
"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run(file: Path, out: Path, *more: object) -> Result:
    return call("run", file, "--replications", 3, "--seed", 1, "--out", out, *more)


def assert_refused(done: Result, *words: str) -> None:
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_run_writes_tables_figure_and_origin(scenario_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(scenario_file, out)
    assert done.exit_code == 0, done.output
    written = {path.name for path in out.iterdir()}
    tables = {"summary.csv", "summary.parquet", "intervals.csv", "intervals.parquet"}
    assert written == tables | {"day.png", "scenario.json", "run.json"}
    summary = pd.read_csv(out / "summary.csv")
    columns = ["scope", "metric", "estimate", "low", "high", "std_error", "unit"]
    assert list(summary.columns)[:7] == columns
    expected = simcc.simulate(simcc.load(scenario_file), replications=3, seed=1).summary()
    pd.testing.assert_frame_equal(pd.read_parquet(out / "summary.parquet"), expected)
    origin = json.loads((out / "run.json").read_text())
    assert (origin["seed"], origin["replications"]) == (1, 3)
    assert "95 %" in done.stdout
    assert "offered" in done.stdout


def test_run_can_be_repeated_from_its_own_folder(scenario_file: Path, tmp_path: Path) -> None:
    run(scenario_file, tmp_path / "first")
    again = run(tmp_path / "first" / "scenario.json", tmp_path / "second")
    assert again.exit_code == 0, again.output
    for name in ("summary.csv", "intervals.csv", "scenario.json", "run.json"):
        first, second = (tmp_path / folder / name for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_a_fresh_seed_is_recorded(scenario_file: Path, tmp_path: Path) -> None:
    done = call("run", scenario_file, "--replications", 2, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert isinstance(json.loads((tmp_path / "out" / "run.json").read_text())["seed"], int)


def test_record_contacts(scenario_file: Path, tmp_path: Path) -> None:
    done = run(scenario_file, tmp_path / "out", "--record", "contacts")
    assert done.exit_code == 0, done.output
    contacts = pd.read_parquet(tmp_path / "out" / "contacts.parquet")
    assert set(contacts["replication"]) == {0, 1, 2}


def test_demo(tmp_path: Path) -> None:
    done = call("demo", "--replications", 2, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "Observed" in done.stdout
    assert (tmp_path / "out" / "day.png").stat().st_size > 10_000


def test_check(scenario_file: Path) -> None:
    done = call("check", scenario_file)
    assert done.exit_code == 0
    assert "no problem" in done.stdout


def test_schema_accepts_the_file(scenario_file: Path) -> None:
    import tomllib

    import jsonschema

    schema = json.loads(call("schema").stdout)
    jsonschema.validate(tomllib.loads(scenario_file.read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"agent_groups": "none"}, schema)


def test_version() -> None:
    assert call("--version").stdout.strip() == f"simcc {simcc.__version__}"


@pytest.mark.parametrize("command", ["check", "run"])
def test_all_problems_of_a_file_at_once(command: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        SMALL.replace("agents = 4", "agents = -4")
        .replace("rate_per_hour = 60", "rate_per_hour = inf")
        .replace("patience =", "patiense =")
    )
    out = tmp_path / "out"
    done = call("check", path) if command == "check" else run(path, out)
    assert_refused(done, "agent_groups", "rate_per_hour", "patiense")
    assert done.stdout == ""
    assert not out.exists()


@pytest.mark.parametrize(
    "text", ["", "name = [", "\x00", "[[contact_types]]\n", "horizon = 3", "[a]\n[a]"]
)
def test_files_that_are_no_scenario(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text)
    assert_refused(call("check", path))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(bytes(range(256)))
    assert_refused(call("check", path))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--replications", "0"),
        ("--replications", "-5"),
        ("--replications", "many"),
        ("--seed", "1.5"),
        ("--seed", "-1"),
        ("--seed", "luck"),
        ("--workers", "0"),
        ("--record", "everything"),
    ],
)
def test_bad_options(option: str, value: str, scenario_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert_refused(run(scenario_file, out, option, value), option)
    assert not out.exists()


def test_a_missing_file(tmp_path: Path) -> None:
    assert_refused(run(tmp_path / "none.toml", tmp_path / "out"), "none.toml")


@pytest.mark.parametrize("command", ["run", "demo"])
def test_a_folder_in_use_is_refused_first(
    command: str, scenario_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with mock.patch("simcc.cli._simulate", side_effect=AssertionError("it ran")):
        done = run(scenario_file, out) if command == "run" else call("demo", "--out", out)
    assert_refused(done, "not empty")
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_an_out_that_is_a_file(scenario_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    assert_refused(run(scenario_file, out), "--out")
    assert out.read_text() == "mine"


def test_interrupted(scenario_file: Path, tmp_path: Path) -> None:
    with mock.patch("simcc.cli._simulate", side_effect=KeyboardInterrupt):
        done = run(scenario_file, tmp_path / "out")
    assert done.exit_code == 130
    assert "Interrupted" in done.stderr
    assert not any((tmp_path / "out").iterdir())


def test_from_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(SMALL.replace('"3min"', '"3 parsecs"'))
    done = subprocess.run(
        [sys.executable, "-c", "from simcc.cli import main; main()", "check", str(path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "talk_time" in done.stderr
    assert "3 parsecs" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
