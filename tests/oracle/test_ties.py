"""A wrong rule in the oracle shows: each of these makes it differ from the engine somewhere."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import oracle as module
import pytest
import queue_choice
from clock import Clock, Planned
from compared import (
    differences,
    different_sights,
    engine,
    engine_with_user,
    oracle,
    run_oracle,
)
from contact import Contact
from following import Following
from holding import Desk
from lists import Lists
from opening import Opening
from oracle import Center
from people import Agent, Change, Group, People, plan
from scenarios import scenario
from sessions import TOKEN, Sessions
from steps import scripts_in
from user import User

from simcc.engine.order import Order
from simcc.log import WRONG_QUEUE, FollowedBy
from simcc.model import Scenario

SEEDS = range(600)


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
    return right_at(clock, instant, kind, number if kind == Order.CONTROL else -number)


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


def latest_idle_first(people: People, group: Group, luck: float) -> Agent:
    agent = group.idle.pop()
    agent.busy = True
    return agent


def calls_although_somebody_waits(lists: Lists, group: Group) -> bool:
    return True


def calls_whatever_the_mismatches(lists: Lists, k: int) -> int:
    of = lists.lists[k]
    idle = (len(lists.center.people.groups[g].idle) for g in lists.center.options[k])
    return math.floor(of.pace * sum(max(n - of.idle_needed + 1, 0) for n in idle))


def fresh_records_first(lists: Lists, k: int, agent: Agent | None) -> None:
    lists.fresh, lists.again = lists.again, lists.fresh
    right_call(lists, k, agent)
    lists.fresh, lists.again = lists.again, lists.fresh


right_call = Lists.call


def later_agents_come_first(scenario: Scenario) -> list[Change]:
    return sorted(plan(scenario), key=lambda change: (change.at, -change.agent))


def changes_one_by_one(center: Center) -> Any:
    """A group looks at the queues after each change, not after all those of the instant."""
    for change in plan(center.scenario):
        yield center.clock.at(change.at, Order.CONTROL)
        center.people.apply(change, change.at)
        center.look()


def groups_look_backwards(center: Center) -> None:
    for group in reversed(center.people.groups):
        if group.joined:
            center.look_at_queues(group)
        group.joined = False


def groups_without_newcomers_look_too(center: Center) -> None:
    for group in center.people.groups:
        center.look_at_queues(group)


def a_head_count_sends_the_latest_idle_home(
    people: People, group: Group, now: float, luck: float
) -> None:
    group.idle.reverse()
    one_less(people, group, now, luck)
    group.idle.reverse()


def a_head_count_owes_before_idle_agents_go(
    people: People, group: Group, now: float, luck: float
) -> None:
    idle, group.idle = group.idle, type(group.idle)()
    busy = sum(agent.busy for agent in people.staying(group))
    if group.named or group.owed >= busy or people.desk(group.number):
        group.idle = idle
    one_less(people, group, now, luck)
    group.idle = idle


one_less = People.one_less


def newcomers_join_their_queue(center: Center, contact: Contact) -> Any:
    return None if center.queues[contact.queue_type] else choose_group(center, contact)


choose_group = Center.choose_group


def the_whole_bucket_is_one_token(sessions: Sessions) -> float:
    return sessions.refilled_at


def a_token_comes_after_newcomers(sessions: Sessions) -> None:
    if sessions.line and not sessions.down and not sessions.full and not sessions.waits_for_token:
        sessions.waits_for_token = True
        at = sessions.clock.at(sessions.next_token_at, Order.ARRIVAL, TOKEN)
        at.callbacks.append(lambda _: sessions.look_again())


def a_session_counts_before_it_is_settled(
    sessions: Sessions, contact: Contact, name: str
) -> tuple[str, float]:
    sessions.n_begun += 1
    found = settle(sessions, contact, name)
    sessions.n_begun -= 1
    return found


def handed_over_as_if_it_had_no_line(following: Following, contact: Contact, name: str) -> Contact:
    following.center.n_in_system += contact.bot != WRONG_QUEUE
    contact.followed_by = FollowedBy.TRANSFER
    k = following.center.names.index(name)
    return following.add(contact, name, following.center.clock.now, queue=k)


settle = Sessions.settle


def who_thinks_takes_speed(desk: Desk) -> float:
    return desk.of.speed[min(len(desk.held), len(desk.of.speed)) - 1]


def of_equal_queues_the_first(center: Center, k: int) -> int:
    return 0


def closed_queues_are_joined(center: Center, contact: Contact, k: int, by: str) -> float:
    opening, center.opening = center.opening, Opening(center)
    wait = wait_in(center, contact, k, by)
    center.opening = opening
    return wait


wait_in = queue_choice.wait_in


WRONG: list[tuple[Any, str, Callable[..., Any]]] = [
    (Clock, "at", higher_number_first),
    (Center, "choose_group", later_group_of_the_table_first),
    (Center, "choose_contact", higher_number_first_of_equal_waits),
    (Center, "choose_group", newcomers_join_their_queue),
    (Center, "management", changes_one_by_one),
    (Center, "look", groups_look_backwards),
    (Center, "look", groups_without_newcomers_look_too),
    (module, "plan", later_agents_come_first),
    (People, "take", latest_idle_first),
    (Lists, "may_call", calls_although_somebody_waits),
    (Lists, "most", calls_whatever_the_mismatches),
    (Lists, "call", fresh_records_first),
    (People, "one_less", a_head_count_sends_the_latest_idle_home),
    (People, "one_less", a_head_count_owes_before_idle_agents_go),
    (Sessions, "next_token_at", property(the_whole_bucket_is_one_token)),
    (Sessions, "look_again_when_there_is_a_token", a_token_comes_after_newcomers),
    (Sessions, "settle", a_session_counts_before_it_is_settled),
    (Following, "hand_over", handed_over_as_if_it_had_no_line),
    (Desk, "pace", property(who_thinks_takes_speed)),
    (queue_choice, "idle_agents", of_equal_queues_the_first),
    (queue_choice, "wait_in", closed_queues_are_joined),
]


@pytest.mark.parametrize(
    ("where", "name", "wrong"), WRONG, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_wrong_rule(where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    equal_seeds()  # before anything is wrong
    monkeypatch.setattr(where, name, wrong)
    assert it_shows()


# ---------------------------------------------------------------------- wrong rules for acts


def it_shows_where_processes_act() -> bool:
    """Whether the oracle, as it is now, differs from the engine where users' processes act."""
    for seed in SEEDS:
        logs, seen = engine_with_user(seed)
        try:
            oracles, seen_there = run_oracle(scenario(seed), seed, scripts_in(seed))
        except ValueError:  # sent home an agent who is not there: that shows, too
            return True
        if different_sights(seen, seen_there) or differences(logs, oracles):
            return True
    return False


