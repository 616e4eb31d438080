"""The picture of throughput over versions shows the saved runs."""

import json
import runpy
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
history = runpy.run_path(str(BENCHMARKS / "draw_history.py"))


def saved(folder: Path, name: str, time: str, **ratios: float) -> None:
    """A file as pytest-benchmark writes it, with what is read of it."""
    benchmarks = [
        {"name": name, "extra_info": {"contacts_per_s": 1e6, "times_textbook_simpy": ratio}}
        for name, ratio in ratios.items()
    ]
    benchmarks.append({"name": "test_import", "extra_info": {}})
    about = {"id": "0123456789", "time": time, "version": name}
    folder.mkdir(exist_ok=True)
    content = {"commit_info": about, "benchmarks": benchmarks}
    (folder / f"{name}.json").write_text(json.dumps(content))


def test_runs_are_drawn_in_the_order_of_commits(tmp_path: Path) -> None:
    one = {"test_simulate[W1]": 80.0, "test_simulate_mixed": 11.0}
    saved(tmp_path / "b", "1.0", "2026-03-01T12:00:00+02:00", **one)
    saved(tmp_path / "a", "0.9", "2026-02-01T12:00:00+00:00", **{"test_simulate[W1]": 40.0})
    saved(tmp_path / "a", "no ratio", "2026-02-03T12:00:00+00:00")
    runs = history["saved_runs"](tmp_path)
    assert [(run.version, run.commit) for run in runs] == [("0.9", "0123456"), ("1.0", "0123456")]
    ax = history["figure"](runs).axes[0]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert drawn["one queue, 100 agents"] == [[0, 40], [1, 80]]
    assert drawn["mixed center with a bot"] == [[1, 11]]
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["0.9\n0123456\n2026-02-01", "1.0\n0123456\n2026-03-01"]


def test_a_run_of_every_work_is_saved() -> None:
    runs = history["saved_runs"]()
    assert set(runs[-1].ratios) == set(history["WORKS"].values())
    assert all(ratio > 0 for ratio in runs[-1].ratios.values())


@pytest.mark.parametrize(
    "path", sorted(BENCHMARKS.rglob("history/**/*.json")), ids=lambda path: path.stem
)
def test_saved_runs_do_not_name_the_machine(path: Path) -> None:
    content = json.loads(path.read_text())
    assert "node" not in content["machine_info"]
    assert (content["commit_info"]["project"], content["commit_info"]["branch"]) == ("simcc", None)
    assert not content["commit_info"]["dirty"]
