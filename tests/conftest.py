"""What every test may use: the shared reference material and a seed that the header names."""

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SIMCC_SHARED", ROOT.parent / "shared"))
SEED = int(os.environ.get("SIMCC_TEST_SEED") or np.random.SeedSequence().generate_state(1)[0])


def pytest_report_header() -> str:
    return f"simcc random seed: {SEED} (repeat with SIMCC_TEST_SEED={SEED})"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the reference cases and the call log, which are not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"no reference material at {SHARED}; set SIMCC_SHARED to its folder")
    return SHARED


@pytest.fixture
def test_seed() -> int:
    """Seed of a test that draws at random; printed in the header, so that a failure repeats."""
    return SEED
