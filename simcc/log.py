"""What happened: the contact log and the agent log of one replication.

Row i of the contact log is contact i: those of the workload, then those that follow others or that
a process submits, as they were created. Nothing is counted here; see :mod:`simcc.metrics`.
``CONTACT_SCHEMA`` and ``AGENT_SCHEMA`` describe every column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]


class Outcome(IntEnum):
    """What became of a contact.

    The first three are not final, nor are CALLBACK_ASKED, CALLING and INTERRUPTED (answered, then
    set aside, and not resumed yet).
    """

    NOT_ARRIVED = 0
    IN_BOT = 1
    WAITING = 2
    SERVED = 3
    ABANDONED = 4
    BALKED = 5
    BLOCKED = 6
    CONTAINED = 7
    BOT_GAVE_UP = 8
    BOT_LOST = 9
    CALLBACK_ASKED = 10
    CALLED_BACK = 11
    INTERRUPTED = 12
    PASSED_ON = 13  # by its bot, to another bot: the next leg
    MISROUTED = 14  # by its bot, into a wrong queue: the next leg
    CLOSED = 15  # came outside the opening hours, or was sent away at their end
    LEFT_IN_CHAT = 16  # answered; the customer did not wait for the answer of some turn
    TIMED_OUT = 17  # answered; closed, since the customer was silent for too long
    DIALLING = 18  # outbound: it rings; not final
    REACHED = 19  # outbound: the right party talks to an agent
    WRONG_PARTY = 20  # outbound: somebody else does
    NO_ANSWER = 21  # outbound: nobody answers
    MISMATCH = 22  # outbound: somebody answers, and no agent is idle, or not soon enough
    ON_HOLD = 23  # outbound: somebody has answered and waits for an agent; not final
    CALLING = 24  # who asked for a callback is called: it rings; not final
    NOT_REACHED = 25  # who asked for a callback did not pick up, at the last attempt either


class FollowedBy(IntEnum):
    """What follows a contact in its issue."""

    NOTHING = 0
    TRANSFER = 1
    RETURN = 2
    RETURN_AFTER_END = 3  # the customer comes back after the end of the horizon: never


class AgentEvent(IntEnum):
    """Why a row of the agent log was written."""

    SHIFT_START = 1
    SHIFT_END = 2
    BREAK_START = 3
    BREAK_END = 4
    LEFT = 5
    HEAD_COUNT = 6
    MOVED = 7


class Column(NamedTuple):
    """One column of a log: its NumPy type, its unit and what it means."""

    name: str
    dtype: str
    unit: str
    meaning: str


# Of those answered by an agent, they who did not stay until the end.
BROKEN_OFF = (Outcome.LEFT_IN_CHAT, Outcome.TIMED_OUT)
# Of the calls of lists, which are no contacts that come in.
OF_LISTS = (
    *(Outcome.DIALLING, Outcome.REACHED, Outcome.WRONG_PARTY, Outcome.NO_ANSWER),
    *(Outcome.MISMATCH, Outcome.ON_HOLD),
)
# Values of the column bot where there is no bot's index.
NO_BOT, WRONG_QUEUE = -1, -2
INSTANT = "s from the start"

CONTACT_SCHEMA: tuple[Column, ...] = (
    Column(
        "arrived_at",
        "f8",
        INSTANT,
        "the contact comes in, at the bot or at the queue; or it is called",
    ),
    Column("contact_type", "i4", "index", "the type it came in as"),
    Column("queue_type", "i4", "index", "the type whose queue it joins if it reaches an agent"),
    Column(
        "offered_at",
        "f8",
        INSTANT,
        "it reaches the human queue; of a list whose customers wait for an agent, the call is "
        "answered; NaN: never",
    ),
    Column("answered_at", "f8", INSTANT, "service starts; NaN: never"),
    Column(
        "left_at",
        "f8",
        INSTANT,
        "it leaves: end of the talk if served (scheduled: may lie after the end of the run), "
        "else the moment of abandoning, balking, being blocked or leaving the bot; "
        "NaN: in progress",
    ),
    Column(
        "freed_at",
        "f8",
        INSTANT,
        "end of the after-call work, the agent is free again (scheduled); NaN: not served",
    ),
    Column("agent", "i4", "index", "the agent who served it; -1: none"),
    Column("group", "i4", "index", "the group of that agent; -1: none"),
    Column("n_ahead", "i4", "contacts", "waiting in its own queue when it joined; -1: never did"),
    Column("n_ahead_all", "i4", "contacts", "waiting in all queues when it joined; -1: never did"),
    Column("outcome", "i1", "Outcome", "what became of it"),
    Column("bot_started_at", "f8", INSTANT, "its bot session starts; NaN: never"),
    Column("bot_ended_at", "f8", INSTANT, "its bot session ends; NaN: never, or not yet"),
    Column("issue", "i4", "index", "the first contact of the same issue"),
    Column("attempt", "i4", "number", "1 for the first; the next whenever the customer comes back"),
    Column(
        "leg",
        "i4",
        "number",
        "1 for the first of an attempt; the next at every transfer; 0: the question of an agent",
    ),
    Column("resolved", "i1", "0 or 1", "the issue is resolved by this contact"),
    Column("followed_by", "i1", "FollowedBy", "what follows it"),
    Column(
        "bot", "i4", "index", "the bot it comes to; -1: none; -2: none, a bot misrouted it here"
    ),
    Column(
        "resumed_at",
        "f8",
        INSTANT,
        "its last spell of service starts, which is that of its agent and group; NaN: never "
        "served, or interrupted and not resumed yet",
    ),
    Column("interruptions", "i4", "number", "how often it was interrupted"),
    Column("turns", "i4", "number", "turns of the chat that its agent has begun"),
    Column("think_time", "f8", "s", "time in hand in which the customer was silent; ended pauses"),
    Column("asked_at", "f8", INSTANT, "its agent asks a colleague, until it leaves; NaN: never"),
    Column(
        "released_at",
        "f8",
        INSTANT,
        "its agent, who has handed it over warm and stayed, is free for after-call work; infinite: "
        "not yet; NaN: it was not",
    ),
    Column("record", "i4", "number", "the record of its list that is called, from 0; -1: none"),
    Column("call", "i4", "number", "of the record, from 1; 0: no outbound call"),
)

AGENT_SCHEMA: tuple[Column, ...] = (
    Column("at", "f8", INSTANT, "when it happened; rows are in time order"),
    Column("agent", "i4", "index", "the agent; -1: none in particular"),
    Column("group", "i4", "index", "the group that the changes belong to"),
    Column("scheduled_delta", "i1", "agents", "change of the number scheduled to work"),
    Column("present_delta", "i1", "agents", "change of the number at work, overtime included"),
    Column("paid_delta", "i1", "agents", "change of the number paid, breaks included"),
    Column("reason", "i1", "AgentEvent", "why"),
)

INTERRUPTION_SCHEMA: tuple[Column, ...] = (
    Column("contact", "i8", "index", "whose service was interrupted"),
    Column("agent", "i8", "index", "who served it"),
    Column("group", "i8", "index", "the group of that agent"),
    Column("started_at", "f8", INSTANT, "this spell of service started"),
    Column("interrupted_at", "f8", INSTANT, "it ended; rows are in this order"),
    Column("n_ahead", "i8", "contacts", "waiting in its own queue when it returned there"),
    Column("n_ahead_all", "i8", "contacts", "waiting in all queues then"),
)

CALLBACK_SCHEMA: tuple[Column, ...] = (
    Column("contact", "i8", "index", "who is called back"),
    Column("agent", "i8", "index", "the agent who calls"),
    Column("group", "i8", "index", "the group of that agent"),
    Column("started_at", "f8", INSTANT, "the call begins to ring; rows are in this order"),
    Column(
        "ended_at",
        "f8",
        INSTANT,
        "the customer picks up or the agent gives up (scheduled: may lie after the end of the run)",
    ),
)

LOG_SCHEMA = {
    "contacts": CONTACT_SCHEMA,
    "agents": AGENT_SCHEMA,
    "interruptions": INTERRUPTION_SCHEMA,
    "callbacks": CALLBACK_SCHEMA,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterruptionLog:
    """Spells of service cut short; columns as in ``INTERRUPTION_SCHEMA``."""

    contact: Ints
    agent: Ints
    group: Ints
    started_at: Floats
    interrupted_at: Floats
    n_ahead: Ints
    n_ahead_all: Ints

    @property
    def n(self) -> int:
        """Number of interruptions."""
        return len(self.contact)

    @classmethod
    def empty(cls) -> InterruptionLog:
        """No interruption."""
        columns = {name: np.empty(0, dtype) for name, dtype, *_ in INTERRUPTION_SCHEMA}
        return cls(**columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallbackLog:
    """Calls of those who asked for a callback; columns as in ``CALLBACK_SCHEMA``.

    Only where a callback of the scenario is due later than at once, or rings.
    """

    contact: Ints
    agent: Ints
    group: Ints
    started_at: Floats
    ended_at: Floats

    @property
    def n(self) -> int:
        """Number of calls."""
        return len(self.contact)

    @classmethod
    def empty(cls) -> CallbackLog:
        """No call."""
        return cls(**{name: np.empty(0, dtype) for name, dtype, *_ in CALLBACK_SCHEMA})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContactLog:
    """The contacts of one replication, one array per column of ``CONTACT_SCHEMA``.

    ``bot_started_at`` and ``bot_ended_at`` have length 0 if the scenario has no bot, ``issue`` to
    ``followed_by`` if nothing ever follows a contact, ``bot`` if no bot hands contacts over to
    another bot or into wrong queues, ``resumed_at`` and ``interruptions`` if nothing is ever
    interrupted, ``turns`` and ``think_time`` without chats in turns, ``asked_at`` and
    ``released_at`` if no agent is held for a colleague, ``record`` and ``call`` if there is no list
    to call.

    ``cut`` has the spells of service that were, ``callbacks`` the calls of those who asked for one,
    where they take time. ``ended_at`` is the clock at the end of the run
    (s); ``n`` is the number of contacts.
    """

    arrived_at: Floats
    contact_type: Ints
    queue_type: Ints
    offered_at: Floats
    answered_at: Floats
    left_at: Floats
    freed_at: Floats
    agent: Ints
    group: Ints
    n_ahead: Ints
    n_ahead_all: Ints
    outcome: Codes
    bot_started_at: Floats
    bot_ended_at: Floats
    issue: Ints
    attempt: Ints
    leg: Ints
    resolved: Codes
    followed_by: Codes
    bot: Ints
    ended_at: float
    resumed_at: Floats = field(default_factory=lambda: np.empty(0))
    interruptions: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    turns: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    think_time: Floats = field(default_factory=lambda: np.empty(0))
    asked_at: Floats = field(default_factory=lambda: np.empty(0))
    released_at: Floats = field(default_factory=lambda: np.empty(0))
    record: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    call: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    cut: InterruptionLog = field(default_factory=InterruptionLog.empty)
    callbacks: CallbackLog = field(default_factory=CallbackLog.empty)

    @property
    def n(self) -> int:
        """Number of contacts."""
        return len(self.arrived_at)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, without those that the scenario does not need."""
        arrays = {column.name: getattr(self, column.name) for column in CONTACT_SCHEMA}
        return {name: array for name, array in arrays.items() if len(array) == self.n}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentLog:
    """Comings and goings of the agents of one replication; columns as in ``AGENT_SCHEMA``.

    Summing a delta up to an instant gives the number of agents scheduled, present or paid then.
    Busy spells are in the contact log, from ``answered_at`` to ``freed_at``.
    """

    at: Floats
    agent: Ints
    group: Ints
    scheduled_delta: Codes
    present_delta: Codes
    paid_delta: Codes
    reason: Codes

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.at)


__all__ = [
    "AGENT_SCHEMA",
    "BROKEN_OFF",
    "CALLBACK_SCHEMA",
    "CONTACT_SCHEMA",
    "INTERRUPTION_SCHEMA",
    "LOG_SCHEMA",
    "NO_BOT",
    "OF_LISTS",
    "WRONG_QUEUE",
    "AgentEvent",
    "AgentLog",
    "CallbackLog",
    "Column",
    "ContactLog",
    "FollowedBy",
    "InterruptionLog",
    "Outcome",
]
