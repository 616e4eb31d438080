"""``simcc.Simulation`` and ``simcc.simulate``: every method, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import simpy
from compared import differences
from scenarios import scenario
from steps import scripts_in
from user import carry_out

import simcc
from simcc.engine.setup import Setup
from simcc.log import Outcome

HOUR = 3600.0


def kind(name: str = "voice", **fields: Any) -> simcc.ContactType:
    """A type that comes at 0 s only, and talks for 100 s."""
    fields = {"arrivals": simcc.TraceArrivals(times=[0]), "talk_time": 100, **fields}
    return simcc.ContactType(name=name, **fields)


def group(name: str, skills: Any, staff: Any) -> simcc.AgentGroup:
    staff = simcc.FixedStaff(agents=staff) if isinstance(staff, int) else staff
    return simcc.AgentGroup(name=name, skills=skills, staff=staff)


def center(**fields: Any) -> simcc.Scenario:
    """A voice queue with a bot in front, mail; three groups, one with a roster."""
    shift = simcc.Shift(agent="Ann", start=0, end=3000, breaks=[(1000, 1500)])
    fields = {
        "horizon": simcc.Horizon(length=HOUR, interval=900),
        "contact_types": [kind(bot="helper", patience=600), kind("mail")],
        "bots": [simcc.Bot(name="helper", sessions=2, session_time=50, contained=0)],
        "agent_groups": [
            group("front", ["voice"], 2),
            group("office", ["voice", "mail"], simcc.HeadCounts(counts=[2, 3, 2, 2])),
            group("experts", ["voice"], simcc.Roster(shifts=[shift])),
        ],
        **fields,
    }
    return simcc.Scenario(**fields)


# ---------------------------------------------------------------------- looking


def test_what_a_process_sees() -> None:
    """One voice contact is at the bot until 50 s, then talks until 150 s; one mail until 100 s."""
    sim = simcc.Simulation(center(), seed=1)
    assert sim.env.now == 0
    sim.run(until=10)
    assert (sim.n_sessions("helper"), sim.queue_length("voice")) == (1, 0)
    assert [sim.n_idle(name) for name in ("front", "office", "experts")] == [2, 1, 1]
    assert [sim.n_busy(name) for name in ("front", "office", "experts")] == [0, 1, 0]
    assert [sim.n_scheduled(name) for name in ("front", "office", "experts")] == [2, 2, 1]
    assert sim.agent_states("office") == [("office 1", "busy"), ("office 2", "idle"),
                                          ("office 3", "off")]  # fmt: skip
    sim.run(until="2min")
    assert (sim.n_sessions("helper"), sim.n_busy("front"), sim.n_busy("office")) == (0, 1, 0)
    sim.run(until=1200)
    assert sim.agent_states("experts") == [("Ann", "off")]
    assert sim.agent_names == [
        "front 1", "front 2", "office 1", "office 2", "office 3", "Ann",
    ]  # fmt: skip
    assert sim.agents[-1] == ("Ann", "experts")


@pytest.mark.parametrize(
    ("look", "hint"),
    [
        (lambda sim: sim.queue_length("voise"), '"voise".*"voice"'),
        (lambda sim: sim.n_idle("fornt"), '"fornt".*"front"'),
        (lambda sim: sim.n_busy("fornt"), '"fornt".*"front"'),
        (lambda sim: sim.n_scheduled("fornt"), '"fornt".*"front"'),
        (lambda sim: sim.agent_states("fornt"), '"fornt".*"front"'),
        (lambda sim: sim.n_sessions("helpr"), '"helpr".*"helper"'),
        (lambda sim: sim.change_head_count("offic", 1), '"offic".*"office"'),
        (lambda sim: sim.set_head_count("offic", 1), '"offic".*"office"'),
        (lambda sim: sim.move_agents("fornt", "office", 1), '"fornt".*"front"'),
        (lambda sim: sim.move_agents("front", "offic", 1), '"offic".*"office"'),
        (lambda sim: sim.bot_down("helpr"), '"helpr".*"helper"'),
        (lambda sim: sim.bot_up("helpr"), '"helpr".*"helper"'),
        (lambda sim: sim.submit("mial"), '"mial".*"mail"'),
        (lambda sim: sim.queue_exceeds("mial", 1), '"mial".*"mail"'),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(look: Any, hint: str) -> None:
    with pytest.raises(simcc.SimulationError, match=hint):
        look(simcc.Simulation(center(), seed=1))


REFUSED = {
    "a roster's head count": (
        lambda sim: sim.set_head_count("experts", 3), '"experts" has a roster'),
    "a roster's change": (lambda sim: sim.change_head_count("experts", 0), '"experts" has a rost'),
    "a negative head count": (lambda sim: sim.set_head_count("front", -1), '"front" is -1.* 0'),
    "half an agent": (lambda sim: sim.change_head_count("front", 0.5), "change .* is 0.5; .*whole"),
    "True agents": (lambda sim: sim.set_head_count("front", True), "is True; .*whole number"),
    "too many agents": (lambda sim: sim.change_head_count("front", 10**9), "too many"),
    "a negative move": (lambda sim: sim.move_agents("front", "office", -1), "move is -1; .* 0"),
    "an unknown mode": (lambda sim: sim.bot_down("helper", contacts="agnet"), '"agnet".*"agent"'),
    "an unknown attribute": (lambda sim: sim.submit("mail", patienc=3), '"patienc".*"patience"'),
    "a negative duration": (lambda sim: sim.submit("mail", patience=-3), "patience is -3.*seconds"),
    "no duration": (lambda sim: sim.submit("mail", talk_time="soon"), 'talk_time: "soon"'),
    "an infinite talk": (lambda sim: sim.submit("mail", talk_time=math.inf), "talk_time: inf"),
    "no talk time": (lambda sim: sim.submit("mail", talk_time=None), "talk_time: None"),
    "a session without a bot": (
        lambda sim: sim.submit("mail", session_time=3), 'session_time: .* no bot .*"mail"'),
    "a negative level": (lambda sim: sim.queue_exceeds("mail", -1), 'level for "mail" is -1'),
    "a broken level": (lambda sim: sim.queue_exceeds("mail", 1.5), 'level for "mail" is 1.5'),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(case: str) -> None:
    act, message = REFUSED[case]
    sim = simcc.Simulation(center(), seed=1)
    sim.run(until=20)
    with pytest.raises(simcc.SimulationError, match=message):
        act(sim)
    sim.run()
    undisturbed = simcc.Simulation(center(), seed=1)
    undisturbed.run()
    logs = [(one.contact_log, one.agent_log) for one in (sim, undisturbed)]
    assert differences(*logs) == []


def test_an_error_in_a_process_reaches_whoever_runs_it() -> None:
    sim = simcc.Simulation(center(), seed=1)

    def process() -> Any:
        yield sim.env.at(100)
        sim.move_agents("fornt", "office", 1)

    sim.process(process())
    with pytest.raises(simcc.SimulationError, match='"fornt"'):
        sim.run()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": -1}, "seed: -1"),
        ({"seed": 1.5}, "seed: 1.5"),
        ({"seed": True}, "seed: True"),
        ({"seed": 1, "replication": -1}, "replication is -1"),
        ({"seed": 1, "replication": 0.5}, "replication is 0.5"),
    ],
)
def test_a_simulation_that_cannot_be(given: Any, message: str) -> None:
    with pytest.raises(simcc.SimccError, match=message):
        simcc.Simulation(center(), **given)


def test_without_a_seed_it_is_kept_and_repeats() -> None:
    first = simcc.Simulation(scenario(1))
    again = simcc.Simulation(scenario(1), seed=first.seed)
    first.run()
    again.run()
    assert differences(*((one.contact_log, one.agent_log) for one in (first, again))) == []
    assert simcc.Simulation(scenario(1)).seed != first.seed


# ---------------------------------------------------------------------- running


def test_an_instant_may_not_be_over() -> None:
    sim = simcc.Simulation(center(), seed=1)
    sim.run(until=100)
    with pytest.raises(ValueError, match=r"99\.5 s lies before the present, 100\.0 s"):
        sim.env.at(99.5)
    with pytest.raises(ValueError, match="nan"):
        sim.env.at(math.nan)
    for past in (100, 5.0, math.nan):
        with pytest.raises(ValueError, match=r"does not lie after|not a finite"):
            sim.run(until=past)
    with pytest.raises(ValueError, match='"soon" is not a duration'):
        sim.run(until="soon")


def test_an_instant_is_met_exactly() -> None:
    sim = simcc.Simulation(center(), seed=1)
    instants = [0.1, 0.1 + 0.2, 1 / 3, 1000 / 7, 777.7]
    met = []

    def process() -> Any:
        for instant in instants:
            yield sim.env.at(instant)
            met.append(sim.env.now)

    sim.process(process())
    sim.run()
    assert met == instants


def test_run_up_to_an_event_returns_its_value() -> None:
    sim = simcc.Simulation(center(), seed=1)
    assert sim.run(until=sim.env.timeout(30, value="done")) == "done"
    assert sim.env.now == 30
    ended = sim.run(until=sim.submit("mail", talk_time=20))
    assert (ended.outcome, sim.env.now) == (Outcome.SERVED, 50)

    def process() -> Any:
        yield sim.env.timeout(5)
        return "value"

    assert sim.run(until=sim.process(process())) == "value"


def test_simpys_own_environment() -> None:
    sim = simcc.Simulation(center(), seed=1)
    assert isinstance(sim.env, simpy.Environment)
    resource, store = simpy.Resource(sim.env, capacity=1), simpy.Store(sim.env)
    order = []

    def worker(name: str) -> Any:
        with resource.request() as mine:
            yield mine
            yield sim.env.timeout(40)
            yield store.put(name)

    def reader() -> Any:
        while True:
            order.append((sim.env.now, (yield store.get())))

    for name in "ab":
        sim.process(worker(name))
    reading = sim.process(reader())
    sim.run()
    assert [name for _, name in order] == ["a", "b"]
    assert reading.is_alive


@pytest.mark.parametrize("seed", range(60))
def test_pieces_are_one_run(seed: int) -> None:
    """Stopped again and again, also where counts change, with processes that act."""
    of, rng = scenario(seed), np.random.default_rng(seed)
    whole, pieces = (simcc.Simulation(of, seed=seed) for _ in range(2))
    for sim in (whole, pieces):
        for steps in scripts_in(seed):
            sim.process(carry_out(sim, steps, []))
    whole.run()
    length, interval = of.horizon.length, of.horizon.interval
    stops = [*rng.uniform(0, length, 5), *(k * interval for k in range(1, 4)), length / 2]
    if of.horizon.after == "drain":
        stops += [stop for stop in (length, 1.01 * length) if stop < whole.env.now]
    for stop in sorted({float(stop) for stop in stops}):
        pieces.run(until=stop)
        assert pieces.env.now == stop
        assert (pieces.agent_log.at < stop).all()
    pieces.run()
    logs = [(sim.contact_log, sim.agent_log) for sim in (whole, pieces)]
    found = differences(*logs)
    if of.horizon.after == "drain":  # the last stop may lie after the last event
        found = [one for one in found if not one.startswith("ended_at")]
    assert found == []


@pytest.mark.parametrize("seed", range(40))
def test_a_piece_ends_as_a_run_up_to_there(seed: int) -> None:
    of = scenario(seed)
    there = 2 * of.horizon.interval
    at_once, in_two = (simcc.Simulation(of, seed=seed) for _ in range(2))
    at_once.run(until=there)
    in_two.run(until=0.7 * there)
    in_two.run(until=there)
    logs = [(sim.contact_log, sim.agent_log) for sim in (at_once, in_two)]
    assert differences(*logs) == []


def test_a_change_at_closing_time_does_not_happen_if_the_run_stops_there() -> None:
    staff = simcc.HeadCounts(counts=[1, 2, 1, 1], after_last=4)
    of = center(
        horizon=simcc.Horizon(length=HOUR, interval=900, after="stop"),
        agent_groups=[group("all", ["voice", "mail"], staff)],
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run(until=2000)
    sim.run()
    assert sim.n_scheduled("all") == 1
    assert sim.agent_log.at.max() < HOUR


def test_agents_who_come_at_closing_time_serve_those_who_wait() -> None:
    staff = simcc.HeadCounts(counts=[0, 0, 0, 0], after_last=2)
    of = center(agent_groups=[group("all", ["voice", "mail"], staff)])
    of = of.replace(contact_types=[kind(bot="helper"), kind("mail")])
    sim = simcc.Simulation(of, seed=1)
    sim.run()
    assert sim.contact_log.answered_at.tolist() == [HOUR, HOUR]
    assert sim.env.now == HOUR + 100


def test_a_second_run_does_nothing() -> None:
    sim = simcc.Simulation(scenario(3), seed=1)
    sim.run()
    before = (sim.contact_log, sim.agent_log)
    sim.run()
    assert differences(before, (sim.contact_log, sim.agent_log)) == []


def test_simulations_may_share_a_setup() -> None:
    setup = Setup(scenario(5))
    logs = []
    for shared in (setup, setup, None):
        sim = simcc.Simulation(scenario(5), seed=1, replication=2, setup=shared)
        sim.run()
        logs.append((sim.contact_log, sim.agent_log))
    assert differences(logs[0], logs[1]) == differences(logs[0], logs[2]) == []


# ---------------------------------------------------------------------- the result


def test_a_result_needs_the_whole_horizon() -> None:
    sim = simcc.Simulation(center(), seed=1, replication=4)
    with pytest.raises(simcc.SimulationError, match=r"at 0 s of 3600 s; call run\(\)"):
        sim.result()
    sim.run(until=3599)
    with pytest.raises(simcc.SimulationError, match="at 3599 s"):
        sim.result()
    sim.run()
    result = sim.result()
    assert (result.replications, result.seed, result.first_replication) == (1, 1, 4)
    summary = result.summary().set_index(["scope", "metric"])["estimate"]
    assert summary["all", "served"] == 2
    assert result.contacts()["outcome"].tolist() == ["served"] * 2
    assert set(result.counters()["replication"]) == {4}


def test_submitted_contacts_and_added_agents_are_in_the_result() -> None:
    sim = simcc.Simulation(center(), seed=1)
    sim.run(until=100)
    sim.change_head_count("front", 2)
    sim.submit("mail")
    sim.run()
    result = sim.result()
    assert len(result.contacts()) == 3
    agents = result.agents().set_index("agent")
    assert agents.loc["front 4", "present_time"] == HOUR - 100


# ---------------------------------------------------------------------- many replications


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replications": 0}, "replications is 0; it must be a whole number of at least 1"),
        ({"replications": 1.5}, "replications is 1.5"),
        ({"replications": True}, "replications is True"),
        ({"replications": -3}, "replications is -3"),
        ({"replications": "3"}, "replications is '3'"),
        ({"replications": 2, "workers": 0}, "workers is 0; it must be a whole number of at leas"),
        ({"replications": 2, "workers": 1.0}, r"workers is 1\.0"),
        ({"replications": 2, "record": "x"}, "record is 'x'; it must be \"contacts\" or None"),
        ({"replications": 2, "seed": -1}, "seed: -1 is not allowed"),
        ({"replications": 2, "seed": "x"}, "seed: 'x' is not allowed"),
    ],
)
def test_simulate_names_the_argument_and_its_value(given: Any, message: str) -> None:
    with pytest.raises(simcc.SimccError, match=message):
        simcc.simulate(center(), **given)


def test_simulate_needs_to_know_how_often() -> None:
    with pytest.raises(TypeError, match="replications"):
        simcc.simulate(center())  # type: ignore[call-arg]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_policy_ends_all_workers(workers: int) -> None:
    def broken(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
        raise ArithmeticError("no score today")

    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=broken)))
    with pytest.raises(ArithmeticError, match="no score today"):
        simcc.simulate(of, replications=5, seed=1, workers=workers)


def test_a_score_must_be_a_number() -> None:
    def words(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
        return "high"

    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=words)))
    with pytest.raises(simcc.SimulationError, match="words returned 'high'; a score is a number"):
        simcc.simulate(of, replications=1, seed=1)


def test_a_score_must_take_what_it_is_given() -> None:
    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=lambda type: 1.0)))
    with pytest.raises(simcc.ScenarioError, match="takes other arguments than"):
        simcc.simulate(of, replications=1, seed=1)


def test_who_is_handed_over_after_closing_counts_in_the_last_interval() -> None:
    """Everybody is transferred; the calls of the last minutes end after the end of the day."""
    kinds = [
        simcc.ContactType(
            name="a",
            arrivals=simcc.PoissonArrivals(rate_per_hour=60),
            talk_time=simcc.Exponential(mean=600),
            transfers=[simcc.Transfer(to="b", probability=1.0)],
        ),
        simcc.ContactType(name="b", talk_time=60),
    ]
    groups = [
        simcc.AgentGroup(name=f"for {one}", skills=[one], staff=simcc.FixedStaff(agents=20))
        for one in "ab"
    ]
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="1h", interval="15min"),
        contact_types=kinds,
        agent_groups=groups,
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run()
    sums = sim.result().sums
    assert (sim.contact_log.arrived_at >= 3600).any()
    served = sums.by_type("served")[0].sum(axis=0)
    assert served[0] == served[1] == sums.by_type("transferred_in")[0].sum()
    assert sums.waits[0].sum() == served.sum()
