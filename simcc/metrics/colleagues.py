"""What the log says of agents held for colleagues, and the metrics of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcc.metrics.metric import Metric, Scope

if TYPE_CHECKING:
    from simcc.log import ContactLog

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
SCOPES: tuple[Scope, ...] = ("all", "type")


def consults_of(log: ContactLog) -> tuple[Rows, dict[str, Floats]]:
    """Return the contacts whose agents asked a colleague, and what each adds to counters."""
    rows = np.flatnonzero(~np.isnan(log.asked_at))
    return rows, {
        "consults": np.ones(len(rows)),
        "consult_sum": _until(log, log.left_at[rows]) - log.asked_at[rows],
    }


def warm_transfers_of(log: ContactLog) -> tuple[Rows, dict[str, Floats]]:
    """Return the contacts that were handed over warm, and what each adds to counters."""
    rows = np.flatnonzero(~np.isnan(log.released_at))
    return rows, {
        "warm_transfers": np.ones(len(rows)),
        "hand_over_sum": _until(log, log.released_at[rows]) - log.left_at[rows],
    }


def _until(log: ContactLog, at: Floats) -> Floats:
    return np.fmin(at, log.ended_at)


def colleagues() -> Iterator[Metric]:
    """Yield the metrics of consults and warm transfers."""
    for name, title in (
        ("consults", "contacts whose agents asked a colleague"),
        ("warm_transfers", "contacts handed over warm"),
    ):
        yield Metric(
            name=name, title=title, unit="contacts", scopes=SCOPES, kind="mean", numerator=(name,)
        )
    for name, title, above, below in (
        ("consult_time", "mean time from an agent's question to its end, the customer on the line",
         "consult_sum", "consults"),
        ("hand_over_time", "mean time that an agent stays after a talk to hand over warm",
         "hand_over_sum", "warm_transfers"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit="s", scopes=SCOPES, numerator=(above,),
            denominator=(below,),
        )  # fmt: skip
