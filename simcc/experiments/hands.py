"""Scenarios made ready once, for all stages of an experiment, each with a store of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from urllib.parse import quote

from simcc.errors import StoreError
from simcc.model import Scenario
from simcc.replicate import Prepared, check_hands
from simcc.store import MANIFEST, Store
from simcc.streams import check_seed

LONGEST_FOLDER = 100  # characters, of which a file system allows 255


def prepare(
    scenarios: Mapping[str, Scenario],
    seed: int | None,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
) -> dict[str, Prepared]:
    """Make scenarios ready for runs of the same replications.

    Parameters
    ----------
    scenarios : mapping
    seed : int, optional
        By default that of the stores, if there are any yet, else fresh entropy.
    workers, executor
        As for :func:`simcc.simulate`.
    store : path, optional
        Folder with a store for each scenario in a folder of its own.

    Raises
    ------
    SimulationError
        If an argument is not allowed.
    StoreError
        If one of the stores is of another run.
    """
    check_hands(workers, executor, store)
    folders: dict[str, Path | None] = dict.fromkeys(scenarios)
    if store is not None:
        if (Path(store) / MANIFEST).exists():
            raise StoreError(f"{store}: is the store of one scenario; name another folder")
        folders = {name: Path(store) / folder_of(name) for name in scenarios}
        found = (Store.seed_of(folder) for folder in folders.values() if folder)
        seed = next((one for one in found if one is not None), None) if seed is None else seed
    seed = check_seed(seed)
    return {
        name: Prepared(one, seed, workers=workers, executor=executor, store=folders[name])
        for name, one in scenarios.items()
    }


def folder_of(name: str) -> str:
    """Return the name of the folder of a scenario: its own, what file systems refuse replaced.

    >>> folder_of("one more"), folder_of("a/b"), folder_of(".."), len(folder_of(200 * "x"))
    ('one more', 'a%2Fb', '%2E%2E', 100)
    """
    safe = quote(name, safe=" +,=()")
    if safe != safe.strip(". "):
        safe = safe.replace(".", "%2E").replace(" ", "%20")
    if len(safe) <= LONGEST_FOLDER:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{safe[: LONGEST_FOLDER - 17]}-{digest}"
