"""A mixed center that throughput is measured on: voice, chat and e-mail behind a bot."""

from __future__ import annotations

from works import HOUR, UNIT, horizon

import simcc

VOICE, CHAT, EMAIL = 60.0, 40.0, 6.0  # contacts that come in per mean talk time
PHONE_AGENTS, CHAT_AGENTS = 65, 10


def mixed(contacts: int) -> simcc.Scenario:
    """Calls with callbacks and redials, chats three at a time, interrupted e-mail, and a bot.

    Parameters
    ----------
    contacts : int
        That come in for the first time, on average; who dials again comes on top.
    """
    return simcc.Scenario(
        name="mixed",
        horizon=horizon(contacts, VOICE + CHAT + EMAIL),
        contact_types=[_voice(), _chat(), _email()],
        bots=[_bot()],
        agent_groups=_groups(),
    )


def _arrivals(rate: float) -> simcc.PoissonArrivals:
    return simcc.PoissonArrivals(rate_per_hour=rate * HOUR / UNIT)


def _redial(when: list[str], probability: list[float]) -> simcc.FollowUp:
    return simcc.FollowUp(
        when=when,
        probability=probability,
        delay=simcc.Exponential(mean=3 * UNIT),
        type="voice",
    )


def _voice() -> simcc.ContactType:
    return simcc.ContactType(
        name="voice",
        arrivals=_arrivals(VOICE),
        talk_time=simcc.Lognormal(mean=UNIT, cv=1.2),
        after_call_work=simcc.Exponential(mean=0.1 * UNIT),
        patience=simcc.Exponential(mean=UNIT),
        bot="bot",
        callback=simcc.Callback(accepts=0.3, min_waiting=2),
        follow_ups=[_redial(["abandoned"], [0.6, 0.4])],
    )


def _chat() -> simcc.ContactType:
    return simcc.ContactType(
        name="chat",
        channel="chat",
        arrivals=_arrivals(CHAT),
        talk_time=simcc.Lognormal(mean=UNIT, cv=0.8),
        patience=simcc.Exponential(mean=2 * UNIT),
        bot="bot",
        follow_ups=[_redial(["falsely_contained", "abandoned"], [0.7, 0.5])],
    )


def _email() -> simcc.ContactType:
    return simcc.ContactType(
        name="email",
        channel="email",
        arrivals=_arrivals(EMAIL),
        talk_time=simcc.Lognormal(mean=UNIT, cv=0.8),
        priority=2,
        deadline=50 * UNIT,
        interruption=simcc.Interruption(by=["voice"]),
    )


def _bot() -> simcc.Bot:
    """It contains four calls of twenty and thirteen chats of twenty."""
    return simcc.Bot(
        name="bot",
        session_time=simcc.Gamma(mean=0.4 * UNIT, cv=0.8),
        contained=0.2,
        solves=0.85,
        gives_up=0.03,
        talk_factor=1.1,
        patience_factor=0.8,
        by_type={"chat": {"contained": 0.65, "gives_up": 0.0}},
    )


def _groups() -> list[simcc.AgentGroup]:
    phone = simcc.AgentGroup(
        name="phone", skills=["voice", "email"], staff=simcc.FixedStaff(agents=PHONE_AGENTS)
    )
    chat = simcc.AgentGroup(
        name="chat",
        skills=["chat"],
        staff=simcc.FixedStaff(agents=CHAT_AGENTS),
        concurrency=simcc.Concurrency(most=3, speed=[1.0, 0.8, 0.65]),
    )
    return [phone, chat]
