"""Callbacks: who asks for one, and whom an idle agent calls; compiled."""

import math

from simcc.engine.linked import NONE
from simcc.engine.records import ATTENTION, IN_SYSTEM, N_CALLBACKS, WAITS
from simcc.engine.waiting import join_line, leave_line, unserved
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

ASKED_FOR = int(Outcome.CALLBACK_ASKED)


@jit_inner
def asks_for_callback(center, work, queues, c, k):
    """Whether contact c, who would have to wait in queue k, is offered a callback and accepts."""
    offered = queues.length[k] >= center.callback_from[k]
    return offered and work.callback_luck[c] < center.callback_accepts[k]


@jit_apart
def wait_for_call(log, queues, c, k):
    """Contact c leaves the line and is to be called back."""
    queues.count[IN_SYSTEM] -= 1
    queues.count[N_CALLBACKS] += 1
    unserved(log, c, ASKED_FOR, math.nan)
    join_line(queues.callback_head, queues.callback_tail, queues, k, c)


@jit_apart
def take_callback(center, log, queues, agents, g):
    """Whom an idle agent of group g calls back, taken off the list; -1: nobody."""
    best = NONE
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
        if best < 0 or since < log.offered_at[best] or (since == log.offered_at[best] and c < best):
            best, best_type = c, k
    if best >= 0:
        leave_line(queues.callback_head, queues.callback_tail, queues, best_type)
        queues.count[N_CALLBACKS] -= 1
        queues.count[IN_SYSTEM] += 1
    return best
