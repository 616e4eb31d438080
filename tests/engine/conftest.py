"""The random scenarios of the oracle, for the tests here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

import pytest

from simcc.jit import ENABLED

LONG = ("test_outbound", "test_turns", "test_bots_theory", "test_announcements", "test_hours")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without compiling, long runs are left out: the oracle compares the plain source by rows."""
    for item in items:
        if not ENABLED and item.path.stem in LONG:
            item.add_marker(pytest.mark.skip(reason="long without compiling"))
