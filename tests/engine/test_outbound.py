"""Outbound calls: against exact chains, by hand, conservation, and bad input."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.jit import ENABLED
from simcc.log import Outcome

HOUR = 3600.0
DIAL, TALK, SHORT = 30.0, 180.0, 40.0  # s
RIGHT, WRONG = 0.4, 0.2
MANY = 40 if ENABLED else 20  # replications
SEVERAL = 5.0  # standard errors
LONG = simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h")


def list_type(**fields: Any) -> simcc.ContactType:
    """A list that never ends, all of whose times are exponential."""
    given: dict[str, Any] = {
        "records": 60_000,
        "dial_time": simcc.Exponential(mean=DIAL),
        "right_party": RIGHT,
        "wrong_party": WRONG,
        "wrong_party_time": simcc.Exponential(mean=SHORT),
    }
    return simcc.ContactType(
        name="list",
        talk_time=simcc.Exponential(mean=TALK),
        outbound=simcc.Outbound(**(given | fields)),
    )


def center(agents: int, *kinds: simcc.ContactType, horizon: simcc.Horizon = LONG) -> simcc.Scenario:
    skills = [kind.name for kind in kinds]
    staff = simcc.FixedStaff(agents=agents)
    return simcc.Scenario(
        horizon=horizon,
        contact_types=kinds,
        agent_groups=[simcc.AgentGroup(name="agents", skills=skills, staff=staff)],
    )


def voice(rate: float) -> simcc.ContactType:
    return simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
        talk_time=simcc.Exponential(mean=TALK),
        patience=simcc.Exponential(mean=100.0),
    )


def check(of: simcc.Scenario, known: dict[tuple[str, str], float], seed: int) -> None:
    """Estimates of many days are those that are known, up to a few standard errors."""
    table = (
        simcc.simulate(of, replications=MANY, seed=seed).summary().set_index(["scope", "metric"])
    )
    for key, value in known.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


def dial_ends(n: int) -> Any:
    """Rates at which somebody wanted, somebody else, or nobody answers one of n calls."""
    return n / DIAL * RIGHT, n / DIAL * WRONG, n / DIAL * (1 - RIGHT - WRONG)


def test_progressive_is_a_closed_cycle(test_seed: int) -> None:
    """Each agent dials, then talks or not, without end: shares follow from the mean times."""
    cycle = DIAL + RIGHT * TALK + WRONG * SHORT
    known = {
        ("all", "connect_rate"): RIGHT + WRONG,
        ("all", "right_party_rate"): RIGHT,
        ("all", "attempts"): 3 * 100 * HOUR / cycle,
        ("all", "mean_dialling"): 3 * DIAL / cycle,
        ("group:agents", "mean_dialling"): 3 * DIAL / cycle,
    }
    check(center(3, list_type()), known, test_seed)
    result = simcc.simulate(center(3, list_type()), replications=1, seed=test_seed)
    table = result.summary().set_index(["scope", "metric"]).estimate
    assert table["group:agents", "occupancy"] == pytest.approx(1.0)
    assert table["all", "mean_busy"] == pytest.approx(3.0)


@pytest.mark.parametrize(("agents", "pace"), [(3, 1.0), (4, 1.5), (2, 3.0)])
def test_predictive_is_a_chain(agents: int, pace: float, test_seed: int) -> None:
    """A state is who talks to a right party, who to a wrong one, and how many calls ring."""

    def ringing(busy: int, n: int) -> int:
        return max(n, math.floor(pace * (agents - busy)))

    def step(state: Any) -> Any:
        right, wrong, n = state
        busy = right + wrong
        for rate, more in zip(dial_ends(n), ((1, 0), (0, 1), (0, 0)), strict=True):
            if n and busy < agents:
                r, w = right + more[0], wrong + more[1]
                yield rate, (r, w, ringing(r + w, n - 1))
            elif n:
                yield rate, (right, wrong, n - 1)
        if right:
            yield right / TALK, (right - 1, wrong, ringing(busy - 1, n))
        if wrong:
            yield wrong / SHORT, (right, wrong - 1, ringing(busy - 1, n))

    exact = Chain((0, 0, ringing(0, 0)), step)
    answered = (RIGHT + WRONG) / DIAL * exact.mean(lambda state: state[2])
    lost = (
        (RIGHT + WRONG)
        / DIAL
        * exact.mean(lambda state: state[2] * (state[0] + state[1] == agents))
    )
    known = {
        ("all", "connects"): 100 * HOUR * answered,
        ("group:agents", "occupancy"): exact.mean(lambda state: state[0] + state[1]) / agents,
    }
    if lost > 0:
        known["all", "mismatch_share"] = lost / answered
    check(center(agents, list_type(mode="predictive", pace=pace)), known, test_seed)


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_blend_is_a_chain(needed: int, test_seed: int) -> None:
    """A state is how many talk to callers, wait, dial, and talk to a right or a wrong party."""
    agents, rate, most = 3, 40.0, 25

    def dialled(voice: int, line: int, dial: int, right: int, wrong: int) -> tuple[int, ...]:
        while not line and agents - voice - dial - right - wrong >= needed:
            dial += 1
        return voice, line, dial, right, wrong

    def step(state: Any) -> Any:
        voice, line, dial, right, wrong = state

        def freed(voice: int, dial: int, right: int, wrong: int) -> Any:
            if line:
                return dialled(voice + 1, line - 1, dial, right, wrong)
            return dialled(voice, line, dial, right, wrong)

        if voice + dial + right + wrong < agents:
            yield rate / HOUR, (voice + 1, line, dial, right, wrong)
        elif line < most:
            yield rate / HOUR, (voice, line + 1, dial, right, wrong)
        if line:
            yield line / 100.0, (voice, line - 1, dial, right, wrong)
        if voice:
            yield voice / TALK, freed(voice - 1, dial, right, wrong)
        if dial:
            found, other, nobody = dial_ends(dial)
            yield found, (voice, line, dial - 1, right + 1, wrong)
            yield other, (voice, line, dial - 1, right, wrong + 1)
            yield nobody, freed(voice, dial - 1, right, wrong)
        if right:
            yield right / TALK, freed(voice, dial, right - 1, wrong)
        if wrong:
            yield wrong / SHORT, freed(voice, dial, right, wrong - 1)

    exact = Chain(dialled(0, 0, 0, 0, 0), step)
    line, dial = exact.mean(lambda state: state[1]), exact.mean(lambda state: state[2])
    known = {
        ("type:voice", "abandonment"): line / 100.0 / (rate / HOUR),
        ("type:voice", "mean_queue"): line,
        ("type:voice", "mean_busy"): exact.mean(lambda state: state[0]),
        ("type:list", "mean_dialling"): dial,
        ("type:list", "mean_busy"): exact.mean(lambda state: sum(state[2:])),
        ("type:list", "attempts"): 100 * HOUR * dial / DIAL,
    }
    check(center(agents, voice(rate), list_type(idle_needed=needed)), known, test_seed)


def test_the_mismatch_limit_holds_the_share_down(test_seed: int) -> None:
    shares = []
    for limit in (None, 0.05):
        of = center(6, list_type(mode="predictive", pace=2.5, mismatch_limit=limit))
        result = simcc.simulate(of, replications=10, seed=test_seed)
        shares.append(result.summary().set_index(["scope", "metric"]).loc["all", "mismatch_share"])
    free, limited = shares
    assert free.estimate > 3 * 0.05
    assert limited.estimate == pytest.approx(0.05, abs=0.005)  # thousands of calls


# ---------------------------------------------------------------------- by hand


def day(agents: int = 1, *others: simcc.ContactType, **fields: Any) -> Any:
    """Rings of 10 s, talks of 100 s; everybody answers and is the right party."""
    given = {"records": 3, "dial_time": 10, "right_party": 1.0} | fields
    kind = simcc.ContactType(
        name="list", talk_time=100, after_call_work=5, outbound=simcc.Outbound(**given)
    )
    sim = simcc.Simulation(
        center(agents, *others, kind, horizon=simcc.Horizon(length="1h", interval="30min")), seed=1
    )
    sim.run()
    return sim


def test_one_agent_calls_one_after_the_other() -> None:
    log = day().contact_log
    assert log.arrived_at.tolist() == [0.0, 115.0, 230.0]
    assert log.answered_at.tolist() == [10.0, 125.0, 240.0]
    assert log.left_at.tolist() == [110.0, 225.0, 340.0]
    assert log.freed_at.tolist() == [115.0, 230.0, 345.0]
    assert log.outcome.tolist() == 3 * [Outcome.REACHED]
    assert log.record.tolist() == [0, 1, 2]
    assert log.ended_at == 3600.0


def test_records_are_called_again_before_fresh_ones() -> None:
    """Nobody answers; records are due again after 15 s: 0 from 25 on, 1 from 35, 2 from 45.

    At 60 none of them is, and the fourth record's turn comes; it is due again at 85.
    """
    log = day(right_party=0.0, attempts=2, retry_delay=15, records=4).contact_log
    assert log.call.tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    assert log.arrived_at.tolist() == [0.0, 10.0, 20.0, 60.0, 30.0, 40.0, 50.0, 85.0]
    assert (log.outcome == Outcome.NO_ANSWER).all()
    assert log.freed_at.tolist() == log.left_at.tolist() == (log.arrived_at + 10.0).tolist()


def test_a_dialer_ahead_of_one_agent_loses_the_second_who_answers() -> None:
    """Two ring at once: the first is talked to, the second cut off; both agents' calls over."""
    log = day(mode="predictive", pace=2.0).contact_log
    assert log.arrived_at.tolist() == [0.0, 0.0, 115.0]
    assert log.outcome.tolist() == [Outcome.REACHED, Outcome.MISMATCH, Outcome.REACHED]
    assert log.left_at.tolist() == [110.0, 10.0, 225.0]
    assert log.agent.tolist() == [0, -1, 0]


