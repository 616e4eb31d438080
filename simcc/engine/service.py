"""Contacts and agents meet: reach the queue, be answered, wait; an agent becomes free; compiled.

Functions that may stop the kernel return the reason (:class:`simcc.engine.order.Stop`).
"""

import math

from simcc.engine.calling import (
    asks_for_callback,
    begins_to_ring,
    has_room_to_call,
    take_callback,
    wait_for_call,
)
from simcc.engine.choice import (
    best_group,
    best_type,
    can_choose_group,
    can_choose_type,
    remember,
    scored_group,
    scored_type,
)
from simcc.engine.colleagues import note_talk
from simcc.engine.dialling import dial, take_from_hold
from simcc.engine.estimates import leaves_on_hearing, may_call_back, note_wait
from simcc.engine.follow_ups import BALKING, BLOCKING, bot_at, ended, is_transferred
from simcc.engine.hours import turn_away
from simcc.engine.interrupting import begin_spell, interrupt
from simcc.engine.linked import NONE
from simcc.engine.order import Stop
from simcc.engine.people import become_idle, depart, leave_idle, stays, take_idle
from simcc.engine.queue_choice import choose_queue
from simcc.engine.records import (
    ASK,
    ASK_GROUP,
    ASK_KIND,
    ASK_TYPE,
    ASKED,
    COMPILED,
    HANDED,
    HAS_BOTS,
    HAS_CALLBACKS,
    HAS_ESTIMATES,
    HAS_FOLLOW_UPS,
    HAS_HOLDERS,
    HAS_HOURS,
    HAS_INTERRUPTIONS,
    HAS_LISTS,
    HAS_QUEUE_CHOICE,
    HAS_TIMED_CALLBACKS,
    HAS_TRUNKS,
    HAS_UPDATE,
    IN_SYSTEM,
    LINES,
    N_CALLBACKS,
    N_ON_HOLD,
    N_QUIT,
    N_WAITING,
    N_WORKLOAD,
    NOTES_TALKS,
    POLICY,
    STOPPED_BY,
    TABLES,
    TURNS_AWAY,
    WAITS,
)
from simcc.engine.service_ends import push_done
from simcc.engine.timers import set_thresholds
from simcc.engine.trunks import trunk_is_full
from simcc.engine.waiting import SLACK, drop_served, join, unlink, unserved
from simcc.heap import push
from simcc.inversion import quantile
from simcc.jit import jit_apart, jit_inner
from simcc.log import Outcome

LIMIT = int(Stop.LIMIT)
DECIDE = int(Stop.DECIDE)
QUEUE_EXCEEDS = int(Stop.QUEUE_EXCEEDS)
WAITING = int(Outcome.WAITING)
SERVED = int(Outcome.SERVED)
CALLED_BACK = int(Outcome.CALLED_BACK)
BALKED = int(Outcome.BALKED)
BLOCKED = int(Outcome.BLOCKED)
TO_BE_TAKEN = -2  # from the idle list


@jit_inner
def serve(center, work, log, queues, agents, c, k, a, g):
    """Agent a of group g takes contact c of queue k."""
    now = queues.clock[0]
    talk = work.talk_time[c]
    law = center.law_of[k, g]
    if law >= 0:
        talk = quantile(center.laws, law, talk)
    if center.limits[HAS_FOLLOW_UPS] == 1 and c >= queues.count[N_WORKLOAD]:
        talk = talk * work.talk_factor[c]
    if center.limits[HAS_BOTS] == 1 and not math.isnan(log.bot_ended_at[c]):
        talk = talk * center.bot_talk_factor[bot_at(center, work, log, c)]
    speed = center.speed[k, g]
    wrap = work.wrap_time[c]
    if center.limits[HAS_ESTIMATES] == 1:
        note_wait(log, queues, c, k)
    if center.limits[NOTES_TALKS] == 1:
        talk = note_talk(center, work, log, queues, agents, c, k, g, talk)
    if center.limits[HAS_INTERRUPTIONS] == 1:
        talk = begin_spell(center, work, log, agents, c, k, a, g, now, talk)
    else:
        log.answered_at[c] = now
    log.outcome[c] = SERVED
    if center.limits[HAS_HOLDERS] == 1 and agents.most[g] > 1:
        log.agent[c] = a
        log.group[c] = g
        agents.handed[0], agents.handed[1] = talk / speed, wrap / speed
        agents.handed[2] = talk
        queues.count[HANDED] = c + 1
        return
    left_at = now + talk / speed
    log.left_at[c] = left_at
    log.freed_at[c] = left_at + wrap / speed
    log.agent[c] = a
    log.group[c] = g
    agents.n_busy[g] += 1
    push_done(queues, agents, left_at, 2 * c)


@jit_apart
def serve_apart(center, work, log, queues, agents, c, k, a, g):
    """Serve as above, where that is too rare to be copied into the caller."""
    serve(center, work, log, queues, agents, c, k, a, g)


