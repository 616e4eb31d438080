"""Agents held until a colleague has answered: against exact chains, by hand, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.jit import ENABLED
from simcc.log import Outcome
from simcc.theory import erlang_b

HOUR = 3600.0
TALK, HELP, PATIENCE = 200.0, 300.0, 400.0  # s
RATE, ROOM, FRONT, EXPERTS = 1 / 60, 4, 4, 1
ASK = 0.3
MANY = 40 if ENABLED else 12  # replications
SEVERAL = 5.0  # standard errors
LONG = simcc.Horizon(length="112h", interval="100h", warmup="12h")


def voice(**fields: Any) -> simcc.ContactType:
    return simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=RATE * HOUR),
        talk_time=simcc.Exponential(mean=TALK),
        queue_capacity=ROOM,
        **fields,
    )


def expert(**fields: Any) -> simcc.ContactType:
    return simcc.ContactType(name="expert", talk_time=simcc.Exponential(mean=HELP), **fields)


def center(*kinds: simcc.ContactType, **fields: Any) -> simcc.Scenario:
    """People in front, and one expert."""
    groups = [
        simcc.AgentGroup(name=name, skills=[skill], staff=simcc.FixedStaff(agents=n))
        for name, skill, n in (("front", "voice", FRONT), ("experts", "expert", EXPERTS))
    ]
    return simcc.Scenario(contact_types=kinds, agent_groups=groups, **{"horizon": LONG, **fields})


def check(of: simcc.Scenario, known: dict[tuple[str, str], float], seed: int) -> None:
    """Estimates of many days are those that are known, up to a few standard errors."""
    table = simcc.simulate(of, replications=MANY, seed=seed).summary()
    table = table.set_index(["scope", "metric"])
    for key, value in known.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


def next_in_front(state: tuple[int, ...]) -> tuple[int, ...]:
    """An agent in front takes the next of the queue."""
    queue, talking, *rest = state
    return (queue - 1, talking + 1, *rest) if queue else state


def arrivals(queue: int, talking: int, held: int, rest: tuple[int, ...]) -> Any:
    if talking + held < FRONT:
        yield RATE, (queue, talking + 1, *rest)
    elif queue < ROOM:
        yield RATE, (queue + 1, talking, *rest)


def consult_chain(patience: float) -> Chain:
    """(queue, talking, asking): who asks waits for the expert, or is helped, and is held."""

    def step(state: tuple[int, int, int]) -> Any:
        queue, talking, asking = state
        yield from arrivals(queue, talking, asking, (asking,))
        yield talking / TALK * ASK, (queue, talking - 1, asking + 1)
        yield talking / TALK * (1 - ASK), next_in_front((queue, talking - 1, asking))
        ends = min(asking, EXPERTS) / HELP + max(asking - EXPERTS, 0) / patience
        yield ends, next_in_front((queue, talking, asking - 1))

    return Chain((0, 0, 0), lambda state: (one for one in step(state) if one[0] > 0))


@pytest.mark.parametrize("patience", [math.inf, PATIENCE])
def test_consults_hold_two_agents(patience: float, test_seed: int) -> None:
    asks = voice(consults=[simcc.Consult(to="expert", probability=ASK)])
    waits = {} if math.isinf(patience) else {"patience": simcc.Exponential(mean=patience)}
    chain = consult_chain(patience)
    asking = chain.mean(lambda s: s[2])
    lost = chain.mean(lambda s: float(s[0] == ROOM))
    asked = chain.mean(lambda s: s[1]) / TALK * ASK  # per s
    known = {
        ("type:voice", "blocking"): lost,
        ("group:front", "occupancy"): chain.mean(lambda s: s[1] + s[2]) / FRONT,
        ("group:experts", "occupancy"): chain.mean(lambda s: min(s[2], EXPERTS)) / EXPERTS,
        ("type:expert", "mean_queue"): chain.mean(lambda s: max(s[2] - EXPERTS, 0)),
        ("type:voice", "consult_time"): asking / asked,
        ("type:voice", "consults"): asked * LONG.length * 100 / 112,
    }
    check(center(asks, expert(**waits)), known, test_seed)


def transfer_chain(patience: float, briefing: float) -> Chain:
    """(queue, talking, waiting with a customer, being briefed, second talks).

    An agent in front is held while the customer waits for the expert and in the briefing.
    """

    def next_at_expert(state: tuple[int, ...]) -> tuple[int, ...]:
        queue, talking, waiting, briefed, second = state
        if waiting == 0 or briefed + second == EXPERTS:
            return state
        return (queue, talking, waiting - 1, briefed + 1, second)

    def step(state: tuple[int, ...]) -> Any:
        queue, talking, waiting, briefed, second = state
        yield from arrivals(queue, talking, waiting + briefed, (waiting, briefed, second))
        yield (
            talking / TALK * ASK,
            next_at_expert((queue, talking - 1, waiting + 1, briefed, second)),
        )
        alone = (queue, talking - 1, waiting, briefed, second)
        yield talking / TALK * (1 - ASK), next_in_front(alone)
        gone = (queue, talking, waiting - 1, briefed, second)
        yield waiting / patience, next_in_front(gone)
        told = (queue, talking, waiting, briefed - 1, second + 1)
        yield briefed / briefing, next_in_front(told)
        yield second / HELP, next_at_expert((queue, talking, waiting, briefed, second - 1))

    return Chain((0,) * 5, lambda state: (one for one in step(state) if one[0] > 0))


def test_warm_transfers_hold_the_first_agent(test_seed: int) -> None:
    briefing = 60.0
    warm = simcc.Transfer(
        to="expert", probability=ASK, warm=True, briefing=simcc.Exponential(mean=briefing)
    )
    chain = transfer_chain(PATIENCE, briefing)
    handed = chain.mean(lambda s: s[1]) / TALK * ASK  # per s
    known = {
        ("type:voice", "blocking"): chain.mean(lambda s: float(s[0] == ROOM)),
        ("group:front", "occupancy"): chain.mean(lambda s: s[1] + s[2] + s[3]) / FRONT,
        ("group:experts", "occupancy"): chain.mean(lambda s: s[3] + s[4]) / EXPERTS,
        ("type:expert", "mean_queue"): chain.mean(lambda s: s[2]),
        ("type:voice", "hand_over_time"): chain.mean(lambda s: s[2] + s[3]) / handed,
        ("type:expert", "abandonment"): chain.mean(lambda s: s[2]) / PATIENCE / handed,
    }
    of = center(voice(transfers=[warm]), expert(patience=simcc.Exponential(mean=PATIENCE)))
    check(of, known, test_seed)


def day(kind: simcc.ContactType, *kinds: simcc.ContactType, **fields: Any) -> simcc.Simulation:
    """One call at 100 s; and one for the expert at 90 s."""
    horizon = simcc.Horizon(length="1h", interval="1h", after="drain")
    sim = simcc.Simulation(center(kind, *kinds, horizon=horizon, **fields), seed=1)
    sim.run()
    return sim


def one_call(**fields: Any) -> simcc.ContactType:
    return simcc.ContactType(
        name="voice",
        arrivals=simcc.TraceArrivals(times=[100.0]),
        talk_time=60,
        after_call_work=10,
        **fields,
    )


def busy_expert(**fields: Any) -> simcc.ContactType:
    return simcc.ContactType(
        name="expert",
        arrivals=simcc.TraceArrivals(times=[90.0]),
        talk_time=120,
        after_call_work=7,
        **fields,
    )


def test_a_question_by_hand() -> None:
    log = day(
        one_call(consults=[simcc.Consult(to="expert", probability=1)]), busy_expert()
    ).contact_log
    voice_row, question = 1, 2
    assert log.leg.tolist() == [1, 1, 0]
    assert log.issue[question] == voice_row
    assert log.asked_at[voice_row] == 160
    assert log.answered_at[question] == 90 + 120 + 7
    assert log.left_at[question] == log.left_at[voice_row] == 217 + 120
    assert log.freed_at[voice_row] == 337 + 10
    assert log.freed_at[question] == 337 + 7
    assert log.resolved.tolist() == [1, 1, 0]


def test_a_warm_transfer_by_hand() -> None:
    warm = simcc.Transfer(to="expert", probability=1, warm=True, briefing=30)
    sim = day(one_call(transfers=[warm]), busy_expert())
    log = sim.contact_log
    assert log.leg.tolist() == [1, 1, 2]
    assert log.left_at[1] == 160
    assert log.released_at[1] == 217 + 30
    assert log.freed_at[1] == 247 + 10
    assert log.left_at[2] == 217 + 30 + 120
    table = sim.result().summary().set_index(["scope", "metric"]).estimate
    assert table["type:voice", "hand_over_time"] == pytest.approx(247 - 160)
    assert table["group:front", "occupancy"] == pytest.approx((257 - 100) / FRONT / HOUR)


def test_whoever_waits_with_a_customer_who_gives_up_goes_on() -> None:
    warm = simcc.Transfer(to="expert", probability=1, warm=True, briefing=30)
    log = day(one_call(transfers=[warm]), busy_expert(patience=20)).contact_log
    assert log.outcome[2] == Outcome.ABANDONED
    assert (log.released_at[1], log.freed_at[1]) == (180, 190)


def test_an_agent_who_is_held_is_busy() -> None:
    of = center(
        one_call(consults=[simcc.Consult(to="expert", probability=1)]),
        busy_expert(),
        horizon=simcc.Horizon(length="1h", interval="1h"),
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run(until=200)
    assert sorted(state for _, state in sim.agent_states("front")) == ["busy", *["idle"] * 3]
    assert sim.n_busy("front") == 1
    sim.run(until=400)
    assert {state for _, state in sim.agent_states("front")} == {"idle"}


def test_questions_are_no_contacts_of_customers() -> None:
    of = center(
        voice(consults=[simcc.Consult(to="expert", probability=0.5)]),
        expert(patience=60),
        horizon=simcc.Horizon(length="8h", after="drain"),
        satisfaction=simcc.Satisfaction(per_transfer=0.5, per_minute_waiting=0.0),
    )
    result = simcc.simulate(of, replications=3, seed=2, record="contacts")
    contacts, journeys = result.contacts(), result.journeys()
    questions = contacts[contacts.leg == 0]
    assert len(questions) > 100
    assert (questions.queue_type == "expert").all()
    served = contacts[(contacts.leg == 1) & (contacts.outcome == "served")]
    assert len(journeys) == (contacts.leg == 1).sum()
    assert (journeys.contacts == 1).all()
    assert journeys.resolved.sum() == len(served)
    table = result.summary().set_index(["scope", "metric"]).estimate
    assert table["all", "issues"] == pytest.approx((contacts.leg == 1).sum() / 3)
    assert table["all", "arrivals"] == pytest.approx((contacts.leg == 1).sum() / 3)
    assert table["type:expert", "offered"] == pytest.approx(len(questions) / 3)
    log = result.event_log()
    assert (log.activity == "asked colleague").sum() == len(questions)


def test_customers_are_the_same_whoever_asks() -> None:
    plain = center(voice(), expert(arrivals=simcc.PoissonArrivals(rate_per_hour=5)))
    asking = center(
        voice(consults=[simcc.Consult(to="expert", probability=0.5)]),
        expert(arrivals=simcc.PoissonArrivals(rate_per_hour=5)),
    )
    one, other = (simcc.Simulation(of, seed=3).workload for of in (plain, asking))
    for name in ("arrived_at", "talk_time", "contact_type", "patience_time"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


# ---------------------------------------------------------------------- trunks


def trunk_center(*trunks: simcc.Trunk, **fields: Any) -> simcc.Scenario:
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
            talk_time=simcc.Exponential(mean=TALK),
        )
        for name, rate in (("sales", 60.0), ("orders", 90.0), ("care", 70.0))
    ]
    groups = [
        simcc.AgentGroup(name=kind.name, skills=[kind.name], staff=simcc.FixedStaff(agents=n))
        for kind, n in zip(kinds, (20, 20, 4), strict=True)
    ]
    return simcc.Scenario(
        horizon=LONG, contact_types=kinds, agent_groups=groups, trunks=trunks, **fields
    )


def test_types_of_a_trunk_share_its_lines(test_seed: int) -> None:
    """With agents for every line a trunk is an Erlang loss system; other types are not touched."""
    of = trunk_center(simcc.Trunk(name="number", types=["sales", "orders"], lines=7))
    lost = erlang_b(7, rate_per_hour=150, mean_service_time=TALK).p_block
    known = {
        ("type:sales", "blocking"): lost,
        ("type:orders", "blocking"): lost,
    }
    check(of, known, test_seed)
    table = simcc.simulate(of, replications=2, seed=1).summary().set_index(["scope", "metric"])
    assert table.estimate["type:care", "blocked"] == 0


def test_whoever_waits_takes_a_line(test_seed: int) -> None:
    """One queue of 4 agents and 6 lines: M/M/4/6."""
    of = trunk_center(simcc.Trunk(name="number", types=["care"], lines=6))
    load, n, lines = 70 * TALK / HOUR, 4, 6
    weights = [load**i / math.factorial(min(i, n)) / n ** max(i - n, 0) for i in range(lines + 1)]
    p = np.array(weights) / sum(weights)
    known = {
        ("type:care", "blocking"): p[-1],
        ("type:care", "mean_queue"): float(p[5] + 2 * p[6]),
    }
    check(of, known, test_seed)


# ---------------------------------------------------------------------- bad input


def refused(message: str, **fields: Any) -> None:
    with pytest.raises(simcc.ScenarioError, match=message):
        simcc.Scenario(**fields)


def groups(*skills: list[str], **fields: Any) -> list[simcc.AgentGroup]:
    return [
        simcc.AgentGroup(name=f"g{i}", skills=some, staff=simcc.FixedStaff(agents=2), **fields)
        for i, some in enumerate(skills)
    ]


ASKING = [simcc.Consult(to="expert", probability=0.1)]


@pytest.mark.parametrize(
    ("message", "kinds", "people"),
    [
        (r'consults\[0\].to: is "experts", which is no contact type; did you mean "expert"',
         [voice(consults=[simcc.Consult(to="experts", probability=0.1)]),
          expert(arrivals=simcc.PoissonArrivals(rate_per_hour=1))], groups(["voice"], ["expert"])),
        (r'agent_groups\["g0"\]: may wait for ever: its agents ask colleagues who may be waiting',
         [voice(consults=ASKING), expert()], groups(["voice", "expert"], ["expert"])),
        (r"consults\[0\]: keeps the agent, but agents of \"g0\" hold several contacts",
         [voice(consults=ASKING), expert()],
         groups(["voice"], ["expert"], concurrency=simcc.Concurrency(most=2))),
        (r'consults\[0\].to: is "expert", which offers callbacks',
         [voice(consults=ASKING), expert(callback=simcc.Callback(accepts=0.5))],
         groups(["voice"], ["expert"])),
    ],
)  # fmt: skip
def test_colleagues_that_do_not_fit_are_refused(message: str, kinds: Any, people: Any) -> None:
    refused(message, contact_types=kinds, agent_groups=people)


def test_shares_are_one_at_most() -> None:
    with pytest.raises(simcc.ScenarioError, match=r"consults: add up to 1\.2; must be at most 1"):
        voice(consults=[simcc.Consult(to=to, probability=0.6) for to in ("a", "b")])


def test_a_briefing_needs_a_warm_transfer() -> None:
    with pytest.raises(simcc.ScenarioError, match="briefing: is given; it belongs to warm = true"):
        simcc.Transfer(to="expert", probability=0.1, briefing=30)


@pytest.mark.parametrize(
    ("message", "trunks"),
    [
        (r'trunks\["a"\].types\[0\]: is "sale", which is no contact type; did you mean "sales"',
         [simcc.Trunk(name="a", types=["sale"], lines=3)]),
        (r'trunks\["b"\].types\[1\]: is "sales", which is in "a" already',
         [simcc.Trunk(name="a", types=["sales"], lines=3),
          simcc.Trunk(name="b", types=["care", "sales"], lines=3)]),
        (r'trunks\[1\].name: is "a", as trunks\[0\]; names must differ',
         [simcc.Trunk(name="a", types=["sales"], lines=3),
          simcc.Trunk(name="a", types=["care"], lines=3)]),
    ],
)  # fmt: skip
def test_trunks_that_do_not_fit_are_refused(message: str, trunks: Any) -> None:
    with pytest.raises(simcc.ScenarioError, match=message):
        trunk_center(*trunks)


def test_a_trunk_has_lines() -> None:
    with pytest.raises(simcc.ScenarioError, match="lines: is 0; must be at least 1"):
        simcc.Trunk(name="a", types=["sales"], lines=0)
