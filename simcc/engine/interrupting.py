"""A live contact interrupts another, which returns to the head of its queue; compiled.

Agents who talk to a contact that may be interrupted stand in a list of their group, the one who
began last at its end. A row of ``cut_rows`` has the contact, the agent, the group, and how many
waited in its own queue and in all when it returned there; a row of ``cut_times`` the start of the
spell of service and the instant of the interruption.
"""

import math

from simcc.engine.linked import append, take_out
from simcc.engine.people import let_idle_look, stays
from simcc.engine.records import (
    HAS_TRUNKS,
    N_CUTS,
    N_DONE,
    N_WAITING,
    NO_ROOM,
)
from simcc.engine.timers import set_thresholds
from simcc.engine.waiting import join_head
from simcc.heap import remove
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

INTERRUPTED = int(Outcome.INTERRUPTED)
NOBODY = -1
CUT_ROW, CUT_TIME = 5, 2  # entries per row


@jit_apart
def begin_spell(center, work, log, agents, c, k, a, g, now, talk):
    """Contact c is answered, or resumed, by agent a; its talk time (s) at unit speed."""
    log.resumed_at[c] = now
    if log.outcome[c] == INTERRUPTED:
        talk = work.work_left[c]
    else:
        log.answered_at[c] = now
    if center.interruptible[k] == 1 and agents.most[g] == 1:
        agents.talk[a] = c
        append(agents.talk_head, agents.talk_tail, agents.talk_next, agents.talk_previous, g, a)
    return talk


@jit_apart
def end_spell(agents, a):
    """Agent a no longer talks to a contact that may be interrupted, if it did."""
    if agents.talk[a] < 0:
        return
    agents.talk[a] = NOBODY
    g = agents.group[a]
    take_out(agents.talk_head, agents.talk_tail, agents.talk_next, agents.talk_previous, g, a)


@jit_apart
def interrupt(center, work, log, queues, agents, k, offered_at):
    """Set a contact aside for one of queue k; the agent and the queue it returns to, or -1."""
    now, best, best_rank = queues.clock[0], NOBODY, 0
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        rank = center.group_rank[pair]
        if best >= 0 and rank > best_rank:
            break  # pairs are sorted by rank
        if center.group_need[pair] > 1 or now < offered_at + center.group_after[pair]:
            continue
        a = _latest(center, work, agents, k, center.group_of_pair[pair])
        if a >= 0 and (
            best < 0 or log.resumed_at[agents.talk[a]] > log.resumed_at[agents.talk[best]]
        ):
            best, best_rank = a, rank
    if best < 0:
        return NOBODY, NOBODY
    return best, _set_aside(center, work, log, queues, agents, best)


@jit_inner
def _latest(center, work, agents, k, g):
    """The agent of group g who began last a talk that a contact of queue k may interrupt."""
    a = agents.talk_tail[g]
    while a >= 0:
        if stays(agents, a, g) and center.may_interrupt[k, work.queue_type[agents.talk[a]]] == 1:
            return a
        a = agents.talk_previous[a]
    return NOBODY


@jit_inner
def _set_aside(center, work, log, queues, agents, a):
    """The contact that agent a talks to returns to the head of its queue, which is returned."""
    now, g, c, count = queues.clock[0], agents.group[a], agents.talk[a], queues.count
    k = work.queue_type[c]
    end_spell(agents, a)
    _forget_end(agents, count, 2 * c)
    agents.n_busy[g] -= 1
    _note(log, queues, agents, a, g, c, k)
    start = log.resumed_at[c] if center.restarts[k] == 1 else now
    if center.limits[HAS_TRUNKS] == 1:
        queues.talking[k] -= 1
    work.work_left[c] = (log.left_at[c] - start) * center.speed[k, g]
    log.outcome[c] = INTERRUPTED
    log.interruptions[c] += 1
    log.resumed_at[c] = log.left_at[c] = log.freed_at[c] = math.nan
    join_head(queues, c, k)
    let_idle_look(agents, queues)
    set_thresholds(center, log, queues, c, k)
    return k


@jit_inner
def _forget_end(agents, count, key):
    """A service end will not take place."""
    place = 0
    while agents.done_keys[place] != key:
        place += 1
    remove(agents.done_times, agents.done_keys, count[N_DONE], place)
    count[N_DONE] -= 1


@jit_inner
def _note(log, queues, agents, a, g, c, k):
    """Add a row to the log of interruptions."""
    row = queues.count[N_CUTS]
    queues.count[N_CUTS] = row + 1
    first = CUT_ROW * row
    agents.cut_rows[first], agents.cut_rows[first + 1], agents.cut_rows[first + 2] = c, a, g
    agents.cut_rows[first + 3] = queues.length[k]
    agents.cut_rows[first + 4] = queues.count[N_WAITING]
    agents.cut_times[CUT_TIME * row] = log.resumed_at[c]
    agents.cut_times[CUT_TIME * row + 1] = queues.clock[0]
    if CUT_TIME * (row + 2) > agents.cut_times.size:
        queues.count[NO_ROOM] = 1
