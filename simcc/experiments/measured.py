"""The figures of a result with the influence of each replication, so that they can be paired."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from simcc.errors import SimulationError
from simcc.estimation import (
    Floats,
    linearised,
    linearised_quantile,
    linearised_quantile_of_days,
)
from simcc.metrics import Counters, Metric, catalogue
from simcc.metrics.counters import bin_edges
from simcc.metrics.metric import Scope
from simcc.metrics.parts import by_day, parts, scope_names, shares_of_days, totals
from simcc.model import Scenario
from simcc.model.messages import suggestion
from simcc.result import Result
from simcc.result.tables import SCOPES, concerns, metrics_of, wait_histograms

Key = tuple[str, str]  # scope and metric, as in the summary


@dataclass(frozen=True, eq=False)
class Measured:
    """One figure of a result.

    Attributes
    ----------
    unit : str
    theta : float
        The estimate.
    influence : float64 array, shape (n,)
        Of each replication, or batch of replications for quantiles of waits, on the estimate.
    """

    unit: str
    theta: float
    influence: Floats


def measure(result: Result, wanted: Collection[str] | None = None) -> dict[Key, Measured]:
    """Return every figure of the summary of a result, or those of the metrics wanted."""
    return dict(_figures(result.scenario, result.sums, wanted))


def _figures(
    scenario: Scenario, counters: Counters, wanted: Collection[str] | None
) -> Iterator[tuple[Key, Measured]]:
    for kind in SCOPES:
        found = [
            (metric, *_linearised(counters, metric, kind))
            for metric in metrics_of(scenario, counters, kind, wanted)
        ]
        for i, scope in enumerate(scope_names(counters, kind)):
            for metric, theta, influence in found:
                if concerns(metric, scope):
                    one = Measured(metric.unit, float(theta[i]), influence[:, i])
                    yield (scope, metric.name), one


def _linearised(counters: Counters, metric: Metric, kind: Scope) -> tuple[Floats, Floats]:
    """Return the estimates of the scopes of a kind, and influences of shape (n, scopes)."""
    if metric.kind == "quantile":
        counts, edges = wait_histograms(counters.waits, metric, kind), bin_edges()
        each = [
            linearised_quantile(counts[:, k], edges, metric.probability)
            for k in range(counts.shape[1])
        ]
    elif metric.kind == "day_quantile":
        days = counters.layout.days
        shares, _ = shares_of_days(*(by_day(sums, days) for sums in parts(counters, metric, kind)))
        each = [
            linearised_quantile_of_days(shares[..., k], metric.probability)
            for k in range(shares.shape[-1])
        ]
    else:
        return linearised(*totals(counters, metric, kind))
    return np.array([theta for theta, _ in each]), np.stack([one for _, one in each], axis=1)


def metric_of(scenario: Scenario, name: str, scope: str, where: str = "") -> Metric:
    """Return a metric of a scenario by name and scope.

    Raises
    ------
    SimulationError
        If the scenario has no such metric or scope; ``where`` names the scenario.
    """
    of = f" of {where}" if where else ""
    known = [one for one in catalogue(scenario) if one.name == name]
    if not known:
        hint = suggestion(str(name), sorted({one.name for one in catalogue(scenario)}))
        raise SimulationError(f'metric: there is no "{name}"{of}; {hint}')
    scopes = scopes_of(scenario)
    if scope not in scopes:
        raise SimulationError(f'scope: there is no "{scope}"{of}; {suggestion(str(scope), scopes)}')
    kind = scope.partition(":")[0]
    for metric in known:
        if kind in metric.scopes and concerns(metric, scope):
            return metric
    raise SimulationError(f'scope: "{name}" is not known by {kind}, so not of "{scope}"')


def scopes_of(scenario: Scenario) -> list[str]:
    """Return the names of all scopes of a scenario, as in the summary."""
    fields = {"type": "contact_types", "group": "agent_groups", "bot": "bots"}
    return ["all"] + [
        f"{kind}:{one.name}" for kind, field in fields.items() for one in getattr(scenario, field)
    ]
