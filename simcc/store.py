"""A store: a folder that keeps what is finished, so that a killed run goes on where it was.

The folder holds ``manifest.json``, the scenario and what else the numbers depend on, and
``parts/``, a Parquet file (:mod:`simcc.parts`) for each block of replications. The blocks are the
same for every process that works on the store, and so are the bytes of a part: whoever writes it
again changes nothing. Every file is whole or not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcc.errors import StoreError
from simcc.model import CustomPolicy
from simcc.parts import decode
from simcc.streams import check_seed

if TYPE_CHECKING:
    from simcc.cells import Rows
    from simcc.model import Scenario

FORMAT = 1
MANIFEST = "manifest.json"
LIBRARIES = ("numpy", "scipy", "numba")  # the last bits of a result may depend on them
MOST_DIFFERENCES = 5
LEFT_BEHIND = 3600.0  # s; a hidden file this old is of a process that was killed


@cache
def versions() -> dict[str, str]:
    """Versions that results depend on, of simcc and of the libraries that it computes with."""
    from simcc import __version__

    return {"simcc": __version__, **{name: version(name) for name in LIBRARIES}}


class Store:
    """The store in a folder, opened for a run or to be made for it.

    Parameters
    ----------
    folder : path
        A store, an empty folder, or none yet.
    scenario : Scenario
    seed : int, optional
        By default that of the store; fresh entropy for a new one.

    Attributes
    ----------
    folder : Path
    seed : int
    run : dict
        What the numbers depend on; it is in the metadata of every part.
    per_part : int or None
        Replications per part; None until the store is made.

    Raises
    ------
    StoreError
        If the folder is no store, or the store of another run; the message says what differs.
    """

    def __init__(
        self, folder: str | os.PathLike[str], scenario: Scenario, seed: int | None = None
    ) -> None:
        self.folder = Path(folder)
        self._scenario = scenario
        with _errors(self.folder):
            manifest = _manifest(self.folder)
        if manifest is not None and seed is None:
            seed = manifest.get("seed")
        self.seed = check_seed(seed)
        self.run = {
            "format": FORMAT,
            "scenario_hash": scenario.hash(),
            "policy_source": _policy_source(scenario),
            "seed": self.seed,
            **versions(),
        }
        self.per_part: int | None = None
        if manifest is not None:
            self._join(manifest)

    @staticmethod
    def seed_of(folder: str | os.PathLike[str]) -> int | None:
        """Seed of the store in a folder; None where there is none yet."""
        path = Path(folder)
        with _errors(path):
            return (_manifest(path) or {}).get("seed")

    def make(self, per_part: int) -> bool:
        """Make the store, unless another process has made it since it was opened.

        Parameters
        ----------
        per_part : int
            Replications per part.

        Returns
        -------
        bool
            Whether it is new; if it is not, its own ``per_part`` holds.
        """
        manifest = {
            **self.run,
            "replications_per_part": per_part,
            "scenario": self._scenario.to_dict(),
        }
        text = json.dumps(manifest, indent=2) + "\n"
        with _errors(self.folder):
            (self.folder / "parts").mkdir(parents=True, exist_ok=True)
            is_new = _write(self.folder / MANIFEST, text.encode(), replace=False)
            self._join(manifest if is_new else _manifest(self.folder) or {})
        return is_new

    def has(self, first: int) -> bool:
        """Whether the part that begins with a replication is there."""
        return self._path(first).exists()

    def read(self, first: int) -> Rows:
        """Return the rows of the part that begins with a replication.

        Raises
        ------
        StoreError
            If it is damaged, or of another run.
        """
        path = self._path(first)
        with _errors(self.folder):
            content = path.read_bytes()
        try:
            rows, metadata = decode(content)
        except ValueError as error:
            raise StoreError(
                f"{path}: is damaged ({error}); delete it, and it is computed again"
            ) from error
        _check_same({**self.run, "first": first}, metadata, str(path))
        return rows

    def write(self, first: int, content: bytes) -> None:
        """Write a part, whole or not at all."""
        with _errors(self.folder):
            _write(self._path(first), content)

    def _path(self, first: int) -> Path:
        assert self.per_part is not None
        last = first + self.per_part - 1
        return self.folder / "parts" / f"{first:08d}-{last:08d}.parquet"

    def _join(self, manifest: Mapping[str, Any]) -> None:
        """Go on with what is there, if it is of this run."""
        known = _differences(manifest.get("scenario", {}), self._scenario.to_dict())
        _check_same(self.run, manifest, str(self.folder), known)
        per_part = manifest.get("replications_per_part")
        if not isinstance(per_part, int) or per_part < 1:
            raise StoreError(f"{self.folder / MANIFEST}: is damaged (replications_per_part)")
        self.per_part = per_part
        _sweep(self.folder / "parts")


def _manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest; None where there is no store yet."""
    path = folder / MANIFEST
    if path.exists():
        try:
            found = json.loads(path.read_bytes())
            return {**found}
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path}: is damaged ({error})") from error
    if folder.exists():
        _sweep(folder)
        others = {p.name for p in folder.iterdir() if p.name[0] != "."} - {"parts"}
        if others:
            raise StoreError(
                f"{folder}: has content but is no store; name a new or an empty folder"
            )
    return None


