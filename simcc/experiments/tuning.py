"""Values of parameters that make a figure of the center large or small, found by simulation."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

from simcc.engine.arguments import whole
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.fit import mismatches
from simcc.experiments.objective import Bound, Formula, check_bounds, figure_of
from simcc.experiments.parameters import (
    Continuous,
    Integer,
    Parameter,
    Values,
    check_parameters,
    check_values,
    how_many,
)
from simcc.experiments.places import with_values
from simcc.experiments.proposals import proposals
from simcc.experiments.ranking import Goal, goal_of
from simcc.experiments.search import Search, Simulator, stages
from simcc.experiments.tuned import Tuning
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.streams import check_seed

Build = Callable[[Values], Scenario]
FRESH = 0x7E57  # marks the seed of replications that the search has not seen


def tune(
    build: Build | Scenario,
    parameters: Mapping[str, Parameter],
    objective: str | Mapping[Any, float] | Formula,
    *,
    budget: int,
    scope: str = "all",
    goal: Goal | None = None,
    constraints: Sequence[Bound] = (),
    start: Mapping[str, Any] | None = None,
    first_stage: int = 10,
    fresh_replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Tuning:
    """Search for the best values of parameters, and measure them on customers it has not seen.

    All candidates have the same customers. Half of the budget goes to many candidates with
    ``first_stage`` replications each; then the best third of them goes on with more, and again,
    until two or three are left. The best one is simulated again with a seed that the search has not
    seen, and so is the start: by how much the search had flattered its choice is reported.

    Parameters
    ----------
    build : callable or Scenario
        ``build(values)`` makes the scenario of a dict of values, one of each parameter. With a
        scenario, the names of the parameters are places in it, as for :func:`simcc.with_values`.
    parameters : mapping
        From names to :class:`simcc.Integer`, :class:`simcc.Continuous` or :class:`simcc.Choice`.
    objective : str, mapping or Formula
        The name of a metric; or weights by metric, whose weighted sum counts; or a
        :class:`simcc.Formula`. A metric is a name, or a pair of a name and a scope.
    budget : int
        Replications of the whole search; those with fresh seeds come on top.
    scope : str
        Of metrics that are named without one: "all", "type:NAME", "group:NAME" or "bot:NAME".
    goal : {"max", "min"}, optional
        Whether the objective should be large or small; by default what is better of the metric, if
        anything is in itself.
    constraints : sequence of AtLeast, AtMost
        Candidates whose estimates miss them come after all others, by how much they miss.
    start : mapping, optional
        Values to begin with, which the choice is compared to. With a scenario, it is by default the
        scenario as it stands.
    first_stage : int
        Replications of each candidate to begin with, at least 2.
    fresh_replications : int, optional
        Of the choice and the start, at least 2; by default as many as the choice had in the search.
    seed : int, optional
        Whole number >= 0; by default fresh entropy, kept in the result.
    workers, executor
        As for :func:`simcc.simulate`; the result does not depend on them.
    store : path, optional
        Folder that keeps what is simulated, a store for each candidate; the same call goes on from
        it after it was killed. It takes a seed.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Tuning

    Raises
    ------
    ScenarioError
        If values make no scenario, or scenarios with other customers or yardsticks.
    SimulationError
        If an argument is not allowed, or Optuna is needed and not installed.

    Notes
    -----
    If there are no more different values than the first stage can try, all are tried. Otherwise
    Optuna's tree-structured Parzen estimator proposes them (``docs/decisions/0020-tuning.md``).
    Sharing the budget in stages is successive halving: Jamieson, K. and Talwalkar, A. (2016),
    Non-stochastic best arm identification and hyperparameter optimization, AISTATS. That the best
    of noisy estimates is too good is the optimizer's curse: Smith, J. E. and Winkler, R. L. (2006),
    Management Science 52(3), 311-322; Mak, W.-K., Morton, D. P. and Wood, R. K. (1999), Operations
    Research Letters 24, 47-56.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.instances.v_design(length="1h").replace(name="center")
    >>> found = simcc.tune(
    ...     scenario, {"agent_groups.g1.staff.agents": simcc.Integer(8, 10)}, "asa",
    ...     budget=60, seed=1)
    >>> found.best
    {'agent_groups.g1.staff.agents': 10}
    """
    parameters = check_parameters(parameters)
    whole(first_stage, "first_stage", least=2)
    whole(budget, "budget", least=4 * first_stage)
    whole(workers, "workers", least=1)
    if fresh_replications is not None:
        whole(fresh_replications, "fresh_replications", least=2)
    if store is not None and seed is None:
        raise SimulationError("seed is missing; with a store it must be given, to go on with it")
    seed = check_seed(seed)
    first = None if start is None else check_values(start, parameters, "start")
    made = _Made(build, parameters, first)
    figure = figure_of(objective, made.example, scope)
    sign = 1.0 if goal_of(goal, objective if isinstance(objective, str) else "") == "max" else -1.0
    bounds = check_bounds(constraints, made.example)
    plan = stages(budget, first_stage, how_many(parameters))
    source = proposals(parameters, plan[0][0], seed, first)
    n = fresh_replications or plan[-1][1]
    both = {} if made.incumbent is None else {"start": made.incumbent}
    with (
        Simulator.opened(seed, workers, executor, store) as simulator,
        _bar(plan, n * (len(both) + 1), progress) as bar,
    ):
        search = Search(made, figure, bounds, sign, simulator, bar.update)
        best = search.run(source, plan)[0]
        results = {}
        for name, one in {**both, "tuned": best.scenario}.items():
            results[name] = simulator.fresh(one, n, fresh_seed(seed))
            bar.update(n)
    return Tuning(
        parameters, search.candidates, best, results, figure, bounds, sign, seed=seed, budget=budget
    )


def fresh_seed(seed: int) -> int:
    """Return the seed of the replications that a search with a seed has not seen.

    >>> fresh_seed(1) == fresh_seed(1), fresh_seed(1) == fresh_seed(2)
    (True, False)
    """
    words = np.random.SeedSequence(seed, spawn_key=(FRESH,)).generate_state(1, np.uint64)
    return int(words[0])


class _Made:
    """Makes scenarios of values, all with the same customers and yardsticks as the first."""

    def __init__(
        self,
        build: Build | Scenario,
        parameters: Mapping[str, Parameter],
        start: Values | None,
    ) -> None:
        if not isinstance(build, Scenario) and not callable(build):
            raise SimulationError(
                f"build is {shown(build)}; it must be a simcc.Scenario, or a function that makes "
                "one of a dict of values"
            )
        self._build = build
        self.example: Scenario = self._made(start or {k: _any(x) for k, x in parameters.items()})
        self.incumbent: Scenario | None = None
        if start is not None:
            self.incumbent = self.example
        elif isinstance(build, Scenario):
            self.incumbent = build

    def __call__(self, values: Values) -> Scenario:
        scenario = self._made(values)
        problems = list(mismatches(f"the scenario of {values}", scenario, "others", self.example))
        if problems:
            raise ScenarioError(problems)
        return scenario

    def _made(self, values: Values) -> Scenario:
        if isinstance(self._build, Scenario):
            return with_values(self._build, values)
        found = self._build(dict(values))
        if not isinstance(found, Scenario):
            raise SimulationError(
                f"build returned {shown(found)} for {values}; it must return a simcc.Scenario"
            )
        return found


def _any(one: Parameter) -> Any:
    """Some value of a parameter."""
    return one.low if isinstance(one, Integer | Continuous) else one.values[0]


def _bar(plan: list[tuple[int, int]], fresh: int, wanted: bool) -> Any:
    """A progress bar of replications, of the search and of those with fresh seeds."""
    from tqdm import tqdm

    before, total = 0, fresh
    for n, replications in plan:
        total += n * (replications - before)
        before = replications
    return tqdm(total=total, unit="day", desc="tuning", disable=not wanted, leave=False)
