"""The result of a run: what was counted, and the tables and plots made of it."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.errors import SimccError
from simcc.log import AgentLog, ContactLog
from simcc.metrics.counters import Counters
from simcc.metrics.outcomes import satisfaction_of
from simcc.result import tables, text
from simcc.result.event_files import (
    ENDINGS,
    EventLogFormat,
    event_table,
    format_of,
    write_event_log,
)
from simcc.result.events import EventLog, event_log
from simcc.result.files import (
    Writer,
    both_formats,
    output_folder,
    write_intervals,
    write_json,
    write_parquet,
    write_together,
    write_whole,
)

if TYPE_CHECKING:
    import pandas as pd

    from simcc.model import Scenario
    from simcc.plots import Plot


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
    agent_logs : sequence of AgentLog
        The same of the agents.
    agents : sequence of (str, str)
        Name and group of each agent that ``sums.agents`` is about.
    elapsed : float
        Wall-clock time of the run (s).

    Attributes
    ----------
    scenario, sums, seed, first_replication, contact_logs, agent_logs, elapsed
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
        agent_logs: Sequence[AgentLog] = (),
        agents: Sequence[tuple[str, str]] = (),
        elapsed: float = float("nan"),
    ) -> None:
        self.scenario = scenario
        self.sums = sums
        self.seed = seed
        self.first_replication = first_replication
        self.contact_logs = tuple(contact_logs)
        self.agent_logs = tuple(agent_logs)
        self.elapsed = elapsed
        self._agents = tuple(agents)

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

    def intervals(
        self, *, level: float = 0.95, scope: str | None = None, metrics: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the metrics per interval: columns of :meth:`summary` and ``interval_start``.

        Parameters
        ----------
        level : float
            Confidence level of the intervals.
        scope : str, optional
            Only of this scope, "all", "type:NAME", "group:NAME" or "bot:NAME".
        metrics : sequence of str, optional
            Only these metrics.

        Returns
        -------
        pandas.DataFrame
            ``interval_start`` is local time, with its time zone; ``scope``, ``metric`` and ``unit``
            are categories. Quantiles of waits are left out where intervals times types are more
            than 900.
        """
        kinds = tables.SCOPES if scope is None else (scope.partition(":")[0],)
        kinds = tuple(kind for kind in tables.SCOPES if kind in kinds)
        table = tables.interval_table(self.scenario, self.sums, level, kinds, metrics)
        return table if scope is None else table[table["scope"] == scope].reset_index(drop=True)

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
        """Return the contact log, one row per contact.

        Returns
        -------
        pandas.DataFrame
            ``replication``, ``contact`` (its number) and the columns of
            ``simcc.log.CONTACT_SCHEMA``; types, agents, groups and outcomes by name.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        _check_kept(self.contact_logs, "the contact log was", "it")
        return tables.contact_table(
            self.scenario, self.contact_logs, self._agents, self.first_replication
        )

    def interruptions(self) -> pd.DataFrame:
        """Return the spells of service that were cut short, one row per interruption.

        Returns
        -------
        pandas.DataFrame
            ``replication`` and the columns of ``simcc.log.INTERRUPTION_SCHEMA``; agents and groups
            by name.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        _check_kept(self.contact_logs, "the contact log was", "it")
        return tables.interruption_table(
            self.scenario, self.contact_logs, self._agents, self.first_replication
        )

    def callbacks(self) -> pd.DataFrame:
        """Return the calls of those who asked for a callback, one row per call.

        Only where a callback is due later than at once, or rings.

        Returns
        -------
        pandas.DataFrame
            ``replication`` and the columns of ``simcc.log.CALLBACK_SCHEMA``; agents and groups by
            name.

        Raises
        ------
        SimccError
            If the run did not record the contact log.
        """
        _check_kept(self.contact_logs, "the contact log was", "it")
        return tables.callback_table(
            self.scenario, self.contact_logs, self._agents, self.first_replication
        )

    def journeys(self) -> pd.DataFrame:
        """Return what became of each issue, one row per customer who came in.

        Returns
        -------
        pandas.DataFrame
            ``replication``, ``issue`` (the number of its first contact), ``contact_type`` (of
            that), ``first_at`` and ``last_left_at`` (s from the start; NaN if not over),
            ``outcome`` of the last contact, the number of ``contacts``, ``attempts`` and
            ``transfers``, ``times_served``, ``wait_time`` and ``talk_time`` of all contacts
            together (s), whether the last one ``resolved`` it for good, and ``time_to_end`` (s);
            ``satisfaction``, if the scenario says what it depends on.

        Raises
        ------
        SimccError
            If the run did not record the contact log.
        """
        from simcc.result.journeys import journey_table

        table = journey_table(self.contacts(), self.interruptions())
        formula = self.scenario.satisfaction
        if formula is not None:  # rows of both go by replication, then by first contact
            scores = [satisfaction_of(log, formula)[1] for log in self.contact_logs]
            table["satisfaction"] = np.concatenate(scores)
        return table

    def event_log(self) -> pd.DataFrame:
        """Return what happened to the contacts as an event log; see ``docs/event-log.md``.

        Returns
        -------
        pandas.DataFrame
            ``case`` (replication and issue), ``activity``, ``timestamp`` (local, with time zone, to
            the microsecond), ``resource`` (the agent or the bot, if either acts), ``replication``,
            ``issue``, ``contact``, ``contact_type``, ``queue_type``, ``group`` (of the agent),
            ``attempt`` and ``leg``; by case, each in time order.

        Raises
        ------
        SimccError
            If the run did not record the contact log.
        """
        return event_table(self._events())

    def save_event_log(
        self, path: str | os.PathLike[str], *, format: EventLogFormat | None = None
    ) -> Path:
        """Write the event log to a file, whole or not at all; a file of that name is replaced.

        Parameters
        ----------
        path : path
        format : {"csv", "xes", "ocel"}, optional
            CSV, XES (IEEE Std 1849-2016) or OCEL 2.0 as JSON; by default what the ending says:
            ``.csv``, ``.xes`` or ``.json``.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        SimccError
            If the run did not record the contact log.
        OutputError
            If the file cannot be written, or its ending says no format.
        """
        path = Path(path)
        format = format_of(path, format)
        write_whole(path, partial(write_event_log, self._events(), format))
        return path

    def _events(self) -> EventLog:
        _check_kept(self.contact_logs, "the contact log was", "it")
        return event_log(self.scenario, self.contact_logs, self._agents, self.first_replication)

    def agents(self) -> pd.DataFrame:
        """Return contacts and times (s) of every agent in the window, one row per replication.

        ``staffed_time`` and ``overtime`` are NaN in groups staffed by head count, where it is not
        anyone in particular who is due to leave.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        _check_kept(self.sums.agents.shape[1], "the agents' own times were", "them")
        return tables.agent_table(self.sums, self._agents, self.first_replication)

    def agent_events(self) -> pd.DataFrame:
        """Return the comings and goings of the agents, in time order per replication.

        Returns
        -------
        pandas.DataFrame
            ``replication`` and the columns of ``simcc.log.AGENT_SCHEMA``; agents, groups and
            reasons by name. Of a head count no agent in particular is due to leave: no name.

        Raises
        ------
        SimccError
            If the run did not record it.
        """
        _check_kept(self.agent_logs, "the agent log was", "it")
        return tables.agent_event_table(
            self.scenario, self.agent_logs, self._agents, self.first_replication
        )

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

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        observed: pd.DataFrame | None = None,
        event_log: EventLogFormat | None = None,
    ) -> Path:
        """Write tables, figure, scenario and seed into a folder: all of them, or none.

        Parameters
        ----------
        folder : path
            New or empty.
        observed : pandas.DataFrame, optional
            What a real center did, for the figure; see :mod:`simcc.plots`.
        event_log : {"csv", "xes", "ocel"}, optional
            Also write the event log, in this format; see :meth:`save_event_log`.

        Returns
        -------
        Path
            Of the folder, with ``summary`` and ``intervals`` (CSV and Parquet), ``day.png``,
            ``scenario.json``, ``run.json``; of a recorded run also ``contacts``, ``agents`` and
            ``agent_events`` (Parquet), and the ``event_log``.

        Raises
        ------
        OutputError
            If the folder has content or cannot be written.
        """
        with output_folder(folder) as path:
            writers = self._writers(observed)
            if event_log is not None:
                name = f"event_log{ENDINGS[format_of(path, event_log)]}"
                writers[name] = partial(write_event_log, self._events(), event_log)
            write_together(path, writers)
        return path

    def _writers(self, observed: pd.DataFrame | None) -> dict[str, Writer]:
        summary, intervals = self.summary(), self.intervals()
        writers: dict[str, Writer] = {
            **both_formats("summary", summary),
            **both_formats("intervals", intervals),
            "intervals.csv": partial(write_intervals, intervals),
            "day.png": partial(self._write_figure, observed),
            "scenario.json": partial(write_json, self.scenario.to_dict()),
            "run.json": partial(write_json, self.origin),
        }
        for make, recorded in (
            (self.contacts, self.contact_logs),
            (self.agents, self.sums.agents.size),
            (self.agent_events, self.agent_logs),
            (self.interruptions, any(log.cut.n for log in self.contact_logs)),
            (self.callbacks, any(log.callbacks.n for log in self.contact_logs)),
        ):
            if recorded:
                writers[f"{make.__name__}.parquet"] = partial(write_parquet, make)
        return writers

    @property
    def origin(self) -> dict[str, Any]:
        """Where it comes from: version, scenario and its hash, seed, replications."""
        from simcc import __version__

        return {
            "simcc": __version__,
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash(),
            "seed": self.seed,
            "first_replication": self.first_replication,
            "replications": self.replications,
        }

    def _write_figure(self, observed: pd.DataFrame | None, path: Path) -> None:
        from simcc.plots import day_figure

        day_figure(self, observed=observed).savefig(path, dpi=130, format="png")

    def __repr__(self) -> str:
        return (
            f"<Result of {self.scenario.name!r}: {self.replications} replication"
            f"{'s' * (self.replications != 1)}, seed {self.seed}>"
        )

    def __str__(self) -> str:
        return "\n\n".join([repr(self)[1:-1], *map(text.aligned, self._short)])

    def _repr_html_(self) -> str:
        title = html.escape(repr(self)[1:-1])
        return (
            f"<p>{title}</p>{''.join(map(text.as_html, self._short))}"
            "<p>Everything: <code>.summary()</code>, <code>.intervals()</code></p>"
        )

    @cached_property
    def _short(self) -> list[list[text.Cells]]:
        """The main figures of the whole center, and of the targets if there are any."""
        tables_ = (text.headline(self.scenario, self.sums), text.targets(self.scenario, self.sums))
        return [rows for rows in tables_ if rows]


def _check_kept(recorded: Any, what: str, them: str) -> None:
    if not recorded:
        raise SimccError(f'{what} not kept; run simulate(..., record="contacts") to have {them}')
