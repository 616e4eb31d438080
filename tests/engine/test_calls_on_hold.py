"""Calls that are answered and wait for an agent; wrong parties called again; lists that sell."""

from __future__ import annotations

import math
from typing import Any

import pytest
from markov import Chain
from test_outbound import DIAL, HOUR, RIGHT, SHORT, TALK, WRONG, center, check, day, dial_ends

import simcc
from simcc.log import Outcome

PATIENCE = 60.0  # s


def waiting_list(pace: float, patience: Any) -> simcc.ContactType:
    """A list that never ends, all of whose times are exponential."""
    outbound = simcc.Outbound(
        records=60_000, mode="predictive", pace=pace, dial_time=simcc.Exponential(mean=DIAL),
        right_party=RIGHT, wrong_party=WRONG, wrong_party_time=simcc.Exponential(mean=SHORT),
    )  # fmt: skip
    return simcc.ContactType(
        name="list", talk_time=simcc.Exponential(mean=TALK), patience=patience, outbound=outbound
    )


@pytest.mark.parametrize(("agents", "pace"), [(3, 1.5), (2, 3.0)])
def test_waiting_for_an_agent_is_a_chain(agents: int, pace: float, test_seed: int) -> None:
    """A state is who talks to a right party, to a wrong one, who rings, and who waits."""
    is_right = RIGHT / (RIGHT + WRONG)

    def ringing(busy: int, n: int) -> int:
        return max(n, math.floor(pace * (agents - busy)))

    def freed(right: int, wrong: int, n: int, waiting: int) -> Any:
        if waiting:
            yield is_right, (right + 1, wrong, n, waiting - 1)
            yield 1 - is_right, (right, wrong + 1, n, waiting - 1)
        else:
            yield 1.0, (right, wrong, ringing(right + wrong, n), 0)

    def step(state: Any) -> Any:
        right, wrong, n, waiting = state
        busy = right + wrong
        found, other, nobody = dial_ends(n)
        if n:
            yield nobody, (right, wrong, ringing(busy, n - 1), waiting)
            if busy < agents:
                yield found, (right + 1, wrong, ringing(busy + 1, n - 1), 0)
                yield other, (right, wrong + 1, ringing(busy + 1, n - 1), 0)
            else:
                yield found + other, (right, wrong, n - 1, waiting + 1)
        if waiting:
            yield waiting / PATIENCE, (right, wrong, n, waiting - 1)
        for number, mean, less in ((right, TALK, (1, 0)), (wrong, SHORT, (0, 1))):
            if number:
                for share, other_state in freed(right - less[0], wrong - less[1], n, waiting):
                    yield share * number / mean, other_state

    exact = Chain((0, 0, ringing(0, 0), 0), step)
    answered = (RIGHT + WRONG) / DIAL * exact.mean(lambda state: state[2])
    waiting = exact.mean(lambda state: state[3])
    held = (
        (RIGHT + WRONG)
        / DIAL
        * exact.mean(lambda state: state[2] * (state[0] + state[1] == agents))
    )
    known = {
        ("all", "connects"): 100 * HOUR * answered,
        ("all", "mismatch_share"): waiting / PATIENCE / answered,
        ("all", "hold_share"): held / answered,
        ("all", "hold_time"): waiting / answered,
        ("group:agents", "occupancy"): exact.mean(lambda state: state[0] + state[1]) / agents,
    }
    kind = waiting_list(pace, simcc.Exponential(mean=PATIENCE))
    check(center(agents, kind), known, test_seed)


# ---------------------------------------------------------------------- by hand


def test_whoever_answers_waits_as_long_as_that() -> None:
    """Three ring at once, for one agent; the second waits for 105 s, the third hangs up at 100."""
    kind = list_of(simcc.Sample(values=[90.0]), pace=3.0)
    log = run(kind)
    assert log.arrived_at.tolist() == 3 * [0.0]
    assert log.offered_at.tolist() == 3 * [10.0]
    assert log.outcome.tolist() == [Outcome.REACHED, Outcome.MISMATCH, Outcome.MISMATCH]
    assert log.left_at.tolist() == [110.0, 100.0, 100.0]
    patient = run(list_of(None, pace=3.0).replace(patience=1000))
    assert patient.outcome.tolist() == 3 * [Outcome.REACHED]
    assert patient.answered_at.tolist() == [10.0, 115.0, 220.0]


