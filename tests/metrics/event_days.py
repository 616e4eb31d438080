"""Days whose events are known, and a busy one where everything happens."""

from __future__ import annotations

from typing import Any

import simcc

HOUR = 3600.0


def kind(name: str, at: list[float], **fields: Any) -> simcc.ContactType:
    """A type whose contacts come at given instants and talk for 100 s."""
    arrivals = simcc.TraceArrivals(times=at)
    return simcc.ContactType(name=name, **{"arrivals": arrivals, "talk_time": 100, **fields})


def group(name: str, *skills: str, agents: int = 1, **fields: Any) -> simcc.AgentGroup:
    return simcc.AgentGroup(
        name=name, skills=skills, staff=simcc.FixedStaff(agents=agents), **fields
    )


def bot(name: str, **fields: Any) -> simcc.Bot:
    return simcc.Bot(**{"name": name, "session_time": 20, "contained": 0, **fields})


def simulated(*parts: Any, replications: int = 1, horizon: Any = None, **more: Any) -> simcc.Result:
    """The result of types, groups and bots, with its contact log."""

    def of(kind_: type) -> list[Any]:
        return [part for part in parts if isinstance(part, kind_)]

    scenario = simcc.Scenario(
        horizon=simcc.Horizon(**{"length": HOUR, "interval": 900, **(horizon or {})}),
        contact_types=of(simcc.ContactType),
        agent_groups=of(simcc.AgentGroup),
        bots=of(simcc.Bot),
        **more,
    )
    return simcc.simulate(scenario, replications=replications, seed=1, record="contacts")


def busy(names: str = "{}", replications: int = 3) -> simcc.Result:
    """A result in which every activity happens; names of parts are put into a template."""
    voice, mail, chat, helper, strict = (
        names.format(name) for name in ("voice", "mail", "chat", "helper", "strict")
    )
    follow_ups = [
        simcc.FollowUp(
            when=["abandoned", "balked", "blocked", "bot_lost"], probability=0.6, delay=300
        ),
        simcc.FollowUp(when="unresolved", probability=0.5, delay=600, type=mail),
        simcc.FollowUp(when="falsely_contained", probability=0.8, delay="15min", type=voice),
    ]
    usual: dict[str, Any] = {
        "talk_time": simcc.Exponential(mean="4min"),
        "after_call_work": simcc.Exponential(mean="30s"),
        "patience": simcc.Exponential(mean="2min"),
        "follow_ups": follow_ups,
        "resolution": 0.8,
    }

    def type_(name: str, rate: float, **fields: Any) -> simcc.ContactType:
        arrivals = simcc.PoissonArrivals(rate_per_hour=rate)
        return simcc.ContactType(name=name, arrivals=arrivals, **{**usual, **fields})

    return simulated(
        type_(voice, 80, bot=helper, balking=0.1, queue_capacity=2,
              transfers=[simcc.Transfer(to=mail, probability=0.2)]),
        type_(mail, 15, callback=simcc.Callback(accepts=0.5)),
        type_(chat, 30, bot=strict),
        group(names.format("front"), voice, chat, agents=5),
        simcc.AgentGroup(
            name=names.format("back"),
            skills=[mail],
            staff=simcc.Roster(shifts=[
                simcc.Shift(agent=names.format(name), start=0, end="8h") for name in ("Ann", "Bob")
            ]),
        ),
        bot(helper, session_time=60, contained=0.3, solves=0.6, gives_up=0.1),
        bot(strict, session_time=60, contained=0.5, sessions=1, when_full="lost"),
        replications=replications,
        horizon={"length": "4h", "start": "2024-07-01T08:00", "time_zone": "America/New_York"},
    )  # fmt: skip
