"""The engine equals the oracle, row by row and bit by bit, on random scenarios."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from compared import (
    differences,
    different_sights,
    drawn,
    engine,
    engine_with_user,
    oracle,
    run_oracle,
)
from features import features
from scenarios import scenario
from steps import scripts_in

import simcc
from simcc.engine.order import Order
from simcc.log import AGENT_SCHEMA, OF_LISTS, AgentEvent, Outcome
from simcc.model.queue_choice import WAYS

FIXED = range(300)
FRESH = range(100)
OFTEN = 50  # times in all fixed scenarios together


def test_the_comparison_sees_the_last_bit_and_every_row() -> None:
    contacts, agents = oracle(0)
    assert differences((contacts, agents), oracle(0)) == []
    later = np.nextafter(contacts.left_at, np.inf)
    assert differences((replace(contacts, left_at=later), agents), oracle(0))
    fewer = replace(agents, **{name: getattr(agents, name)[:-1] for name, *_ in AGENT_SCHEMA})
    assert differences((contacts, fewer), oracle(0))


@pytest.mark.parametrize("seed", FIXED)
def test_logs_are_equal(seed: int) -> None:
    assert differences(engine(seed), oracle(seed)) == []


@pytest.mark.parametrize("number", FRESH)
def test_logs_of_fresh_scenarios_are_equal(number: int, test_seed: int) -> None:
    seed = 1_000_000 + test_seed + number
    assert differences(engine(seed), oracle(seed)) == [], f"scenario {seed}"


@pytest.mark.parametrize("seed", FIXED[:50])
def test_logs_are_equal_in_the_middle_of_a_run(seed: int) -> None:
    of = scenario(seed)
    until = of.horizon.interval * (1 + seed % 3)  # where counts change and much else happens
    contacts, agents = engine(seed, until=until)
    assert differences((contacts, agents), oracle(seed, until=until)) == []
    assert contacts.ended_at == until
    to_come = ~(contacts.arrived_at < until)  # or never: calls that have not been made
    assert (contacts.outcome == Outcome.NOT_ARRIVED).sum() == to_come.sum()


@pytest.mark.parametrize("seed", FIXED[:50])
def test_a_look_at_the_log_changes_nothing(seed: int) -> None:
    horizon = scenario(seed).horizon
    looked_at = simcc.Simulation(scenario(seed), seed=seed)
    for until in np.arange(1, 10) * horizon.length / 10:
        looked_at.run(until=until)
        log = looked_at.contact_log
        in_line = np.isin(log.outcome, (Outcome.IN_BOT, Outcome.WAITING, Outcome.CALLBACK_ASKED))
        assert (log.agent[in_line] == -1).all()
        assert (log.group[in_line] == -1).all()
    looked_at.run()
    untouched = simcc.Simulation(scenario(seed), seed=seed)
    untouched.run()
    logs = looked_at.contact_log, looked_at.agent_log
    assert differences(logs, (untouched.contact_log, untouched.agent_log)) == []


@pytest.mark.parametrize("seed", FIXED)
def test_logs_are_equal_where_processes_act(seed: int) -> None:
    logs, seen = engine_with_user(seed)
    oracles, seen_there = run_oracle(scenario(seed), seed, scripts_in(seed))
    assert different_sights(seen, seen_there) == []
    assert differences(logs, oracles) == []


@pytest.mark.parametrize("number", FRESH)
def test_logs_of_fresh_scenarios_are_equal_where_processes_act(number: int, test_seed: int) -> None:
    seed = 1_000_000 + test_seed + number
    (logs, seen), scripts = engine_with_user(seed), scripts_in(seed)
    oracles, seen_there = run_oracle(scenario(seed), seed, scripts)
    assert different_sights(seen, seen_there) == [], f"scenario {seed}"
    assert differences(logs, oracles) == [], f"scenario {seed}"


@pytest.fixture(scope="module")
def occurred() -> Counter[str]:
    """What occurred in all fixed scenarios together."""
    return sum((features(scenario(seed), *engine(seed)) for seed in FIXED), Counter())


@pytest.fixture(scope="module")
def occurred_with_acts() -> Counter[str]:
    """What occurred in the same where a process acts."""
    return sum((features(scenario(seed), *engine_with_user(seed)[0]) for seed in FIXED), Counter())


NEITHER = (
    *(Outcome.NOT_ARRIVED, Outcome.INTERRUPTED, Outcome.DIALLING),
    *(Outcome.ON_HOLD, Outcome.CALLING),
)  # at the end of a run
SOME = [
    *(one.name for one in Outcome if one not in NEITHER),
    "interrupted",
    *(f"joined by {way}" for way in WAYS),
    "answered on arrival",
    "answered from the queue",
    "answered at the threshold",
    "rank 2",
    "idle needed 2",
    "queue full",
    "lines full",
    "nobody comes any more",
    "passed a full bot",
    "waited for a bot session",
    "escalated",
    "escalated to another queue",
    "waited for a token",
    "lost for want of a token",
    "session with latency",
    "session with escalation_time",
    "session with contained_by_time",
    "session with contained_by_sessions",
    "session with by_type",
    "session behind a bot",
    "in a wrong queue",
    "chat in turns: SERVED",
    "chat in turns: LEFT_IN_CHAT",
    "chat in turns: TIMED_OUT",
    "progressive REACHED",
    "predictive REACHED",
    "predictive MISMATCH",
    "waited, then REACHED",
    "waited, then MISMATCH",
    "called again after a wrong party",
    "called back in vain",
    "called back 3 times",
    "called back after ringing",
    "NOT_REACHED then RETURN",
    "call 3",
    "no patience at all",
    "no talk time",
    "wrap",
    "TRANSFER",
    "RETURN",
    "RETURN_AFTER_END",
    "resolved",
    "asked a colleague",
    "handed over warm",
    "question SERVED",
    "question ABANDONED",
    "in a trunk, blocked",
    "attempt 3",
    "leg 3",
    *(
        f"{one} then RETURN"
        for one in ("SERVED", "ABANDONED", "BALKED", "BLOCKED", "CONTAINED", "BOT_GAVE_UP",
                    "LEFT_IN_CHAT", "TIMED_OUT")
    ),
]  # fmt: skip
COMINGS_AND_GOINGS = {
    AgentEvent.SHIFT_START: [(1, 1, 1), (1, 0, 0)],
    AgentEvent.SHIFT_END: [(-1, -1, -1), (-1, 0, 0)],
    AgentEvent.BREAK_START: [(-1, -1, 0), (-1, 0, 0)],
    AgentEvent.BREAK_END: [(1, 1, 0), (1, 0, 0)],
    AgentEvent.HEAD_COUNT: [(1, 1, 1), (1, 0, 0), (-1, -1, -1), (-1, 0, 0)],
    AgentEvent.LEFT: [(0, -1, -1), (0, -1, 0)],
}
PARTS = [
    *("drain", "stop", "several days"),
    *("FixedStaff", "HeadCounts", "headcount", "named", "Roster"),
    *("PoissonArrivals", "RateArrivals", "LinearRateArrivals", "MarkovArrivals", "TraceArrivals"),
    *("busyness", "by group", "by interval", "scaled"),
    *("Constant", "Exponential", "Lognormal", "Gamma", "Weibull", "Erlang", "Hyperexponential"),
    *("Uniform", "Sample", "SurvivalCurve"),
]


@pytest.mark.parametrize("what", SOME)
def test_it_occurs_often(what: str, occurred: Counter[str]) -> None:
    assert occurred[what] >= OFTEN


@pytest.mark.parametrize("event", COMINGS_AND_GOINGS, ids=lambda event: event.name)
def test_agents_come_and_go_in_every_way(event: AgentEvent, occurred: Counter[str]) -> None:
    for deltas in COMINGS_AND_GOINGS[event]:
        assert occurred[f"{event.name} {deltas}"] >= OFTEN // 5, deltas
    others = [what for what in occurred if what.startswith(f"{event.name} (")]
    assert len(others) == len(COMINGS_AND_GOINGS[event]), others


@pytest.mark.parametrize("part", PARTS)
def test_scenarios_are_made_of_every_part(part: str, occurred: Counter[str]) -> None:
    assert occurred[part] >= OFTEN // 5


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations(Order, 2)), ids=lambda kind: kind.name
)
def test_events_of_different_kinds_meet(one: Order, other: Order, occurred: Counter[str]) -> None:
    assert occurred[f"{one.name} with {other.name}"] >= OFTEN // 5


def test_agents_move_in_every_way(occurred_with_acts: Counter[str]) -> None:
    for deltas in [(1, 1, 1), (-1, -1, -1)]:
        assert occurred_with_acts[f"MOVED {deltas}"] >= OFTEN, deltas
    for deltas in [(0, 0, 1), (0, 0, -1)]:  # in a break for which they left late
        assert occurred_with_acts[f"MOVED {deltas}"] > 0, deltas


def test_outages_end_sessions_early() -> None:
    logs = [engine_with_user(seed)[0][0] for seed in FIXED if scenario(seed).bots]
    times = [drawn(seed)[0].bot_time for seed in FIXED if scenario(seed).bots]
    early = [
        (log.bot_ended_at < log.bot_started_at + np.resize(time, log.n))[: len(time)]
        for log, time in zip(logs, times, strict=True)
    ]
    assert np.concatenate(early).sum() >= OFTEN // 5


ACTS = ("submit", "change_head_count", "set_head_count", "move_agents", "bot_down", "bot_up",
        "bot_degrade", "bot_restore")  # fmt: skip


def test_processes_do_and_wait_for_everything() -> None:
    steps = [step for seed in FIXED for saw in engine_with_user(seed)[1] for step in saw]
    done = Counter(word for _, word, *_ in steps)
    assert min(done[word] for word in (*ACTS, "until_longer", "until_ended")) >= OFTEN // 2
    ends = {value[1] for _, word, value, _ in steps if word == "until_ended"}
    not_over = {
        Outcome.NOT_ARRIVED,
        Outcome.IN_BOT,
        Outcome.WAITING,
        Outcome.CALLBACK_ASKED,
        Outcome.CALLING,
        Outcome.INTERRUPTED,
        Outcome.PASSED_ON,
        Outcome.MISROUTED,
    }
    assert ends == set(Outcome) - not_over - set(OF_LISTS)
    planned = {
        at for seed in FIXED for script in scripts_in(seed) for word, at in script if word == "at"
    }
    woken = [at for at, word, *_ in steps if word not in ("at", "submit") and at not in planned]
    assert len(woken) >= OFTEN  # acts between instants that a process chose itself
