"""Names are unique, and whatever is named exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, names_of, place, unknown
from simcc.model.colleagues import colleagues_of
from simcc.model.sketch import NotKnown

LISTS = ("contact_types", "agent_groups", "bots", "trunks")


def names_are_unique(scenario: Any) -> Iterator[Problem]:
    """No two types, groups, bots or trunks have the same name."""
    for field in LISTS:
        first: dict[str, int] = {}
        try:
            items = list(getattr(scenario, field))
        except NotKnown:
            continue
        for i, item in enumerate(items):
            try:
                before = first.setdefault(item.name, i)
            except NotKnown:
                continue
            if before != i:
                message = f'is "{item.name}", as {field}[{before}]; names must differ'
                yield Problem(f"{field}[{i}].name", message)


def bots_are_known(scenario: Any) -> Iterator[Problem]:
    """Types name bots that exist."""
    bots = names_of(scenario.bots)

    def check(kind: Any) -> Iterator[Problem]:
        if kind.bot is not None:
            yield from unknown(f"{place('contact_types', kind)}.bot", kind.bot, "bot", bots)

    yield from each(scenario.contact_types, check)


def skills_are_known(scenario: Any) -> Iterator[Problem]:
    """Skills are contact types."""
    types = names_of(scenario.contact_types)

    def check(group: Any) -> Iterator[Problem]:
        for name in group.skills:
            where = f"{place('agent_groups', group)}.skills"
            yield from unknown(where, name, "contact type", types)

    yield from each(scenario.agent_groups, check)


def shares_are_of_skills(scenario: Any) -> Iterator[Problem]:
    """Shares of an agent's attention name skills of the group."""

    def check(group: Any) -> Iterator[Problem]:
        if group.concurrency is None:
            return
        where = f"{place('agent_groups', group)}.concurrency.share"
        for name in group.concurrency.share:
            yield from unknown(where, name, "skill of the group", group.skills)

    yield from each(scenario.agent_groups, check)


def laws_by_group_fit(scenario: Any) -> Iterator[Problem]:
    """Talk times by group name groups with the skill."""
    groups = {group.name: group for group in scenario.agent_groups}

    def check(kind: Any) -> Iterator[Problem]:
        where = f"{place('contact_types', kind)}.talk_time_by_group"
        yield from _serve(where, kind.talk_time_by_group, groups, [kind.name])

    yield from each(scenario.contact_types, check)


def sales_fit(scenario: Any) -> Iterator[Problem]:
    """Chances of a sale by group name groups with the skill."""
    groups = {group.name: group for group in scenario.agent_groups}

    def check(kind: Any) -> Iterator[Problem]:
        if kind.sale is not None:
            where = f"{place('contact_types', kind)}.sale.probability_by_group"
            yield from _serve(where, kind.sale.probability_by_group, groups, [kind.name])

    yield from each(scenario.contact_types, check)


def follow_ups_fit(scenario: Any) -> Iterator[Problem]:
    """Follow-ups, transfers and consults name types that exist, and groups that may have served."""
    types = names_of(scenario.contact_types)
    groups = {group.name: group for group in scenario.agent_groups}
    escalation = {bot.name: bot.escalate_to for bot in scenario.bots}

    def check(kind: Any) -> Iterator[Problem]:
        where = place("contact_types", kind)
        own = [kind.name]
        either = list(dict.fromkeys([*own, escalation.get(kind.bot) or kind.name]))
        yield from _serve(f"{where}.resolution_by_group", kind.resolution_by_group, groups, own)
        for i, one in enumerate(kind.follow_ups):
            if one.type is not None:
                where_type = f"{where}.follow_ups[{i}].type"
                yield from unknown(where_type, one.type, "contact type", types)
            here = f"{where}.follow_ups[{i}].probability_by_group"
            yield from _serve(here, one.probability_by_group, groups, either)
        for place_of, one in colleagues_of(kind):
            yield from unknown(f"{where}.{place_of}.to", one.to, "contact type", types)
            here = f"{where}.{place_of}.probability_by_group"
            yield from _serve(here, one.probability_by_group, groups, own)

    yield from each(scenario.contact_types, check)


def _serve(
    where: str, names: Iterable[str], groups: dict[str, Any], queues: list[str]
) -> Iterator[Problem]:
    """Groups exist and have the skill of one of the queues."""
    for name in names:
        if name not in groups:
            yield from unknown(where, name, "agent group", groups)
            continue
        try:
            skills = groups[name].skills
        except NotKnown:
            continue
        if not any(queue in skills for queue in queues):
            lacking = " and ".join(f'"{queue}"' for queue in queues)
            yield Problem(where, f'names "{name}", which lacks the skill {lacking}')


def interruptions_fit(scenario: Any) -> Iterator[Problem]:
    """Types are interrupted by others, for which some group could set them aside."""
    types = names_of(scenario.contact_types)
    one_at_a_time = [group.skills for group in scenario.agent_groups if holds_one(group)]

    def check(kind: Any) -> Iterator[Problem]:
        for i, name in enumerate(kind.interruption.by if kind.interruption else ()):
            where = f"{place('contact_types', kind)}.interruption.by[{i}]"
            if name == kind.name:
                yield Problem(where, "is the type itself; must be another one")
            elif name not in types:
                yield from unknown(where, name, "contact type", types)
            elif not any(kind.name in skills and name in skills for skills in one_at_a_time):
                yield Problem(
                    where,
                    f'is "{name}", but no group with both skills has agents who hold one contact '
                    "at a time",
                )

    yield from each(scenario.contact_types, check)


def holds_one(group: Any) -> bool:
    """Whether the agents of a group hold one contact at a time."""
    return group.concurrency is None or group.concurrency.most == 1


def targets_are_known(scenario: Any) -> Iterator[Problem]:
    """Targets name types that exist."""
    types = names_of(scenario.contact_types)
    for i, target in enumerate(scenario.targets):
        if target.type is not None:
            yield from unknown(f"targets[{i}].type", target.type, "contact type", types)


def targets_differ(scenario: Any) -> Iterator[Problem]:
    """No target is given twice."""
    for i, first in _repeated(scenario.targets):
        yield Problem(f"targets[{i}]", f"is the same as targets[{first}]")


def thresholds_differ(scenario: Any) -> Iterator[Problem]:
    """No threshold is given twice."""
    for i, first in _repeated(scenario.thresholds):
        message = f"is {scenario.thresholds[i]:g}, as is thresholds[{first}]; must differ"
        yield Problem(f"thresholds[{i}]", f"{message} (unit: seconds)")


def _repeated(values: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """Places of the values that are there already, with the first place."""
    first: dict[Any, int] = {}
    for i, value in enumerate(values):
        if first.setdefault(value, i) != i:
            yield i, first[value]