def test_calls_begin_in_opening_hours_and_before_the_end() -> None:
    log = day(records=90, hours=[("2min", "3min"), ("59min", "2h")]).contact_log
    made = log.arrived_at[log.outcome != Outcome.NOT_ARRIVED]
    assert made.tolist() == [120.0, 3540.0]
    assert log.ended_at == 3655.0


def test_callers_go_first() -> None:
    """The caller of 20 waits for the end of the call at 115, the one of 120 until 215."""
    caller = simcc.ContactType(
        name="voice", arrivals=simcc.TraceArrivals(times=[20.0, 120.0]), talk_time=100
    )
    log = day(1, caller).contact_log
    assert log.answered_at[:2].tolist() == [115.0, 215.0]
    assert log.arrived_at[2:].tolist() == [0.0, 315.0, 430.0]


def test_probabilities_by_interval() -> None:
    log = day(
        records=400, dial_time=1, right_party=None, right_party_by_interval=[0.0, 1.0]
    ).contact_log
    made = log.outcome != Outcome.NOT_ARRIVED
    late = log.arrived_at[made] >= 1800.0
    assert ((log.outcome[made] == Outcome.REACHED) == late).all()


def test_what_a_call_brings_does_not_depend_on_the_agents() -> None:
    few, many = (simcc.Simulation(center(n, list_type(records=500)), seed=3) for n in (1, 5))
    few.run()
    many.run()
    both = (few.contact_log.outcome >= Outcome.REACHED) & (many.contact_log.outcome > 0)
    for log in (few.contact_log, many.contact_log):
        assert both.sum() > 100
        assert np.isfinite(log.left_at[both]).all()
    times = [(log.left_at - log.arrived_at)[both] for log in (few.contact_log, many.contact_log)]
    assert times[0] == pytest.approx(times[1])
    assert (few.contact_log.outcome[both] == many.contact_log.outcome[both]).all()


