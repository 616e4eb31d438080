"""Does a bot pay? The same customers without it and with it, and one table of the differences."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simcc.assessment.fit import check_pair
from simcc.assessment.measures import measures
from simcc.engine.arguments import whole
from simcc.estimation import from_influence
from simcc.experiments.directions import better, meaning
from simcc.replicate import simulate
from simcc.result import Result, output_folder
from simcc.result.files import both_formats, write_json, write_together
from simcc.result.text import Cells, aligned, as_html, between, figure, words
from simcc.streams import check_seed

if TYPE_CHECKING:
    import pandas as pd

    from simcc.model import Scenario


class Row(NamedTuple):
    """One figure without the bot and with it; ``low`` to ``high`` is about the difference."""

    part: str
    metric: str
    scope: str
    without: float
    with_: float
    difference: float
    low: float
    high: float
    unit: str
    meaning: str
    title: str


COLUMNS = [name.rstrip("_") for name in Row._fields]


def assess_bot(
    without: Scenario,
    with_: Scenario,
    *,
    replications: int,
    seed: int | None = None,
    workers: int = 1,
    progress: bool = False,
) -> Assessment:
    """Simulate a center without a bot and with it, on the same customers, and compare the two.

    Replication r of both has the same customers: contacts of the types of the same name come at the
    same instants and bring the same patience and the same work. So the differences, taken
    replication by replication, are known much better than from two runs of their own.

    Parameters
    ----------
    without, with_ : Scenario
        They may differ in bots, staffing, routing and in what follows contacts; horizon, arrivals,
        targets, thresholds and satisfaction must be the same.
    replications : int
        At least 2, of each.
    seed, workers, progress
        As for :func:`simcc.simulate`.

    Returns
    -------
    Assessment

    Raises
    ------
    ScenarioError
        With everything that makes the two incomparable.
    SimulationError
        If an argument is not allowed; the message names it.

    Examples
    --------
    >>> import simcc
    >>> voice = simcc.ContactType(
    ...     name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")
    >>> without = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"), contact_types=[voice],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> bot = simcc.Bot(name="bot", session_time="1min", contained=0.3)
    >>> with_bot = without.replace(contact_types=[voice.replace(bot="bot")], bots=[bot])
    >>> simcc.assess_bot(without, with_bot, replications=5, seed=1)
    <Assessment of 'scenario' against 'scenario': 5 replications, seed 1>
    """
    check_pair(without, with_)
    whole(replications, "replications", least=2)
    seed = check_seed(seed)
    run = partial(
        simulate, replications=replications, seed=seed, workers=workers, progress=progress
    )
    return Assessment(run(without), run(with_))


class Assessment:
    """What a bot changes: people saved, value, service quality, effect on the team.

    Parameters
    ----------
    without, with_ : Result
        Of the same replications of two scenarios that :func:`assess_bot` allows.

    Attributes
    ----------
    without, with_
        As given.
    """

    def __init__(self, without: Result, with_: Result) -> None:
        self.without = without
        self.with_ = with_

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return every figure without the bot, with it, and the difference.

        Parameters
        ----------
        level : float
            Confidence level of the intervals.

        Returns
        -------
        pandas.DataFrame
            ``part`` ("people saved", "value", "service quality", "effect on the team"), ``metric``,
            ``scope``, ``without``, ``with``, ``difference`` (with less without) with its interval
            from ``low`` to ``high``, ``unit``, ``meaning`` ("better", "worse", "higher", "lower" or
            "no clear difference") and ``title``.

        Notes
        -----
        A ratio is a ratio of totals, its difference that of two such ratios; the interval is
        Student's, from the influence of each replication on the difference (delta method).
        """
        import pandas as pd

        return pd.DataFrame(list(self._rows(level)), columns=COLUMNS)

    def _rows(self, level: float) -> Iterator[Row]:
        results = self.without, self.with_
        both = [one.scenario for one in results]
        before, after = (measures(one, both) for one in both)
        for old, new in zip(before, after, strict=True):
            was, old_influence = old.estimate(self.without.sums)
            now, new_influence = new.estimate(self.with_.sums)
            found = from_influence(np.asarray(now - was), new_influence - old_influence, level)
            low, high = float(found.low), float(found.high)
            yield Row(
                new.part, new.metric, new.scope, was, now, now - was, low, high, new.unit,
                meaning(low, high, better(new.metric), max(abs(was), abs(now))), new.title,
            )  # fmt: skip

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the table, both scenarios and the seed into a folder: all of them, or none.

        Parameters
        ----------
        folder : path
            New or empty.

        Returns
        -------
        Path
            Of the folder, with ``assessment`` (CSV and Parquet), ``without.json``, ``with.json``
            and ``run.json``.

        Raises
        ------
        OutputError
            If the folder has content or cannot be written.
        """
        table = self.table()
        with output_folder(folder) as path:
            write_together(
                path,
                {
                    **both_formats("assessment", table),
                    "without.json": partial(write_json, self.without.scenario.to_dict()),
                    "with.json": partial(write_json, self.with_.scenario.to_dict()),
                    "run.json": partial(write_json, self._origin),
                },
            )
        return path

    @property
    def _origin(self) -> dict[str, Any]:
        return {"without": self.without.origin, "with": self.with_.origin}

    def __repr__(self) -> str:
        names = f"{self.with_.scenario.name!r} against {self.without.scenario.name!r}"
        n = f"{self.with_.replications} replications, seed {self.with_.seed}"
        return f"<Assessment of {names}: {n}>"

    def __str__(self) -> str:
        return "\n\n".join([repr(self)[1:-1], *map(aligned, self._short)])

    def _repr_html_(self) -> str:
        title = html.escape(repr(self)[1:-1])
        tables = "".join(map(as_html, self._short))
        return f"<p>{title}</p>{tables}<p>As data: <code>.table()</code></p>"

    @cached_property
    def _short(self) -> list[list[Cells]]:
        """The table as cells, part by part, each under a row of headings."""
        head = ("scope", "without", "with", "difference", "95 % interval", "unit", "")
        return [
            [(part, *head), *map(_cells, rows)]
            for part, rows in groupby(self._rows(0.95), key=lambda row: row.part)
        ]


def _cells(row: Row) -> Cells:
    figures = (figure(value, row.unit) for value in (row.without, row.with_, row.difference))
    interval = between(row.low, row.high, row.unit)
    return row.metric, row.scope, *figures, interval, words(row.unit), row.meaning
