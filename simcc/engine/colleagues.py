"""Agents who are held until a colleague has answered: consults and warm transfers; compiled.

The question of a consult is a contact of its own, its ``leg`` is 0. ``asked_by`` holds the contact
whose agent waits for it, or for the next leg of a warm transfer.
"""

import math

from simcc.engine.follow_ups import add, hand_over, transfer_row
from simcc.engine.interrupting import end_spell
from simcc.engine.linked import NONE
from simcc.engine.records import (
    HAS_COLLEAGUES,
    HAS_HAND_OVERS,
    HAS_INTERRUPTIONS,
    HAS_TRUNKS,
    IN_SYSTEM,
    SUBMITTED,
)
from simcc.engine.service_ends import push_done
from simcc.inversion import quantile
from simcc.jit import jit_apart, jit_inner
from simcc.log import NO_BOT, WRONG_QUEUE


@jit_apart
def keeps_agent(center, work, log, queues, agents, c):
    """Whether the agent of contact c, whose talk ends, is held for a colleague; if not, it ends."""
    if center.limits[HAS_COLLEAGUES] == 1 and _asks_or_stays(center, work, log, queues, agents, c):
        return True
    if center.limits[HAS_TRUNKS] == 1:
        queues.talking[work.queue_type[c]] -= 1
    return False


@jit_inner
def _asks_or_stays(center, work, log, queues, agents, c):
    """Whether the agent of contact c asks a colleague, or hands the customer over warm."""
    if work.step[c] == SUBMITTED:
        return False
    if center.limits[HAS_HAND_OVERS] == 1 and log.bot[c] == WRONG_QUEUE:
        return False
    return _consults(center, work, log, queues, agents, c) or _stays(
        center, work, log, queues, agents, c
    )


@jit_inner
def _consults(center, work, log, queues, agents, c):
    """Whether the agent of contact c asks a colleague, which it does once at most."""
    if log.leg[c] == 0 or not math.isnan(log.asked_at[c]):
        return False
    tables, q, total = center.follow, work.queue_type[c], 0.0
    for i in range(tables.consult_from[q], tables.consult_from[q + 1]):
        total += tables.consult_chance[i, log.group[c]]
        if work.consult_luck[c] < total:
            now, to = queues.clock[0], tables.consult_to[i]
            log.asked_at[c] = now
            _hold_on(center, log, agents, c)
            log.left_at[c] = math.nan
            queues.count[IN_SYSTEM] += 1
            new = add(center, work, log, queues, c, to, to, NO_BOT, now, 1)
            log.leg[new] = 0
            work.step[c] = work.step[new]
            work.asked_by[new] = c
            return True
    return False


@jit_inner
def _stays(center, work, log, queues, agents, c):
    """Whether contact c is handed over warm."""
    if log.leg[c] == 0:
        return False
    tables = center.follow
    i = transfer_row(center, work, log, c)
    if i < 0 or tables.transfer_warm[i] == 0:
        return False
    queues.count[IN_SYSTEM] -= 1
    if center.limits[HAS_TRUNKS] == 1:
        queues.talking[work.queue_type[c]] -= 1
    _hold_on(center, log, agents, c)
    log.released_at[c] = math.inf
    new = hand_over(center, work, log, queues, c, i)
    work.asked_by[new] = c
    law = tables.transfer_briefing[i]
    luck = work.briefing_luck[c]
    work.briefing_time[new] = 0.0 if law < 0 else quantile(center.laws, law, luck)
    return True


@jit_inner
def _hold_on(center, log, agents, c):
    """The agent of contact c is held until a colleague has answered."""
    log.freed_at[c] = math.nan
    if center.limits[HAS_INTERRUPTIONS] == 1:
        end_spell(agents, log.agent[c])


@jit_apart
def note_talk(center, work, log, queues, agents, c, k, g, talk):
    """Contact c is answered by group g, or goes on: its talk time, with the briefing if any."""
    if center.limits[HAS_TRUNKS] == 1:
        queues.talking[k] += 1
    if center.limits[HAS_COLLEAGUES] == 0:
        return talk
    asker = work.asked_by[c]
    if asker < 0 or log.leg[c] == 0:
        return talk
    work.asked_by[c] = NONE
    briefing = work.briefing_time[c]
    _let_go_on(center, work, log, queues, agents, asker, briefing / center.speed[k, g])
    return talk + briefing


@jit_apart
def let_asker_go_on(center, work, log, queues, agents, c):
    """Contact c, for which an agent waits, has ended: that agent goes on."""
    asker = work.asked_by[c]
    work.asked_by[c] = NONE
    if log.leg[c] > 0:  # it was never answered
        _let_go_on(center, work, log, queues, agents, asker, 0.0)
        return
    log.left_at[asker] = queues.clock[0]
    log.freed_at[asker] = log.left_at[asker] + _after_call_work(center, work, log, asker)
    push_done(queues, agents, log.left_at[asker], 2 * asker)


@jit_inner
def _let_go_on(center, work, log, queues, agents, c, delay):
    """After a delay the agent who has handed contact c over goes on with after-call work."""
    log.released_at[c] = queues.clock[0] + delay
    log.freed_at[c] = log.released_at[c] + _after_call_work(center, work, log, c)
    push_done(queues, agents, log.freed_at[c], 2 * c + 1)


@jit_inner
def _after_call_work(center, work, log, c):
    return work.wrap_time[c] / center.speed[work.queue_type[c], log.group[c]]
