"""A wrong rule in the oracle shows: each of these makes it differ from the engine somewhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import oracle as module
import pytest
from clock import Clock, Planned
from compared import differences, engine, oracle
from contact import Contact
from oracle import Center
from people import Agent, Change, Group, People, plan

from simcc.engine.order import Order
from simcc.log import AgentEvent
from simcc.model import Scenario

SEEDS = range(300)


@cache
def equal_seeds() -> list[int]:
    """Scenarios in which the right oracle does not differ from the engine."""
    return [seed for seed in SEEDS if not differences(engine(seed), oracle(seed))]


def it_shows(order: Sequence[Order] = tuple(Order)) -> bool:
    """Whether the oracle, as it is now, differs from the engine in one of those scenarios."""
    return any(differences(engine(seed), oracle(seed, order=order)) for seed in equal_seeds())


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations(Order, 2)), ids=lambda kind: kind.name
)
def test_the_order_of_two_kinds(one: Order, other: Order) -> None:
    swapped = {one: other, other: one}
    assert it_shows([swapped.get(kind, kind) for kind in Order])


# ---------------------------------------------------------------------- wrong rules

right_at = Clock.at


def higher_number_first(clock: Clock, instant: float, kind: Order, number: int = 0) -> Planned:
    return right_at(clock, instant, kind, -number)


def later_group_of_the_table_first(center: Center, contact: Contact) -> Group | None:
    options = center.options[contact.queue_type]
    groups = [center.people.groups[g] for g in reversed(options)]
    return min(
        (group for group in groups if center.is_open(group, contact)),
        key=lambda group: (options[group.number].rank, group.idle[0].idle_since),
        default=None,
    )


def higher_number_first_of_equal_waits(center: Center, group: Group) -> Contact | None:
    ranks = center.ranks[group.number]
    heads = [center.queues[k][0] for k in ranks if center.queues[k]]
    return min(
        (head for head in heads if center.is_open(group, head)),
        key=lambda head: (ranks[head.queue_type], head.offered_at, -head.number),
        default=None,
    )


def latest_idle_first(people: People, group: Group) -> Agent:
    agent = group.idle.pop()
    agent.busy = True
    return agent


def later_agents_come_first(scenario: Scenario) -> list[Change]:
    return sorted(plan(scenario), key=lambda change: (change.at, -change.agent))


def changes_one_by_one(center: Center, acts: Any) -> Any:
    """A group looks at the queues after each change, not after all those of the instant."""
    for change in plan(center.scenario):
        yield center.clock.at(change.at, Order.CONTROL)
        center.people.apply(change, change.at)
        if any(agent.came_at == change.at for agent in center.people.groups[change.group].idle):
            center.look_at_queues(center.people.groups[change.group])


def groups_look_backwards(center: Center, acts: Any) -> Any:
    for instant, together in itertools.groupby(plan(center.scenario), lambda change: change.at):
        yield center.clock.at(instant, Order.CONTROL)
        for change in together:
            center.people.apply(change, instant)
        for group in reversed(center.people.groups):
            if any(agent.came_at == instant for agent in group.idle):
                center.look_at_queues(group)


def groups_without_newcomers_look_too(center: Center, acts: Any) -> Any:
    for instant, together in itertools.groupby(plan(center.scenario), lambda change: change.at):
        yield center.clock.at(instant, Order.CONTROL)
        for change in together:
            center.people.apply(change, instant)
        for group in center.people.groups:
            center.look_at_queues(group)


def a_head_count_sends_the_latest_idle_home(
    people: People, group: Group, n: int, now: float
) -> None:
    if group.scheduled > n:
        group.idle.reverse()
    set_head_count(people, group, n, now)
    if group.scheduled > n:
        group.idle.reverse()


def a_head_count_owes_before_idle_agents_go(
    people: People, group: Group, n: int, now: float
) -> None:
    busy = sum(agent.busy for agent in group.agents) - group.owed
    while group.scheduled > n and busy:
        group.owed, group.scheduled, busy = group.owed + 1, group.scheduled - 1, busy - 1
        people.note(now, -1, group, (-1, 0, 0), AgentEvent.HEAD_COUNT)
    set_head_count(people, group, n, now)


set_head_count = People.set_head_count


def newcomers_overtake(center: Center, contact: Contact) -> Any:
    contact.offered_at = center.clock.now
    chosen = center.choose_group(contact)
    if chosen is None or center.n_in_system >= center.lines:
        return (yield from reach_agent(center, contact))
    center.n_in_system += 1
    return center.people.take(chosen)


reach_agent = Center.reach_agent


WRONG: list[tuple[Any, str, Callable[..., Any]]] = [
    (Clock, "at", higher_number_first),
    (Center, "choose_group", later_group_of_the_table_first),
    (Center, "choose_contact", higher_number_first_of_equal_waits),
    (Center, "reach_agent", newcomers_overtake),
    (Center, "management", changes_one_by_one),
    (Center, "management", groups_look_backwards),
    (Center, "management", groups_without_newcomers_look_too),
    (module, "plan", later_agents_come_first),
    (People, "take", latest_idle_first),
    (People, "set_head_count", a_head_count_sends_the_latest_idle_home),
    (People, "set_head_count", a_head_count_owes_before_idle_agents_go),
]


@pytest.mark.parametrize(
    ("where", "name", "wrong"), WRONG, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_wrong_rule(where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    equal_seeds()  # before anything is wrong
    monkeypatch.setattr(where, name, wrong)
    assert it_shows()
