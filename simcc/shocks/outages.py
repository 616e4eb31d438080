"""Things that fail: bots, and what is needed to serve a contact type."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

from simcc.estimation import Floats
from simcc.model import Bot, ContactType, FactorsByTime, Hours, Scenario
from simcc.model.base import LARGEST
from simcc.shocks.base import (
    ByPercent,
    Outage,
    PartOf100,
    Some,
    Timed,
    Window,
    known,
    refuse,
    some,
)
from simcc.shocks.rates import JUMP


class ContainmentDrop(ByPercent, Timed):
    """Bots deal with fewer customers by themselves.

    Parameters
    ----------
    percent : float
        Of those that they would have contained, how many are handed on instead, 0 to 100.
    bots : sequence of str, optional
        Left out, all.
    start, duration : duration, optional
        When; left out, always.
    name : str, optional

    Examples
    --------
    >>> ContainmentDrop(percent=30).label
    'containment less 30 %'
    """

    kind: Literal["containment"] = "containment"
    percent: PartOf100
    bots: Some | None = None

    largest: ClassVar[float] = 100.0

    def _words(self) -> str:
        return f"containment{some(self.bots)} less {self.percent:.4g} %{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        _bots(scenario, self.bots)

    def _applied(self, scenario: Scenario) -> Scenario:
        return _with_containment(scenario, self.bots, self.window, 1 - self.percent / 100)


class BotOutage(Outage):
    """Bots deal with nobody for a while: whoever they would have contained is handed on.

    Sessions begin and take their time as before; who gives up in the bot still does. Its size is
    its duration.

    Parameters
    ----------
    start, duration : duration
        From the start of the simulation, and how long.
    bots : sequence of str, optional
        Left out, all.
    name : str, optional

    Examples
    --------
    >>> BotOutage(bots=["helper"], start="10h", duration="30min").label
    'bot outage of helper at 10h for 30min'
    """

    kind: Literal["bot_outage"] = "bot_outage"
    bots: Some | None = None

    def _words(self) -> str:
        return f"bot outage{some(self.bots)}{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        _bots(scenario, self.bots)

    def _applied(self, scenario: Scenario) -> Scenario:
        return _with_containment(scenario, self.bots, self.window, 0.0)


class SkillOutage(Outage):
    """Nobody can serve some contact types for a while, such as when their system is down.

    Agents take nobody from their queues; talks that have begun go on, and who comes waits, as long
    as patience lasts. Its size is its duration. A type outside whose own hours customers are turned
    away cannot have one.

    Parameters
    ----------
    types : sequence of str
        Contact types.
    start, duration : duration
        From the start of the simulation, and how long.
    name : str, optional

    Examples
    --------
    >>> SkillOutage(types=["sales"], start="10h", duration="30min").label
    'skill outage of sales at 10h for 30min'
    """

    kind: Literal["skill_outage"] = "skill_outage"
    types: Some

    def _words(self) -> str:
        return f"skill outage{some(self.types)}{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        known("types", self.types, [kind.name for kind in scenario.contact_types])
        for kind in scenario.contact_types:
            if kind.name in self.types and kind.hours and kind.hours.outside != "waits":
                place = f'contact_types["{kind.name}"].hours.outside'
                refuse(place, f'is "{kind.hours.outside}"; must be "waits" for a skill outage')

    def _applied(self, scenario: Scenario) -> Scenario:
        kinds = [
            kind.replace(hours=self._closed(kind)) if kind.name in self.types else kind
            for kind in scenario.contact_types
        ]
        return scenario.replace(contact_types=kinds)

    def _closed(self, kind: ContactType) -> Hours:
        spans = ((0.0, LARGEST),) if kind.hours is None else kind.hours.open
        left = [part for span in spans for part in _outside(span, self.window)]
        return Hours(open=tuple(left) or ((LARGEST / 2, LARGEST),), outside="waits")


def _outside(span: Window, window: Window) -> Iterator[Window]:
    """What is left of a span before and after a window."""
    before, after = (span[0], min(span[1], window[0])), (max(span[0], window[1]), span[1])
    if before[1] == span[1] or after[0] == span[0] or not window[0] < window[1]:  # do not meet
        yield span
        return
    yield from (part for part in (before, after) if part[0] < part[1])


def _bots(scenario: Scenario, names: Some | None) -> list[str]:
    if not scenario.bots:
        refuse("bots", "are none; the scenario has no bot")
    return known("bots", names, [bot.name for bot in scenario.bots])


def _with_containment(
    scenario: Scenario, names: Some | None, window: Window, factor: float
) -> Scenario:
    """Return the scenario with the containment of some bots multiplied inside a window."""
    these = _bots(scenario, names)
    bots = [_contains(bot, window, factor) if bot.name in these else bot for bot in scenario.bots]
    return scenario.replace(bots=bots)


def _contains(bot: Bot, window: Window, factor: float) -> Bot:
    """A bot whose curve over time drops within a millisecond, and comes back so."""
    curve = bot.contained_by_time or FactorsByTime(times=(0.0,), factors=(1.0,))
    inside = [at for at in window if JUMP < at < math.inf]
    jumps = np.array([one for at in inside for one in (at - JUMP, at)])
    times = np.union1d(curve.times, jumps)
    old = np.interp(times, curve.times, curve.factors)
    factors: Floats = np.where((times >= window[0]) & (times < window[1]), factor, 1.0) * old
    found = FactorsByTime(times=tuple(times.tolist()), factors=tuple(factors.tolist()))
    return bot.replace(contained_by_time=found)
