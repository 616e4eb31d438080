"""Shocks one by one on the same customers: what breaks first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from simcc.engine.arguments import whole
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.breaking import LEAST, breaking_point
from simcc.experiments.checks import known_metrics, one_of, probability
from simcc.experiments.limits import Limit, held, with_targets
from simcc.experiments.simultaneous import Method
from simcc.experiments.stress_result import BASE, OPPOSITE, Stress
from simcc.model import Scenario, Target
from simcc.model.messages import shown
from simcc.replicate import simulate
from simcc.shocks import Shock, by_label
from simcc.streams import check_seed


def stress(
    scenario: Scenario,
    shocks: Sequence[Shock] | Mapping[str, Shock],
    *,
    replications: int,
    seed: int | None = None,
    targets: Sequence[Target | Limit] | None = None,
    metrics: Collection[str] | None = None,
    both_ways: bool = False,
    breaking: bool = False,
    confidence: float = 0.95,
    method: Method = "bonferroni",
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Stress:
    """Apply shocks to a scenario, one at a time, and tell what breaks first.

    All are simulated on the same days: customers whom shocks do not concern are the same, and those
    whom they do concern bring the same luck (``docs/stress.md`` says where not).

    Parameters
    ----------
    scenario : Scenario
    shocks : sequence of shocks, or mapping from names to shocks
        Such as :class:`simcc.VolumeShock`. In a sequence each goes by its label.
    replications : int
        At least 2, of the scenario and of each shock.
    seed : int, optional
        Whole number >= 0; by default fresh entropy, kept in the results.
    targets : sequence of Target or Limit, optional
        What must hold; by default the targets of the scenario.
    metrics : collection of str, optional
        For ``summary()``: only these, by default all.
    both_ways : bool
        Also apply each shock turned round (``shock.scaled(-1)``), where it can be, for the picture.
    breaking : bool
        Also search, for each shock and target, the smallest size that breaks the target
        (:func:`simcc.breaking_point`), with at most ``replications`` of each size.
    confidence : float
        With which the intervals of all shocks hold together, for one metric.
    method : {"bonferroni", "tukey"}
        How differences do, as for :func:`simcc.compare`.
    workers, executor, progress
        As for :func:`simcc.simulate`; the result does not depend on them. The search of breaking
        points uses the workers only.

    Returns
    -------
    Stress

    Raises
    ------
    ScenarioError
        If a shock does not fit the scenario; the message names the shock.
    SimulationError
        If an argument is not allowed; the message names it.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="2h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=5))],
    ...     targets=[simcc.Target(share=0.7, within=20)],
    ... )
    >>> shocks = [simcc.VolumeShock(percent=10), simcc.Absence(percent=20)]
    >>> simcc.stress(scenario, shocks, replications=20, seed=1).shocks
    ['absence 20 %', 'volume +10 %']
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    wanted: Any = scenario.targets if targets is None else targets
    limits = held(scenario := with_targets(scenario, _listed(wanted)), wanted)
    named = by_label(shocks)
    if BASE in named:
        raise SimulationError(f'shocks: "{BASE}" is the scenario itself; give another name')
    opposite = _turned_round(named) if both_ways else {}
    scenarios = {BASE: scenario}
    scenarios |= {name: one.apply(scenario) for name, one in {**named, **opposite}.items()}
    known_metrics(scenarios, metrics)
    probability(confidence, "confidence")
    one_of(method, "method", ("bonferroni", "tukey"))
    if breaking and not limits:
        raise SimulationError("targets are none; breaking=True needs at least one")
    whole(replications, "replications", least=LEAST if breaking else 2)
    seed = check_seed(seed)
    run = partial(
        simulate, replications=replications, seed=seed, workers=workers, executor=executor,
        progress=progress,
    )  # fmt: skip
    results = {name: run(one) for name, one in scenarios.items()}
    points = {}
    if breaking:
        find = partial(
            breaking_point, scenario, confidence=confidence, replications=replications, seed=seed,
            workers=workers, progress=progress,
        )  # fmt: skip
        points = {
            (name, limit.label): find(one, target)
            for name, one in named.items()
            if one.size != 0
            for limit, target in zip(limits, _listed(wanted), strict=True)
        }
    return Stress(
        results, named, opposite, limits, points, metrics=metrics, confidence=confidence,
        method=method,
    )  # fmt: skip


def _listed(targets: Any) -> list[Any]:
    """Targets as a list; whatever is none is refused later, with what it must be."""
    if isinstance(targets, Target | Limit):
        return [targets]
    return list(targets) if isinstance(targets, Sequence) else []


def _turned_round(shocks: Mapping[str, Shock]) -> dict[str, Shock]:
    """The shocks turned round, of those that can be and are not there already."""
    found: dict[str, Shock] = {}
    for name, shock in shocks.items():
        if OPPOSITE + name in shocks:
            continue
        try:
            found[OPPOSITE + name] = shock.scaled(-1)
        except ScenarioError:
            continue
    return found
