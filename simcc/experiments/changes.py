"""A scenario with more contacts, longer talks, less patience, other agents or other bots.

Every change keeps the customers: contact i comes with the same luck, only earlier or later, with
longer work or less patience.
"""

from __future__ import annotations

import math
from typing import Any

from simcc.model import AgentGroup, FixedStaff, HeadCounts, Roster, Scenario, Shift
from simcc.shocks.customers import with_patience, with_work
from simcc.shocks.rates import steps
from simcc.shocks.volume import with_rates

EVER = (0.0, math.inf)


def scaled_volume(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with all rates of arrival times a factor, of one type or of all."""
    by = steps(EVER, factor, scenario.horizon)
    return with_rates(scenario, _types(kind), lambda _: by)


def scaled_handle_time(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with talk times and after-call work times a factor; turns of chats too."""
    return with_work(scenario, _types(kind), factor)


def scaled_patience(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with patience times a factor, of one type or of all that have any."""
    return with_patience(scenario, _types(kind), factor)


def _types(kind: str | None) -> tuple[str, ...] | None:
    return None if kind is None else (kind,)


def more_agents(scenario: Scenario, group: str, number: int) -> Scenario:
    """Return a scenario with more agents in a group, or fewer, whenever any are planned.

    Of a roster, people are added who work as its middle one does, by paid hours; or it is that one,
    and those who work as he or she does, who stay at home.
    """
    place = scenario.group_index(group)
    groups = list(scenario.agent_groups)
    groups[place] = groups[place].replace(staff=_more(groups[place], number))
    return scenario.replace(agent_groups=groups)


def _more(group: AgentGroup, number: int) -> Any:
    staff = group.staff
    if isinstance(staff, FixedStaff):
        return staff.replace(agents=staff.agents + number)
    if isinstance(staff, HeadCounts):
        last = staff.after_last
        return staff.replace(
            counts=[n + number if n else 0 for n in staff.counts],
            after_last=last + number if last else last,
        )
    return _more_people(staff, number)


def _more_people(roster: Roster, number: int) -> Roster:
    people: dict[str, list[Shift]] = {}
    for shift in roster.shifts:
        people.setdefault(shift.agent, []).append(shift)
    by_hours = sorted(people, key=lambda name: sum(x.end - x.start for x in people[name]))
    middle = len(by_hours) // 2
    if number < 0:
        away = by_hours[max(0, middle + (number + 1) // 2) :][:-number]
        return roster.replace(shifts=[x for x in roster.shifts if x.agent not in away])
    added = [
        shift.replace(agent=f"{shift.agent} +{i + 1}")
        for i in range(number)
        for shift in people[by_hours[middle]]
    ]
    return roster.replace(shifts=[*roster.shifts, *added])


def more_containment(scenario: Scenario, points: float, bot: str) -> Scenario:
    """Return a scenario in which a bot contains a larger share, of every type; 0.01 is a point."""
    place = scenario.bot_index(bot)
    one, bots = scenario.bots[place], list(scenario.bots)
    by_type = {
        name: own if own.contained is None else own.replace(contained=own.contained + points)
        for name, own in one.by_type.items()
    }
    bots[place] = one.replace(contained=one.contained + points, by_type=by_type)
    return scenario.replace(bots=bots)
