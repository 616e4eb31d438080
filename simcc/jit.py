"""Compiling with Numba: the one place that holds the flags, the cache and the notice.

Every compiled function of the library is decorated with :func:`jit`. With
``NUMBA_DISABLE_JIT=1`` the same source runs as plain Python, with plain classes in place of
the records, and gives the same results.
"""

from __future__ import annotations

import gc
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import event
from numba.core.targetconfig import TargetConfig

from simcc.borrowed import kind_of_record

_config: Any = numba.config
ENABLED = not _config.DISABLE_JIT
_COMPILED_MODULES = (
    "borrowed",
    "jit",
    "heap",
    "inversion",
    "counter_draws",
    "arrivals_sampling",
    "brought",
    "attributes",
    "arrival_order",
    "workload",
    "log",
    "model/follow_ups",
)
_COMPILED_PACKAGES = ("engine", "metrics")
FLAGS: dict[str, Any] = {
    "forceinline": True,
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "_nrt": False,  # what makes no arrays counts no references: there is less to compile
}
MAKES_ARRAYS = {"_nrt": True}
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled_sources() -> list[Path]:
    """The source files that compiled functions, or constants they use, are written in."""
    package = Path(__file__).parent
    found = [package / f"{name}.py" for name in _COMPILED_MODULES]
    return found + sorted(
        path for name in _COMPILED_PACKAGES for path in (package / name).glob("*.py")
    )


@cache
def cache_directory() -> Path | None:
    """Folder of the compiled code, private to the user; None where nothing can be written.

    Its name holds a hash of the sources that compiled code is made of: Numba itself does not notice
    that a function or constant of another module has changed.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in compiled_sources():
        digest.update(source.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    own = f"simcc-{os.getuid()}" if hasattr(os, "getuid") else "simcc"
    for root in (_config.CACHE_DIR, home, os.path.join(tempfile.gettempdir(), own)):
        if root and _is_private(folder := Path(root) / "simcc" / digest.hexdigest()[:16]):
            return folder
    return None


def _is_private(folder: Path) -> bool:
    """Make a folder; whether it is the user's own and can be written: cached code is run."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False


@contextmanager
def _cache_here(folder: Path) -> Iterator[None]:
    """Numba reads its cache setting when a function is decorated: set it just for that moment."""
    before = _config.CACHE_DIR
    _config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        _config.CACHE_DIR = before


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with the library's flags, cached on disk where that is possible."""
    return _compiled(function, FLAGS)


def _compiled(function: Callable[..., Any], flags: dict[str, Any]) -> Callable[..., Any]:
    if not ENABLED:
        return function
    folder = cache_directory()
    if folder is None:
        return _once(numba.njit(function, **flags))
    with _cache_here(folder):
        return _once(numba.njit(function, cache=True, **flags))


def _once(dispatcher: Any) -> Callable[..., Any]:
    """Let compiled callers share one version, whatever the constants and the sizes of integers.

    Numba would compile the function again for every constant that it is called with.
    """
    ask = dispatcher.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return ask(tuple(map(_widened, args)), {name: _widened(kws[name]) for name in kws})

    dispatcher.get_call_template = get_call_template
    return dispatcher  # type: ignore[no-any-return]


def _widened(kind: Any) -> Any:
    unliteral: Any = numba.types.unliteral
    kind = unliteral(kind)
    return numba.types.int64 if isinstance(kind, numba.types.Integer) else kind


def jit_with_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that makes arrays of its own."""
    return _compiled(function, {**FLAGS, **MAKES_ARRAYS})


def jit_inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled code calls: there is less to compile."""
    return _compiled(function, {**FLAGS, **INNER})


def jit_apart(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile as :func:`jit_inner` does, but once: it is called, not copied into its callers.

    For what is long and happens rarely.
    """
    return _compiled(function, {**FLAGS, **INNER, "forceinline": False})


def _compare_flags_quickly() -> None:
    """Let Numba compare two sets of flags by those that are given.

    It does so a hundred thousand times while the kernels are compiled, each time by two new dicts
    of all flags there are, which takes a tenth of the whole.
    """
    slowly: Any = TargetConfig.__eq__

    def equal(self: Any, other: Any) -> Any:
        if type(self) is not type(other):
            return slowly(self, other)
        mine, theirs = self._values, other._values  # flags in neither have the same default
        given = mine.keys() | theirs.keys()
        return mine == theirs or all(getattr(self, k) == getattr(other, k) for k in given)

    flags: Any = TargetConfig
    flags.__eq__ = equal


_compare_flags_quickly()


class _SeldomCollected(event.Listener):
    """Lets Python look for cyclic garbage seldom while it compiles: that takes a fifteenth less."""

    _SELDOM = (200_000, 50, 1_000)

    def __init__(self) -> None:
        self._depth = 0  # compiling a function begins with those that it calls
        self._usual = gc.get_threshold()

    def on_start(self, event: event.Event) -> None:
        """The outermost function begins."""
        if self._depth == 0:
            self._usual = gc.get_threshold()
            gc.set_threshold(*self._SELDOM)
        self._depth += 1

    def on_end(self, event: event.Event) -> None:
        """The outermost function is done, or was refused."""
        self._depth -= 1
        if self._depth == 0:
            gc.set_threshold(*self._usual)


class _Notice(event.Listener):
    """Tells the user, once, that kernels are being compiled, why, and for how long."""

    def __init__(self) -> None:
        self._given = False

    def on_start(self, event: event.Event) -> None:
        """Print the notice if the function is one of the library's."""
        module = event.data["dispatcher"].py_func.__module__
        if self._given or not module.startswith("simcc."):
            return
        self._given = True
        folder = cache_directory()
        kept = f"kept in {folder}" if folder else "for this run only: no folder can be written"
        print(
            "simcc: compiling the simulation kernels for this machine, about half a minute; "
            f"once per version ({kept})",
            file=sys.stderr,
            flush=True,
        )

    def on_end(self, event: event.Event) -> None:
        """Nothing to do."""


for _listener in (_SeldomCollected(), _Notice()):
    event.register("numba:compile", _listener)  # type: ignore[no-untyped-call]


def record(name: str, fields: Sequence[str], functions: dict[str, Any] | None = None) -> Any:
    """Define a kind of record: arrays by name that compiled functions take as one argument.

    Without compiling it is a plain class with these fields. Either is made from the values of its
    fields, in their order.

    Parameters
    ----------
    name : str
    fields : sequence of str
        Arrays, other records or functions.
    functions : dict, optional
        Numba's type of each field that is a function: compiled code is the same for all of them.
    """
    if ENABLED:
        return kind_of_record(name, fields, functions or {})
    return _plain_record(name, fields)


def _plain_record(name: str, fields: Sequence[str]) -> Any:
    def fill(self: Any, *values: Any) -> None:
        for field, value in zip(fields, values, strict=True):
            setattr(self, field, value)

    return type(name, (), {"__slots__": tuple(fields), "__init__": fill})
