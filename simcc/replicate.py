"""Many replications of a scenario, on one thread or several, reduced to one result."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from simcc.buffers import Buffers, fresh
from simcc.engine.arguments import whole
from simcc.engine.replication import Replication
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.log import AgentLog, ContactLog
from simcc.metrics import Counters, Reducer
from simcc.model import Scenario
from simcc.result import Result
from simcc.streams import Streams, check_seed


def simulate(
    scenario: Scenario,
    *,
    replications: int,
    seed: int | None = None,
    workers: int = 1,
    record: Literal["contacts"] | None = None,
    progress: bool = False,
    first_replication: int = 0,
) -> Result:
    """Simulate a scenario several times and estimate its metrics.

    Parameters
    ----------
    scenario : Scenario
    replications : int
        How many independent runs of the horizon, at least 1; two or more give intervals.
    seed : int, optional
        Whole number >= 0. The same seed gives the same result, bit for bit; by default fresh
        entropy, kept in the result.
    workers : int
        Threads; the result does not depend on their number.
    record : {"contacts"}, optional
        Keep the log of every contact (``result.contacts()``), every agent's own times
        (``result.agents()``) and comings and goings (``result.agent_events()``). By default a
        replication's log is counted and dropped.
    progress : bool
        Show a progress bar.
    first_replication : int
        Number of the first; replication r is the same in whichever run it is.

    Returns
    -------
    Result

    Raises
    ------
    SimulationError
        If an argument is not allowed; the message names it.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> simcc.simulate(scenario, replications=5, seed=1)
    <Result of 'scenario': 5 replications, seed 1>
    """
    n = whole(replications, "replications", least=1)
    first = whole(first_replication, "first_replication", least=0)
    n_workers = min(whole(workers, "workers", least=1), n)
    if record not in (None, "contacts"):
        raise SimulationError(f'record is {record!r}; it must be "contacts" or None')
    seed = check_seed(seed)
    started = time.perf_counter()
    setup = Setup(scenario)
    run = _Run(setup, seed, n, first, keep=record == "contacts")
    run.replicate(0)  # compiles what is not compiled yet, on one thread
    _for_each(run.replicate, range(1, n), n_workers, _bar(n, progress))
    return Result(
        scenario,
        run.counters,
        seed=seed,
        first_replication=first,
        contact_logs=[logs[0] for logs in run.logs if logs],
        agent_logs=[logs[1] for logs in run.logs if logs],
        agents=setup.agents,
        elapsed=time.perf_counter() - started,
    )


class _Run:
    """Replications of one call, each counted where it belongs, in any order."""

    def __init__(
        self, setup: Setup, seed: int, replications: int, first: int, *, keep: bool
    ) -> None:
        self._setup, self._seed, self._first, self._keep = setup, seed, first, keep
        self._reducer = Reducer(setup.scenario, n_agents=len(setup.agents) if keep else 0)
        self.counters: Counters = self._reducer.counters(replications)
        self.logs: list[tuple[ContactLog, AgentLog] | None] = [None] * replications
        self._of_thread = threading.local()

    def replicate(self, r: int) -> None:
        """Simulate the replication at place r and count it."""
        mine = self._of_thread
        if not hasattr(mine, "streams"):
            mine.streams = Streams(self._seed)
            mine.take = fresh if self._keep else Buffers().take
        replication = Replication(self._setup, mine.streams, self._first + r, mine.take)
        replication.run()
        logs = replication.contact_log, replication.agent_log
        self._reducer.reduce(*logs, self.counters, r)
        if self._keep:
            self.logs[r] = logs


def _bar(total: int, wanted: bool) -> Any:
    from tqdm import tqdm

    bar = tqdm(total=total, unit="day", desc="simulating", disable=not wanted, leave=False)
    bar.update(1)
    return bar


def _for_each(call: Any, numbers: Iterable[int], workers: int, bar: Any) -> None:
    """Call with every number; on one thread without a pool, so that a traceback stays short."""
    with bar:
        if workers == 1:
            for r in numbers:
                call(r)
                bar.update(1)
            return
        shared = _Shared(numbers)
        with ThreadPoolExecutor(workers, thread_name_prefix="simcc") as pool:
            try:
                futures = [pool.submit(_work, call, shared, bar) for _ in range(workers)]
                for future in futures:
                    future.result()
            except BaseException:
                shared.stop()
                raise


class _Shared:
    """Numbers that several threads take one by one."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers: Iterator[int] = iter(numbers)
        self._lock = threading.Lock()

    def take(self) -> int | None:
        """The next number, None if there is none left."""
        with self._lock:
            return next(self._numbers, None)

    def stop(self) -> None:
        """Leave no numbers."""
        with self._lock:
            self._numbers = iter(())


def _work(call: Any, shared: _Shared, bar: Any) -> None:
    while (r := shared.take()) is not None:
        try:
            call(r)
        except BaseException:
            shared.stop()
            raise
        bar.update(1)
