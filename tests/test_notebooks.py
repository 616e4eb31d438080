"""The notebooks run from start to end, and what is kept of them is worth reading."""

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
make_notebooks = runpy.run_path(str(ROOT / "docs" / "make_notebooks.py"))
SCRIPTS: list[Path] = make_notebooks["SCRIPTS"]
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


def kept(script: Path) -> Any:
    """The notebook beside a script, with its outputs."""
    import nbformat

    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


@each_script
def test_it_runs(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few replications: the cells, not the figures, are tested here."""
    monkeypatch.setenv("SIMCC_REPLICATIONS", "10")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for a checkout that is not installed
    assert len(make_notebooks["executed"](script).cells) == len(kept(script).cells)


@each_script
def test_script_and_notebook_hold_the_same_cells(script: Path) -> None:
    import jupytext

    cells = [(cell.cell_type, cell.source) for cell in kept(script).cells]
    written = [(cell.cell_type, cell.source) for cell in jupytext.read(script).cells]
    assert cells == written, "run python docs/make_notebooks.py"


@each_script
def test_the_kept_outputs_are_fit_to_read(script: Path) -> None:
    notebook = kept(script)
    assert make_notebooks["problems"](notebook) == []
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"text/html", "image/png"} <= kinds, "it shows tables and figures"


def test_the_check_sees_what_is_wrong() -> None:
    from nbformat import v4

    cell = v4.new_code_cell("1 / 0", execution_count=2)
    cell.outputs = [
        v4.new_output("stream", name="stdout", text="kept in /root/.cache"),
        v4.new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[]),
    ]
    found = make_notebooks["problems"](v4.new_notebook(cells=[cell]))
    assert [words.split(" ", 3)[3] for words in found] == [
        "was not run, or not in order",
        "shows a path or the name of a machine",
        "has an error or a warning: division by zero",
    ]
