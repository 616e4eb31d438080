"""A batch of replications: what is sent to whoever simulates it, and what comes back."""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

import numpy as np

from simcc.buffers import Buffers, fresh
from simcc.cells import Cells, Rows
from simcc.engine.replication import Replication
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.log import AgentLog, ContactLog
from simcc.metrics import Reducer
from simcc.model import Scenario
from simcc.parts import encode
from simcc.store import versions
from simcc.streams import Streams

Logs = tuple[ContactLog, AgentLog]
LONG = 60.0  # s; a first replication that takes this long is long, compiled anew or not
MOST_PREPARED = 32  # scenarios that a worker keeps ready
WHERE_IT_MAY_BE = "a policy of your own must be a function of a module that the workers can import"


class Ready:
    """A scenario made ready, once, for all its batches in a process.

    Parameters
    ----------
    scenario : Scenario
    keep : bool
        Whether the logs are wanted.
    """

    def __init__(self, scenario: Scenario, keep: bool) -> None:
        self.scenario, self.keep = scenario, keep
        n_agents = len(self.setup.agents) if keep else 0
        self.reducer = Reducer(scenario, n_agents=n_agents)
        self.cells = Cells(self.reducer.layout, n_agents)

    @cached_property
    def setup(self) -> Setup:
        """What replications share."""
        return Setup(self.scenario)

    @cached_property
    def pickled(self) -> bytes:
        """The scenario to be sent to other processes; see :func:`pickled`."""
        return pickled(self.scenario)

    @cached_property
    def seconds(self) -> float:
        """What one replication takes; whatever is not compiled yet is by now."""
        found = self._time_of_one()
        return found if found > LONG else self._time_of_one()

    def _time_of_one(self) -> float:
        started = time.perf_counter()
        self.simulate(0, range(1))
        return time.perf_counter() - started

    def simulate(self, seed: int, replications: range) -> tuple[Rows, list[Logs]]:
        """Simulate and count replications; their logs are returned if they are wanted."""
        streams = Streams(seed)
        take = fresh if self.keep else Buffers().take
        counters = self.reducer.counters(1)
        rows, logs = [], []
        for r in replications:
            replication = Replication(self.setup, streams, r, take)
            replication.run()
            of_one = replication.contact_log, replication.agent_log
            self.reducer.reduce(*of_one, counters)
            rows.append(self.cells.take(counters, r))
            if self.keep:
                logs.append(of_one)
        return Rows(*(np.concatenate(column) for column in zip(*rows, strict=True))), logs


@dataclass(frozen=True)
class Job:
    """A batch to be simulated.

    Attributes
    ----------
    of : Ready or bytes
        The scenario, ready in this process or pickled for another.
    keep : bool
        Whether the logs are wanted.
    seed, first, n : int
        Replications ``first`` to ``first + n - 1`` of a seed.
    versions : dict
        That the worker must have.
    run : dict or None
        Metadata of the part of a store that is made of the batch, if there is a store.
    attempt : int
        From 1.
    """

    of: Ready | bytes
    keep: bool
    seed: int
    first: int
    n: int
    versions: dict[str, str]
    run: dict[str, Any] | None = None
    attempt: int = 1


@dataclass(frozen=True)
class Batch:
    """What comes back: counters, logs if they were wanted, and the part for the store."""

    rows: Rows
    logs: list[Logs]
    part: bytes | None


def run_batch(job: Job) -> Batch:
    """Simulate a batch, in whatever process this is called.

    Raises
    ------
    SimulationError
        If the worker has other versions of the libraries, or cannot read the scenario.
    """
    if job.versions != versions():
        raise SimulationError(
            f"a worker has {versions()}, the process that asks has {job.versions}; "
            "results must come from one set of versions"
        )
    ready = job.of if isinstance(job.of, Ready) else _unpickled(job.of, job.keep)
    rows, logs = ready.simulate(job.seed, range(job.first, job.first + job.n))
    part = None
    if job.run is not None:
        metadata = {**job.run, "first": job.first, "replications": job.n}
        part = encode(rows, ready.cells, metadata)
    return Batch(rows, logs, part)


def pickled(scenario: Scenario) -> bytes:
    """A scenario to be sent to other processes.

    Raises
    ------
    SimulationError
        If it has a function that cannot be named there.
    """
    try:
        return pickle.dumps(scenario)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SimulationError(
            f"the scenario cannot be sent to another process ({error}); {WHERE_IT_MAY_BE}"
        ) from error


_preparing = Lock()


def _unpickled(scenario: bytes, keep: bool) -> Ready:
    with _preparing:  # once, if several threads of a worker want it
        return _prepared(scenario, keep)


@lru_cache(maxsize=MOST_PREPARED)
def _prepared(scenario: bytes, keep: bool) -> Ready:
    try:
        found = pickle.loads(scenario)
    except (ImportError, AttributeError) as error:
        raise SimulationError(
            f"a worker cannot read the scenario ({error}); {WHERE_IT_MAY_BE}"
        ) from error
    return Ready(found, keep)
