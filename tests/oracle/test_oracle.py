"""The oracle alone: small days worked out by hand, and Erlang A."""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import HOUR, NAN, bot, center, day, group, outcomes, voice
from oracle import simulate

import simcc
from simcc.inversion import LawTable
from simcc.log import Outcome
from simcc.streams import Streams
from simcc.theory import erlang_a
from simcc.workload import WorkloadPlan

# ---------------------------------------------------------------------- one queue


def test_one_agent_serves_in_order_and_one_customer_gives_up() -> None:
    log, _ = day(
        center([voice()], [group("g", ["voice"], 1)]),
        {"at": 0, "talk": 100, "wrap": 20},
        {"at": 10, "talk": 50},
        {"at": 20, "patience": 30},
        {"at": 200},
    )
    assert outcomes(log) == [Outcome.SERVED, Outcome.SERVED, Outcome.ABANDONED, Outcome.SERVED]
    assert log.answered_at.tolist() == [0, 120, NAN, 200]  # after the first one's after-call work
    assert log.left_at.tolist() == [100, 170, 50, 260]
    assert log.freed_at.tolist() == [120, 170, NAN, 260]
    assert log.n_ahead.tolist() == [-1, 0, 1, -1]
    assert log.agent.tolist() == [0, 0, -1, 0]
    assert log.ended_at == HOUR


def test_speed_divides_talk_and_after_call_work() -> None:
    log, _ = day(
        center([voice()], [group("g", {"voice": 2.0}, 1)]), {"at": 1, "talk": 100, "wrap": 30}
    )
    assert (log.left_at[0], log.freed_at[0]) == (51, 66)


def test_patience_that_ends_as_an_agent_becomes_free_is_long_enough() -> None:
    scenario = center([voice()], [group("g", ["voice"], 1)])
    log, _ = day(scenario, {"at": 0, "talk": 60}, {"at": 20, "patience": 40})
    assert (log.answered_at[1], outcomes(log)[1]) == (60, Outcome.SERVED)


def test_an_arrival_meets_the_queue_that_an_abandonment_has_left() -> None:
    scenario = center([voice(queue_capacity=1)], [group("g", ["voice"], 1)])
    log, _ = day(scenario, {"at": 0, "talk": 90}, {"at": 10, "patience": 50}, {"at": 60})
    assert outcomes(log) == [Outcome.SERVED, Outcome.ABANDONED, Outcome.SERVED]
    assert (log.n_ahead[2], log.answered_at[2]) == (0, 90)


def test_without_any_patience_a_contact_joins_and_leaves_at_the_same_instant() -> None:
    scenario = center([voice()], [group("g", ["voice"], 1)])
    log, _ = day(scenario, {"at": 0}, {"at": 5, "patience": 0}, {"at": 5})
    assert (outcomes(log)[1], log.left_at[1], log.n_ahead[1]) == (Outcome.ABANDONED, 5, 0)
    # the abandonment of 5 s comes before the next arrival of 5 s
    assert log.n_ahead[2] == 0


def test_full_queue_balking_and_full_lines() -> None:
    scenario = center([voice(queue_capacity=1)], [group("g", ["voice"], 1)], lines=3)
    log, _ = day(
        scenario,
        {"at": 0, "talk": 100, "wrap": 50},
        {"at": 1, "balks": True},
        {"at": 2},
        {"at": 3, "balks": True},  # the queue is full: it cannot even refuse to join
        {"at": 100, "balks": True},  # at 100 the first has left but its agent is still busy
    )
    kinds = [Outcome.SERVED, Outcome.BALKED, Outcome.SERVED, Outcome.BLOCKED, Outcome.BLOCKED]
    assert outcomes(log) == kinds
    assert log.left_at.tolist() == [100, 1, 210, 3, 100]
    assert log.answered_at[2] == 150


def test_after_call_work_holds_no_line() -> None:
    scenario = center([voice()], [group("g", ["voice"], 2)], lines=1)
    log, _ = day(scenario, {"at": 0, "talk": 100, "wrap": 50}, {"at": 99}, {"at": 100}, {"at": 120})
    assert outcomes(log) == [Outcome.SERVED, Outcome.BLOCKED, Outcome.SERVED, Outcome.BLOCKED]
    assert log.agent.tolist() == [0, -1, 1, -1]


# ---------------------------------------------------------------------- routing


def test_the_agent_idle_longest_takes_the_contact() -> None:
    scenario = center([voice()], [group("a", ["voice"], 1), group("b", ["voice"], 2)])
    log, _ = day(
        scenario,
        {"at": 0, "talk": 10},  # all idle since 0: the first group of the table, its first agent
        {"at": 1, "talk": 10},  # agents 1 and 2 are idle since 0
        {"at": 20},  # agent 2 is idle since 0, agent 0 since 10, agent 1 since 11
        {"at": 20},
        {"at": 20},
    )
    assert log.agent.tolist() == [0, 1, 2, 0, 1]


