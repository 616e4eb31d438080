"""Optimal routing of small designs by relative value iteration; the states are counts.

A state is the number waiting by type and the number busy by type and group. Agents decide as in the
engine: a contact arrives, or an agent becomes free and takes contacts as long as it wants to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

HOUR = 3600.0
State = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]


@dataclass(frozen=True)
class Design:
    """Rates per hour; ``service`` by type and group, 0 where the group cannot; costs by type."""

    arrivals: Sequence[float]
    agents: Sequence[int]
    service: Sequence[Sequence[float]]
    giving_up: float  # rate of each who waits
    lines: int
    wait_cost: Sequence[float]  # per hour
    abandonment_cost: Sequence[float]
    idling: bool

    def idle(self, busy: tuple[tuple[int, ...], ...], g: int) -> int:
        return self.agents[g] - sum(row[g] for row in busy)

    def on_arrival(self, state: State, k: int) -> list[State]:
        """States that a contact of type k may lead to, by the choice of its group."""
        queue, busy = state
        if sum(queue) + sum(map(sum, busy)) >= self.lines:
            return [state]
        groups = [g for g, mu in enumerate(self.service[k]) if mu > 0 and self.idle(busy, g) > 0]
        found = [(queue, _changed(busy, k, g, 1)) for g in groups]
        if self.idling or not groups:
            found.append((_moved(queue, k, 1), busy))
        return found

    def once_free(self, state: State, g: int) -> list[State]:
        """States that a free agent of group g may lead to."""
        queue, busy = state
        types = [k for k, n in enumerate(queue) if n > 0 and self.service[k][g] > 0]
        if not types or self.idle(busy, g) == 0:
            return [state]
        found = [state] if self.idling else []
        for k in types:
            found += self.once_free((_moved(queue, k, -1), _changed(busy, k, g, 1)), g)
        return found

    def events(self, state: State) -> list[tuple[float, list[State]]]:
        """Rates, and the states among which to choose."""
        queue, busy = state
        found = [(rate, self.on_arrival(state, k)) for k, rate in enumerate(self.arrivals)]
        for k, waiting in enumerate(queue):
            if waiting:
                left = (_moved(queue, k, -1), busy)
                found.append((waiting * self.giving_up, [left]))
            for g, n in enumerate(busy[k]):
                if n:
                    freed = (queue, _changed(busy, k, g, -1))
                    found.append((n * self.service[k][g], self.once_free(freed, g)))
        return found

    def cost(self, state: State) -> float:
        """Per hour."""
        return sum(
            n * (self.wait_cost[k] + self.giving_up * self.abandonment_cost[k])
            for k, n in enumerate(state[0])
        )


class Solved:
    """Least long-run cost per hour, and the relative values of the states."""

    def __init__(self, design: Design, tolerance: float = 1e-9) -> None:
        self.design = design
        empty = (
            tuple(0 for _ in design.arrivals),
            tuple(tuple(0 for _ in design.agents) for _ in design.arrivals),
        )
        self.states, self.number = [empty], {empty: 0}
        rows = []  # state, rate, choices
        for i, state in enumerate(self.states):  # grows while it is looked through
            for rate, choices in design.events(state):
                for other in choices:
                    if other not in self.number:
                        self.number[other] = len(self.states)
                        self.states.append(other)
                rows.append((i, rate, [self.number[other] for other in choices]))
        self._iterate(rows, tolerance)

    def _iterate(self, rows: list[tuple[int, float, list[int]]], tolerance: float) -> None:
        n = len(self.states)
        of = np.array([i for i, _, _ in rows])
        rate = np.array([rate for _, rate, _ in rows])
        most = max(len(choices) for _, _, choices in rows)
        choices = np.array([c + [c[0]] * (most - len(c)) for _, _, c in rows])
        total = np.bincount(of, rate, n)
        uniform = total.max() * 1.001  # some rest, so that the chain has no period
        cost = np.array([self.design.cost(state) for state in self.states])
        value = np.zeros(n)
        while True:
            best = value[choices].min(axis=1)
            new = cost / uniform + np.bincount(of, rate / uniform * best, n)
            new += (1.0 - total / uniform) * value
            change = new - value
            value = new - new[0]
            if np.ptp(change) < tolerance * max(1.0, abs(change).max()):
                break
        self.value: NDArray[np.float64] = value
        self.per_hour = float(uniform * change.mean())

    @cached_property
    def by_state(self) -> dict[State, float]:
        return dict(zip(self.states, self.value.tolist(), strict=True))


def _moved(queue: tuple[int, ...], k: int, by: int) -> tuple[int, ...]:
    return (*queue[:k], queue[k] + by, *queue[k + 1 :])


def _changed(
    busy: tuple[tuple[int, ...], ...], k: int, g: int, by: int
) -> tuple[tuple[int, ...], ...]:
    return (*busy[:k], _moved(busy[k], g, by), *busy[k + 1 :])
