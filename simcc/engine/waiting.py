"""The waiting contacts: one linked list per queue, in the order of joining; compiled."""

import math

from simcc.engine.linked import NONE, append, prepend, take_out
from simcc.engine.records import N_QUIT, N_WAITING
from simcc.heap import INF, heapify
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

WAITING = int(Outcome.WAITING)
INTERRUPTED = int(Outcome.INTERRUPTED)
SLACK = 64


@jit_inner
def unserved(log, c, outcome, left_at):
    """Note that no agent has served contact c."""
    log.outcome[c] = outcome
    log.answered_at[c] = math.nan
    log.left_at[c] = left_at
    log.freed_at[c] = math.nan
    log.agent[c] = NONE
    log.group[c] = NONE


@jit_inner
def is_in_queue(log, c):
    """Whether contact c waits, or waits again."""
    return log.outcome[c] == WAITING or log.outcome[c] == INTERRUPTED


@jit_inner
def join_line(heads, tails, queues, i, c):
    """Put contact c at the end of line i, of which nobody leaves but the first."""
    last = tails[i]
    queues.next[c] = NONE
    if last < 0:
        heads[i] = c
    else:
        queues.next[last] = c
    tails[i] = c


@jit_inner
def leave_line(heads, tails, queues, i):
    """Take the first contact out of line i; its number."""
    c = heads[i]
    behind = queues.next[c]
    heads[i] = behind
    queues.next[c] = NONE
    if behind < 0:
        tails[i] = NONE
    return c


@jit_inner
def join(queues, c, k):
    """Put contact c at the end of queue k."""
    append(queues.head, queues.tail, queues.next, queues.previous, k, c)
    queues.length[k] += 1
    queues.count[N_WAITING] += 1


@jit_inner
def join_head(queues, c, k):
    """Put contact c at the head of queue k."""
    prepend(queues.head, queues.tail, queues.next, queues.previous, k, c)
    queues.length[k] += 1
    queues.count[N_WAITING] += 1


@jit_inner
def unlink(queues, c, k):
    """Take contact c out of queue k, wherever it stands."""
    take_out(queues.head, queues.tail, queues.next, queues.previous, k, c)
    queues.length[k] -= 1
    queues.count[N_WAITING] -= 1


@jit_apart
def drop_served(queues, outcome):
    """Remove the clocks of contacts that no longer wait, once they are the majority.

    Every contact that waits has one clock, so a single pass that keeps those costs less than
    letting the others surface one by one.
    """
    times, keys = queues.quit_times, queues.quit_keys
    size, kept = queues.count[N_QUIT], 0
    for i in range(size):
        if outcome[keys[i]] == WAITING:
            times[kept] = times[i]
            keys[kept] = keys[i]
            kept += 1
    for i in range(kept, size):
        times[i] = INF
    heapify(times, keys, kept)
    queues.count[N_QUIT] = kept
