"""The bots: sessions, the line for them, and what a contact does without one; compiled.

A limit on sessions per minute is a token bucket. ``Queues.bot_refilled`` is the instant at which it
is full again; a session that begins puts that off by the time one token takes. There is a token if
it lies at most all tokens but one away.
"""

import math

from simcc.engine.follow_ups import GIVING_UP, LOSING, WELL_CONTAINED, bot_at, ended, next_leg
from simcc.engine.linked import NONE
from simcc.engine.records import (
    BOT_AGENT,
    BOT_LOST,
    BOT_UP,
    CLOSING,
    ESCALATES,
    GIVES_UP,
    HAS_HAND_OVERS,
    HOLD_END,
    IS_CONTAINED,
    SUBMITTED,
    THRESHOLD,
    TOKEN,
)
from simcc.engine.service import LIMIT, reach_people
from simcc.engine.timers import set_timer
from simcc.engine.waiting import is_in_queue, join_line, leave_line, unserved
from simcc.inversion import quantile
from simcc.jit import jit, jit_apart, jit_inner
from simcc.log import WRONG_QUEUE, Outcome

IN_BOT = int(Outcome.IN_BOT)
ON_HOLD = int(Outcome.ON_HOLD)
CONTAINED = int(Outcome.CONTAINED)
BOT_GAVE_UP = int(Outcome.BOT_GAVE_UP)
BOT_IS_LOST = int(Outcome.BOT_LOST)
PASSED_ON = int(Outcome.PASSED_ON)
MISROUTED = int(Outcome.MISROUTED)


@jit_inner
def is_over(log, queues, key):
    """Whether what a timer was started for has come to its end before."""
    if key >= HOLD_END:
        return log.outcome[key - HOLD_END] != ON_HOLD
    if key >= CLOSING:
        return queues.head[key - CLOSING] < 0
    if key >= THRESHOLD:
        return not is_in_queue(log, key - THRESHOLD)
    if key < TOKEN or queues.bot_head[key - TOKEN] >= 0:
        return False
    queues.bot_waits[key - TOKEN] = 0
    return True


@jit_inner
def _factor(x, points, factors, first, last):
    """The factor at x of the curve whose points are first to last - 1, linear between them."""
    if x <= points[first]:
        return factors[first]
    for i in range(first + 1, last):
        if x < points[i]:
            share = (x - points[i - 1]) / (points[i] - points[i - 1])
            return factors[i - 1] + share * (factors[i] - factors[i - 1])
    return factors[last - 1]


@jit_apart
def _containment(center, queues, b, k):
    """Probability that bot b contains a contact of type k whose session begins now."""
    bots = center.bots
    p = bots.contained[b, k] * queues.bot_factor[b]
    first, last = bots.time_from[b], bots.time_from[b + 1]
    if first < last:
        p *= _factor(queues.clock[0], bots.time_at, bots.time_factor, first, last)
    first, last = bots.begun_from[b], bots.begun_from[b + 1]
    if first < last:
        p *= _factor(queues.bot_begun[b], bots.begun_at, bots.begun_factor, first, last)
    return p


@jit_apart
def start_session(center, work, log, queues, c, b):
    """Contact c begins its session at bot b; what becomes of it is settled now."""
    now, k, bots = queues.clock[0], work.contact_type[c], center.bots
    contained, luck = _containment(center, queues, b, k), work.bot_luck[c]
    fate = GIVES_UP if luck < contained + bots.gives_up[b, k] else ESCALATES
    work.bot_fate[c] = IS_CONTAINED if luck < contained else fate
    time = work.bot_time[c]
    if bots.escalation_law[b, k] >= 0:
        escalates = work.bot_fate[c] == ESCALATES
        law = bots.escalation_law[b, k] if escalates else bots.session_law[b, k]
        time = quantile(center.laws, law, time)
    time *= queues.bot_slowness[b]
    if work.bot_latency.size > 0:
        time += work.bot_latency[c]
    queues.bot_busy[b] += 1
    queues.bot_begun[b] += 1
    queues.bot_refilled[b] = max(queues.bot_refilled[b], now) + bots.gap[b]
    log.bot_started_at[c] = now
    set_timer(queues, now + time, c)


@jit_inner
def _next_token_at(center, queues, b):
    """The instant from which on bot b has a token."""
    return queues.bot_refilled[b] - center.bots.bucket[b]


@jit_inner
def _has_room(center, queues, b):
    """Whether bot b is up and has a session to give, tokens aside."""
    return queues.bot_mode[b] == BOT_UP and queues.bot_busy[b] < center.bot_sessions[b]