def test_a_wait_that_ends_as_the_agent_is_free_is_a_talk() -> None:
    log = run(list_of(105, pace=2.0, records=2))
    assert log.outcome.tolist() == 2 * [Outcome.REACHED]
    assert log.answered_at.tolist() == [10.0, 115.0]


def test_those_on_hold_come_before_other_calls_and_behind_callers() -> None:
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.TraceArrivals(times=[50.0]), talk_time=100
    )
    log = run(list_of(1000, pace=2.0), voice)
    assert log.answered_at.tolist() == [115.0, 10.0, 215.0, 330.0]
    assert log.arrived_at.tolist()[1:] == [0.0, 0.0, 320.0]


def test_who_has_waited_in_vain_is_called_again() -> None:
    log = run(list_of(20, pace=2.0, records=2, attempts=2, retry_delay=200))
    assert log.outcome.tolist()[:2] == [Outcome.REACHED, Outcome.MISMATCH]
    assert log.left_at[1] == 30.0
    assert log.arrived_at[3] == 230.0
    assert log.outcome[3] == Outcome.REACHED


def test_the_run_may_end_while_somebody_waits() -> None:
    of = center(1, list_of(1000, pace=3.0), horizon=simcc.Horizon(length=120, after="stop"))
    log = simcc.Simulation(of, seed=1)
    log.run()
    waiting = log.contact_log
    assert waiting.outcome.tolist() == [Outcome.REACHED, Outcome.REACHED, Outcome.ON_HOLD]
    assert waiting.agent.tolist() == waiting.group.tolist() == [0, 0, -1]
    table = simcc.simulate(of, replications=2, seed=1).counters("type")
    assert table["connects"].tolist() == 2 * [3.0]
    assert table["hold_time_sum"].tolist() == 2 * [105.0 + 110.0]
    assert table["held_calls"].tolist() == 2 * [2.0]


def list_of(patience: Any, **fields: Any) -> simcc.ContactType:
    """Rings of 10 s, talks of 100 s, 5 s of work; everybody answers and is the right party."""
    given = {"records": 3, "mode": "predictive", "dial_time": 10, "right_party": 1.0} | fields
    return simcc.ContactType(
        name="list", talk_time=100, after_call_work=5, patience=patience,
        outbound=simcc.Outbound(**given),
    )  # fmt: skip


def run(*kinds: simcc.ContactType) -> Any:
    sim = simcc.Simulation(center(1, *kinds, horizon=simcc.Horizon(length="1h")), seed=1)
    sim.run()
    return sim.contact_log


# ---------------------------------------------------------------------- wrong parties


def test_a_wrong_party_is_called_again_after_the_talk() -> None:
    given = {"wrong_party": 1.0, "right_party": 0.0, "wrong_party_time": 30, "records": 1}
    again = {"attempts": 3, "retry_delay": 60}
    log = day(**given, **again, wrong_party_retries=True).contact_log
    assert log.arrived_at.tolist() == [0.0, 100.0, 200.0]
    assert log.outcome.tolist() == 3 * [Outcome.WRONG_PARTY]
    once = day(**given, **again).contact_log
    assert once.outcome.tolist() == [Outcome.WRONG_PARTY, Outcome.NOT_ARRIVED, Outcome.NOT_ARRIVED]


def test_calls_until_the_right_party_are_geometric(test_seed: int) -> None:
    """Whoever was not reached is called again, be it that a wrong party answered or nobody."""
    kind = simcc.ContactType(
        name="list", talk_time=100,
        outbound=simcc.Outbound(
            records=200, dial_time=10, right_party=0.3, wrong_party=0.4, wrong_party_time=20,
            attempts=3, retry_delay=600, wrong_party_retries=True,
        ),
    )  # fmt: skip
    of = center(5, kind, horizon=simcc.Horizon(length="10h"))
    reached = 1 - 0.7**3
    known = {
        ("all", "attempts"): 200 * reached / 0.3,
        ("all", "right_party_contacts"): 200 * reached,
    }
    check(of, known, test_seed)
    table = simcc.simulate(of, replications=3, seed=test_seed).counters("type")
    assert table.groupby("replication")["records_done"].sum().tolist() == 3 * [200.0]
    assert table["records_left"].sum() == 0


