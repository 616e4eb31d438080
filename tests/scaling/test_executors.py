"""Any executor gives the numbers of threads, to the bit; no worker dies silently."""

from __future__ import annotations

import dataclasses
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures import ThreadPoolExecutor as Threads
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import own_policies
import pytest
from center import REPLICATIONS, assert_same_bits, center

import simcc
from simcc import batches, dispatch

LOGS = ("contact_logs", "agent_logs")


@pytest.fixture(scope="module")
def direct() -> simcc.Result:
    return simcc.simulate(center(), replications=REPLICATIONS, seed=1)


@pytest.fixture(scope="module")
def logged() -> simcc.Result:
    return simcc.simulate(center(), replications=7, seed=1, record="contacts")


def run(executor: Executor, replications: int = REPLICATIONS, **options: Any) -> simcc.Result:
    return simcc.simulate(
        center(), replications=replications, executor=executor, **{"seed": 1, **options}
    )


class Here(Executor):
    """Runs each job at once, in this thread; the first few submissions may fail."""

    def __init__(self, fails: int = 0, error: type[BaseException] = ConnectionError) -> None:
        self.fails, self.error = fails, error
        self.jobs: list[batches.Job] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.jobs.append(args[0])
        if self.fails > 0:
            self.fails -= 1
            future.set_exception(self.error("the worker is gone"))
            return future
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class OutOfOrder(Threads):
    """Threads that begin each job after a random delay."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        def later() -> Any:
            time.sleep(random.random() / 20)
            return fn(*args, **kwargs)

        return super().submit(later)


class Killing(Executor):
    """Hands jobs on, and kills a process when some have come back."""

    def __init__(self, inner: Executor, pid: int, after: int) -> None:
        self.inner, self.pid, self.left = inner, pid, after

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = self.inner.submit(fn, *args, **kwargs)
        future.add_done_callback(self._count)
        return future

    def _count(self, _: Future[Any]) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(self.pid, signal.SIGKILL)


# ---------------------------------------------------------------------- the same numbers


def test_threads_in_any_order(direct: simcc.Result) -> None:
    with OutOfOrder(3) as threads:
        assert_same_bits(run(threads).sums, direct.sums)


@pytest.mark.parametrize("seconds", [1e-9, 0.02, 1e9])
def test_any_size_of_batches(
    seconds: float, direct: simcc.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "BATCH_TIME", seconds)
    executor = Here()
    executor._max_workers = 1  # type: ignore[attr-defined]
    assert_same_bits(run(executor).sums, direct.sums)
    covered = [r for job in executor.jobs for r in range(job.first, job.first + job.n)]
    assert sorted(covered) == list(range(REPLICATIONS))
    if seconds != 0.02:
        assert len(executor.jobs) == (2 if seconds > 1 else REPLICATIONS)


def test_logs_come_back(logged: simcc.Result) -> None:
    found = run(Here(), 7, record="contacts")
    assert_same_bits(found.sums, logged.sums)
    for name in LOGS:
        for mine, theirs in zip(getattr(found, name), getattr(logged, name), strict=True):
            for field in dataclasses.fields(mine):
                a, b = getattr(mine, field.name), getattr(theirs, field.name)
                if isinstance(a, np.ndarray):
                    assert a.tobytes() == b.tobytes(), field.name
    assert found.contacts().equals(logged.contacts())
    assert found.agents().equals(logged.agents())


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


def test_processes(pool: ProcessPoolExecutor, direct: simcc.Result, tmp_path: Path) -> None:
    assert_same_bits(run(pool).sums, direct.sums)
    assert_same_bits(run(pool, store=tmp_path / "store").sums, direct.sums)


def test_logs_from_processes(pool: ProcessPoolExecutor, logged: simcc.Result) -> None:
    found = run(pool, 7, record="contacts")
    assert found.contacts().equals(logged.contacts())
    assert found.agent_events().equals(logged.agent_events())


@pytest.mark.parametrize("score", [own_policies.plain, own_policies.compiled])
def test_policies_of_modules_travel(score: Any, pool: ProcessPoolExecutor) -> None:
    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=score, params=[2.0])))
    expected = simcc.simulate(of, replications=4, seed=1)
    found = simcc.simulate(of, replications=4, seed=1, executor=pool)
    assert_same_bits(found.sums, expected.sums)


def test_other_policies_are_refused(pool: ProcessPoolExecutor) -> None:
    def score(*_: Any) -> float:
        return 0.0

    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=score)))
    with pytest.raises(simcc.SimulationError, match="a function of a module"):
        simcc.simulate(of, replications=4, seed=1, executor=pool)
    with Threads(2) as threads:  # which need not send it
        simcc.simulate(of, replications=4, seed=1, executor=threads)


def test_a_policy_that_workers_do_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    of = batches.pickled(
        center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=own_policies.plain)))
    )
    monkeypatch.delattr(own_policies, "plain")
    job = batches.Job(of, False, 1, 0, 1, batches.versions())
    with pytest.raises(simcc.SimulationError, match="a worker cannot read the scenario"):
        batches.run_batch(job)


def test_a_worker_of_another_version_is_refused() -> None:
    mine = batches.versions()
    job = batches.Job(b"", False, 1, 0, 1, mine | {"numpy": "1.0"})
    with pytest.raises(simcc.SimulationError, match=r"'numpy': '1\.0'"):
        batches.run_batch(job)


@pytest.mark.parametrize("executor", [2, "dask", Threads])
def test_something_else_is_refused(executor: Any) -> None:
    with pytest.raises(simcc.SimulationError, match="executor is"):
        run(executor)


# ---------------------------------------------------------------------- workers that die


@pytest.mark.parametrize("error", [ConnectionError, CancelledError])
def test_a_lost_batch_is_submitted_again(error: type[BaseException], direct: simcc.Result) -> None:
    executor = Here(2, error)
    assert_same_bits(run(executor).sums, direct.sums)
    assert sum(job.attempt > 1 for job in executor.jobs) == 2


def test_a_batch_that_is_lost_again_and_again(tmp_path: Path) -> None:
    executor = Here(10**9)
    with pytest.raises(simcc.SimulationError, match="failed 3 times, last by ConnectionError"):
        run(executor)
    assert max(job.attempt for job in executor.jobs) == 3
    with pytest.raises(simcc.SimulationError, match=r"0 of 40 .* in the store .*: run again"):
        run(Here(10**9), store=tmp_path / "store")


def test_an_error_of_the_simulation_is_not_tried_again() -> None:
    of = center(routing=simcc.Routing(policy=simcc.CustomPolicy(score=own_policies.text)))
    executor = Here()
    with pytest.raises(simcc.SimulationError, match="policy text returned"):
        simcc.simulate(of, replications=4, seed=1, executor=executor)
    assert len(executor.jobs) <= 1


def test_a_killed_process_of_a_pool(direct: simcc.Result, tmp_path: Path) -> None:
    """The pool is then of no use; what was finished is in the store."""
    store = tmp_path / "store"
    for options, words in (({}, "are lost"), ({"store": store}, "run again to go on")):
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            killing = Killing(pool, pool.submit(os.getpid).result(), after=4)
            with pytest.raises(simcc.SimulationError, match=f"a worker process died.*{words}"):
                run(killing, 3000, **options)
    assert len(list((store / "parts").glob("*.parquet"))) > 1
    assert_same_bits(run(Here(), store=store).sums, direct.sums)


@pytest.fixture(scope="module", params=[3, 0], ids=lambda n: f"allowed failures {n}")
def dask(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Two worker processes; how often Dask itself runs again what a dead worker had."""
    distributed = pytest.importorskip("distributed", reason="Dask is part of the dev extra")
    from dask import config

    with (
        config.set({"distributed.scheduler.allowed-failures": request.param}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask(dask: Any, direct: simcc.Result, tmp_path: Path) -> None:
    executor = dask.get_executor()
    assert_same_bits(run(executor).sums, direct.sums)
    assert_same_bits(run(executor, store=tmp_path / "store").sums, direct.sums)


@pytest.mark.parametrize("dask", [3], indirect=True)
def test_dask_as_the_page_has_it(dask: Any, direct: simcc.Result) -> None:
    """The block of docs/large-experiments.md, with a cluster of its own."""
    page = Path(__file__).parents[2] / "docs" / "large-experiments.md"
    (block,) = re.findall(r"```py\n(.*?)```", page.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "__main__", "simcc": simcc, "scenario": center()}
    exec(block, names)
    assert_same_bits(names["result"].sums, direct.sums)


def test_a_killed_worker_of_dask(dask: Any) -> None:
    """What the worker had is run again, by Dask or by us; nothing is missing or different."""
    expected = simcc.simulate(center(), replications=1500, seed=1, workers=2)
    pids = dask.run(os.getpid)
    assert len(pids) == 2
    killing = Killing(dask.get_executor(), next(iter(pids.values())), after=5)
    found = run(killing, 1500)
    assert killing.left < 0
    assert_same_bits(found.sums, expected.sums)
    assert set(dask.run(os.getpid).values()) != set(pids.values())


@pytest.mark.parametrize("dask", [0], indirect=True)
def test_a_batch_that_kills_every_worker_of_dask(dask: Any) -> None:
    """Dask gives up, and so does the run after some tries."""
    policy = simcc.CustomPolicy(score=own_policies.deadly, params=[os.getpid()])
    of = center(routing=simcc.Routing(policy=policy))
    with pytest.raises(simcc.SimulationError, match=r"failed 3 times, last by KilledWorker"):
        simcc.simulate(of, replications=1, seed=1, executor=dask.get_executor())
