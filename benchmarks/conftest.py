"""What the benchmarks share: contacts per second, and the baseline of the same session."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import textbook

import simcc

ROOT = Path(__file__).parents[1]
Report = Callable[[Any, int], float]


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    """Saved runs do not tell the name of the machine."""
    machine_info.pop("node", None)


def pytest_benchmark_update_commit_info(config: pytest.Config, commit_info: dict[str, Any]) -> None:
    """Saved runs tell the version, not the folder and the branch that they were made in."""
    commit_info.update(version=simcc.__version__, project="simcc", branch=None)


@cache
def textbook_rate(work: str) -> float:
    """Contacts per second of the textbook SimPy model, measured once per session."""
    return textbook.contacts_per_second(work)


@pytest.fixture
def report() -> Report:
    """Add contacts per second to a finished benchmark; returns them."""

    def add(benchmark: Any, contacts: int) -> float:
        rate = contacts / benchmark.stats.stats.min
        benchmark.extra_info["contacts_per_s"] = round(rate)
        return float(rate)

    return add


@pytest.fixture(scope="session")
def c_loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-written C event loop of the reference material, compiled here."""
    source = ROOT.parent / "shared" / "race" / "peer_c.c"
    compiler = shutil.which("cc")
    if not source.exists() or compiler is None:
        pytest.skip(f"no C compiler, or no {source}")
    program = tmp_path_factory.mktemp("c") / "peer_c"
    flags = ["-O3", "-march=native", "-ffp-contract=off"]
    subprocess.run([compiler, *flags, "-o", program, source, "-lm"], check=True)
    return program
