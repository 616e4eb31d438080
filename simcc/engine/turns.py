"""Chats in turns: the agent works, then the customer thinks and the slot rests; compiled.

What a turn draws is numbered through the contact (:mod:`simcc.counter_draws`). ``talk_left`` has
the talk time (s at unit speed) that is left to later turns. While the customer thinks,
``slot_left`` has the instant at which that began, and ``slot_until`` that of its end; while the
agent works, ``slot_until`` has the end of the customer's patience.
"""

import math

from simcc.counter_draws import uniform_at
from simcc.engine.records import SILENT, THINKS, WORKS
from simcc.inversion import quantile
from simcc.jit import jit_apart
from simcc.log import Outcome

SERVED = int(Outcome.SERVED)
LEFT_IN_CHAT = int(Outcome.LEFT_IN_CHAT)
TIMED_OUT = int(Outcome.TIMED_OUT)
GOES_ON = -1
WORK, PATIENCE, THINKING, SILENCE = range(4)  # what each turn draws
N_DRAWS = 4


@jit_apart
def _time_of(laws, law, luck, place):
    """Time (s) by a law, from the uniform of that number."""
    return quantile(laws, law, uniform_at(luck, place))


@jit_apart
def begin_turn(center, work, log, agents, c, slot, now):
    """The agent goes to work on the next turn of contact c."""
    k, place = work.queue_type[c], N_DRAWS * log.turns[c]
    log.turns[c] += 1
    todo = _time_of(center.laws, center.turn_work[k], work.turn_luck[c], place + WORK)
    todo = min(todo, work.talk_left[c])
    work.talk_left[c] -= todo
    agents.slot_pause[slot] = WORKS
    agents.slot_left[slot] = todo / center.speed[k, log.group[c]]
    agents.slot_until[slot] = math.inf
    law = center.turn_patience[k]
    if law >= 0:
        waits = _time_of(center.laws, law, work.turn_luck[c], place + PATIENCE)
        agents.slot_until[slot] = now + waits


@jit_apart
def end_of_turn(center, work, log, agents, c, a, slot, now):
    """A turn of contact c or the pause after it ends; the outcome if the chat does, or GOES_ON."""
    if agents.slot_pause[slot] != WORKS:
        timed_out = agents.slot_pause[slot] == SILENT
        log.think_time[c] += now - agents.slot_left[slot]
        agents.slot_pause[slot] = WORKS
        agents.n_active[a] += 1
        if timed_out:
            return TIMED_OUT
        begin_turn(center, work, log, agents, c, slot, now)
        return GOES_ON
    if agents.next_quits[a] == 1:
        return LEFT_IN_CHAT
    if work.talk_left[c] <= 0.0:
        return SERVED
    _pause(center, work, log, agents, c, slot, now)
    agents.n_active[a] -= 1
    return GOES_ON


@jit_apart
def _pause(center, work, log, agents, c, slot, now):
    """The customer of contact c thinks, or has gone."""
    k, place = work.queue_type[c], N_DRAWS * (log.turns[c] - 1)
    luck = work.turn_luck[c]
    thinks = _time_of(center.laws, center.turn_think[k], luck, place + THINKING)
    if uniform_at(luck, place + SILENCE) < center.turn_silence[k]:
        thinks = math.inf
    agents.slot_pause[slot] = THINKS
    if thinks > center.turn_timeout[k]:
        thinks = center.turn_timeout[k]
        agents.slot_pause[slot] = SILENT
    agents.slot_left[slot] = now
    agents.slot_until[slot] = now + thinks