@jit_apart
def meet_bot(center, work, log, queues, agents, c, b):
    """Contact c arrives at bot b: a session, a wait for one, people, or lost."""
    unserved(log, c, IN_BOT, math.nan)
    log.offered_at[c] = math.nan
    log.n_ahead[c] = NONE
    log.n_ahead_all[c] = NONE
    mode = queues.bot_mode[b]
    if mode == BOT_UP:
        mode = center.bot_when_full[b]
        if queues.bot_busy[b] < center.bot_sessions[b]:
            if queues.clock[0] >= _next_token_at(center, queues, b):
                start_session(center, work, log, queues, c, b)
                return LIMIT
            mode = center.bots.when_limited[b]
    if mode == BOT_AGENT or mode == BOT_LOST:
        return go_without(center, work, log, queues, agents, c, mode)
    join_line(queues.bot_head, queues.bot_tail, queues, b, c)
    _wait_for_token(center, queues, b)
    return LIMIT


@jit_inner
def _wait_for_token(center, queues, b):
    """Plan the instant at which the line of bot b goes on, if only a token is missing."""
    if queues.bot_head[b] < 0 or queues.bot_waits[b] == 1 or not _has_room(center, queues, b):
        return
    queues.bot_waits[b] = 1
    set_timer(queues, _next_token_at(center, queues, b), TOKEN + b)


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
        and _has_room(center, queues, b)
        and queues.clock[0] >= _next_token_at(center, queues, b)
    ):
        start_session(center, work, log, queues, take_from_bot_line(queues, b), b)
    _wait_for_token(center, queues, b)


@jit_apart
def bot_timer(center, work, log, queues, agents, key):
    """A session ends, or there is a token for a bot's line."""
    if key < TOKEN:
        return end_session(center, work, log, queues, agents, key, False)
    queues.bot_waits[key - TOKEN] = 0
    fill_sessions(center, work, log, queues, key - TOKEN)
    return LIMIT


@jit
def end_session(center, work, log, queues, agents, c, failed):
    """The session of contact c ends: the next one starts, then c goes where its luck says.

    If the session ``failed``, c goes to people whatever its luck.
    """
    b = bot_at(center, work, log, c)
    now = queues.clock[0]
    log.bot_ended_at[c] = now
    queues.bot_busy[b] -= 1
    fill_sessions(center, work, log, queues, b)
    if failed or work.bot_fate[c] == ESCALATES:
        if not failed and _goes_elsewhere(center, work, log, queues, c, b):
            return LIMIT
        return reach_people(center, work, log, queues, agents, c)
    contained = work.bot_fate[c] == IS_CONTAINED
    log.outcome[c] = CONTAINED if contained else BOT_GAVE_UP
    log.left_at[c] = now
    return ended(center, work, queues, c, WELL_CONTAINED if contained else GIVING_UP)


@jit_apart
def _goes_elsewhere(center, work, log, queues, c, b):
    """Hand contact c on to the bot behind b or into a wrong queue; whether it goes there."""
    if center.limits[HAS_HAND_OVERS] == 0 or work.step[c] == SUBMITTED:
        return False
    bots, k = center.bots, work.contact_type[c]
    if bots.then[b] >= 0:
        log.outcome[c], log.left_at[c] = PASSED_ON, queues.clock[0]
        new = next_leg(center, work, log, queues, c, k, work.queue_type[c], bots.then[b])
        _bring_along(work, c, new)
        return True
    row, total = b * center.bot_of.size + k, 0.0
    for i in range(bots.wrong_from[row], bots.wrong_from[row + 1]):
        total += bots.wrong_share[i]
        if work.misrouting_luck[c] < total:
            log.outcome[c], log.left_at[c] = MISROUTED, queues.clock[0]
            new = next_leg(center, work, log, queues, c, k, bots.wrong_queue[i], WRONG_QUEUE)
            work.patience_time[new] *= center.bot_patience_factor[b]
            work.talk_factor[new] = center.bot_talk_factor[b]
            return True
    return False


@jit_inner
def _bring_along(work, c, new):
    """What a contact brings to people is the same behind one bot and behind several."""
    work.patience_time[new] = work.patience_time[c]
    work.talk_time[new] = work.talk_time[c]
    work.talk_factor[new] = work.talk_factor[c]
    work.wrap_time[new] = work.wrap_time[c]
    work.balks[new] = work.balks[c]
    work.transfer_luck[new] = work.transfer_luck[c]
    work.resolution_luck[new] = work.resolution_luck[c]
    work.return_luck[new] = work.return_luck[c]
    work.delay_luck[new] = work.delay_luck[c]
    if work.callback_luck.size > 0:
        work.callback_luck[new] = work.callback_luck[c]
    if work.calls_luck.size > 0:
        work.calls_luck[new] = work.calls_luck[c]
    if work.hearing_luck.size > 0:
        work.hearing_luck[new] = work.hearing_luck[c]
    if work.tie_luck.size > 0:
        work.tie_luck[new] = work.tie_luck[c]
    if work.turn_luck.size > 0:
        work.turn_luck[new] = work.turn_luck[c]
    if work.consult_luck.size > 0:
        work.consult_luck[new] = work.consult_luck[c]
        work.briefing_luck[new] = work.briefing_luck[c]
