"""The plan of staffing: who is scheduled when, as rows that the kernel carries out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.changes import Control
from simcc.engine.records import OPEN, PLAN, SENDS_AWAY, TURNS_AWAY, WAITS, Plan
from simcc.model import AgentGroup, ContactType, FixedStaff, HeadCounts, Roster, Scenario


@dataclass(frozen=True)
class Change:
    """One row of the plan: an agent (for COUNT a group, for HOURS a queue) and by how much."""

    at: float
    what: Control
    who: int
    by: int = 0


MOST_SHIFTS = 5  # of named people who may be at work at once, all but one of them in overtime


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
    most_rows : int
        Rows of the agent log that the plan can cause.
    at : float64[changes + 1]
        Instants (s) of the changes, and an infinite one at the end.
    record : record
        What the kernel reads: ``at``, ``what``, ``who`` and ``by`` of every change and where its
        uniforms begin (``luck``); by group, whether a lower head count means particular agents
        (``named``), and that its own agents are ``first[g]`` to ``first[g + 1] - 1``.
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
        self.group = np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)
        for k, kind in enumerate(scenario.contact_types):
            changes += _hours(kind, k)
        staff = [group.staff for group in scenario.agent_groups]
        rosters = np.array([isinstance(one, Roster) for one in staff], np.int64)
        self.counted = 1 - rosters[self.group]
        named = [getattr(one, "decrease", "") == "named" for one in staff]
        changes.sort(key=lambda change: change.at)  # groups in their order at one instant
        heads = sum(abs(change.by) for change in changes if change.what == Control.COUNT)
        self.most_rows = 2 * (len(changes) + heads)  # each change, and a late departure for it
        self.at = np.array([*(change.at for change in changes), np.inf], np.float64)
        columns = {
            "at": self.at,
            "what": np.array([change.what for change in changes], np.int64),
            "who": np.array([change.who for change in changes], np.int64),
            "by": np.array([change.by for change in changes], np.int64),
            "luck": _places_of_luck(changes, named),
            "first": np.cumsum([0, *sizes]).astype(np.int64),
            "named": np.array(named, np.int64),
        }
        self.record: Any = Plan(*(columns[name] for name in PLAN))


def _places_of_luck(changes: list[Change], named: list[bool]) -> NDArray[np.int64]:
    """Where the uniforms of each change begin, among those of all groups one after the other."""
    falls = [
        change.by < 0 and change.what == Control.COUNT and named[change.who] for change in changes
    ]
    places, used = np.zeros(len(changes), np.int64), 0
    for g in range(len(named)):
        for i, change in enumerate(changes):
            if falls[i] and change.who == g:
                places[i] = used
                used -= change.by
    return places


def _names(group: AgentGroup) -> list[str]:
    if isinstance(group.staff, Roster):
        return list(dict.fromkeys(shift.agent for shift in group.staff.shifts))
    return [f"{group.name} {i + 1}" for i in range(_most(group))]


def _most(group: AgentGroup) -> int:
    """Most agents of a group who may be at work at once: with names, others finish in overtime."""
    staff = group.staff
    if isinstance(staff, FixedStaff):
        return staff.agents
    assert isinstance(staff, HeadCounts)
    most = max([*staff.counts, staff.after_last or 0], default=0)
    return MOST_SHIFTS * most if staff.decrease == "named" else most


def _changes(group: AgentGroup, g: int, first: int, scenario: Scenario) -> Iterator[Change]:
    staff = group.staff
    if isinstance(staff, FixedStaff):
        yield Change(0.0, Control.COUNT, g, staff.agents)
    elif isinstance(staff, HeadCounts):
        for at, by in staff.changes(scenario.horizon.all_edges):
            yield Change(at, Control.COUNT, g, by)
    else:
        numbers = {name: first + i for i, name in enumerate(_names(group))}
        for name, a in numbers.items():
            yield from _of_agent(staff, name, a)


def _hours(kind: ContactType, k: int) -> Iterator[Change]:
    """When queue k opens and closes; ``by`` is the new state."""
    hours = kind.hours
    if hours is None:
        return
    outside = WAITS if hours.outside == "waits" else TURNS_AWAY
    if hours.open[0][0] > 0:
        yield Change(0.0, Control.HOURS, k, outside)
    closing = SENDS_AWAY if hours.at_closing == "sent_away" else outside
    for start, end in hours.open:
        yield Change(start, Control.HOURS, k, OPEN)
        yield Change(end, Control.HOURS, k, closing)


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
