"""Erlang's formulas agree with a queue that meets their assumptions, and say when they do not."""

from __future__ import annotations

import heapq
from typing import Any

import made_up
import numpy as np
import pytest

import simcc
from simcc.log import AgentEvent, AgentLog, ContactLog, Outcome
from simcc.metrics import Reducer

AGENTS, RATE, TALK, PATIENCE = 6, 130.0, 150.0, 120.0
DAY = {"length": 40_000, "interval": 20_000, "warmup": 10_000, "cooldown": 10_000}


def erlang_a_log(seed: int) -> ContactLog:
    """M/M/6+M, one contact after the other: the textbook recursion over free agents."""
    rng = np.random.default_rng(seed)
    gaps = rng.exponential(3600 / RATE, int(1.5 * DAY["length"] * RATE / 3600))
    arrived = np.cumsum(gaps)
    arrived = arrived[arrived < DAY["length"]]
    n = len(arrived)
    talk, patience = rng.exponential(TALK, n), rng.exponential(PATIENCE, n)
    free = [0.0] * AGENTS  # when each agent is free, as far as the served so far go
    answered, left = np.full(n, np.nan), np.empty(n)
    waiting: list[float] = []  # when those in queue leave it
    ahead = np.full(n, -1)
    for i, at in enumerate(arrived):
        start = max(at, free[0])
        if start - at > patience[i]:
            left[i] = at + patience[i]
        else:
            answered[i] = start
            left[i] = start + talk[i]
            heapq.heapreplace(free, left[i])
        waiting = [end for end in waiting if end > at]
        if start > at:
            ahead[i] = len(waiting)
            waiting.append(min(start, at + patience[i]))
    zeros, served = np.zeros(n, dtype=np.int32), np.isfinite(answered)
    return ContactLog(
        arrived_at=arrived,
        contact_type=zeros,
        queue_type=zeros,
        offered_at=arrived,
        answered_at=answered,
        left_at=left,
        freed_at=np.where(served, left, np.nan),
        agent=np.where(served, 0, -1).astype(np.int32),
        group=np.where(served, 0, -1).astype(np.int32),
        n_ahead=ahead.astype(np.int32),
        n_ahead_all=ahead.astype(np.int32),
        outcome=np.where(served, Outcome.SERVED, Outcome.ABANDONED).astype(np.int8),
        bot_started_at=np.empty(0),
        bot_ended_at=np.empty(0),
        **{name: np.empty(0, np.int32) for name in ("issue", "attempt", "leg", "bot")},
        **{name: np.empty(0, np.int8) for name in ("resolved", "followed_by")},
        ended_at=float(left.max()),
    )


def agents_from_the_start() -> AgentLog:
    here = np.full(1, AGENTS, dtype=np.int8)
    return AgentLog(
        at=np.zeros(1),
        agent=np.full(1, -1, dtype=np.int32),
        group=np.zeros(1, dtype=np.int32),
        scheduled_delta=here,
        present_delta=here,
        paid_delta=here,
        reason=np.full(1, AgentEvent.SHIFT_START, dtype=np.int8),
    )


def with_types(of: simcc.Scenario, **changes: Any) -> simcc.Scenario:
    """The scenario with changes to each of its types."""
    return of.replace(contact_types=[one.replace(**changes) for one in of.contact_types])


@pytest.fixture(scope="module")
def table() -> Any:
    of = with_types(made_up.scenario(1, 1, horizon=DAY), patience=simcc.Exponential(mean=PATIENCE))
    reducer = Reducer(of)
    sums = reducer.counters(40)
    for r in range(40):
        reducer.reduce(erlang_a_log(r), agents_from_the_start(), sums, r)
    return simcc.Result(of, sums, seed=0).cross_check()


def test_erlang_a_agrees_with_the_queue_it_describes(table: Any) -> None:
    rows = table[table["model"] == "Erlang A"].set_index("metric")
    assert rows["applies"].all(), rows["note"].iloc[0]
    assert set(rows["scope"]) == {"type:t0"}
    for metric in ("service_level_20s_offered", "p_wait", "asa", "abandonment", "mean_queue"):
        row = rows.loc[metric]
        error = (row["high"] - row["low"]) / 4
        assert abs(row["simulated"] - row["theory"]) < 4.5 * error, metric
        assert error < 0.05 * row["theory"], metric  # the comparison is sharp
    busy = rows.loc["staffed_utilisation"]
    assert busy["simulated"] == pytest.approx(busy["theory"], rel=0.02)


def test_erlang_c_beside_it_does_not_apply(table: Any) -> None:
    rows = table[table["model"] == "Erlang C"].set_index("metric")
    assert not rows["applies"].any()
    assert rows["note"].str.contains("contacts do give up").all()


def models(of: simcc.Scenario) -> Any:
    return made_up.result(of, 3, n=30).cross_check()


def test_the_formula_fits_the_scenario() -> None:
    of = made_up.scenario(1, 1)
    assert set(models(of)["model"]) == {"Erlang C"}
    assert set(models(with_types(of, queue_capacity=0))["model"]) == {"Erlang B"}
    assert set(models(of.replace(lines=9))["model"]) == {"M/M/n/9"}
    odd = with_types(of, patience=simcc.Gamma(mean=60, cv=2))
    assert set(models(odd)["model"]) == {"M/M/n+G", "Erlang C"}


def test_types_that_share_agents_are_pooled() -> None:
    of = made_up.scenario(3, 1)
    assert set(models(of)["scope"]) == {"all"}
    alone, together = (
        simcc.AgentGroup(name=name, skills=skills, staff=simcc.FixedStaff(agents=5))
        for name, skills in (("g0", ["t1"]), ("g1", ["t0", "t2"]))
    )
    split = models(of.replace(agent_groups=[alone, together]))
    assert set(split["scope"]) == {"type:t1", "pool:t0, t2"}
    notes = split.set_index("scope")["note"]
    assert notes["pool:t0, t2"].str.contains("share agents").all()
    assert not notes["type:t1"].str.contains("share agents").any()


def test_notes_name_what_does_not_hold() -> None:
    of = made_up.scenario(1, 2, bot=True)
    of = with_types(of, after_call_work=simcc.Exponential(mean=20), balking=0.1)
    note = models(of)["note"].iloc[0]
    for words in ("several groups", "not exponential", "balk", "bot", "taken as steady"):
        assert words in note
