"""The routing tables name what exists and keep to the skills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, names_of, place, unknown


def type_tables_fit(scenario: Any) -> Iterator[Problem]:
    """``type_to_groups`` names types, and groups with the skill, once each."""
    types, groups = _types_and_groups(scenario)
    for kind, options in scenario.routing.type_to_groups.items():
        where = f"routing.type_to_groups.{kind}"
        yield from unknown(where, kind, "contact type", types)
        yield from _once_each(where, options, "group")

        def check(pair: Any, kind: str = kind) -> Iterator[Problem]:
            where, option = pair
            yield from unknown(where, option.group, "agent group", groups)
            if kind in types:
                yield from _has_skill(where, groups.get(option.group), kind)

        yield from each(_placed(where, options, "group"), check)


def group_tables_fit(scenario: Any) -> Iterator[Problem]:
    """``group_to_types`` names groups, and types among their skills, once each."""
    types, groups = _types_and_groups(scenario)
    for name, options in scenario.routing.group_to_types.items():
        where = f"routing.group_to_types.{name}"
        yield from unknown(where, name, "agent group", groups)
        yield from _once_each(where, options, "type")

        def check(pair: Any, name: str = name) -> Iterator[Problem]:
            where, option = pair
            yield from unknown(where, option.type, "contact type", types)
            if option.type in types:
                yield from _has_skill(where, groups.get(name), option.type)

        yield from each(_placed(where, options, "type"), check)


def deadlines_order_queues(scenario: Any) -> Iterator[Problem]:
    """Where the deadline decides, every type has one, and no policy decides instead."""
    routing = scenario.routing
    if routing.equal_ranks != "earliest_deadline":
        return
    if routing.policy is not None:
        message = 'is "earliest_deadline", and routing.policy is given; only one of them can decide'
        yield Problem("routing.equal_ranks", message)

    def check(kind: Any) -> Iterator[Problem]:
        if kind.deadline is None and kind.outbound is None:
            where = f"{place('contact_types', kind)}.deadline"
            message = 'is missing, and routing.equal_ranks is "earliest_deadline" (unit: seconds)'
            yield Problem(where, message)

    yield from each(scenario.contact_types, check)


def _types_and_groups(scenario: Any) -> tuple[list[str], dict[str, Any]]:
    groups = {group.name: group for group in scenario.agent_groups}
    return names_of(scenario.contact_types), groups


def _placed(where: str, options: Sequence[Any], field: str) -> Iterator[tuple[str, Any]]:
    return ((f"{where}[{i}].{field}", option) for i, option in enumerate(options))


def _has_skill(where: str, group: Any, kind: str) -> Iterator[Problem]:
    if group is not None and kind not in group.skills:
        yield Problem(where, f'pairs "{kind}" with "{group.name}", which lacks that skill')


def _once_each(where: str, options: Sequence[Any], field: str) -> Iterator[Problem]:
    if not options:
        yield Problem(where, "is empty; leave it out to follow the skills")
    seen: set[str] = set()

    def check(pair: Any) -> Iterator[Problem]:
        where, option = pair
        name = getattr(option, field)
        if name in seen:
            yield Problem(where, f'is "{name}", which is in this table already')
        seen.add(name)

    yield from each(_placed(where, options, field), check)
