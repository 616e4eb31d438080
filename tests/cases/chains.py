"""Exact figures of small Markov cases: sparse generators, linear solves, uniformisation.

A figure about a contact that waits comes from a *tagged* chain, whose states are (state of the
center, number of the contact's class before it). Everything is a row vector times a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from chain_center import Center
from chain_parts import ANY, Removal, State, Step
from scipy.sparse.linalg import LinearOperator, bicgstab, spilu, splu
from scipy.special import gammaln, pdtrc

Vector = np.ndarray
DIRECT = 12_000  # unknowns; beyond it a direct solution takes too long
NOWHERE = 1 << 30  # place of a removal that concerns another class


@dataclass(frozen=True)
class Moves:
    """Steps between numbered states, as arrays: from, to, rate (or probability), removals.

    classes, places have shape (steps, most removals of one step).
    """

    source: Vector
    target: Vector
    rate: Vector
    classes: Vector
    places: Vector
    abandons: Vector

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, tuple[Removal, ...], bool]]) -> Moves:
        """Collect (from, to, rate, removals, whether it is an abandonment)."""
        rows = list(rows)
        depth = max((len(row[3]) for row in rows), default=0) or 1
        classes = np.full((len(rows), depth), -1)
        places = np.full((len(rows), depth), NOWHERE)
        for i, row in enumerate(rows):
            for j, one in enumerate(row[3]):
                classes[i, j], places[i, j] = one
        return cls(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], float),
            classes,
            places,
            np.array([row[4] for row in rows], bool),
        )

    def matrix(self, n: int, m: int) -> sp.csr_matrix:
        """Rates from n states to m states."""
        return sp.csr_matrix((self.rate, (self.source, self.target)), shape=(n, m))

    def tagged(
        self, c: int, waiting: Vector, waiting_after: Vector
    ) -> tuple[sp.csr_matrix, Vector, Vector]:
        """Rates between tagged states of class c, and rates to be served and to abandon."""
        start, start_after = _offsets(waiting), _offsets(waiting_after)
        repeats = waiting[self.source]
        step = np.repeat(np.arange(len(self.rate)), repeats)
        place = np.arange(len(step)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        at = start[self.source[step]] + place
        here = np.where(self.classes == c, self.places, NOWHERE)[step]
        rate, any_of_them = self.rate[step], here[:, 0] == ANY
        gone = np.zeros(len(step), bool)
        for j in range(here.shape[1]):
            gone |= ~gone & (here[:, j] == place)
            place = place - (~gone & (here[:, j] < place) & ~any_of_them)
        n, m = int(start[-1]), int(start_after[-1])
        to = start_after[self.target[step]] + place
        share = rate / waiting[self.source[step]]  # of each of those waiting, where any may leave
        behind = waiting[self.source[step]] - 1 - place
        rows = [
            (rate, ~gone & ~any_of_them, to),
            (share * place, any_of_them & (place > 0), to - 1),
            (share * behind, any_of_them & (behind > 0), to),
        ]
        matrix = sum(sp.csr_matrix((r[use], (at[use], j[use])), shape=(n, m)) for r, use, j in rows)
        gives_up, served = (gone & self.abandons[step]), (gone & ~self.abandons[step])
        left = np.bincount(at[any_of_them], share[any_of_them], n)
        return (
            matrix,
            np.bincount(at[served], rate[served], n),
            np.bincount(at[gives_up], rate[gives_up], n) + left,
        )


def _offsets(waiting: Vector) -> Vector:
    """Number of the first tagged state of each state; the last entry is how many there are."""
    return np.concatenate([[0], np.cumsum(waiting)])


@dataclass(frozen=True)
class Tagged:
    """The waiting of one contact: its generator, and its rates to be served and to abandon."""

    generator: sp.csr_matrix
    served: Vector
    abandons: Vector
    joins: sp.csr_matrix  # (states, tagged states): rate at which contacts join
    repeats: sp.csr_matrix  # of these, second and later attempts

    @cached_property
    def _solve(self) -> Callable[[Vector], Vector]:
        return solver((-self.generator).T.tocsc())

    def total(self, y: Vector) -> Vector:
        """Expected time in each tagged state, starting from measure y, until it leaves."""
        return self._solve(y) if y.any() else np.zeros_like(y)


class Chain:
    """All states that can be reached from some, in one interval.

    Parameters
    ----------
    center : Center
    starts : iterable of State
    """

    def __init__(self, center: Center, starts: Iterable[State]) -> None:
        self.center = center
        self.index = {state: i for i, state in enumerate(dict.fromkeys(starts))}
        self.states = list(self.index)
        self.steps: list[tuple[int, Step, int]] = []
        for i, state in enumerate(self.states):  # grows while it is gone through
            for step in center.steps(state):
                if step.to not in self.index:
                    self.index[step.to] = len(self.states)
                    self.states.append(step.to)
                self.steps.append((i, step, self.index[step.to]))
        self.moves = Moves.of((i, j, s.rate, s.removed, s.abandons) for i, s, j in self.steps)

    def __len__(self) -> int:
        return len(self.states)

    @cached_property
    def generator(self) -> sp.csr_matrix:
        """Rates between states, rows add up to 0."""
        return _generator(self.moves.matrix(len(self), len(self)), 0.0)

    @cached_property
    def counts(self) -> dict[tuple[str, str], Vector]:
        """Rate in each state at which a counter of a type goes up."""
        found: dict[tuple[str, str], Vector] = {}
        for i, step, _ in self.steps:
            for name in step.counts:
                found.setdefault(name, np.zeros(len(self)))[i] += step.rate
        return found

    def waiting(self, c: int) -> Vector:
        """Number waiting of class c in each state."""
        return np.array([self.center.waiting(state, c) for state in self.states], np.int64)

    @cached_property
    def tagged(self) -> list[Tagged]:
        """The tagged chain of each class."""
        return [self._tagged(c) for c in range(len(self.center.classes))]

    def _tagged(self, c: int) -> Tagged:
        waiting = self.waiting(c)
        matrix, served, abandons = self.moves.tagged(c, waiting, waiting)
        start = _offsets(waiting)
        joined = [(i, s, j) for i, s, j in self.steps if s.joined == c]
        joins, repeats = (
            [(i, start[j] + waiting[j] - 1, s.rate) for i, s, j in some]
            for some in (joined, [one for one in joined if one[1].repeat])
        )
        shape = (len(self), int(start[-1]))
        generator = _generator(matrix, served + abandons)
        return Tagged(generator, served, abandons, _sparse(joins, shape), _sparse(repeats, shape))

    @cached_property
    def levels(self) -> dict[str, Vector]:
        """Numbers in each state, named as the time integrals of a case."""
        center, found = self.center, {}
        for t in center.types:
            of_type = [c for c, one in enumerate(center.classes) if one.type == t]
            found[f"{t}.queue_time"] = sum(self.waiting(c) for c in of_type).astype(float)
        busy = np.array([_busy_by_slot(state) for state in self.states], float)
        for g, name in enumerate(center.groups):
            mine = np.array([slot.group == g for slot in center.slots])
            wrap = np.array([not slot.talking for slot in center.slots])
            found[f"{name}.busy_time"] = busy[:, mine].sum(axis=1)
            found[f"{name}.wrap_time"] = busy[:, mine & wrap].sum(axis=1)
            found[f"{name}.staffed_time"] = np.full(len(self), float(center.staff[g]))
            for t in center.types:
                of_type = np.array([slot.type == t for slot in center.slots])
                found[f"{t}|{name}.busy_time"] = busy[:, mine & of_type].sum(axis=1)
        orbits = np.array([state.orbit for state in self.states], float)
        for t in center.types:
            of_type = np.array([one.type == t for one in center.returns.orbits], bool)
            found[f"{t}.orbit_time"] = orbits[:, of_type].sum(axis=1)
        found["bot.busy_time"] = np.array([state.bot for state in self.states], float)
        return found

    def steady(self) -> Vector:
        """Stationary distribution."""
        balance = self.generator.T.tocsc()
        rest = solver(-balance[1:, 1:])(balance[1:, [0]].toarray().ravel())
        full = np.concatenate([[1.0], rest])
        return full / full.sum()


def _busy_by_slot(state: State) -> list[int]:
    if not state.overtime:
        return list(state.busy)
    return [a + b for a, b in zip(state.busy, state.overtime, strict=True)]


def _sparse(entries: list[tuple[int, int, float]], shape: tuple[int, int]) -> sp.csr_matrix:
    at = np.array(entries, float).reshape(-1, 3)
    return sp.csr_matrix((at[:, 2], (at[:, 0].astype(int), at[:, 1].astype(int))), shape=shape)


def _generator(rates: sp.csr_matrix, leaving: Vector | float) -> sp.csr_matrix:
    out = np.asarray(rates.sum(axis=1)).ravel() + leaving
    return (rates - sp.diags(out)).tocsr()


def solver(matrix: sp.csc_matrix) -> Callable[[Vector], Vector]:
    """Return a function that solves matrix x = y; large systems by iteration, to 1e-13."""
    if matrix.shape[0] < DIRECT:
        return splu(matrix).solve
    rough = spilu(matrix, drop_tol=1e-5, fill_factor=8)
    close = LinearOperator(matrix.shape, rough.solve)

    def solve(y: Vector) -> Vector:
        x = np.zeros_like(y)
        for _ in range(10):
            rest = y - matrix @ x
            if np.abs(rest).max() <= 1e-13 * np.abs(y).max():
                return x
            x += bicgstab(matrix, rest, rtol=1e-10, atol=0.0, M=close)[0]
        raise ArithmeticError("the iteration has not come to its end")

    return solve


def uniformise(y: Vector, matrix: sp.csr_matrix, time: float) -> tuple[Vector, Vector]:
    """Return y exp(matrix * time) and its integral over [0, time].

    The matrix has no negative entry off its diagonal; rows need not add up to 0.
    """
    if not len(y) or time <= 0:
        return y, np.zeros_like(y)
    fastest = float(max(-matrix.diagonal().min(), 1e-12))
    jump = (sp.identity(len(y)) + matrix / fastest).T.tocsr()
    mean = fastest * time
    last = int(mean + 12 * math.sqrt(mean) + 60)
    n = np.arange(last + 1)
    weight = np.exp(n * math.log(mean) - mean - gammaln(n + 1))
    above = pdtrc(n, mean) / fastest
    end, integral = np.zeros_like(y), np.zeros_like(y)
    for a, b in zip(weight, above, strict=True):
        end += a * y
        integral += b * y
        y = jump @ y
    return end, integral


def step_between(before: Chain, after: Chain) -> Moves:
    """Moves of the states of one interval to those of the next, as numbers of agents change."""
    return Moves.of(
        (i, after.index[to], p, removed, False)
        for i, state in enumerate(before.states)
        for p, to, removed in after.center.enter(state, before.center)
    )


def chains_of(center: Center, intervals: int) -> list[Chain]:
    """Return the chain of each interval, and that after the last edge."""
    chains = [Chain(center, [center.empty()])]
    for k in range(1, intervals + 1):
        after = center.later(k)
        starts = (
            to for state in chains[-1].states for _, to, _ in after.enter(state, chains[-1].center)
        )
        chains.append(Chain(after, starts))
    return chains
