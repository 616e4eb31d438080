"""A live contact interrupts another, which returns to the head of its queue; compiled.

Agents who talk to a contact that may be interrupted stand in a list of their group, the one who
began last at its end. A row of ``cut_rows`` has the contact, the agent, the group, and how many
waited in its own queue and in all when it returned there; a row of ``cut_times`` the start of the
spell of service and the instant of the interruption.
"""

import math

from simcc.engine.people import let_idle_look
from simcc.engine.records import (
    N_CUTS,
    N_DONE,
    N_TIMER,
    N_WAITING,
    NO_ROOM,
    STAYS,
    THRESHOLD,
)
from simcc.heap import push, remove
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
        last = agents.talk_tail[g]
        agents.talk[a] = c
        agents.talk_previous[a] = last
        agents.talk_next[a] = NOBODY
        if last < 0:
            agents.talk_head[g] = a
        else:
            agents.talk_next[last] = a
        agents.talk_tail[g] = a
    return talk


@jit_apart
def end_spell(agents, a):
    """Agent a no longer talks to a contact that may be interrupted, if it did."""
    if agents.talk[a] < 0:
        return
    g, before, behind = agents.group[a], agents.talk_previous[a], agents.talk_next[a]
    agents.talk[a] = NOBODY
    if before < 0:
        agents.talk_head[g] = behind
    else:
        agents.talk_next[before] = behind
    if behind < 0:
        agents.talk_tail[g] = before
    else:
        agents.talk_previous[behind] = before


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
        stays = agents.due[a] == STAYS and agents.owed[g] == 0 and agents.target[a] == g
        if stays and center.may_interrupt[k, work.queue_type[agents.talk[a]]] == 1:
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
    work.work_left[c] = (log.left_at[c] - start) * center.speed[k, g]
    log.outcome[c] = INTERRUPTED
    log.interruptions[c] += 1
    log.resumed_at[c] = log.left_at[c] = log.freed_at[c] = math.nan
    _join_head(queues, c, k)
    let_idle_look(agents, queues)
    for i in range(center.after_from[k], center.after_from[k + 1]):
        opens_at = log.offered_at[c] + center.after_times[i]
        if opens_at > now:
            push(queues.timer_times, queues.timer_keys, count[N_TIMER], opens_at, c + THRESHOLD)
            count[N_TIMER] += 1
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


@jit_inner
def _join_head(queues, c, k):
    """Put contact c at the head of queue k."""
    first = queues.head[k]
    queues.previous[c] = NOBODY
    queues.next[c] = first
    if first < 0:
        queues.tail[k] = c
    else:
        queues.previous[first] = c
    queues.head[k] = c
    queues.length[k] += 1
    queues.count[N_WAITING] += 1
