"""Outbound calls: whom agents or a dialer call, and how their calls end; compiled.

A record of list k has one row of the log for each attempt it may need, ``lists.records[k]`` rows
apart. Records due again stand in a line (``ready_head``); those never called are the rows from
``list_next[k]`` up to ``list_end[k]``.
"""

import math

from simcc.engine.calling import is_within
from simcc.engine.linked import NONE, append, take_out
from simcc.engine.people import (
    become_idle,
    depart,
    let_idle_look,
    look_again,
    stays,
    take_idle,
)
from simcc.engine.records import (
    DIAL_DUE,
    DIAL_END,
    HAS_BOTS,
    HAS_INTERRUPTIONS,
    HOLD_END,
    IN_SYSTEM,
    LIST_OPENS,
    N_DIALLING,
    N_ON_HOLD,
)
from simcc.engine.service_ends import push_done
from simcc.engine.timers import has_room, set_timer
from simcc.engine.waiting import join_line, leave_line, unserved
from simcc.inversion import quantile
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

DIALLING = int(Outcome.DIALLING)
REACHED = int(Outcome.REACHED)
WRONG_PARTY = int(Outcome.WRONG_PARTY)
NO_ANSWER = int(Outcome.NO_ANSWER)
MISMATCH = int(Outcome.MISMATCH)
ON_HOLD = int(Outcome.ON_HOLD)


@jit_apart
def dial(center, work, log, queues, agents, g):
    """Group g, somebody of whom is idle, makes calls; whether an agent was taken for one."""
    if not _may_call(center, queues, g):
        return False
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        k = center.type_of_pair[pair]
        if agents.n_idle[g] < center.lists.idle_needed[k] or not _has_call(center, queues, k):
            continue
        if center.lists.predictive[k] == 1:
            _dial_ahead(center, work, log, queues, agents, k)
        elif has_room(center, queues, agents):
            a = take_idle(agents, g)
            agents.n_busy[g] += 1
            _begin(center, work, log, queues, k, a, g)
            return True
    return False


@jit_apart
def _may_call(center, queues, g):
    """Whether nobody waits in a queue that group g may serve."""
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        if queues.length[center.type_of_pair[pair]] > 0:
            return False
    return True


@jit_apart
def _has_call(center, queues, k):
    """Whether list k (which may be none) is open and has a record to call."""
    if queues.ready_head[k] < 0 and queues.list_next[k] == queues.list_end[k]:
        return False
    of = center.lists
    return is_within(of.open_from[k], of.open_from[k + 1], of.open_at, of.close_at, queues.clock[0])


@jit_inner
def _dial_ahead(center, work, log, queues, agents, k):
    """The dialer of list k rings as many customers as its pace allows."""
    pace = center.lists.pace[k]
    if queues.mismatches[k] > center.lists.mismatch_limit[k] * queues.connects[k]:
        pace = min(pace, 1.0)
    most = int(pace * _callers(center, queues, agents, k))
    while queues.dialling[k] < most and _has_call(center, queues, k):
        if not has_room(center, queues, agents):
            return
        _begin(center, work, log, queues, k, NONE, NONE)


@jit_inner
def _callers(center, queues, agents, k):
    """Number of idle agents whom calls of list k may be made for."""
    found = 0
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g = center.group_of_pair[pair]
        more = agents.n_idle[g] - center.lists.idle_needed[k] + 1
        if more > 0 and _may_call(center, queues, g):
            found += more
    return found


@jit_apart
def _begin(center, work, log, queues, k, a, g):
    """Call the next record of list k, for agent a of group g or (-1) ahead of any."""
    if queues.ready_head[k] >= 0:
        c = leave_line(queues.ready_head, queues.ready_tail, queues, k)
    else:
        c = queues.list_next[k]
        queues.list_next[k] = c + 1
    now = queues.clock[0]
    unserved(log, c, DIALLING, math.nan)
    log.arrived_at[c] = log.offered_at[c] = now
    log.n_ahead[c] = log.n_ahead_all[c] = NONE
    log.agent[c], log.group[c] = a, g
    if center.limits[HAS_BOTS] == 1:
        log.bot_started_at[c] = log.bot_ended_at[c] = math.nan
    queues.dialling[k] += 1
    queues.count[N_DIALLING] += 1
    set_timer(queues, now + work.dial_time[c], DIAL_END + c)


@jit_apart
def dialler_timer(center, work, log, queues, agents, key):
    """A call is answered or given up, a record is due again, or a list opens."""
    if key >= LIST_OPENS:
        let_idle_look(agents, queues)
    elif key >= DIAL_DUE:
        c = key - DIAL_DUE
        join_line(queues.ready_head, queues.ready_tail, queues, work.queue_type[c], c)
        let_idle_look(agents, queues)
    else:
        _end_dialling(center, work, log, queues, agents, key - DIAL_END)


@jit_inner
def _end_dialling(center, work, log, queues, agents, c):
    """The call of row c is answered or given up."""
    k, lists = work.queue_type[c], center.lists
    queues.dialling[k] -= 1
    queues.count[N_DIALLING] -= 1
    right, wrong = _chances(center, log, c, k)
    answered = work.dial_luck[c] < right + wrong
    a = log.agent[c]
    if answered:
        queues.connects[k] += 1
        if lists.waits[k] == 1:
            log.offered_at[c] = queues.clock[0]
        if lists.predictive[k] == 1:
            a = _agent_for(center, agents, k)
    if answered and a >= 0:
        _connect(center, work, log, queues, agents, c, k, a)
    elif answered and lists.waits[k] == 1:
        _hold(work, log, queues, c, k)
    else:
        log.outcome[c] = MISMATCH if answered else NO_ANSWER
        queues.mismatches[k] += answered
        _hang_up(center, work, log, queues, agents, c, k, a)
    if lists.predictive[k] == 1:
        let_idle_look(agents, queues)


