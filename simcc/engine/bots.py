"""The bots: sessions, the line for them, and what a contact does without one; compiled."""

import math

from simcc.engine.follow_ups import GIVING_UP, LOSING, WELL_CONTAINED, ended
from simcc.engine.records import (
    BOT_AGENT,
    BOT_LOST,
    BOT_UP,
    ESCALATES,
    IS_CONTAINED,
    N_TIMER,
)
from simcc.engine.service import LIMIT, reach_people
from simcc.engine.waiting import NONE, join_line, leave_line, unserved
from simcc.heap import push
from simcc.jit import jit, jit_apart
from simcc.log import Outcome

IN_BOT = int(Outcome.IN_BOT)
CONTAINED = int(Outcome.CONTAINED)
BOT_GAVE_UP = int(Outcome.BOT_GAVE_UP)
BOT_IS_LOST = int(Outcome.BOT_LOST)


@jit_apart
def start_session(work, log, queues, c, b):
    """Contact c begins its session at bot b."""
    now = queues.clock[0]
    queues.bot_busy[b] += 1
    log.bot_started_at[c] = now
    push(queues.timer_times, queues.timer_keys, queues.count[N_TIMER], now + work.bot_time[c], c)
    queues.count[N_TIMER] += 1


@jit_apart
def meet_bot(center, work, log, queues, agents, c, b):
    """Contact c arrives at bot b: a session, a wait for one, people, or lost."""
    unserved(log, c, IN_BOT, math.nan)
    log.offered_at[c] = math.nan
    log.n_ahead[c] = NONE
    log.n_ahead_all[c] = NONE
    mode = queues.bot_mode[b]
    if mode == BOT_UP:
        if queues.bot_busy[b] < center.bot_sessions[b]:
            start_session(work, log, queues, c, b)
            return LIMIT
        mode = center.bot_when_full[b]
    if mode == BOT_AGENT or mode == BOT_LOST:
        return go_without(center, work, log, queues, agents, c, mode)
    join_line(queues.bot_head, queues.bot_tail, queues, b, c)
    return LIMIT


@jit
def go_without(center, work, log, queues, agents, c, mode):
    """Contact c goes on without a session: to people, or it is lost."""
    if mode == BOT_AGENT:
        return reach_people(center, work, log, queues, agents, c)
    log.outcome[c] = BOT_IS_LOST
    log.left_at[c] = queues.clock[0]
    return ended(center, work, queues, c, LOSING)


@jit
def take_from_bot_line(queues, b):
    """First contact waiting for bot b, taken out of the line."""
    return leave_line(queues.bot_head, queues.bot_tail, queues, b)


@jit
def fill_sessions(center, work, log, queues, b):
    """Contacts waiting for bot b begin their sessions, as many as there is room for."""
    while (
        queues.bot_head[b] >= 0
        and queues.bot_mode[b] == BOT_UP
        and queues.bot_busy[b] < center.bot_sessions[b]
    ):
        start_session(work, log, queues, take_from_bot_line(queues, b), b)


@jit
def end_session(center, work, log, queues, agents, c, failed):
    """The session of contact c ends: the next one starts, then c goes where its luck says.

    If the session ``failed``, c goes to people whatever its luck.
    """
    b = center.bot_of[work.contact_type[c]]
    now = queues.clock[0]
    log.bot_ended_at[c] = now
    queues.bot_busy[b] -= 1
    fill_sessions(center, work, log, queues, b)
    if failed or work.bot_luck[c] == ESCALATES:
        return reach_people(center, work, log, queues, agents, c)
    contained = work.bot_luck[c] == IS_CONTAINED
    log.outcome[c] = CONTAINED if contained else BOT_GAVE_UP
    log.left_at[c] = now
    return ended(center, work, queues, c, WELL_CONTAINED if contained else GIVING_UP)