@jit_inner
def take_for(center, work, agents, g, c):
    """Take the agent of group g who is to serve contact c out of its idle list."""
    if center.limits[HAS_HOLDERS] == 0 or center.random_ties[g] == 0:
        return take_idle(agents, g)
    a = agents.head[g]
    equal, other = 0, a
    while other >= 0 and agents.used[other] == agents.used[a]:
        equal += 1
        other = agents.next[other]
    for _ in range(int(work.tie_luck[c] * equal)):
        a = agents.next[a]
    leave_idle(agents, a, g)
    return a


@jit_inner
def take_head(center, work, log, queues, agents, k, a, g):
    """The head of queue k goes to agent a of group g, or to the one who is to be taken."""
    c = queues.head[k]
    unlink(queues, c, k)
    if a == TO_BE_TAKEN:
        a = take_for(center, work, agents, g, c)
    serve_apart(center, work, log, queues, agents, c, k, a, g)


@jit_inner
def _join_queue(center, work, log, queues, agents, c, k):
    """Contact c waits in queue k; the reason to stop if the queue is watched."""
    now = queues.clock[0]
    log.outcome[c] = WAITING
    log.n_ahead[c] = queues.length[k]
    log.n_ahead_all[c] = queues.count[N_WAITING]
    join(queues, c, k)
    patience = work.patience_time[c]
    if center.limits[HAS_BOTS] == 1 and not math.isnan(log.bot_ended_at[c]):
        patience = patience * center.bot_patience_factor[bot_at(center, work, log, c)]
    if center.limits[HAS_ESTIMATES] == 1:
        patience = patience * queues.patience_effect[0]
    if patience < math.inf:
        if queues.count[N_QUIT] > 2 * queues.count[N_WAITING] + SLACK:
            drop_served(queues, log.outcome)
        push(queues.quit_times, queues.quit_keys, queues.count[N_QUIT], now + patience, c)
        queues.count[N_QUIT] += 1
    set_thresholds(center, log, queues, c, k)
    return has_grown(queues, k)


@jit_inner
def has_grown(queues, k):
    """Queue k (-1: none) has one contact more; the reason to stop, if it is watched."""
    if k >= 0 and queues.length[k] > queues.watch_level[k]:
        queues.count[STOPPED_BY] = k
        return QUEUE_EXCEEDS
    return LIMIT


@jit_inner
def not_answered(center, work, log, queues, agents, c, k):
    """No agent for an arriving contact: no room, balks, or waits."""
    if queues.length[k] >= center.room[k]:
        queues.count[IN_SYSTEM] -= 1
        unserved(log, c, BLOCKED, queues.clock[0])
        return ended(center, work, queues, c, BLOCKING)
    hears = center.limits[HAS_ESTIMATES] == 1
    if work.balks[c] or (hears and leaves_on_hearing(center, work, log, queues, agents, c, k)):
        queues.count[IN_SYSTEM] -= 1
        unserved(log, c, BALKED, queues.clock[0])
        return ended(center, work, queues, c, BALKING)
    calls = center.limits[HAS_CALLBACKS] == 1 and asks_for_callback(center, work, queues, c, k)
    if calls and (not hears or may_call_back(center, log, queues, agents, k)):
        wait_for_call(center, work, log, queues, c, k)
        return LIMIT
    return _join_queue(center, work, log, queues, agents, c, k)


@jit_inner
def answer(center, work, log, queues, agents, c, k, g):
    """Arriving contact c goes to an idle agent of group g; without one (-1), it may interrupt."""
    a, grown = NONE, NONE
    if g >= 0:
        a = take_for(center, work, agents, g, c)
    elif center.limits[HAS_INTERRUPTIONS] == 1 and queues.head[k] < 0:
        a, grown = interrupt(center, work, log, queues, agents, k, log.offered_at[c])
    if a < 0:
        return not_answered(center, work, log, queues, agents, c, k)
    serve(center, work, log, queues, agents, c, k, a, agents.group[a])
    return has_grown(queues, grown)


@jit_apart
def answer_head(center, work, log, queues, agents, k, g):
    """The head of queue k goes to an idle agent of group g; without one (-1), it may interrupt."""
    a, grown = TO_BE_TAKEN, NONE
    if g < 0 and center.limits[HAS_INTERRUPTIONS] == 1:
        offered_at = log.offered_at[queues.head[k]]
        a, grown = interrupt(center, work, log, queues, agents, k, offered_at)
        g = agents.group[a] if a >= 0 else NONE
    if g >= 0:
        take_head(center, work, log, queues, agents, k, a, g)
    return has_grown(queues, grown)


