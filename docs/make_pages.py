"""Run the pages' Python blocks and write what they print below them: ``python docs/make_pages.py``.

The blocks of a page share one namespace, as in a notebook. They run in a folder that holds the TOML
and CSV blocks of the page, each under the name in the comment of its first line. What a block
prints stands in a text block right after it; a block that prints nothing has none. The tests do the
same and compare.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def has_python(page: Path) -> bool:
    """Whether a page has a block to run."""
    return bool(PYTHON.search(page.read_text(encoding="utf-8")))


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of one language, in order."""
    fences = FENCE.findall(page.read_text(encoding="utf-8"))
    return [text for found, text in fences if found == language]


def files_of(page: Path) -> list[tuple[str, str]]:
    """Name and content of the files that a page shows: blocks that begin with ``# NAME``."""
    found = []
    for language in ("toml", "csv"):
        for text in blocks(page, language):
            first, _, rest = text.partition("\n")
            if first.startswith("# ") and first.endswith(f".{language}"):
                found.append((first.removeprefix("# "), rest))
    return found


def refreshed(page: Path, folder: Path) -> str:
    """The text of a page with what its blocks print now; they run in the folder."""
    for name, text in files_of(page):
        (folder / name).write_text(text, encoding="utf-8")
    names: dict[str, object] = {"__name__": page.stem}
    done = 0

    def run(block: re.Match[str]) -> str:
        nonlocal done
        done += 1
        code = compile(block[1], f"{page.name}, Python block {done}", "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(folder):
            exec(code, names)
        shown = f"\n```text\n{printed.getvalue()}```\n" if printed.getvalue() else ""
        return f"```python\n{block[1]}```\n{shown}"

    return PYTHON.sub(run, page.read_text(encoding="utf-8"))


def main() -> None:
    for page in filter(has_python, PAGES):
        before = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            after = refreshed(page, Path(folder))
        if after != before:
            page.write_text(after, encoding="utf-8")
        state = "unchanged" if after == before else "rewritten"
        print(f"{page.relative_to(ROOT)}: {state}")


if __name__ == "__main__":
    main()
