"""Throughput of a mixed center, beside the same center in SimPy as its textbook shows it.

Voice with callbacks and redials, chats three at a time, interrupted e-mail, a bot in front.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import textbook_mixed
import works
from conftest import Report
from mixed import mixed
from test_throughput import simulated

import simcc

CONTACTS = 300_000


@pytest.mark.benchmark(group="simulate", timer=time.process_time)
def test_simulate_mixed(benchmark: Any, report: Report) -> None:
    """Contacts that came in, redials included, in one long replication on one core."""
    contacts = benchmark.pedantic(simulated, (mixed(CONTACTS),), rounds=5, warmup_rounds=1)
    rate = report(benchmark, contacts)
    textbook_rate = textbook_mixed.contacts_per_second()
    benchmark.extra_info["times_textbook_simpy"] = round(rate / textbook_rate, 1)


@pytest.mark.benchmark(group="simulate")
def test_simulate_mixed_beside_work_2(benchmark: Any) -> None:
    """By turns with work 2 of as many contacts: the median ratio of contacts per second."""
    ratios = []

    def pair() -> None:
        rates = [_rate(mixed(CONTACTS)), _rate(works.work_2(CONTACTS))]
        ratios.append(rates[0] / rates[1])

    benchmark.pedantic(pair, rounds=5, warmup_rounds=1)
    benchmark.extra_info["of_work_2"] = round(sorted(ratios[1:])[2], 2)


def _rate(scenario: simcc.Scenario) -> float:
    start = time.process_time()
    return simulated(scenario) / (time.process_time() - start)


def test_both_are_the_same_work() -> None:
    """Contacts that came, reached people and gave up, and interruptions: within 4.5 sigmas."""
    runs = [textbook_mixed.run(20_000, seed) for seed in range(12)]
    names = ["arrivals", "offered", "abandoned", "interruptions"]
    textbook = np.array([[c.came, c.offered, c.abandoned, c.interruptions] for c in runs])
    result = simcc.simulate(mixed(20_000), replications=40, seed=1)
    days = result.counters("type").groupby("replication")[names].sum().to_numpy()
    error = np.sqrt(textbook.var(axis=0, ddof=1) / len(textbook) + days.var(axis=0, ddof=1) / 40)
    assert (abs(textbook.mean(axis=0) - days.mean(axis=0)) < 4.5 * error).all()
