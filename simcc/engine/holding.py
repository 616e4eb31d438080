"""Agents who hold several contacts at once, such as chats; compiled.

A contact is handed to such an agent by :func:`simcc.engine.service.serve` and taken into a slot by
:func:`hold` before the next event. The work left in the slots of an agent is as it was at ``since``
and is brought up to date whenever the number of contacts held changes: exact processor sharing.
"""

import math

from simcc.engine.follow_ups import RESOLVED, UNRESOLVED, ended
from simcc.engine.order import Stop
from simcc.engine.people import (
    become_idle,
    can_hold_more,
    come_idle,
    depart,
    is_listed,
    leave_idle,
    look_again,
)
from simcc.engine.records import (
    HANDED,
    HAS_TRUNKS,
    HAS_TURNS,
    IN_SYSTEM,
    N_HELD,
    N_HELD_ENDS,
    NO_ROOM,
    WORKS,
)
from simcc.engine.turns import GOES_ON, SERVED, begin_turn, end_of_turn
from simcc.heap import pop, push
from simcc.jit import jit_apart, jit_inner

LIMIT = int(Stop.LIMIT)


@jit_apart
def hold(center, work, log, queues, agents):
    """The agent takes the contact that was handed over into a free slot."""
    c, now = queues.count[HANDED] - 1, queues.clock[0]
    queues.count[HANDED] = 0
    a, g = log.agent[c], log.group[c]
    log.left_at[c] = math.nan
    log.freed_at[c] = math.nan
    _catch_up(center, agents, a, g, now)
    slot = _slots(center, a) + agents.n_held[a]
    agents.n_held[a] += 1
    agents.n_active[a] += 1
    agents.used[a] += center.units[work.queue_type[c], g]
    queues.count[N_HELD] += 1
    if agents.n_held[a] == 1:
        agents.n_busy[g] += 1
    agents.slot_key[slot] = 2 * c
    agents.slot_left[slot], agents.slot_rest[slot] = agents.handed[0], agents.handed[1]
    agents.slot_pause[slot], agents.slot_until[slot] = WORKS, math.inf
    if _is_in_turns(center, work, c):
        work.talk_left[c] = agents.handed[2]
        begin_turn(center, work, log, agents, c, slot, now)
    elif center.keeps_pace[g] == 1:
        pace = center.pace[g, agents.n_held[a] - 1]
        agents.slot_left[slot] = now + agents.handed[0] / pace
        agents.slot_rest[slot] = agents.handed[1] / pace
    _plan_next_end(center, queues, agents, a, g)
    if can_hold_more(agents, a):
        become_idle(agents, a, g, now)
    look_again(agents, queues, g)


@jit_inner
def _slots(center, a):
    """The first slot of agent a."""
    return a * center.pace.shape[1]


@jit_inner
def _is_in_turns(center, work, c):
    """Whether contact c is a chat in turns."""
    return center.limits[HAS_TURNS] == 1 and center.turn_work[work.queue_type[c]] >= 0


@jit_inner
def _catch_up(center, agents, a, g, now):
    """Bring the work left in an agent's slots up to the present."""
    if center.keeps_pace[g] == 0 and agents.n_active[a] > 0:
        done = (now - agents.since[a]) * center.pace[g, agents.n_active[a] - 1]
        first = _slots(center, a)
        for slot in range(first, first + agents.n_held[a]):
            if agents.slot_pause[slot] == WORKS:
                agents.slot_left[slot] -= done
    agents.since[a] = now


@jit_apart
def _plan_next_end(center, queues, agents, a, g):
    """Find the next end among the slots of agent a, as the work left is now."""
    n, now, first = agents.n_held[a], queues.clock[0], _slots(center, a)
    best, best_key, quits = math.inf, -1, 0
    for slot in range(first, first + n):
        end, until = agents.slot_left[slot], agents.slot_until[slot]
        if agents.slot_pause[slot] != WORKS:
            end = until
        elif center.keeps_pace[g] == 0:
            end = max(now, now + end / center.pace[g, agents.n_active[a] - 1])
        gives_up = until < end
        if gives_up:
            end = until
        key = agents.slot_key[slot]
        if best_key < 0 or end < best or (end == best and key < best_key):
            best, best_key, quits = end, key, int(gives_up)
    agents.next_end[a], agents.next_key[a], agents.next_quits[a] = best, best_key, quits
    if n > 0:
        push(agents.held_times, agents.held_keys, queues.count[N_HELD_ENDS], best, best_key)
        queues.count[N_HELD_ENDS] += 1
        if queues.count[N_HELD_ENDS] + 3 > agents.held_times.size:
            queues.count[NO_ROOM] = 1


@jit_apart
def end_held(center, work, log, queues, agents):
    """A talk, its turn, or an after-call work ends that was held beside others.

    The reason to stop.
    """
    now, key = agents.held_times[0], agents.held_keys[0]
    pop(agents.held_times, agents.held_keys, queues.count[N_HELD_ENDS])
    queues.count[N_HELD_ENDS] -= 1
    c = key >> 1
    a = log.agent[c]
    if agents.next_end[a] != now or agents.next_key[a] != key:
        return LIMIT  # the number held has changed since: it ends at another time
    queues.clock[0] = now
    g = agents.group[a]
    _catch_up(center, agents, a, g, now)
    slot = _slots(center, a)
    while agents.slot_key[slot] != key:
        slot += 1
    reason = LIMIT
    if key & 1 == 0:
        ending = RESOLVED
        if _is_in_turns(center, work, c):
            outcome = end_of_turn(center, work, log, agents, c, a, slot, now)
            if outcome == GOES_ON:
                _plan_next_end(center, queues, agents, a, g)
                return LIMIT
            agents.slot_until[slot] = math.inf
            if outcome != SERVED:
                log.outcome[c] = outcome
                agents.slot_rest[slot] = 0.0
                ending = UNRESOLVED
        log.left_at[c] = now
        queues.count[IN_SYSTEM] -= 1
        if center.limits[HAS_TRUNKS] == 1:
            queues.talking[work.queue_type[c]] -= 1
        reason = ended(center, work, queues, c, ending)
        if agents.slot_rest[slot] > 0.0 or reason != LIMIT:
            # whoever waits for the end is told before the agent is free
            agents.slot_key[slot] = key + 1
            start = now if center.keeps_pace[g] == 1 else 0.0
            agents.slot_left[slot] = start + agents.slot_rest[slot]
            _plan_next_end(center, queues, agents, a, g)
            return reason
    log.freed_at[c] = now
    _release(center, work, queues, agents, a, g, slot, c)
    return reason


@jit_apart
def _release(center, work, queues, agents, a, g, slot, c):
    """Contact c leaves its slot, and agent a can take another, or leaves if it is due to."""
    last = _slots(center, a) + agents.n_held[a] - 1
    agents.slot_key[slot] = agents.slot_key[last]
    agents.slot_left[slot] = agents.slot_left[last]
    agents.slot_rest[slot] = agents.slot_rest[last]
    agents.slot_pause[slot] = agents.slot_pause[last]
    agents.slot_until[slot] = agents.slot_until[last]
    agents.n_held[a] -= 1
    agents.n_active[a] -= 1
    agents.used[a] -= center.units[work.queue_type[c], g]
    queues.count[N_HELD] -= 1
    if is_listed(agents, a):
        leave_idle(agents, a, g)
    _plan_next_end(center, queues, agents, a, g)
    if agents.n_held[a] == 0:
        agents.n_busy[g] -= 1
        if not depart(agents, queues, a):
            return
    if can_hold_more(agents, a):
        come_idle(agents, queues, a, g)