@contextlib.contextmanager
def _errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror or error}") from error


def _write(path: Path, content: bytes, *, replace: bool = True) -> bool:
    """Write a file under a hidden name, then name it; False if it is there and not replaced."""
    hidden = path.parent / f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with hidden.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            hidden.replace(path)
            return True
        try:
            os.link(hidden, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)
    return True


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed have left behind."""
    for path in folder.glob(".*"):
        with contextlib.suppress(OSError):  # another process may sweep too
            if time.time() - path.stat().st_mtime > LEFT_BEHIND:
                path.unlink()


def _policy_source(scenario: Scenario) -> str | None:
    """A digest of the source of a policy of one's own: the scenario has just its name."""
    policy = scenario.routing.policy
    if not isinstance(policy, CustomPolicy):
        return None
    function = getattr(policy.score, "py_func", policy.score)
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise StoreError(
            f"the source of the policy {function!r} cannot be read, so that a store cannot tell it "
            "from another one; define it in a file"
        ) from None
    return hashlib.sha256(source.encode()).hexdigest()


def _check_same(
    mine: Mapping[str, Any], found: Mapping[str, Any], place: str, known: list[str] | None = None
) -> None:
    """Refuse what is of another run, naming what differs; known differences say more."""
    differ = [key for key, value in mine.items() if found.get(key) != value]
    if not differ:
        return
    lines = [f"{key}: {found.get(key)!r} in the store, {mine[key]!r} now" for key in differ]
    if known:
        lines = [line for line in lines if not line.startswith("scenario_hash")] + known
    shown = [*lines[:MOST_DIFFERENCES], *(["..."] if len(lines) > MOST_DIFFERENCES else [])]
    head = f"{place}: belongs to another run; go on with the same, or name another folder"
    raise StoreError("\n  ".join([head, *shown]))


def _differences(stored: Any, now: Any, place: str = "") -> list[str]:
    """Where two scenarios differ, as dicts and lists."""
    if isinstance(stored, dict) and isinstance(now, dict):
        keys = list(dict.fromkeys([*stored, *now]))
        inner = [(stored.get(k), now.get(k), f"{place}.{k}" if place else k) for k in keys]
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        inner = [(a, b, f"{place}[{i}]") for i, (a, b) in enumerate(zip(stored, now, strict=True))]
    elif stored == now:
        return []
    else:
        return [f"{place}: {_short(stored)} in the store, {_short(now)} now"]
    return [line for a, b, where in inner if a != b for line in _differences(a, b, where)]


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
