"""The plan of staffing: who is scheduled when, as rows that one SimPy process carries out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simcc.engine.people import bring_on, change_head_count, send_off
from simcc.engine.records import BREAK, SHIFT_OVER
from simcc.jit import jit
from simcc.log import AgentEvent
from simcc.model import AgentGroup, FixedStaff, HeadCounts, Roster, Scenario


class Control(IntEnum):
    """What a row of the plan does; at one instant and for one agent, smaller first."""

    COME = 0
    RESUME = 1
    PAUSE = 2
    LEAVE = 3
    COUNT = 4


@dataclass(frozen=True)
class Change:
    """One row of the plan: an agent (or, for COUNT, a group) and by how much."""

    at: float
    what: Control
    who: int
    by: int = 0


class ControlPlan:
    """The agents of a scenario and the changes of their schedule, in time order.

    Parameters
    ----------
    scenario : Scenario

    Attributes
    ----------
    names : list of str
        Of the agents; those of a group stand together.
    group : int64[agents]
    counted : int64[agents]
        0 for those who come and go by a roster, else 1.
    named : int64[groups]
        1 where a lower head count means particular agents.
    first : int64[groups + 1]
        Group g's own agents are ``first[g]`` to ``first[g + 1] - 1``.
    at : float64[changes]
    what, who, by : int64[changes]
    most_rows : int
        Rows of the agent log that the plan can cause.
    instants : list of (float, int, int)
        Each instant (s) with the range of its changes.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.names: list[str] = []
        changes: list[Change] = []
        sizes = []
        for g, group in enumerate(scenario.agent_groups):
            start = len(self.names)
            own = _changes(group, g, start, scenario)
            changes += sorted(own, key=lambda change: (change.at, change.who, change.what))
            self.names += _names(group)
            sizes.append(len(self.names) - start)
        self.first = np.cumsum([0, *sizes]).astype(np.int64)
        self.group = np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)
        staff = [group.staff for group in scenario.agent_groups]
        rosters = np.array([isinstance(one, Roster) for one in staff], np.int64)
        self.counted = 1 - rosters[self.group]
        self.named = np.array([getattr(one, "decrease", "") == "named" for one in staff], np.int64)
        changes.sort(key=lambda change: change.at)  # groups in their order at one instant
        self.at = np.array([change.at for change in changes], np.float64)
        self.what = np.array([change.what for change in changes], np.int64)
        self.who = np.array([change.who for change in changes], np.int64)
        self.by = np.array([change.by for change in changes], np.int64)
        self.instants = _instants(self.at)
        heads = int(np.abs(self.by).sum())
        self.most_rows = 2 * (len(self.at) + heads)  # each change, and a late departure for it


def _instants(at: NDArray[np.float64]) -> list[tuple[float, int, int]]:
    times, start = np.unique(at, return_index=True)
    stop = np.append(start[1:], len(at))
    return list(zip(times.tolist(), start.tolist(), stop.tolist(), strict=True))


def _names(group: AgentGroup) -> list[str]:
    if isinstance(group.staff, Roster):
        return list(dict.fromkeys(shift.agent for shift in group.staff.shifts))
    return [f"{group.name} {i + 1}" for i in range(_most(group))]


def _most(group: AgentGroup) -> int:
    """Most agents of a group who may be at work at once: with names, others come in overtime."""
    staff = group.staff
    if isinstance(staff, FixedStaff):
        return staff.agents
    assert isinstance(staff, HeadCounts)
    most = max([*staff.counts, staff.after_last or 0], default=0)
    return 2 * most if staff.decrease == "named" else most


def _changes(group: AgentGroup, g: int, first: int, scenario: Scenario) -> Iterator[Change]:
    staff = group.staff
    if isinstance(staff, FixedStaff):
        yield Change(0.0, Control.COUNT, g, staff.agents)
    elif isinstance(staff, HeadCounts):
        yield from _by_number(head_count_steps(staff, scenario), g)
    else:
        numbers = {name: first + i for i, name in enumerate(_names(group))}
        for name, a in numbers.items():
            yield from _of_agent(staff, name, a)


def head_count_steps(staff: HeadCounts, scenario: Scenario) -> list[tuple[float, int]]:
    """Instants (s) and the number scheduled from then on."""
    edges = list(scenario.horizon.all_edges if staff.edges is None else staff.edges)
    steps = list(zip(edges, staff.counts, strict=False))
    if staff.after_last is not None:
        steps.append((edges[-1], staff.after_last))
    return steps


def _by_number(steps: Sequence[tuple[float, int]], g: int) -> Iterator[Change]:
    before = 0
    for at, number in steps:
        if number != before:
            yield Change(at, Control.COUNT, g, number - before)
        before = number


def _of_agent(roster: Roster, name: str, a: int) -> Iterator[Change]:
    """The changes of one agent; what ends where the next of its kind begins is not a change."""
    shifts = [shift for shift in roster.shifts if shift.agent == name]
    breaks = [pair for shift in shifts for pair in shift.breaks]
    starts, ends = {shift.start for shift in shifts}, {shift.end for shift in shifts}
    pauses, resumes = {start for start, _ in breaks}, {end for _, end in breaks}
    for what, instants in (
        (Control.COME, starts - ends),
        (Control.RESUME, resumes - pauses),
        (Control.PAUSE, pauses - resumes),
        (Control.LEAVE, ends - starts),
    ):
        yield from (Change(at, what, a) for at in instants)


COME, RESUME, PAUSE, LEAVE, COUNT = (int(what) for what in Control)
SHIFT_START, BREAK_END = int(AgentEvent.SHIFT_START), int(AgentEvent.BREAK_END)


@jit
def apply_changes(  # type: ignore[no-untyped-def]
    agents, queues, first, named, what, who, by, start, stop
):
    """Carry out rows ``start`` to ``stop - 1`` of the plan at the queues' clock."""
    for i in range(start, stop):
        if what[i] == COUNT:
            change_head_count(agents, queues, first, named, who[i], by[i])
        elif what[i] == LEAVE:
            send_off(agents, queues, who[i], SHIFT_OVER)
        elif what[i] == PAUSE:
            send_off(agents, queues, who[i], BREAK)
        elif what[i] == COME:
            bring_on(agents, queues, who[i], SHIFT_START)
        else:
            bring_on(agents, queues, who[i], BREAK_END)
