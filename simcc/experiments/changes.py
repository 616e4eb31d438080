"""A scenario with more contacts, longer talks, less patience, other agents or other bots.

Every change keeps the customers: contact i comes with the same luck, only earlier or later, with
longer work or less patience.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from simcc.errors import SimulationError
from simcc.model import (
    AgentGroup,
    Constant,
    ContactType,
    FixedStaff,
    HeadCounts,
    Hyperexponential,
    Law,
    Roster,
    Sample,
    Scenario,
    ScipyLaw,
    Shift,
    SurvivalCurve,
    TraceArrivals,
    Uniform,
    Weibull,
)

SCALED: dict[type[Law], tuple[str, ...]] = {  # fields in seconds; of all others, the mean
    Constant: ("value",),
    Weibull: ("scale",),
    Hyperexponential: ("means",),
    Uniform: ("low", "high"),
    Sample: ("values",),
    SurvivalCurve: ("times",),
    ScipyLaw: ("loc", "scale"),
}


def scaled_law(law: Law, factor: float) -> Law:
    """Return a law whose times are all longer by a factor.

    >>> from simcc.model import Gamma
    >>> scaled_law(Gamma(mean=100, cv=0.5), 1.5).mean()
    150.0
    """
    if type(law) not in SCALED:
        return law.replace(mean=law.mean() * factor)
    fields = {name: _times(getattr(law, name), factor) for name in SCALED[type(law)]}
    return law.replace(**fields)


def _times(value: Any, factor: float) -> Any:
    return tuple(x * factor for x in value) if isinstance(value, tuple) else value * factor


def scaled_volume(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with all rates of arrival times a factor, of one type or of all.

    Raises
    ------
    SimulationError
        If a type has real arrivals, which cannot be scaled, or none.
    """

    def change(one: ContactType) -> ContactType:
        arrivals = one.arrivals
        if arrivals is None:
            return one
        if isinstance(arrivals, TraceArrivals):
            raise SimulationError(
                f'volume: the arrivals of "{one.name}" are real instants, which cannot be scaled'
            )
        name = "rate_per_hour" if hasattr(arrivals, "rate_per_hour") else "rates_per_hour"
        rates = _times(getattr(arrivals, name), factor)
        return one.replace(arrivals=arrivals.replace(**{name: rates}))

    return _with_types(scenario, kind, change)


def scaled_handle_time(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with talk times and after-call work times a factor; turns of chats too."""

    def scaled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: scaled(law) for name, law in value.items()}
        if isinstance(value, tuple):
            return tuple(map(scaled, value))
        return value if value is None else scaled_law(value, factor)

    names = ("talk_time", "talk_time_by_group", "talk_time_by_interval", "after_call_work")

    def change(one: ContactType) -> ContactType:
        fields = {name: scaled(getattr(one, name)) for name in names}
        if one.turns is not None:
            fields["turns"] = one.turns.replace(work=scaled_law(one.turns.work, factor))
        return one.replace(**fields)

    return _with_types(scenario, kind, change)


def scaled_patience(scenario: Scenario, factor: float, kind: str | None = None) -> Scenario:
    """Return a scenario with patience times a factor, of one type or of all that have any."""

    def change(one: ContactType) -> ContactType:
        if one.patience is None:
            return one
        return one.replace(patience=scaled_law(one.patience, factor))

    return _with_types(scenario, kind, change)


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


def _with_types(
    scenario: Scenario, kind: str | None, change: Callable[[ContactType], ContactType]
) -> Scenario:
    """Return a scenario with one type changed, or all."""
    names: Collection[str] = [one.name for one in scenario.contact_types]
    if kind is not None:
        scenario.type_index(kind)
        names = (kind,)
    return scenario.replace(
        contact_types=[change(x) if x.name in names else x for x in scenario.contact_types]
    )
