"""Running the engine and the oracle on the same random scenario, and comparing their logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from following import DrawStep
from oracle import Center
from scenarios import scenario
from steps import scripts_in
from user import Draw, Leavers, Seen, Step, User, carry_out

from simcc import Scenario, Simulation
from simcc.engine.order import Order
from simcc.engine.replication import POLICY_STREAM
from simcc.inversion import LawTable
from simcc.log import CALLBACK_SCHEMA, INTERRUPTION_SCHEMA, AgentLog, ContactLog, Outcome
from simcc.streams import Streams
from simcc.workload import Workload, WorkloadPlan, draw_leavers

Logs = tuple[ContactLog, AgentLog]
Scripts = Sequence[Sequence[Step]]


@cache
def drawn(seed: int) -> tuple[Workload, Draw, Leavers, DrawStep]:
    """What the contacts of scenario number ``seed`` bring, and what a process's acts draw."""
    laws, streams = LawTable(), Streams(seed)
    draws = WorkloadPlan(scenario(seed), laws)
    arrays = laws.arrays()

    def draw(k: int, at: float, number: int) -> dict[str, Any]:
        return draws.draw_one(k, at, streams, 0, number, arrays)

    def leavers(group: str, act: int, size: int) -> Any:
        return draw_leavers(group, streams, 0, act, size)

    workload = draws.sample(streams, 0, arrays)

    def draw_step(step: int) -> Any:
        uniforms = np.zeros((len(draws.attributes), len(workload)))
        draws.draw_step(workload, streams, 0, step, uniforms)
        return uniforms

    return workload, draw, leavers, draw_step


def run_engine(
    of: Scenario, seed: int, scripts: Scripts = (), until: float | None = None
) -> tuple[Logs, list[Seen]]:
    """The engine's logs, and what the processes saw."""
    simulation = Simulation(of, seed=seed)
    seen: list[Seen] = [[] for _ in scripts]
    for steps, saw in zip(scripts, seen, strict=True):
        simulation.process(carry_out(simulation, steps, saw))
    simulation.run(until)
    return (simulation.contact_log, simulation.agent_log), seen


def run_oracle(
    of: Scenario,
    seed: int,
    scripts: Scripts = (),
    until: float | None = None,
    order: Sequence[Order] = tuple(Order),
) -> tuple[Logs, list[Seen]]:
    """The oracle's logs of the same, and what the processes saw."""
    workload, draw, leavers, draw_step = drawn(seed)
    luck = Streams(seed).open(POLICY_STREAM, 0).random()
    center = Center(of, workload, order, draw_step, luck)
    user = User(center, draw, leavers)
    seen: list[Seen] = [[] for _ in scripts]
    for steps, saw in zip(scripts, seen, strict=True):
        user.follow(steps, saw)
    center.run(until)
    return center.logs(until), seen


@cache
def engine(seed: int, *, until: float | None = None) -> Logs:
    """The engine's run of scenario number ``seed``."""
    return run_engine(scenario(seed), seed, until=until)[0]


@cache
def engine_with_user(seed: int) -> tuple[Logs, list[Seen]]:
    """The engine's run where processes act on the center."""
    return run_engine(scenario(seed), seed, scripts_in(seed))


def oracle(seed: int, **how: Any) -> Logs:
    """The oracle's run of scenario number ``seed``; ``how`` as in ``run_oracle``."""
    return run_oracle(scenario(seed), seed, **how)[0]


def differences(one: Logs, other: Logs) -> list[str]:
    """Where two pairs of logs are not equal to the bit; the agent logs as sets of rows."""
    found = []
    # where contacts wait for nobody, the engine's last event may be one that no log shows
    stuck = np.isin(one[0].outcome, (Outcome.WAITING, Outcome.IN_BOT)).any()
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
    if cut_rows(one[0]) != cut_rows(other[0]):
        found.append(f"interruptions: {cut_rows(one[0])} {cut_rows(other[0])}")
    if call_rows(one[0]) != call_rows(other[0]):
        found.append(f"callbacks: {call_rows(one[0])} {call_rows(other[0])}")
    rows, other_rows = Counter(agent_rows(one[1])), Counter(agent_rows(other[1]))
    found += [f"agent row {row}: only the first has it" for row in sorted(rows - other_rows)]
    found += [f"agent row {row}: only the second has it" for row in sorted(other_rows - rows)]
    if (np.diff(one[1].at) < 0).any() or (np.diff(other[1].at) < 0).any():
        found.append("the rows of an agent log are not in time order")
    return found


def cut_rows(log: ContactLog) -> list[tuple[Any, ...]]:
    """The interruptions, in their order."""
    columns = (getattr(log.cut, name) for name, *_ in INTERRUPTION_SCHEMA)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def call_rows(log: ContactLog) -> list[tuple[Any, ...]]:
    """The calls of those who asked for a callback, in their order."""
    columns = (getattr(log.callbacks, name) for name, *_ in CALLBACK_SCHEMA)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def agent_rows(log: AgentLog) -> list[tuple[Any, ...]]:
    """Rows as (at, agent, group, deltas of scheduled, present and paid, reason)."""
    columns = (log.at, log.agent, log.group, log.scheduled_delta, log.present_delta,
               log.paid_delta, log.reason)  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))


def different_sights(one: Sequence[Seen], other: Sequence[Seen]) -> list[str]:
    """Where two runs showed different things to the processes, as text."""
    found = []
    for i, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if len(mine) != len(theirs):
            found.append(f"process {i}: {len(mine)} steps, {len(theirs)} steps")
        found += [
            f"process {i}, step {j}: {here!r} {there!r}"
            for j, (here, there) in enumerate(zip(mine, theirs, strict=False))
            if repr(here) != repr(there)  # which tells NaN as NaN, and every bit of a number
        ]
    return found
