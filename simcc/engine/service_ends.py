"""The heap of service ends: ends of talks, and of after-call work; compiled."""

from simcc.engine.records import HOLE, N_DONE
from simcc.heap import pop, push, replace
from simcc.jit import jit_inner


@jit_inner
def push_done(queues, agents, time, key):
    """Add a service end; in the place of the event being handled, if that place is free."""
    count = queues.count
    if count[HOLE] == 1:
        count[HOLE] = 0
        replace(agents.done_times, agents.done_keys, count[N_DONE], 0, time, key)
    else:
        push(agents.done_times, agents.done_keys, count[N_DONE], time, key)
        count[N_DONE] += 1


@jit_inner
def drop_done(queues, agents):
    """Take the event being handled off the heap, if its place is still free."""
    count = queues.count
    if count[HOLE] == 1:
        count[HOLE] = 0
        pop(agents.done_times, agents.done_keys, count[N_DONE])
        count[N_DONE] -= 1
