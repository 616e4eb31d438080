"""The kernel: every contact event from arrival to the agent's freedom, and the staff; compiled.

:func:`advance` takes events in time order, strictly before a limit, and comes back with the
reason it stopped (:class:`simcc.engine.order.Stop`). The order at one instant is that of
:class:`simcc.engine.order.Order`: it is the order in which ``advance`` compares its sources.
"""

import math

from simcc.engine.bots import bot_timer, is_over, meet_bot
from simcc.engine.changes import follow_plan
from simcc.engine.choice import best_group, can_choose_group, remember, scored_group
from simcc.engine.colleagues import keeps_agent, let_asker_go_on
from simcc.engine.follow_ups import ABANDONING, RESOLVED, bot_at, ended, follow
from simcc.engine.holding import end_held, hold
from simcc.engine.hours import send_away
from simcc.engine.interrupting import end_spell
from simcc.engine.linked import NONE
from simcc.engine.order import Order, Stop
from simcc.engine.people import SOMETHING_CAME, let_idle_look
from simcc.engine.records import (
    ASK,
    ASK_GROUP,
    ASK_KIND,
    ASK_NOTHING,
    ASKED,
    CLOSING,
    DIAL_END,
    ENDED,
    HANDED,
    HAS_BOTS,
    HAS_COLLEAGUES,
    HAS_HOLDERS,
    HAS_INTERRUPTIONS,
    HAS_LISTS,
    HAS_UPDATE,
    HOLD_END,
    HOLE,
    IN_SYSTEM,
    N_PENDING,
    N_QUIT,
    N_RETURNS,
    N_TIMER,
    NEXT_ARRIVAL,
    NEXT_CHANGE,
    NO_ROOM,
    NOTES_TALKS,
    POLICY,
    TABLES,
    THRESHOLD,
    WAITS,
)
from simcc.engine.ringing import call_timer
from simcc.engine.service import (
    DECIDE,
    LIMIT,
    TO_BE_TAKEN,
    WAITING,
    answer,
    answer_head,
    call_back,
    free_agent,
    reach_people,
    serve_group,
    take_head,
)
from simcc.engine.service_ends import drop_done, push_done
from simcc.engine.timers import timer_room
from simcc.engine.waiting import is_in_queue, unlink, unserved
from simcc.heap import pop
from simcc.jit import jit, jit_apart, jit_inner
from simcc.log import Outcome

CONTROL, SERVICE_END, ABANDONMENT, TIMER, _, _, ARRIVAL = (int(kind) for kind in Order)
HELD_END = ARRIVAL + 2  # service ends of contacts held beside others
RETURN = ARRIVAL + 1  # arrivals of contacts that follow others; they have the higher numbers
BUFFER_FULL = int(Stop.BUFFER_FULL)
ABANDONED = int(Outcome.ABANDONED)


@jit_inner
def _service_end(center, work, log, queues, agents, key):
    """A talk or an after-call work ends."""
    c = key >> 1
    count = queues.count
    count[HOLE] = 1
    if key & 1 == 0:
        if center.limits[NOTES_TALKS] == 1 and keeps_agent(center, work, log, queues, agents, c):
            drop_done(queues, agents)
            return LIMIT
        count[IN_SYSTEM] -= 1
        if center.limits[HAS_INTERRUPTIONS] == 1:
            end_spell(agents, log.agent[c])
        reason = ended(center, work, queues, c, RESOLVED)
        if reason != LIMIT or log.freed_at[c] > log.left_at[c]:
            # whoever waits for the end is told before the agent is free
            push_done(queues, agents, log.freed_at[c], key + 1)
            return reason
    reason = free_agent(center, work, log, queues, agents, log.agent[c])
    drop_done(queues, agents)
    return reason


@jit_inner
def _abandon(center, work, log, queues, agents, c):
    """Contact c gives up."""
    unlink(queues, c, work.queue_type[c])
    queues.count[IN_SYSTEM] -= 1
    unserved(log, c, ABANDONED, queues.clock[0])
    if center.limits[HAS_LISTS] == 1:
        let_idle_look(agents, queues)  # they may call, if nobody waits any more
    return ended(center, work, queues, c, ABANDONING)


@jit_apart
def _reach_threshold(center, work, log, queues, agents, c):
    """Contact c has waited long enough for further groups to open."""
    k = work.queue_type[c]
    if queues.head[k] != c or queues.closed[k] == WAITS:
        return LIMIT
    policy = center.limits[POLICY]
    offered_at = log.offered_at[c]
    if policy == ASKED:
        if can_choose_group(center, queues, agents, k, offered_at):
            queues.count[ASK_KIND] = ASK_GROUP
            queues.count[ASK] = c
            return DECIDE
        g = NONE
    elif policy == TABLES:
        g = best_group(center, queues, agents, k, offered_at)
    else:
        g = scored_group(center, queues, agents, k, offered_at)
        if g >= 0 and center.limits[HAS_UPDATE] == 1:
            remember(center, queues, agents, k, g, offered_at)
    return answer_head(center, work, log, queues, agents, k, g)


@jit
def arrive(center, work, log, queues, agents, c):
    """Contact c arrives, at its bot or at its human queue; the reason to stop."""
    if center.limits[HAS_BOTS] == 1:
        log.bot_started_at[c] = math.nan
        log.bot_ended_at[c] = math.nan
        b = bot_at(center, work, log, c)
        if b >= 0:
            return meet_bot(center, work, log, queues, agents, c, b)
    return reach_people(center, work, log, queues, agents, c)


