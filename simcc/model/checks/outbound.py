"""Lists of calls: nobody comes to them from elsewhere, and agents take one call at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.bots import terms
from simcc.model.callbacks import rings
from simcc.model.checks.common import each, known_horizon, place
from simcc.model.checks.names import holds_one
from simcc.model.colleagues import colleagues_of


def lists_are_only_called(scenario: Any) -> Iterator[Problem]:
    """No bot, transfer, follow-up or interruption leads to a type that is a list."""
    lists = {kind.name for kind in scenario.contact_types if kind.outbound is not None}

    def wrong(where: str, name: str | None) -> Iterator[Problem]:
        if name in lists:
            yield Problem(where, f'is "{name}", whose contacts are only called (outbound)')

    def of_type(kind: Any) -> Iterator[Problem]:
        where = place("contact_types", kind)
        for place_of, one in colleagues_of(kind):
            yield from wrong(f"{where}.{place_of}.to", one.to)
        for i, one in enumerate(kind.follow_ups):
            yield from wrong(f"{where}.follow_ups[{i}].type", one.type)
        for i, name in enumerate(kind.interruption.by if kind.interruption else ()):
            yield from wrong(f"{where}.interruption.by[{i}]", name)

    def of_bot(bot: Any) -> Iterator[Problem]:
        yield from wrong(f"{place('bots', bot)}.escalate_to", bot.escalate_to)
        names = [name for k in scenario.contact_types for name in terms(bot, k.name).misrouted]
        for name in dict.fromkeys(names):
            yield from wrong(f"{place('bots', bot)}.misrouted", name)

    if lists:
        yield from each(scenario.contact_types, of_type)
        yield from each(scenario.bots, of_bot)


def callers_hold_one(scenario: Any) -> Iterator[Problem]:
    """Agents who wait for somebody to answer hold one contact at a time."""
    lists = [kind.name for kind in scenario.contact_types if kind.outbound is not None]
    calls = {name: "a list of calls" for name in lists}
    for kind in scenario.contact_types:
        if rings(kind.callback):
            calls[kind.name] = "whose callbacks ring"

    def check(group: Any) -> Iterator[Problem]:
        for name, what in calls.items():
            if name in group.skills and not holds_one(group):
                where = f"{place('agent_groups', group)}.skills"
                yield Problem(where, f'name "{name}", {what}; its agents must hold one contact')

    yield from each(scenario.agent_groups, check)


def parties_have_one_per_interval(scenario: Any) -> Iterator[Problem]:
    """Probabilities by interval are as many as intervals."""
    n = known_horizon(scenario).n_intervals

    def check(kind: Any) -> Iterator[Problem]:
        for name in ("right_party_by_interval", "wrong_party_by_interval"):
            found = getattr(kind.outbound, name, None)
            if found is not None and len(found) != n:
                where = f"{place('contact_types', kind)}.outbound.{name}"
                message = f"has {len(found)} entries; must have {n}, one for each interval"
                yield Problem(where, f"{message} of the horizon")

    yield from each(scenario.contact_types, check)