# ---------------------------------------------------------------------- sales and costs


def test_lists_sell_and_calls_cost() -> None:
    """Two of three records are reached, at the second call each; one talk is with a wrong party."""
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.TraceArrivals(times=[0.0, 1.0]), talk_time=10,
        cost_per_contact=0.5, sale=simcc.Sale(probability=0.5, value=8),
    )  # fmt: skip
    calls = simcc.Outbound(records=3, dial_time=10, right_party=1.0)
    kind = simcc.ContactType(
        name="list", talk_time=100, outbound=calls, cost_per_contact=0.25,
        sale=simcc.Sale(probability=0.1, probability_by_group={"agents": 0.2}, value=50),
    )  # fmt: skip
    of = center(1, voice, kind, horizon=simcc.Horizon(length="1h"))
    table = simcc.simulate(of, replications=2, seed=1).summary().set_index(["scope", "metric"])
    known = {
        ("type:list", "sales"): 0.6,
        ("type:list", "revenue"): 30.0,
        ("type:list", "conversion"): 0.2,
        ("type:list", "revenue_per_contact"): 10.0,
        ("group:agents", "sales"): 1.6,
        ("all", "revenue"): 38.0,
        ("all", "conversion"): 1.6 / 5,
        ("all", "revenue_per_contact"): 38.0 / 5,
        ("type:list", "contact_cost"): 0.75,
        ("type:voice", "contact_cost"): 1.0,
        ("all", "total_cost"): 1.75,
    }
    for key, value in known.items():
        assert table.loc[key].estimate == pytest.approx(value), key


def test_a_list_that_does_not_sell_changes_no_sales() -> None:
    voice = simcc.ContactType(
        name="voice", arrivals=simcc.TraceArrivals(times=[0.0, 1.0]), talk_time=10,
        sale=simcc.Sale(probability=0.5, value=8),
    )  # fmt: skip
    calls = simcc.Outbound(records=3, dial_time=10, right_party=1.0)
    kind = simcc.ContactType(name="list", talk_time=100, outbound=calls)
    of = center(1, voice, kind, horizon=simcc.Horizon(length="1h"))
    table = simcc.simulate(of, replications=2, seed=1).summary().set_index(["scope", "metric"])
    assert table.loc["all", "conversion"].estimate == 0.5
    assert table.loc["all", "revenue_per_contact"].estimate == 4.0


# ---------------------------------------------------------------------- bad input


def refused(make: Any) -> simcc.Problem:
    with pytest.raises(simcc.ScenarioError) as raised:
        make()
    (problem,) = raised.value.problems
    return problem


def test_agents_of_progressive_dialling_hold_each_call() -> None:
    problem = refused(lambda: list_of(20, mode="progressive"))
    assert problem.place == "patience"
    assert "progressive" in problem.message


def test_patience_is_no_negative_time() -> None:
    problem = refused(lambda: list_of(-5))
    assert problem.place == "patience"
    assert "-5" in problem.message
    assert "seconds" in problem.message


@pytest.mark.parametrize(
    ("value", "words"), [(True, ["attempts is 1", "more than 1"]), ("often", ["often"])]
)
def test_wrong_parties_are_called_again_if_there_is_another_call(value: Any, words: Any) -> None:
    problem = refused(
        lambda: simcc.Outbound(records=5, dial_time=20, right_party=0.5, wrong_party_retries=value)
    )
    assert problem.place == "wrong_party_retries"
    assert all(word in problem.message for word in words), problem.message


def test_sales_by_group_are_of_those_who_call() -> None:
    sale = simcc.Sale(probability=0.1, probability_by_group={"others": 0.2}, value=50)
    problem = refused(lambda: center(1, list_of(5).replace(sale=sale)))
    assert "others" in problem.message
