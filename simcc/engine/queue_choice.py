"""Which of several queues a contact joins; compiled."""

import math

from simcc.engine.choice import best_group
from simcc.engine.estimates import expected_wait
from simcc.engine.records import BY_WAITING, HAS_HOURS, OPEN
from simcc.jit import jit_apart

TAKEN_AT_ONCE = -1.0  # before any wait


@jit_apart
def choose_queue(center, work, log, queues, agents, c):
    """Contact c joins the queue with the shortest wait among those its type chooses from."""
    k, choices = work.queue_type[c], center.choices
    best, best_wait, best_idle = -1, math.inf, 0
    for row in range(choices.choice_from[k], choices.choice_from[k + 1]):
        queue = choices.queue[row]
        wait = _wait_in(center, log, queues, agents, queue, choices.by[k])
        idle = _n_idle(center, agents, queue)
        if best < 0 or wait < best_wait or (wait == best_wait and idle > best_idle):
            best, best_wait, best_idle = queue, wait, idle
    if best >= 0:
        work.queue_type[c] = best


@jit_apart
def _wait_in(center, log, queues, agents, k, by):
    """What stands for the wait in queue k: endless if closed, below all if somebody is free."""
    if center.limits[HAS_HOURS] == 1 and queues.closed[k] != OPEN:
        return math.inf
    if best_group(center, queues, agents, k, queues.clock[0]) >= 0:
        return TAKEN_AT_ONCE
    if by == BY_WAITING:
        return float(queues.length[k])
    return expected_wait(center, log, queues, agents, k, by)


@jit_apart
def _n_idle(center, agents, k):
    """Idle agents of the groups that queue k goes to."""
    idle = 0
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        idle += agents.n_idle[center.group_of_pair[pair]]
    return idle
