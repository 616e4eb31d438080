"""Sampling workloads of small centers, and comparing the samples with theory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

import simcc
from simcc.inversion import LawTable
from simcc.jit import ENABLED
from simcc.streams import Streams
from simcc.workload import Workload, WorkloadPlan

HOUR, DAY = 3600.0, 86400.0
SIGMAS = 5
SMALLEST_P = 1e-6
MANY = 400 if ENABLED else 80


def kind(name: str = "voice", **fields: Any) -> simcc.ContactType:
    fields = {"talk_time": simcc.Exponential(mean=100), **fields}
    return simcc.ContactType(name=name, **fields)


def center(*kinds: simcc.ContactType, bots: Any = (), **horizon: Any) -> simcc.Scenario:
    group = simcc.AgentGroup(
        name="g", skills=[one.name for one in kinds], staff=simcc.FixedStaff(agents=1)
    )
    return simcc.Scenario(
        horizon=simcc.Horizon(**{"length": 4 * HOUR, "interval": HOUR, **horizon}),
        contact_types=kinds,
        agent_groups=[group],
        bots=bots,
    )


def workloads(of: simcc.Scenario, seed: int, replications: int = MANY) -> Iterator[Workload]:
    laws = LawTable()
    plan = WorkloadPlan(of, laws)
    arrays, streams = laws.arrays(), Streams(seed)
    for replication in range(replications):
        yield plan.sample(streams, replication, arrays)


def arrival_times(arrivals: Any, seed: int, **horizon: Any) -> list[np.ndarray]:
    """Of many replications of one type."""
    of = center(kind(arrivals=arrivals), **horizon)
    return [workload.arrived_at for workload in workloads(of, seed)]


def assert_poisson(counts: np.ndarray, mean: float) -> None:
    """Mean and variance of counts are those of a Poisson number."""
    n = len(counts)
    assert abs(counts.mean() - mean) <= SIGMAS * math.sqrt(mean / n)
    error_of_variance = math.sqrt((mean + 2 * mean**2 * n / (n - 1)) / n)
    assert abs(counts.var(ddof=1) - mean) <= SIGMAS * error_of_variance


def assert_follows(values: np.ndarray, cdf: Any) -> None:
    assert stats.kstest(values, cdf).pvalue > SMALLEST_P