@jit_apart
def _chances(center, log, c, k):
    """Probabilities that the right party answers the call of row c, and that a wrong one does."""
    lists = center.lists
    i = min(int(log.arrived_at[c] / center.follow.width[0]), lists.right.shape[1] - 1)
    return lists.right[k, i], lists.wrong[k, i]


@jit_inner
def _agent_for(center, agents, k):
    """Take the agent of the best group for list k who has been idle longest; -1: nobody is."""
    best, best_rank = NONE, 0
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g, rank = center.group_of_pair[pair], center.group_rank[pair]
        if agents.n_idle[g] == 0 or (best >= 0 and rank > best_rank):
            continue
        since = agents.idle_since[agents.head[g]]
        if best < 0 or since < agents.idle_since[agents.head[best]]:
            best, best_rank = g, rank
    if best < 0:
        return NONE
    agents.n_busy[best] += 1
    return take_idle(agents, best)


@jit_apart
def _connect(center, work, log, queues, agents, c, k, a):
    """Agent a, counted as busy, talks to whoever answered."""
    now, g = queues.clock[0], agents.group[a]
    talk, wrap = work.wrong_time[c], 0.0
    right = work.dial_luck[c] < _chances(center, log, c, k)[0]
    if right:
        talk, wrap = work.talk_time[c], work.wrap_time[c]
        if center.law_of[k, g] >= 0:
            talk = quantile(center.laws, center.law_of[k, g], talk)
    speed = center.speed[k, g]
    log.outcome[c] = REACHED if right else WRONG_PARTY
    log.agent[c], log.group[c] = a, g
    log.answered_at[c] = now
    if center.limits[HAS_INTERRUPTIONS] == 1:
        log.resumed_at[c] = now
    log.left_at[c] = now + talk / speed
    log.freed_at[c] = log.left_at[c] + wrap / speed
    queues.count[IN_SYSTEM] += 1
    push_done(queues, agents, log.left_at[c], 2 * c)
    if not right and center.lists.wrong_again[k] == 1:
        _call_again(center, work, queues, c, k, log.left_at[c])


@jit_apart
def _hold(work, log, queues, c, k):
    """Whoever answered the call of row c waits for an agent."""
    log.outcome[c] = ON_HOLD
    append(queues.hold_head, queues.hold_tail, queues.next, queues.previous, k, c)
    queues.count[N_ON_HOLD] += 1
    queues.count[IN_SYSTEM] += 1
    if work.patience_time[c] < math.inf:
        set_timer(queues, queues.clock[0] + work.patience_time[c], HOLD_END + c)


@jit_apart
def _leave_hold(log, queues, c, k):
    take_out(queues.hold_head, queues.hold_tail, queues.next, queues.previous, k, c)
    log.agent[c] = log.group[c] = NONE
    queues.count[N_ON_HOLD] -= 1
    queues.count[IN_SYSTEM] -= 1


@jit_apart
def take_from_hold(center, work, log, queues, agents, g):
    """An idle agent of group g talks to whoever has waited longest after an answer; whether."""
    best = NONE
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        c = queues.hold_head[center.type_of_pair[pair]]
        if c >= 0 and (
            best < 0
            or log.offered_at[c] < log.offered_at[best]
            or (log.offered_at[c] == log.offered_at[best] and c < best)
        ):
            best = c
    if best < 0:
        return False
    k = work.queue_type[best]
    _leave_hold(log, queues, best, k)
    agents.n_busy[g] += 1
    _connect(center, work, log, queues, agents, best, k, take_idle(agents, g))
    return True


@jit_apart
def hang_up_on_hold(center, work, log, queues, agents, c):
    """Whoever answered the call of row c has waited for an agent in vain."""
    k = work.queue_type[c]
    _leave_hold(log, queues, c, k)
    log.outcome[c] = MISMATCH
    queues.mismatches[k] += 1
    _hang_up(center, work, log, queues, agents, c, k, NONE)
    let_idle_look(agents, queues)


@jit_apart
def _hang_up(center, work, log, queues, agents, c, k, a):
    """The call of row c has come to nothing: its agent (-1: none) is free, and it is due again."""
    now = queues.clock[0]
    log.left_at[c] = now
    _call_again(center, work, queues, c, k, now)
    if a >= 0:
        log.freed_at[c] = now
        let_go(agents, queues, a)


@jit_apart
def _call_again(center, work, queues, c, k, ended_at):
    """The record of the call of row c, which ends at an instant, is due again, if it may be."""
    due_at = ended_at + work.retry_delay[c]
    if c < queues.list_last[k] and due_at < center.follow.horizon[0]:
        set_timer(queues, due_at, DIAL_DUE + c + center.lists.records[k])


@jit_apart
def let_go(agents, queues, a):
    """Agent a, who has waited for an answer in vain, is idle or leaves."""
    g = agents.group[a]
    agents.n_busy[g] -= 1
    if stays(agents, a, g) or depart(agents, queues, a):
        become_idle(agents, a, g, queues.clock[0])
        look_again(agents, queues, g)
