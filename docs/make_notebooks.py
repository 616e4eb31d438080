"""Run the notebooks and keep what they show: ``python docs/make_notebooks.py``.

The script NAME.py is what a person edits; NAME.ipynb beside it holds the same cells and the outputs
of a real run. Needs the packages of ``pip install -e ".[test]"``.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("*.py"))
MACHINE = re.compile(r"/(?:home|root|tmp|Users|var|private)/|[A-Z]:\\")


def executed(script: Path) -> Any:
    """The notebook of a script, run from start to end."""
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(script)
    notebook.metadata.pop("jupytext", None)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # the same cells give the same file
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    ).execute()
    return notebook


def texts(output: Any) -> Iterator[str]:
    """What a person reads of an output."""
    yield output.get("text", "")
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield content


def problems(notebook: Any) -> list[str]:
    """What should not be in a notebook that others read."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        if cell.execution_count != number:
            found.append(f"code cell {number} was not run, or not in order")
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                said = output.get("text") or output.get("evalue", "")
                found.append(f"code cell {number} has an error or a warning: {said.strip()}")
            for text in texts(output):
                if MACHINE.search(text) or platform.node() in text:
                    found.append(f"code cell {number} shows a path or the name of a machine")
    return found


def main() -> None:
    import nbformat

    for script in SCRIPTS:
        notebook = executed(script)
        if found := problems(notebook):
            hint = "the notice of compiling is gone when it is run again"
            raise SystemExit("\n".join([f"{script.name}: not kept; {hint}", *found]))
        nbformat.write(notebook, script.with_suffix(".ipynb"))
        print(f"{script.stem}.ipynb: written")


if __name__ == "__main__":
    main()