@pytest.mark.parametrize("mode", ["progressive", "predictive"])
def test_conservation(mode: str, test_seed: int) -> None:
    fields: dict[str, Any] = {"pace": 1.5} if mode == "predictive" else {}
    kind = list_type(records=700, attempts=3, retry_delay="20min", mode=mode, **fields)
    of = center(4, voice(20.0), kind, horizon=simcc.Horizon(length="6h", interval="1h"))
    result = simcc.simulate(of, replications=3, seed=test_seed, record="contacts")
    sums = (
        result.counters("type")
        .query("type == 'list'")
        .groupby("replication")
        .sum(numeric_only=True)
    )
    assert (sums.records_done + sums.records_left == 700).all()
    assert (sums.records_left > 0).all()
    talked = sums.right_party_contacts + sums.wrong_party_contacts
    assert (sums.connects == talked + sums.mismatches).all()
    calls = result.contacts().query("record >= 0 and outcome != 'not_arrived'")
    assert len(calls) == sums.attempts.sum()
    assert not calls.duplicated(["replication", "record", "call"]).any()
    by_record = calls.groupby(["replication", "record"]).call
    assert (by_record.max() == by_record.size()).all()  # no call is left out
    groups = result.counters("group").groupby("replication").sum(numeric_only=True)
    assert (groups.busy_time <= groups.present_time + 1e-6).all()
    assert (groups.dialling_time > 0).all() == (mode == "progressive")
    parts = groups.talk_time + groups.wrap_time + groups.dialling_time
    assert parts.to_numpy() == pytest.approx(groups.busy_time.to_numpy())


