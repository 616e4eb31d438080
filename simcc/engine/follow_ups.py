"""What follows a contact that has ended: the next leg of a transfer, or the next attempt; compiled.

A contact that follows is a new row, behind those of the workload. What it brings comes from
uniforms that belong to the issue and to its step, the number of contacts the issue has had.
"""

import math

from simcc.engine.linked import NONE
from simcc.engine.order import Stop
from simcc.engine.records import (
    ENDED,
    ENDING,
    HAS_COLLEAGUES,
    HAS_FOLLOW_UPS,
    HAS_HAND_OVERS,
    IN_SYSTEM,
    N_CONTACTS,
    N_RETURNS,
    N_STEPS,
    N_WORKLOAD,
    NO_ROOM,
    STOPPED_BY,
    SUBMITTED,
)
from simcc.heap import push
from simcc.inversion import quantile
from simcc.jit import jit_apart, jit_inner
from simcc.log import NO_BOT, WRONG_QUEUE, FollowedBy, Outcome
from simcc.model.follow_ups import ENDINGS
from simcc.workload import ATTRIBUTES, OF_BOTS, OF_CALLBACKS, OF_CHATS, OF_COLLEAGUES

LIMIT = int(Stop.LIMIT)
CONTACT_ENDED = int(Stop.CONTACT_ENDED)
NOT_ARRIVED = int(Outcome.NOT_ARRIVED)
TRANSFERRED = int(FollowedBy.TRANSFER)
RETURNED = int(FollowedBy.RETURN)
RETURNS_LATER = int(FollowedBy.RETURN_AFTER_END)
(
    ABANDONING, BALKING, BLOCKING, RESOLVED, UNRESOLVED, WELL_CONTAINED, FALSELY_CONTAINED,
    GIVING_UP, LOSING, CLOSED_OUT, NOT_REACHING,
) = range(len(ENDINGS))  # fmt: skip
(
    PATIENCE, TALK, WRAP, BALKS, BOT, BOT_LUCK, TRANSFER, RESOLUTION, RETURN, DELAY, TIE, CALLBACK,
    ANNOUNCEMENT, LATENCY, MISROUTING, TURNS, CALLS, CONSULT, BRIEFING,
) = range(len(ATTRIBUTES + OF_BOTS + OF_CHATS + OF_CALLBACKS + OF_COLLEAGUES))  # fmt: skip
BY_GROUP = -2  # a talk law that depends on who serves


@jit_inner
def ended(center, work, queues, c, ending):
    """Contact c has come to its end; the reason to stop, if it was submitted by a process.

    What follows it is seen to before the next event, by :func:`follow`.
    """
    if center.limits[HAS_FOLLOW_UPS] == 1:
        if work.step[c] != SUBMITTED:
            queues.count[ENDED], queues.count[ENDING] = c + 1, ending
            return LIMIT
    elif c < queues.count[N_WORKLOAD]:
        return LIMIT
    queues.count[STOPPED_BY] = c
    return CONTACT_ENDED


@jit_inner
def is_transferred(center, log, c):
    """Whether an agent has handed contact c over, so that it has a line and needs no bot."""
    if center.limits[HAS_FOLLOW_UPS] == 0 or log.leg[c] == 1:
        return False
    return center.limits[HAS_HAND_OVERS] == 0 or log.bot[c] == NO_BOT


@jit_inner
def bot_at(center, work, log, c):
    """The bot that contact c talks to as it arrives; below 0: none."""
    if center.limits[HAS_HAND_OVERS] == 1:
        return int(log.bot[c])
    return NO_BOT if is_transferred(center, log, c) else center.bot_of[work.contact_type[c]]


@jit_apart
def follow(center, work, log, queues):
    """After a contact's end: a transfer; or whether that resolves the issue, and who comes back."""
    c, ending = queues.count[ENDED] - 1, queues.count[ENDING]
    queues.count[ENDED] = 0
    if log.leg[c] == 0:
        return  # the question of an agent
    if ending == RESOLVED:
        if _transfer(center, work, log, queues, c):
            return
        resolution = center.follow.resolution[work.queue_type[c], log.group[c]]
        if work.resolution_luck[c] < resolution:
            log.resolved[c] = 1
        else:
            ending = UNRESOLVED
    elif ending == WELL_CONTAINED:
        b = bot_at(center, work, log, c)
        if work.resolution_luck[c] < center.bots.solves[b, work.contact_type[c]]:
            log.resolved[c] = 1
        else:
            ending = FALSELY_CONTAINED
    _maybe_return(center, work, log, queues, c, ending)


