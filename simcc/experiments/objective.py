"""What tuning wants: a figure that should be large or small, and bounds on others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from simcc.engine.arguments import number
from simcc.errors import SimulationError
from simcc.estimation import Floats, from_influence
from simcc.experiments.measured import Measured, measure, metric_of
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.result import Result


@dataclass(frozen=True)
class Formula:
    """A function of several metrics, to be tuned for.

    Parameters
    ----------
    function : callable
        Of as many numbers as there are metrics; smooth, since its standard error comes from its
        slopes (delta method).
    metrics : sequence
        Names of metrics, or pairs of a metric and a scope, in the order of the arguments.
    name : str, default "objective"

    Examples
    --------
    >>> formula = Formula(lambda cost, asa: cost + 0.1 * asa**2, ["total_cost", "asa"])
    >>> formula.function(100.0, 10.0)
    110.0
    """

    function: Callable[..., float]
    metrics: Sequence[Any]
    name: str = "objective"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise SimulationError(f"Formula: {shown(self.function)} must be a function")
        if isinstance(self.metrics, str) or not self.metrics:
            raise SimulationError(f"Formula: metrics is {shown(self.metrics)}; it must be a list")


@dataclass(frozen=True)
class Bound:
    """A bound on a metric: :class:`AtLeast` or :class:`AtMost`."""

    metric: str
    value: float
    scope: str = "all"
    sign: ClassVar[float]

    def __post_init__(self) -> None:
        number(self.value, f"{type(self).__name__}: value")


class AtLeast(Bound):
    """A bound on a metric from below, such as a service level that has to be reached.

    Parameters
    ----------
    metric : str
    value : float
        In the unit of the metric; a share is between 0 and 1.
    scope : str, default "all"
        "all", "type:NAME", "group:NAME" or "bot:NAME".

    Examples
    --------
    >>> AtLeast("service_level_20s_offered", 0.8, scope="type:sales").value
    0.8
    """

    sign = 1.0


class AtMost(Bound):
    """A bound on a metric from above; parameters as for :class:`AtLeast`.

    Examples
    --------
    >>> AtMost("occupancy", 0.85).value
    0.85
    """

    sign = -1.0


def words(bound: Bound) -> str:
    """Say a bound in words.

    >>> words(AtMost("asa", 30, scope="type:sales"))
    'asa of type:sales <= 30'
    """
    of = "" if bound.scope == "all" else f" of {bound.scope}"
    return f"{bound.metric}{of} {'>=' if bound.sign > 0 else '<='} {bound.value:g}"


@dataclass(frozen=True)
class Figure:
    """A figure made of metrics: what an objective is in the end.

    Attributes
    ----------
    name, unit : str
    metrics : list of (metric, scope)
    function : callable
        Of their values, an array.
    """

    name: str
    unit: str
    metrics: list[tuple[str, str]]
    function: Callable[[Floats], float] = field(repr=False)

    def of(self, result: Result) -> Measured:
        """Return its estimate and the influence of each replication on it."""
        found = measure(result, {name for name, _ in self.metrics})
        figures = [found[scope, name] for name, scope in self.metrics]
        if len({len(one.influence) for one in figures}) > 1:
            raise SimulationError(
                f"objective {self.name}: quantiles of waits cannot be put together with other "
                "metrics, since they come in batches of replications"
            )
        theta = np.array([one.theta for one in figures])
        influence = np.stack([one.influence for one in figures], axis=1)
        slope = self._slopes(theta, from_influence(theta, influence).std_error)
        return Measured(self.unit, float(self.function(theta)), influence @ slope)

    def _slopes(self, theta: Floats, errors: Floats) -> Floats:
        """Slopes of the function over one standard error to both sides."""
        steps = np.where(errors > 0, errors, 1e-6 * np.maximum(np.abs(theta), 1.0))
        sides = [(theta + one, theta - one) for one in np.diag(steps)]
        rises = [float(self.function(up)) - float(self.function(down)) for up, down in sides]
        return np.asarray(np.array(rises) / (2 * steps))


def figure_of(objective: Any, scenario: Scenario, scope: str) -> Figure:
    """Return the figure that an objective means.

    Parameters
    ----------
    objective : str, mapping or Formula
        A metric; weights by metric; or a function of metrics.
    scenario : Scenario
        Whose metrics they are.
    scope : str
        Of metrics that are named without one.

    Raises
    ------
    SimulationError
        If it is nothing of this kind, or the scenario has no such metric.
    """
    if isinstance(objective, str):
        metric = metric_of(scenario, objective, scope)
        name = objective if scope == "all" else f"{objective} of {scope}"
        return Figure(name, metric.unit, [(objective, scope)], lambda x: float(x[0]))
    if isinstance(objective, Formula):
        pairs = _pairs(objective.metrics, scenario, scope)
        return Figure(objective.name, "", pairs, lambda x: float(objective.function(*x)))
    if not isinstance(objective, Mapping) or not objective:
        raise SimulationError(
            f"objective is {shown(objective)}; it must be the name of a metric, a mapping from "
            "metrics to weights, or a simcc.Formula"
        )
    pairs = _pairs(list(objective), scenario, scope)
    for key, weight in objective.items():
        if not isinstance(weight, int | float) or isinstance(weight, bool):
            raise SimulationError(f"objective: the weight of {key} is {shown(weight)}, no number")
    weights = np.array(list(objective.values()), dtype=np.float64)
    name = " ".join(_term(x, *pair) for x, pair in zip(weights, pairs, strict=True))
    return Figure(name.removeprefix("+ "), "", pairs, lambda x: float(weights @ x))


def _term(weight: float, metric: str, scope: str) -> str:
    """One term of a weighted sum in words.

    >>> _term(1.0, "asa", "all"), _term(-2.5, "served", "type:a")
    ('+ asa', '- 2.5 served of type:a')
    """
    size = "" if abs(weight) == 1 else f"{abs(weight):g} "
    of = "" if scope == "all" else f" of {scope}"
    return f"{'-' if weight < 0 else '+'} {size}{metric}{of}"


def _pairs(metrics: Collection[Any], scenario: Scenario, scope: str) -> list[tuple[str, str]]:
    """Metrics with their scopes, all known to the scenario."""
    pairs = []
    for one in metrics:
        pair = (one, scope) if isinstance(one, str) else one
        if not (isinstance(pair, tuple) and len(pair) == 2):
            raise SimulationError(
                f"objective: {shown(one)} must be a metric, or a pair of a metric and a scope"
            )
        metric_of(scenario, *pair)
        pairs.append(pair)
    return pairs


def check_bounds(bounds: Any, scenario: Scenario) -> list[tuple[Bound, Figure]]:
    """Return bounds with their figures; SimulationError unless they are bounds on metrics."""
    if not isinstance(bounds, Sequence) or isinstance(bounds, str):
        raise SimulationError(f"constraints is {shown(bounds)}; it must be a list")
    found = []
    for one in bounds:
        if not isinstance(one, Bound):
            raise SimulationError(
                f"constraints: {shown(one)} must be a simcc.AtLeast or a simcc.AtMost"
            )
        found.append((one, figure_of(one.metric, scenario, one.scope)))
    return found