@jit
def serve_pending(center, work, log, queues, agents):
    """Groups that somebody joined look at their queues, in group order; the reason to stop."""
    for g in range(agents.pending.size):
        if agents.pending[g] > 0:
            sure = agents.pending[g] == SOMETHING_CAME or agents.most[g] > 1
            agents.pending[g] = 0
            queues.count[N_PENDING] -= 1
            # unless those who came have left again
            if agents.n_idle[g] > 0 and (
                sure or agents.idle_since[agents.tail[g]] == queues.clock[0]
            ):
                reason = serve_group(center, work, log, queues, agents, g)
                if reason != LIMIT or queues.count[HANDED] > 0:
                    return reason
    return LIMIT


@jit
def decide(center, work, log, queues, agents, choice):
    """Carry out a Python policy's choice (-1: none) and go on asking where needed."""
    count = queues.count
    kind, what = count[ASK_KIND], count[ASK]
    count[ASK_KIND] = ASK_NOTHING
    if kind == ASK_GROUP:
        k = work.queue_type[what]
        if is_in_queue(log, what) and queues.head[k] == what:
            return answer_head(center, work, log, queues, agents, k, choice)
        return answer(center, work, log, queues, agents, what, k, choice)
    if choice < 0:
        if call_back(center, work, log, queues, agents, what):
            return serve_group(center, work, log, queues, agents, what)
        return LIMIT
    take_head(center, work, log, queues, agents, choice, TO_BE_TAKEN, what)
    return serve_group(center, work, log, queues, agents, what)


@jit
def advance(center, work, log, queues, agents, limit):
    """Handle all that happens strictly before ``limit`` (s); the reason for coming back."""
    count, clock = queues.count, queues.clock
    done_times, quit_times, timer_times = agents.done_times, queues.quit_times, queues.timer_times
    arrived_at, changes_at = work.arrived_at, center.plan.at
    holds = center.limits[HAS_HOLDERS] == 1
    quit_room, most_timers = quit_times.size - 2, timer_room(center, queues)
    while True:
        if count[NO_ROOM] | count[ENDED] | count[HANDED] | count[N_PENDING] != 0:
            if count[NO_ROOM] == 1:
                return BUFFER_FULL
            if count[ENDED] > 0:
                c = count[ENDED] - 1
                if center.limits[HAS_COLLEAGUES] == 1 and work.asked_by[c] >= 0:
                    let_asker_go_on(center, work, log, queues, agents, c)
                follow(center, work, log, queues)
                continue
            if count[HANDED] > 0:
                hold(center, work, log, queues, agents)
                continue
            if clock[0] < limit:
                reason = serve_pending(center, work, log, queues, agents)
                if reason != LIMIT:
                    return reason
                continue
        time, source = changes_at[count[NEXT_CHANGE]], CONTROL
        if done_times[0] < time:
            time, source = done_times[0], SERVICE_END
        if holds:
            held = agents.held_times[0]
            both = held == time and source == SERVICE_END
            if held < time or (both and agents.held_keys[0] < agents.done_keys[0]):
                time, source = held, HELD_END
        if quit_times[0] < time:
            time, source = quit_times[0], ABANDONMENT
        if timer_times[0] < time:
            time, source = timer_times[0], TIMER
        arrival = count[NEXT_ARRIVAL]
        if arrived_at[arrival] < time:
            time, source = arrived_at[arrival], ARRIVAL
        if queues.return_times[0] < time:
            time, source = queues.return_times[0], RETURN
        if not time < limit:
            return LIMIT
        if count[N_QUIT] >= quit_room or count[N_TIMER] >= most_timers:
            return BUFFER_FULL
        if source == SERVICE_END:
            clock[0] = time
            reason = _service_end(center, work, log, queues, agents, agents.done_keys[0])
        elif source == ARRIVAL or source == RETURN:
            clock[0] = time
            c = arrival
            if source == ARRIVAL:
                count[NEXT_ARRIVAL] = arrival + 1
            else:
                c = queues.return_keys[0]
                pop(queues.return_times, queues.return_keys, count[N_RETURNS])
                count[N_RETURNS] -= 1
            reason = arrive(center, work, log, queues, agents, c)
        elif source == HELD_END:
            reason = end_held(center, work, log, queues, agents)
        elif source == ABANDONMENT:
            c = queues.quit_keys[0]
            pop(quit_times, queues.quit_keys, count[N_QUIT])
            count[N_QUIT] -= 1
            if log.outcome[c] != WAITING:
                continue  # it was served meanwhile: nothing happens now
            clock[0] = time
            reason = _abandon(center, work, log, queues, agents, c)
        elif source == CONTROL:
            follow_plan(center, queues, agents)
            continue
        else:
            key = queues.timer_keys[0]
            pop(timer_times, queues.timer_keys, count[N_TIMER])
            count[N_TIMER] -= 1
            if (key < DIAL_END or key >= HOLD_END) and is_over(log, queues, key):
                continue
            clock[0] = time
            if key >= DIAL_END:
                reason = call_timer(center, work, log, queues, agents, key)
            elif key >= CLOSING:
                reason = send_away(center, work, log, queues, key - CLOSING)
            elif key >= THRESHOLD:
                reason = _reach_threshold(center, work, log, queues, agents, key - THRESHOLD)
            else:
                reason = bot_timer(center, work, log, queues, agents, key)
        if reason != LIMIT:
            return reason
