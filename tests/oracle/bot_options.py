"""What the bots of a random scenario may do beyond sessions and shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simcc
from simcc.model.bots import chain

if TYPE_CHECKING:
    from scenarios import Draw

WHEN = ("wait", "agent", "lost")


def with_options(
    draw: Draw, types: list[simcc.ContactType], bots: list[simcc.Bot]
) -> list[simcc.Bot]:
    """The bots with limits, latency, curves, laws by type and end, perhaps one behind another."""
    if len(bots) > 1 and draw.chance(0.6):
        bots = [bots[0].replace(then=bots[1].name), *bots[1:]]
    bots = [one.replace(**options(draw, types, bots, one)) for one in bots]
    return [one.replace(misrouted=misrouted(draw, types, bots, one)) for one in bots]


def options(
    draw: Draw, types: list[simcc.ContactType], bots: list[simcc.Bot], of: simcc.Bot
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if draw.chance(0.5):
        changes |= {
            "sessions_per_minute": 60 / draw.ticks(1, 8),
            "burst": draw.one_of((None, 1, 2, 3)),
            "when_limited": draw.one_of(WHEN),
        }
    if draw.chance(0.4):
        changes["latency"] = draw.law(draw.unit / 8)
    if draw.chance(0.5):
        changes["escalation_time"] = draw.law(draw.unit / 4)
    if draw.chance(0.4):
        times = draw.instants(3, draw.length)
        changes["contained_by_time"] = simcc.FactorsByTime(times=times, factors=[1.0, 0.0, 1.5])
    if draw.chance(0.4):
        changes["contained_by_sessions"] = simcc.FactorsBySessions(
            sessions=[2, 10], factors=[0.5, 1.0]
        )
    if draw.chance(0.5):
        mine = [kind.name for kind in types if of.name in names_of(chain(bots, kind.bot))]
        changes["by_type"] = {name: for_type(draw) for name in mine if draw.chance(0.5)}
    return changes


def for_type(draw: Draw) -> simcc.BotForType:
    return simcc.BotForType(
        session_time=draw.law(draw.unit / 2) if draw.chance(0.5) else None,
        escalation_time=draw.law(draw.unit) if draw.chance(0.5) else None,
        contained=draw.one_of((0.0, 0.5)),
        gives_up=0.1,
        solves=draw.one_of((None, 0.5)),
    )


def misrouted(
    draw: Draw, types: list[simcc.ContactType], bots: list[simcc.Bot], of: simcc.Bot
) -> dict[str, float]:
    """One or two wrong queues, none of which is right for any type that gets to the bot."""
    front = {bot.name: bot for bot in bots}
    right = {
        front[kind.bot].escalate_to or kind.name
        for kind in types
        if kind.bot and of.name in names_of(chain(bots, kind.bot))
    }
    wrong = [kind.name for kind in types if kind.name not in right]
    if of.then or not wrong or draw.chance(0.3):
        return {}
    return dict.fromkeys(draw.some_of(wrong)[:2], 0.3)


def names_of(bots: list[simcc.Bot]) -> list[str]:
    return [bot.name for bot in bots]