def test_rank_comes_before_longest_idle() -> None:
    scenario = center(
        [voice()],
        [group("a", ["voice"], 1), group("b", ["voice"], 1)],
        routing=simcc.Routing(
            type_to_groups={
                "voice": [
                    simcc.GroupOption(group="a", rank=2),
                    simcc.GroupOption(group="b", rank=1),
                ]
            }
        ),
    )
    log, _ = day(scenario, {"at": 0, "talk": 10}, {"at": 20, "talk": 10}, {"at": 25})
    assert log.group.tolist() == [1, 1, 0]


def test_a_group_opens_after_a_wait_and_keeps_its_last_agent_back() -> None:
    option = simcc.GroupOption(group="experts", rank=2, after=45, idle_needed=2)
    scenario = center(
        [voice(), voice("sales")],
        [group("front", ["voice"], 1), group("experts", ["voice", "sales"], 2)],
        routing=simcc.Routing(type_to_groups={"voice": [simcc.GroupOption(group="front"), option]}),
    )
    log, _ = day(
        scenario,
        {"at": 0, "talk": 1000},
        {"at": 10, "talk": 100},  # at 55 the experts open for it, but only one of them is idle
        {"at": 20, "talk": 10},
        {"at": 30, "type": 1, "talk": 200},  # sales take an expert at once
    )
    assert log.answered_at.tolist() == [0, 230, 330, 30]
    # two experts are idle at 230, when sales are done, and again at 330
    assert log.group.tolist() == [0, 1, 1, 1]
    assert log.n_ahead_all.tolist() == [-1, 0, 1, -1]


def test_a_wait_reaches_its_threshold() -> None:
    option = simcc.GroupOption(group="b", after=45)
    scenario = center(
        [voice()],
        [group("a", ["voice"], 1), group("b", ["voice"], 2)],
        routing=simcc.Routing(type_to_groups={"voice": [simcc.GroupOption(group="a"), option]}),
    )
    ten = {"at": 10, "talk": 40}
    log, _ = day(scenario, {"at": 0, "talk": 1000}, ten, ten, {"at": 55})
    # both of 10 s at 55 s; the newcomer of 55 s must wait for 45 s itself
    assert log.answered_at.tolist() == [0, 55, 55, 100]
    assert log.agent.tolist() == [0, 1, 2, 1]


def test_a_group_outside_the_types_table_takes_what_waits_without_conditions() -> None:
    option = simcc.GroupOption(group="b", idle_needed=2)
    scenario = center(
        [voice(), voice("mail")],
        [group("a", ["voice", "mail"], 1), group("b", ["voice"], 2)],
        routing=simcc.Routing(type_to_groups={"voice": [option]}),
    )
    log, _ = day(
        scenario,
        {"at": 0, "talk": 100},
        {"at": 1, "talk": 100},  # one idle agent in b is not enough; a is not in voice's table
        {"at": 2, "type": 1, "talk": 20},  # mail goes to a, and at 22 a takes what waits
        {"at": 3},
    )
    assert log.answered_at.tolist() == [0, 22, 2, 100]
    assert log.group.tolist() == [1, 0, 0, 1]


def test_a_newcomer_looks_for_an_idle_agent_even_past_its_own_queue() -> None:
    only_mail = {"g": [simcc.TypeOption(type="mail")]}  # an agent who is freed takes no voice
    scenario = center(
        [voice(), voice("mail")],
        [group("g", ["voice", "mail"], 1)],
        routing=simcc.Routing(group_to_types=only_mail),
    )
    log, _ = day(scenario, {"at": 0}, {"at": 10, "patience": 90}, {"at": 80}, {"at": 90})
    # the agent is idle from 60 on; the call of 10 s is still in the queue at 80
    assert outcomes(log) == [Outcome.SERVED, Outcome.ABANDONED, Outcome.SERVED, Outcome.WAITING]
    assert log.answered_at.tolist()[2] == 80
    assert log.n_ahead.tolist() == [-1, 0, -1, 1]


def test_a_freed_agent_goes_by_rank_then_by_the_longest_wait() -> None:
    types = [voice("a", priority=1), voice("b", priority=0), voice("c", priority=0)]
    scenario = center(types, [group("g", ["a", "b", "c"], 1)])
    contacts = (
        {"at": 0, "type": 0, "talk": 50},
        {"at": 1, "type": 0, "talk": 50},
        {"at": 2, "type": 2, "talk": 50},
        {"at": 3, "type": 1, "talk": 50},
    )
    log, _ = day(scenario, *contacts)
    assert log.answered_at.tolist() == [0, 150, 50, 100]
    table = {"g": [simcc.TypeOption(type="a", rank=1), simcc.TypeOption(type="b", rank=2)]}
    log, _ = day(scenario.replace(routing=simcc.Routing(group_to_types=table)), *contacts)
    assert log.answered_at.tolist() == [0, 50, NAN, 100]  # c is not in the group's table


# ---------------------------------------------------------------------- the bot


