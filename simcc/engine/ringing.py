"""Calls that agents make come to something or not: callbacks, and those of lists; compiled."""

import math

from simcc.counter_draws import uniform_at
from simcc.engine.calling import AGAIN, ANSWERS, ASKED_FOR, N_DRAWS, await_call, come_due
from simcc.engine.dialling import dialler_timer, hang_up_on_hold, let_go
from simcc.engine.follow_ups import NOT_REACHING, ended
from simcc.engine.order import Stop
from simcc.engine.records import CALL_DUE, CALL_END, HOLD_END, IN_SYSTEM, N_DIALLING
from simcc.engine.service import talk_back
from simcc.engine.waiting import unserved
from simcc.jit import jit_apart
from simcc.log import Outcome

LIMIT = int(Stop.LIMIT)
NOT_REACHED = int(Outcome.NOT_REACHED)


@jit_apart
def call_timer(center, work, log, queues, agents, key):
    """A timer of a call goes off; the reason to stop."""
    if key >= HOLD_END:
        hang_up_on_hold(center, work, log, queues, agents, key - HOLD_END)
    elif key >= CALL_DUE:
        come_due(work, queues, agents, key - CALL_DUE)
    elif key >= CALL_END:
        return _end_ringing(center, work, log, queues, agents, key - CALL_END)
    else:
        dialler_timer(center, work, log, queues, agents, key)
    return LIMIT


@jit_apart
def _end_ringing(center, work, log, queues, agents, c):
    """Contact c, who is called back, picks up or not; the reason to stop."""
    of, k, a = center.calling, work.queue_type[c], log.agent[c]
    g, made = agents.group[a], work.calls_made[c]
    place = N_DRAWS * (made - 1)
    queues.count[N_DIALLING] -= 1
    if uniform_at(work.calls_luck[c], place + ANSWERS) < of.answers[k]:
        agents.n_busy[g] -= 1  # until the talk begins
        talk_back(center, work, log, queues, agents, c, k, a, g)
        return LIMIT
    queues.count[IN_SYSTEM] -= 1
    let_go(agents, queues, a)
    if made < of.attempts[k]:
        unserved(log, c, ASKED_FOR, math.nan)
        await_call(center, work, queues, c, of.retry_law[k], place + AGAIN)
        return LIMIT
    unserved(log, c, NOT_REACHED, queues.clock[0])
    return ended(center, work, queues, c, NOT_REACHING)
