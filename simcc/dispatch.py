"""Batches handed out to an executor, and what comes back put together, or kept in a store."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import closing
from dataclasses import replace
from typing import Any

from simcc.batches import Batch, Job, Logs, Ready, run_batch
from simcc.cells import Rows
from simcc.errors import SimccError, SimulationError
from simcc.metrics import Counters
from simcc.store import Store, versions

BATCH_TIME = 1.0  # s; so that handing out costs little and little is lost
UNKNOWN_WORKERS = 32  # of an executor that does not say how many it has
ATTEMPTS = 3


class Dispatch:
    """Replications of a scenario in batches, on any executor.

    The result does not depend on the executor, nor on how the replications are cut into batches.

    Parameters
    ----------
    ready : Ready
    replications : int
    seed : int
    executor : concurrent.futures.Executor
    store : Store, optional
        What it has is not simulated again, what is finished goes there.
    advance : callable
        Told of numbers of replications that are done.
    first : int
        Number of the first replication.

    Attributes
    ----------
    counters : Counters
    logs : list
        One per replication; None where none was wanted.
    """

    def __init__(
        self,
        ready: Ready,
        replications: int,
        seed: int,
        executor: Executor,
        store: Store | None,
        advance: Callable[[int], Any],
        *,
        first: int = 0,
    ) -> None:
        self._ready, self._n, self._seed = ready, replications, seed
        self._first, self._end = first, first + replications
        self._executor, self._store, self._advance = executor, store, advance
        self._workers = int(getattr(executor, "_max_workers", UNKNOWN_WORKERS))
        self._missing: set[int] = set()  # first replications of batches
        self.counters: Counters = ready.reducer.counters(replications)
        self.logs: list[Logs | None] = [None] * replications

    def run(self) -> None:
        """Simulate what is missing."""
        self._per_batch, shared = self._batch_size()
        size = self._per_batch  # parts of a store begin at its multiples
        begin = self._first if self._store is None else self._first // size * size
        self._missing.update(range(begin, self._end, size))
        self._read_finished()
        order = sorted(self._missing)
        if shared and order:  # another process may be at the first of them
            at = secrets.randbelow(len(order))
            order = order[at:] + order[:at]
        with closing(self._results(self._jobs(order))) as results:
            for job, batch in results:
                self._take(job.first, batch.rows, batch.logs, batch.part)
        self._read_finished()

    def _batch_size(self) -> tuple[int, bool]:
        """Replications per batch, and whether another process has decided that."""
        store = self._store
        if store is None:
            return self._measured(), False
        is_new = store.per_part is None and store.make(self._measured())
        assert store.per_part is not None
        return store.per_part, not is_new

    def _measured(self) -> int:
        """Replications per batch, by the time of one; whatever is not compiled yet is by now."""
        most = -(-self._n // (2 * self._workers))  # every worker gets some
        at_most = max(1, min(int(BATCH_TIME / self._ready.seconds), most))
        n_batches = -(-self._n // at_most)
        return -(-self._n // n_batches)

    def _wanted(self, first: int) -> int:
        """Replications of the batch that begins there that are asked for."""
        return min(first + self._per_batch, self._end) - max(first, self._first)

    def _read_finished(self) -> None:
        """Take what the store has by now."""
        if self._store is not None:
            for first in sorted(self._missing):
                if self._store.has(first):
                    self._take(first, self._store.read(first))

    def _jobs(self, order: list[int]) -> Iterator[Job]:
        store = self._store
        in_process = isinstance(self._executor, ThreadPoolExecutor)
        job = Job(
            of=self._ready if in_process else self._ready.pickled,
            keep=self._ready.keep,
            seed=self._seed,
            first=0,
            n=self._per_batch,
            versions=versions(),
            run=None if store is None else store.run,
        )
        for first in order:
            if store is None:
                yield replace(job, first=first, n=self._wanted(first))
            elif not store.has(first):  # a part is whole, even beyond what is asked for
                yield replace(job, first=first)

    def _take(
        self, first: int, rows: Rows, logs: list[Logs] | None = None, part: bytes | None = None
    ) -> None:
        if self._store is not None and part is not None:
            self._store.write(first, part)
        self._ready.cells.put(rows, self.counters, self._first)
        if logs:
            at = first - self._first
            self.logs[at : at + len(logs)] = logs
        self._missing.discard(first)
        self._advance(self._wanted(first))

    def _results(self, jobs: Iterator[Job]) -> Generator[tuple[Job, Batch]]:
        """Hand out jobs, a few more at once than there are workers, and yield what comes back."""
        pending: dict[Future[Batch], Job] = {}
        try:
            while True:
                while len(pending) < 2 * self._workers and (job := next(jobs, None)):
                    pending[self._submit(job)] = job
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    job = pending.pop(future)
                    batch = self._result(job, future)
                    if batch is None:
                        again = replace(job, attempt=job.attempt + 1)
                        pending[self._submit(again)] = again
                    else:
                        yield job, batch
        finally:
            for future in pending:
                future.cancel()

    def _submit(self, job: Job) -> Future[Batch]:
        try:
            return self._executor.submit(run_batch, job)
        except BrokenExecutor as error:
            raise self._broken() from error

    def _result(self, job: Job, future: Future[Batch]) -> Batch | None:
        """What came back; None if the job is to be tried again."""
        try:
            return future.result()
        except SimccError:
            raise
        except BrokenExecutor as error:
            raise self._broken() from error
        except Exception as error:
            if job.attempt < ATTEMPTS:
                return None
            raise SimulationError(
                f"replications {job.first} to {job.first + job.n - 1} failed {ATTEMPTS} times, "
                f"last by {error!r}; {self._kept()}"
            ) from error

    def _broken(self) -> SimulationError:
        return SimulationError(
            "a worker process died (killed, or out of memory), and its pool cannot be used any "
            f"more; {self._kept()}"
        )

    def _kept(self) -> str:
        """What becomes of the replications that are finished."""
        left = sum(map(self._wanted, self._missing))
        finished = f"{self._n - left} of {self._n} replications were finished"
        if self._store is None:
            return f"{finished} and are lost; with store= they would be kept"
        return f"{finished} and are in the store {self._store.folder}: run again to go on"
