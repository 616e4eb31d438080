"""SimPy's environment with a rule for what happens first at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush

import simpy

from simcc.engine.order import Order

# Before everything that is planned for the same instant:
AT_ONCE = (-1, 0)
THEN = (-1, 1)  # after what an act has set off
# Of the control changes of one instant:
PLAN, USER, LOOK = range(3)


class Planned(simpy.Event):
    """Happens at a known instant: a ``simpy.Timeout`` that is given the instant, not the delay."""

    def __init__(self, env: Clock, instant: float, place: tuple[int, int]) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        heappush(env._queue, (instant, place, next(env._eid), self))


class Told(simpy.Event):
    """Wakes a user's process, once all contacts have done what they do at once."""


class Clock(simpy.Environment):
    """SimPy's environment; what is planned for one instant happens by kind, then by number.

    Starts and wake-ups of processes, which SimPy schedules itself, happen at once: a process that
    is woken by an event goes on before the next planned event.
    """

    def __init__(self, order: Sequence[Order]) -> None:
        super().__init__(initial_time=0.0)
        self._rank = {kind: rank for rank, kind in enumerate(order)}

    def at(self, instant: float, kind: Order, number: int = 0) -> Planned:
        """Event at ``instant`` (s), which a process can wait for."""
        return Planned(self, instant, (self._rank[kind], number))

    def then(self) -> Planned:
        """Event after all that happens at once."""
        return Planned(self, self._now, THEN)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to happen at once."""
        return not self._queue or self._queue[0][:2] >= (self._now, (0, 0))

    def schedule(self, event: simpy.Event, priority: int = 1, delay: float = 0.0) -> None:
        place = (self._rank[Order.CONTROL], USER) if isinstance(event, Told) else AT_ONCE
        heappush(self._queue, (self._now + delay, place, next(self._eid), event))
