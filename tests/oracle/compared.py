"""Running the engine and the oracle on the same random scenario, and comparing their logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from functools import cache
from typing import Any

import numpy as np
from oracle import Act, simulate
from scenarios import acts_in, scenario

from simcc import Simulation
from simcc.inversion import LawTable
from simcc.log import AgentLog, ContactLog, Outcome
from simcc.streams import Streams
from simcc.workload import Workload, WorkloadPlan

Logs = tuple[ContactLog, AgentLog]


@cache
def workload(seed: int) -> Workload:
    """What the contacts of scenario number ``seed`` bring."""
    laws = LawTable()
    draws = WorkloadPlan(scenario(seed), laws)
    return draws.sample(Streams(seed), 0, laws.arrays())


@cache
def engine(seed: int, *, acts: bool = False, until: float | None = None) -> Logs:
    """The engine's run of scenario number ``seed``, perhaps with a process that acts on it."""
    simulation = Simulation(scenario(seed), seed=seed)
    if acts:
        simulation.process(carry_out(simulation, acts_in(seed)))
    simulation.run(until)
    return simulation.contact_log, simulation.agent_log


def carry_out(simulation: Simulation, acts: Sequence[Act]) -> Generator[Any, Any, None]:
    """The process: each act at its instant."""
    for at, name, given in acts:
        yield simulation.env.at(at)
        getattr(simulation, name)(**given)


def oracle(seed: int, *, acts: bool = False, **how: Any) -> Logs:
    """The oracle's run of the same; ``how`` as in ``simulate``."""
    return simulate(scenario(seed), workload(seed), acts=acts_in(seed) if acts else (), **how)


def differences(one: Logs, other: Logs) -> list[str]:
    """Where two pairs of logs are not equal to the bit; the agent logs as sets of rows."""
    found = []
    # with contacts left waiting for nobody, a threshold they pass may be the engine's last event
    stuck = (one[0].outcome == Outcome.WAITING).any()
    if one[0].ended_at != other[0].ended_at and not (stuck and one[0].ended_at > other[0].ended_at):
        found.append(f"ended_at: {one[0].ended_at!r} {other[0].ended_at!r}")
    mine, theirs = one[0].columns(), other[0].columns()
    if {name: column.dtype for name, column in mine.items()} != {
        name: column.dtype for name, column in theirs.items()
    } or one[0].n != other[0].n:
        return [*found, "the contact logs do not have the same form"]
    for name, column in mine.items():
        same = (column == theirs[name]) | ((column != column) & (theirs[name] != theirs[name]))
        found += [
            f"contact {i}, {name}: {column[i].item()!r} {theirs[name][i].item()!r}"
            for i in np.flatnonzero(~same)
        ]
    rows, other_rows = Counter(agent_rows(one[1])), Counter(agent_rows(other[1]))
    found += [f"agent row {row}: only the first has it" for row in sorted(rows - other_rows)]
    found += [f"agent row {row}: only the second has it" for row in sorted(other_rows - rows)]
    if (np.diff(one[1].at) < 0).any() or (np.diff(other[1].at) < 0).any():
        found.append("the rows of an agent log are not in time order")
    return found


def agent_rows(log: AgentLog) -> list[tuple[Any, ...]]:
    """Rows as (at, agent, group, deltas of scheduled, present and paid, reason)."""
    columns = (log.at, log.agent, log.group, log.scheduled_delta, log.present_delta,
               log.paid_delta, log.reason)  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))
