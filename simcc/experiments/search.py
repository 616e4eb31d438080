"""A search in stages: many candidates with few replications, the best with more and more."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from simcc.estimation import from_influence
from simcc.experiments.measured import Measured
from simcc.experiments.objective import Bound, Figure
from simcc.experiments.parameters import Values
from simcc.experiments.proposals import Proposals
from simcc.metrics import Counters
from simcc.model import Scenario
from simcc.replicate import simulate
from simcc.result import Result

KEEP = 3  # one candidate of so many goes on to the next stage
WORST = 1e300  # of a loss: where the objective has no value


@dataclass(eq=False)
class Candidate:
    """Values of the parameters, with what is known of them.

    Attributes
    ----------
    values : dict
    scenario : Scenario
    sums : Counters or None
        Of its replications; None when they are needed no more.
    replications, stage : int
        How many, and the last stage it was in, from 1.
    first : float
        Estimate of the objective in the first stage.
    objective : Measured
    bounds : list of Measured
    """

    values: Values
    scenario: Scenario
    sums: Counters | None = None
    replications: int = 0
    stage: int = 0
    first: float = math.nan
    objective: Measured = field(default_factory=lambda: Measured("", math.nan, np.empty(0)))
    bounds: list[Measured] = field(default_factory=list)


def stages(budget: int, first: int, possible: float) -> list[tuple[int, int]]:
    """Return how many candidates each stage has, and with how many replications each ends.

    The first stage takes half of the budget, the others equal shares of what is left; each has a
    third of the candidates of the one before, at least two.

    >>> stages(1000, 10, float("inf"))
    [(50, 10), (17, 19), (6, 46), (2, 129)]
    """
    candidates = int(min(max(budget // (2 * first), 2), possible))
    found = [(candidates, first)]
    n_later = max(1, int(math.log(candidates, KEEP) + 1e-9))
    share = (budget - candidates * first) // n_later
    keep, have = candidates, first
    for _ in range(n_later):
        keep = max(2, -(-keep // KEEP))
        have += share // keep
        found.append((keep, have))
    return found


class Search:
    """Candidates tried on the same customers.

    Parameters
    ----------
    build : callable
        Makes the scenario of some values.
    objective : Figure
    bounds : list of (Bound, Figure)
    sign : float
        1 if the objective should be large, -1 if small.
    more : callable
        ``more(scenario, sums, have, n)``: the result of n replications, of which there are ``have``
        already.
    advance : callable
        Told of numbers of replications that are done.

    Attributes
    ----------
    candidates : list of Candidate
        In the order in which they were tried.
    """

    def __init__(
        self,
        build: Callable[[Values], Scenario],
        objective: Figure,
        bounds: list[tuple[Bound, Figure]],
        sign: float,
        more: Simulator,
        advance: Callable[[int], Any],
    ) -> None:
        self._build, self._objective, self._bounds, self._sign = build, objective, bounds, sign
        self._more, self._advance = more, advance
        self.candidates: list[Candidate] = []

    def run(self, proposals: Proposals, plan: list[tuple[int, int]]) -> list[Candidate]:
        """Return the candidates of the last stage, the best first."""
        (n, replications), *later = plan
        while len(self.candidates) < n and (values := proposals.next()) is not None:
            one = Candidate(values, self._build(values))
            self.candidates.append(one)
            self._simulate(one, replications, 1)
            one.first = one.objective.theta
            proposals.tell(values, self.loss(one), self.violation(one))
            for lost in sorted(self.candidates, key=self._rank)[later[0][0] :]:
                lost.sums = None
        left = self.candidates
        for stage, (keep, replications) in enumerate(later, start=2):
            left = sorted(left, key=self._rank)[:keep]
            for one in left:
                self._simulate(one, replications, stage)
        return sorted(left, key=self._rank)

    def _simulate(self, one: Candidate, replications: int, stage: int) -> None:
        one.stage = stage
        if replications == one.replications:
            return
        result = self._more(one.scenario, one.sums, one.replications, replications)
        self._advance(replications - one.replications)
        one.sums, one.replications = result.sums, replications
        one.objective = self._objective.of(result)
        one.bounds = [figure.of(result) for _, figure in self._bounds]

    def loss(self, one: Candidate) -> float:
        """The objective, so that less is better."""
        found = -self._sign * one.objective.theta
        return found if math.isfinite(found) else WORST

    def violation(self, one: Candidate) -> float:
        """By how much the estimates miss the bounds; 0 if they are all kept."""
        total = 0.0
        for (bound, _), found in zip(self._bounds, one.bounds, strict=True):
            missing = bound.sign * (bound.value - found.theta)
            total += max(0.0, missing) if math.isfinite(missing) else WORST
        return total

    def _rank(self, one: Candidate) -> tuple[float, float]:
        return self.violation(one), self.loss(one)


class Simulator:
    """Replications of scenarios, added to those that there are.

    Parameters
    ----------
    seed, workers : int
    executor : Executor, optional
    store : path, optional
        Folder of stores, one for each scenario.

    Notes
    -----
    Executors and stores begin at the first replication; a store gives back those that there are.
    """

    def __init__(
        self,
        seed: int,
        workers: int,
        executor: Executor | None,
        store: str | os.PathLike[str] | None,
    ) -> None:
        self._seed, self._workers, self._executor = seed, workers, executor
        self._folder = None if store is None else Path(store)

    @classmethod
    @contextmanager
    def opened(
        cls,
        seed: int,
        workers: int,
        executor: Executor | None,
        store: str | os.PathLike[str] | None,
    ) -> Iterator[Simulator]:
        """Open it; with an executor, what it simulates is kept in a folder of its own meanwhile."""
        with ExitStack() as stack:
            if executor is not None and store is None:
                store = stack.enter_context(TemporaryDirectory(prefix="simcc-"))
            yield cls(seed, workers, executor, store)

    def __call__(self, scenario: Scenario, sums: Counters | None, have: int, n: int) -> Result:
        """The result of n replications, ``have`` of which are in ``sums``."""
        if self._folder is not None:
            return self.fresh(scenario, n, self._seed)
        batch = simulate(
            scenario, replications=n - have, seed=self._seed, first_replication=have,
            workers=self._workers,
        )  # fmt: skip
        parts = [batch.sums] if sums is None else [sums, batch.sums]
        return Result(scenario, Counters.concatenate(parts), seed=self._seed)

    def fresh(self, scenario: Scenario, n: int, seed: int) -> Result:
        """The result of n replications of a seed."""
        store = None if self._folder is None else self._folder / f"{scenario.hash()[:16]}-{seed}"
        return simulate(
            scenario, replications=n, seed=seed, workers=self._workers, executor=self._executor,
            store=store,
        )  # fmt: skip


def standard_error(found: Measured) -> float:
    """Standard error of a figure; NaN of one replication."""
    if len(found.influence) < 2:
        return math.nan
    return float(from_influence(np.asarray(found.theta), found.influence).std_error)
