"""The result of a run: what was counted, and the tables and plots made of it."""

from __future__ import annotations

import html
import json
import math
import os
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcc.errors import OutputError, SimccError
from simcc.log import ContactLog
from simcc.metrics.counters import Counters
from simcc.result import tables

if TYPE_CHECKING:
    import pandas as pd

    from simcc.model import Scenario
    from simcc.plots import Plot

SHORT = (
    "arrivals", "offered", "served", "abandoned", "blocked", "service_level", "asa", "wait_p90",
    "abandonment", "occupancy", "containment", "probability",
)  # fmt: skip


class Result:
    """What R replications of a scenario gave.

    Parameters
    ----------
    scenario : Scenario
    sums : Counters
        Of all replications.
    seed : int
        Entropy of the random streams; the same seed gives the same result.
    first_replication : int
        Number of the first replication.
    contact_logs : sequence of ContactLog
        One per replication if they were recorded, else empty.
    agents : sequence of (str, str)
        Name and group of each agent that ``sums.agents`` is about.
    elapsed : float
        Wall-clock time of the run (s).

    Attributes
    ----------
    scenario, sums, seed, first_replication, contact_logs, elapsed
        As given.
    """

    def __init__(
        self,
        scenario: Scenario,
        sums: Counters,
        *,
        seed: int,
        first_replication: int = 0,
        contact_logs: Sequence[ContactLog] = (),
        agents: Sequence[tuple[str, str]] = (),
        elapsed: float = float("nan"),
    ) -> None:
        self.scenario = scenario
        self.sums = sums
        self.seed = seed
        self.first_replication = first_replication
        self.contact_logs = tuple(contact_logs)
        self.elapsed = elapsed
        self._agents = tuple(agents)
        self._intervals: dict[float, pd.DataFrame] = {}  # plots ask for them again and again

    @property
    def replications(self) -> int:
        """Number of replications."""
        return self.sums.replications

    def summary(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return every metric of every scope, with its confidence interval.

        Parameters
        ----------
        level : float
            Confidence level of the intervals.

        Returns
        -------
        pandas.DataFrame
            Columns ``scope`` ("all", "type:NAME", "group:NAME", "bot:NAME"), ``metric``,
            ``estimate``, ``low``, ``high``, ``std_error``, ``unit``. With one replication there
            are no intervals (NaN).
        """
        return tables.summary_table(self.scenario, self.sums, level)

    def intervals(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the metrics per interval: columns of :meth:`summary` and ``interval_start``.

        ``interval_start`` is local time, with its time zone. Quantiles of waits are left out where
        intervals times types are more than 900.
        """
        if level not in self._intervals:
            self._intervals[level] = tables.interval_table(self.scenario, self.sums, level)
        return self._intervals[level].copy()

    def counters(self, level: str = "type") -> pd.DataFrame:
        """Return the raw sums behind every metric.

        Parameters
        ----------
        level : str
            "center", "type", "group", "bot" or "pair" (type and group).

        Returns
        -------
        pandas.DataFrame
            One row per replication, interval and type (...); ``interval`` counts from 0.
        """
        table = tables.counter_table(self.scenario, self.sums, level)
        table["replication"] += self.first_replication
        return table

    def contacts(self) -> pd.DataFrame:
        """Return the contact log, one row per contact, columns as in ``simcc.log``.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        if not self.contact_logs:
            raise SimccError(
                'the contact log was not kept; run simulate(..., record="contacts") to have it'
            )
        return tables.contact_table(self.scenario, self.contact_logs, self.first_replication)

    def agents(self) -> pd.DataFrame:
        """Return contacts and times (s) of every agent in the window, one row per replication.

        ``staffed_time`` and ``overtime`` are NaN in groups staffed by head count, where it is not
        anyone in particular who is due to leave.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        if not self.sums.agents.shape[1]:
            raise SimccError(
                "the agents' own times were not kept; "
                'run simulate(..., record="contacts") to have them'
            )
        return tables.agent_table(self.sums, self._agents, self.first_replication)

    def cross_check(self) -> pd.DataFrame:
        """Compare each type and the pooled center with Erlang's formulas.

        See :func:`simcc.result.cross_check.cross_check`.
        """
        from simcc.result.cross_check import cross_check

        return cross_check(self)

    @cached_property
    def plot(self) -> Plot:
        """Plots: ``result.plot.day()``, ``.volume()``, ``.service_level()``, ..."""
        from simcc.plots import Plot

        return Plot(self)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write summary and intervals (CSV, Parquet), the scenario and the seed into a folder.

        Parameters
        ----------
        folder : path
            New or empty.

        Raises
        ------
        OutputError
            If the folder has content or cannot be written.
        """
        path = check_output_folder(folder)
        origin = {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash(),
            "seed": self.seed,
            "first_replication": self.first_replication,
            "replications": self.replications,
        }
        summary, intervals = self.summary(), self.intervals()
        writers: dict[str, Callable[[Path], Any]] = {
            "summary.csv": partial(summary.to_csv, index=False),
            "summary.parquet": partial(summary.to_parquet, index=False),
            "intervals.csv": partial(intervals.to_csv, index=False),
            "intervals.parquet": partial(intervals.to_parquet, index=False),
            "scenario.json": partial(_write_json, self.scenario.to_dict()),
            "run.json": partial(_write_json, origin),
        }
        try:
            path.mkdir(parents=True, exist_ok=True)
            for name, write in writers.items():
                _write_whole(path / name, write)
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror or error}") from error
        return path

    def __repr__(self) -> str:
        return (
            f"<Result of {self.scenario.name!r}: {self.replications} replication"
            f"{'s' * (self.replications != 1)}, seed {self.seed}>"
        )

    def _repr_html_(self) -> str:
        title = html.escape(repr(self)[1:-1])
        head = "".join(f"<th>{name}</th>" for name in ("metric", "estimate", "95 % interval", ""))
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._short
        )
        return (
            f"<p>{title}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            "<p>Everything: <code>.summary()</code>, <code>.intervals()</code></p>"
        )

    @cached_property
    def _short(self) -> list[tuple[str, str, str, str]]:
        """The main metrics of the whole center, as text."""
        rows = tables.summary_rows(self.scenario, self.sums, 0.95, scopes=("all",))
        return [
            (
                metric,
                f"{estimate:.4g}",
                "" if math.isnan(low) else f"{low:.4g} to {high:.4g}",
                unit,
            )
            for _, metric, estimate, low, high, _, unit in rows
            if metric.startswith(SHORT) and not math.isnan(estimate)
        ]


def check_output_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a folder that may be written to: it is new or empty.

    Raises
    ------
    OutputError
        If it has content, or is a file.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path}: is a file, not a folder")
    if path.is_dir() and any(path.iterdir()):
        raise OutputError(f"{path}: the folder is not empty; name a new or an empty one")
    return path


def _write_json(content: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f".part-{path.name}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
