"""SimPy's clock outside, the kernel inside: between two SimPy events, all contact events happen."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import NORMAL, URGENT

from simcc.engine import choice
from simcc.engine.at_start import NEVER
from simcc.engine.changes import follow_plan
from simcc.engine.kernel import advance, decide
from simcc.engine.order import Stop
from simcc.engine.records import (
    ASK,
    ASK_GROUP,
    ASK_KIND,
    N_CALLBACKS,
    N_DIALLING,
    N_DONE,
    N_HELD,
    N_LATER,
    N_ON_HOLD,
    N_PENDING,
    N_QUIT,
    N_RETURNS,
    N_TIMER,
    N_WAITING,
    NEXT_ARRIVAL,
    NEXT_CHANGE,
    STOPPED_BY,
)
from simcc.engine.setup import Setup
from simcc.engine.state import State

Infinity = float("inf")
IN_HAND = (
    *(N_CALLBACKS, N_LATER, N_DIALLING, N_ON_HOLD),
    *(N_DONE, N_HELD, N_WAITING, N_RETURNS),
)
FIRST = URGENT - 1  # before everything else at its instant


class Environment(simpy.Environment):
    """A SimPy environment in which the contacts of one replication happen.

    :meth:`step` extends SimPy's: it advances the kernel over every contact event strictly before
    the next SimPy event, then processes that one. Everything else is SimPy's own.

    Parameters
    ----------
    setup : Setup
    state : State
    """

    def __init__(self, setup: Setup, state: State) -> None:
        super().__init__()
        self._setup = setup
        self._state = state
        self._asked = _PythonPolicy(setup, state) if setup.policy.asked else None
        self._watchers: list[tuple[int, int, simpy.Event]] = []
        self._submitted: dict[int, simpy.Event] = {}
        self._told: list[simpy.Event] = []  # triggered by the kernel, not yet heard by a process
        self.outcome_of: Callable[[int], Any] = int
        self._changes_at = setup.control.at

    def at(self, instant: float) -> simpy.Event:
        """An event at an instant (s from the start), to be yielded.

        Raises
        ------
        ValueError
            If the instant is in the past.
        """
        if not instant >= self.now:
            raise ValueError(f"instant {instant!r} s lies before the present, {self.now!r} s")
        return self._event_at(float(instant), NORMAL)

    def _event_at(self, instant: float, priority: int) -> simpy.Event:
        # SimPy schedules by delay only, and now + (instant - now) may miss the instant
        event = simpy.Event(self)
        event._ok, event._value = True, None
        entry: Any = (instant, priority, next(self._eid), event)
        heapq.heappush(self._queue, entry)
        return event

    def run(self, until: float | simpy.Event | None = None) -> Any:
        """Run as SimPy does: up to an event, or to an instant (s) before anything happens at it."""
        if until is None or isinstance(until, simpy.Event):
            return super().run(until)
        if not until > self.now:
            raise ValueError(f"instant {until!r} s does not lie after the present, {self.now!r} s")
        return super().run(self._event_at(float(until), FIRST))

    def step(self) -> None:
        """Advance the contacts up to the next SimPy event, then process it."""
        if self.peek() > self._now:
            self.advance(self.peek())
        if self._queue and self._queue[0][1] > FIRST:
            self._follow_plan(self.peek())
        try:
            super().step()
        except simpy.core.EmptySchedule:
            self._now = max(self._now, float(self._state.queues.clock[0]))
            raise

    def advance(self, limit: float) -> None:
        """Handle contact events strictly before a limit (s), or until one triggers an event."""
        self.handle(Stop.LIMIT, limit)

    def handle(self, reason: int, limit: float = -Infinity) -> None:
        """Deal with the reason for which the kernel came back, and go on up to the limit (s)."""
        state = self._state
        while True:
            if reason == Stop.LIMIT:
                reason = advance(*state.records, limit)
                if reason == Stop.LIMIT:
                    return
            if reason == Stop.DECIDE:
                assert self._asked is not None
                reason = decide(*state.records, self._asked.choice())
            elif reason == Stop.BUFFER_FULL:
                state.make_room()
                reason = Stop.LIMIT
            else:
                self._now = max(self._now, float(state.queues.clock[0]))
                self._tell(reason, int(state.queues.count[STOPPED_BY]))
                return

    def _tell(self, reason: int, number: int) -> None:
        """Trigger what waits for a long queue, or for the end of a submitted contact."""
        self._told = [event for event in self._told if not event.processed]
        if reason == Stop.CONTACT_ENDED:
            event = self._submitted.pop(number)
            self._told.append(event.succeed(self.outcome_of(number)))
            return
        length = int(self._state.queues.length[number])
        for k, level, event in self._watchers:
            if k == number and length > level:
                self._told.append(event.succeed(length))
        self._watchers = [watch for watch in self._watchers if not watch[2].triggered]
        self._set_watch_level(number)

    def when_longer(self, k: int, level: int) -> simpy.Event:
        """An event that happens when more than `level` contacts wait in queue k."""
        event = self.event()
        length = int(self._state.queues.length[k])
        if length > level:
            return event.succeed(length)
        self._watchers.append((k, level, event))
        self._set_watch_level(k)
        return event

    def _set_watch_level(self, k: int) -> None:
        levels = [level for watched, level, _ in self._watchers if watched == k]
        self._state.queues.watch_level[k] = min(levels, default=NEVER)

    def when_ended(self, contact: int) -> simpy.Event:
        """An event that happens when a submitted contact has come to its end."""
        self._submitted[contact] = self.event()
        return self._submitted[contact]

    @property
    def _next_change(self) -> float:
        """The next instant (s) of the staffing plan; infinite if there is none."""
        return float(self._changes_at[self._state.queues.count[NEXT_CHANGE]])

    def _follow_plan(self, until: float) -> None:
        """Carry out the staffing plan up to and at an instant (s), before all else at it."""
        while self._next_change <= until < Infinity:
            state = self._state
            follow_plan(self._setup.center, state.queues.record, state.agents.record)

    def set_clock(self) -> None:
        """Bring the kernel's clock to the present, before a process acts on the center."""
        self._state.queues.clock[0] = self._now

    @property
    def in_progress(self) -> bool:
        """Whether a contact is in the system, or an agent still has work after one."""
        queues = self._state.queues
        count = queues.count
        if any(count[of] for of in IN_HAND):
            return True
        if count[NEXT_ARRIVAL] < self._state.n_arriving:
            return True
        return bool(queues.bot_busy.any() or (queues.bot_head >= 0).any())

    @property
    def is_stuck(self) -> bool:
        """Whether nothing will happen to the contacts by itself any more."""
        count = self._state.queues.count
        pending = any(count[of] for of in (N_DONE, N_HELD, N_QUIT, N_TIMER, N_PENDING, N_RETURNS))
        more = count[NEXT_ARRIVAL] < self._state.n_arriving or self._next_change < Infinity
        return not (pending or more)

    def drain(self) -> None:
        """Go on until nothing is in progress, or nothing more can happen."""
        while True:
            limit = min(self.peek(), self._next_change)
            if limit > self._now:
                self.advance(limit)
            over = not self.in_progress or self.is_stuck
            if over and all(event.processed for event in self._told):
                self._now = max(self._now, float(self._state.queues.clock[0]))
                return
            if self._next_change <= self.peek():
                self._follow_plan(self._next_change)
            else:
                super().step()


