"""One replication that comes back to its caller at every routing decision."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from simcc.engine.environment import Environment
from simcc.engine.kernel import advance, decide
from simcc.engine.order import Stop
from simcc.engine.records import ASK, ASK_GROUP, ASK_KIND
from simcc.engine.setup import Setup
from simcc.engine.state import State

NOBODY = -1


@dataclass(frozen=True)
class Decision:
    """What is asked.

    Attributes
    ----------
    asks_group : bool
        Which group takes a contact; otherwise which type an agent takes next.
    what : int
        Index of the contact's queue, or of the agent's group.
    allowed : tuple of int
        The groups, or types, that may be chosen, in the order of the tables.
    """

    asks_group: bool
    what: int
    allowed: tuple[int, ...]


class Candidates:
    """A score that notes the pairs it is asked about, and so finds out which are allowed."""

    def __init__(self) -> None:
        self.pairs: list[tuple[int, int]] = []

    def score(self, type, group, wait, idle, queue_lengths, n_idle, n_busy, params) -> float:  # type: ignore[no-untyped-def]
        """Note the pair."""
        self.pairs.append((type, group))
        return 0.0


class PausingEnvironment(Environment):
    """The contacts of one replication, up to the next decision and on.

    Parameters
    ----------
    setup : Setup
        Of a scenario whose policy is the score of the candidates.
    state : State
    candidates : Candidates
    """

    def __init__(self, setup: Setup, state: State, candidates: Candidates) -> None:
        super().__init__(setup, state)
        self._horizon = setup.scenario.horizon
        self._candidates = candidates

    @property
    def time(self) -> float:
        """The present (s from the start)."""
        return max(float(self.now), float(self._state.queues.clock[0]))

    def decisions(self) -> Generator[Decision, int, None]:
        """Yield every decision of the replication, and take the choice (-1: none) for it."""
        yield from self._up_to(self._horizon.length)
        self._now = self._horizon.length
        if self._horizon.after == "drain":
            yield from self._until_empty()

    def _until_empty(self) -> Generator[Decision, int, None]:
        # as Environment.drain, where there is no process
        while True:
            if self._next_change > self._now:
                yield from self._up_to(self._next_change)
            if not self.in_progress or self.is_stuck:
                return
            self._follow_plan(self._next_change)

    def _up_to(self, limit: float) -> Generator[Decision, int, None]:
        state, reason = self._state, int(Stop.LIMIT)
        while True:
            if reason == Stop.LIMIT:
                reason = advance(*state.records, limit)
                if reason == Stop.LIMIT:
                    return
            if reason == Stop.DECIDE:
                choice = yield self._decision()
                reason = decide(*state.records, choice)
            else:
                state.make_room()
                reason = Stop.LIMIT

    def _decision(self) -> Decision:
        count = self._state.queues.count
        asks_group, what = bool(count[ASK_KIND] == ASK_GROUP), int(count[ASK])
        assert self._asked is not None
        self._candidates.pairs.clear()
        self._asked.choice()
        pairs = self._candidates.pairs
        if asks_group:
            queue = int(self._state.work.queue_type[what])
            return Decision(True, queue, tuple(g for _, g in pairs))
        return Decision(False, what, tuple(k for k, _ in pairs))
