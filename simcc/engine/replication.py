"""One replication: workload, state and environment, from the first arrival to the logs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simcc.buffers import Take, fresh
from simcc.engine.environment import Environment
from simcc.engine.setup import Setup
from simcc.engine.state import State
from simcc.log import AgentLog, ContactLog
from simcc.streams import Streams

POLICY_STREAM = "\x1fpolicy"  # the mark keeps it apart from any type's name


class Replication:
    """A replication of a scenario.

    Parameters
    ----------
    setup : Setup
    streams : Streams
        Of the experiment's seed.
    number : int
        Of the replication.
    take : callable
        Gives the memory, see :mod:`simcc.buffers`.

    Attributes
    ----------
    workload : Workload
    state : State
    env : Environment
    """

    def __init__(self, setup: Setup, streams: Streams, number: int, take: Take = fresh) -> None:
        self._horizon = setup.scenario.horizon
        self._plan, self._streams, self._number = setup.workload, streams, number
        self.workload = setup.workload.sample(streams, number, setup.laws, take)
        self.state = State(setup, self.workload, take, self._draw_step)
        if setup.policy.luck_at is not None:
            luck = streams.open(POLICY_STREAM, number).random()
            self.state.queues.params[setup.policy.luck_at] = luck
        self.env = Environment(setup, self.state)

    def _draw_step(self, step: int, out: NDArray[np.float64]) -> None:
        self._plan.draw_step(self.workload, self._streams, self._number, step, out)

    def run(self) -> None:
        """Run the whole horizon, and after it what ``horizon.after`` says."""
        if self.env.now < self._horizon.length:
            self.env.run(until=self._horizon.length)
        if self._horizon.after == "drain":
            self.env.drain()

    @property
    def contact_log(self) -> ContactLog:
        """The contact log so far."""
        ended_at = max(self.env.now, float(self.state.queues.clock[0]))
        return self.state.contact_log(ended_at)

    @property
    def agent_log(self) -> AgentLog:
        """The agent log so far."""
        return self.state.agent_log()