def test_many_agents_begin_at_once() -> None:
    """More calls than there are clocks at first."""
    sim = day(1000, records=3000)
    assert (sim.contact_log.outcome == Outcome.REACHED).all()
    assert set(sim.contact_log.arrived_at.tolist()) == {0.0, 115.0, 230.0}
    ahead = day(1000, records=3000, mode="predictive", pace=2.0).contact_log
    assert (ahead.arrived_at == 0.0).sum() == 2000


def test_formulas_do_not_apply() -> None:
    of = center(3, voice(20.0), list_type(records=50), horizon=simcc.Horizon(length="2h"))
    table = simcc.simulate(of, replications=2, seed=1).cross_check()
    assert not table["applies"].any()
    assert table["note"].str.contains("outbound").all()


def test_contacts_are_not_submitted() -> None:
    with pytest.raises(simcc.SimulationError, match="only called"):
        day().submit("list")


# ---------------------------------------------------------------------- bad input

GOOD: dict[str, Any] = {"records": 5, "dial_time": 20, "right_party": 0.5}


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"records": 0}, "records", ["0", "at least 1"]),
        ({"dial_time": -1}, "dial_time", ["-1", "seconds"]),
        ({"right_party": 1.5}, "right_party", ["1.5", "at most 1", "probability"]),
        ({"right_party": None}, "right_party", ["missing", "probability"]),
        ({"right_party_by_interval": [0.5]}, "right_party", ["both given"]),
        ({"wrong_party": 0.6, "wrong_party_time": 9}, "wrong_party", ["1.1", "at most 1"]),
        ({"wrong_party": 0.1}, "wrong_party_time", ["missing", "seconds"]),
        ({"attempts": 2}, "retry_delay", ["missing", "2", "seconds"]),
        ({"attempts": 0}, "attempts", ["0", "at least 1"]),
        ({"pace": 2.0}, "pace", ["2", "predictive"]),
        ({"mode": "predictive", "pace": 0.0}, "pace", ["0", "more than 0"]),
        ({"mode": "power"}, "mode", ["power", "progressive", "predictive"]),
        ({"mismatch_limit": 0.1}, "mismatch_limit", ["predictive"]),
        ({"hours": [(10, 5)]}, "hours[0]", ["10", "5", "end later", "seconds"]),
        ({"hours": [(0, 50), (40, 60)]}, "hours[1]", ["40", "hours[0]", "apart"]),
        ({"idle_needed": 0}, "idle_needed", ["0", "at least 1"]),
        ({"pase": 1}, "pase", ["not a field", "pace"]),
    ],
)
def test_refused(fields: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Outbound(**(GOOD | fields))
    (problem,) = raised.value.problems
    assert problem.place == place
    assert all(word in problem.message for word in words), problem.message


def called(**fields: Any) -> simcc.ContactType:
    outbound = simcc.Outbound(**GOOD)
    return simcc.ContactType(name="list", talk_time=100, outbound=outbound, **fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arrivals", simcc.PoissonArrivals(rate_per_hour=1)),
        ("balking", 0.5),
        ("deadline", 60),
        ("queue_capacity", 3),
        ("callback", simcc.Callback(accepts=0.5)),
        ("talk_scale_by_interval", [1.0]),
        ("resolution", 0.5),
    ],
)
def test_a_list_has_no_life_of_a_contact_that_comes(field: str, value: Any) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        called(**{field: value})
    (problem,) = raised.value.problems
    assert problem.place == field
    assert "outbound are both given" in problem.message


