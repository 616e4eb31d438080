"""Each module imports only from those above it."""

import ast
from pathlib import Path

import pytest

import simcc

PACKAGE = Path(simcc.__file__).parent
LAYERS = (
    "errors",
    "periods",
    "model",
    "instances",
    "borrowed",
    "jit",
    "heap",
    "inversion",
    "counter_draws",
    "streams",
    "buffers",
    "brought",
    "attributes",
    "arrivals_sampling",
    "arrival_order",
    "workload",
    "log",
    "engine",
    "metrics",
    "estimation",
    "theory",
    "plots",
    "result",
    "simulation",
    "cells",
    "parts",
    "store",
    "batches",
    "dispatch",
    "replicate",
    "shocks",
    "experiments",
    "assessment",
    "gym",
    "cli",
)
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "examples" not in path.parts)


def layer_of(module: str) -> str:
    """The first name below ``simcc``: ``simcc.engine.kernel`` belongs to ``engine``."""
    return module.split(".")[1] if "." in module else ""


def imported_modules(path: Path) -> set[str]:
    """Modules of simcc that a file imports when it is imported, relative imports resolved."""
    module = ["simcc", *path.relative_to(PACKAGE).with_suffix("").parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = module[: -node.level] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{name}.{alias.name}" for alias in node.names} if name == "simcc" else {name}
    return {name for name in found if name == "simcc" or name.startswith("simcc.")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_above(path: Path) -> None:
    own = layer_of(f"simcc.{path.relative_to(PACKAGE).with_suffix('').parts[0]}")
    if own == "__init__":
        return  # the front door names everything
    assert own in LAYERS, f"{own} has no place in the order of layers"
    below = LAYERS[LAYERS.index(own) + 1 :]
    wrong = {name for name in imported_modules(path) if layer_of(name) in below}
    assert not wrong, f"simcc.{own} must not import {sorted(wrong)}"


def test_the_check_sees_a_wrong_import(tmp_path: Path) -> None:
    path = PACKAGE / "periods.py"
    copy = tmp_path / "periods.py"
    copy.write_text(path.read_text() + "\nfrom simcc.engine import kernel\n")
    found = {
        layer_of(alias)
        for node in ast.walk(ast.parse(copy.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in [node.module]
        if alias.startswith("simcc")
    }
    assert "engine" in found
