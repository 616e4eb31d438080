"""Queues open and close, as the plan says; compiled."""

from simcc.engine.follow_ups import CLOSED_OUT, ended, is_transferred
from simcc.engine.order import Stop
from simcc.engine.people import let_idle_look
from simcc.engine.records import CLOSING, IN_SYSTEM, OPEN, SENDS_AWAY, TURNS_AWAY
from simcc.engine.timers import set_timer
from simcc.engine.waiting import unlink, unserved
from simcc.jit import jit_apart
from simcc.log import Outcome

LIMIT = int(Stop.LIMIT)
CLOSED = int(Outcome.CLOSED)


@jit_apart
def set_hours(queues, agents, k, state):
    """Queue k is open from now on, or closed in one of the ways of ``Queues.closed``."""
    queues.closed[k] = TURNS_AWAY if state == SENDS_AWAY else state
    if state == OPEN:
        let_idle_look(agents, queues)
    elif state == SENDS_AWAY:
        _send_next(queues, k)


@jit_apart
def _send_next(queues, k):
    """The head of queue k leaves before the next arrival."""
    set_timer(queues, queues.clock[0], CLOSING + k)


@jit_apart
def send_away(center, work, log, queues, k):
    """The head of queue k leaves because it closes; the reason to stop."""
    c = queues.head[k]
    unlink(queues, c, k)
    queues.count[IN_SYSTEM] -= 1
    unserved(log, c, CLOSED, queues.clock[0])
    if queues.head[k] >= 0:
        _send_next(queues, k)
    return ended(center, work, queues, c, CLOSED_OUT)


@jit_apart
def turn_away(center, work, log, queues, c):
    """Contact c reaches a closed queue and leaves; the reason to stop."""
    if is_transferred(center, log, c):
        queues.count[IN_SYSTEM] -= 1  # it gives back its line
    unserved(log, c, CLOSED, queues.clock[0])
    return ended(center, work, queues, c, CLOSED_OUT)