@jit_inner
def _transfer(center, work, log, queues, c):
    """Hand contact c over to another queue if its luck says so; whether it does."""
    if center.limits[HAS_HAND_OVERS] == 1 and log.bot[c] == WRONG_QUEUE:
        _pass_on(center, work, log, queues, c, center.follow.queue_of[work.contact_type[c]])
        return True
    i = transfer_row(center, work, log, c)
    if i >= 0:
        hand_over(center, work, log, queues, c, i)
    return i >= 0


@jit_inner
def transfer_row(center, work, log, c):
    """By which row of the transfers contact c is handed over, if its luck says so; -1: none."""
    tables, q, total = center.follow, work.queue_type[c], 0.0
    for i in range(tables.transfer_from[q], tables.transfer_from[q + 1]):
        total += tables.transfer_chance[i, log.group[c]]
        if work.transfer_luck[c] < total:
            return i
    return NONE


@jit_apart
def hand_over(center, work, log, queues, c, i):
    """The agent hands contact c over by row i of the transfers; the number of the new leg."""
    tables = center.follow
    new = _pass_on(center, work, log, queues, c, tables.transfer_to[i])
    work.patience_time[new] *= tables.transfer_patience[i]
    work.talk_factor[new] = tables.transfer_talk[i]
    return new


@jit_inner
def _pass_on(center, work, log, queues, c, q):
    """Contact c goes on in queue q; the number of the new leg."""
    queues.count[IN_SYSTEM] += 1  # the customer keeps the line
    return next_leg(center, work, log, queues, c, q, q, NO_BOT)


@jit_inner
def next_leg(center, work, log, queues, c, kind, q, b):
    """Contact c goes on at once, as a type in queue q, or at bot b; the number of the new leg."""
    log.followed_by[c] = TRANSFERRED
    return add(center, work, log, queues, c, kind, q, b, queues.clock[0], 1)


@jit_inner
def _maybe_return(center, work, log, queues, c, ending):
    """The customer of contact c comes back after a delay, if the luck says so."""
    tables = center.follow
    k, luck, total = work.contact_type[c], work.return_luck[c], 0.0
    attempt = log.attempt[c]
    column = min(attempt, tables.return_chance.shape[1]) - 1
    for i in range(tables.return_from[k], tables.return_from[k + 1]):
        if (tables.return_when[i] >> ending) & 1 == 0 or attempt > tables.return_most[i]:
            continue
        chance = tables.return_chance[i, column]
        if ending == RESOLVED or ending == UNRESOLVED:
            by_group = tables.return_chance_by_group[i, log.group[c]]
            chance = chance if math.isnan(by_group) else by_group
        total += chance
        if luck < total:
            delay = quantile(center.laws, tables.return_delay[i], work.delay_luck[c])
            at = queues.clock[0] + delay
            if at >= tables.horizon[0]:
                log.followed_by[c] = RETURNS_LATER
                return
            log.followed_by[c] = RETURNED
            kind = tables.return_type[i]
            q, b = tables.queue_of[kind], center.bot_of[kind]
            new = add(center, work, log, queues, c, kind, q, b, at, 0)
            work.patience_time[new] *= tables.return_patience[i]
            work.talk_factor[new] = tables.return_talk[i]
            return


