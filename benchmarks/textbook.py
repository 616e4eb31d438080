"""The same works in SimPy as its textbook shows it: one process per contact.

This is the baseline that throughput is compared with: the model that somebody with SimPy and an
afternoon would write. Times are in mean service times.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any

import simpy
from works import W2_CV, group_types


@dataclass
class Center:
    """Groups of idle agents, queues of waiting contacts, and what is counted."""

    env: simpy.Environment
    groups_of: list[list[int]]
    types_of: list[list[int]]
    idle: list[deque[float]]  # when each idle agent of a group became idle
    waiting: list[deque[simpy.Event]]
    served: int = 0
    abandoned: int = 0
    waits: list[float] = field(default_factory=list)

    def contact(self, kind: int, patience: float, service: float) -> Generator[Any, Any, None]:
        """Be served at once, or wait for an agent or the end of one's patience."""
        arrived = self.env.now
        group = next((g for g in self.groups_of[kind] if self.idle[g]), None)
        if group is None:
            called = self.env.event()
            called.arrived = arrived  # type: ignore[attr-defined]
            self.waiting[kind].append(called)
            yield called | self.env.timeout(patience)
            if not called.triggered:
                self.waiting[kind].remove(called)
                self.abandoned += 1
                return
            group = called.value
        else:
            self.idle[group].popleft()
        self.waits.append(self.env.now - arrived)
        yield self.env.timeout(service)
        self.served += 1
        self.release(group)

    def release(self, group: int) -> None:
        """A free agent takes the contact that has waited longest, or is idle."""
        queues = [self.waiting[k] for k in self.types_of[group] if self.waiting[k]]
        if queues:
            longest = min(queues, key=lambda queue: queue[0].arrived)  # type: ignore[attr-defined]
            longest.popleft().succeed(group)
        else:
            self.idle[group].append(self.env.now)


def arrivals(
    env: simpy.Environment, center: Center, kind: int, rate: float, end: float,
    service: Callable[[], float], patience: float,
) -> Generator[Any, Any, None]:  # fmt: skip
    """A Poisson stream of contacts of one type."""
    while True:
        yield env.timeout(random.expovariate(rate))
        if env.now >= end:
            return
        env.process(center.contact(kind, random.expovariate(1 / patience), service()))


def run(work: str, contacts: int, seed: int) -> Center:
    """Simulate a work until its contacts are gone."""
    random.seed(seed)
    env = simpy.Environment()
    if work == "W1":
        rate, patience = 105.0, 2.0
        center = Center(env, [[0]], [[0]], [deque([0.0] * 100)], [deque()])
        service: Callable[[], float] = lambda: random.expovariate(1.0)  # noqa: E731
    else:
        rate, patience = 32.5, 1.5
        types = [group_types(g) for g in range(10)]
        groups = [[g for g in range(10) if k in types[g]] for k in range(6)]
        idle = [deque([0.0] * 20) for _ in range(10)]
        center = Center(env, groups, types, idle, [deque() for _ in range(6)])
        sigma = sqrt(log(1 + W2_CV**2))
        service = lambda: random.lognormvariate(-sigma * sigma / 2, sigma)  # noqa: E731
    end = contacts / (rate * len(center.waiting))
    for kind in range(len(center.waiting)):
        env.process(arrivals(env, center, kind, rate, end, service, patience))
    env.run()
    return center


def contacts_per_second(work: str, contacts: int = 20_000, rounds: int = 3) -> float:
    """The best of a few runs, by CPU time."""
    best = float("inf")
    for seed in range(rounds):
        start = time.process_time()
        center = run(work, contacts, seed)
        took = (time.process_time() - start) / (center.served + center.abandoned)
        best = min(best, took)
    return 1 / best