@jit_inner
def reach_people(center, work, log, queues, agents, c):
    """Contact c reaches its human queue: blocked, answered at once, or not."""
    now = queues.clock[0]
    if center.limits[HAS_QUEUE_CHOICE] == 1:
        choose_queue(center, work, log, queues, agents, c)
    k = work.queue_type[c]
    log.offered_at[c] = now
    log.n_ahead[c] = NONE
    log.n_ahead_all[c] = NONE
    if center.limits[HAS_HOURS] == 1 and queues.closed[k] == TURNS_AWAY:
        return turn_away(center, work, log, queues, c)
    if not is_transferred(center, log, c):  # it would have its line already
        if queues.count[IN_SYSTEM] >= center.limits[LINES] or (
            center.limits[HAS_TRUNKS] == 1 and trunk_is_full(center, queues, k)
        ):
            unserved(log, c, BLOCKED, now)
            return ended(center, work, queues, c, BLOCKING)
        queues.count[IN_SYSTEM] += 1
    if center.limits[HAS_HOURS] == 1 and queues.closed[k] == WAITS:
        return not_answered(center, work, log, queues, agents, c, k)
    g = NONE
    policy = center.limits[POLICY]
    if policy == TABLES:
        g = best_group(center, queues, agents, k, now)
    elif policy == COMPILED:
        g = scored_group(center, queues, agents, k, now)
        if g >= 0 and center.limits[HAS_UPDATE] == 1:
            remember(center, queues, agents, k, g, now)
    elif can_choose_group(center, queues, agents, k, now):
        queues.count[ASK_KIND] = ASK_GROUP
        queues.count[ASK] = c
        return DECIDE
    return answer(center, work, log, queues, agents, c, k, g)


@jit_inner
def serve_group(center, work, log, queues, agents, g):
    """Idle agents of group g take contacts as long as a pair is allowed; the reason to stop."""
    while agents.n_idle[g] > 0 and queues.count[HANDED] == 0:
        policy = center.limits[POLICY]
        if policy == ASKED:
            if not can_choose_type(center, queues, agents, log, g):
                if call_back(center, work, log, queues, agents, g):
                    continue
                return LIMIT
            queues.count[ASK_KIND] = ASK_TYPE
            queues.count[ASK] = g
            return DECIDE
        if policy == TABLES:
            k = best_type(center, queues, agents, log, g, agents.n_idle[g])
        else:
            k = scored_type(center, queues, agents, log, g)
            if k >= 0 and center.limits[HAS_UPDATE] == 1:
                remember(center, queues, agents, k, g, log.offered_at[queues.head[k]])
        if k >= 0:
            take_head(center, work, log, queues, agents, k, TO_BE_TAKEN, g)
        elif not call_back(center, work, log, queues, agents, g):
            return LIMIT
    return LIMIT


@jit_apart
def call_back(center, work, log, queues, agents, g):
    """An idle agent of group g talks to somebody who was called, or calls; whether one does."""
    timed = center.limits[HAS_TIMED_CALLBACKS] == 1
    if (timed or queues.count[N_ON_HOLD] > 0) and not has_room_to_call(center, queues, agents):
        return False
    if queues.count[N_ON_HOLD] > 0 and take_from_hold(center, work, log, queues, agents, g):
        return True
    c = NONE
    if center.limits[HAS_CALLBACKS] == 1 and queues.count[N_CALLBACKS] > 0:
        c = take_callback(center, work, log, queues, agents, g)
    if c < 0:
        return center.limits[HAS_LISTS] == 1 and dial(center, work, log, queues, agents, g)
    a, k = take_for(center, work, agents, g, c), work.queue_type[c]
    if not (timed and begins_to_ring(center, work, log, queues, agents, c, k, a, g)):
        talk_back(center, work, log, queues, agents, c, k, a, g)
    return True


@jit_apart
def talk_back(center, work, log, queues, agents, c, k, a, g):
    """Agent a of group g talks to contact c of queue k, who asked for a callback."""
    serve(center, work, log, queues, agents, c, k, a, g)
    log.outcome[c] = CALLED_BACK


@jit_inner
def free_agent(center, work, log, queues, agents, a):
    """Agent a has finished: leaves, takes the next contact, or is idle."""
    g = agents.group[a]
    agents.n_busy[g] -= 1
    if not (stays(agents, a, g) or depart(agents, queues, a)):
        return LIMIT
    calls = center.limits[HAS_CALLBACKS] == 1 and queues.count[N_CALLBACKS] > 0
    calls = calls or center.limits[HAS_LISTS] == 1
    if agents.n_idle[g] == 0 and center.limits[POLICY] == TABLES and not calls:
        # the usual case, without a detour over the idle list
        k = best_type(center, queues, agents, log, g, 1)
        if k >= 0:
            c = queues.head[k]
            unlink(queues, c, k)
            serve(center, work, log, queues, agents, c, k, a, g)
            return LIMIT
        become_idle(agents, a, g, queues.clock[0])
        return LIMIT
    become_idle(agents, a, g, queues.clock[0])
    return serve_group(center, work, log, queues, agents, g)
