"""Bots against theory: thinned Poisson streams, loss, single-server waits, infinite servers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sampled import assert_follows, assert_poisson
from scipy import stats

import simcc
from simcc.log import Outcome

HOUR = 3600.0
SEVERAL = 5.0  # standard errors
RATE = 120.0  # contacts per hour
MANY = 1000  # agents, more than can ever be busy
HORIZON = {"length": "26h", "interval": "1h", "warmup": "4h", "cooldown": "2h"}


def center(
    *bots: simcc.Bot, kinds: tuple[str, ...] = ("chat",), rate: float = RATE, **fields: Any
) -> simcc.Scenario:
    """The first type comes to the first bot, the others do not arrive; agents without end."""
    return simcc.Scenario(
        horizon=simcc.Horizon(**HORIZON),
        contact_types=[
            simcc.ContactType(
                name=name,
                arrivals=simcc.PoissonArrivals(rate_per_hour=0 if k else rate),
                talk_time=simcc.Exponential(mean=f"{3 + 2 * k}min"),
                bot=None if k else bots[0].name,
                **({} if k else fields),
            )
            for k, name in enumerate(kinds)
        ],
        bots=bots,
        agent_groups=[
            simcc.AgentGroup(name="people", skills=list(kinds), staff=simcc.FixedStaff(agents=MANY))
        ],
    )


def bot(name: str = "bot", **fields: Any) -> simcc.Bot:
    fields = {"session_time": simcc.Gamma(mean="2min", cv=0.7), "contained": 0.5, **fields}
    return simcc.Bot(name=name, **fields)


def table(of: simcc.Scenario, seed: int, replications: int = 60) -> pd.DataFrame:
    found = simcc.simulate(of, replications=replications, seed=seed).summary()
    return found.set_index(["scope", "metric"])


def assert_known(found: pd.DataFrame, known: dict[tuple[str, str], float]) -> None:
    for key, value in known.items():
        row = found.loc[key]
        assert row.std_error > 0 or row.estimate == value, key
        assert abs(row.estimate - value) <= SEVERAL * row.std_error, (key, value, row.estimate)


def test_sessions_without_a_limit_are_a_thinned_poisson_stream(test_seed: int) -> None:
    """M/G/inf: the mean number of sessions is the rate times the mean length of all ways to end."""
    one = bot(
        contained=0.5, gives_up=0.1, latency=simcc.Exponential(mean=15),
        escalation_time=simcc.Lognormal(mean="5min", cv=1.2),
    )  # fmt: skip
    sessions = RATE / HOUR * (0.6 * 120 + 0.4 * 300 + 15)
    known = {
        ("bot:bot", "bot_busy"): sessions,
        ("type:chat", "bot_busy"): sessions,
        ("all", "containment"): 0.5,
        ("all", "bot_resolution"): 0.5,
        ("all", "deflection"): 0.5,
        ("bot:bot", "escalation_load"): 0.4 * RATE / HOUR * 180,
        ("all", "offered"): 20 * 0.4 * RATE,
    }
    assert_known(table(center(one), test_seed), known)


def test_what_a_bot_hands_over_is_poisson(test_seed: int) -> None:
    """A Poisson stream, thinned and put off by independent times, is one: counts and gaps."""
    one = bot(contained=0.5, gives_up=0.1, escalation_time=simcc.Lognormal(mean="5min", cv=1.2))
    counts, gaps = [], []
    for replication in range(60):
        sim = simcc.Simulation(center(one), seed=test_seed, replication=replication)
        sim.run()
        offered = sim.contact_log.offered_at
        offered = np.sort(offered[(offered >= 4 * HOUR) & (offered < 24 * HOUR)])
        counts += np.bincount((offered / HOUR).astype(int), minlength=24)[4:24].tolist()
        gaps.append(np.diff(offered))
    assert_poisson(np.array(counts), 0.4 * RATE)
    assert_follows(np.concatenate(gaps), stats.expon(scale=HOUR / (0.4 * RATE)).cdf)


def erlang_b(servers: int, load: float) -> float:
    blocking = 1.0
    for n in range(1, servers + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


@pytest.mark.parametrize("when_full", ["lost", "agent"])
def test_a_full_bot_is_a_loss_system(when_full: Any, test_seed: int) -> None:
    """M/G/c/c, whatever the law of the sessions: Erlang B."""
    one = bot(sessions=4, when_full=when_full, contained=1.0)
    blocking = erlang_b(4, RATE / HOUR * 120)
    known = {
        ("bot:bot", "bot_blocking"): blocking,
        ("bot:bot", "bot_busy"): RATE / HOUR * 120 * (1 - blocking),
        ("all", "containment"): 1 - blocking,
    }
    found = table(center(one), test_seed)
    assert_known(found, known)
    lost = {"lost": "bot_lost", "agent": "offered"}[when_full]
    assert_known(found, {("all", lost): 20 * RATE * blocking})


def test_a_bot_behind_a_bot_thins_twice(test_seed: int) -> None:
    first = bot("first", contained=0.4, gives_up=0.1, then="second", solves=0.8)
    second = bot("second", contained=0.6, session_time="4min", solves=0.5)
    of = center(first, second)
    behind, people = 0.5, 0.5 * 0.4
    known = {
        ("bot:first", "bot_offered"): 20 * RATE,
        ("bot:second", "bot_offered"): 20 * RATE * behind,
        ("type:chat", "bot_offered"): 20 * RATE,
        ("bot:first", "passed_on"): 20 * RATE * behind,
        ("bot:first", "containment"): 0.4,
        ("bot:second", "containment"): 0.6,
        ("type:chat", "containment"): 0.4 + behind * 0.6,
        ("type:chat", "bot_resolution"): 0.4 * 0.8 + behind * 0.6 * 0.5,
        ("bot:first", "bot_resolution"): 0.4 * 0.8,
        ("bot:first", "bot_busy"): RATE / HOUR * 120,
        ("bot:second", "bot_busy"): RATE / HOUR * behind * 240,
        ("type:chat", "bot_busy"): RATE / HOUR * (120 + behind * 240),
        ("type:chat", "escalated"): 20 * RATE * people,
        ("bot:second", "escalation_load"): RATE / HOUR * people * 180,
        ("all", "contacts_per_issue"): 1.0,
        ("all", "arrivals"): 20 * RATE,
        ("all", "resolution"): 0.32 + 0.15 + people,
    }
    found = table(of, test_seed)
    assert_known(found, known)
    assert found.loc[("bot:first", "escalated")].estimate == 0
    assert found.loc[("all", "transferred_in")].estimate == 0


def test_wrong_queues_are_two_legs_in_a_row(test_seed: int) -> None:
    """With agents without end the numbers in each queue are Poisson, by their loads."""
    one = bot(contained=0.5, misrouted={"mail": 0.3, "sales": 0.2})
    of = center(one, kinds=("chat", "mail", "sales"))
    handed = RATE / HOUR * 0.5
    known = {
        ("type:chat", "mean_busy"): handed * 180,  # in the end all of them
        ("type:mail", "mean_busy"): handed * 0.3 * 300,
        ("type:sales", "mean_busy"): handed * 0.2 * 420,
        ("bot:bot", "misrouted_share"): 0.5,
        ("bot:bot", "escalation_load"): handed * (180 + 0.3 * 300 + 0.2 * 420),
        ("all", "escalated"): 20 * HOUR * handed,
        ("type:chat", "transferred_in"): 20 * HOUR * handed * 0.5,
        ("all", "first_contact_resolution"): 1.0,
    }
    assert_known(table(of, test_seed), known)
    at = np.arange(4, 25) * HOUR
    numbers: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for replication in range(60):
        sim = simcc.Simulation(of, seed=test_seed, replication=replication)
        sim.run()
        log = sim.contact_log
        for q, found in numbers.items():
            mine = log.queue_type == q
            start, end = log.answered_at[mine], log.left_at[mine]
            found += [int(((start <= t) & (t < end)).sum()) for t in at[::5]]
    for q, mean in enumerate((handed * 180, handed * 0.3 * 300, handed * 0.2 * 420)):
        assert_poisson(np.array(numbers[q]), mean)


def test_tokens_one_by_one_are_a_single_server(test_seed: int) -> None:
    """Burst 1: sessions begin as those leave the line of an M/D/1 queue."""
    one = bot(sessions_per_minute=3, burst=1, contained=1.0)
    gap = 20.0
    load = RATE / HOUR * gap
    wait = load * gap / 2 / (1 - load)
    found = table(center(one), test_seed)
    assert_known(found, {("bot:bot", "bot_wait"): wait, ("bot:bot", "bot_blocking"): load})


@pytest.mark.parametrize("when_limited", ["lost", "agent"])
def test_who_finds_no_token_of_one_is_lost_as_by_a_dead_time(
    when_limited: Any, test_seed: int
) -> None:
    """Burst 1 without waiting: each session is followed by a dead time, M/D/1/1."""
    one = bot(sessions_per_minute=3, burst=1, when_limited=when_limited, contained=1.0)
    load = RATE / HOUR * 20.0
    turned_away = load / (1 + load)
    lost = {"lost": "bot_lost", "agent": "offered"}[when_limited]
    found = table(center(one), test_seed)
    known = {("bot:bot", "bot_blocking"): turned_away, ("all", lost): 20 * RATE * turned_away}
    assert_known(found, known)


def chances(of: simcc.Scenario, seed: int, replications: int) -> np.ndarray:
    """Whether each contact of a trace is contained, by replication and contact."""
    rows = []
    for replication in range(replications):
        sim = simcc.Simulation(of, seed=seed, replication=replication)
        sim.run()
        rows.append(sim.contact_log.outcome == Outcome.CONTAINED)
    return np.array(rows)


def assert_chances(hits: np.ndarray, p: np.ndarray) -> None:
    n = len(hits)
    error = np.sqrt(p * (1 - p) / n)
    assert (np.abs(hits.mean(axis=0) - p) <= SEVERAL * error + 1e-12).all()
    total = hits.sum(axis=1)
    assert abs(total.mean() - p.sum()) <= SEVERAL * math.sqrt((p * (1 - p)).sum() / n)


def traced(one: simcc.Bot, times: np.ndarray) -> simcc.Scenario:
    of = center(one)
    (chat,) = of.contact_types
    chat = chat.replace(arrivals=simcc.TraceArrivals(times=times))
    return of.replace(contact_types=[chat], horizon=simcc.Horizon(length="2h"))


def test_containment_follows_the_time(test_seed: int) -> None:
    curve = simcc.FactorsByTime(times=["30min", "1h"], factors=[1.0, 0.25])
    times = np.arange(0, 7200, 300.0)
    of = traced(bot(contained=0.8, gives_up=0.2, contained_by_time=curve), times)
    factor = np.interp(times, [1800, 3600], [1.0, 0.25])
    assert_chances(chances(of, test_seed, 400), 0.8 * factor)


def test_a_bot_learns_from_its_sessions(test_seed: int) -> None:
    curve = simcc.FactorsBySessions(sessions=[2, 12, 20], factors=[0.2, 1.0, 1.5])
    times = np.arange(30) * 60.0
    of = traced(bot(contained=0.6, contained_by_sessions=curve), times)
    factor = np.interp(np.arange(30), [2, 12, 20], [0.2, 1.0, 1.5])
    assert_chances(chances(of, test_seed, 400), 0.6 * factor)


def test_what_comes_back_after_the_bot(test_seed: int) -> None:
    """Of the contained some are not helped, of those some come back, by voice."""
    back = simcc.FollowUp(when="falsely_contained", probability=0.6, delay="20min", type="voice")
    one = bot(contained=0.7, solves=0.75)
    of = center(one, kinds=("chat", "voice"), follow_ups=[back])
    known = {
        ("bot:bot", "bounce_back"): 0.25 * 0.6,
        ("bot:bot", "deflection"): 0.7 * (1 - 0.25 * 0.6),
        ("bot:bot", "bot_resolution"): 0.7 * 0.75,
        ("bot:bot", "escalation_load"): RATE / HOUR * 0.3 * 180,
    }
    assert_known(table(of, test_seed), known)
