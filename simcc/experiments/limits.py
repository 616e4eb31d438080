"""What a center must hold: its targets, and limits of any metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simcc.engine.arguments import number
from simcc.errors import SimulationError
from simcc.experiments.measured import measure, metric_of
from simcc.metrics import service_level_name
from simcc.metrics.metric import Scope
from simcc.model import Scenario, Target
from simcc.model.messages import shown
from simcc.result import Result
from simcc.result.tables import summary_rows
from simcc.result.text import days_name, figure, target_words, words


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A metric that must stay above or below a value.

    Parameters
    ----------
    metric : str
        Of the catalogue, of any kind.
    least, most : float, optional
        One of them, in the unit of the metric (a share is between 0 and 1).
    scope : str, default "all"
        "all", "type:NAME", "group:NAME" or "bot:NAME".

    Raises
    ------
    SimulationError
        If an argument is not allowed.

    Examples
    --------
    >>> Limit(metric="abandonment", most=0.05)
    Limit(metric='abandonment', least=None, most=0.05, scope='all')
    """

    metric: str
    least: float | None = None
    most: float | None = None
    scope: str = "all"

    def __post_init__(self) -> None:
        if (self.least is None) == (self.most is None):
            raise SimulationError(f"limit of {shown(self.metric)}: give either least or most")
        for name in ("least", "most"):
            if (value := getattr(self, name)) is not None:
                number(value, name)


@dataclass(frozen=True, eq=False)
class Held:
    """A limit as it is measured.

    Attributes
    ----------
    label, metric, scope, unit : str
    limit : float
    sign : float
        1 if the metric must be at least the limit, -1 if at most.
    days : str
        Metric of the share of days that reach a target; "" for a limit.
    """

    label: str
    metric: str
    scope: str
    unit: str
    limit: float
    sign: float
    days: str

    def look(self, result: Result, level: float) -> Look:
        """Return the metric of a result with an interval of a level, as its summary has it."""
        kind: Scope = self.scope.partition(":")[0]  # type: ignore[assignment]
        rows = summary_rows(result.scenario, result.sums, level, (kind,), {self.metric})
        _, _, value, low, high, _, _ = next(row for row in rows if row[0] == self.scope)
        return Look(value, low, high, self)

    def days_of(self, result: Result) -> float:
        """Return the share of days that reach the target; NaN for a limit."""
        if not self.days:
            return math.nan
        return measure(result, {self.days})[self.scope, self.days].theta


@dataclass(frozen=True, eq=False)
class Look:
    """A metric at one size of a shock.

    Attributes
    ----------
    value, low, high : float
    of : Held
    """

    value: float
    low: float
    high: float
    of: Held

    @property
    def margin(self) -> float:
        """How much better than its limit the metric is, in its unit."""
        return self.of.sign * (self.value - self.of.limit)

    @property
    def verdict(self) -> str:
        """What the interval says: "holds", "breaks" or "not clear"."""
        worst, best = (self.low, self.high) if self.of.sign > 0 else (-self.high, -self.low)
        limit = self.of.sign * self.of.limit
        return "holds" if worst >= limit else "breaks" if best < limit else "not clear"


def one_sided(chance: float) -> float:
    """Return the level of a two-sided interval that errs to each side with a chance."""
    return 1 - 2 * chance


def held(scenario: Scenario, targets: Any) -> list[Held]:
    """Return targets and limits as they are measured in a scenario.

    Raises
    ------
    SimulationError
        If they are of the wrong kind, or the scenario has no such metric or scope.
    """
    if isinstance(targets, Target | Limit):
        targets = [targets]
    if isinstance(targets, str) or not isinstance(targets, Sequence):
        raise SimulationError(f"targets is {shown(targets)}; it must be a list of targets")
    return [_held(scenario, one, f"targets[{i}]") for i, one in enumerate(targets)]


def _held(scenario: Scenario, target: Any, place: str) -> Held:
    if isinstance(target, Target):
        scope = f"type:{target.type}" if target.type else "all"
        name = service_level_name(target.within, target.denominator)
        days = days_name(target)
        metric_of(scenario, name, scope)
        return Held(target_words(target), name, scope, "share", target.share, 1.0, days)
    if not isinstance(target, Limit):
        raise SimulationError(f"{place} is {shown(target)}; it must be a Target or a Limit")
    metric = metric_of(scenario, target.metric, target.scope)
    sign = 1.0 if target.least is not None else -1.0
    limit = target.least if target.least is not None else target.most
    way = "at least" if sign > 0 else "at most"
    where = "" if target.scope == "all" else f" of {target.scope}"
    value = f"{figure(limit or 0.0, metric.unit)} {words(metric.unit)}"
    label = f"{target.metric}{where} {way} {value}"
    return Held(label, target.metric, target.scope, metric.unit, limit or 0.0, sign, "")


def with_targets(scenario: Scenario, targets: Sequence[Any]) -> Scenario:
    """Return the scenario with the targets among some targets and limits as its own."""
    own = tuple(one for one in targets if isinstance(one, Target))
    missing = [one for one in own if one not in scenario.targets]
    return scenario.replace(targets=[*scenario.targets, *missing]) if missing else scenario
