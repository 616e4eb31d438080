"""What shocks of random sizes do: a table, the days one by one, a picture."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc.estimation import Floats, from_influence, linearised, share_of_days
from simcc.experiments.limits import Held
from simcc.metrics import Metric
from simcc.result.text import Cells, aligned, as_html, between, figure, words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Figure:
    """What is observed of each day.

    Attributes
    ----------
    label : str
    of : (Metric, str)
        The metric and its scope.
    held : Held, optional
        If it is to keep to a limit.
    """

    label: str
    of: tuple[Metric, str]
    held: Held | None


class Shaken:
    """What :func:`simcc.shake` found.

    Attributes
    ----------
    shocks : list of str
    seed : int
    confidence : float
    """

    def __init__(
        self,
        shocks: list[str],
        sizes: Floats,
        figures: list[Figure],
        before: Floats,
        after: Floats,
        seed: int,
        confidence: float,
    ) -> None:
        self.shocks, self.seed, self.confidence = shocks, seed, confidence
        self._sizes, self._figures = sizes, figures
        self._before, self._after = before, after

    @property
    def replications(self) -> int:
        """Number of days."""
        return len(self._sizes)

    def table(self) -> pd.DataFrame:
        """Return each target, limit and metric, without the shocks and with them.

        Returns
        -------
        pandas.DataFrame
            Columns ``figure``; ``before`` (no shocks), ``after`` with ``after_low`` and
            ``after_high``; the paired ``change`` with ``change_low`` and ``change_high``; ``unit``;
            ``worst_tenth``, the value that one day in ten is worse than (NaN where no way is
            better); ``days_before`` and ``days_after``, the shares of days that keep to the limit,
            the latter with ``days_after_low`` and ``days_after_high`` (NaN if there is none).
        """
        import pandas as pd

        return pd.DataFrame(list(self._rows()))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for i, one in enumerate(self._figures):
            theta, influence = linearised(self._after[:, i, 0], self._after[:, i, 1])
            old, old_influence = linearised(self._before[:, i, 0], self._before[:, i, 1])
            after = from_influence(theta, influence, self.confidence)
            change = from_influence(theta - old, influence - old_influence, self.confidence)
            row = {
                "figure": one.label, "before": float(old), "after": float(theta),
                "after_low": float(after.low), "after_high": float(after.high),
                "change": float(change.estimate), "change_low": float(change.low),
                "change_high": float(change.high), "unit": one.of[0].unit,
            }  # fmt: skip
            yield row | self._worst(i) | self._kept(i)

    def _worst(self, i: int) -> dict[str, float]:
        held, values = self._figures[i].held, self._values(i)
        values = values[np.isfinite(values)]
        if held is None or not len(values):
            return {"worst_tenth": float("nan")}
        return {"worst_tenth": float(np.quantile(values, 0.1 if held.sign > 0 else 0.9))}

    def _kept(self, i: int) -> dict[str, float]:
        """Shares of days that keep to a limit; a day without value does."""
        names = ("days_before", "days_after", "days_after_low", "days_after_high")
        held = self._figures[i].held
        if held is None:
            return dict.fromkeys(names, float("nan"))

        def keeps(parts: Floats) -> npt.NDArray[np.bool_]:
            return np.asarray(held.sign * (parts[:, :1] - held.limit * parts[:, 1:]) >= 0)

        kept = keeps(self._after[:, i])
        after = share_of_days(kept, np.ones_like(kept), self.confidence)
        found = (keeps(self._before[:, i]).mean(), after.estimate, after.low, after.high)
        return dict(zip(names, map(float, found), strict=True))

    def _values(self, i: int) -> Floats:
        above, below = self._after[:, i].T
        found: Floats = np.full(len(above), np.nan)
        np.divide(above, below, out=found, where=below > 0)
        return found

    def days(self) -> pd.DataFrame:
        """Return the days one by one: sizes of the shocks as multiples of the given ones, figures.

        Returns
        -------
        pandas.DataFrame
            One row per day, indexed by ``replication``; a column for each shock, then one for each
            target, limit and metric (NaN where a day has none).
        """
        import pandas as pd

        columns = dict(zip(self.shocks, self._sizes.T, strict=True))
        columns |= {one.label: self._values(i) for i, one in enumerate(self._figures)}
        return pd.DataFrame(columns).rename_axis("replication")

    def correlations(self) -> pd.DataFrame:
        """Return the rank correlation of each figure of a day with the size of each shock.

        Returns
        -------
        pandas.DataFrame
            A row for each figure, a column for each shock; NaN where a figure never changes.
        """
        days = self.days()
        labels = [one.label for one in self._figures]
        return days.corr(method="spearman").loc[labels, self.shocks]

    def plot(self, label: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how many days are how bad, with the shocks and without.

        Parameters
        ----------
        label : str, optional
            A figure of the table; by default the first.
        ax : Axes, optional
            By default new axes.

        Returns
        -------
        Axes
        """
        from simcc.experiments.shaken_plot import draw

        labels = [one.label for one in self._figures]
        i = 0 if label is None else labels.index(label)
        above, below = self._before[:, i].T
        before = above[below > 0] / below[below > 0]
        after = self._values(i)
        return draw(self._figures[i], before, after[np.isfinite(after)], ax)

    def text(self) -> str:
        """Return the table as text."""
        return f"{self._title()}\n\n" + aligned(self._cells())

    def _title(self) -> str:
        shocks = f"{len(self.shocks)} shocks of random sizes at once"
        return f"Shaken: {shocks}, {self.replications} days, seed {self.seed}"

    def _cells(self) -> list[Cells]:
        level = f"{100 * self.confidence:g} % interval"
        cells: list[Cells] = [
            ("", "before", "after", level, "unit", "days before, %", "days after, %")
        ]
        for row in self._rows():
            unit = row["unit"]
            cells.append(
                (
                    row["figure"], figure(row["before"], unit), figure(row["after"], unit),
                    between(row["after_low"], row["after_high"], unit), words(unit),
                    figure(row["days_before"], "share"), figure(row["days_after"], "share"),
                )
            )  # fmt: skip
        return cells

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{self._title()}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._title())}</p>" + as_html(self._cells())
