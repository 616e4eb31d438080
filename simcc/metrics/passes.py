"""The compiled passes over the logs of one replication.

Time is cut into cells: cell 0 is before the counting window, cells 1 to n are its intervals, cell
n + 1 is after it. ``edges`` has n + 3 entries, from -inf to inf; cell k is [edges[k], edges[k+1]).
Sums that fall outside the window land in the outer cells, which the caller drops, so the passes
need no test for it. All times are seconds, all sums float64, all output arrays are added to.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcc.jit import jit, jit_inner, jit_with_arrays
from simcc.log import NO_BOT, Outcome
from simcc.metrics.counters import (
    AGENT_COUNTERS,
    FIRST_BIN_OCTAVE,
    GROUP_COUNTERS,
    ISSUE_COUNTERS,
    N_BINS,
    ORIGIN_COUNTERS,
    PAIR_SUMS,
    SUB_BINS_LOG2,
    TYPE_COUNTERS,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]  # integers of any size

NOT_ARRIVED = int(Outcome.NOT_ARRIVED)
WAITING = int(Outcome.WAITING)
SERVED = int(Outcome.SERVED)
ABANDONED = int(Outcome.ABANDONED)
BALKED = int(Outcome.BALKED)
BLOCKED = int(Outcome.BLOCKED)
CALLBACK_ASKED = int(Outcome.CALLBACK_ASKED)
CALLED_BACK = int(Outcome.CALLED_BACK)
INTERRUPTED = int(Outcome.INTERRUPTED)
PASSED_ON = int(Outcome.PASSED_ON)
MISROUTED = int(Outcome.MISROUTED)
CLOSED = int(Outcome.CLOSED)
LEFT_IN_CHAT = int(Outcome.LEFT_IN_CHAT)
TIMED_OUT = int(Outcome.TIMED_OUT)
DIALLING = int(Outcome.DIALLING)  # this and the next ones up to ON_HOLD are of outbound calls
ON_HOLD = int(Outcome.ON_HOLD)
CALLING = int(Outcome.CALLING)
NOT_REACHED = int(Outcome.NOT_REACHED)

(
    T_OFFERED, T_SERVED, T_ABANDONED, T_BALKED, T_BLOCKED, T_QUEUED, T_IN_QUEUE,
    T_WAIT_SERVED, T_WAIT_ABANDONED, T_TALK_SUM, T_WRAP_SUM, T_ABANDONED_EVT, T_QUEUE_TIME,
    T_BUSY_TIME, T_QUEUE_MAX, T_AT_START, T_CALLBACKS, T_CALLED_BACK, T_CALLBACK_WAIT,
    T_CALLBACK_TIME, T_INTERRUPTIONS, T_DUE, T_ON_TIME, T_AGE_AT_START, T_CLOSED,
) = range(len(TYPE_COUNTERS))  # fmt: skip
T_WITHIN = len(TYPE_COUNTERS)
O_ARRIVALS = ORIGIN_COUNTERS.index("arrivals")
(
    I_ISSUES, I_RESOLVED, I_RESOLVED_AT_FIRST, I_REPEATS, I_TRANSFERRED_IN, I_OFFERED_REPEAT,
    I_ABANDONED_REPEAT,
) = range(len(ISSUE_COUNTERS))  # fmt: skip
P_SERVED, P_TALK_SUM, P_WRAP_SUM, P_TALK_TIME, P_WRAP_TIME = range(len(PAIR_SUMS))
(
    G_SERVED, G_TALK_SUM, G_WRAP_SUM, G_BUSY_TIME, G_TALK_TIME, G_WRAP_TIME, *_,
) = range(len(GROUP_COUNTERS))  # fmt: skip
(
    A_SERVED, A_TALK_TIME, A_WRAP_TIME, *_,
) = range(len(AGENT_COUNTERS))  # fmt: skip

MANTISSA_BITS = 52
FIRST_CODE = (1023 + FIRST_BIN_OCTAVE) << SUB_BINS_LOG2


@jit
def cell_of(edges: Floats, k: int, at: float) -> int:
    """Return the cell that holds instant `at`, looking from cell `k` on."""
    while at < edges[k]:
        k -= 1
    while at >= edges[k + 1]:
        k += 1
    return k


@jit
def add_spell(
    sums: Floats, row: int, column: int, edges: Floats, k: int, start: float, end: float
) -> int:
    """Add the time from `start` to `end` to the cells it falls in; return the last of them.

    `sums` has shape (cells, rows, columns); `k` is a cell not after the start.
    """
    while start >= edges[k + 1]:
        k += 1
    while end > edges[k + 1]:
        sums[k, row, column] += edges[k + 1] - start
        start = edges[k + 1]
        k += 1
    sums[k, row, column] += end - start
    return k


@jit_inner
def add_wait(types: Floats, edges: Floats, k: int, q: int, start: float, end: float) -> int:
    """Add a wait in queue q to the time integral, and to those waiting where an interval starts."""
    joined = start
    while end > edges[k + 1]:
        types[k, q, T_QUEUE_TIME] += edges[k + 1] - start
        start = edges[k + 1]
        k += 1
        types[k, q, T_AT_START] += 1
        types[k, q, T_AGE_AT_START] += edges[k] - joined
    types[k, q, T_QUEUE_TIME] += end - start
    return k


@jit_inner
def ends_at_bot(what: int) -> bool:
    """Return whether a contact with this outcome came to its end at a bot."""
    return BLOCKED < what < CALLBACK_ASKED or what in (PASSED_ON, MISROUTED)


@jit
def count_contacts(
    arrived_at: Floats, contact_type: Ints, queue_type: Ints, offered_at: Floats,
    answered_at: Floats, resumed_at: Floats, left_at: Floats, freed_at: Floats, group: Ints,
    n_ahead: Ints, n_ahead_all: Ints, outcome: Ints, leg: Ints, ended_at: float, edges: Floats,
    last: int, thresholds: Floats, pair_of: Ints, types: Floats, origins: Floats, pairs: Floats,
    queue_max: Floats,
) -> None:  # fmt: skip
    """Add every contact of a replication to the counters.

    Parameters
    ----------
    arrived_at, ..., leg : array
        The contact log, see :mod:`simcc.log`; `resumed_at` is `answered_at` if nothing is ever
        interrupted.
    ended_at : float
        End of the run; spells are cut there.
    edges : float64 array, shape (n_cells + 1,)
    last : int
        The last cell that contacts belong to; who is handed over later belongs there too.
    thresholds : float64 array
        Waits "within" which contacts are counted.
    pair_of : int array, shape (n_types, n_groups)
        Number of the pair, -1 if the group lacks the skill.
    types, origins, pairs : float64 array, shape (n_cells, rows, counters)
        Added to. Served contacts and their times go to `pairs` only.
    queue_max : float64 array, shape (n_cells,)
        Most contacts waiting in all queues when one joined; overwritten where larger.
    """
    k = 0
    n_thresholds = len(thresholds)
    for i in range(len(arrived_at)):
        what = outcome[i]
        if what == NOT_ARRIVED or DIALLING <= what <= ON_HOLD:
            continue
        if what in (INTERRUPTED, LEFT_IN_CHAT, TIMED_OUT):  # it was answered
            what = SERVED
        at = arrived_at[i]
        if at >= edges[k + 1] or at < edges[k]:
            k = min(cell_of(edges, k, at), last)
        origins[k, contact_type[i], O_ARRIVALS] += len(leg) == 0 or leg[i] == 1
        if what < WAITING or ends_at_bot(what):
            continue
        q = queue_type[i]
        types[k, q, T_OFFERED] += 1
        offered = offered_at[i]
        if what in (CALLBACK_ASKED, CALLED_BACK, CALLING, NOT_REACHED):
            called = what == CALLED_BACK
            end = answered_at[i] if called else left_at[i] if what == NOT_REACHED else ended_at
            types[k, q, T_CALLBACKS] += 1
            types[k, q, T_CALLED_BACK] += called
            if called:
                types[k, q, T_CALLBACK_WAIT] += end - offered
            now = add_spell(types, q, T_CALLBACK_TIME, edges, k, offered, end)
            if called:
                p = pair_of[q, group[i]]
                left = ended_at if np.isnan(left_at[i]) else min(left_at[i], ended_at)
                freed = ended_at if np.isnan(freed_at[i]) else min(freed_at[i], ended_at)
                now = add_spell(pairs, p, P_TALK_TIME, edges, now, end, left)
                add_spell(pairs, p, P_WRAP_TIME, edges, now, left, freed)
            continue
        now = k  # cell of the moment looked at, k stays that of the arrival
        while offered >= edges[now + 1]:
            now += 1
        end = ended_at
        if what == SERVED:
            end = answered_at[i]
            wait = end - offered
            types[k, q, T_WAIT_SERVED] += wait
            for j in range(n_thresholds):
                if wait <= thresholds[j]:
                    types[k, q, T_WITHIN + j] += 1
        elif what == WAITING:
            types[k, q, T_IN_QUEUE] += 1
        elif what <= BALKED:  # abandoned or balked
            end = left_at[i]
            wait = end - offered
            types[k, q, T_ABANDONED] += 1
            types[k, q, T_BALKED] += what == BALKED
            types[k, q, T_WAIT_ABANDONED] += wait
            types[cell_of(edges, now, end), q, T_ABANDONED_EVT] += 1
            for j in range(n_thresholds):
                if wait <= thresholds[j]:
                    types[k, q, T_WITHIN + n_thresholds + j] += 1
        else:
            types[k, q, T_BLOCKED] += 1
            types[k, q, T_CLOSED] += what == CLOSED
            end = left_at[i]
        if n_ahead[i] >= 0:
            types[k, q, T_QUEUED] += 1
            types[now, q, T_QUEUE_MAX] = max(types[now, q, T_QUEUE_MAX], n_ahead[i] + 1.0)
            queue_max[now] = max(queue_max[now], n_ahead_all[i] + 1.0)
            now = add_wait(types, edges, now, q, offered, end)
        if what == SERVED:
            p = pair_of[q, group[i]]
            left, freed = left_at[i], freed_at[i]
            if np.isnan(freed):  # held beside others, and not over when the run ended
                freed = ended_at
                left = ended_at if np.isnan(left) else left
            pairs[k, p, P_SERVED] += 1
            start = resumed_at[i]
            if np.isnan(start):
                continue  # waits to be resumed
            pairs[k, p, P_TALK_SUM] += left - start
            pairs[k, p, P_WRAP_SUM] += freed - left
            talk_end = min(left, ended_at)
            now = add_spell(pairs, p, P_TALK_TIME, edges, now, start, talk_end)
            if freed > left:
                add_spell(pairs, p, P_WRAP_TIME, edges, now, talk_end, min(freed, ended_at))


@jit
def count_issues(
    arrived_at: Floats, contact_type: Ints, queue_type: Ints, outcome: Ints, issue: Ints,
    attempt: Ints, leg: Ints, resolved: Ints, followed_by: Ints, bot: Ints, edges: Floats,
    last: int, issues: Floats,
) -> None:  # fmt: skip
    """Add what becomes of issues; `issues` has shape (n_cells, n_types, counters)."""
    k = 0
    for i in range(len(arrived_at)):
        what = outcome[i]
        if what == NOT_ARRIVED or DIALLING <= what <= ON_HOLD or leg[i] == 0:
            continue  # leg 0 is the question of an agent
        k = min(cell_of(edges, k, arrived_at[i]), last)
        origin, queue, repeats = contact_type[i], queue_type[i], attempt[i] > 1
        if leg[i] > 1:
            issues[k, origin, I_TRANSFERRED_IN] += len(bot) == 0 or bot[i] == NO_BOT
        elif repeats:
            issues[k, origin, I_REPEATS] += 1
        else:
            issues[k, origin, I_ISSUES] += 1
        if resolved[i] == 1 and followed_by[i] == 0:
            first = issue[i]
            came, kind = cell_of(edges, k, arrived_at[first]), contact_type[first]
            issues[came, kind, I_RESOLVED] += 1
            issues[came, kind, I_RESOLVED_AT_FIRST] += not repeats
        if repeats and what >= WAITING and not ends_at_bot(what):
            issues[k, queue, I_OFFERED_REPEAT] += 1
            issues[k, queue, I_ABANDONED_REPEAT] += ABANDONED <= what <= BALKED


@jit
def add_pairs(
    pairs: Floats, type_of: Ints, group_of: Ints, types: Floats, groups: Floats, kept: Floats
) -> None:
    """Add the sums by pair, shape (intervals, pairs, PAIR_SUMS), to those by type and by group.

    `kept` has shape (intervals or 1, pairs, PAIR_COUNTERS) and gets those kept by pair.
    """
    for k in range(pairs.shape[0]):
        for p in range(pairs.shape[1]):
            sums = pairs[k, p]
            busy = sums[P_TALK_TIME] + sums[P_WRAP_TIME]
            if sums[P_SERVED] == 0 and busy == 0:
                continue
            q, g, n = type_of[p], group_of[p], min(k, len(kept) - 1)
            kept[n, p, 0] += sums[P_SERVED]
            kept[n, p, 1] += busy
            types[k, q, T_SERVED] += sums[P_SERVED]
            types[k, q, T_TALK_SUM] += sums[P_TALK_SUM]
            types[k, q, T_WRAP_SUM] += sums[P_WRAP_SUM]
            types[k, q, T_BUSY_TIME] += busy
            groups[k, g, G_SERVED] += sums[P_SERVED]
            groups[k, g, G_TALK_SUM] += sums[P_TALK_SUM]
            groups[k, g, G_WRAP_SUM] += sums[P_WRAP_SUM]
            groups[k, g, G_BUSY_TIME] += busy
            groups[k, g, G_TALK_TIME] += sums[P_TALK_TIME]
            groups[k, g, G_WRAP_TIME] += sums[P_WRAP_TIME]


@jit_with_arrays
def count_presence(
    at: Floats, group: Ints, deltas: Ints, ended_at: float, edges: Floats, sums: Floats
) -> None:
    """Integrate the agent log over the cells.

    Parameters
    ----------
    at, group : array, shape (rows,)
        When, and whose number changes; rows in time order, none after `ended_at`.
    deltas : int8 array, shape (3, rows)
        Changes of the number scheduled, present and paid.
    sums : float64 array, shape (n_cells, groups, 3)
        Added to: agent-seconds scheduled, present and paid.
    """
    level = np.zeros(sums.shape[1:])
    since = np.full(sums.shape[1], edges[1] if len(at) == 0 else at[0])
    for row in range(len(at)):
        g = group[row]
        add_levels(sums, edges, g, level[g], since[g], at[row])
        since[g] = at[row]
        for j in range(3):
            level[g, j] += deltas[j, row]
    for g in range(len(level)):
        add_levels(sums, edges, g, level[g], since[g], ended_at)


@jit_inner
def add_levels(
    sums: Floats, edges: Floats, g: int, level: Floats, start: float, end: float
) -> None:
    """Add constant levels of group g over [start, end) to the cells."""
    if end <= start:
        return
    k = np.searchsorted(edges, start, side="right") - 1
    while start < end:
        until = min(edges[k + 1], end)
        for j in range(len(level)):
            sums[k, g, j] += level[j] * (until - start)
        start = until
        k += 1


@jit
def count_agents(
    arrived_at: Floats, answered_at: Floats, left_at: Floats, freed_at: Floats, agent: Ints,
    ended_at: float, begin: float, end: float, sums: Floats,
) -> None:  # fmt: skip
    """Add each agent's contacts and times within [begin, end) to `sums` (agents, counters)."""
    end = min(end, ended_at)
    for i in range(len(agent)):
        a = agent[i]
        if a >= 0:
            sums[a, A_SERVED] += begin <= arrived_at[i] < end
            if np.isnan(answered_at[i]):
                continue  # waits to be resumed
            left = ended_at if np.isnan(left_at[i]) else left_at[i]
            freed = ended_at if np.isnan(freed_at[i]) else freed_at[i]
            answered = min(max(answered_at[i], begin), end)
            left = min(max(left, begin), end)
            freed = min(max(freed, begin), end)
            sums[a, A_TALK_TIME] += left - answered
            sums[a, A_WRAP_TIME] += freed - left


