"""What an agent that learns sees of the center, as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simcc.engine.state import State
from simcc.gym.decisions import Decision
from simcc.model import Scenario

MINUTE = 60.0
Floats32 = NDArray[np.float32]
Counts = Sequence[int] | NDArray[np.int64]


def names_of(scenario: Scenario, everything: bool) -> tuple[str, ...]:
    """The names of the numbers, in order."""
    types = [kind.name for kind in scenario.contact_types]
    groups = [group.name for group in scenario.agent_groups]
    named = [("queue", types), ("idle", groups), ("busy", groups)]
    named += [("contact", types), ("agent", groups)]
    named += [("wait", types)] if everything else []
    found = [f"{what}:{name}" for what, names in named for name in names]
    return (*found, "time") if everything else tuple(found)


def counts_of(
    queue_lengths: Counts, n_idle: Counts, n_busy: Counts, asks_group: bool, what: int
) -> Floats32:
    """Queue lengths, idle and busy agents, and who asks; nobody asks if ``what`` is -1."""
    n_types, n_groups = len(queue_lengths), len(n_idle)
    found = np.zeros(2 * n_types + 3 * n_groups, np.float32)
    found[:n_types] = queue_lengths
    found[n_types : n_types + n_groups] = n_idle
    found[n_types + n_groups : n_types + 2 * n_groups] = n_busy
    if what >= 0:
        first = n_types + 2 * n_groups if asks_group else 2 * n_types + 2 * n_groups
        found[first + what] = 1.0
    return found


def observed(state: State, decision: Decision | None) -> Floats32:
    """The counts of a replication at a decision, or at its end."""
    asks_group, what = (decision.asks_group, decision.what) if decision else (False, -1)
    agents = state.agents
    return counts_of(state.queues.length, agents.n_idle, agents.n_busy, asks_group, what)


def clocks(state: State, time: float, length: float) -> Floats32:
    """Waits of the first of each queue (min), and the time as a share of the horizon."""
    offered = state.log.offered_at
    waits = [(time - offered[c]) / MINUTE if c >= 0 else 0.0 for c in state.queues.head]
    return np.array([*waits, time / length], np.float32)
