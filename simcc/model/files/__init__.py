"""Scenario files: TOML with CSV tables beside it, or the JSON that results carry."""

from __future__ import annotations

import os
from pathlib import Path

from simcc.errors import Problem, ScenarioError
from simcc.model.files.reading import (
    LARGEST_FILE,
    LARGEST_TOML,
    Unreadable,
    parse_json,
    parse_toml,
    read_text,
)
from simcc.model.files.shortcuts import Shortcuts
from simcc.model.files.table import Tables
from simcc.model.messages import printable
from simcc.model.scenario import Scenario


def load(path: str | os.PathLike[str]) -> Scenario:
    """Read a scenario file.

    The format is described in ``docs/scenario-file.md``. Tables are read now: the scenario is
    self-contained. Nothing in a file is executed.

    Parameters
    ----------
    path : path
        A TOML file, or the ``scenario.json`` of a result. Its tables lie in its folder or below.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem of the file and of its tables.

    Examples
    --------
    >>> import simcc
    >>> from importlib.resources import as_file, files
    >>> with as_file(files("simcc") / "examples" / "real_center") as folder:
    ...     simcc.load(folder / "real_center.toml")
    <Scenario 'real-center': 11 contact types, 15 agent groups, 0 bots, 12h>
    """
    source = Path(os.fsdecode(path))
    name = printable(str(source), None)
    is_json = source.suffix.lower() == ".json"
    try:
        text = read_text(source, LARGEST_FILE if is_json else LARGEST_TOML)
        data = parse_json(text) if is_json else parse_toml(text)
    except Unreadable as error:
        problem = Problem(error.place, printable(error.message, None))
        raise ScenarioError([problem], name) from None
    tables = Tables(source.parent)
    shortcuts = Shortcuts(data, tables)
    scenario, problems = None, list[Problem]()
    try:
        scenario = Scenario.from_dict(shortcuts.data)
    except ScenarioError as error:
        problems = [shortcuts.as_written(problem) for problem in error.problems]
    problems = [*tables.problems_of_file, *problems, *tables.problems_of_tables]
    if scenario is None or problems:
        shown = (Problem(printable(p.place, None), printable(p.message, None)) for p in problems)
        raise ScenarioError(dict.fromkeys(shown), name)
    return scenario


__all__ = ["load"]
