"""Any number of scenarios on the same customers: every difference with its interval."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from concurrent.futures import Executor

from simcc.engine.arguments import whole
from simcc.experiments.comparison import Comparison, check_options
from simcc.experiments.fit import check_comparable, check_scenarios
from simcc.experiments.hands import prepare
from simcc.experiments.simultaneous import Method
from simcc.model import Scenario


def compare(
    scenarios: Mapping[str, Scenario],
    *,
    replications: int,
    seed: int | None = None,
    baseline: str | None = None,
    metrics: Collection[str] | None = None,
    confidence: float = 0.95,
    method: Method = "bonferroni",
    same_customers: bool = True,
    workers: int = 1,
    progress: bool = False,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Simulate several scenarios on the same customers and compare every metric.

    Replication r of all has the same customers: contacts of the types of the same name come at the
    same instants and bring the same patience and the same work. The differences are taken
    replication by replication, so what the scenarios have in common drops out.

    Parameters
    ----------
    scenarios : mapping
        From names to at least two scenarios of the same horizon, arrivals, targets, thresholds and
        satisfaction. :func:`simcc.with_policies` makes them of one and several policies.
    replications : int
        At least 2, of each.
    seed : int, optional
        Whole number >= 0, for all of them; by default fresh entropy, kept in the results, or the
        seed of the store.
    baseline : str, optional
        Name of the scenario that all others are compared with; by default each is compared with all
        that come before it.
    metrics : collection of str, optional
        Only these; by default all that the scenarios share.
    confidence : float
        With which the intervals of all comparisons of one metric hold together.
    method : {"bonferroni", "tukey"}
        How: see the notes.
    same_customers : bool
        False allows arrivals that differ between scenarios, such as those of two forecasts.
    workers, progress, executor
        As for :func:`simcc.simulate`; the comparison does not depend on who simulates.
    store : path, optional
        Folder that keeps every finished batch, of each scenario in a folder of its name. A
        comparison that was killed goes on, and a scenario more simulates only that one.

    Returns
    -------
    Comparison

    Raises
    ------
    ScenarioError
        With everything that makes the scenarios incomparable.
    SimulationError
        If an argument is not allowed; the message names it.
    StoreError
        If a store is of another run, damaged, or cannot be written.

    Notes
    -----
    Differences are those of ratios of totals, their standard errors come from the influence of each
    replication on the difference (delta method). "bonferroni" takes Student's quantile at a level
    of ``1 - (1 - confidence) / comparisons``. "tukey" takes the quantile of the largest \\|t\\| of
    all comparisons under the estimated correlations, which is shorter where comparisons depend on
    each other: Tukey's for all pairs, Dunnett's with a baseline (Hsu 1996; Nelson and Matejcik
    1995). With as few as 20 replications it holds a point or two less than it says
    (``docs/selection.md``).

    Examples
    --------
    >>> import simcc
    >>> today = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> group = today.agent_groups[0]
    >>> plan = today.replace(agent_groups=[group.replace(staff=simcc.FixedStaff(agents=5))])
    >>> simcc.compare({"today": today, "plan": plan}, replications=5, seed=1)
    <Comparison of 'today', 'plan': 5 replications, seed 1>
    """
    scenarios = check_scenarios(scenarios)
    check_comparable(scenarios, same_customers=same_customers)
    check_options(scenarios, baseline, metrics, confidence, method)
    whole(replications, "replications", least=2)
    ready = prepare(scenarios, seed, workers=workers, executor=executor, store=store)
    results = {
        name: ready.pop(name).simulate(replications, progress=progress) for name in scenarios
    }
    return Comparison(
        results, baseline=baseline, metrics=metrics, confidence=confidence, method=method
    )
