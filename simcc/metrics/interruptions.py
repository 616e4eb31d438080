"""Passes for contacts that are set aside and resumed, and for contacts with a deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc.jit import jit
from simcc.log import Outcome
from simcc.metrics.passes import (
    CALLED_BACK,
    NOT_ARRIVED,
    P_TALK_SUM,
    P_TALK_TIME,
    SERVED,
    T_AGE_AT_START,
    T_DUE,
    T_INTERRUPTIONS,
    T_ON_TIME,
    T_QUEUE_MAX,
    add_spell,
    add_wait,
    cell_of,
)

if TYPE_CHECKING:
    from simcc.log import ContactLog

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]


def served_from(log: ContactLog) -> Floats:
    """Start of each contact's last spell of service (s)."""
    return log.resumed_at if len(log.resumed_at) else log.answered_at


def count_interruptions(
    log: ContactLog,
    edges: Floats,
    last: int,
    pair_of: Ints,
    types: Floats,
    pairs: Floats,
    queue_max: Floats,
) -> None:
    """Add the spells of service that were cut short, and the waits after them.

    `edges` to `queue_max` as in :func:`simcc.metrics.passes.count_contacts`.
    """
    cut, n = log.cut, log.cut.n
    order = np.lexsort((np.arange(n), cut.contact))
    resumed = np.where(
        log.outcome[cut.contact] == Outcome.INTERRUPTED,
        log.ended_at,
        log.resumed_at[cut.contact],
    )
    one, following = order[:-1], order[1:]
    same = cut.contact[one] == cut.contact[following]
    resumed[one[same]] = cut.started_at[following[same]]
    _count_spells(
        log.arrived_at[cut.contact], log.offered_at[cut.contact], log.queue_type[cut.contact],
        cut.group, cut.started_at, cut.interrupted_at, resumed, cut.n_ahead, cut.n_ahead_all,
        edges, last, pair_of, types, pairs, queue_max,
    )  # fmt: skip


@jit
def _count_spells(
    arrived_at: Floats, offered_at: Floats, queue_type: Ints, group: Ints, started_at: Floats,
    interrupted_at: Floats, resumed_at: Floats, n_ahead: Ints, n_ahead_all: Ints, edges: Floats,
    last: int, pair_of: Ints, types: Floats, pairs: Floats, queue_max: Floats,
) -> None:  # fmt: skip
    for j in range(len(group)):
        q, until = queue_type[j], interrupted_at[j]
        p = pair_of[q, group[j]]
        pairs[min(cell_of(edges, 0, arrived_at[j]), last), p, P_TALK_SUM] += until - started_at[j]
        k = cell_of(edges, 0, started_at[j])
        k = add_spell(pairs, p, P_TALK_TIME, edges, k, started_at[j], until)
        k = cell_of(edges, k, until)
        types[k, q, T_INTERRUPTIONS] += 1
        types[k, q, T_QUEUE_MAX] = max(types[k, q, T_QUEUE_MAX], n_ahead[j] + 1.0)
        queue_max[k] = max(queue_max[k], n_ahead_all[j] + 1.0)
        end = add_wait(types, edges, k, q, until, resumed_at[j])
        for later in range(k + 1, end + 1):
            types[later, q, T_AGE_AT_START] += until - offered_at[j]


def count_deadlines(
    log: ContactLog, edges: Floats, last: int, deadlines: Floats, types: Floats
) -> None:
    """Add who is on time.

    `deadlines` has those of the types (s), NaN for none; the others as above.
    """
    _count_deadlines(
        log.arrived_at, log.queue_type, log.offered_at, log.left_at, log.outcome,
        float(log.ended_at), edges, last, deadlines, types,
    )  # fmt: skip


@jit
def _count_deadlines(
    arrived_at: Floats, queue_type: Ints, offered_at: Floats, left_at: Floats, outcome: Ints,
    ended_at: float, edges: Floats, last: int, deadlines: Floats, types: Floats,
) -> None:  # fmt: skip
    k = 0
    for i in range(len(arrived_at)):
        q = queue_type[i]
        due_at = offered_at[i] + deadlines[q]
        if outcome[i] == NOT_ARRIVED or np.isnan(due_at):
            continue
        k = min(cell_of(edges, k, arrived_at[i]), last)
        over = left_at[i] <= ended_at
        if over or due_at <= ended_at:
            types[k, q, T_DUE] += 1
        if over and left_at[i] <= due_at and (outcome[i] == SERVED or outcome[i] == CALLED_BACK):
            types[k, q, T_ON_TIME] += 1
