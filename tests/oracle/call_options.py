"""Random options of callbacks and of calls on lists, for the random scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simcc

if TYPE_CHECKING:
    from scenarios import Draw


def with_timed_callback(
    draw: Draw, kind: simcc.ContactType, groups: list[simcc.AgentGroup]
) -> simcc.ContactType:
    """Callbacks in some hours, later, or to customers who do not pick up each time."""
    never = kind.outbound or kind.turns or kind.interruption
    if not never and kind.callback is None and draw.chance(0.4):
        kind = kind.replace(callback=simcc.Callback(accepts=draw.one_of((0.5, 1.0))))
    if kind.callback is None or draw.chance(0.2):
        return kind
    given: dict[str, Any] = {}
    if draw.chance(0.4):
        given["later"] = draw.law(draw.unit)
    if draw.chance(0.3):
        edges = draw.instants(4, min(draw.length, 86400.0))
        given["hours"] = [(edges[0], edges[1]), (edges[2], edges[3])]
    if draw.chance(0.8) and all(holds_one(one) for one in groups if kind.name in one.skills):
        given["answers"] = draw.one_of((0.0, 0.4, 0.8))
        if draw.chance(0.8):
            given["ring_time"] = draw.law(draw.unit / 4)
        if draw.chance(0.7):
            delay = draw.law(draw.unit)
            given["attempts"] = draw.whole_number(2, 4)
            given["retry_delay"] = delay if delay.mean() > 0 else draw.tick
        if draw.chance(0.5):
            kind = kind.replace(follow_ups=[*kind.follow_ups, redial(draw)])
    return kind.replace(callback=kind.callback.replace(**given))


def holds_one(group: simcc.AgentGroup) -> bool:
    return group.concurrency is None or group.concurrency.most == 1


def redial(draw: Draw) -> simcc.FollowUp:
    return simcc.FollowUp(
        when="not_reached", probability=0.6, delay=simcc.Constant(value=draw.ticks(1, 8))
    )


def with_call_options(draw: Draw, kind: simcc.ContactType) -> simcc.ContactType:
    """Those who answer a dialer wait for an agent; wrong parties are called again."""
    of = kind.outbound
    if of is None:
        return kind
    if of.mode == "predictive" and draw.chance(0.7):
        kind = kind.replace(patience=draw.law(draw.unit / 2))
    if of.attempts > 1 and draw.chance(0.6):
        kind = kind.replace(outbound=of.replace(wrong_party_retries=True))
    return kind
