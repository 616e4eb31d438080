"""``import simcc`` and ``simcc --help`` load no heavy library."""

import subprocess
import sys

import pytest

HEAVY = ("scipy.stats", "pandas", "matplotlib", "numba", "pyarrow")


@pytest.mark.parametrize(
    "statement",
    ["import simcc", "import simcc.cli", "import simcc; simcc.Scenario; simcc.ScenarioError"],
)
def test_no_heavy_import(statement: str) -> None:
    code = f"{statement}; import sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_check_sees_a_heavy_import() -> None:
    code = f"import simcc, pandas, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pandas" in done.stdout
