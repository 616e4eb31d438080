"""The command line: what it writes, and that bad input ends with one message and exit code 2."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import files
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


def test_a_store_goes_on(scenario_file: Path, tmp_path: Path) -> None:
    """The second command simulates two more; the folder keeps the seed of the first."""
    store = ("--store", tmp_path / "kept")
    command = ("run", scenario_file, *store, "--workers", 1)
    assert call(*command, "--replications", 3, "--seed", 7, "--out", tmp_path / "a").exit_code == 0
    done = call(*command, "--replications", 5, "--out", tmp_path / "b")
    assert done.exit_code == 0
    plain = tmp_path / "plain"
    call("run", scenario_file, "--replications", 5, "--seed", 7, "--out", plain)
    for name in ("summary.csv", "intervals.csv"):
        assert (tmp_path / "b" / name).read_bytes() == (plain / name).read_bytes()


def test_a_store_of_another_run_is_refused(scenario_file: Path, tmp_path: Path) -> None:
    store = ("--store", tmp_path / "kept")
    assert run(scenario_file, tmp_path / "a", *store).exit_code == 0
    again = call("run", scenario_file, "--replications", 3, "--seed", 2, *store,
                 "--out", tmp_path / "b")  # fmt: skip
    assert_refused(again, "seed: 1 in the store, 2 now")
    assert not (tmp_path / "b").exists()
    assert_refused(run(scenario_file, tmp_path / "b", *store, "--record", "contacts"), "--store")


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
    assert set(contacts["agent"].dropna()) == {f"agents {i}" for i in (1, 2, 3, 4)}
    agents = pd.read_parquet(tmp_path / "out" / "agents.parquet")
    served = contacts[contacts["outcome"] == "served"]
    assert agents["served"].sum() == len(served)
    events = pd.read_parquet(tmp_path / "out" / "agent_events.parquet")
    assert events.loc[events["at"] == 0, "present_delta"].sum() == 3 * 4


@pytest.mark.parametrize(
    ("format", "name", "begins"),
    [
        ("csv", "event_log.csv", "case,activity,timestamp,resource"),
        ("xes", "event_log.xes", "<?xml"),
        ("ocel", "event_log.json", '{"objectTypes"'),
    ],
)
def test_event_log(
    format: str, name: str, begins: str, scenario_file: Path, tmp_path: Path
) -> None:
    options = ("--record", "contacts", "--event-log", format)
    done = run(scenario_file, tmp_path / "out", *options)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / name).read_text(encoding="utf-8").startswith(begins)
    assert name in done.stdout


def test_an_event_log_needs_the_contacts(scenario_file: Path, tmp_path: Path) -> None:
    done = run(scenario_file, tmp_path / "out", "--event-log", "xes")
    assert_refused(done, "--event-log needs --record contacts")
    assert not (tmp_path / "out").exists()


def test_what_is_not_recorded_is_not_written(scenario_file: Path, tmp_path: Path) -> None:
    run(scenario_file, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*contacts*"))


def words_of(stdout: str, start: str) -> list[str]:
    """The words of the only line that begins so, that beginning left out."""
    (line,) = (line for line in stdout.splitlines() if line.startswith(start))
    return line.removeprefix(start).split()


def test_the_printed_figures_are_those_of_the_tables(scenario_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(f"{SMALL}\n[[targets]]\nshare = 0.8\nwithin = 20\ndenominator = 'served'\n")
    stdout = run(path, tmp_path / "out").stdout
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    rows = summary[summary["scope"] == "all"].set_index("metric")
    level = rows.loc["service_level_20s_offered"]
    shown = [f"{100 * level[name]:.1f}" for name in ("estimate", "low", "high")]
    assert words_of(stdout, "service_level_20s_offered") == [*shown[:2], "..", shown[2], "%"]
    assert words_of(stdout, "asa")[0] == f"{rows.loc['asa', 'estimate']:.1f}"
    reached = 100 * rows.loc["service_level_20s_served", "estimate"]
    days = 100 * rows.loc["probability_day_meets_0.8_in_20s_served", "estimate"]
    shown = words_of(stdout, "all contacts: 80 % within 20 s, of the served")
    assert (shown[0], shown[4]) == (f"{reached:.1f}", f"{days:.1f}")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo") / "new" / "folder"
    done = call("demo", "--replications", 4, "--out", out)
    assert done.exit_code == 0, done.output
    return out, done.stdout


def test_demo_shows_the_observed_day_beside_the_simulated(demonstration: tuple[Path, str]) -> None:
    out, stdout = demonstration
    observed = pd.read_csv(files("simcc") / "examples" / "real_center" / "observed.csv")
    observed = observed[(observed["scope"] == "all") & observed["interval"].isna()]
    summary = pd.read_csv(out / "summary.csv")
    simulated = summary[summary["scope"] == "all"].set_index("metric")["estimate"]
    compared = stdout[stdout.index("whole day ") :]
    for metric, seen in zip(observed["metric"], observed["observed"], strict=True):
        shown = [word for word in words_of(compared, f"{metric} ") if word != ".."]
        made, share = simulated[metric], seen <= 1
        for word, value in ((shown[0], seen), (shown[3], made)):
            number = float(word.replace(",", "")) / (100 if share else 1)
            assert number == pytest.approx(value, rel=0.005, abs=0.0006), metric
    assert len(observed) >= 8
    assert "Why they differ" in stdout
    assert "20 Tuesdays of January to June 2014" in stdout


def test_demo_writes_everything(demonstration: tuple[Path, str]) -> None:
    out, stdout = demonstration
    tables = {"summary.csv", "summary.parquet", "intervals.csv", "intervals.parquet"}
    written = {path.name for path in out.iterdir()}
    assert written == tables | {"day.png", "scenario.json", "run.json"}
    assert all(name in stdout for name in written)
    intervals = pd.read_csv(out / "intervals.csv")
    pd.testing.assert_frame_equal(
        pd.read_parquet(out / "intervals.parquet")["estimate"].to_frame(),
        intervals["estimate"].to_frame(),
    )
    assert intervals["interval_start"].nunique() == 24


def test_demo_draws_the_observed_day(demonstration: tuple[Path, str], tmp_path: Path) -> None:
    """Its figure is the one with the dots, not the one without."""
    example = files("simcc") / "examples" / "real_center"
    again = simcc.simulate(simcc.load(example / "real_center.toml"), replications=4, seed=1)
    again.save(tmp_path / "without")
    again.save(tmp_path / "with", observed=pd.read_csv(example / "observed.csv"))
    with_dots, without = (tmp_path / name / "day.png" for name in ("with", "without"))
    drawn = (demonstration[0] / "day.png").read_bytes()
    assert drawn == with_dots.read_bytes()
    assert drawn != without.read_bytes()


def test_compare(scenario_file: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.toml"
    more.write_text(SMALL.replace("agents = 4", "agents = 6"))
    options = ("--replications", 5, "--seed", 1, "--method", "tukey", "--baseline", "small")
    done = call("compare", scenario_file, more, *options, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    expected = simcc.compare(
        {"small": simcc.load(scenario_file), "more": simcc.load(more)},
        replications=5, seed=1, baseline="small", method="tukey",
    )  # fmt: skip
    written = pd.read_parquet(tmp_path / "out" / "comparison.parquet")
    pd.testing.assert_frame_equal(written, expected.summary())
    assert str(expected) in done.stdout
    assert "scenarios.json" in done.stdout


def test_compare_goes_on_from_a_store(scenario_file: Path, tmp_path: Path) -> None:
    """The second command takes what the first has kept, its seed too, and says the same."""
    more = tmp_path / "more.toml"
    more.write_text(SMALL.replace("agents = 4", "agents = 5"))
    command = ("compare", scenario_file, more, "--replications", 4)
    store = ("--store", tmp_path / "kept")
    assert call(*command, *store, "--seed", 7, "--out", tmp_path / "a").exit_code == 0
    parts = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("*.parquet")}
    assert parts
    assert call(*command, *store, "--seed", 7, "--out", tmp_path / "b").exit_code == 0
    again = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("*.parquet")}
    assert again == parts
    assert call(*command, "--seed", 7, "--out", tmp_path / "plain").exit_code == 0
    plain = (tmp_path / "plain" / "comparison.csv").read_bytes()
    assert (tmp_path / "b" / "comparison.csv").read_bytes() == plain


def test_compare_names_files_by_what_tells_them_apart(scenario_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "new" / "small.toml"
    other.parent.mkdir()
    other.write_text(SMALL.replace("agents = 4", "agents = 5"))
    options = ("--replications", 2, "--seed", 1)
    done = call("compare", scenario_file, other, *options, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    saved = json.loads((tmp_path / "out" / "scenarios.json").read_text())
    assert list(saved) == ["small.toml", "new/small.toml"]


def test_compare_refuses(scenario_file: Path, tmp_path: Path) -> None:
    busy = tmp_path / "busy.toml"
    busy.write_text(SMALL.replace("rate_per_hour = 60", "rate_per_hour = 70"))
    out = ("--replications", 2, "--out", tmp_path / "out")
    assert_refused(call("compare", scenario_file, busy, *out), 'scenarios["busy"]', "arrivals")
    assert_refused(call("compare", scenario_file, *out), "there must be at least 2")
    assert_refused(call("compare", scenario_file, scenario_file, *out), "named twice")
    assert_refused(call("compare", *out), "FILES")
    same = tmp_path / "same.toml"
    same.write_text(SMALL)
    bad = call("compare", scenario_file, same, *out, "--baseline", "plan")
    assert_refused(bad, "baseline", "plan")
    assert not (tmp_path / "out").exists()


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
        ("--replications", "10000001"),
        ("--replications", "2.5"),
        ("--workers", "2000"),
        ("--record", "everything"),
        ("--event-log", "parquet"),
        ("--unknown", "1"),
    ],
)
def test_bad_options(option: str, value: str, scenario_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert_refused(run(scenario_file, out, option, value), option)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "FILE", "--out", "OUT"], "--replications"),
        (["run", "FILE", "--replications", "3"], "--out"),
        (["run", "--replications", "3", "--out", "OUT"], "FILE"),
        (["run", "FILE", "more", "--replications", "3", "--out", "OUT"], "more"),
        (["check"], "FILE"),
        (["schema", "--indent"], "--indent"),
        (["simulate"], "simulate"),
        (["demo", "--replications", "0", "--out", "OUT"], "--replications"),
    ],
)
def test_missing_and_unknown_arguments(
    arguments: list[str], word: str, scenario_file: Path, tmp_path: Path
) -> None:
    places = {"FILE": scenario_file, "OUT": tmp_path / "out"}
    assert_refused(call(*(places.get(one, one) for one in arguments)), word)
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_scenario_file(tmp_path: Path) -> None:
    assert_refused(call("check", tmp_path), "directory")


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


def test_an_out_inside_a_file(scenario_file: Path, tmp_path: Path) -> None:
    assert_refused(run(scenario_file, scenario_file / "out"), "--out", "Not a directory")


def test_interrupted(scenario_file: Path, tmp_path: Path) -> None:
    with mock.patch("simcc.cli._simulate", side_effect=KeyboardInterrupt):
        done = run(scenario_file, tmp_path / "out")
    assert done.exit_code == 130
    assert "Interrupted" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["intervals.to_csv", "day.png", "contacts.parquet"])
def test_interrupted_while_writing_leaves_nothing(
    where: str, scenario_file: Path, tmp_path: Path
) -> None:
    def half(path: Path, *_: object, **__: object) -> None:
        Path(path).write_text("half")
        raise KeyboardInterrupt

    targets = {
        "intervals.to_csv": ("pandas.DataFrame.to_csv", lambda _, path, **__: half(path)),
        "day.png": ("matplotlib.figure.Figure.savefig", lambda _, path, **__: half(path)),
        "contacts.parquet": ("pandas.DataFrame.to_parquet", lambda _, path, **__: half(path)),
    }
    name, broken = targets[where]
    with mock.patch(name, broken):
        done = run(scenario_file, tmp_path / "out", "--record", "contacts")
    assert done.exit_code == 130, done.output
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing(scenario_file: Path, tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    with mock.patch("matplotlib.figure.Figure.savefig", side_effect=full):
        done = run(scenario_file, tmp_path / "out")
    assert_refused(done, "No space left", "--out")
    assert not (tmp_path / "out").exists()


def test_too_little_memory_is_said(scenario_file: Path, tmp_path: Path) -> None:
    with mock.patch("simcc.cli._simulate", side_effect=MemoryError):
        done = run(scenario_file, tmp_path / "out")
    assert_refused(done, "memory", "--replications")


def shell(*arguments: object) -> list[str]:
    code = "from simcc.cli import main; main()"
    return [sys.executable, "-c", code, *map(str, arguments)]


@pytest.fixture
def running(scenario_file: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that takes minutes, begun."""
    arguments = ("--replications", 1_000_000, "--seed", 1, "--out", tmp_path / "out")
    process = subprocess.Popen(
        shell("run", scenario_file, *arguments), stderr=subprocess.PIPE, text=True, bufsize=1
    )
    killer = threading.Timer(120, process.kill)
    killer.start()
    yield process
    killer.cancel()
    process.kill()
    process.wait()


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c(running: subprocess.Popen[str], tmp_path: Path) -> None:
    assert running.stderr is not None
    seen = ""
    while "day/s" not in seen and running.poll() is None:  # the progress bar moves
        seen += running.stderr.read(1)
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate()
    assert running.returncode == 130, seen + rest
    assert "Traceback" not in seen + rest
    assert "Interrupted: no results were written." in rest
    assert not (tmp_path / "out").exists()


def test_from_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(SMALL.replace('"3min"', '"3 parsecs"'))
    done = subprocess.run(shell("check", path), capture_output=True, text=True)
    assert done.returncode == 2
    assert "talk_time" in done.stderr
    assert "3 parsecs" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
