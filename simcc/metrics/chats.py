"""What the log says of chats in turns, and the metrics of it; only where a scenario has any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcc.log import Outcome
from simcc.metrics.metric import Metric, Scope

if TYPE_CHECKING:
    from simcc.log import ContactLog
    from simcc.model import Scenario

Floats = npt.NDArray[np.float64]
SCOPES: tuple[Scope, ...] = ("all", "type")


def timeouts_of(scenario: Scenario) -> Floats:
    """Return the time-out of each type (s); NaN without turns, infinite if there is none."""
    turns = [kind.turns for kind in scenario.contact_types]
    return np.array([(one.timeout or np.inf) if one else np.nan for one in turns], np.float64)


def chats_of(log: ContactLog, timeouts: Floats) -> tuple[npt.NDArray[np.intp], dict[str, Floats]]:
    """Return the chats in turns that were answered and are over, and what each adds to counters."""
    over = (log.left_at <= log.ended_at) & (log.turns > 0)
    chats = np.flatnonzero(over)
    outcome, waited = log.outcome[chats], timeouts[log.queue_type[chats]]
    timed_out = outcome == Outcome.TIMED_OUT
    return chats, {
        "chats": np.ones(len(chats)),
        "left_in_chat": (outcome == Outcome.LEFT_IN_CHAT).astype(np.float64),
        "timed_out": timed_out.astype(np.float64),
        "turns": log.turns[chats].astype(np.float64),
        "chat_sum": log.left_at[chats] - log.answered_at[chats],
        "think_sum": log.think_time[chats],
        "silent_sum": np.where(timed_out, waited, 0.0),
    }


def chats() -> Iterator[Metric]:
    """Yield the metrics of chats in turns."""
    for name, title in (
        ("left_in_chat", "customers who left in the middle of a chat"),
        ("timed_out", "chats closed since the customer was silent"),
    ):
        yield Metric(
            name=name, title=title, unit="contacts", scopes=SCOPES, kind="mean", numerator=(name,)
        )
    for name, title, unit, above, below in (
        ("left_in_chat_share", "share of the chats whose customers left in the middle", "share",
         "left_in_chat", "chats"),
        ("timed_out_share", "share of the chats closed since the customer was silent", "share",
         "timed_out", "chats"),
        ("turns", "mean number of turns of a chat", "turns", "turns", "chats"),
        ("think_share", "share of the time in chat in which the customer is silent", "share",
         "think_sum", "chat_sum"),
        ("slot_time_lost", "share of the time in chat that goes into silences until the time-out",
         "share", "silent_sum", "chat_sum"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=SCOPES, numerator=(above,),
            denominator=(below,),
        )  # fmt: skip
