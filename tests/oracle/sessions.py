"""The bots of the oracle: their sessions, who waits for one, and how a session ends."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import simpy
from clock import Clock
from contact import Contact, time_of

from simcc.engine.order import Order
from simcc.model import Bot

TOKEN = 10**15  # among the bots' events of one instant, tokens come after all session ends


class Sessions:
    """A bot's sessions, and the contacts that wait for one.

    ``number`` is the bot's among the bots; ``n_begun`` counts its sessions. The bucket of tokens is
    full again at ``refilled_at``.
    """

    def __init__(self, bot: Bot, number: int, clock: Clock) -> None:
        self.bot, self.number, self.clock = bot, number, clock
        self.n_busy = self.n_begun = 0
        self.fails: dict[int, simpy.Event] = {}  # by contact that has a session
        self.line: deque[simpy.Event] = deque()  # their turn has come
        self.down: str | None = None  # during an outage: what contacts without a session do
        self.contained_factor = self.time_factor = 1.0
        self.refilled_at = -float("inf")
        self.waits_for_token = False

    @property
    def full(self) -> bool:
        return self.bot.sessions is not None and self.n_busy >= self.bot.sessions

    @property
    def seconds_per_token(self) -> float:
        return 60.0 / self.bot.sessions_per_minute

    @property
    def next_token_at(self) -> float:
        """All tokens but one are left at most so long before the bucket is full."""
        if self.bot.sessions_per_minute is None:
            return self.clock.now
        burst = self.bot.burst or max(1, int(self.bot.sessions_per_minute))
        return self.refilled_at - (burst - 1) * self.seconds_per_token

    @property
    def limited(self) -> bool:
        return self.next_token_at > self.clock.now

    @property
    def turns_away(self) -> str | None:
        """What a contact does who finds no session now; None: there is one."""
        if self.down or self.full:
            return self.down or self.bot.when_full
        return self.bot.when_limited if self.limited else None

    def begin(self) -> None:
        """One more session takes a place and a token."""
        self.n_busy += 1
        if self.bot.sessions_per_minute is not None:
            start = max(self.refilled_at, self.clock.now)
            self.refilled_at = start + self.seconds_per_token

    def wait(self) -> simpy.Event:
        """At the end of the line; the event of one's turn."""
        my_turn = self.clock.event()
        self.line.append(my_turn)
        self.look_again_when_there_is_a_token()
        return my_turn

    def fill(self) -> None:
        """Those who wait get what sessions there are, in the order in which they came."""
        while self.line and not self.turns_away:
            self.begin()
            self.line.popleft().succeed()
        self.look_again_when_there_is_a_token()

    def look_again_when_there_is_a_token(self) -> None:
        if self.line and not self.down and not self.full and not self.waits_for_token:
            self.waits_for_token = True
            at = self.clock.at(self.next_token_at, Order.BOT_END, TOKEN + self.number)
            at.callbacks.append(lambda _: self.look_again())

    def look_again(self) -> None:
        self.waits_for_token = False
        self.fill()

    def settle(self, contact: Contact, name: str) -> tuple[str, float]:
        """How the session of a contact of a type ends, and how long it takes (s).

        "contained", "gives up" or "escalates", as its luck and the bot's present state say.
        """
        bot, own = self.bot, self.bot.by_type.get(name)
        contained, gives_up = bot.contained, bot.gives_up
        session, escalation = bot.session_time, bot.escalation_time
        if own is not None:
            contained = contained if own.contained is None else own.contained
            gives_up = gives_up if own.gives_up is None else own.gives_up
            session = own.session_time or session
            escalation = own.escalation_time or escalation
        contained *= self.contained_factor
        if bot.contained_by_time:
            curve = bot.contained_by_time
            contained *= between(curve.times, curve.factors, self.clock.now)
        if bot.contained_by_sessions:
            curve = bot.contained_by_sessions
            contained *= between(curve.sessions, curve.factors, self.n_begun)
        self.n_begun += 1
        end = "escalates"
        if contact.bot_luck < contained:
            end = "contained"
        elif contact.bot_luck < contained + gives_up:
            end = "gives up"
        time = contact.bot_time
        if escalation is not None:
            time = time_of(escalation if end == "escalates" else session, time)
        time *= self.time_factor
        return end, time + contact.bot_latency if bot.latency else time


def between(points, values, x: float) -> float:
    """Linear between points, the first and the last value outside of them."""
    if x <= points[0]:
        return values[0]
    for (a, b), (low, high) in zip(pairwise(points), pairwise(values), strict=True):
        if a <= x < b:
            return low + (x - a) / (b - a) * (high - low)
    return values[-1]
