"""Files that are written together: all of them whole, or none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcc.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

Writer = Callable[[Path], Any]


@contextmanager
def output_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a folder for results; it goes again if what follows fails and leaves it empty.

    Parameters
    ----------
    folder : path
        New or empty.

    Raises
    ------
    OutputError
        If it has content, is a file, or cannot be written, now or in what follows.
    """
    path = Path(folder)
    try:
        if path.exists() and not path.is_dir():
            raise OutputError(f"{path}: is a file, not a folder")
        if path.is_dir() and any(path.iterdir()):
            raise OutputError(f"{path}: the folder is not empty; name a new or an empty one")
        is_new = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
        try:
            yield path
        except BaseException:
            if is_new and not any(path.iterdir()):
                path.rmdir()
            raise
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def write_together(folder: Path, writers: Mapping[str, Writer]) -> None:
    """Write files: each under a hidden name first, and named when all of them are whole.

    Parameters
    ----------
    folder : Path
    writers : mapping
        From a file's name to the function that writes it to a path.
    """
    parts = {name: folder / f".part-{name}" for name in writers}
    with ExitStack() as stack:
        for part in parts.values():
            stack.callback(part.unlink, missing_ok=True)
        for name, write in writers.items():
            write(parts[name])
        for name, part in parts.items():
            part.replace(folder / name)


def write_whole(path: Path, write: Writer) -> None:
    """Write one file, whole or not at all; a file of that name is replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        write_together(path.parent, {path.name: write})
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def both_formats(name: str, table: pd.DataFrame) -> dict[str, Writer]:
    """Return the writers of a table as CSV and as Parquet, by the names of the files."""
    return {
        f"{name}.csv": partial(table.to_csv, index=False),
        f"{name}.parquet": partial(table.to_parquet, index=False),
    }


def write_intervals(table: pd.DataFrame, path: Path) -> None:
    """Write a table per interval as CSV, each instant made text once: it stands in many rows."""
    import pandas as pd

    which, instants = pd.factorize(table["interval_start"])
    texts = pd.Categorical.from_codes(which, pd.Index([str(one) for one in instants]))
    table.assign(interval_start=texts).to_csv(path, index=False)


def write_parquet(make: Callable[[], pd.DataFrame], path: Path) -> None:
    """Write a table as Parquet."""
    make().to_parquet(path, index=False)


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write a dict as indented JSON."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