@jit_apart
def add(center, work, log, queues, c, kind, q, b, at, legs):
    """Add the contact that follows contact c, at an instant; its number.

    It comes as a type, at bot b or, if that is below 0, in queue q.
    """
    count = queues.count
    new = count[N_CONTACTS]
    count[N_CONTACTS] = new + 1
    log.issue[new] = log.issue[c]
    log.leg[new] = log.leg[c] + 1 if legs == 1 else 1
    log.attempt[new] = log.attempt[c] + 1 - legs
    work.step[new] = work.step[c] + 1
    log.arrived_at[new] = at
    log.outcome[new] = NOT_ARRIVED
    log.resolved[new] = 0
    log.followed_by[new] = 0
    if center.limits[HAS_COLLEAGUES] == 1:
        work.asked_by[new] = NONE
        log.asked_at[new] = log.released_at[new] = math.nan
    work.contact_type[new] = kind
    work.queue_type[new] = q
    work.talk_factor[new] = 1.0
    if center.limits[HAS_HAND_OVERS] == 1:
        log.bot[new] = b
    _bring(center, work, log, queues, new, b)
    push(queues.return_times, queues.return_keys, count[N_RETURNS], at, new)
    count[N_RETURNS] += 1
    full = new + 3 > log.outcome.size or count[N_RETURNS] + 3 > queues.return_times.size
    if work.step[new] == count[N_STEPS] or full:
        count[NO_ROOM] = 1
    return new


@jit_apart
def _bring(center, work, log, queues, c, b):
    """What contact c brings, from the uniforms of its issue and step; its bot is b, if >= 0."""
    tables, u, laws = center.follow, work.uniforms, center.laws
    n, q = queues.count[N_WORKLOAD], work.queue_type[c]
    start = (work.step[c] - 1) * tables.n_attributes[0] * n + log.issue[c]
    law = tables.patience_law[q]
    work.patience_time[c] = math.inf if law < 0 else quantile(laws, law, u[start + PATIENCE * n])
    law = tables.wrap_law[q]
    work.wrap_time[c] = 0.0 if law < 0 else quantile(laws, law, u[start + WRAP * n])
    work.talk_time[c] = _talk(center, log, c, q, u[start + TALK * n])
    work.balks[c] = u[start + BALKS * n] < tables.balking[q]
    if b >= 0:
        _bring_to_bot(center, work, c, b, u, start, n)
    work.transfer_luck[c] = u[start + TRANSFER * n]
    work.resolution_luck[c] = u[start + RESOLUTION * n]
    work.return_luck[c] = u[start + RETURN * n]
    if work.callback_luck.size > 0:
        work.callback_luck[c] = u[start + CALLBACK * n]
    if work.calls_luck.size > 0:
        work.calls_luck[c] = u[start + CALLS * n]
    if work.hearing_luck.size > 0:
        work.hearing_luck[c] = u[start + ANNOUNCEMENT * n]
    if work.tie_luck.size > 0:
        work.tie_luck[c] = u[start + TIE * n]
    if work.consult_luck.size > 0:
        work.consult_luck[c] = u[start + CONSULT * n]
        work.briefing_luck[c] = u[start + BRIEFING * n]
    if work.turn_luck.size > 0:
        work.turn_luck[c] = u[start + TURNS * n]
    work.delay_luck[c] = u[start + DELAY * n]


@jit_apart
def _bring_to_bot(center, work, c, b, u, start, n):
    """What contact c brings to bot b."""
    bots, k, luck = center.bots, work.contact_type[c], u[start + BOT * n]
    by_end = bots.escalation_law[b, k] >= 0
    work.bot_time[c] = luck if by_end else quantile(center.laws, bots.session_law[b, k], luck)
    work.bot_luck[c] = u[start + BOT_LUCK * n]
    if work.bot_latency.size > 0:
        law = bots.latency_law[b]
        luck = u[start + LATENCY * n]
        work.bot_latency[c] = 0.0 if law < 0 else quantile(center.laws, law, luck)
    if work.misrouting_luck.size > 0:
        work.misrouting_luck[c] = u[start + MISROUTING * n]


@jit_inner
def _talk(center, log, c, q, u):
    """Talk time of a contact of queue q, or the uniform itself if the law depends on who serves."""
    tables = center.follow
    first, last = tables.talk_from[q], tables.talk_from[q + 1] - 1
    if first > last:
        return 0.0
    if last > first:
        first = min(first + int(log.arrived_at[c] / tables.width[0]), last)
    if tables.talk_law[first] == BY_GROUP:
        return u
    return tables.talk_scale[first] * quantile(center.laws, tables.talk_law[first], u)
