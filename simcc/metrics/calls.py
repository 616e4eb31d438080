"""The pass over the calls of lists; only where a scenario has any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc.jit import jit
from simcc.log import Outcome
from simcc.metrics.counters import CALL_COUNTERS, Layout
from simcc.metrics.passes import NOT_ARRIVED, P_TALK_TIME, P_WRAP_TIME, add_spell, cell_of

if TYPE_CHECKING:
    from simcc.log import ContactLog

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]

REACHED = int(Outcome.REACHED)
WRONG_PARTY = int(Outcome.WRONG_PARTY)
NO_ANSWER = int(Outcome.NO_ANSWER)
MISMATCH = int(Outcome.MISMATCH)
ON_HOLD = int(Outcome.ON_HOLD)
(
    C_ATTEMPTS, C_CONNECTS, C_RIGHT, C_WRONG, C_MISMATCHES, C_DONE, C_LEFT, C_DIALLING_TIME,
    C_HELD, C_HOLD_TIME,
) = range(len(CALL_COUNTERS))  # fmt: skip


def count_calls(
    log: ContactLog,
    layout: Layout,
    edges: Floats,
    last: int,
    pair_of: Ints,
    pairs: Floats,
) -> tuple[Floats, Floats]:
    """Count the calls of lists, and add the talks to the sums by pair.

    Parameters
    ----------
    log : ContactLog
    layout : Layout
    edges, last, pair_of, pairs : array
        As in :func:`simcc.metrics.passes.count_contacts`.

    Returns
    -------
    calls : float64 array, shape (n_cells, types, CALL_COUNTERS)
    dialling : float64 array, shape (n_cells, groups, 1)
        Time that agents dial or wait for an answer (s).
    """
    calls = np.zeros((len(edges) - 1, len(layout.types), len(CALL_COUNTERS)))
    dialling = np.zeros((len(edges) - 1, len(layout.groups), 1))
    if not len(log.record):
        return calls, dialling
    records, *lists = (np.array(row) for row in zip(*layout.lists, strict=True))
    _count(
        log.arrived_at, log.queue_type, log.offered_at, log.answered_at, log.left_at,
        log.freed_at, log.group, log.outcome, log.record, log.call, *lists,
        float(log.ended_at), edges, last, pair_of, calls, dialling, pairs,
    )  # fmt: skip
    calls[-2, :, C_LEFT] = records - calls[:, :, C_DONE].sum(axis=0)
    return calls, dialling


@jit
def _count(
    arrived_at: Floats, queue_type: Ints, offered_at: Floats, answered_at: Floats, left_at: Floats,
    freed_at: Floats, group: Ints, outcome: Ints, record: Ints, call: Ints, attempts: Ints,
    ahead: Ints, wrong_again: Ints, waits: Ints, ended_at: float, edges: Floats, last: int,
    pair_of: Ints, calls: Floats, dialling: Floats, pairs: Floats,
) -> None:  # fmt: skip
    k = 0
    for i in range(len(arrived_at)):
        what = outcome[i]
        if what == NOT_ARRIVED or record[i] < 0:
            continue
        k, q = min(cell_of(edges, k, arrived_at[i]), last), queue_type[i]
        talks = what in (REACHED, WRONG_PARTY)
        tried = what in (NO_ANSWER, MISMATCH)
        calls[k, q, C_ATTEMPTS] += 1
        calls[k, q, C_CONNECTS] += talks or what in (MISMATCH, ON_HOLD)
        calls[k, q, C_RIGHT] += what == REACHED
        calls[k, q, C_WRONG] += what == WRONG_PARTY
        calls[k, q, C_MISMATCHES] += what == MISMATCH
        is_done = what == REACHED or (what == WRONG_PARTY and not wrong_again[q])
        calls[k, q, C_DONE] += is_done or ((talks or tried) and call[i] == attempts[q])
        if waits[q] and (talks or what in (MISMATCH, ON_HOLD)):
            end = ended_at if what == ON_HOLD else answered_at[i] if talks else left_at[i]
            calls[k, q, C_HELD] += end > offered_at[i]
            calls[k, q, C_HOLD_TIME] += end - offered_at[i]
        now = k
        if not ahead[q]:
            rang = answered_at[i] if talks else left_at[i] if tried else ended_at
            add_spell(dialling, group[i], 0, edges, k, arrived_at[i], rang)
            now = add_spell(calls, q, C_DIALLING_TIME, edges, k, arrived_at[i], rang)
        if talks:
            p, left = pair_of[q, group[i]], min(left_at[i], ended_at)
            now = add_spell(pairs, p, P_TALK_TIME, edges, now, answered_at[i], left)
            add_spell(pairs, p, P_WRAP_TIME, edges, now, left, min(freed_at[i], ended_at))