class _PythonPolicy:
    """Asks a plain Python score at every choice, by the same functions as the kernel's."""

    def __init__(self, setup: Setup, state: State) -> None:
        policy = setup.policy
        asked = {"group_score": policy.asked, "type_score": policy.asked}
        self._center = _Fields(
            **{**setup.arrays, **asked, "policy_update": policy.asked_update},
        )
        self._state, self._remembers = state, policy.has_update
        self._group, self._type, self._remember = (
            getattr(function, "py_func", function)
            for function in (choice.scored_group, choice.scored_type, choice.remember)
        )

    def choice(self) -> int:
        """The group or the type that the kernel asks for, -1 for none."""
        state = self._state
        queues, agents, log = state.queues, state.agents, state.log
        what = int(queues.count[ASK])
        if queues.count[ASK_KIND] == ASK_GROUP:
            k, offered_at = int(state.work.queue_type[what]), float(log.offered_at[what])
            g = chosen = int(self._group(self._center, queues, agents, k, offered_at))
        else:
            g = what
            k = chosen = int(self._type(self._center, queues, agents, log, g))
            offered_at = float(log.offered_at[queues.head[k]])
        if chosen >= 0 and self._remembers:
            self._remember(self._center, queues, agents, k, g, offered_at)
        return chosen


class _Fields:
    """Named arrays, as the records are seen by plain Python."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)
