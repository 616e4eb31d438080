"""What the checks share: places in the user's words, and looking at one part after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.bots import wrong_queues
from simcc.model.colleagues import colleagues_of
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
    """Whether contacts of a type come from outside or are called, also if how is not understood."""
    try:
        return kind.arrivals is not None or kind.outbound is not None
    except NotKnown:
        return True


def queues_in_use(scenario: Any) -> set[str]:
    """Names of the types whose human queue contacts may reach, in whatever way."""
    return _reached(scenario)[1]


def types_in_use(scenario: Any) -> set[str]:
    """Names of the types that contacts are of, or whose queue they may reach."""
    return set().union(*_reached(scenario))


def _reached(scenario: Any) -> tuple[set[str], set[str]]:
    """Types as which contacts come in or are handed over; and queues that they may join."""
    escalation = {bot.name: bot.escalate_to for bot in scenario.bots}
    kinds = {kind.name: kind for kind in scenario.contact_types}
    coming = [kind.name for kind in scenario.contact_types if arrives(kind)]
    queues: list[str] = []
    choices = _choices(scenario)
    for name in coming:  # grows while it is looked through
        queue = escalation.get(kinds[name].bot) or name if name in kinds else name
        wrong = wrong_queues(scenario.bots, kinds[name].bot, name) if name in kinds else []
        handed_over = _transferred(kinds, queue, choices)
        for found in (queue, *wrong, *handed_over):
            _add(queues, found)
        for found in (name, *([queue] if wrong else []), *handed_over):
            for one in kinds[found].follow_ups if found in kinds else ():
                _add(coming, one.type or found)
    return {*coming, *queues}, {one for name in queues for one in choices.get(name, (name,))}


def _choices(scenario: Any) -> dict[str, tuple[str, ...]]:
    """Queues that a type's contacts choose from, by type."""
    try:
        return {name: tuple(one.among) for name, one in scenario.routing.queue_choice.items()}
    except NotKnown:
        return {}


def _transferred(
    kinds: dict[str, Any], queue: str, choices: dict[str, tuple[str, ...]]
) -> list[str]:
    """Queues that agents of a queue may hand a contact over to or ask, over any number of legs."""
    found = [queue]
    for name in found:
        for joined in choices.get(name, (name,)):
            for _, one in colleagues_of(kinds[joined]) if joined in kinds else ():
                _add(found, one.to)
    return found[1:]


def _add(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
