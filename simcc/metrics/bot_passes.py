"""The compiled pass over the contact log of one replication for bots; cells as in passes."""

import numpy as np

from simcc.jit import jit_inner, jit_with_arrays
from simcc.log import NO_BOT, FollowedBy, Outcome
from simcc.metrics.counters import ORIGIN_COUNTERS
from simcc.metrics.passes import Floats, Ints, add_spell, cell_of, ends_at_bot

NOT_ARRIVED = int(Outcome.NOT_ARRIVED)
IN_BOT = int(Outcome.IN_BOT)
WAITING = int(Outcome.WAITING)
CONTAINED = int(Outcome.CONTAINED)
BOT_GAVE_UP = int(Outcome.BOT_GAVE_UP)
BOT_LOST = int(Outcome.BOT_LOST)
PASSED_ON = int(Outcome.PASSED_ON)
MISROUTED = int(Outcome.MISROUTED)
RETURN = int(FollowedBy.RETURN)

(
    O_ARRIVALS, O_BOT_OFFERED, O_SESSIONS, O_FULL, O_BOT_WAIT, O_CONTAINED, O_GAVE_UP,
    O_ESCALATED, O_LOST, O_IN_BOT, O_BOT_TIME, O_HELPED, O_BOUNCED_BACK, O_PASSED_ON, O_MISROUTED,
    O_BUSY_TIME, O_SESSION_SUM,
) = range(len(ORIGIN_COUNTERS))  # fmt: skip


@jit_with_arrays
def count_bots(
    arrived_at: Floats, contact_type: Ints, answered_at: Floats, freed_at: Floats, outcome: Ints,
    bot_started_at: Floats, bot_ended_at: Floats, issue: Ints, leg: Ints, resolved: Ints,
    followed_by: Ints, bot: Ints, ended_at: float, edges: Floats, last: int, bot_of: Ints,
    stage_of: Ints, sums: Floats,
) -> None:  # fmt: skip
    """Add what bots have done with every contact of a replication, and what people did then.

    Parameters
    ----------
    arrived_at, ..., bot : array
        The contact log, see :mod:`simcc.log`.
    ended_at : float
        End of the run; spells are cut there.
    edges : float64 array, shape (n_cells + 1,)
    last : int
        The last cell that contacts belong to.
    bot_of : int array, shape (n_types,)
        The bot in front of each type; -1: none.
    stage_of : int array, shape (n_types, n_bots)
        Number of the stage behind other bots.
    sums : float64 array, shape (n_cells, n_types + n_stages, counters)
        Added to, where a contact counts at its first bot by its type.
    """
    k, n_types = 0, len(bot_of)
    handed_over = np.full(len(issue), -1)  # by issue: where its last session is counted
    for i in range(len(arrived_at)):
        what = outcome[i]
        if what == NOT_ARRIVED:
            continue
        at, origin = arrived_at[i], contact_type[i]
        if at >= edges[k + 1] or at < edges[k]:
            k = min(cell_of(edges, k, at), last)
        comes_in = len(leg) == 0 or leg[i] == 1
        b = bot_of[origin] if comes_in else NO_BOT
        if len(bot) > 0:
            b = bot[i]
        row = NO_BOT if comes_in else handed_over[issue[i]]
        if b >= 0:
            row = origin if comes_in else n_types + stage_of[origin, b]
            helped = what == CONTAINED
            if len(resolved) > 0:
                helped = resolved[i] == 1 and helped
                sums[k, row, O_BOUNCED_BACK] += what == CONTAINED and followed_by[i] >= RETURN
            sums[k, row, O_HELPED] += helped
            count_session(
                sums, edges, k, row, what, at, bot_started_at[i], bot_ended_at[i], ended_at
            )
            if not bot_ended_at[i] <= ended_at:
                row = NO_BOT  # whoever passes by a bot is nobody whom it has handed over
        if len(issue) > 0:
            handed_over[issue[i]] = row
        if row >= 0 and answered_at[i] <= ended_at:
            end = ended_at
            if freed_at[i] < ended_at:
                end = freed_at[i]
            add_spell(sums, row, O_BUSY_TIME, edges, k, answered_at[i], end)


@jit_inner
def count_session(
    sums: Floats, edges: Floats, k: int, row: int, what: int, at: float,
    started: float, ended: float, ended_at: float,
) -> None:  # fmt: skip
    """Add the bot's part of one contact that arrived in cell k."""
    sums[k, row, O_BOT_OFFERED] += 1
    if started <= ended_at:  # False for NaN: no session
        sums[k, row, O_SESSIONS] += 1
        sums[k, row, O_FULL] += started > at
        sums[k, row, O_BOT_WAIT] += started - at
        end = ended_at
        if ended < ended_at:
            end = ended
        sums[k, row, O_SESSION_SUM] += end - started
        add_spell(sums, row, O_BOT_TIME, edges, k, started, end)
        reaches_people = what >= WAITING and not ends_at_bot(what)
        sums[k, row, O_ESCALATED] += reaches_people or what == MISROUTED
    else:
        sums[k, row, O_FULL] += 1
    sums[k, row, O_CONTAINED] += what == CONTAINED
    sums[k, row, O_GAVE_UP] += what == BOT_GAVE_UP
    sums[k, row, O_LOST] += what == BOT_LOST
    sums[k, row, O_IN_BOT] += what == IN_BOT
    sums[k, row, O_PASSED_ON] += what == PASSED_ON
    sums[k, row, O_MISROUTED] += what == MISROUTED
