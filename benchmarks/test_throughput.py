"""Throughput of the whole of ``simulate``, as ratios to baselines of the same session.

    python -m pytest benchmarks --benchmark-json=benchmarks.json

``extra_info`` of each benchmark holds contacts per second and the ratios. Against the textbook both
are measured in CPU time, which the machine's other work disturbs least.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import pytest
import works
from conftest import Report, textbook_rate

import simcc
from simcc.engine.environment import Environment
from simcc.engine.setup import Setup
from simcc.engine.state import State
from simcc.metrics import Reducer
from simcc.streams import Streams

WORKS = {"W1": works.work_1, "W2": works.work_2}
CONTACTS = 400_000


def simulated(scenario: simcc.Scenario, replications: int = 1, **options: Any) -> float:
    result = simcc.simulate(scenario, replications=replications, seed=1, **options)
    return float(result.sums.total("arrivals").sum())


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.benchmark(group="simulate", timer=time.process_time)
def test_simulate(work: str, benchmark: Any, report: Report) -> None:
    scenario = WORKS[work](CONTACTS)
    contacts = benchmark.pedantic(simulated, (scenario,), rounds=5, warmup_rounds=1)
    rate = report(benchmark, contacts)
    benchmark.extra_info["times_textbook_simpy"] = round(rate / textbook_rate(work), 1)


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.benchmark(group="simulate")
def test_against_c(work: str, c_loop: Path, benchmark: Any) -> None:
    """Interleaved with the C loop, by CPU time; the median ratio is what counts."""
    scenario = WORKS[work](1_000_000)
    ratios = []

    def pair() -> None:
        arguments = [str(c_loop), work, "1000000", str(len(ratios))]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        c = json.loads(done.stdout.splitlines()[-1])
        start = time.process_time()
        contacts = simulated(scenario)
        took = time.process_time() - start
        ratios.append(contacts / took / (c["contacts"] / c["cpu_seconds"]))

    benchmark.pedantic(pair, rounds=5, warmup_rounds=1)
    benchmark.extra_info["of_c"] = round(sorted(ratios[1:])[2], 3)


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.benchmark(group="stages")
def test_sampling(work: str, benchmark: Any, report: Report) -> None:
    setup = Setup(WORKS[work](CONTACTS))
    streams = Streams(1)
    sample = setup.workload.sample
    work_done = benchmark.pedantic(sample, (streams, 0, setup.laws), rounds=5, warmup_rounds=1)
    report(benchmark, len(work_done))


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.benchmark(group="stages")
def test_kernel_alone(work: str, benchmark: Any, report: Report) -> None:
    scenario = WORKS[work](CONTACTS)
    setup = Setup(scenario)
    workload = setup.workload.sample(Streams(1), 0, setup.laws)

    def make() -> tuple[tuple[Environment], dict[str, Any]]:
        return (Environment(setup, State(setup, workload)),), {}

    def run(env: Environment) -> None:
        env.run(until=scenario.horizon.length)
        env.drain()

    benchmark.pedantic(run, setup=make, rounds=5, warmup_rounds=1)
    report(benchmark, len(workload))


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.benchmark(group="stages")
def test_metrics(work: str, benchmark: Any, report: Report) -> None:
    sim = simcc.Simulation(WORKS[work](CONTACTS), seed=1)
    sim.run()
    contacts, agents = sim.contact_log, sim.agent_log
    reducer = Reducer(sim.scenario)
    benchmark.pedantic(reducer.reduce, (contacts, agents), rounds=5, warmup_rounds=1)
    report(benchmark, contacts.n)


@pytest.mark.parametrize(("n_types", "n_groups"), [(6, 10), (20, 80), (50, 200)])
@pytest.mark.benchmark(group="types and groups")
def test_types_and_groups(n_types: int, n_groups: int, benchmark: Any, report: Report) -> None:
    scenario = works.wide(CONTACTS, n_types, n_groups)
    contacts = benchmark.pedantic(simulated, (scenario,), rounds=5, warmup_rounds=1)
    rate = report(benchmark, contacts)
    benchmark.extra_info["times_work_2_per_contact"] = round(
        _rate(works.work_2(CONTACTS)) / rate, 2
    )


def _rate(scenario: simcc.Scenario, **options: Any) -> float:
    """Contacts per second, the best of three."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        contacts = simulated(scenario, **options)
        best = max(best, contacts / (time.perf_counter() - start))
    return best


@pytest.mark.benchmark(group="roster")
def test_roster_overhead(benchmark: Any, report: Report) -> None:
    """Many days with a shift, lunch and two breaks for each of 200 agents, against fixed staff."""
    days = 20
    contacts = benchmark.pedantic(
        simulated, (works.rostered_day(True), days), rounds=5, warmup_rounds=1
    )
    rate = report(benchmark, contacts)
    fixed = _rate(works.rostered_day(False), replications=days)
    benchmark.extra_info["overhead"] = round(fixed / rate - 1, 3)


@pytest.mark.benchmark(group="threads")
def test_two_threads(benchmark: Any) -> None:
    """Interleaved with one thread, and with arithmetic that shares nothing: the machine's limit."""
    scenario = works.rostered_day(False)
    gains, limits = [], []

    def pair() -> None:
        one, two = (_wall(simulated, scenario, 400, workers=n) for n in (1, 2))
        gains.append(one / two)
        limits.append(_gain_of_arithmetic())

    benchmark.pedantic(pair, rounds=7, warmup_rounds=1)
    benchmark.extra_info["times_one_thread"] = round(statistics.median(gains), 2)
    benchmark.extra_info["limit_of_machine"] = round(statistics.median(limits), 2)


def _wall(do: Callable[..., Any], *arguments: Any, **options: Any) -> float:
    start = time.perf_counter()
    do(*arguments, **options)
    return time.perf_counter() - start


@numba.njit(nogil=True)
def _arithmetic(n):  # type: ignore[no-untyped-def]
    x = 1
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFF
    return x


def _gain_of_arithmetic() -> float:
    """How much faster two threads do twice the same in registers than one does it twice."""
    n = 100_000_000

    def twice() -> None:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(_arithmetic, [n, n]))

    _arithmetic(1)
    return 2 * _wall(_arithmetic, n) / _wall(twice)


def plain_score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return params[0] * wait + idle


def score_with_memory(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):  # type: ignore[no-untyped-def]
    return wait - params[0] * state[group]


def count(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):  # type: ignore[no-untyped-def]
    state[group] += 1.0


@pytest.mark.parametrize(
    "policy", ["tables", "longest_wait", "max_weight", "random", "njit", "memory", "python"]
)
@pytest.mark.benchmark(group="policies")
def test_policies(policy: str, benchmark: Any, report: Report) -> None:
    import numba

    chosen = {
        "tables": None,
        "longest_wait": simcc.LongestWait(),
        "max_weight": simcc.MaxWeight(),
        "random": simcc.RandomRouting(),
        "njit": simcc.CustomPolicy(score=numba.njit(plain_score), params=[1.0]),
        "memory": simcc.CustomPolicy(
            score=numba.njit(score_with_memory),
            params=[1.0],
            state=[0.0] * 10,
            update=numba.njit(count),
        ),
        "python": simcc.CustomPolicy(score=plain_score, params=[1.0]),
    }[policy]
    scenario = works.work_2(CONTACTS // 40 if policy == "python" else CONTACTS)
    scenario = scenario.replace(routing=scenario.routing.replace(policy=chosen))
    contacts = benchmark.pedantic(simulated, (scenario,), rounds=3, warmup_rounds=1)
    report(benchmark, contacts)
