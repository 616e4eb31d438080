"""Many replications of a scenario, on one thread or several, reduced to one result."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import cached_property, partial
from typing import Any, Literal

from simcc.batches import Ready
from simcc.buffers import Buffers, fresh
from simcc.dispatch import Dispatch
from simcc.engine.arguments import whole
from simcc.engine.replication import Replication
from simcc.errors import SimulationError
from simcc.log import AgentLog, ContactLog
from simcc.metrics import Counters
from simcc.model import Scenario
from simcc.result import Result
from simcc.store import Store
from simcc.streams import Streams, check_seed


def simulate(
    scenario: Scenario,
    *,
    replications: int,
    seed: int | None = None,
    workers: int = 1,
    record: Literal["contacts"] | None = None,
    progress: bool = False,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
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
        entropy, kept in the result, or the seed of the store.
    workers : int
        Threads; the result does not depend on their number. Not used with an executor.
    record : {"contacts"}, optional
        Keep the log of every contact (``result.contacts()``), every agent's own times
        (``result.agents()``) and comings and goings (``result.agent_events()``). By default a
        replication's log is counted and dropped.
    progress : bool
        Show a progress bar.
    executor : concurrent.futures.Executor, optional
        Who simulates instead of threads, in batches of about a second: a process pool, Dask's
        ``client.get_executor()``, ...; the result does not depend on it. See
        ``docs/large-experiments.md``.
    store : path, optional
        Folder that keeps every finished batch. What it has is not simulated again, so that a run
        that was killed goes on, and a larger one simulates only what is new.
    first_replication : int
        Number of the first; replication r is the same in whichever run it is.

    Returns
    -------
    Result

    Raises
    ------
    SimulationError
        If an argument is not allowed; the message names it. If workers of the executor die again
        and again.
    StoreError
        If the store is of another run, damaged, or cannot be written.

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
    if record not in (None, "contacts"):
        raise SimulationError(f'record is {record!r}; it must be "contacts" or None')
    if record and store is not None:
        raise SimulationError("a store keeps counters, no logs: record= does not go with store=")
    n = whole(replications, "replications", least=1)
    first = whole(first_replication, "first_replication", least=0)
    ready = Prepared(
        scenario, seed, workers=workers, executor=executor, store=store, keep=record == "contacts"
    )
    return ready.simulate(n, first, progress=progress)


class Prepared:
    """A scenario made ready once, for runs of any of its replications.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional
    workers, executor, store
        As for :func:`simulate`.
    keep : bool
        Whether the logs are wanted.
    streams : callable, optional
        Makes the random streams, for each thread its own; by default those of the seed. Only on
        threads without a store.

    Attributes
    ----------
    scenario : Scenario
    seed : int

    Raises
    ------
    SimulationError
        If an argument is not allowed.
    StoreError
        If the store is of another run.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        workers: int = 1,
        executor: Executor | None = None,
        store: str | os.PathLike[str] | None = None,
        keep: bool = False,
        streams: Callable[[], Streams] | None = None,
    ) -> None:
        self._workers = check_hands(workers, executor, store)
        self.scenario = scenario
        self._executor, self._keep = executor, keep
        self._store = None if store is None else Store(store, scenario, seed)
        self.seed = check_seed(seed) if self._store is None else self._store.seed
        self._streams = streams or partial(Streams, self.seed)

    @cached_property
    def _ready(self) -> Ready:
        return Ready(self.scenario, self._keep)

    def simulate(
        self, n: int, first: int = 0, *, progress: bool = False, batches: int | None = None
    ) -> Result:
        """Simulate replications ``first`` to ``first + n - 1``.

        On threads without a store, ``batches`` is the number of batches that quantiles of waits
        come from.
        """
        started = time.perf_counter()
        workers = min(self._workers, n)
        run: _Run | Dispatch
        if self._executor is None and self._store is None:
            run = _Run(self._ready, self._streams, n, first, batches)
            run.replicate(0)  # compiles what is not compiled yet, on one thread
            _for_each(run.replicate, range(1, n), workers, _bar(n, progress, done=1))
        else:
            own = ThreadPoolExecutor(workers, "simcc") if self._executor is None else None
            with own or nullcontext(self._executor) as hands, _bar(n, progress) as bar:
                assert hands is not None
                run = Dispatch(
                    self._ready, n, self.seed, hands, self._store, bar.update, first=first
                )
                run.run()
        return Result(
            self.scenario,
            run.counters,
            seed=self.seed,
            first_replication=first,
            contact_logs=[logs[0] for logs in run.logs if logs],
            agent_logs=[logs[1] for logs in run.logs if logs],
            agents=self._ready.setup.agents if self._keep else [],
            elapsed=time.perf_counter() - started,
        )


def check_hands(workers: Any, executor: Any, store: Any) -> int:
    """Return the number of workers.

    Raises
    ------
    SimulationError
        Unless workers, executor and store are allowed.
    """
    if store is not None and not isinstance(store, str | os.PathLike):
        raise SimulationError(f"store is {store!r}; it must be the path of a folder")
    if executor is not None and not isinstance(executor, Executor):
        raise SimulationError(f"executor is {executor!r}; it must be a concurrent.futures.Executor")
    return whole(workers, "workers", least=1)


class _Run:
    """Replications of one call, each counted where it belongs, in any order."""

    def __init__(
        self,
        ready: Ready,
        streams: Callable[[], Streams],
        n: int,
        first: int,
        batches: int | None,
    ) -> None:
        self._ready, self._streams, self._first = ready, streams, first
        self._setup = ready.setup
        self.counters: Counters = ready.reducer.counters(n, batches)
        self.logs: list[tuple[ContactLog, AgentLog] | None] = [None] * n
        self._of_thread = threading.local()

    def replicate(self, r: int) -> None:
        """Simulate the replication at place r and count it."""
        mine, keep = self._of_thread, self._ready.keep
        if not hasattr(mine, "streams"):
            mine.streams = self._streams()
            mine.take = fresh if keep else Buffers().take
        replication = Replication(self._setup, mine.streams, self._first + r, mine.take)
        replication.run()
        logs = replication.contact_log, replication.agent_log
        self._ready.reducer.reduce(*logs, self.counters, r)
        if keep:
            self.logs[r] = logs


def _bar(total: int, wanted: bool, *, done: int = 0) -> Any:
    from tqdm import tqdm

    bar = tqdm(total=total, unit="day", desc="simulating", disable=not wanted, leave=False)
    bar.update(done)
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