def refused(*kinds: simcc.ContactType, **group: Any) -> simcc.Problem:
    staff = simcc.FixedStaff(agents=2)
    skills = [kind.name for kind in kinds]
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Scenario(
            contact_types=kinds,
            agent_groups=[simcc.AgentGroup(name="a", skills=skills, staff=staff, **group)],
        )
    (problem,) = raised.value.problems
    return problem


FILE = """
[horizon]
length = "2h"

[[contact_types]]
name = "survey"
talk_time = "2min"
outbound = { records = 20, mode = "predictive", dial_time = { law = "exponential", mean = 25 }, \
right_party = 0.25, attempts = 3, retry_delay = "2h", hours = [["30min", "1h"]], pace = 1.5, \
mismatch_limit = 0.03, idle_needed = 2 }

[[agent_groups]]
name = "agents"
skills = ["survey"]
agents = 3
"""


def test_a_list_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.toml"
    path.write_text(FILE)
    (survey,) = simcc.load(path).contact_types
    assert survey.outbound == simcc.Outbound(
        records=20, mode="predictive", dial_time=simcc.Exponential(mean=25), right_party=0.25,
        attempts=3, retry_delay=7200, hours=[(1800, 3600)], pace=1.5, mismatch_limit=0.03,
        idle_needed=2,
    )  # fmt: skip
    assert survey.outbound.hours == ((1800.0, 3600.0),)
    again = simcc.Scenario.from_dict(simcc.load(path).to_dict())
    assert again == simcc.load(path)


def test_nobody_is_handed_to_a_list() -> None:
    transfer = simcc.Transfer(to="list", probability=0.5)
    problem = refused(called(), voice(1.0).replace(transfers=[transfer]))
    assert problem.place == 'contact_types["voice"].transfers[0].to'
    assert "only called" in problem.message


def test_agents_who_call_hold_one_contact() -> None:
    problem = refused(called(), concurrency=simcc.Concurrency(most=2))
    assert problem.place == 'agent_groups["a"].skills'
    assert '"list"' in problem.message


def test_probabilities_by_interval_fit_the_horizon() -> None:
    outbound = simcc.Outbound(records=5, dial_time=20, right_party_by_interval=[0.5, 0.4])
    problem = refused(called().replace(outbound=outbound))
    assert problem.place == 'contact_types["list"].outbound.right_party_by_interval'
    assert "2 entries" in problem.message
    assert "48" in problem.message


def test_a_list_needs_a_talk_time_and_somebody_to_call() -> None:
    problem = refused(simcc.ContactType(name="list", outbound=simcc.Outbound(**GOOD)))
    assert problem.place == 'contact_types["list"].talk_time'
