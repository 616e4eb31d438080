"""Sobol's indices of the metrics of a scenario, and how they are shown."""

from __future__ import annotations

import html
import math
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simcc.estimation import Floats, student_quantile
from simcc.experiments.factors import Factor
from simcc.experiments.measured import Key, Measured
from simcc.model import Scenario
from simcc.result.text import Cells, aligned, as_html

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RESAMPLES = 200
Range = tuple[float, float]


class SobolRow(NamedTuple):
    """The indices of one metric and one factor."""

    factor: str
    range: str
    scope: str
    metric: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float
    noise_share: float
    mean: float
    std_dev: float
    unit: str


class Sobol:
    """Indices of Sobol of the metrics of a scenario, see :func:`simcc.sobol`.

    Attributes
    ----------
    scenario : Scenario
    ranges : dict
        From factors to their ranges.
    samples : float64 array, shape (N (k + 2), k)
        Changes of the factors in each scenario that was simulated, as SALib drew them; those of
        head counts are rounded when they are applied.
    replications, seed : int
    confidence : float
    """

    def __init__(
        self,
        scenario: Scenario,
        ranges: dict[Factor, Range],
        samples: Floats,
        figures: list[dict[Key, Measured]],
        problem: dict[str, Any],
        analyze: Any,
        *,
        confidence: float,
        replications: int,
        seed: int,
    ) -> None:
        self.scenario, self.ranges, self.samples = scenario, ranges, samples
        self.confidence, self.replications, self.seed = confidence, replications, seed
        self._figures, self._problem, self._analyze = figures, problem, analyze

    def table(self) -> pd.DataFrame:
        """Return the indices of every metric and scope.

        Returns
        -------
        pandas.DataFrame
            ``factor``, its ``range``, ``scope``, ``metric``; the ``first``-order and the ``total``
            index with the half-widths of their intervals, noise included; ``noise_share``, the part
            of the variance between scenarios that the few replications of each make; ``mean`` and
            ``std_dev`` of the metric over the ranges, in its ``unit``. Indices are NaN where the
            metric does not vary.
        """
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(SobolRow._fields))

    def plot(self, metric: str, scope: str = "all", ax: Axes | None = None) -> Axes:
        """Draw the indices of a metric, the largest on top.

        Parameters
        ----------
        metric : str
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
            If the metric was not asked for.
        """
        from simcc.experiments.sensitivity_plot import draw_indices, rows_of

        return draw_indices(rows_of(self._rows, metric, scope), self.confidence, ax)

    @cached_property
    def _rows(self) -> list[SobolRow]:
        first = self._figures[0]
        keys = [key for key in first if all(key in one for one in self._figures)]
        return [row for key in keys for row in self._of(key)]

    def _of(self, key: Key) -> list[SobolRow]:
        """One figure by all factors."""
        values = np.array([one[key].theta for one in self._figures])
        influence = np.stack([one[key].influence for one in self._figures], axis=1)
        spread, k = float(values.std()), len(self.ranges)
        indices, halves, share = np.full((2, k), np.nan), np.full((2, k), np.nan), np.nan
        if np.isfinite(values).all() and spread > 1e-12 * np.abs(values).max():
            found = self._indices(values, RESAMPLES)
            indices = np.array([found["S1"], found["ST"]])
            half = np.array([found["S1_conf"], found["ST_conf"]])
            halves = np.hypot(half, self._noise(values, influence))
            own = influence - influence.mean(axis=1, keepdims=True)  # luck that is not common
            n = len(influence)
            share = float((own.var(axis=0, ddof=1) / n).mean() / spread**2)
        unit = self._figures[0][key].unit
        return [
            SobolRow(
                factor.label, _range(factor, ends), *key, float(indices[0, i]),
                float(halves[0, i]), float(indices[1, i]), float(halves[1, i]), share,
                float(values.mean()), spread, unit,
            )
            for i, (factor, ends) in enumerate(self.ranges.items())
        ]  # fmt: skip

    def _indices(self, values: Floats, resamples: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._analyze(
                self._problem, values, calc_second_order=False, num_resamples=resamples,
                conf_level=self.confidence, seed=1 + self.seed % 2**32,
            )  # fmt: skip

    def _noise(self, values: Floats, influence: Floats) -> Floats:
        """Half-widths from drawing the replications anew, shape (2, k)."""
        random, n = np.random.default_rng(self.seed), len(influence)
        again = []
        for _ in range(RESAMPLES // 2):
            luck = influence[random.integers(n, size=n)].mean(axis=0)
            found = self._indices(values + luck, 2)
            again.append([found["S1"], found["ST"]])
        factor = student_quantile(self.confidence, n - 1) * math.sqrt(n / (n - 1))
        return np.asarray(factor * np.std(again, axis=0, ddof=1))

    def __repr__(self) -> str:
        return (
            f"<Sobol of {self.scenario.name!r} over {len(self.ranges)} factors: "
            f"{len(self.samples)} scenarios of {self.replications} replications, seed {self.seed}>"
        )

    def __str__(self) -> str:
        return f"{repr(self)[1:-1]}\n\n{aligned(self._shown)}"

    def _repr_html_(self) -> str:
        more = "<p>Everything: <code>.table()</code></p>"
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{as_html(self._shown)}{more}"

    @property
    def _shown(self) -> list[Cells]:
        head: Cells = ("metric", "factor", "range", "first, %", "+-", "total, %", "+-", "noise, %")
        return [
            head,
            *(
                (
                    row.metric, row.factor, row.range, _percent(row.first),
                    _percent(row.first_half_width), _percent(row.total),
                    _percent(row.total_half_width), _percent(row.noise_share),
                )
                for row in self._rows
                if row.scope == "all"
            ),
        ]  # fmt: skip


def _range(factor: Factor, ends: Range) -> str:
    low, high = (100 * x if factor.small < 1 else x for x in ends)
    unit = {"1 %": " %", "1 point": " points"}.get(factor.per, "")
    return f"{low:+g} .. {high:+g}{unit}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"
