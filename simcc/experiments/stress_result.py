"""What shocks do to a center: a table of what breaks first, a tornado picture, text and files."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simcc.errors import SimulationError
from simcc.experiments.breaking_result import BreakingPoint
from simcc.experiments.comparison import Comparison
from simcc.experiments.comparison_text import compared, headline
from simcc.experiments.limits import Held, Look, one_sided
from simcc.experiments.measured import measure
from simcc.experiments.simultaneous import Method, differences
from simcc.result import Result, output_folder
from simcc.result.files import Writer, both_formats, write_json, write_together
from simcc.result.text import Cells, aligned, as_html, between, figure, words
from simcc.shocks import Shock

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BASE, OPPOSITE = "no shock", "opposite of "


class Row(NamedTuple):
    """One target under one shock."""

    shock: str
    size: float
    size_unit: str
    target: str
    before: float
    after: float
    after_low: float
    after_high: float
    change: float
    change_low: float
    change_high: float
    unit: str
    days_before: float
    days_after: float
    verdict: str
    breaks_at: float
    breaks_low: float
    breaks_high: float
    times: float


class Bar(NamedTuple):
    """The change of a metric under one shock, and turned round, with their intervals."""

    shock: str
    changes: list[tuple[float, float, float]]


class Stress:
    """What :func:`simcc.stress` found.

    Attributes
    ----------
    shocks : list of str
        By what breaks first.
    comparison : Comparison
        Every metric of every shock against the scenario without one.
    breaking : dict
        From (shock, target) to :class:`BreakingPoint`; empty without ``breaking=True``.
    confidence : float
    """

    def __init__(
        self,
        results: Mapping[str, Result],
        shocks: Mapping[str, Shock],
        opposite: Mapping[str, Shock],
        limits: list[Held],
        breaking: Mapping[tuple[str, str], BreakingPoint],
        *,
        metrics: Collection[str] | None,
        confidence: float,
        method: Method,
    ) -> None:
        self.comparison = Comparison(
            results, baseline=BASE, metrics=metrics, confidence=confidence, method=method
        )
        self.breaking = dict(breaking)
        self.confidence = confidence
        self._shocks, self._opposite = dict(shocks), dict(opposite)
        self._limits = limits

    @property
    def shocks(self) -> list[str]:
        """Names of the shocks, by what breaks first."""
        return list(dict.fromkeys(row.shock for row in self._rows)) or list(self._shocks)

    @property
    def replications(self) -> int:
        """Number of replications of each."""
        return self.comparison.replications

    @property
    def seed(self) -> int:
        """Seed of all of them."""
        return self.comparison.seed

    def table(self) -> pd.DataFrame:
        """Return every target under every shock, by what breaks first.

        The first shocks are those that break a target at the smallest multiple of their size, if
        that was searched; otherwise those after which a target is missed by most.

        Returns
        -------
        pandas.DataFrame
            ``shock``, its ``size`` in ``size_unit``, ``target``; its metric ``before`` and
            ``after`` the shock, the latter with an interval from ``after_low`` to ``after_high``,
            and the paired ``change`` with ``change_low`` and ``change_high``, in ``unit``;
            ``days_before`` and ``days_after``, the shares of days that reach the target (NaN for a
            limit); ``verdict`` after the shock: "holds", "breaks" or "not clear"; ``breaks_at``,
            ``breaks_low`` and ``breaks_high``, the size that breaks it with its interval, and
            ``times``, that size over the size of the shock (NaN unless searched). Intervals hold
            for all shocks together.
        """
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(Row._fields))

    def summary(self) -> pd.DataFrame:
        """Return every difference of every metric, as ``comparison.summary()`` does."""
        return self.comparison.summary()

    def plot(self, metric: str | None = None, scope: str | None = None, ax: Any = None) -> Axes:
        """Draw a tornado: the change of a metric under each shock, the largest first.

        Parameters
        ----------
        metric : str, optional
            By default that of the first target, or the first service level.
        scope : str, optional
            "all", "type:NAME", "group:NAME" or "bot:NAME"; by default that of the target.
        ax : matplotlib Axes, optional
            By default the current one.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SimulationError
            If there is no such metric of that scope.
        """
        from simcc.experiments.stress_plot import draw

        first = self._limits[0] if self._limits and metric is None else None
        if metric is None:
            metric = first.metric if first else headline(self._base.scenario)[0]
        scope = scope or (first.scope if first else "all")
        if (scope, metric) not in measure(self._base, {metric}):
            raise SimulationError(f'there is no "{metric}" of "{scope}"; see .summary()')
        limit = next(
            (one for one in self._limits if (one.scope, one.metric) == (scope, metric)), None
        )
        value = measure(self._base, {metric})[scope, metric]
        return draw(
            self._bars(metric, scope), metric, scope, value.theta, value.unit, limit,
            self.confidence, ax,
        )  # fmt: skip

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write tables, shocks, scenario and seed into a folder: all of them, or none.

        Parameters
        ----------
        folder : path
            New or empty.

        Returns
        -------
        Path
            Of the folder, with ``stress``, ``differences`` and ``curves`` (CSV and Parquet; the
            last with breaking points only), the picture ``tornado.png``, ``shocks.json``,
            ``scenario.json`` and ``run.json``.

        Raises
        ------
        OutputError
            If the folder has content or cannot be written.
        """
        import pandas as pd

        writers: dict[str, Writer] = {
            **both_formats("stress", self.table()),
            **both_formats("differences", self.summary()),
        }
        if self.breaking:
            curves = [
                point.table().assign(shock=shock, target=target)
                for (shock, target), point in self.breaking.items()
            ]
            writers |= both_formats("curves", pd.concat(curves, ignore_index=True))
        shocks = {
            name: one.model_dump(mode="json", exclude_none=True)
            for name, one in self._shocks.items()
        }
        writers |= {
            "tornado.png": self._write_picture,
            "shocks.json": partial(write_json, shocks),
            "scenario.json": partial(write_json, self._base.scenario.to_dict()),
            "run.json": partial(write_json, self._origin),
        }
        with output_folder(folder) as path:
            write_together(path, writers)
        return path

    def _write_picture(self, path: Path) -> None:
        from matplotlib.figure import Figure

        picture = Figure(figsize=(8, 1.6 + 0.4 * len(self._shocks)), layout="constrained")
        self.plot(ax=picture.subplots())
        picture.savefig(path, dpi=130, format="png")

    @property
    def _origin(self) -> dict[str, Any]:
        return {
            "confidence": self.confidence,
            "method": self.comparison.method,
            "limits": [asdict(one) for one in self._limits],
            "results": {name: one.origin for name, one in self.comparison.results.items()},
        }

    @property
    def _base(self) -> Result:
        return self.comparison.results[BASE]

    @cached_property
    def _rows(self) -> list[Row]:
        """Every target under every shock, in order."""
        rows = {name: list(self._of_shock(name)) for name in self._shocks}
        first = {
            name: min(map(self._urgency, some), default=(0.0, 0.0)) for name, some in rows.items()
        }
        return [
            row
            for name in sorted(rows, key=lambda name: first[name])
            for row in sorted(rows[name], key=self._urgency)
        ]

    def _urgency(self, row: Row) -> tuple[float, float]:
        sign = next(one.sign for one in self._limits if one.label == row.target)
        limit = next(one.limit for one in self._limits if one.label == row.target)
        margin = sign * (row.after - limit)
        times = abs(row.times) if not math.isnan(row.times) else math.inf
        return times, margin if row.unit == "share" or not limit else margin / limit

    @cached_property
    def _looks(self) -> dict[str, dict[str, Look]]:
        """Each target in each result, with intervals that hold for all results together."""
        level = one_sided((1 - self.confidence) / (2 * len(self.comparison.results)))
        return {
            limit.label: {
                name: limit.look(one, level) for name, one in self.comparison.results.items()
            }
            for limit in self._limits
        }

    def _of_shock(self, name: str) -> Iterator[Row]:
        shock = self._shocks[name]
        for limit in self._limits:
            before, after = (self._looks[limit.label][one] for one in (BASE, name))
            change = self._changes(limit.metric, limit.scope)[name]
            point = self.breaking.get((name, limit.label))
            days = [limit.days_of(self.comparison.results[one]) for one in (BASE, name)]
            nothing = math.nan
            yield Row(
                name, shock.size, shock.unit, limit.label, before.value, after.value, after.low,
                after.high, *change, limit.unit, days[0], days[1], after.verdict,
                point.estimate if point else nothing, point.low if point else nothing,
                point.high if point else nothing, point.times if point else nothing,
            )  # fmt: skip

    def _changes(self, metric: str, scope: str) -> dict[str, tuple[float, float, float]]:
        """Change of a metric under each shock with its simultaneous interval."""
        found = {
            name: measure(one, {metric})[scope, metric]
            for name, one in self.comparison.results.items()
        }
        theta = np.array([one.theta for one in found.values()])
        influence = np.stack([one.influence for one in found.values()], axis=1)
        pairs = [(i, 0) for i in range(1, len(found))]
        all_ = differences(theta, influence, pairs, self.confidence, self.comparison.method)
        names = list(found)[1:]
        columns = (all_.estimate.tolist(), all_.low.tolist(), all_.high.tolist())
        return dict(zip(names, zip(*columns, strict=True), strict=True))

    def _bars(self, metric: str, scope: str) -> list[Bar]:
        changes = self._changes(metric, scope)
        bars = []
        for name in self._shocks:
            turned = [OPPOSITE + name] if OPPOSITE + name in self._opposite else []
            bars.append(Bar(name, [changes[one] for one in (name, *turned)]))
        return sorted(bars, key=lambda bar: -max(abs(one[0]) for one in bar.changes))

    def __repr__(self) -> str:
        n = len(self._shocks)
        return f"<Stress: {n} shocks, {self.replications} replications of each, seed {self.seed}>"

    def __str__(self) -> str:
        return f"{repr(self)[1:-1]}\n\n{aligned(self._shown)}"

    def _repr_html_(self) -> str:
        more = "<p>Everything: <code>.table()</code>, <code>.summary()</code></p>"
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{as_html(self._shown)}{more}"

    @property
    def _shown(self) -> list[Cells]:
        """What breaks first as cells, under a row of headings."""
        if not self._limits:
            table = self.summary()
            main = headline(self._base.scenario)
            rows = table[(table["scope"] == "all") & table["metric"].isin(main)]
            shown: Any = list(rows.itertuples(index=False))
            return compared(shown, self.confidence)
        sure = f"{100 * self.confidence:g} % interval"
        head = ("shock", "target", "before", "after", sure, "unit", "days before, %",
                "days after, %", "")  # fmt: skip
        more = ("breaks at", sure) if self.breaking else ()
        without = [self._without(limit) for limit in self._limits]
        return [(*head, *more), *without, *map(self._cells, self._rows)]

    def _without(self, limit: Held) -> Cells:
        """A target without a shock."""
        look, unit = self._looks[limit.label][BASE], limit.unit
        days = figure(limit.days_of(self._base), "share")
        value, ends = figure(look.value, unit), between(look.low, look.high, unit)
        cells = (BASE, limit.label, value, "", ends, words(unit), days, "", look.verdict)
        return (*cells, *("", "") * bool(self.breaking))

    def _cells(self, row: Row) -> Cells:
        cells = (
            row.shock, row.target, figure(row.before, row.unit), figure(row.after, row.unit),
            between(row.after_low, row.after_high, row.unit), words(row.unit),
            figure(row.days_before, "share"), figure(row.days_after, "share"), row.verdict,
        )  # fmt: skip
        if not self.breaking:
            return cells
        if row.breaks_high == 0:
            return (*cells, "broken before", "-")
        if math.isinf(row.breaks_at):
            return (*cells, f"> {_size(row.breaks_low, row.size_unit)}", "-")
        ends = f"{_size(row.breaks_low)} .. {_size(row.breaks_high)}"
        known = not math.isnan(row.breaks_low)
        return (*cells, _size(row.breaks_at, row.size_unit), ends if known else "-")


def _size(value: float, unit: str = "") -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "..."
    return f"{value:.3g} {unit}".strip()
