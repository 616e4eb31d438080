"""A center in files for every test here."""

from pathlib import Path

import pytest
from center_files import Center


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return Center(tmp_path)
