"""``simcc stress``: what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import erlang_centers
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import simcc
from simcc.cli import main

SHOCKS = """
[[shocks]]
kind = "volume"
percent = 20

[[shocks]]
name = "flu"
kind = "absence"
percent = 30
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    scenario, shocks = tmp_path / "center.json", tmp_path / "shocks.toml"
    scenario.write_text(json.dumps(erlang_centers.center(7).to_dict()))
    shocks.write_text(SHOCKS)
    return scenario, shocks


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["stress", *map(str, arguments)])


def test_the_same_as_in_python(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call(*files, "--replications", 10, "--seed", 1, "--out", out, "--both-ways")
    assert done.exit_code == 0, done.output
    assert "flu" in done.output
    assert "stress.csv" in done.output
    shocks = simcc.load_shocks(files[1])
    found = simcc.stress(
        simcc.load(files[0]), shocks, replications=10, seed=1, both_ways=True
    ).table()
    pd.testing.assert_frame_equal(pd.read_parquet(out / "stress.parquet"), found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[shocks]]\nkind = "volume"\npercent = "much"', "shocks[0].percent"),
        ('[[shocks]]\nkind = "absence"\npercent = 5\ngroups = ["x"]', 'groups[0]: is "x"'),
        ("percent = 5", "is not a field here"),
    ],
)
def test_bad_shocks_end_with_one_message(
    files: tuple[Path, Path], tmp_path: Path, text: str, words: str
) -> None:
    files[1].write_text(text)
    out = tmp_path / "out"
    done = call(*files, "--replications", 10, "--seed", 1, "--out", out)
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()
