"""Every contact finds somebody who can serve it, and brings a time to talk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, place, queues_in_use, types_in_use
from simcc.model.checks.size import most_agents


def types_get_contacts(scenario: Any) -> Iterator[Problem]:
    """Contacts of every type come from outside, from a bot, by a transfer or again."""
    used = types_in_use(scenario)
    for kind in scenario.contact_types:
        if kind.name not in used:
            yield Problem(
                place("contact_types", kind),
                "has no arrivals, and no bot, transfer, consult or follow-up leads to it; give it "
                "arrivals (rate_per_hour = 0 if only a process of yours submits them)",
            )


def types_are_served(scenario: Any) -> Iterator[Problem]:
    """Every queue in use has a group with the skill."""
    used = queues_in_use(scenario)
    skills = {name for group in scenario.agent_groups for name in group.skills}
    for kind in scenario.contact_types:
        if kind.name in used and kind.name not in skills:
            message = "cannot be served by anybody: no agent group has the skill"
            yield Problem(place("contact_types", kind), f'{message} "{kind.name}"')


def talk_times_are_given(scenario: Any) -> Iterator[Problem]:
    """Every queue in use says how long its contacts talk, whoever serves."""
    used = queues_in_use(scenario)

    def check(kind: Any) -> Iterator[Problem]:
        if kind.name not in used or kind.talk_time is not None or kind.talk_time_by_interval:
            return
        able = [group.name for group in scenario.agent_groups if kind.name in group.skills]
        missing = [name for name in able if name not in kind.talk_time_by_group]
        if not kind.talk_time_by_group:
            yield Problem(f"{place('contact_types', kind)}.talk_time", "is missing (unit: seconds)")
        elif missing:
            names = ", ".join(f'"{name}"' for name in missing[:10])
            message = f"is missing, and talk_time_by_group does not name {names}"
            yield Problem(f"{place('contact_types', kind)}.talk_time", f"{message} (unit: seconds)")

    yield from each(scenario.contact_types, check)


def nobody_waits_for_ever(scenario: Any) -> Iterator[Problem]:
    """Contacts of infinite patience have somebody, at some time, to serve them."""
    if scenario.horizon.after == "stop":
        return
    used = queues_in_use(scenario)
    groups = [(group.skills, most_agents(group.staff)) for group in scenario.agent_groups]

    def check(kind: Any) -> Iterator[Problem]:
        able = [n for skills, n in groups if kind.name in skills]
        endless = kind.patience is None or math.isinf(kind.patience.mean())
        comes = kind.outbound is None
        if comes and kind.name in used and able and not any(able) and endless:
            message = "waits for ever: nobody is ever on duty in the groups with the skill, and it"
            yield Problem(place("contact_types", kind), f"{message} has no patience")

    yield from each(scenario.contact_types, check)


def agents_have_one_group(scenario: Any) -> Iterator[Problem]:
    """A named agent is in one roster only."""
    group_of: dict[str, str] = {}

    def check(group: Any) -> Iterator[Problem]:
        if group.staff.kind != "roster":
            return
        for name in dict.fromkeys(shift.agent for shift in group.staff.shifts):
            other = group_of.setdefault(name, group.name)
            if other != group.name:
                message = f'has the agent "{name}", who is in "{other}" already'
                yield Problem(f"{place('agent_groups', group)}.staff.shifts", message)

    yield from each(scenario.agent_groups, check)
