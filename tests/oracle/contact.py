"""The contacts of the oracle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import simpy

from simcc.inversion import LawTable, quantile
from simcc.log import FollowedBy, Outcome
from simcc.model.laws import Law
from simcc.workload import LUCKS, OF_CALLS, Workload

NEVER = math.nan
BRINGS = (
    *("arrived_at", "contact_type", "queue_type", "patience_time", "talk_time", "wrap_time"),
    *("balks", "bot_time"),
)


@dataclass(eq=False)
class Contact:
    """What a contact brings (a row of the workload) and what becomes of it (a row of the log)."""

    number: int
    arrived_at: float
    contact_type: int
    queue_type: int
    patience_time: float
    talk_time: float
    wrap_time: float
    balks: bool
    bot_time: float
    answered: simpy.Event
    ended: simpy.Event | None = None  # for whoever submitted it
    outcome: Outcome = Outcome.NOT_ARRIVED
    offered_at: float = NEVER
    answered_at: float = NEVER
    left_at: float = NEVER
    freed_at: float = NEVER
    bot_started_at: float = NEVER
    bot_ended_at: float = NEVER
    agent: int = -1
    group: int = -1
    n_ahead: int = -1
    n_ahead_all: int = -1
    transfer_luck: float = 0.0
    resolution_luck: float = 0.0
    return_luck: float = 0.0
    delay_luck: float = 0.0
    tie_luck: float = 0.0
    callback_luck: float = 0.0
    calls_luck: float = 0.0
    due_at: float = NEVER  # to be called back
    calls_made: int = 0
    hearing_luck: float = 0.0
    bot_luck: float = 0.0
    bot_latency: float = 0.0
    misrouting_luck: float = 0.0
    dial_time: float = NEVER
    dial_luck: float = NEVER
    wrong_time: float = NEVER
    retry_delay: float = NEVER
    record: int = -1  # of a list, that is called
    call: int = 0
    bot: int = -1  # that it comes to; -1: none; -2: none, a bot has handed it to a wrong queue
    talk_factor: float = 1.0
    issue: int = -1
    attempt: int = 1
    leg: int = 1
    step: int = 0  # contacts of the issue before it
    resumed_at: float = NEVER
    interruptions: int = 0
    turn_luck: float = 0.0
    consult_luck: float = 1.0
    briefing_luck: float = 0.0
    asked_at: float = NEVER
    released_at: float = NEVER
    briefing: float = 0.0
    over: Any = None  # tells the agent who waits for the answer
    kept: Any = None  # the same, for the agent who has handed it over
    turns: int = 0  # of a chat, begun
    think_time: float = 0.0
    work_left: float = NEVER
    sent_away: Any = None  # happens if its queue closes
    server: Any = None  # the agent
    cut: Any = None  # happens if somebody interrupts the talk
    held: Any = None  # its place at the desk of an agent who holds several
    submitted: bool = False  # by a process: nothing follows it
    resolved: bool = False
    followed_by: FollowedBy = FollowedBy.NOTHING


def contact_of(workload: Workload, number: int, answered: simpy.Event) -> Contact:
    """A row of the workload, in Python's own numbers."""
    names = [*BRINGS, *(LUCKS if len(workload.transfer_luck) else ())]
    names += ["tie_luck"] if len(workload.tie_luck) else []
    some = ("callback_luck", "hearing_luck", "bot_luck", "bot_latency", "misrouting_luck")
    some += ("turn_luck", "calls_luck", "consult_luck", "briefing_luck")
    some += (*OF_CALLS, "record", "call")
    names += [name for name in some if len(getattr(workload, name))]
    brings = brought({name: getattr(workload, name)[number] for name in names})
    return Contact(number=number, answered=answered, issue=number, **brings)


def brought(values: dict[str, Any]) -> dict[str, Any]:
    """What a contact brings, in Python's own numbers."""
    return {name: np.asarray(value).item() for name, value in values.items()}


@cache
def table_of(law: Law) -> Any:
    laws = LawTable()
    laws.add(law)
    return laws.arrays()


def time_of(law: Law, u: float) -> float:
    """The law's quantile at ``u`` (s), by the table that the library uses."""
    return float(quantile(table_of(law), 0, u))
