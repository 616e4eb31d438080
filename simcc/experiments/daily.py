"""One value of a metric per replication, for procedures that need independent observations."""

from __future__ import annotations

import numpy as np

from simcc.errors import SimulationError
from simcc.estimation import Floats
from simcc.experiments.measured import metric_of
from simcc.metrics import Metric
from simcc.metrics.metric import KINDS, Scope
from simcc.metrics.parts import scope_names, totals
from simcc.model import Scenario
from simcc.replicate import Prepared
from simcc.result import Result

QUANTILES = ("quantile", "day_quantile")


def daily_metric(scenario: Scenario, name: str, scope: str, where: str) -> Metric:
    """Return a metric that has a value in each replication.

    Raises
    ------
    SimulationError
        If the scenario, named ``where``, has no such metric or scope, or if it is a quantile.
    """
    metric = metric_of(scenario, name, scope, where)
    if metric.kind in QUANTILES:
        raise SimulationError(
            f'metric is "{name}", a {KINDS[metric.kind]}, which has no value for each replication; '
            "name a share, a mean or a count"
        )
    return metric


def parts_of(result: Result, metric: Metric, scope: str) -> tuple[Floats, Floats]:
    """Return numerator and denominator of a metric in each replication, shape (R,) each."""
    kind: Scope = scope.partition(":")[0]  # type: ignore[assignment]
    column = scope_names(result.sums, kind).index(scope)
    above, below = totals(result.sums, metric, kind)
    return above[:, column], below[:, column]


def values(result: Result, metric: Metric, scope: str, where: str) -> Floats:
    """Return the value of a metric in each replication, shape (R,).

    Raises
    ------
    SimulationError
        If a replication has none, since its denominator is 0.
    """
    above, below = parts_of(result, metric, scope)
    empty = np.flatnonzero(below <= 0)
    if len(empty):
        which = result.first_replication + int(empty[0])
        raise SimulationError(
            f'"{metric.name}" of "{scope}" in {where} has no value in replication {which}: its '
            "denominator is 0; simulate a longer horizon or name another metric"
        )
    return np.asarray(above / below)


class DailySource:
    """Simulates scenarios on demand and counts what that took.

    Parameters
    ----------
    ready : dict
        Scenarios by name, made ready.
    metric, scope : str
    sign : float
        Observations are multiplied by it.

    Attributes
    ----------
    simulated : int array
        Replications simulated of each scenario.
    """

    def __init__(
        self,
        ready: dict[str, Prepared],
        metric: str,
        scope: str,
        sign: float,
    ) -> None:
        self._of = [
            (name, one, daily_metric(one.scenario, metric, scope, f'"{name}"'))
            for name, one in ready.items()
        ]
        self._scope, self._sign = scope, sign
        self.simulated = np.zeros(len(ready), dtype=np.int64)

    def __call__(self, system: int, first: int, count: int) -> Floats:
        """Return observations of replications ``first`` to ``first + count - 1`` of a system."""
        name, ready, metric = self._of[system]
        result = ready.simulate(count, first)
        self.simulated[system] += count
        return self._sign * values(result, metric, self._scope, f'"{name}"')
