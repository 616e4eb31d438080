"""Agents who stay until a colleague has answered get an answer at some time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.agents import most_held
from simcc.model.checks.common import each, place
from simcc.model.colleagues import keeps_agents


def askers_hold_one(scenario: Any) -> Iterator[Problem]:
    """Agents who may be held for a colleague hold one contact at a time."""

    def check(kind: Any) -> Iterator[Problem]:
        holders = [
            group.name
            for group in scenario.agent_groups
            if kind.name in group.skills and most_held(group) > 1
        ]
        for where, _ in keeps_agents(kind) if holders else ():
            message = f'keeps the agent, but agents of "{holders[0]}" hold several contacts; '
            message += "must be left out, or warm = false, where a group with the skill does"
            yield Problem(f"{place('contact_types', kind)}.{where}", message)

    yield from each(scenario.contact_types, check)


def colleagues_are_reached(scenario: Any) -> Iterator[Problem]:
    """Queues in which agents wait offer no callback, and nobody waits there for each other."""
    kinds = {kind.name: kind for kind in scenario.contact_types}
    waits = {group.name: _waits_for(scenario, kinds, group) for group in scenario.agent_groups}

    def check(kind: Any) -> Iterator[Problem]:
        for where, one in keeps_agents(kind):
            here = f"{place('contact_types', kind)}.{where}.to"
            if one.to in kinds and kinds[one.to].callback is not None:
                message = f'is "{one.to}", which offers callbacks; an agent waits on the line, so '
                yield Problem(here, message + "it must be a type without callback")

    yield from each(scenario.contact_types, check)
    for group in scenario.agent_groups:
        if group.name in _all_waited_for(waits, group.name):
            yield Problem(
                place("agent_groups", group),
                "may wait for ever: its agents ask colleagues who may be waiting for them; give "
                "the types that they ask a patience, or the skill to groups who do not ask",
            )


def _waits_for(scenario: Any, kinds: dict[str, Any], group: Any) -> set[str]:
    """Groups whose answer agents of a group may wait for without end."""
    asked = {
        one.to
        for name in group.skills
        for _, one in (keeps_agents(kinds[name]) if name in kinds else ())
        if one.to in kinds and _is_endless(kinds[one.to])
    }
    return {other.name for other in scenario.agent_groups if asked & set(other.skills)}


def _is_endless(kind: Any) -> bool:
    return kind.patience is None or math.isinf(kind.patience.mean())


def _all_waited_for(waits: dict[str, set[str]], group: str) -> set[str]:
    """Groups that a group waits for, directly or through others."""
    found: list[str] = []
    ahead = [group]
    while ahead:
        more = waits[ahead.pop()] - set(found)
        found.extend(more)
        ahead.extend(more)
    return set(found)
