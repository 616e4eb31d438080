"""The timers that contacts, bots, queues and dialers start: one heap for all; compiled.

At one instant the key says what goes first: see the kinds of keys in :mod:`simcc.engine.records`.
"""

from simcc.engine.people import let_idle_look
from simcc.engine.records import N_TIMER, NO_ROOM, THRESHOLD, TIMERS_KEPT
from simcc.heap import push
from simcc.jit import jit_apart, jit_inner


@jit_inner
def set_timer(queues, at, key):
    """Start a timer that goes off at an instant (s)."""
    push(queues.timer_times, queues.timer_keys, queues.count[N_TIMER], at, key)
    queues.count[N_TIMER] += 1


@jit_inner
def timer_room(center, queues):
    """Number of timers up to which there is room for whatever one event may start."""
    return queues.timer_times.size - center.limits[TIMERS_KEPT]


@jit_apart
def has_room(center, queues, agents):
    """Whether one more timer can be started; if not, idle groups look again once it can."""
    if queues.count[N_TIMER] < timer_room(center, queues):
        return True
    queues.count[NO_ROOM] = 1
    let_idle_look(agents, queues)
    return False


@jit_inner
def set_thresholds(center, log, queues, c, k):
    """Start the waits, since contact c was offered, after which further groups open for it."""
    now = queues.clock[0]
    for i in range(center.after_from[k], center.after_from[k + 1]):
        opens_at = log.offered_at[c] + center.after_times[i]
        if opens_at > now:
            set_timer(queues, opens_at, c + THRESHOLD)
