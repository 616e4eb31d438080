"""The pass over the calls of those who asked for a callback; only where these calls take time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc.jit import jit
from simcc.log import Outcome
from simcc.metrics.counters import CALL_COUNTERS
from simcc.metrics.passes import add_spell, cell_of

if TYPE_CHECKING:
    from simcc.log import ContactLog

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]

C_DIALLING_TIME = CALL_COUNTERS.index("dialling_time")


def callback_sums(log: ContactLog) -> tuple[Ints, dict[str, Floats]]:
    """Return the contacts that were called back, and what each adds to ``CALLBACK_COUNTERS``.

    Contacts who were not reached have been called, so all that counts is among these.
    """
    calls = log.callbacks
    called, first, n = np.unique(calls.contact, return_index=True, return_counts=True)
    return called, {
        "callbacks_called": np.ones(len(called)),
        "callbacks_not_reached": (log.outcome[called] == Outcome.NOT_REACHED).astype(np.float64),
        "callback_calls": n.astype(np.float64),
        "callback_first_wait_sum": calls.started_at[first] - log.offered_at[called],
    }


def count_ringing(log: ContactLog, edges: Floats, calls: Floats, dialling: Floats) -> None:
    """Add the time in which agents wait for an answer to the sums.

    Parameters
    ----------
    log : ContactLog
    edges : float64 array, shape (n_cells + 1,)
    calls : float64 array, shape (n_cells, types, CALL_COUNTERS)
        Added to, by queue type.
    dialling : float64 array, shape (n_cells, groups, 1)
        Added to.
    """
    of = log.callbacks
    ended_at = np.minimum(of.ended_at, log.ended_at)
    _count(of.started_at, ended_at, log.queue_type[of.contact], of.group, edges, calls, dialling)


@jit
def _count(
    started_at: Floats, ended_at: Floats, queue_type: Ints, group: Ints, edges: Floats,
    calls: Floats, dialling: Floats,
) -> None:  # fmt: skip
    k = 0
    for i in range(len(started_at)):
        k = cell_of(edges, k, started_at[i])
        add_spell(calls, queue_type[i], C_DIALLING_TIME, edges, k, started_at[i], ended_at[i])
        add_spell(dialling, group[i], 0, edges, k, started_at[i], ended_at[i])
