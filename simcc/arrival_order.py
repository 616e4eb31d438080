"""Contacts of all types in the order of arrival, and the calls of lists behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcc.brought import Floats, Rows, Workload
from simcc.buffers import Take
from simcc.heap import replace
from simcc.jit import jit_with_arrays
from simcc.model import ContactType

NOBODY = np.array([np.inf])


@jit_with_arrays
def _merge(times, start, arrived_at, contact_type, row):  # type: ignore[no-untyped-def]
    """Merge sorted blocks of arrival times, each with an infinite one at its end.

    Block k begins at ``start[k]``; ``row`` receives each contact's place in the order.
    """
    n_types = start.size
    heads = np.full(n_types + 1, np.inf)
    keys = np.arange(n_types + 1)
    at = start.copy()
    for k in range(n_types):
        heads[k] = times[at[k]]
    for first in range((n_types >> 1) - 1, -1, -1):
        replace(heads, keys, n_types, first, heads[first], keys[first])
    for i in range(arrived_at.size):
        k = keys[0]
        arrived_at[i] = heads[0]
        contact_type[i] = k
        row[at[k]] = i
        at[k] += 1
        replace(heads, keys, n_types, 0, times[at[k]], k)


def with_calls(
    work: Workload, rows: list[Rows | None], kinds: Sequence[ContactType]
) -> tuple[Workload, list[Rows | None]]:
    """The contacts, and behind them the calls of all lists; and the rows of each type."""
    n = len(work)
    lists = [(k, kind.outbound) for k, kind in enumerate(kinds) if kind.outbound is not None]
    sizes = [of.records * of.attempts for _, of in lists]
    more = sum(sizes)
    contact_type = np.append(work.contact_type, np.repeat([k for k, _ in lists], sizes))
    record = [np.full(n, -1), *(np.tile(np.arange(of.records), of.attempts) for _, of in lists)]
    call = [np.zeros(n), *(np.repeat(np.arange(of.attempts) + 1, of.records) for _, of in lists)]
    longer = Workload(
        ended_arrivals=np.append(work.ended_arrivals, np.full(more, np.inf)),
        contact_type=contact_type.astype(np.int32),
        queue_type=contact_type.astype(np.int32),
        patience_time=np.empty(n + more),
        talk_time=np.empty(n + more),
        wrap_time=np.zeros(n + more),
        balks=np.zeros(n + more, np.bool_),
        bot_time=np.zeros(n + more),
        record=np.concatenate(record).astype(np.int32),
        call=np.concatenate(call).astype(np.int32),
        n_calls=more,
    )
    if len(rows) == 1:
        rows = [np.arange(n, dtype=np.int32)]
    first = n
    for (k, _), size in zip(lists, sizes, strict=True):
        rows[k] = np.arange(first, first + size, dtype=np.int32)
        first += size
    return longer, rows


def in_order(blocks: list[Floats], take: Take) -> tuple[Workload, list[Rows | None]]:
    """Contacts of all types in the order of arrival, and the rows of each type; None: all rows.

    Each block ends with an infinite time, and so does the array behind ``arrived_at``.
    """
    sizes = np.array([len(block) for block in blocks], np.int64)
    stop = np.cumsum(sizes)
    start = stop - sizes
    n = int(stop[-1]) - len(blocks)
    rows: list[Rows | None] = [None]
    if len(blocks) == 1:
        ended = blocks[0]
        contact_type = take("contact_type", n, np.int32, zero=True)
    else:
        ended, contact_type = take("arrived_at", n + 1), take("contact_type", n, np.int32)
        # two columns of the log serve here, before the engine uses them
        times = np.concatenate(blocks, out=take("answered_at", int(stop[-1])))
        row = take("agent", int(stop[-1]), np.int32)
        _merge(times, start, ended[:n], contact_type, row)
        ended[n] = np.inf
        rows = [row[a : b - 1] for a, b in zip(start, stop, strict=True)]
    work = Workload(
        ended_arrivals=ended,
        contact_type=contact_type,
        queue_type=contact_type,
        patience_time=take("patience_time", n),
        talk_time=take("talk_time", n),
        wrap_time=take("wrap_time", n, zero=True),
        balks=take("balks", n, np.bool_, zero=True),
        bot_time=take("bot_time", n, zero=True),
    )
    return work, rows
