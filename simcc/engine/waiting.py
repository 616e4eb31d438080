"""The waiting contacts: one linked list per queue, in the order of joining; compiled."""

from simcc.engine.records import N_QUIT, N_WAITING
from simcc.heap import INF, heapify
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

WAITING = int(Outcome.WAITING)
SLACK = 64


@jit_inner
def join(queues, c, k):
    """Put contact c at the end of queue k."""
    last = queues.tail[k]
    queues.previous[c] = last
    queues.next[c] = -1
    if last < 0:
        queues.head[k] = c
    else:
        queues.next[last] = c
    queues.tail[k] = c
    queues.length[k] += 1
    queues.count[N_WAITING] += 1


@jit_inner
def unlink(queues, c, k):
    """Take contact c out of queue k, wherever it stands."""
    before, behind = queues.previous[c], queues.next[c]
    if before < 0:
        queues.head[k] = behind
    else:
        queues.next[before] = behind
    if behind < 0:
        queues.tail[k] = before
    else:
        queues.previous[behind] = before
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
