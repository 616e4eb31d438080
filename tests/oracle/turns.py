"""Chats of the oracle that go back and forth in turns."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy
from contact import Contact, time_of

from simcc.counter_draws import uniform_at
from simcc.log import Outcome
from simcc.model import Turns

if TYPE_CHECKING:
    from holding import Desk

WORK, PATIENCE, THINKING, SILENCE = range(4)


def converse(
    contact: Contact, turns: Turns, desk: Desk, speed: float, talk: float
) -> Generator[simpy.Event, object, None]:
    """The whole chat, from the instant of the answer; says by its outcome if it was broken off."""
    held = contact.held
    while True:
        numbers = range(4 * contact.turns, 4 * contact.turns + 4)
        u = [float(uniform_at(contact.turn_luck, number)) for number in numbers]
        contact.turns += 1
        work = min(time_of(turns.work, u[WORK]), talk)
        talk -= work
        patience = math.inf if turns.patience is None else time_of(turns.patience, u[PATIENCE])
        desk.next_turn(held, work / speed, patience)
        gave_up = yield held.over
        if gave_up:
            contact.outcome = Outcome.LEFT_IN_CHAT
            return
        if talk <= 0:
            return
        silent = math.inf if u[SILENCE] < turns.silence else time_of(turns.think_time, u[THINKING])
        since, timeout = desk.clock.now, turns.timeout or math.inf
        desk.rest(held, since + min(silent, timeout))
        yield held.over
        contact.think_time += desk.clock.now - since
        if silent > timeout:
            contact.outcome = Outcome.TIMED_OUT
            return
