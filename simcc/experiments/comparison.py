"""What a comparison of scenarios says: tables of differences, text, plot and files."""

from __future__ import annotations

import html
import os
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simcc.errors import SimulationError
from simcc.estimation import Floats, from_influence
from simcc.experiments import comparison_text
from simcc.experiments.best import against_best
from simcc.experiments.checks import known_metrics, known_scenario, one_of, probability
from simcc.experiments.directions import better, meaning, rank_meaning
from simcc.experiments.fit import check_scenarios
from simcc.experiments.measured import Key, Measured, measure
from simcc.experiments.simultaneous import (
    Method,
    Pair,
    differences,
    probability_best,
    probability_better,
)
from simcc.model import Scenario
from simcc.result import Result, output_folder
from simcc.result.files import Writer, both_formats, write_json, write_together
from simcc.result.text import aligned, as_html

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Row(NamedTuple):
    """One metric of one scenario against another; ``low`` to ``high`` is about the difference."""

    scope: str
    metric: str
    scenario: str
    against: str
    estimate: float
    estimate_against: float
    difference: float
    low: float
    high: float
    std_error: float
    meaning: str
    probability_better: float
    unit: str


class EstimateRow(NamedTuple):
    """One metric of one scenario."""

    scope: str
    metric: str
    scenario: str
    estimate: float
    low: float
    high: float
    std_error: float
    probability_best: float
    unit: str


class BestRow(NamedTuple):
    """One metric of one scenario against the best of the others."""

    scope: str
    metric: str
    scenario: str
    estimate: float
    best_other: str
    difference: float
    low: float
    high: float
    std_error: float
    meaning: str
    unit: str


