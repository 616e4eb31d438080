"""Callbacks: who asks for one, and whom an idle agent calls; compiled.

Those who are due stand in one line per type, in the order in which they came due. What the calls
of a contact draw is numbered through it (:mod:`simcc.counter_draws`).
"""

import math

from simcc.counter_draws import uniform_at
from simcc.engine.linked import NONE
from simcc.engine.people import let_idle_look
from simcc.engine.records import (
    ATTENTION,
    CALL_DUE,
    CALL_END,
    HAS_TIMED_CALLBACKS,
    IN_SYSTEM,
    N_CALLBACKS,
    N_CALLS,
    N_DIALLING,
    N_LATER,
    NO_ROOM,
    WAITS,
)
from simcc.engine.timers import has_room, set_timer
from simcc.engine.waiting import join_line, leave_line, unserved
from simcc.inversion import quantile
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

ASKED_FOR = int(Outcome.CALLBACK_ASKED)
CALLING = int(Outcome.CALLING)
LATER = 0  # what a contact draws: when it is due, and then for each call
RINGS, ANSWERS, AGAIN = 1, 2, 3
N_DRAWS = 3
CALL_ROW, CALL_TIME = 3, 2  # numbers and instants of a row of the log of callbacks


@jit_apart
def is_within(first, last, starts, ends, at):
    """Whether an instant lies in one of the spells first to last - 1."""
    for i in range(first, last):  # noqa: SIM110 (Numba has no any)
        if starts[i] <= at < ends[i]:
            return True
    return False


@jit_inner
def asks_for_callback(center, work, queues, c, k):
    """Whether contact c, who would have to wait in queue k, is offered a callback and accepts."""
    if queues.length[k] < center.callback_from[k]:
        return False
    if not work.callback_luck[c] < center.callback_accepts[k]:
        return False
    of = center.calling
    return is_within(of.open_from[k], of.open_from[k + 1], of.open_at, of.close_at, queues.clock[0])


@jit_apart
def wait_for_call(center, work, log, queues, c, k):
    """Contact c leaves the line and is to be called back."""
    queues.count[IN_SYSTEM] -= 1
    unserved(log, c, ASKED_FOR, math.nan)
    if center.limits[HAS_TIMED_CALLBACKS] == 1:
        work.calls_made[c] = 0
        work.due_at[c] = queues.clock[0]
        law = center.calling.later_law[k]
        if law >= 0:
            await_call(center, work, queues, c, law, LATER)
            return
    _join(queues, c, k)


@jit_inner
def _join(queues, c, k):
    queues.count[N_CALLBACKS] += 1
    join_line(queues.callback_head, queues.callback_tail, queues, k, c)


@jit_apart
def await_call(center, work, queues, c, law, place):
    """Contact c is due after a time by a law, drawn at a place; after the horizon: never."""
    delay = quantile(center.laws, law, uniform_at(work.calls_luck[c], place))
    work.due_at[c] = queues.clock[0] + delay
    if work.due_at[c] < center.follow.horizon[0]:
        queues.count[N_LATER] += 1
        set_timer(queues, work.due_at[c], CALL_DUE + c)


@jit_apart
def come_due(work, queues, agents, c):
    """Contact c is due to be called back from now on."""
    queues.count[N_LATER] -= 1
    _join(queues, c, work.queue_type[c])
    let_idle_look(agents, queues)


@jit_apart
def take_callback(center, work, log, queues, agents, g):
    """Whom an idle agent of group g calls back, taken off the list; -1: nobody."""
    best, best_since = NONE, 0.0
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        k = center.type_of_pair[pair]
        if queues.closed[k] == WAITS:
            continue
        if queues.length[k] > 0:
            return NONE  # somebody waits in the line
        c = queues.callback_head[k]
        if c < 0 or agents.n_idle[g] < center.callback_need[k]:
            continue
        if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
            continue
        since = log.offered_at[c]
        if center.limits[HAS_TIMED_CALLBACKS] == 1:
            since = work.due_at[c]
        if best < 0 or since < best_since or (since == best_since and c < best):
            best, best_type, best_since = c, k, since
    if best >= 0:
        leave_line(queues.callback_head, queues.callback_tail, queues, best_type)
        queues.count[N_CALLBACKS] -= 1
        queues.count[IN_SYSTEM] += 1
    return best


@jit_apart
def has_room_to_call(center, queues, agents):
    """Whether one more callback can be made; if not, idle groups look again once it can."""
    if CALL_TIME * (queues.count[N_CALLS] + 1) > queues.call_times.size:
        queues.count[NO_ROOM] = 1
        let_idle_look(agents, queues)
        return False
    return has_room(center, queues, agents)


@jit_apart
def begins_to_ring(center, work, log, queues, agents, c, k, a, g):
    """Agent a of group g calls contact c of queue k; whether it rings before the answer."""
    of, now = center.calling, queues.clock[0]
    ring = 0.0
    if of.ring_law[k] >= 0:
        place = RINGS + N_DRAWS * work.calls_made[c]
        ring = quantile(center.laws, of.ring_law[k], uniform_at(work.calls_luck[c], place))
    row = queues.count[N_CALLS]
    queues.count[N_CALLS] = row + 1
    first = CALL_ROW * row
    queues.call_rows[first], queues.call_rows[first + 1], queues.call_rows[first + 2] = c, a, g
    queues.call_times[CALL_TIME * row] = now
    queues.call_times[CALL_TIME * row + 1] = now + ring
    work.calls_made[c] += 1
    if of.rings[k] == 0:
        return False
    agents.n_busy[g] += 1
    queues.count[N_DIALLING] += 1
    log.outcome[c] = CALLING
    log.agent[c], log.group[c] = a, g
    set_timer(queues, now + ring, CALL_END + c)
    return True
