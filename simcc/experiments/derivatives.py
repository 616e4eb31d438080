"""How figures of a center change with what it depends on: derivatives by finite differences."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simcc.engine.arguments import whole
from simcc.errors import ScenarioError, SimulationError
from simcc.estimation import Estimate, Floats, from_influence
from simcc.experiments.checks import known_metrics, probability
from simcc.experiments.comparison_text import headline
from simcc.experiments.factors import Factor, check_factors, factors_of
from simcc.experiments.measured import Key, Measured, measure
from simcc.metrics import catalogue
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.replicate import simulate
from simcc.result.text import Cells, aligned, as_html, between, figure, words
from simcc.streams import check_seed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Row(NamedTuple):
    """The derivative of one metric by one factor."""

    factor: str
    scope: str
    metric: str
    value: float
    derivative: float
    low: float
    high: float
    std_error: float
    per: str
    elasticity: float
    elasticity_low: float
    elasticity_high: float
    difference: str
    unit: str


@dataclass(frozen=True)
class Sides:
    """The scenarios that a derivative is taken from, and how far apart they are.

    Attributes
    ----------
    up, down : Scenario or None
        None: the scenario itself, since the other way is not possible.
    distance : float
        Of the factor between them.
    """

    up: Scenario | None
    down: Scenario | None
    distance: float

    @property
    def kind(self) -> str:
        """How the difference is taken."""
        return "central" if self.up and self.down else "forward" if self.up else "backward"


Figures = dict[Key, Measured]


def sensitivity(
    scenario: Scenario,
    factors: Collection[Factor] | None = None,
    *,
    replications: int,
    metrics: Collection[str] | None = None,
    confidence: float = 0.95,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Sensitivity:
    """Estimate by how much each metric changes with each factor, around the scenario as it is.

    Each factor is moved a step up and a step down, for the same customers, and the difference is
    taken replication by replication. Where a step down is not possible (no agent to take away, no
    containment left) only the other side is used, and the other way round.

    Parameters
    ----------
    scenario : Scenario
    factors : collection, optional
        Of :class:`simcc.HeadCount`, :class:`simcc.Volume`, :class:`simcc.HandleTime`,
        :class:`simcc.Patience`, :class:`simcc.Containment`; by default all that the scenario has.
    replications : int
        At least 2, of the scenario and of each step: with k factors, 2 k + 1 times as many in all.
    metrics : collection of str, optional
        By default service levels, abandonment, asa, occupancy, satisfaction and total cost, where
        the scenario has them.
    confidence : float
        Of each interval.
    seed, workers, executor, progress
        As for :func:`simcc.simulate`; the result does not depend on the workers.

    Returns
    -------
    Sensitivity

    Raises
    ------
    SimulationError
        If an argument is not allowed, or a factor cannot be moved at all.

    Notes
    -----
    The central difference ``(f(x + h) - f(x - h)) / 2h`` is off by about ``h**2 f'''(x) / 6``; its
    variance falls as the step grows, since customers at the edge of a threshold change sides one by
    one. Steps of 5 % (10 % of patience, two points of containment) keep the former at a few percent
    of the derivative, which 100 days seldom resolve (``docs/sensitivity.md``). Agents come in whole
    numbers: the difference is that of one agent more and one agent fewer, halved. L'Ecuyer, P. and
    Perron, G. (1994), On the convergence rates of IPA and FDC derivative estimators, Operations
    Research 42(4), 643-656; Glasserman, P. and Yao, D. D. (1992), Some guidelines and guarantees
    for common random numbers, Management Science 38(6), 884-908.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.instances.v_design(length="1h")
    >>> found = simcc.sensitivity(scenario, [simcc.HeadCount("g1")], replications=5, seed=1)
    >>> row = found.table().set_index(["scope", "metric"]).loc[("all", "abandonment")]
    >>> bool(row["derivative"] < 0), row["per"]
    (True, '1 agent')
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    if factors is None:
        factors = factors_of(scenario)
    found = check_factors(factors, scenario, "factors")
    known_metrics({scenario.name: scenario}, metrics)
    whole(replications, "replications", least=2)
    probability(confidence, "confidence")
    wanted = tuple(metrics or headline_of(scenario))
    sides = {one: sides_of(one, scenario) for one in found}
    seed = check_seed(seed)

    def run(one: Scenario) -> Figures:
        result = simulate(
            one, replications=replications, seed=seed, workers=workers, executor=executor,
            progress=progress,
        )  # fmt: skip
        return measure(result, wanted)

    base = run(scenario)
    moved = {
        one: (run(both.up) if both.up else base, run(both.down) if both.down else base)
        for one, both in sides.items()
    }
    return Sensitivity(
        scenario, base, sides, moved, confidence=confidence, seed=seed, replications=replications
    )


def headline_of(scenario: Scenario) -> list[str]:
    """Return the main metrics that a scenario has."""
    known = {metric.name for metric in catalogue(scenario)}
    return [name for name in headline(scenario) if name in known]


def sides_of(factor: Factor, scenario: Scenario) -> Sides:
    """Return the scenarios a step up and a step down, as far as they are possible.

    Raises
    ------
    SimulationError
        If neither is.
    """
    moved: list[Scenario | None] = []
    why = ""
    for step in (factor.step, -factor.step):
        try:
            moved.append(factor.apply(scenario, step))
        except ScenarioError as error:
            moved.append(None)
            why = str(error)
    up, down = moved
    if up is None and down is None:
        raise SimulationError(f"factors: {factor.label} can be moved neither up nor down; {why}")
    return Sides(up, down, factor.step * ((up is not None) + (down is not None)))


class Sensitivity:
    """Derivatives of the metrics of a scenario, see :func:`simcc.sensitivity`.

    Attributes
    ----------
    scenario : Scenario
    factors : list
    replications, seed : int
    confidence : float
    """

    def __init__(
        self,
        scenario: Scenario,
        base: Figures,
        sides: dict[Factor, Sides],
        moved: dict[Factor, tuple[Figures, Figures]],
        *,
        confidence: float,
        seed: int,
        replications: int,
    ) -> None:
        self.scenario, self.confidence, self.seed = scenario, confidence, seed
        self.factors, self.replications = list(sides), replications
        self._base, self._sides, self._moved = base, sides, moved

    def table(self) -> pd.DataFrame:
        """Return the derivative of every metric and scope by every factor.

        Returns
        -------
        pandas.DataFrame
            ``factor``, ``scope``, ``metric``, its ``value`` now; the ``derivative``, in the unit of
            the metric, for one of ``per`` ("1 agent", "1 %", "1 point"), with its interval from
            ``low`` to ``high`` and its ``std_error``; the ``elasticity``, by how many percent the
            metric changes if the factor does by one, with its interval (NaN where either is 0);
            which ``difference`` was taken, and ``unit``.
        """
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(Row._fields))

    def plot(self, metric: str, scope: str = "all", ax: Axes | None = None) -> Axes:
        """Draw the derivatives of a metric with their intervals, the largest on top.

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
        from simcc.experiments.sensitivity_plot import draw_derivatives, rows_of

        return draw_derivatives(rows_of(self._rows, metric, scope), self.confidence, ax)

    @cached_property
    def _rows(self) -> list[Row]:
        return [row for factor in self.factors for row in self._of(factor)]

    def _of(self, factor: Factor) -> Iterator[Row]:
        """Every metric by one factor."""
        sides, (up, down) = self._sides[factor], self._moved[factor]
        size = factor.size(self.scenario)
        for (scope, metric), base in self._base.items():
            key = (scope, metric)
            if key not in up or key not in down:
                continue
            theta = (up[key].theta - down[key].theta) / sides.distance
            influence = (up[key].influence - down[key].influence) / sides.distance
            slope = self._estimate(theta * factor.small, influence * factor.small)
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.divide(size, base.theta) if base.theta else np.nan
                relative = self._estimate(
                    theta * ratio,
                    ratio * (influence - base.influence * np.divide(theta, base.theta)),
                )
            yield Row(
                factor.label, scope, metric, base.theta, float(slope.estimate), float(slope.low),
                float(slope.high), float(slope.std_error), factor.per, float(relative.estimate),
                float(relative.low), float(relative.high), sides.kind, base.unit,
            )  # fmt: skip

    def _estimate(self, theta: float, influence: Floats) -> Estimate:
        return from_influence(np.asarray(theta), influence, self.confidence)

    def __repr__(self) -> str:
        return (
            f"<Sensitivity of {self.scenario.name!r} to {len(self.factors)} factors: "
            f"{self.replications} replications, seed {self.seed}>"
        )

    def __str__(self) -> str:
        return f"{repr(self)[1:-1]}\n\n{aligned(self._shown)}"

    def _repr_html_(self) -> str:
        more = "<p>Everything: <code>.table()</code></p>"
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{as_html(self._shown)}{more}"

    @property
    def _shown(self) -> list[Cells]:
        interval = f"{100 * self.confidence:g} % interval"
        head: Cells = ("metric", "factor", "per", "change", interval, "unit")
        rows = sorted(
            (row for row in self._rows if row.scope == "all"),
            key=lambda row: [metric for _, metric in self._base].index(row.metric),
        )
        return [
            head,
            *(
                (
                    row.metric, row.factor, row.per, _figure(row.derivative, row.unit),
                    _between(row), _unit(row.unit),
                )
                for row in rows
            ),
        ]  # fmt: skip


def _figure(value: float, unit: str) -> str:
    """Derivatives of shares are small: points with two digits."""
    return f"{100 * value:.2f}" if unit == "share" else figure(value, unit)


def _between(row: Row) -> str:
    if row.unit != "share" or np.isnan(row.low):
        return between(row.low, row.high, row.unit)
    return f"{_figure(row.low, row.unit)} .. {_figure(row.high, row.unit)}"


def _unit(unit: str) -> str:
    return "points" if unit == "share" else words(unit)