@jit
def count_occupied(
    answered_at: Floats, freed_at: Floats, agent: Ints, group: Ints, order: Ints,
    ended_at: float, edges: Floats, sums: Floats,
) -> None:  # fmt: skip
    """Add the time in which agents hold anything at all to `sums` (n_cells, groups, 1).

    `order` has the contacts served, agent by agent and by the instant of the answer.
    """
    before, until, k = -1, 0.0, 0
    for i in order:
        freed = min(freed_at[i], ended_at) if freed_at[i] <= ended_at else ended_at
        if agent[i] != before:
            before, until, k = agent[i], answered_at[i], 0
        start = max(answered_at[i], until)
        if freed > start:
            k = add_spell(sums, group[i], 0, edges, k, start, freed)
            until = freed


@jit
def bin_of(wait: float) -> int:
    """Return the histogram bin of a wait: 0 for none, then by the leading bits of the number."""
    if wait <= 0.0:
        return 0
    bits = int(np.float64(wait).view(np.int64))
    code = (bits >> (MANTISSA_BITS - SUB_BINS_LOG2)) - FIRST_CODE
    return min(max(code + 1, 1), N_BINS - 1)


@jit
def count_waits(
    arrived_at: Floats, queue_type: Ints, offered_at: Floats, answered_at: Floats,
    left_at: Floats, outcome: Ints, edges: Floats, last: int, whole: Ints, by_interval: Ints,
) -> None:  # fmt: skip
    """Add the waits of contacts that arrived in the window to histograms.

    `whole` has shape (n_types, 2, N_BINS), `by_interval` one more in front: its intervals, or 0
    if not wanted. Of the 2, the first is for the served, the second for the abandoned.
    """
    n_intervals = len(edges) - 3
    k = 0
    for i in range(len(arrived_at)):
        what = outcome[i]
        if what == INTERRUPTED:
            what = SERVED
        if what < SERVED or what > BALKED:
            continue
        at = arrived_at[i]
        if at >= edges[k + 1] or at < edges[k]:
            k = min(cell_of(edges, k, at), last)
        if k == 0 or k > n_intervals:
            continue
        side = 0 if what == SERVED else 1
        end = answered_at[i] if what == SERVED else left_at[i]
        q = queue_type[i]
        b = bin_of(end - offered_at[i])
        whole[q, side, b] += 1
        if len(by_interval):
            by_interval[k - 1, q, side, b] += 1