def test_a_bot_session_ends_in_four_ways() -> None:
    helper = bot(sessions=1, gives_up=0.1, talk_factor=0.5, patience_factor=2, escalate_to="people")
    scenario = center(
        [voice(bot="bot"), voice("people")], [group("g", ["voice", "people"], 1)], bots=[helper]
    )
    log, _ = day(
        scenario,
        {"at": 0, "bot": 30, "talk": 120},
        {"at": 1, "bot": 30, "luck": 0.29},  # waits for the session until 30
        {"at": 2, "bot": 30, "luck": 0.3},
        {"at": 3, "bot": 5, "patience": 10},  # 90 to 95, then 20 s of patience
        {"at": 4, "type": 1},  # no bot in front of this type
    )
    kinds = [Outcome.SERVED, Outcome.CONTAINED, Outcome.BOT_GAVE_UP, Outcome.ABANDONED]
    assert outcomes(log) == [*kinds, Outcome.SERVED]
    assert log.bot_started_at.tolist() == [0, 30, 60, 90, NAN]
    assert log.bot_ended_at.tolist() == [30, 60, 90, 95, NAN]
    assert log.offered_at.tolist() == [30, NAN, NAN, 95, 4]
    assert log.answered_at.tolist() == [64, NAN, NAN, NAN, 4]
    assert log.left_at.tolist() == [124, 60, 90, 115, 64]
    assert log.queue_type.tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("when_full", "outcome", "left_at"),
    [("agent", Outcome.SERVED, 101), ("lost", Outcome.BOT_LOST, 1)],
)
def test_a_full_bot_passes_on_or_loses(when_full: str, outcome: Outcome, left_at: float) -> None:
    helper = bot(sessions=1, when_full=when_full, talk_factor=0.5)
    scenario = center([voice(bot="bot")], [group("g", ["voice"], 1)], bots=[helper])
    log, _ = day(scenario, {"at": 0, "bot": 30, "luck": 0.0}, {"at": 1, "talk": 100})
    # the hand-over factor is for those who had a session
    assert (outcomes(log)[1], log.left_at[1], log.bot_started_at[1]) == (outcome, left_at, NAN)


# ---------------------------------------------------------------------- the end


def test_at_a_stop_the_rest_is_in_progress() -> None:
    helper = bot(sessions=1)
    scenario = center(
        [voice(), voice("chat", bot="bot")],
        [group("g", ["voice", "chat"], 1)],
        "stop",
        bots=[helper],
    )
    log, _ = day(
        scenario,
        {"at": 3000, "talk": 900},
        {"at": 3100},
        {"at": 3200, "type": 1, "bot": 400},  # its session would end at 3600
        {"at": 3300, "type": 1, "bot": 1},
        {"at": 3400, "patience": 200},  # would give up at 3600
    )
    kinds = [Outcome.SERVED, Outcome.WAITING, Outcome.IN_BOT, Outcome.IN_BOT, Outcome.WAITING]
    assert outcomes(log) == kinds
    assert log.left_at.tolist() == [3900, NAN, NAN, NAN, NAN]
    assert log.bot_started_at.tolist() == [NAN, NAN, 3200, NAN, NAN]
    assert log.ended_at == HOUR


def test_a_drain_ends_when_nothing_more_can_happen() -> None:
    staff = simcc.HeadCounts(counts=[1, 0, 1], edges=[0, 3000, 4000, 4100], after_last=0)
    scenario = center([voice()], [group("g", ["voice"], staff)])
    log, _ = day(scenario, {"at": 3500, "talk": 300}, {"at": 3501, "patience": 9000}, {"at": 3502})
    assert outcomes(log) == [Outcome.SERVED, Outcome.ABANDONED, Outcome.WAITING]
    assert log.left_at.tolist() == [4300, 12501, NAN]
    assert log.ended_at == 12501


# ---------------------------------------------------------------------- theory


def test_erlang_a_within_four_standard_errors(test_seed: int) -> None:
    """Shares and mean wait of M/M/5/N+M; per replication num - theory * den has mean 0."""
    warmup, length, replications = 1800.0, 36000.0, 20
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length=length, interval=900),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.PoissonArrivals(rate_per_hour=100),
                talk_time=simcc.Exponential(mean=180),
                patience=simcc.Exponential(mean=120),
            )
        ],
        agent_groups=[group("g", ["voice"], 5)],
    )
    exact = erlang_a(agents=5, rate_per_hour=100, mean_service_time=180, mean_patience_time=120)
    table = LawTable()
    draws = WorkloadPlan(scenario, table)
    residuals = []
    for replication in range(replications):
        workload = draws.sample(Streams(test_seed), replication, table.arrays())
        log, _ = simulate(scenario, workload)
        counted = log.arrived_at >= warmup
        n = counted.sum()
        waits = np.where(log.outcome == Outcome.SERVED, log.answered_at, log.left_at)
        wait_sum = (waits - log.offered_at)[counted].sum()
        abandoned = (log.outcome[counted] == Outcome.ABANDONED).sum()
        queued = (log.n_ahead[counted] >= 0).sum()
        residuals.append(
            [
                abandoned - exact.p_abandon * n,
                queued - exact.p_wait * n,
                wait_sum - exact.mean_wait_time * n,
            ]
        )
    z = np.array(residuals)
    assert (np.abs(z.mean(0)) <= 4 * z.std(0, ddof=1) / math.sqrt(replications)).all()
