"""What users' processes do in a random scenario: steps as in ``user.py``."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scenarios import WHEN_FULL, Draw, scenario
from user import Step

import simcc


@cache
def scripts_in(seed: int) -> tuple[tuple[Step, ...], ...]:
    """One to three processes that go on side by side in scenario number ``seed``.

    Nothing is planned for after the horizon: what a user still plans does not keep a run going.
    """
    draw = Draw(seed)
    draw.rng = np.random.default_rng([seed, 1])
    return tuple(script(draw, scenario(seed)) for _ in range(draw.whole_number(1, 3)))


def script(draw: Draw, of: simcc.Scenario) -> tuple[Step, ...]:
    """A few instants, and at each a few things that are done, waited for, and done then."""
    steps: list[Step] = []
    n_submitted = 0
    for at in draw.instants(draw.whole_number(2, 7), of.horizon.length - draw.tick):
        steps.append(("at", at))
        for _ in range(draw.whole_number(1, 3)):
            if draw.chance(0.25):
                level = {
                    "type": draw.one_of(of.contact_types).name,
                    "level": draw.whole_number(0, 3),
                }
                steps.append(("until_longer", level))
            elif draw.chance(0.35):
                steps.append(("submit", submission(draw, of)))
                n_submitted += 1
            elif n_submitted and draw.chance(0.4):
                steps.append(("until_ended", draw.whole_number(0, n_submitted - 1)))
            else:
                steps += act(draw, of)
    return tuple(steps)


def submission(draw: Draw, of: simcc.Scenario) -> dict[str, Any]:
    """Any type, with some of what it brings given; a talk time where it may be."""
    kind = draw.one_of([one for one in of.contact_types if one.outbound is None])
    queue = queue_of(of, kind)
    given: dict[str, Any] = {"type": kind.name}
    if draw.chance(0.5):
        given["patience"] = draw.one_of((None, 0.0, draw.ticks(1, 12)))
    if draw.chance(0.6) and not queue.talk_time_by_group:
        given["talk_time"] = draw.ticks(0, 8)
    if draw.chance(0.6):
        given["after_call_work"] = draw.one_of((0.0, draw.ticks(0, 4)))
    if kind.bot and draw.chance(0.6) and not time_depends(of, kind):
        given["session_time"] = draw.ticks(0, 6)
    return given


def queue_of(of: simcc.Scenario, kind: simcc.ContactType) -> simcc.ContactType:
    """The type whose queue a contact joins."""
    if kind.bot is None:
        return kind
    bot = of.bots[of.bot_index(kind.bot)]
    return kind if bot.escalate_to is None else of.contact_types[of.type_index(bot.escalate_to)]


def time_depends(of: simcc.Scenario, kind: simcc.ContactType) -> bool:
    """Whether the session time depends on how the session ends."""
    bot = of.bots[of.bot_index(kind.bot)]
    own = bot.by_type.get(kind.name)
    return bool(bot.escalation_time or (own and own.escalation_time))


def act(draw: Draw, of: simcc.Scenario) -> list[Step]:
    """One thing that a user may do to the center."""
    groups = [group.name for group in of.agent_groups]
    counted = [one.name for one in of.agent_groups if not isinstance(one.staff, simcc.Roster)]
    if of.bots and draw.chance(0.5):
        bot = {"bot": draw.one_of(of.bots).name}
        how = {"fail_sessions": draw.chance(0.6), "contacts": draw.one_of(WHEN_FULL)}
        if draw.chance(0.3):
            slower = {
                "contained_factor": draw.one_of((0.0, 0.5)),
                "time_factor": draw.one_of((1.0, 2.0)),
            }
            return [("bot_degrade", bot | slower) if draw.chance(0.5) else ("bot_restore", bot)]
        return [("bot_down", bot | how) if draw.chance(0.6) else ("bot_up", bot)]
    if len(groups) > 1 and draw.chance(0.5):
        group, to = draw.rng.permutation(groups)[:2].tolist()
        return [("move_agents", {"group": group, "to": to, "number": draw.whole_number(1, 3)})]
    if counted:
        group = draw.one_of(counted)
        if draw.chance(0.3):
            return [("set_head_count", {"group": group, "agents": draw.whole_number(0, 4)})]
        return [("change_head_count", {"group": group, "change": draw.whole_number(-2, 2)})]
    return []
