"""What the checks share: places in the user's words, and looking at one part after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.horizon import Horizon
from simcc.model.messages import printable, suggestion
from simcc.model.sketch import NotKnown


def place(field: str, item: Any) -> str:
    """Where a named part stands, in the user's words."""
    return f'{field}["{printable(item.name)}"]'


def each(items: Iterable[Any], check: Callable[[Any], Iterator[Problem]]) -> Iterator[Problem]:
    """Problems of all items; one that could not be understood is left out."""
    for item in items:
        try:
            yield from check(item)
        except NotKnown:
            continue


def names_of(items: Iterable[Any]) -> list[str]:
    return [item.name for item in items]


def unknown(where: str, name: str, what: str, known: Iterable[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(where, f'is "{name}", which is no {what}; {suggestion(name, known)}')


def known_horizon(scenario: Any) -> Horizon:
    if not isinstance(scenario.horizon, Horizon):
        raise NotKnown
    return scenario.horizon


def arrives(kind: Any) -> bool:
    """Whether contacts of a type come from outside, also if how is not understood."""
    try:
        return kind.arrivals is not None
    except NotKnown:
        return True


def queues_in_use(scenario: Any) -> set[str]:
    """Names of the types whose human queue contacts may reach: directly or from a bot."""
    escalation = {bot.name: bot.escalate_to for bot in scenario.bots}
    arriving = [kind for kind in scenario.contact_types if arrives(kind)]
    return {escalation.get(kind.bot) or kind.name for kind in arriving}
