"""Estimates with less variance, and how much less: table, text and picture."""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simcc.errors import SimulationError
from simcc.estimation import student_quantile
from simcc.experiments.comparison_text import headline
from simcc.model import Scenario
from simcc.plots.drawing import INK, axes, style
from simcc.result.text import Cells, aligned, as_html, between, figure, words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = (
    "scope", "metric", "estimate", "low", "high", "std_error", "variance_ratio", "unit",
)  # fmt: skip
ROUNDING = 1e-12  # of a variance: what is less is none
LESS, MORE = "#3f9b6c", "#c8553d"


@dataclass(frozen=True)
class Figure:
    """One metric of one scope.

    Attributes
    ----------
    scope, metric, unit : str
    estimate, variance : float
        The variance is that of the estimate.
    degrees : int
        Of freedom.
    plain : float
        Variance with as many independent replications and no correction.
    """

    scope: str
    metric: str
    unit: str
    estimate: float
    variance: float
    degrees: int
    plain: float

    @property
    def ratio(self) -> float:
        """Variance with over without; NaN where there is none or it is not known."""
        if not self.plain > 0:
            return math.nan
        ratio = self.variance / self.plain
        return ratio if ratio > ROUNDING else 0.0

    def interval(self, level: float) -> tuple[float, float]:
        """Student's interval, cut at what is possible."""
        half = student_quantile(level, self.degrees) * math.sqrt(self.variance)
        low, high = self.estimate - half, self.estimate + half
        least = -math.inf if self.unit == "money" else 0.0
        most = 1.0 if self.unit in ("share", "score") else math.inf
        return min(max(low, least), most), min(max(high, least), most)


@dataclass(frozen=True, eq=False, repr=False)
class Reduced:
    """Estimates of a scenario with less variance than as many independent replications give.

    Attributes
    ----------
    scenario : Scenario
    method : str
        How the variance was reduced.
    seed, replications : int
    figures : sequence of Figure
        Every metric of every scope.
    """

    scenario: Scenario
    method: str
    seed: int
    replications: int
    figures: Sequence[Figure] = field()

    def summary(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return every metric of every scope, with its interval and what was gained.

        Parameters
        ----------
        level : float
            Confidence level of the intervals.

        Returns
        -------
        pandas.DataFrame
            Columns of ``result.summary()``, and ``variance_ratio``: the variance of the estimate
            over that of plain sampling, estimated from the same run; NaN where nothing varies or it
            is not known.
        """
        import pandas as pd

        rows = [
            (
                one.scope, one.metric, one.estimate, *one.interval(level),
                math.sqrt(one.variance), one.ratio, one.unit,
            )
            for one in self.figures
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def plot(
        self, metrics: Collection[str] | None = None, scope: str = "all", ax: Axes | None = None
    ) -> Axes:
        """Draw what is left of the variance of some metrics.

        Parameters
        ----------
        metrics : collection of str, optional
            By default the main ones.
        scope : str
            "all", "type:NAME", "group:NAME" or "bot:NAME".
        ax : matplotlib Axes, optional
            By default the current one.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SimulationError
            If none of the metrics has a variance ratio in the scope.
        """
        rows = [one for one in self._main(metrics, scope) if not math.isnan(one.ratio)]
        if not rows:
            raise SimulationError(f'no metric of "{scope}" has a variance ratio; see .summary()')
        ax = axes(ax)
        left = [100 * one.ratio for one in rows]
        colors = [LESS if x <= 100 else MORE for x in left]
        ax.barh(range(len(rows)), left, color=colors, height=0.6)
        for place, x in enumerate(left):
            ax.text(x, place, f" {x:.3g} %", va="center", color=INK)
        ax.axvline(100, color=INK, linewidth=1.0)
        ax.set_yticks(range(len(rows)), [one.metric for one in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(0, 1.15 * max(100.0, *left))
        ax.set_xlabel(f"variance left, % of {self.replications} independent replications")
        style(ax, self.method)
        ax.grid(axis="y", visible=False)
        return ax

    def _main(self, metrics: Collection[str] | None, scope: str) -> list[Figure]:
        wanted = headline(self.scenario) if metrics is None else metrics
        return [one for one in self.figures if one.scope == scope and one.metric in wanted]

    @property
    def _shown(self) -> list[Cells]:
        head = ("whole center", "estimate", "95 % interval", "unit", "variance left, %")
        wanted = {*headline(self.scenario), "offered"}
        rows = self._main(wanted, "all") or self._main({x.metric for x in self.figures}, "all")
        return [head, *map(_cells, rows)]

    def __repr__(self) -> str:
        return (
            f"<Reduced {self.scenario.name!r}: {self.method}, {self.replications} replications, "
            f"seed {self.seed}>"
        )

    def __str__(self) -> str:
        return f"{repr(self)[1:-1]}\n\n{aligned(self._shown)}"

    def _repr_html_(self) -> str:
        more = "<p>Everything: <code>.summary()</code></p>"
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{as_html(self._shown)}{more}"


def _cells(one: Figure) -> Cells:
    left = "-" if math.isnan(one.ratio) else f"{100 * one.ratio:.3g}"
    return (
        one.metric, figure(one.estimate, one.unit), between(*one.interval(0.95), one.unit),
        words(one.unit), left,
    )  # fmt: skip
