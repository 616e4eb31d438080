"""Random lists of customers to call, for the random scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simcc

if TYPE_CHECKING:
    from scenarios import Draw


def with_lists(
    draw: Draw, types: list[simcc.ContactType], groups: list[simcc.AgentGroup]
) -> tuple[list[simcc.ContactType], list[simcc.AgentGroup]]:
    """One or two lists, and groups of agents who call, if there is one that may."""
    able = [one.name for one in groups if one.concurrency is None or one.concurrency.most == 1]
    if not able:
        return types, groups
    for i in range(draw.whole_number(1, 2)):
        callers = draw.some_of(able)
        types = [*types, list_to_call(draw, f"l{i}", callers)]
        groups = [
            one.replace(skills={**one.skills, f"l{i}": draw.one_of((0.5, 1.0, 2.0))})
            if one.name in callers
            else one
            for one in groups
        ]
    return types, groups


def list_to_call(draw: Draw, name: str, callers: list[str]) -> simcc.ContactType:
    talk: dict[str, Any] = {"talk_time": draw.law(draw.unit)}
    if draw.chance(0.3):
        talk["talk_time_by_group"] = {one: draw.law(draw.unit) for one in draw.some_of(callers)}
    return simcc.ContactType(
        name=name,
        **talk,
        after_call_work=draw.law(draw.unit / 4) if draw.chance(0.5) else None,
        priority=draw.whole_number(0, 2),
        outbound=outbound(draw),
    )


def outbound(draw: Draw) -> simcc.Outbound:
    """Any list; so long that it is never done, or so short that it soon is."""
    n = round(draw.length / draw.interval)
    given: dict[str, Any] = {}
    if draw.chance(0.5):
        given |= {"mode": "predictive", "pace": draw.one_of((0.5, 1.0, 1.5, 2.0, 3.0))}
        if draw.chance(0.5):
            given["mismatch_limit"] = draw.one_of((0.0, 0.1, 0.3))
    if draw.chance(0.7):
        given |= {"attempts": draw.whole_number(2, 4), "retry_delay": draw.law(2 * draw.unit)}
    if draw.chance(0.5):
        given["hours"] = hours(draw)
    if draw.chance(0.3):
        given["right_party_by_interval"] = [draw.one_of((0.0, 0.3, 0.6)) for _ in range(n)]
    else:
        given["right_party"] = draw.one_of((0.3, 0.6, 1.0))
    most = 1 - max(given.get("right_party_by_interval", [given.get("right_party")]))
    if most > 0.2:
        given |= {"wrong_party": 0.2, "wrong_party_time": draw.law(draw.unit / 4)}
    return simcc.Outbound(
        records=draw.one_of((5, 20, 80)),
        dial_time=draw.law(draw.unit / 4),
        idle_needed=draw.one_of((1, 1, 2)),
        **given,
    )


def hours(draw: Draw) -> list[tuple[float, float]]:
    """One or two spells, of which the second may begin as the first ends."""
    edges = draw.instants(4, min(draw.length, 86400.0))
    spells = [(edges[0], edges[1]), (edges[2], edges[3])]
    if draw.chance(0.3):
        spells[1] = (edges[1], edges[3])
    return spells[: draw.whole_number(1, 2)]
