"""What a figure of a center may be sensitive to: factors, each a small object."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcc.engine.arguments import number, whole
from simcc.errors import SimulationError
from simcc.experiments.changes import (
    more_agents,
    more_containment,
    scaled_handle_time,
    scaled_patience,
    scaled_volume,
)
from simcc.model import FixedStaff, HeadCounts, Scenario, TraceArrivals
from simcc.model.messages import shown, suggestion


@dataclass(frozen=True)
class HeadCount:
    """Agents of a group, whenever any are planned.

    Parameters
    ----------
    group : str
    step : int, default 1
        Agents more, and fewer, for a derivative.

    Examples
    --------
    >>> HeadCount("front").label
    'agents of front'
    """

    group: str
    step: int = 1

    per = "1 agent"
    small = 1.0

    def __post_init__(self) -> None:
        whole(self.step, "HeadCount: step", least=1)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return f"agents of {self.group}"

    def apply(self, scenario: Scenario, amount: float) -> Scenario:
        """The scenario with ``amount`` agents more, or fewer."""
        return more_agents(scenario, self.group, round(amount))

    def size(self, scenario: Scenario) -> float:
        """Agents now: planned, planned on average while there are any, or people of a roster."""
        staff = scenario.agent_groups[scenario.group_index(self.group)].staff
        if isinstance(staff, FixedStaff):
            return float(staff.agents)
        if not isinstance(staff, HeadCounts):
            return float(len({shift.agent for shift in staff.shifts}))
        edges = staff.edges or scenario.horizon.interval * np.arange(len(staff.counts) + 1)
        width, counts = np.diff(edges), np.array(staff.counts, dtype=np.float64)
        there = float(width[counts > 0].sum())
        return float(width @ counts) / there if there > 0 else 0.0

    def problem(self, scenario: Scenario) -> str:
        """Why a scenario has no such factor; empty if it has."""
        return _unknown("group", self.group, scenario.agent_groups)


@dataclass(frozen=True)
class _OfTypes:
    """A factor that scales something of one contact type, or of all."""

    type: str | None = None
    step: float = 0.05

    per = "1 %"
    small = 0.01
    what = ""

    def __post_init__(self) -> None:
        number(self.step, f"{type(self).__name__}: step", above=0.0, most=0.5)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return self.what if self.type is None else f"{self.what} of {self.type}"

    def size(self, scenario: Scenario) -> float:
        """1: amounts are relative."""
        return 1.0

    def problem(self, scenario: Scenario) -> str:
        """Why a scenario has no such factor; empty if it has."""
        if self.type is not None:
            wrong = _unknown("contact type", self.type, scenario.contact_types)
            if wrong:
                return wrong
        kinds = [one for one in scenario.contact_types if self.type in (None, one.name)]
        return "" if any(map(self._concerns, kinds)) else f"no type has {self.what}"

    def _concerns(self, kind: Any) -> bool:
        return True


@dataclass(frozen=True)
class Volume(_OfTypes):
    """Contacts that come in: rates of arrival, relative.

    Contact i is the same customer at any rate; at a higher one all come earlier, and further ones
    come last.

    Parameters
    ----------
    type : str, optional
        By default all types with arrivals.
    step : float, default 0.05
        Relative change to both sides for a derivative.

    Examples
    --------
    >>> Volume("sales").label
    'volume of sales'
    """

    what = "volume"

    def apply(self, scenario: Scenario, amount: float) -> Scenario:
        """The scenario with rates times ``1 + amount``."""
        return scaled_volume(scenario, 1 + amount, self.type)

    def problem(self, scenario: Scenario) -> str:
        """Why a scenario has no such factor; empty if it has."""
        for kind in scenario.contact_types:
            real = isinstance(kind.arrivals, TraceArrivals)
            if real and self.type in (None, kind.name):
                return f'the arrivals of "{kind.name}" are real instants, which cannot be scaled'
        return super().problem(scenario)

    def _concerns(self, kind: Any) -> bool:
        return kind.arrivals is not None


@dataclass(frozen=True)
class HandleTime(_OfTypes):
    """Talk time and after-call work, relative.

    Parameters
    ----------
    type : str, optional
        By default all types.
    step : float, default 0.05
        Relative change to both sides for a derivative.

    Examples
    --------
    >>> HandleTime().label
    'handle time'
    """

    what = "handle time"

    def apply(self, scenario: Scenario, amount: float) -> Scenario:
        """The scenario with handle times times ``1 + amount``."""
        return scaled_handle_time(scenario, 1 + amount, self.type)


@dataclass(frozen=True)
class Patience(_OfTypes):
    """How long customers are willing to wait, relative.

    Parameters
    ----------
    type : str, optional
        By default all types that have a patience.
    step : float, default 0.1
        Relative change to both sides for a derivative.

    Examples
    --------
    >>> Patience().step
    0.1
    """

    step: float = 0.1
    what = "patience"

    def apply(self, scenario: Scenario, amount: float) -> Scenario:
        """The scenario with patience times ``1 + amount``."""
        return scaled_patience(scenario, 1 + amount, self.type)

    def _concerns(self, kind: Any) -> bool:
        return kind.patience is not None


@dataclass(frozen=True)
class Containment:
    """The share that a bot contains, as a probability, of all types alike.

    Parameters
    ----------
    bot : str
    step : float, default 0.02
        Change to both sides for a derivative; 0.02 is two percentage points.

    Examples
    --------
    >>> Containment("helper").label
    'containment of helper'
    """

    bot: str
    step: float = 0.02

    per = "1 point"
    small = 0.01

    def __post_init__(self) -> None:
        number(self.step, "Containment: step", above=0.0, most=0.5)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return f"containment of {self.bot}"

    def apply(self, scenario: Scenario, amount: float) -> Scenario:
        """The scenario with ``amount`` added to the probability."""
        return more_containment(scenario, amount, self.bot)

    def size(self, scenario: Scenario) -> float:
        """The probability now; NaN if it differs by type."""
        bot = scenario.bots[scenario.bot_index(self.bot)]
        own = {one.contained for one in bot.by_type.values()} - {None, bot.contained}
        return math.nan if own else float(bot.contained)

    def problem(self, scenario: Scenario) -> str:
        """Why a scenario has no such factor; empty if it has."""
        return _unknown("bot", self.bot, scenario.bots)


Factor = HeadCount | Volume | HandleTime | Patience | Containment


def _unknown(what: str, name: Any, parts: Any) -> str:
    names = [one.name for one in parts]
    return "" if name in names else f'there is no {what} "{name}"; {suggestion(str(name), names)}'


def factors_of(scenario: Scenario) -> list[Factor]:
    """Return every factor that a scenario has: groups and bots one by one, types together."""
    together: list[Factor] = [Volume(), HandleTime(), Patience()]
    found: list[Factor] = [HeadCount(one.name) for one in scenario.agent_groups]
    found += [one for one in together if not one.problem(scenario)]
    return found + [Containment(one.name) for one in scenario.bots]


def check_factors(factors: Any, scenario: Scenario, what: str) -> list[Factor]:
    """Return factors as a list; SimulationError unless the scenario has each of them, once."""
    if isinstance(factors, str) or not isinstance(factors, Collection) or not factors:
        raise SimulationError(f"{what} is {shown(factors)}; it must be a list of factors")
    found: list[Factor] = []
    for one in factors:
        if not isinstance(one, Factor):
            raise SimulationError(
                f"{what}: {shown(one)} must be a simcc.HeadCount, Volume, HandleTime, Patience or "
                "Containment"
            )
        if problem := one.problem(scenario):
            raise SimulationError(f"{what}: {one}: {problem}")
        if one.label in [other.label for other in found]:
            raise SimulationError(f"{what}: {one.label} is named twice")
        found.append(one)
    return found
