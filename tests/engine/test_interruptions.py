"""Interruptions, deadlines and head starts: against theory, an exact chain, and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.log import Outcome

HOUR = 3600.0
TALK = 240.0  # s
SEVERAL = 5.0  # standard errors
LONG = simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h")


def center(
    agents: int, rates: tuple[float, float], horizon: simcc.Horizon = LONG, **email: Any
) -> simcc.Scenario:
    """Calls, and mail that they interrupt; rates per hour."""
    law = simcc.Exponential(mean=TALK)
    email = {"talk_time": law, "interruption": simcc.Interruption(by=["voice"]), **email}
    arrivals = [simcc.PoissonArrivals(rate_per_hour=rate) for rate in rates]
    return simcc.Scenario(
        horizon=horizon,
        contact_types=[
            simcc.ContactType(name="voice", arrivals=arrivals[0], talk_time=law, priority=1),
            simcc.ContactType(name="email", arrivals=arrivals[1], priority=2, **email),
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="agents", skills=["voice", "email"], staff=simcc.FixedStaff(agents=agents)
            )
        ],
    )


def agrees(table: Any, known: dict[tuple[str, str], float]) -> None:
    rows = table.set_index(["scope", "metric"])
    for key, value in known.items():
        row = rows.loc[key]
        assert abs(row["estimate"] - value) <= SEVERAL * row["std_error"], key
        assert row["std_error"] > 0, key


@pytest.mark.parametrize(("agents", "rates"), [(1, (6.0, 5.0)), (4, (25.0, 25.0))])
def test_calls_do_not_see_mail_that_they_interrupt(
    agents: int, rates: tuple[float, float], test_seed: int
) -> None:
    """Preemptive priority with one law of service: each class and both are M/M/n queues."""
    result = simcc.simulate(center(agents, rates), replications=40, seed=test_seed)
    calls = simcc.theory.erlang_c(agents, rates[0], TALK)
    both = simcc.theory.erlang_c(agents, sum(rates), TALK)
    per_hour = rates[0] * (both.p_wait - calls.p_wait)
    agrees(
        result.summary(),
        {
            ("type:voice", "p_wait"): calls.p_wait,
            ("type:voice", "asa"): calls.asa,
            ("type:email", "mean_queue"): both.mean_queue - calls.mean_queue,
            ("type:email", "mean_busy"): rates[1] * TALK / HOUR,
            ("all", "interruptions"): 100 * per_hour,
        },
    )


def test_exact_chain_with_patience_and_a_second_group(test_seed: int) -> None:
    """One agent for both and one for mail only; calls give up, mail has places for three."""
    rates, patience, most = (14.0, 16.0), 150.0, 3
    call, mail, end = rates[0] / HOUR, rates[1] / HOUR, 1 / TALK

    def step(state: Any) -> Any:
        both, only, line, heap = state  # what each agent does, calls and mail that wait
        if both == "idle":
            yield call, ("call", only, line, heap)
        elif both == "mail":  # whoever mails elsewhere goes on
            yield call, ("call", only, line, heap + 1)
        else:
            yield call, (both, only, line + 1, heap) if line < 30 else state
        if only == "idle":
            yield mail, (both, "mail", line, heap)
        elif both == "idle":
            yield mail, ("mail", only, line, heap)
        elif heap < most:
            yield mail, (both, only, line, heap + 1)
        if both != "idle":
            if line:
                yield end, ("call", only, line - 1, heap)
            else:
                yield end, ("mail", only, line, heap - 1) if heap else ("idle", only, line, heap)
        if only != "idle":
            yield end, (both, "mail", line, heap - 1) if heap else (both, "idle", line, heap)
        if line:
            yield line / patience, (both, only, line - 1, heap)

    def with_idle_agent_first(state: Any) -> Any:
        for rate, (both, only, line, heap) in step(state):
            if only == "idle" and heap:  # mail set aside goes to the other agent at once
                only, heap = "mail", heap - 1
            yield rate, (both, only, line, heap)

    exact = Chain(("idle", "idle", 0, 0), with_idle_agent_first)
    law = simcc.Exponential(mean=TALK)
    scenario = center(1, rates, queue_capacity=most)
    voice, email = scenario.contact_types
    scenario = scenario.replace(
        contact_types=[voice.replace(patience=simcc.Exponential(mean=patience)), email],
        agent_groups=[
            *scenario.agent_groups,
            simcc.AgentGroup(name="mail", skills=["email"], staff=simcc.FixedStaff(agents=1)),
        ],
        routing=simcc.Routing(
            type_to_groups={
                "email": [
                    simcc.GroupOption(group="mail"),
                    simcc.GroupOption(group="agents", rank=2),
                ]
            }
        ),
    )
    assert law == email.talk_time
    result = simcc.simulate(scenario, replications=40, seed=test_seed)
    line = exact.mean(lambda state: state[2])
    full = exact.mean(lambda state: state[3] >= most and state[:2].count("idle") == 0)
    cut = exact.mean(lambda state: state[0] == "mail")
    agrees(
        result.summary(),
        {
            ("type:voice", "mean_queue"): line,
            ("type:voice", "abandonment"): line / patience / call,
            ("type:email", "mean_queue"): exact.mean(lambda state: state[3]),
            ("type:email", "blocking"): full,
            ("group:mail", "mean_busy"): exact.mean(lambda state: state[1] == "mail"),
            ("all", "interruptions"): 100 * rates[0] * cut,
        },
    )


def test_work_done_again(test_seed: int) -> None:
    """A single agent starts a mail of length d anew: (exp(rate d) - 1) / rate of work per mail."""
    calls, mails, length = 5.0, 4.0, 300.0
    rule = simcc.Interruption(by=["voice"], then="restart")
    scenario = center(1, (calls, mails), talk_time=length, interruption=rule)
    result = simcc.simulate(scenario, replications=40, seed=test_seed)
    rate = calls / HOUR
    work = (math.exp(rate * length) - 1) / rate
    agrees(result.summary(), {("type:email", "mean_busy"): mails / HOUR * work})


def test_deadlines_and_the_age_of_the_backlog(test_seed: int) -> None:
    """One queue of one agent: the time in the system of M/M/1 is exponential."""
    rate, due = 9.0, 1000.0
    scenario = center(1, (0.0, rate), deadline=due).replace(
        horizon=simcc.Horizon(length="210h", interval="1h", warmup="10h", cooldown="0h")
    )
    result = simcc.simulate(scenario, replications=40, seed=test_seed)
    spare = 1 / TALK - rate / HOUR
    agrees(
        result.summary(),
        {
            ("type:email", "on_time"): 1 - math.exp(-spare * due),
            ("type:email", "backlog_age"): 1 / spare,  # half the mean square wait, by the mean
        },
    )


# ---------------------------------------------------------------------- by hand


def replay(times: dict[str, list[float]], agents: int = 1, **fields: Any) -> simcc.Scenario:
    """Contacts that each take 100 s; type "a" interrupts no one unless the fields say so."""
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.TraceArrivals(times=at),
            talk_time=100,
            **fields.get(name, {}),
        )
        for name, at in times.items()
    ]
    return simcc.Scenario(
        horizon=simcc.Horizon(length="1h", interval="15min"),
        contact_types=kinds,
        agent_groups=[
            simcc.AgentGroup(
                name="g",
                skills={"a": 1.0, "b": 2.0} if len(times) == 2 else list(times),
                staff=simcc.FixedStaff(agents=agents),
            )
        ],
        routing=fields.get("routing", simcc.Routing()),
    )


BY_A = {"interruption": simcc.Interruption(by=["a"])}


def test_the_work_left_is_kept_and_the_log_tells() -> None:
    scenario = replay({"a": [10, 30], "b": [0]}, b={**BY_A, "priority": 2, "after_call_work": 20})
    log = simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()
    row = log[log["contact_type"] == "b"].iloc[0]
    # 50 s of work at speed 2, of which 10 s are done; two calls until 210 s; 10 s after the call
    assert (row["answered_at"], row["resumed_at"], row["left_at"], row["freed_at"]) == (
        0, 210, 250, 260,
    )  # fmt: skip
    assert row["interruptions"] == 1
    simulation = simcc.Simulation(scenario, seed=1)
    simulation.run(until=150)
    log = simulation.contact_log
    assert log.outcome[0] == Outcome.INTERRUPTED
    assert (log.agent[0], log.group[0]) == (0, 0)
    assert (log.cut.contact.tolist(), log.cut.started_at.tolist()) == ([0], [0.0])
    assert log.cut.interrupted_at.tolist() == [10.0]
    short = simcc.Horizon(length=150, interval=150, after="stop")
    result = simcc.simulate(scenario.replace(horizon=short), replications=1, seed=1)
    table = result.summary().set_index(["scope", "metric"])["estimate"]
    assert table["all", "interruptions"] == 1
    assert table["type:b", "served"] == 1
    assert table["type:b", "mean_queue"] * 150 == pytest.approx(140)
    assert table["type:b", "mean_busy"] * 150 == pytest.approx(10)


def test_the_talk_that_began_last_is_interrupted() -> None:
    scenario = replay({"a": [20], "b": [0, 5]}, agents=2, b={**BY_A, "priority": 2})
    log = simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()
    assert log["interruptions"].tolist() == [0, 1, 0]
    assert log["left_at"].tolist() == [50, 5 + 50 + (50 - 20), 120]


@pytest.mark.parametrize(
    ("routing", "start", "order"),
    [("longest_wait", 0, "bab"), ("longest_wait", 30, "abb"), ("earliest_deadline", 0, "abb")],
)
def test_who_is_first(routing: str, start: float, order: str) -> None:
    scenario = replay(
        {"a": [0, 30], "b": [10, 40]},
        a={"deadline": 60, "head_start": start},
        b={"deadline": 120},
        routing=simcc.Routing(equal_ranks=routing),
    )
    log = simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()
    answered = log.sort_values("answered_at")["contact_type"].tolist()
    assert "".join(answered) == "a" + order


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"interruption": {"by": []}}, "by"),
        ({"interruption": {"by": ["voice", "voice"]}}, 'by[1]: is "voice", which is there already'),
        ({"interruption": {"by": ["email"]}}, "is the type itself"),
        ({"interruption": {"by": ["vioce"]}}, 'is "vioce", which is no contact type'),
        ({"interruption": {"by": ["voice"], "then": "stop"}}, "then"),
        ({"callback": simcc.Callback(accepts=0.5)}, "a type may have only one"),
        ({"deadline": 0}, "deadline"),
        ({"head_start": -1}, "head_start"),
    ],
)
def test_bad_input(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(simcc.ScenarioError) as error:
        center(1, (1.0, 1.0), **fields)
    assert message in str(error.value)


def test_agents_with_several_contacts_are_not_interrupted() -> None:
    scenario = center(1, (1.0, 1.0))
    group = scenario.agent_groups[0].replace(concurrency=simcc.Concurrency(most=2))
    with pytest.raises(simcc.ScenarioError, match="hold one contact at a time"):
        scenario.replace(agent_groups=[group])


def test_deadlines_decide_only_where_all_have_one() -> None:
    scenario = center(1, (1.0, 1.0), deadline=60)
    with pytest.raises(simcc.ScenarioError, match=r'contact_types\["voice"\].deadline: is missing'):
        scenario.replace(routing=simcc.Routing(equal_ranks="earliest_deadline"))
    kinds = [kind.replace(deadline=60) for kind in scenario.contact_types]
    both = simcc.Routing(equal_ranks="earliest_deadline", policy="longest_wait")
    with pytest.raises(simcc.ScenarioError, match="only one of them can decide"):
        scenario.replace(contact_types=kinds, routing=both)


def test_figures_hold_together(test_seed: int) -> None:
    """Busy and waiting times of the summary are those of the log, interrupted spells included."""
    scenario = center(3, (20.0, 20.0)).replace(
        horizon=simcc.Horizon(length="20h", interval="1h", after="stop")
    )
    result = simcc.simulate(scenario, replications=1, seed=test_seed, record="contacts")
    log = result.contact_logs[0]
    assert log.cut.n > 20
    end = log.ended_at
    spells = np.minimum(log.left_at, end) - np.minimum(log.resumed_at, end)
    busy = np.nansum(spells) + (log.cut.interrupted_at - log.cut.started_at).sum()
    rows = result.summary().set_index(["scope", "metric"])["estimate"]
    assert rows["all", "mean_busy"] * end == pytest.approx(busy)
    agents = result.agents()
    assert agents["talk_time"].sum() == pytest.approx(busy)


def test_events_and_journeys_name_every_spell() -> None:
    scenario = replay({"a": [10], "b": [0]}, agents=1, b={**BY_A, "priority": 2})
    result = simcc.simulate(scenario, replications=1, seed=1, record="contacts")
    events = result.event_log()
    mine = events[events["contact_type"] == "b"]
    assert mine["activity"].tolist() == [
        "arrived", "answered", "interrupted", "resumed", "talk ended",
    ]  # fmt: skip
    assert result.journeys().set_index("contact_type")["talk_time"].to_dict() == {"a": 100, "b": 50}
    assert result.interruptions()["interrupted_at"].tolist() == [10]


def test_whoever_is_idle_elsewhere_goes_on_at_once() -> None:
    """Mail of 50 s from 0 s for the mail agent, of 100 s from 1 s for the other, a call at 60 s."""
    scenario = center(1, (0.0, 0.0), horizon=simcc.Horizon(length="1h", interval="1h"))
    voice, email = scenario.contact_types
    times = {"voice": [60.0], "email": [0.0, 1.0]}
    mail = simcc.AgentGroup(name="mail", skills={"email": 2.0}, staff=simcc.FixedStaff(agents=1))
    options = [simcc.GroupOption(group="mail"), simcc.GroupOption(group="agents", rank=2)]
    scenario = scenario.replace(
        contact_types=[
            kind.replace(arrivals=simcc.TraceArrivals(times=times[kind.name]), talk_time=100)
            for kind in (voice, email)
        ],
        agent_groups=[*scenario.agent_groups, mail],
        routing=simcc.Routing(type_to_groups={"email": options}),
    )
    log = simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()
    cut = log[log["interruptions"] == 1].iloc[0]
    assert (cut["resumed_at"], cut["left_at"], cut["group"]) == (60, 60 + 41 / 2, "mail")
