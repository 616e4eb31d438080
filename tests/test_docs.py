"""Every Python block of the README and the docs runs and prints what the page shows."""

import os
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

import simcc

ROOT = Path(__file__).parents[1]


def script(name: str) -> dict[str, Any]:
    """The names of one of the scripts that make the pages."""
    return runpy.run_path(str(ROOT / "docs" / name))


make_pages = script("make_pages.py")
PAGES: list[Path] = make_pages["PAGES"]
WITH_PYTHON = [page for page in PAGES if make_pages["has_python"](page)]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", list(filter(make_pages["has_python"], PAGES)), ids=lambda p: p.stem
)
def test_blocks_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """An error in a block is an error here; a difference is shown line by line."""
    shown = page.read_text(encoding="utf-8").splitlines()
    printed = make_pages["refreshed"](page, tmp_path).splitlines()
    assert printed == shown, "look at the difference, then run python docs/make_pages.py"


def test_the_check_sees_a_wrong_output(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n\n```python\nx = 1\n```\n")
    refreshed = make_pages["refreshed"](page, tmp_path)
    assert refreshed == page.read_text().replace("3", "2")


def test_the_scenario_page_loads(tmp_path: Path) -> None:
    """Its complete example is a scenario without problems; its fragments are valid TOML."""
    page = ROOT / "docs" / "scenario-file.md"
    for name, text in make_pages["files_of"](page):
        (tmp_path / name).write_text(text)
    scenario = simcc.load(tmp_path / "bank.toml")
    assert len(scenario.contact_types) == 3
    for fragment in make_pages["blocks"](page, "toml"):
        tomllib.loads(fragment)


def anchors(page: Path) -> set[str]:
    """What a link may name in a page: its headings as GitHub writes them."""
    headings = HEADING.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files, and to headings of pages; those into the web are not followed."""
    for target, anchor in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        path = Path(os.path.normpath(page.parent / target)) if target else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(path), f"{page.name}: {target}#{anchor}"


def test_every_page_can_be_reached() -> None:
    """From the README by links, so that no page is written for nobody."""
    reached, to_read = set(), [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for target, _ in LINK.findall(page.read_text(encoding="utf-8")):
            to_read.append(Path(os.path.normpath(page.parent / target)) if target else page)
    assert set(PAGES) <= reached


def test_the_architecture_page_names_every_module() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "simcc"
    files = {path.name for folder in ("", "engine") for path in (package / folder).glob("*.py")}
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert {name for name in files | folders if f"`{name}`" not in page} == {"__init__.py"}
    # and none that is not there
    named = set(re.findall(r"`(\w+\.py)`", page))
    assert named <= files


def test_the_metrics_page_is_the_generated_one() -> None:
    page = script("make_metrics.py")["page"]()
    shown = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert shown == page, "run python docs/make_metrics.py"
