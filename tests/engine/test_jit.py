"""Compiling: what the cache's name depends on, where it lies, when the user is told, the flags."""

from __future__ import annotations

import ast
import gc
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import simcc
from simcc import jit

PACKAGE = Path(simcc.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "examples" not in path.parts)
compiles = pytest.mark.skipif(not jit.ENABLED, reason="nothing is compiled when JIT is off")
NOWHERE = "/dev/null/nowhere"  # no folder can be made below a file, not even by root

# ---------------------------------------------------------------------- what code is made of


def module_of(path: Path) -> str:
    parts = ["simcc", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Module:
    """What stands at the top level of a file of the library."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, module_of(path)
        self.imported: dict[str, tuple[str, str]] = {}  # name -> module, name there
        self.made_of: dict[str, list[ast.AST]] = {}  # name -> what it is computed from
        self.jitted: list[ast.FunctionDef] = []
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (node.module, alias.name)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.made_of[node.name] = [node]
                decorators = {getattr(one, "id", "") for one in node.decorator_list}
                if decorators & {"jit", "jit_apart", "jit_inner", "jit_with_arrays"} and isinstance(
                    node, ast.FunctionDef
                ):
                    self.jitted.append(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for name in (one for one in ast.walk(node) if isinstance(one, ast.Name)):
                    if isinstance(name.ctx, ast.Store):
                        self.made_of.setdefault(name.id, []).append(node)


MODULES = {module_of(path): Module(path) for path in SOURCES}


def used(module: Module, node: ast.AST, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Modules that say what the names in a piece of code are, and what those are made of."""
    for name in {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}:
        home, there = module, name
        while there in home.imported:
            other, there = home.imported[there]
            if other not in MODULES:
                break
            home = MODULES[other]
        else:
            if there in home.made_of and (home.name, there) not in seen:
                seen.add((home.name, there))
                yield home.name
                for part in home.made_of[there]:
                    yield from used(home, part, seen)


def test_every_source_of_compiled_code_is_in_the_name_of_the_cache() -> None:
    """Modules with compiled functions, and those of the constants and functions these use."""
    needed = {name for name, module in MODULES.items() if module.jitted}
    assert {"simcc.heap", "simcc.engine.kernel", "simcc.metrics.passes"} <= needed
    for module in [MODULES[name] for name in needed]:
        for function in module.jitted:
            body = ast.Module(function.body, [])  # notes of types are not compiled
            needed.update(used(module, body, set()))
    assert "simcc.log" in needed  # of constants only
    missing = needed - {module_of(path) for path in jit.compiled_sources()}
    assert not missing, f"simcc.jit must name {sorted(missing)}"


@compiles
def test_compiled_functions_are_all_known_to_this_test() -> None:
    """No other way of compiling is used than ``jit`` as a decorator, or in ``constructor``."""
    for name, module in MODULES.items():
        loaded = vars(importlib.import_module(name))
        own = {
            thing.py_func.__name__
            for thing in loaded.values()
            if hasattr(thing, "py_func") and thing.py_func.__module__ == name
        }
        assert own == {function.name for function in module.jitted}, name
        if name != "simcc.jit":
            assert not {"njit", "vectorize", "cfunc"} & set(loaded), name


@compiles
def test_no_flag_changes_arithmetic() -> None:
    assert "fastmath" not in jit.FLAGS
    for name, module in MODULES.items():
        loaded = importlib.import_module(name)
        for function in module.jitted:
            options = getattr(loaded, function.name).targetoptions
            assert not options.get("fastmath"), function.name
            kept = {key: options[key] for key in jit.FLAGS if key not in ("forceinline", "_nrt")}
            assert kept == {key: jit.FLAGS[key] for key in kept}


# ---------------------------------------------------------------------- the folder


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library's sources that the name of the cache is made from."""
    folder = tmp_path / "simcc"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "examples"))
    monkeypatch.setattr(jit, "__file__", str(folder / "jit.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jit._config, "CACHE_DIR", "")
    return folder


def folder_now() -> Path | None:
    return jit.cache_directory.__wrapped__()


def change(path: Path) -> None:
    path.write_text(path.read_text() + "\n# changed\n")


@pytest.mark.parametrize("source", ["engine/kernel.py", "heap.py", "log.py", "metrics/passes.py"])
def test_another_source_is_another_folder(copy: Path, source: str) -> None:
    before = folder_now()
    assert before == folder_now()
    change(copy / source)
    assert folder_now() != before


def test_a_source_that_is_not_compiled_does_not_matter(copy: Path) -> None:
    before = folder_now()
    change(copy / "model" / "scenario.py")
    assert folder_now() == before


def test_another_numba_is_another_folder(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = folder_now()
    monkeypatch.setattr(jit.numba, "__version__", "0.0.1")
    assert folder_now() != before


def test_the_folder_is_private_and_below_the_users_cache(copy: Path, tmp_path: Path) -> None:
    folder = folder_now()
    assert folder is not None
    assert folder.parent == tmp_path / "cache" / "simcc"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_numbas_own_setting_comes_first(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit._config, "CACHE_DIR", str(tmp_path / "chosen"))
    folder = folder_now()
    assert folder is not None
    assert folder.parent == tmp_path / "chosen" / "simcc"


def test_without_a_home_a_temporary_folder_serves(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", NOWHERE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = folder_now()
    assert folder is not None
    assert tmp_path in folder.parents
    monkeypatch.setattr(tempfile, "tempdir", NOWHERE)
    assert folder_now() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files on this system")
def test_a_folder_of_somebody_else_is_not_used(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    me = os.getuid()
    assert folder_now() is not None
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    assert folder_now() is None


# ---------------------------------------------------------------------- in a new process

SMALL = """
import simcc
of = simcc.Scenario(
    horizon=simcc.Horizon(length="1h"),
    contact_types=[simcc.ContactType(
        name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    agent_groups=[simcc.AgentGroup(
        name="g", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
)
print(simcc.simulate(of, replications=2, seed=1).sums.types.sum())
"""
PART = """
import numpy as np
import simcc
from simcc.heap import pop, push
from simcc.inversion import LawTable, quantile
from simcc.jit import cache_directory, jit
table = LawTable()
table.add(simcc.Exponential(mean=60))
times, keys = np.full(9, np.inf), np.zeros(9, np.int64)
push(times, keys, 0, quantile(table.arrays(), 0, 0.5), 7)
push(times, keys, 1, 1.0, 8)
pop(times, keys, 2)
print(keys[0], round(times[0], 6), cache_directory())
"""
NO_FOLDER = f"import tempfile; tempfile.tempdir = {NOWHERE!r}\n"


def in_a_new_process(code: str, cache: str) -> tuple[str, str]:
    """What it prints, on both streams."""
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=env | {"XDG_CACHE_HOME": cache},
    )
    return done.stdout.strip(), done.stderr


@compiles
def test_the_notice_is_given_once_and_not_with_a_warm_cache(tmp_path: Path) -> None:
    """With a few small functions; the kernel takes half a minute, see below."""
    printed, notice = in_a_new_process(PART, str(tmp_path))
    assert printed.startswith("7 41.588831 ")  # the median of the law
    assert notice.count("compiling") == 1
    assert str(tmp_path) in notice
    assert in_a_new_process(PART, str(tmp_path)) == (printed, "")


@compiles
@pytest.mark.parametrize("right", [True, False])
def test_garbage_is_looked_for_seldom_while_compiling(right: bool) -> None:
    """And as often as before once it is done, or has failed."""
    import numba
    from numba.core import event
    from numba.core.errors import TypingError

    seen = []

    class Watch(event.Listener):
        def on_start(self, event: event.Event) -> None:
            seen.append(gc.get_threshold())

        def on_end(self, event: event.Event) -> None:
            pass

    before = gc.get_threshold()
    with event.install_listener("numba:compile", Watch()):
        if right:
            assert numba.njit(lambda x: x + 1.0)(1.0) == 2.0
        else:
            with pytest.raises(TypingError):
                numba.njit(lambda x: x + "1")(1.0)
    assert seen[0][0] > 10 * before[0]
    assert gc.get_threshold() == before


@compiles
def test_without_any_folder_it_still_runs() -> None:
    printed, notice = in_a_new_process(NO_FOLDER + PART, NOWHERE)
    assert printed == "7 41.588831 None"
    assert notice.count("compiling") == 1
    assert "no folder can be written" in notice


def test_without_jit_there_is_no_notice() -> None:
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SMALL], capture_output=True, text=True, check=True, env=env
    )
    assert done.stderr == ""


@pytest.mark.slow
@compiles
def test_a_whole_run_cold_warm_and_without_a_folder(tmp_path: Path) -> None:
    cold, notice = in_a_new_process(SMALL, str(tmp_path))
    assert notice.count("compiling") == 1
    assert in_a_new_process(SMALL, str(tmp_path)) == (cold, "")
    without, notice = in_a_new_process(NO_FOLDER + SMALL, NOWHERE)
    assert (without, notice.count("compiling")) == (cold, 1)