class Comparison:
    """Scenarios side by side on the same customers.

    Parameters
    ----------
    results : mapping
        From names to the results of the same replications, by one seed, of at least two scenarios.
    baseline, metrics, confidence, method
        As for :func:`simcc.compare`.

    Attributes
    ----------
    results : dict
        From names to results.
    baseline, metrics, confidence, method
        As given.

    Raises
    ------
    SimulationError
        If the results are not of the same replications, or an argument is not allowed.
    """

    def __init__(
        self,
        results: Mapping[str, Result],
        *,
        baseline: str | None = None,
        metrics: Collection[str] | None = None,
        confidence: float = 0.95,
        method: Method = "bonferroni",
    ) -> None:
        scenarios = check_scenarios({name: one.scenario for name, one in results.items()})
        check_options(scenarios, baseline, metrics, confidence, method)
        _check_paired(results)
        self.results = dict(results)
        self.baseline = baseline
        self.metrics = None if metrics is None else tuple(metrics)
        self.confidence = confidence
        self.method: Method = method

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios."""
        return list(self.results)

    @property
    def replications(self) -> int:
        """Number of replications of each."""
        return next(iter(self.results.values())).replications

    @property
    def seed(self) -> int:
        """Seed of all of them."""
        return next(iter(self.results.values())).seed

    def summary(self) -> pd.DataFrame:
        """Return every difference of every metric and scope that the scenarios share.

        Returns
        -------
        pandas.DataFrame
            ``scope`` and ``metric`` as in ``result.summary()``, ``scenario`` and ``against``, their
            estimates ``estimate`` and ``estimate_against``, the ``difference`` (scenario less
            against) with its simultaneous interval from ``low`` to ``high`` and its ``std_error``,
            its ``meaning`` ("better", "worse", "higher", "lower" or "no clear difference"),
            ``probability_better`` (that the true value of the scenario is better than that of the
            other; NaN where no way is better in itself), and ``unit``.
        """
        import pandas as pd

        rows = [row for key in self._shared for row in self._compared(key)]
        return pd.DataFrame(rows, columns=list(Row._fields))

    def estimates(self) -> pd.DataFrame:
        """Return every metric of every scenario.

        Returns
        -------
        pandas.DataFrame
            ``scope``, ``metric``, ``scenario``, ``estimate`` with an interval of its own from
            ``low`` to ``high`` and its ``std_error``, ``probability_best`` (that the true value is
            the best of all; NaN where no way is better in itself), and ``unit``.
        """
        import pandas as pd

        rows = [row for key in self._shared for row in self._estimated(key)]
        return pd.DataFrame(rows, columns=list(EstimateRow._fields))

    def with_the_best(self) -> pd.DataFrame:
        """Return how far each scenario is from the best of the others (MCB).

        Returns
        -------
        pandas.DataFrame
            Of each metric of which one way is better: ``scope``, ``metric``, ``scenario``, its
            ``estimate``, ``best_other`` (by the estimates), the ``difference`` to it with an
            interval from ``low`` to ``high`` about the difference to the best of the others,
            whichever that is, its ``std_error``, its ``meaning`` ("best", "may be the best" or "not
            the best"), and ``unit``. All intervals of one metric hold together with the confidence
            of the comparison; see :func:`simcc.experiments.best.against_best`.
        """
        import pandas as pd

        rows = [row for key in self._shared for row in self._to_the_best(key)]
        return pd.DataFrame(rows, columns=list(BestRow._fields))

    def plot_with_the_best(self, metric: str, scope: str = "all", ax: Axes | None = None) -> Axes:
        """Draw how far each scenario is from the best of the others, by a metric.

        Parameters, what is returned and raised are as for :meth:`plot`; one way of the metric must
        be better.
        """
        from simcc.experiments.comparison_plot import draw_best

        rows = list(self._to_the_best(self._key(metric, scope)))
        if not rows:
            raise SimulationError(f'no way of "{metric}" is better in itself, so none is the best')
        return draw_best(rows, self.confidence, ax)

    def plot(self, metric: str, scope: str = "all", ax: Axes | None = None) -> Axes:
        """Draw the differences of a metric with their intervals.

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
            If the metric was not compared.
        """
        from simcc.experiments.comparison_plot import draw

        return draw(list(self._compared(self._key(metric, scope))), self.confidence, ax)

    def _key(self, metric: str, scope: str) -> Key:
        if (scope, metric) not in self._shared:
            raise SimulationError(f'"{metric}" of "{scope}" was not compared; see .summary()')
        return scope, metric

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write tables, scenarios and seed into a folder: all of them, or none.

        Parameters
        ----------
        folder : path
            New or empty.

        Returns
        -------
        Path
            Of the folder, with ``comparison``, ``estimates`` and ``with_the_best`` (CSV and
            Parquet), ``scenarios.json`` (each by its name) and ``run.json``.

        Raises
        ------
        OutputError
            If the folder has content or cannot be written.
        """
        summary, estimates = self.summary(), self.estimates()
        with output_folder(folder) as path:
            writers: dict[str, Writer] = {
                **both_formats("comparison", summary),
                **both_formats("estimates", estimates),
                **both_formats("with_the_best", self.with_the_best()),
                "scenarios.json": partial(
                    write_json, {name: one.scenario.to_dict() for name, one in self.results.items()}
                ),
                "run.json": partial(write_json, self._origin),
            }
            write_together(path, writers)
        return path

    @property
    def _origin(self) -> dict[str, Any]:
        return {
            "baseline": self.baseline,
            "confidence": self.confidence,
            "method": self.method,
            "results": {name: one.origin for name, one in self.results.items()},
        }

    @cached_property
    def _shared(self) -> dict[Key, list[Measured]]:
        """The figures that all scenarios have, in the order of the first."""
        all_ = [measure(one, self.metrics) for one in self.results.values()]
        return {
            key: [one[key] for one in all_] for key in all_[0] if all(key in one for one in all_)
        }

    @cached_property
    def _pairs(self) -> list[Pair]:
        n = len(self.results)
        if self.baseline is None:
            return [(i, j) for i in range(n) for j in range(i)]
        base = self.scenarios.index(self.baseline)
        return [(i, base) for i in range(n) if i != base]

    def _compared(self, key: Key) -> Iterator[Row]:
        """Every comparison of one figure."""
        figures = self._shared[key]
        theta, influence = _together(figures)
        found = differences(theta, influence, self._pairs, self.confidence, self.method)
        way, names = better(key[1]), self.scenarios
        chances = np.full(len(self._pairs), np.nan)
        if way:
            chances = probability_better(found, len(influence) - 1, most=way == "more")
        for p, (i, j) in enumerate(self._pairs):
            low, high = float(found.low[p]), float(found.high[p])
            yield Row(
                *key, names[i], names[j], float(theta[i]), float(theta[j]),
                float(found.estimate[p]), low, high, float(found.std_error[p]),
                meaning(low, high, way, float(max(abs(theta[i]), abs(theta[j])))),
                float(chances[p]), figures[0].unit,
            )  # fmt: skip

    def _estimated(self, key: Key) -> Iterator[EstimateRow]:
        """One figure of every scenario."""
        figures = self._shared[key]
        theta, influence = _together(figures)
        way, best = better(key[1]), np.full(len(theta), np.nan)
        if way:
            best = probability_best(theta, influence, most=way == "more")
        found = from_influence(theta, influence, self.confidence)
        for i, name in enumerate(self.scenarios):
            yield EstimateRow(
                *key, name, float(found.estimate[i]), float(found.low[i]), float(found.high[i]),
                float(found.std_error[i]), float(best[i]), figures[0].unit,
            )  # fmt: skip

    def _to_the_best(self, key: Key) -> Iterator[BestRow]:
        """One figure of every scenario against the best of the others; none without a way."""
        way = better(key[1])
        if not way:
            return
        figures, most = self._shared[key], way == "more"
        theta, influence = _together(figures)
        found = against_best(theta, influence, self.confidence, self.method, most=most)
        for i, name in enumerate(self.scenarios):
            rest = np.delete(theta, i)
            other = int(np.argmax(rest) if most else np.argmin(rest))
            low, high = float(found.low[i]), float(found.high[i])
            yield BestRow(
                *key, name, float(theta[i]), self.scenarios[other + (other >= i)],
                float(found.estimate[i]), low, high, float(found.std_error[i]),
                rank_meaning(low, high, most=most), figures[0].unit,
            )  # fmt: skip

    def __repr__(self) -> str:
        names = ", ".join(map(repr, self.scenarios))
        return f"<Comparison of {names}: {self.replications} replications, seed {self.seed}>"

    def __str__(self) -> str:
        return "\n\n".join([repr(self)[1:-1], *map(aligned, self._short)])

    def _repr_html_(self) -> str:
        tables = "".join(map(as_html, self._short))
        more = "<p>Everything: <code>.summary()</code>, <code>.estimates()</code></p>"
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{tables}{more}"

    @cached_property
    def _short(self) -> list[list[tuple[str, ...]]]:
        """The main figures as cells, each table under a row of headings."""
        first = next(iter(self.results.values())).scenario
        wanted = self.metrics or comparison_text.headline(first)
        keys = [key for key in self._shared if key[0] == "all" and key[1] in wanted]
        estimates = [row for key in keys for row in self._estimated(key)]
        rows = [row for key in keys for row in self._compared(key)]
        return [
            comparison_text.side_by_side(estimates, self.scenarios),
            comparison_text.compared(rows, self.confidence),
        ]


def check_options(
    scenarios: Mapping[str, Scenario],
    baseline: Any,
    metrics: Any,
    confidence: Any,
    method: Any,
) -> None:
    """Raise SimulationError unless the options of a comparison are allowed."""
    if baseline is not None:
        known_scenario(baseline, "baseline", scenarios)
    known_metrics(scenarios, metrics)
    probability(confidence, "confidence")
    one_of(method, "method", ("bonferroni", "tukey"))


def _check_paired(results: Mapping[str, Result]) -> None:
    origins = {
        name: (one.seed, one.first_replication, one.replications, len(one.sums.waits))
        for name, one in results.items()
    }
    (first, paired), *others = origins.items()
    if paired[2] < 2:
        raise SimulationError("results are of 1 replication; there must be at least 2")
    for name, origin in others:
        if origin != paired:
            raise SimulationError(
                f'results["{name}"] are not of the same replications and seed as results["{first}"]'
            )


def _together(figures: list[Measured]) -> tuple[Floats, Floats]:
    """Estimates, shape (K,), and influences, shape (n, K)."""
    theta = np.array([one.theta for one in figures])
    return theta, np.stack([one.influence for one in figures], axis=1)
