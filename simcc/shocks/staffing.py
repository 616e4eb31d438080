"""Agents who are not there: absence, and groups that drop out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from simcc.model import FixedStaff, HeadCounts, Horizon, Roster, Scenario, Shift
from simcc.model.base import Count
from simcc.shocks.base import ByPercent, Outage, PartOf100, Some, Timed, Window, known, some
from simcc.shocks.rates import GOLDEN
from simcc.streams import Streams


class Absence(ByPercent, Timed):
    """A share of the agents is not there.

    Of a group with n agents, the j-th (j = 1, ..., n) is absent if ``j - u < n * percent / 100``.
    The u of the groups are spread evenly over (0, 1), so that the share is right for all of them
    together, as nearly as whole people can; a single group rounds to the nearest. Of a roster,
    which agents these are is drawn. Whoever is absent in one scenario is so with a larger percent.

    Parameters
    ----------
    percent : float
        Of the agents, 0 to 100.
    groups : sequence of str, optional
        Agent groups; left out, all.
    start, duration : duration, optional
        When; left out, always. Whoever is serving as it begins finishes that contact first.
    draw : int, default 0
        Which agents of a roster.
    name : str, optional

    Examples
    --------
    >>> Absence(percent=10, groups=["front", "back"]).label
    'absence of front, back 10 %'
    """

    kind: Literal["absence"] = "absence"
    percent: PartOf100
    groups: Some | None = None
    draw: Count = 0

    largest: ClassVar[float] = 100.0

    def _words(self) -> str:
        return f"absence{some(self.groups)} {self.percent:.4g} %{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        known("groups", self.groups, [group.name for group in scenario.agent_groups])

    def _applied(self, scenario: Scenario) -> Scenario:
        names = known("groups", self.groups, [group.name for group in scenario.agent_groups])
        share = self.percent / 100
        return _without(scenario, names, share, self.window, self.draw)


class GroupOutage(Outage):
    """Groups of agents drop out for a while, such as all those of a site.

    Whoever is serving as it begins finishes that contact first. Its size is its duration.

    Parameters
    ----------
    groups : sequence of str
        Agent groups.
    start, duration : duration
        From the start of the simulation, and how long.
    name : str, optional

    Examples
    --------
    >>> GroupOutage(groups=["north"], start="10h", duration="1h").label
    'outage of north at 10h for 1h'
    """

    kind: Literal["group_outage"] = "group_outage"
    groups: Some

    def _words(self) -> str:
        return f"outage{some(self.groups)}{self._when}"

    def _check(self, scenario: Scenario) -> None:
        super()._check(scenario)
        known("groups", self.groups, [group.name for group in scenario.agent_groups])

    def _applied(self, scenario: Scenario) -> Scenario:
        return _without(scenario, self.groups, 1.0, self.window, 0)


def absent(agents: int, share: float, level: float) -> int:
    """Return how many of some agents are absent: those with ``j - level < agents * share``.

    >>> [absent(6, share, 0.5) for share in (0, 0.05, 0.1, 0.5, 1)]
    [0, 0, 1, 3, 6]
    """
    return min(agents, max(0, math.ceil(agents * share + level) - 1))


def _without(scenario: Scenario, names: Any, share: float, window: Window, draw: int) -> Scenario:
    """Return the scenario without a share of the agents of some groups, inside a window."""
    levels = {name: (0.5 + k * GOLDEN) % 1.0 for k, name in enumerate(names)}
    groups = []
    for group in scenario.agent_groups:
        if group.name in levels:
            missing = _Missing(share, levels[group.name], window, scenario.horizon)
            order = Streams(draw).open(f"absence/{group.name}", 0)
            group = group.replace(staff=missing.from_(group.staff, order))
        groups.append(group)
    return scenario.replace(agent_groups=groups)


class _Missing:
    """A share of a group that is missing inside a window."""

    def __init__(self, share: float, level: float, window: Window, horizon: Horizon) -> None:
        self._share, self._level, self._horizon = share, level, horizon
        self._start, self._end = window

    def from_(self, staff: Any, order: Any) -> Any:
        """Return the staff that is left; ``order`` is the generator that orders named agents."""
        if isinstance(staff, Roster):
            return self._from_roster(staff, order)
        if self._start == 0 and self._end == math.inf:
            return self._always(staff)
        edges: tuple[float, ...] = (0.0,)
        if isinstance(staff, HeadCounts):
            edges = self._horizon.all_edges if staff.edges is None else staff.edges
        cuts = [at for at in (self._start, self._end) if at < math.inf]
        times = sorted({*edges, *cuts})
        if times[0] == times[-1]:  # one instant has no interval
            times.append(self._horizon.length)
        left = [self._left(_agents(staff, edges, at), at) for at in times]
        return HeadCounts(
            counts=tuple(left[:-1]), edges=tuple(times), after_last=left[-1],
            decrease=staff.decrease if isinstance(staff, HeadCounts) else "headcount",
        )  # fmt: skip

    def _always(self, staff: FixedStaff | HeadCounts) -> Any:
        if isinstance(staff, FixedStaff):
            return staff.replace(agents=self._left(staff.agents, 0.0))
        after = staff.after_last
        return staff.replace(
            counts=[self._left(n, 0.0) for n in staff.counts],
            after_last=None if after is None else self._left(after, 0.0),
        )

    def _left(self, agents: int, at: float) -> int:
        if not self._start <= at < self._end:
            return agents
        return agents - absent(agents, self._share, self._level)

    def _from_roster(self, staff: Roster, order: Any) -> Any:
        agents = list(dict.fromkeys(shift.agent for shift in staff.shifts))
        places = order.permutation(len(agents))[: absent(len(agents), self._share, self._level)]
        gone = {agents[place] for place in places}
        shifts = [
            part
            for shift in staff.shifts
            for part in (self._parts(shift) if shift.agent in gone else (shift,))
        ]
        return staff.replace(shifts=shifts) if shifts else FixedStaff(agents=0)

    def _parts(self, shift: Shift) -> Iterator[Shift]:
        """What is left of a shift before and after the window."""
        if self._start >= shift.end or self._end <= shift.start:
            yield shift
            return
        for start, end in ((shift.start, self._start), (self._end, shift.end)):
            if start < end and start < self._horizon.length:
                breaks = [(max(a, start), min(b, end)) for a, b in shift.breaks]
                kept = [(a, b) for a, b in breaks if a < b]
                yield shift.replace(start=start, end=end, breaks=kept)


def _agents(staff: FixedStaff | HeadCounts, edges: tuple[float, ...], at: float) -> int:
    """How many agents there are at an instant."""
    if isinstance(staff, FixedStaff):
        return staff.agents
    if at >= edges[-1]:
        return staff.counts[-1] if staff.after_last is None else staff.after_last
    place = max(i for i, edge in enumerate(edges[:-1]) if edge <= at)
    return staff.counts[place]
