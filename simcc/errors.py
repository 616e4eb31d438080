"""Errors that the library raises on purpose; each names what to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MOST_LISTED = 100


class SimccError(Exception):
    """Base of every error that the library raises on purpose."""


class Problem(NamedTuple):
    """One thing that is wrong with a scenario.

    Attributes
    ----------
    place : str
        Where, in the user's words: ``contact_types["sales"].patience.mean`` or
        ``volumes.csv, line 4, column volume``.
    message : str
        The value, what is wrong with it and what is allowed.

    Examples
    --------
    >>> str(Problem("lines", "is 0; must be at least 1"))
    'lines: is 0; must be at least 1'
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class ScenarioError(SimccError, ValueError):
    """A scenario is not usable; every problem of it is listed at once.

    Parameters
    ----------
    problems : iterable of Problem
    source : str, default ""
        Name of the file, if there is one; heads the message.

    Examples
    --------
    >>> print(ScenarioError([Problem("lines", "is 0; must be at least 1")], "bank.toml"))
    bank.toml: 1 problem
      lines: is 0; must be at least 1
    """

    def __init__(self, problems: Iterable[Problem], source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__(self.problems, source)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MOST_LISTED]]
        left = len(self.problems) - len(lines)
        if left:
            lines.append(f"... and {left} more")
        if not self.source:
            return "\n".join(lines)
        n = len(self.problems)
        head = f"{self.source}: {n} problem{'s' if n != 1 else ''}"
        return "\n  ".join([head, *lines])


class OutputError(SimccError):
    """Results cannot be written where they were asked for."""


class SimulationError(SimccError):
    """A running simulation was asked for something impossible, or a policy misbehaved."""


class StoreError(SimccError):
    """A store belongs to another run, is damaged, or cannot be written."""
