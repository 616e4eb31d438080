"""Bots hand over to what exists, and come to an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.bots import chain
from simcc.model.checks.common import each, names_of, place, unknown


def escalations_are_known(scenario: Any) -> Iterator[Problem]:
    """Bots hand over to types that exist."""
    types = names_of(scenario.contact_types)

    def check(bot: Any) -> Iterator[Problem]:
        if bot.escalate_to is not None:
            where = f"{place('bots', bot)}.escalate_to"
            yield from unknown(where, bot.escalate_to, "contact type", types)

    yield from each(scenario.bots, check)


def next_bots_are_known(scenario: Any) -> Iterator[Problem]:
    """Bots hand over to bots that exist, and not in a circle."""
    bots = names_of(scenario.bots)

    def check(bot: Any) -> Iterator[Problem]:
        if bot.then is None:
            return
        where = f"{place('bots', bot)}.then"
        yield from unknown(where, bot.then, "bot", bots)
        if bot in chain(scenario.bots, bot.then):
            yield Problem(where, f'is "{bot.then}", which leads back to "{bot.name}"')

    yield from each(scenario.bots, check)


def types_of_bots_are_known(scenario: Any) -> Iterator[Problem]:
    """What a bot has by type is for types that it talks to."""
    talks_to = _talks_to(scenario)
    types = names_of(scenario.contact_types)

    def check(bot: Any) -> Iterator[Problem]:
        for name in bot.by_type:
            where = f"{place('bots', bot)}.by_type"
            yield from unknown(where, name, "contact type", types)
            if name in types and name not in talks_to[bot.name]:
                yield Problem(where, f'names "{name}", which never gets to this bot')

    yield from each(scenario.bots, check)


def wrong_queues_fit(scenario: Any) -> Iterator[Problem]:
    """Wrong queues exist, and none is the right one."""
    types = names_of(scenario.contact_types)
    talks_to = _talks_to(scenario)

    def check(bot: Any) -> Iterator[Problem]:
        rows = [(f"by_type.{name}.", {name}, one.misrouted) for name, one in bot.by_type.items()]
        usual = talks_to[bot.name] - {
            name for name, one in bot.by_type.items() if one.misrouted is not None
        }
        for inside, names, row in [("", usual, bot.misrouted), *rows]:
            where = f"{place('bots', bot)}.{inside}misrouted"
            for wrong in row or ():
                yield from unknown(where, wrong, "contact type", types)
                for name in sorted(names):
                    if _right_queue(scenario, name) == wrong:
                        message = f'names "{wrong}", the right queue for contacts of "{name}"'
                        yield Problem(where, message)

    yield from each(scenario.bots, check)


def _talks_to(scenario: Any) -> dict[str, set[str]]:
    """Names of the types that get to each bot, directly or from other bots."""
    found: dict[str, set[str]] = {bot.name: set() for bot in scenario.bots}
    for kind in scenario.contact_types:
        for bot in chain(scenario.bots, kind.bot):
            found[bot.name].add(kind.name)
    return found


def _right_queue(scenario: Any, name: str) -> str:
    front = {kind.name: kind.bot for kind in scenario.contact_types}.get(name)
    escalate_to = {bot.name: bot.escalate_to for bot in scenario.bots}.get(front)
    return escalate_to or name
