"""Costs, sales, satisfaction and complaints: by hand, against the log, and against theory."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import defaultdict
from typing import Any

import made_up
import naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simcc
from simcc.log import ContactLog, Outcome
from simcc.metrics import Reducer
from simcc.model import Satisfaction
from simcc.theory import erlang_a, erlang_b

HOUR = 3600


def kind(name: str, at: list[float] | None, **fields: Any) -> simcc.ContactType:
    """A type whose contacts come at given instants and talk for 100 s."""
    arrivals = None if at is None else simcc.TraceArrivals(times=at)
    return simcc.ContactType(name=name, **{"arrivals": arrivals, "talk_time": 100, **fields})


def roster(agent: str, end: float, breaks: Any = ()) -> simcc.Roster:
    return simcc.Roster(shifts=[simcc.Shift(agent=agent, start=0, end=end, breaks=breaks)])


def estimates(result: simcc.Result) -> pd.Series:
    return result.summary().set_index(["scope", "metric"])["estimate"]


# ---------------------------------------------------------------------------------- by hand

FORMULA = Satisfaction(
    base=0.9,
    per_minute_waiting=0.2,
    per_further_attempt=0.15,
    per_transfer=0.05,
    unresolved=0.3,
    left_unserved=0.1,
)


def day() -> simcc.Scenario:
    """An hour in which every contact is known in advance; one agent for each of two groups.

    ======  ==========================================================================
    issue
    ======  ==========================================================================
    0       voice at 0 s, served until 100 s
    1       voice at 10 s, gives up at 40 s; complains at 160 s, served until 260 s
    2       chat at 1000 s, at the bot until 1060 s, to voice, served until 1160 s,
            transferred to billing, served until 1260 s
    3       chat at 2000 s, contained until 2060 s; not helped, and does not come back
    4       voice at 3550 s, served until 3650 s: 50 s in overtime
    5       voice at 3560 s, gives up at 3590 s; would complain after the end
    ======  ==========================================================================
    """
    complain = simcc.FollowUp(when="abandoned", probability=1, delay=120, type="complaint")
    voice = kind(
        "voice", [0, 10, 3550, 3560], patience=30, cost_per_contact=0.5, follow_ups=[complain],
        sale=simcc.Sale(probability=0.5, probability_by_group={"g": 0.25}, value=40),
    )  # fmt: skip
    chat = kind(
        "chat", [1000, 2000], bot="helper", cost_per_contact=0.25,
        transfers=[simcc.Transfer(to="billing", probability=1)],
    )  # fmt: skip
    billing = kind("billing", None, sale=simcc.Sale(probability=0.1, value=1000))
    complaint = kind("complaint", None, priority=0, complaint=True)
    return simcc.Scenario(
        horizon=simcc.Horizon(length=HOUR, interval=900),
        contact_types=[voice, chat, billing, complaint],
        bots=[
            simcc.Bot(
                name="helper", session_time=60, contained=0.5, solves=0,
                cost_per_session=2, cost_per_minute=0.5,
            )
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="g", skills=["voice", "chat", "complaint"], staff=roster("Ann", HOUR),
                cost_per_hour=36, overtime_factor=2,
            ),
            simcc.AgentGroup(
                name="h", skills=["billing"], staff=roster("Ben", 1800, [(600, 900)]),
                cost_per_hour=18,
            ),
        ],
        satisfaction=FORMULA,
    )  # fmt: skip


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    """A replication in which the bot contains the second chat only."""
    for seed in range(100):
        found = simcc.simulate(day(), replications=1, seed=seed, record="contacts")
        chats = found.contacts().query("contact_type == 'chat'")
        if chats["outcome"].tolist()[:2] == ["served", "contained"]:
            return found
    raise AssertionError("it always contains both or none")


def test_costs_by_hand(result: simcc.Result) -> None:
    found = estimates(result)
    staff = {"group:g": 36 + 2 * 36 * 50 / HOUR, "group:h": 9}
    bot = 2 * (2 + 0.5)
    contacts = 4 * 0.5 + 2 * 0.25
    expected = {
        ("group:g", "paid_hours"): 1 + 50 / HOUR,
        ("group:h", "paid_hours"): 0.5,  # the break is paid
        **{(scope, "staff_cost"): cost for scope, cost in staff.items()},
        ("all", "staff_cost"): sum(staff.values()),
        ("bot:helper", "bot_cost"): bot,
        ("type:chat", "bot_cost"): bot,
        ("type:voice", "bot_cost"): 0,
        ("type:voice", "contact_cost"): 2.0,
        ("all", "contact_cost"): contacts,
        ("all", "total_cost"): sum(staff.values()) + bot + contacts,
        ("all", "cost_per_contact"): (sum(staff.values()) + bot + contacts) / 7,
        ("all", "cost_per_resolved_issue"): (sum(staff.values()) + bot + contacts) / 4,
    }
    for key, value in expected.items():
        assert found[key] == pytest.approx(value), key


def test_costs_by_interval(result: simcc.Result) -> None:
    """The last interval has the overtime after closing; 900 s each."""
    table = result.intervals(metrics=["staff_cost", "bot_cost"])
    by = {key: part["estimate"].tolist() for key, part in table.groupby(["scope", "metric"])}
    assert by["group:g", "staff_cost"] == pytest.approx([9, 9, 9, 9 + 2 * 36 * 50 / HOUR])
    assert by["group:h", "staff_cost"] == pytest.approx([4.5, 4.5, 0, 0])
    assert by["bot:helper", "bot_cost"] == pytest.approx([0, 2.5, 2.5, 0])


def test_sales_by_hand(result: simcc.Result) -> None:
    """Voice is served twice by g; the chat was handed over, so only billing may sell then."""
    found = estimates(result)
    expected = {
        ("type:voice", "sales"): 2 * 0.25,
        ("type:chat", "sales"): 0,
        ("type:billing", "sales"): 0.1,
        ("group:g", "sales"): 0.5,
        ("group:h", "sales"): 0.1,
        ("all", "sales"): 0.6,
        ("type:voice", "revenue"): 20,
        ("type:billing", "revenue"): 100,
        ("all", "revenue"): 120,
        ("group:h", "revenue"): 100,
        ("group:g", "conversion"): 0.5 / 4,  # voice twice, the chat, the complaint
        ("type:voice", "conversion"): 0.25,
        ("type:voice", "revenue_per_contact"): 20 / 4,
        ("all", "revenue_per_contact"): 120 / 7,
    }
    for key, value in expected.items():
        assert found[key] == pytest.approx(value), key


def test_satisfaction_by_hand(result: simcc.Result) -> None:
    scores = [
        0.9,
        0.9 - 0.2 * 0.5 - 0.15,  # half a minute, a second attempt, resolved in the end
        0.9 - 0.05,
        0.9 - 0.3,
        0.9,
        0.9 - 0.2 * 0.5 - 0.3 - 0.1,
    ]
    journeys = result.journeys()
    assert journeys["satisfaction"].tolist() == pytest.approx(scores)
    found = estimates(result)
    voice = [scores[i] for i in (0, 1, 4, 5)]
    assert found["type:voice", "satisfaction"] == pytest.approx(np.mean(voice))
    assert found["type:chat", "satisfaction"] == pytest.approx((scores[2] + scores[3]) / 2)
    assert math.isnan(found["type:complaint", "satisfaction"])  # nobody's first contact
    assert found["all", "satisfaction"] == pytest.approx(np.mean(scores))
    by_interval = result.counters("center")
    assert by_interval["rated"].tolist() == [2, 1, 1, 2]
    assert by_interval["satisfaction_sum"].tolist() == pytest.approx(
        [scores[0] + scores[1], scores[2], scores[3], scores[4] + scores[5]]
    )


def test_satisfaction_is_cut_at_both_ends(result: simcc.Result) -> None:
    harsh = day().replace(satisfaction=FORMULA.replace(per_minute_waiting=100))
    table = simcc.simulate(harsh, replications=1, seed=result.seed, record="contacts").journeys()
    assert table["satisfaction"].tolist()[1] == 0
    assert ((table["satisfaction"] >= 0) & (table["satisfaction"] <= 1)).all()


def test_complaints_by_hand(result: simcc.Result) -> None:
    found = estimates(result)
    assert found["all", "complaints"] == found["type:complaint", "complaints"] == 1
    assert found["type:voice", "complaints"] == 0
    assert found["all", "complaints_per_1000_issues"] == pytest.approx(1000 / 6)


def test_the_run_stops_while_somebody_waits() -> None:
    """The wait counts until then; the issue is not resolved, and nobody has left unserved."""
    formula = Satisfaction(per_minute_waiting=0.1, unresolved=0.3, left_unserved=0.5)
    of = simcc.Scenario(
        horizon=simcc.Horizon(length=HOUR, after="stop"),
        contact_types=[kind("voice", [3530, 3540])],
        agent_groups=[simcc.AgentGroup(name="g", skills=["voice"], staff=roster("Ann", HOUR))],
        satisfaction=formula,
    )
    table = simcc.simulate(of, replications=1, seed=1, record="contacts").journeys()
    assert table["satisfaction"].tolist() == pytest.approx([1.0, 1 - 0.1 - 0.3])


def test_what_is_off_is_not_reported() -> None:
    plain = simcc.Scenario(
        contact_types=[kind("voice", [0])],
        agent_groups=[simcc.AgentGroup(name="g", skills=["voice"], staff=roster("Ann", HOUR))],
    )
    found = simcc.simulate(plain, replications=2, seed=1, record="contacts")
    names = {"cost", "sales", "revenue", "satisfaction", "complaints", "conversion", "paid_hours"}
    shown = {*found.summary()["metric"], *found.journeys().columns}
    for level in ("center", "type", "group", "bot"):
        shown |= set(found.counters(level).columns)
    assert not [name for name in shown if any(word in name for word in names)]


# ---------------------------------------------------------------------- against the obvious


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(0, 80),
    seed=st.integers(0, 10**6),
    bot=st.booleans(),
    returns=st.booleans(),
    calls=st.booleans(),
    cooldown=st.sampled_from([0, 600]),
)
def test_made_up_logs(
    n: int, seed: int, bot: bool, returns: bool, calls: bool, cooldown: int
) -> None:
    of = made_up.scenario(
        3, 2, bot=bot, returns=returns, calls=calls,
        horizon={"length": 7200, "interval": 1800, "warmup": 900, "cooldown": cooldown},
        satisfaction=FORMULA,
    )  # fmt: skip
    sale = simcc.Sale(probability=0.2, probability_by_group={"g0": 0.7}, value=3)
    first, *others = of.contact_types
    of = of.replace(contact_types=[first.replace(sale=sale), *others])
    log = with_first_contacts(made_up.contact_log(of, n, seed))
    found = Reducer(of).reduce(log, made_up.agent_log(of, seed, log.ended_at))
    edges = [float(edge) for edge in of.horizon.edges]
    expected = obvious(naive.rows(log), edges, log.ended_at)
    for name in ("answered", "sales", "revenue", "rated", "satisfaction_sum"):
        for index, value in np.ndenumerate(found.by_type(name)[0]):
            assert value == pytest.approx(expected["type", name, *index], abs=1e-9), (name, index)
    for name in ("answered", "sales", "revenue"):
        for index, value in np.ndenumerate(found.by_group(name)[0]):
            assert value == pytest.approx(expected["group", name, *index], abs=1e-9), (name, index)


def with_first_contacts(log: ContactLog) -> ContactLog:
    """The log with each issue named by its first contact, which belongs to the issue itself."""
    issue = log.issue.copy()
    for i, first in enumerate(issue):
        issue[i] = issue[first]
    return dataclasses.replace(log, issue=issue)


def obvious(
    rows: list[dict[str, Any]], edges: list[float], ended_at: float
) -> dict[tuple[Any, ...], float]:
    """Row by row, issue by issue."""
    sums: dict[tuple[Any, ...], float] = defaultdict(float)
    issues: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row["outcome"] == Outcome.NOT_ARRIVED:
            continue
        issues[row.get("issue", i)].append(row)
        at = naive.interval_of(row["arrived_at"], edges)
        if at is None or row["outcome"] not in (Outcome.SERVED, Outcome.CALLED_BACK):
            continue
        chance = (0.7 if row["group"] == 0 else 0.2) if row["queue_type"] == 0 else 0.0
        chance = 0.0 if row.get("followed_by") == 1 else chance
        for key in (("type", row["queue_type"]), ("group", row["group"])):
            sums[key[0], "answered", at, key[1]] += 1
            sums[key[0], "sales", at, key[1]] += chance
            sums[key[0], "revenue", at, key[1]] += 3 * chance
    for i, contacts in issues.items():
        first = rows[i]
        at = naive.interval_of(first["arrived_at"], edges)
        if at is not None and first["outcome"] != Outcome.NOT_ARRIVED:
            sums["type", "rated", at, first["contact_type"]] += 1
            score = satisfaction(contacts, ended_at)
            sums["type", "satisfaction_sum", at, first["contact_type"]] += score
    return sums


def satisfaction(contacts: list[dict[str, Any]], ended_at: float) -> float:
    last = contacts[-1]
    score = 0.9 - 0.15 * (last.get("attempt", 1) - 1)
    for row in contacts:
        score -= 0.05 * (row.get("leg", 1) > 1)
        if not math.isnan(row["offered_at"]):
            until = row["answered_at"] if not math.isnan(row["answered_at"]) else row["left_at"]
            until = ended_at if math.isnan(until) else until
            score -= 0.2 * (until - row["offered_at"]) / 60
    done = last["outcome"] in (Outcome.SERVED, Outcome.CALLED_BACK, Outcome.CONTAINED)
    resolved = last["resolved"] and last["followed_by"] == 0 if "resolved" in last else done
    in_progress = last["outcome"] in (
        *(Outcome.IN_BOT, Outcome.WAITING, Outcome.CALLBACK_ASKED, Outcome.CALLING),
    )
    score -= 0.3 * (not resolved) + 0.1 * (not done and not in_progress)
    return min(max(score, 0.0), 1.0)


# ------------------------------------------------------------------------------ against theory


def test_expected_costs_and_sales(test_seed: int) -> None:
    """Nobody waits: costs and revenue are linear in Poisson numbers of known mean."""
    rate, hours, contained, session = 120.0, 2.0, 0.4, 90.0
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
        talk_time=simcc.Exponential(mean=60), bot="helper", cost_per_contact=0.3,
        sale=simcc.Sale(probability=0.2, value=50),
    )  # fmt: skip
    bot = simcc.Bot(
        name="helper", session_time=simcc.Exponential(mean=session), contained=contained,
        cost_per_session=1.5, cost_per_minute=0.4,
    )  # fmt: skip
    group = simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=60))
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="2h"), contact_types=[voice], bots=[bot], agent_groups=[group]
    )
    found = simcc.simulate(of, replications=400, seed=test_seed).summary()
    found = found.set_index(["scope", "metric"])
    n = rate * hours
    expected = {
        "bot_cost": n * (1.5 + 0.4 * session / 60),  # a compound Poisson sum
        "contact_cost": 0.3 * n,
        "revenue": n * (1 - contained) * 0.2 * 50,  # Poisson thinning
        "conversion": 0.2,
    }
    for name, value in expected.items():
        row = found.loc["all", name]
        tolerance = 4.5 * row["std_error"] + 1e-9
        assert abs(row["estimate"] - value) < tolerance, name
    resolved = found.loc["all", "cost_per_resolved_issue"]["estimate"]  # all are dealt with
    assert resolved == pytest.approx(found.loc["all", "cost_per_contact"]["estimate"])


STEADY = simcc.Horizon(length="4h", interval="1h", warmup="1h", cooldown="1h")


def close(result: simcc.Result, expected: dict[tuple[str, str], float]) -> None:
    """Estimates agree with exact values within 4.5 standard errors."""
    found = result.summary().set_index(["scope", "metric"])
    for key, value in expected.items():
        row = found.loc[key]
        assert row["std_error"] > 0
        assert abs(row["estimate"] - value) < 4.5 * row["std_error"], key


def test_who_serves_is_as_erlang_b_says(test_seed: int) -> None:
    """Five experts first; who finds them busy goes to one of many others."""
    rate, talk, hours, value = 120.0, 180.0, 2.0, 40.0
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
        talk_time=simcc.Exponential(mean=talk),
        sale=simcc.Sale(probability=0.1, probability_by_group={"experts": 0.3}, value=value),
    )  # fmt: skip
    of = simcc.Scenario(
        horizon=STEADY,
        contact_types=[voice],
        agent_groups=[
            simcc.AgentGroup(name=name, skills=["voice"], staff=simcc.FixedStaff(agents=n))
            for name, n in (("experts", 5), ("others", 60))
        ],
        routing=simcc.Routing(
            type_to_groups={
                "voice": [
                    simcc.GroupOption(group="experts", rank=0),
                    simcc.GroupOption(group="others", rank=1),
                ]
            }
        ),
    )
    overflow = erlang_b(5, rate, talk).p_block
    sales = {
        "group:experts": 0.3 * (1 - overflow) * rate * hours,
        "group:others": 0.1 * overflow * rate * hours,
    }
    per_contact = sum(sales.values()) / (rate * hours)
    close(
        simcc.simulate(of, replications=400, seed=test_seed),
        {
            **{(scope, "sales"): number for scope, number in sales.items()},
            ("group:others", "revenue"): value * sales["group:others"],
            ("all", "conversion"): per_contact,
            ("type:voice", "revenue_per_contact"): value * per_contact,
        },
    )


def test_satisfaction_and_complaints_are_as_erlang_a_says(test_seed: int) -> None:
    """Where nothing is cut off, satisfaction is linear in mean wait and abandonment."""
    n, rate, talk, patience, complain = 8, 160.0, 180.0, 120.0, 0.4
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
        talk_time=simcc.Exponential(mean=talk), patience=simcc.Exponential(mean=patience),
        follow_ups=[
            simcc.FollowUp(when="abandoned", probability=complain, delay="5min", type="complaint")
        ],
    )  # fmt: skip
    complaint = kind("complaint", None, complaint=True, resolution=0)
    formula = Satisfaction(
        base=0.9, per_minute_waiting=0.01, per_further_attempt=0.05,
        unresolved=0.3, left_unserved=0.1,
    )  # fmt: skip
    of = simcc.Scenario(
        horizon=STEADY,
        contact_types=[voice, complaint],
        agent_groups=[
            simcc.AgentGroup(name=name, skills=[name], staff=simcc.FixedStaff(agents=agents))
            for name, agents in (("voice", n), ("complaint", 60))
        ],
        satisfaction=formula,
    )
    exact = erlang_a(n, rate, talk, patience)
    waits = exact.mean_wait_time / 60
    # who abandons is not resolved; who complains is served in the end, at a second attempt
    loss = exact.p_abandon * (0.3 + 0.1 * (1 - complain) + 0.05 * complain)
    close(
        simcc.simulate(of, replications=400, seed=test_seed),
        {
            ("type:voice", "satisfaction"): 0.9 - 0.01 * waits - loss,
            ("all", "complaints"): rate * 2 * exact.p_abandon * complain,
            ("all", "complaints_per_1000_issues"): 1000 * exact.p_abandon * complain,
        },
    )


def test_prices_change_no_customer() -> None:
    """The same log with outcomes and without."""
    priced = day()
    voice, *others = priced.contact_types
    plain = priced.replace(
        satisfaction=None,
        contact_types=[voice.replace(sale=None, cost_per_contact=0), *others],
        agent_groups=[g.replace(cost_per_hour=0) for g in priced.agent_groups],
    )
    logs = [
        simcc.simulate(of, replications=3, seed=4, record="contacts").contacts()
        for of in (priced, plain)
    ]
    pd.testing.assert_frame_equal(*logs)
    assert not list(itertools.filterfalse(logs[0].columns.__contains__, logs[1].columns))
