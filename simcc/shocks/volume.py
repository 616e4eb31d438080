"""More or fewer contacts than planned: volume, its pattern over the day, and viral spikes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field

from simcc.errors import Problem
from simcc.estimation import Floats
from simcc.model import Scenario
from simcc.model.base import Count, Flag, Many, Rule, plain
from simcc.shocks.base import (
    ByPercent,
    During,
    Percent,
    Shock,
    Some,
    Timed,
    inside,
    known,
    refuse,
    signed,
    some,
)
from simcc.shocks.rates import Steps, expected, multiplied, steps
from simcc.streams import Streams

Error = Annotated[float, Field(strict=True, ge=-100, le=1e6), BeforeValidator(plain)]
Factor = Annotated[float, Field(strict=True, ge=0, le=1e4), BeforeValidator(plain)]


class VolumeShock(ByPercent, Timed):
    """More contacts than planned, or fewer.

    Parameters
    ----------
    percent : float
        By how much the rates rise, at least -100.
    types : sequence of str, optional
        Contact types; left out, all that arrive.
    start, duration : duration, optional
        When; left out, always.
    name : str, optional

    Examples
    --------
    >>> VolumeShock(percent=10, types=["sales"]).label
    'volume of sales +10 %'
    """

    kind: Literal["volume"] = "volume"
    percent: Percent
    types: Some | None = None

    def _words(self) -> str:
        return f"volume{some(self.types)} {signed(self.percent)}{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        arriving(scenario, self.types)

    def _applied(self, scenario: Scenario) -> Scenario:
        by = steps(self.window, 1 + self.percent / 100, scenario.horizon)
        return with_rates(scenario, self.types, lambda _: by)


class ViralSpike(During):
    """Everybody calls at once: the rates are multiplied for a while.

    Parameters
    ----------
    factor : float
        Of the rates, at least 0.
    start, duration : duration
        From the start of the simulation, and how long.
    types : sequence of str, optional
        Contact types; left out, all that arrive.
    name : str, optional

    Examples
    --------
    >>> spike = ViralSpike(factor=3, start="10h", duration="30min")
    >>> spike.label, spike.scaled(0.5).factor
    ('spike times 3 at 10h for 30min', 2.0)
    """

    kind: Literal["spike"] = "spike"
    factor: Factor
    types: Some | None = None

    @property
    def size(self) -> float:
        """By how many percent the rates rise."""
        return 100 * (self.factor - 1)

    def _words(self) -> str:
        return f"spike{some(self.types)} times {self.factor:.4g}{self._when}"

    def _of_size(self, factor: float) -> Self:
        return self.replace(factor=1 + (self.factor - 1) * factor)

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        arriving(scenario, self.types)

    def _applied(self, scenario: Scenario) -> Scenario:
        by = steps(self.window, self.factor, scenario.horizon)
        return with_rates(scenario, self.types, lambda _: by)


def _one_way(part: Any) -> Iterator[Problem]:
    if (part.by_interval is None) == (part.percent is None):
        both = "is missing" if part.percent is None else "and by_interval are both given"
        yield Problem("percent", f"{both}; give percent or by_interval (unit: %)")


class ForecastError(Shock):
    """The forecast is wrong by a different factor in each interval of the horizon.

    Parameters
    ----------
    percent : float, optional
        Of random errors: about their standard deviation. The factor of interval i is
        ``exp(s z_i - s**2 / 2)`` with ``s = percent / 100`` and standard normal ``z_i``, so its
        mean is 1.
    correlation : float, default 0
        Of the ``z_i`` of neighbouring intervals (an autoregressive process of order 1).
    draw : int, default 0
        Which random pattern; the same for all types, whatever the percent.
    by_interval : sequence of float, optional
        Instead: the errors in percent, one per interval of the horizon.
    same_total : bool, default False
        Scale the factors so that the expected number of contacts of each type stays: only the shape
        of the day is wrong.
    types : sequence of str, optional
        Contact types; left out, all that arrive.
    name : str, optional

    Examples
    --------
    >>> ForecastError(percent=15, same_total=True).label
    'forecast error 15 %, same total'
    >>> ForecastError(by_interval=[10, -20]).scaled(0.5).by_interval
    (5.0, -10.0)
    """

    kind: Literal["forecast"] = "forecast"
    percent: Percent | None = None
    correlation: Annotated[float, Field(strict=True, gt=-1, lt=1), BeforeValidator(plain)] = 0.0
    draw: Count = 0
    by_interval: Annotated[Many[Error], Field(min_length=1)] | None = None
    same_total: Flag = False
    types: Some | None = None

    units: ClassVar[dict[str, str]] = {"percent": "%", "by_interval": "%"}
    rules: ClassVar[tuple[Rule, ...]] = (_one_way,)

    @property
    def size(self) -> float:
        """The percent; of given errors, the largest."""
        if self.by_interval is None:
            return self.percent or 0.0
        return max(map(abs, self.by_interval))

    def _words(self) -> str:
        total = ", same total" if self.same_total else ""
        return f"forecast error{some(self.types)} {self.size:.4g} %{total}"

    def _of_size(self, factor: float) -> Self:
        if self.by_interval is None:
            return self.replace(percent=(self.percent or 0.0) * factor)
        return self.replace(by_interval=[one * factor for one in self.by_interval])

    def _check(self, scenario: Scenario) -> None:
        n = scenario.horizon.n_intervals
        if self.by_interval is not None and len(self.by_interval) != n:
            refuse(
                "by_interval",
                f"has {len(self.by_interval)} entries; must have {n}, one for each interval of the "
                "horizon",
            )
        arriving(scenario, self.types)

    def factors(self, intervals: int) -> Floats:
        """Return the factors of so many intervals, before any scaling to the same total."""
        if self.by_interval is not None:
            return 1 + np.array(self.by_interval) / 100
        z = Streams(self.draw).open("forecast error", 0).standard_normal(intervals)
        for i in range(1, intervals):
            z[i] = self.correlation * z[i - 1] + np.sqrt(1 - self.correlation**2) * z[i]
        s = (self.percent or 0.0) / 100
        return np.asarray(np.exp(s * z - s**2 / 2))

    def _applied(self, scenario: Scenario) -> Scenario:
        horizon = scenario.horizon
        edges, factors = np.array(horizon.all_edges), self.factors(horizon.n_intervals)

        def of_type(arrivals: Any) -> Steps:
            if not self.same_total:
                return Steps(edges, factors)
            numbers = np.diff(expected(arrivals, horizon, edges))
            total = float(factors @ numbers)
            return Steps(edges, factors * (numbers.sum() / total) if total > 0 else factors)

        return with_rates(scenario, self.types, of_type)


def arriving(scenario: Scenario, types: Some | None) -> list[str]:
    """Return the types that arrive by themselves; ScenarioError if one named does not."""
    kinds = {kind.name: kind for kind in scenario.contact_types}
    names = known("types", types, list(kinds))
    for name in types or ():
        if kinds[name].arrivals is None:
            refuse(f'contact_types["{name}"].arrivals', "are missing; there is nothing to multiply")
    found = [name for name in names if kinds[name].arrivals is not None]
    if not found:
        refuse("types", "are none; no contact type of the scenario has arrivals")
    return found


def with_rates(scenario: Scenario, types: Some | None, by: Callable[[Any], Steps]) -> Scenario:
    """Return the scenario with the arrivals of some types multiplied by ``by(arrivals)``."""
    names, kinds = set(arriving(scenario, types)), []
    for kind in scenario.contact_types:
        if kind.name in names:
            with inside(f'contact_types["{kind.name}"].arrivals'):
                found = multiplied(kind.arrivals, by(kind.arrivals), scenario.horizon)
            kind = kind.replace(arrivals=found)
        kinds.append(kind)
    return scenario.replace(contact_types=kinds)