def rosters_are_counted(people: People, group: Group) -> list[Agent]:
    others = [agent for agent in people.everyone if agent not in group.own]
    return [agent for agent in group.own + others if agent.group == group.number]


def those_who_joined_come_first(people: People, group: Group) -> list[Agent]:
    return counted_in(people, group)[::-1]


def those_about_to_move_may_go_home(people: People, group: Group) -> list[Agent]:
    return [one for one in people.counted_in(group) if one.present and one.leaves is None]


def those_who_are_to_go_home_may_move(
    people: People, group: int, to: int, number: int, now: float
) -> int:
    owed, people.groups[group].owed = people.groups[group].owed, 0
    moved = move(people, group, to, number, now)
    people.groups[group].owed = owed
    return moved


def groups_look_after_each_act(center: Center) -> None:
    center.look()


def told_of_as_many(center: Center, k: int) -> None:
    center.watchers = [(queue, level - 1, event) for queue, level, event in center.watchers]
    tell_watchers(center, k)
    center.watchers = [(queue, level + 1, event) for queue, level, event in center.watchers]


def told_after_the_agent_is_free(center: Center, contact: Contact) -> None:
    """By an event of a service's end, after that of the agent."""
    later = center.clock.at(center.clock.now, Order.SERVICE_END, contact.number)
    later.callbacks.append(lambda _: tell_of_end(center, contact))


def the_line_stays_during_an_outage(user: User, bot: str, contacts: str) -> None:
    pass


def all_sessions_fail(user: User, bot: str, contacts: str, fail_sessions: bool) -> None:
    begin_outage(user, bot, contacts, True)


counted_in, move = People.counted_in, People.move
tell_watchers, tell_of_end = Center.tell_watchers, Center.tell_of_end
begin_outage = User.begin_outage

WRONG_ACTS: list[tuple[Any, str, Callable[..., Any]]] = [
    (People, "counted_in", rosters_are_counted),
    (People, "counted_in", those_who_joined_come_first),
    (People, "staying", those_about_to_move_may_go_home),
    (People, "move", those_who_are_to_go_home_may_move),
    (Center, "let_groups_look", groups_look_after_each_act),
    (Center, "tell_watchers", told_of_as_many),
    (Center, "tell_of_end", told_after_the_agent_is_free),
    (User, "clear_line", the_line_stays_during_an_outage),
    (User, "begin_outage", all_sessions_fail),
]


@pytest.mark.parametrize(
    ("where", "name", "wrong"), WRONG_ACTS, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_wrong_act(where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, name, wrong)
    assert it_shows_where_processes_act()


def test_without_a_wrong_act_nothing_shows() -> None:
    assert not it_shows_where_processes_act()
