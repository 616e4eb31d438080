"""What contacts bring: one array per attribute, row i is contact i, in the order of arrival."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# What later contacts of an issue draw, in the words of the streams; the engine knows each by its
# place. Behind these, in this order, those that only some scenarios need: of bots, of chats in
# turns, of callbacks that take time, of agents who ask colleagues.
ATTRIBUTES = (
    "patience", "talk", "wrap", "balking", "bot", "bot luck",
    "transfer", "resolution", "return", "delay", "tie", "callback", "announcement",
)  # fmt: skip
OF_BOTS = ("bot latency", "misrouting")
OF_CHATS = ("turns",)
OF_CALLBACKS = ("calls",)
OF_COLLEAGUES = ("consult", "briefing")
# Attributes of what follows a contact, and of outbound calls.
LUCKS = ("transfer_luck", "resolution_luck", "return_luck", "delay_luck")
OF_CALLS = ("dial_time", "dial_luck", "wrong_time", "retry_delay")


def _nothing() -> Floats:
    return np.empty(0)


@dataclass
class Workload:
    """What n contacts bring; times in seconds.

    Attributes
    ----------
    ended_arrivals : float64[n + 1]
        Sorted instants of arrival from the start of the simulation, and an infinite one at the end.
    contact_type, queue_type : int32[n]
        The type it arrives as, and the human queue it belongs to (differs after a bot).
    patience_time : float64[n]
        Infinite if it never gives up.
    talk_time : float64[n]
        At unit speed; for types whose law depends on the group, the uniform in [0, 1) that the
        engine turns into a time when it knows the group.
    wrap_time : float64[n]
        After-call work at unit speed.
    balks : bool[n]
        Leaves at once if it would have to wait.
    bot_time : float64[n]
        Length of its bot session (0 without a bot); for types whose law depends on how the session
        ends, the uniform that the engine turns into a time when it knows.
    bot_luck : float64[n]
        Uniforms that say who is contained or gives up; of length 0 without bots.
    bot_latency : float64[n]
        What the bot's latency adds to its session; of length 0 if no bot has any.
    misrouting_luck : float64[n]
        Uniforms that say who is handed to a wrong queue; of length 0 if nobody is.
    transfer_luck, resolution_luck, return_luck, delay_luck : float64[n]
        Uniforms that say what follows; of length 0 if nothing follows any contact.
    tie_luck : float64[n]
        Uniforms that settle ties between agents; of length 0 if none do.
    calls_luck : float64[n]
        Uniforms that all draws of callbacks come from (:mod:`simcc.counter_draws`): when they are
        due, how long it rings, who picks up; of length 0 if they are due at once and do not ring.
    hearing_luck : float64[n]
        Uniforms that say who leaves on hearing the expected wait; of length 0 if nobody is told.
    callback_luck : float64[n]
        Uniforms that say who accepts a callback; of length 0 if none is offered.
    turn_luck : float64[n]
        Uniforms that all draws of chats in turns come from (:mod:`simcc.counter_draws`); of length
        0 without such chats.
    consult_luck, briefing_luck : float64[n]
        Uniforms that say whose agent asks a colleague, and how long a briefing takes; of length 0
        if no agent is held for a colleague.
    dial_time, wrong_time, retry_delay : float64[n]
        Of outbound calls: how long it rings, talk with a wrong party at unit speed, and how long
        after a call without success the record is due again; of length 0 without lists.
    dial_luck : float64[n]
        Uniforms that say who answers.
    record, call : int32[n]
        The record that is called, and for the how-manieth time; -1 and 0 for all other contacts.
    n_calls : int
        Rows of outbound calls: the last ones, list by list and in each call by call. They have no
        instant of arrival (infinite).
    leave_luck : float64[departures]
        A uniform for each agent whom a falling head count with ``decrease="named"`` sends home:
        which one it is. Group by group, in the order of time.
    """

    ended_arrivals: Floats
    contact_type: NDArray[np.int32]
    queue_type: NDArray[np.int32]
    patience_time: Floats
    talk_time: Floats
    wrap_time: Floats
    balks: NDArray[np.bool_]
    bot_time: Floats
    bot_luck: Floats = field(default_factory=_nothing)
    bot_latency: Floats = field(default_factory=_nothing)
    misrouting_luck: Floats = field(default_factory=_nothing)
    transfer_luck: Floats = field(default_factory=_nothing)
    resolution_luck: Floats = field(default_factory=_nothing)
    return_luck: Floats = field(default_factory=_nothing)
    delay_luck: Floats = field(default_factory=_nothing)
    tie_luck: Floats = field(default_factory=_nothing)
    callback_luck: Floats = field(default_factory=_nothing)
    calls_luck: Floats = field(default_factory=_nothing)
    hearing_luck: Floats = field(default_factory=_nothing)
    turn_luck: Floats = field(default_factory=_nothing)
    consult_luck: Floats = field(default_factory=_nothing)
    briefing_luck: Floats = field(default_factory=_nothing)
    dial_time: Floats = field(default_factory=_nothing)
    dial_luck: Floats = field(default_factory=_nothing)
    wrong_time: Floats = field(default_factory=_nothing)
    retry_delay: Floats = field(default_factory=_nothing)
    record: Rows = field(default_factory=lambda: np.empty(0, np.int32))
    call: Rows = field(default_factory=lambda: np.empty(0, np.int32))
    n_calls: int = 0
    leave_luck: Floats = field(default_factory=_nothing)

    @property
    def arrived_at(self) -> Floats:
        """Sorted instants of arrival (s), float64[n]."""
        return self.ended_arrivals[:-1]

    def __len__(self) -> int:
        return len(self.ended_arrivals) - 1
