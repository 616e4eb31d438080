"""The choice among queues names types whose contacts one agent can take for another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, names_of, unknown

BY_QUEUE = {
    "turns": "is in turns",
    "talk_time_by_group": "has talk times by group",
    "outbound": "is a list of calls",
}


def queue_choices_fit(scenario: Any) -> Iterator[Problem]:
    """Queues to choose from exist, differ, and leave no further choice."""
    choices = scenario.routing.queue_choice
    kinds = {kind.name: kind for kind in scenario.contact_types}
    for name, choice in choices.items():
        where = f"routing.queue_choice.{name}"
        yield from unknown(where, name, "contact type", names_of(scenario.contact_types))
        yield from _is_plain(where, kinds.get(name))
        yield from _brings_its_work(kinds.get(name))
        for i, queue in enumerate(choice.among):
            place = f"{where}.among[{i}]"
            yield from unknown(place, queue, "contact type", kinds)
            if queue in choice.among[:i]:
                yield Problem(place, f'is "{queue}", which is in this list already')
            if queue != name and queue in choices:
                yield Problem(place, f'is "{queue}", which chooses a queue itself')
            if queue != name:
                yield from _is_plain(place, kinds.get(queue))


def no_skill_is_idle(scenario: Any) -> Iterator[Problem]:
    """No group has the skill of a type whose contacts all wait in other queues."""
    left = [name for name, one in scenario.routing.queue_choice.items() if name not in one.among]

    def check(group: Any) -> Iterator[Problem]:
        for name in set(left).intersection(group.skills):
            message = f'has "{name}", whose contacts join other queues (routing.queue_choice)'
            yield Problem(f'agent_groups["{group.name}"].skills', message)

    yield from each(scenario.agent_groups, check)


def _is_plain(where: str, kind: Any) -> Iterator[Problem]:
    def check(kind: Any) -> Iterator[Problem]:
        for field, what in BY_QUEUE.items():
            if getattr(kind, field):
                message = f'names "{kind.name}", which {what}; such contacts choose no queue'
                yield Problem(where, message)

    yield from each([] if kind is None else [kind], check)


def _brings_its_work(kind: Any) -> Iterator[Problem]:
    def check(kind: Any) -> Iterator[Problem]:
        if kind.talk_time is None and not kind.talk_time_by_interval:
            where = f'contact_types["{kind.name}"].talk_time'
            yield Problem(where, "is missing; its contacts bring it to any queue (unit: seconds)")

    yield from each([] if kind is None else [kind], check)
