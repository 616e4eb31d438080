"""Bots by hand: limits, stages, wrong queues, degradation; and the same customers under all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simcc
from simcc.log import NO_BOT, WRONG_QUEUE, FollowedBy, Outcome

SERVED, CONTAINED, LOST = Outcome.SERVED, Outcome.CONTAINED, Outcome.BOT_LOST
PASSED_ON, MISROUTED = Outcome.PASSED_ON, Outcome.MISROUTED
NAN = pytest.approx(np.nan, nan_ok=True)


def kind(name: str, at: list[float], **fields: Any) -> simcc.ContactType:
    arrivals = simcc.TraceArrivals(times=at) if at else None
    return simcc.ContactType(name=name, **{"arrivals": arrivals, "talk_time": 100, **fields})


def group(name: str, skills: list[str], agents: int = 1) -> simcc.AgentGroup:
    return simcc.AgentGroup(name=name, skills=skills, staff=simcc.FixedStaff(agents=agents))


def bot(name: str = "bot", **fields: Any) -> simcc.Bot:
    return simcc.Bot(name=name, **{"session_time": 30, "contained": 0.0, **fields})


def center(kinds: list[Any], bots: list[Any], groups: list[Any] | None = None, **more: Any) -> Any:
    groups = groups or [group("people", [one.name for one in kinds], 50)]
    return simcc.Scenario(
        horizon=simcc.Horizon(length="1h"),
        contact_types=kinds, agent_groups=groups, bots=bots, **more,
    )  # fmt: skip


def run(of: simcc.Scenario, process: Any = None, seed: int = 1) -> Any:
    sim = simcc.Simulation(of, seed=seed)
    if process is not None:
        sim.process(process(sim))
    sim.run()
    return sim.contact_log


# ---------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("when_limited", "started_at", "outcome"),
    [
        # a token every 10 s, two in the bucket; the third and the fourth find none
        ("wait", [0, 1, 10, 20, 30], [SERVED] * 5),
        ("agent", [0, 1, NAN, NAN, 30], [SERVED] * 5),
        ("lost", [0, 1, NAN, NAN, 30], [SERVED, SERVED, LOST, LOST, SERVED]),
    ],
)
def test_tokens(when_limited: Any, started_at: list[Any], outcome: list[Outcome]) -> None:
    limited = bot(sessions_per_minute=6, burst=2, when_limited=when_limited)
    log = run(center([kind("chat", [0, 1, 2, 3, 30], bot="bot")], [limited]))
    assert log.bot_started_at.tolist() == started_at
    assert log.outcome.tolist() == outcome


def test_the_bucket_holds_a_minute_and_no_more() -> None:
    """Six at once; after half an hour of rest six again, and then one every 10 s."""
    at = [0.0] * 8 + [1800.0] * 8
    log = run(center([kind("chat", at, bot="bot")], [bot(sessions_per_minute=6)]))
    assert log.bot_started_at.tolist() == [0] * 6 + [10, 20] + [1800] * 6 + [1810, 1820]


def test_less_than_one_session_a_minute() -> None:
    slow = bot(sessions_per_minute=0.5)
    log = run(center([kind("chat", [0, 0, 0], bot="bot")], [slow]))
    assert log.bot_started_at.tolist() == [0, 120, 240]


def test_a_limit_beside_a_number_of_sessions() -> None:
    """Two sessions of 30 s at a time, a token every 10 s: whoever finds both taken waits."""
    both = bot(sessions=2, sessions_per_minute=6, burst=1, when_limited="lost")
    log = run(center([kind("chat", [0, 5, 10, 15, 41], bot="bot")], [both]))
    # at 5 s there is no token; at 15 s no session, and at 30 s there are both
    assert log.bot_started_at.tolist() == [0, NAN, 10, 30, 41]
    assert log.outcome.tolist() == [SERVED, LOST, SERVED, SERVED, SERVED]


def test_an_outage_does_not_stop_the_tokens() -> None:
    def outage(sim: simcc.Simulation) -> Any:
        yield sim.env.at(2)
        sim.bot_down("bot", contacts="wait")
        yield sim.env.at(100)
        sim.bot_up("bot")

    limited = bot(sessions_per_minute=6, burst=2)
    log = run(center([kind("chat", [0, 1, 1.5, 3, 50], bot="bot")], [limited]), outage)
    assert log.bot_started_at.tolist() == [0, 1, 100, 100, 110]


# ---------------------------------------------------------------------- stages


def test_a_bot_behind_a_bot_is_the_next_leg() -> None:
    first = bot("first", then="second", talk_factor=5, patience_factor=5)
    second = bot("second", session_time=50, talk_factor=0.5, sessions=1)
    log = run(center([kind("chat", [0, 10], bot="first", talk_time=100)], [first, second]))
    assert log.outcome.tolist() == [PASSED_ON, PASSED_ON, SERVED, SERVED]
    assert log.bot.tolist() == [0, 0, 1, 1]
    assert log.issue.tolist() == [0, 1, 0, 1]
    assert log.leg.tolist() == [1, 1, 2, 2]
    assert log.attempt.tolist() == [1] * 4
    assert log.contact_type.tolist() == [0] * 4
    assert log.arrived_at.tolist() == [0, 10, 30, 40]
    assert log.bot_started_at.tolist() == [0, 10, 30, 80]  # one session at a time
    assert log.bot_ended_at.tolist() == [30, 40, 80, 130]
    assert log.left_at.tolist() == [30, 40, 130, 180]  # the factor is that of the last bot
    assert log.followed_by.tolist() == [FollowedBy.TRANSFER] * 2 + [FollowedBy.NOTHING] * 2


@pytest.mark.parametrize(("when_full", "ends"), [("agent", SERVED), ("lost", LOST)])
def test_a_full_bot_behind_a_bot(when_full: Any, ends: Outcome) -> None:
    first, second = bot("first", then="second"), bot("second", sessions=1, when_full=when_full)
    log = run(center([kind("chat", [0, 10], bot="first")], [first, second]))
    assert log.outcome.tolist() == [PASSED_ON, PASSED_ON, SERVED, ends]
    assert log.bot_started_at.tolist() == [0, 10, 30, NAN]


def test_a_leg_from_a_bot_needs_a_line() -> None:
    first, second = bot("first", then="second"), bot("second")
    kinds = [kind("chat", [0, 1], bot="first")]
    log = run(center(kinds, [first, second], lines=1))
    assert log.outcome.tolist() == [PASSED_ON, PASSED_ON, SERVED, Outcome.BLOCKED]


def test_the_queue_is_that_of_the_bot_in_front() -> None:
    first = bot("first", then="second", escalate_to="voice")
    second = bot("second", escalate_to="mail")
    kinds = [kind("chat", [0], bot="first"), kind("voice", [9]), kind("mail", [5], bot="second")]
    log = run(center(kinds, [first, second]))
    assert log.queue_type.tolist() == [1, 2, 1, 1]


def test_sessions_that_fail_go_to_people_not_to_the_next_bot() -> None:
    def outage(sim: simcc.Simulation) -> Any:
        yield sim.env.at(45)  # 0 is at the second bot, 1 at the first
        sim.bot_down("first", fail_sessions=True)
        sim.bot_down("second", fail_sessions=True)

    first, second = bot("first", then="second"), bot("second")
    log = run(center([kind("chat", [0, 40], bot="first")], [first, second]), outage)
    assert log.outcome.tolist() == [PASSED_ON, SERVED, SERVED]
    assert log.bot_ended_at.tolist() == [30, 45, 45]


def test_a_submitted_contact_is_handed_to_people() -> None:
    def submit(sim: simcc.Simulation) -> Any:
        yield sim.env.at(100)
        yield sim.submit("chat")

    first, second = bot("first", then="second"), bot("second", misrouted={"mail": 1.0})
    kinds = [kind("chat", [0], bot="first"), kind("mail", [0], bot=None)]
    log = run(center(kinds, [first, second]), submit)
    mine = int(np.flatnonzero(log.arrived_at == 100)[0])
    assert (log.outcome[mine], log.offered_at[mine], log.queue_type[mine]) == (SERVED, 130, 0)


# ---------------------------------------------------------------------- wrong queues


def test_a_wrong_queue_hands_over_to_the_right_one() -> None:
    lost = bot(misrouted={"mail": 1.0}, talk_factor=0.5, escalate_to="voice")
    kinds = [
        kind("chat", [0], bot="bot"),
        kind("voice", [1000], talk_time=60, resolution=1.0),
        kind("mail", [1000], talk_time=200),
    ]
    groups = [group("writers", ["mail"]), group("talkers", ["voice"])]
    log = run(center(kinds, [lost], groups))
    mine = log.issue == 0
    assert log.outcome[mine].tolist() == [MISROUTED, SERVED, SERVED]
    assert log.contact_type[mine].tolist() == [0, 0, 1]
    assert log.queue_type[mine].tolist() == [1, 2, 1]
    assert log.bot[mine].tolist() == [0, WRONG_QUEUE, NO_BOT]
    assert log.arrived_at[mine].tolist() == [0, 30, 130]  # half of 200 s of mail
    assert log.left_at[mine].tolist() == [30, 130, 190]
    assert log.resolved[mine].tolist() == [0, 0, 1]
    assert log.leg[mine].tolist() == [1, 2, 3]


def test_journeys_count_what_agents_hand_over() -> None:
    lost, strong = bot(then="strong"), bot("strong", misrouted={"mail": 1.0})
    kinds = [kind("chat", [0], bot="bot"), kind("mail", [1000])]
    result = simcc.simulate(center(kinds, [lost, strong]), replications=1, record="contacts")
    first = result.journeys().iloc[0]
    assert (first.contacts, first.attempts, first.transfers) == (4, 1, 1)
    assert (first.times_served, first.outcome, first.resolved) == (2, "served", True)
    bots = result.contacts()["bot"]
    assert bots[bots.notna()].tolist() == ["bot", "strong", "(wrong queue)"]


# ---------------------------------------------------------------------- times and luck


def test_latency_and_the_time_to_escalate() -> None:
    slow = bot(latency=7, session_time=30, escalation_time=80, contained=0.5)
    log = run(center([kind("chat", list(range(60)), bot="bot")], [slow]))
    lengths = np.round(log.bot_ended_at - log.bot_started_at, 6)
    assert set(lengths[log.outcome == CONTAINED]) == {37}
    assert set(lengths[log.outcome == SERVED]) == {87}


def test_types_of_one_bot() -> None:
    both = bot(
        contained=1.0,
        by_type={"chat": {"contained": 0.0, "escalation_time": 11}, "mail": {"session_time": 4}},
    )
    kinds = [kind(name, [0], bot="bot") for name in ("chat", "mail", "other")]
    log = run(center(kinds, [both]))
    assert log.outcome.tolist() == [SERVED, CONTAINED, CONTAINED]
    assert log.bot_ended_at.tolist() == [11, 4, 30]


def test_what_is_solved_by_type() -> None:
    both = bot(contained=1.0, by_type={"chat": {"solves": 0.0}})
    back = simcc.FollowUp(when="falsely_contained", probability=1, delay=60, at_most=1)
    kinds = [kind(name, [0], bot="bot", follow_ups=[back]) for name in ("chat", "mail")]
    log = run(center(kinds, [both]))
    assert log.resolved.tolist() == [0, 1, 0]
    assert log.contact_type.tolist() == [0, 1, 0]


def test_a_follow_up_keeps_its_factors_behind_a_second_bot() -> None:
    """Who comes back after giving up talks for twice as long, also past two bots."""
    first, second = bot("first", then="second", gives_up=1.0), bot("second")
    again = simcc.FollowUp(
        when="gave_up", probability=1, delay=60, at_most=1, type="back", talk_factor=2,
        patience_factor=3,
    )  # fmt: skip
    other = bot("other", then="second")
    kinds = [
        kind("chat", [0], bot="first", follow_ups=[again]),
        kind("back", [], bot="other", patience=40),
        kind("block", [0], talk_time=260),
    ]
    groups = [group("people", ["chat", "back", "block"])]
    log = run(center(kinds, [first, second, other], groups))
    assert log.arrived_at.tolist() == [0, 0, 90, 120]  # 30 s of bot, 60 s, 30 s of bot
    assert log.attempt.tolist() == [1, 1, 2, 2]
    # the agent is busy until 260: 150 + 3 * 40 s of patience are enough, and then 200 s of talk
    assert (log.answered_at[3], log.left_at[3]) == (260, 460)


def test_without_its_own_law_a_type_has_the_bots() -> None:
    one = bot(escalation_time=20, by_type={"chat": {"session_time": 4}})
    kinds = [kind(name, [0], bot="bot") for name in ("chat", "mail")]
    assert run(center(kinds, [one])).bot_ended_at.tolist() == [20, 20]


def degraded(sim: simcc.Simulation) -> Any:
    yield sim.env.at(1000)
    sim.bot_degrade("bot", contained_factor=0.5, time_factor=2.0)
    yield sim.env.at(2000)
    sim.bot_restore("bot")


def test_a_degraded_bot_contains_some_of_the_same() -> None:
    times = np.arange(0, 3000, 5.0).tolist()
    of = center([kind("chat", times, bot="bot")], [bot(contained=0.8, session_time="1min")])
    usual, worse = run(of), run(of, degraded)
    meanwhile = (usual.arrived_at >= 1000) & (usual.arrived_at < 2000)
    was, still = usual.outcome == CONTAINED, worse.outcome == CONTAINED
    assert (was == still)[~meanwhile].all()
    assert (still <= was).all()
    n = int(meanwhile.sum())
    assert abs(still[meanwhile].mean() - 0.4) < 5 * np.sqrt(0.24 / n)
    lengths = worse.bot_ended_at - worse.bot_started_at
    assert set(np.round(lengths[meanwhile], 6)) == {120}
    assert set(np.round(lengths[~meanwhile], 6)) == {60}


BRINGS = ("patience_time", "talk_time", "wrap_time", "balks")
LAWS = {
    "talk_time": simcc.Exponential(mean=100),
    "patience": simcc.Exponential(mean=50),
    "after_call_work": simcc.Exponential(mean=20),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "a bot behind": {"then": "second"},
    "wrong queues": {"misrouted": {"mail": 0.4}},
    "latency": {"latency": simcc.Exponential(mean=9)},
    "a limit": {"sessions_per_minute": 2, "when_limited": "agent"},
    "by type": {"by_type": {"chat": {"contained": 0.1, "session_time": 5}}},
    "escalation time": {"escalation_time": simcc.Exponential(mean=99)},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_the_customers_stay_the_same(option: str) -> None:
    """First contacts bring the same, to the last bit, whatever the bot does; so does their luck."""

    def of(**fields: Any) -> simcc.Scenario:
        kinds = [
            simcc.ContactType(
                name=name, arrivals=simcc.PoissonArrivals(rate_per_hour=300), **LAWS,
                bot="bot" if name == "chat" else None,
            )
            for name in ("chat", "mail")
        ]  # fmt: skip
        return center(kinds, [bot(contained=0.5, **fields), bot("second")])

    usual = simcc.Simulation(of(), seed=5).workload
    other = simcc.Simulation(of(**OPTIONS[option]), seed=5).workload
    for name in ("arrived_at", *BRINGS, "bot_luck"):
        assert np.array_equal(getattr(usual, name), getattr(other, name)), name


def test_people_get_the_same_work_behind_one_bot_and_behind_two() -> None:
    def of(then: str | None) -> simcc.Scenario:
        many = simcc.PoissonArrivals(rate_per_hour=300)
        chat = simcc.ContactType(name="chat", arrivals=many, bot="first", resolution=0.5, **LAWS)
        first = bot("first", then=then, session_time=simcc.Exponential(mean=30))
        return center([chat], [first, bot("second", talk_factor=1.0)])

    one, two = run(of(None)), run(of("second"))
    talks = []
    for log in (one, two):
        served = np.flatnonzero(log.outcome == SERVED)
        order = served[np.argsort(log.issue[served], kind="stable")]
        talks.append((log.left_at - log.answered_at)[order])
        assert len(order) > 200
        assert len(set(log.issue[order])) == len(order)
    np.testing.assert_allclose(talks[0], talks[1])
    resolved = [set(log.issue[log.resolved == 1]) for log in (one, two)]
    assert resolved[0] == resolved[1]


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda sim: sim.bot_degrade("bott"), '"bott".*"bot"'),
        (lambda sim: sim.bot_restore("bott"), '"bott".*"bot"'),
        (lambda sim: sim.bot_degrade("bot", contained_factor=1.5), "is 1.5; .* at most 1"),
        (lambda sim: sim.bot_degrade("bot", contained_factor=-1), "is -1; .* at least 0"),
        (lambda sim: sim.bot_degrade("bot", contained_factor="half"), "contained_factor is 'half'"),
        (lambda sim: sim.bot_degrade("bot", contained_factor=np.nan), "contained_factor is nan"),
        (lambda sim: sim.bot_degrade("bot", time_factor=0), "time_factor is 0.*more than 0"),
        (lambda sim: sim.bot_degrade("bot", time_factor=np.inf), "time_factor is inf"),
        (lambda sim: sim.bot_degrade("bot", time_factor=True), "time_factor is True"),
        (lambda sim: sim.submit("chat", session_time=3), 'session_time of "chat" depends'),
    ],
)  # fmt: skip
def test_refused(act: Any, words: str) -> None:
    sim = simcc.Simulation(center([kind("chat", [0], bot="bot")], [bot(escalation_time=9)]), seed=1)
    with pytest.raises(simcc.SimulationError, match=words):
        act(sim)
