"""What a process may do to the center, at the present of its environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simcc.engine.bots import end_session, fill_sessions, go_without, take_from_bot_line
from simcc.engine.environment import Environment
from simcc.engine.head_counts import change_head_count
from simcc.engine.kernel import arrive, serve_pending
from simcc.engine.people import move
from simcc.engine.records import BOT_UP, BOT_WAIT, N_PENDING, N_TIMER, STAYS
from simcc.engine.setup import Setup
from simcc.engine.state import State
from simcc.heap import heapify
from simcc.log import Outcome


@dataclass(frozen=True)
class ContactOutcome:
    """What became of a submitted contact.

    Attributes
    ----------
    contact : int
        Its number, the row of the contact log.
    outcome : Outcome
    wait_time : float
        Time in the human queue (s); NaN if it never reached it.
    answered_at : float
        Instant of the answer (s from the start); NaN if it was not answered.
    agent : str or None
        Name of the agent who served it.
    """

    contact: int
    outcome: Outcome
    wait_time: float
    answered_at: float
    agent: str | None


class Actor:
    """Changes the state of one replication between two steps of its environment.

    Parameters
    ----------
    setup : Setup
    state : State
    env : Environment
    """

    def __init__(self, setup: Setup, state: State, env: Environment) -> None:
        self._setup, self._state, self._env = setup, state, env

    def change_head_count(self, g: int, change: int, luck: NDArray[np.float64]) -> None:
        """Bring agents into group g, or send some home; ``luck`` says whom, if it is named."""
        if change > 0:
            self._state.add_agents(g, change)
        self._prepare(min(abs(change), len(self._state.agents.group)))
        agents, queues = self._state.agents.record, self._state.queues.record
        change_head_count(agents, queues, self._setup.control.record, g, change, luck, 0)

    def move(self, g: int, to: int, number: int) -> int:
        """Move agents of group g to another group; how many."""
        chosen = self._longest_idle_first(g)[:number]
        self._prepare(2 * len(chosen))
        for a in chosen:
            move(self._state.agents.record, self._state.queues.record, a, to)
        return len(chosen)

    def _longest_idle_first(self, g: int) -> list[int]:
        """Agents of a group who stay on duty: idle ones in the order of the list, then the busy.

        As many of the busy as the group's head count owes are left out: they are to go home.
        """
        agents = self._state.agents
        found = []
        a = int(agents.head[g])
        while a >= 0:
            found.append(a)
            a = int(agents.next[a])
        here = (agents.group == g) & (agents.due == STAYS) & (agents.target == g)
        here[found] = False
        owing = np.flatnonzero(here & (agents.counted == 1))
        here[owing[len(owing) - int(agents.owed[g]) :]] = False
        return found + np.flatnonzero(here).tolist()

    def take_bot_down(self, b: int, mode: int, fail_sessions: bool) -> None:
        """Begin an outage of bot b; ``mode`` says where contacts go meanwhile."""
        self._env.set_clock()
        queues = self._state.queues
        queues.bot_mode[b] = mode
        if fail_sessions:
            for c in self._cancel_sessions(b):
                self._state.reserve_clocks()
                self._env.handle(end_session(*self._state.records, c, True))
        while mode != BOT_WAIT and queues.bot_head[b] >= 0:
            self._state.reserve_clocks()
            c = take_from_bot_line(queues.record, b)
            self._env.handle(go_without(*self._state.records, c, mode))

    def _cancel_sessions(self, b: int) -> list[int]:
        """Take the session ends of bot b off the heap; the contacts, by number."""
        state = self._state
        queues = state.queues
        n = int(queues.count[N_TIMER])
        times, keys = queues.timer_times[:n].copy(), queues.timer_keys[:n].copy()
        is_session = keys < state.n_contacts
        at = state.log.bot
        if not len(at):
            at = self._setup.arrays["bot_of"][state.work.contact_type]
        failed = is_session & (at[np.where(is_session, keys, 0)] == b)
        kept = int(n - failed.sum())
        queues.timer_times[:n] = np.inf
        queues.timer_times[:kept], queues.timer_keys[:kept] = times[~failed], keys[~failed]
        heapify(queues.timer_times, queues.timer_keys, kept)
        queues.count[N_TIMER] = kept
        contacts: list[int] = np.sort(keys[failed]).tolist()
        return contacts

    def bring_bot_up(self, b: int) -> None:
        """End an outage of bot b."""
        self._env.set_clock()
        state = self._state
        state.queues.bot_mode[b] = BOT_UP
        state.reserve_clocks(sessions=state.n_contacts)
        fill_sessions(
            self._setup.center, state.work.record, state.log.record, state.queues.record, b
        )

    def degrade_bot(self, b: int, contained_factor: float, time_factor: float) -> None:
        """Sessions of bot b that begin from now on are contained less often, and last longer."""
        self._state.queues.bot_factor[b] = contained_factor
        self._state.queues.bot_slowness[b] = time_factor

    def submit(self, values: dict[str, Any]) -> simpy.Event:
        """Let a contact of our own arrive; the event of its end."""
        self._env.set_clock()
        state = self._state
        while state.queues.count[N_PENDING]:  # whoever waits is served before a newcomer
            self._env.handle(serve_pending(*state.records))
        c = state.add_contact(self._env.now, values)
        ended = self._env.when_ended(c)
        state.reserve_clocks()
        self._env.handle(arrive(*state.records, c))
        return ended

    def _prepare(self, rows: int) -> None:
        self._env.set_clock()
        self._state.reserve_rows(rows)
