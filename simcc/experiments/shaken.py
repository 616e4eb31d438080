"""Days that shocks of random sizes shake, several of them together: how bad it gets, how often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from simcc.engine.arguments import whole
from simcc.errors import ScenarioError, SimulationError
from simcc.estimation import Floats
from simcc.experiments.checks import known_metrics, probability
from simcc.experiments.comparison_text import headline
from simcc.experiments.daily import daily_metric, parts_of
from simcc.experiments.limits import Held, Limit, held, with_targets
from simcc.experiments.shaken_result import Figure, Shaken
from simcc.metrics import Metric, catalogue
from simcc.model import Scenario, Target
from simcc.model.messages import shown
from simcc.replicate import simulate
from simcc.result import Result
from simcc.shocks import Shock, by_label
from simcc.streams import Streams, check_seed

STREAM = "\x1fsizes of shocks"
SLACK = 1e-9  # in the checks of a matrix that was computed


def shake(
    scenario: Scenario,
    shocks: Sequence[Shock] | Mapping[str, Shock],
    *,
    replications: int,
    correlation: float | Sequence[Sequence[float]] = 0.0,
    seed: int | None = None,
    targets: Sequence[Target | Limit] | None = None,
    metrics: Collection[str] | None = None,
    confidence: float = 0.95,
    workers: int = 1,
    progress: bool = False,
) -> Shaken:
    """Simulate days on which all shocks come at once, each of a random size.

    The size of a shock on a day is the given one times a standard normal number, so that the given
    size is its standard deviation; below 0 it is turned round, or left out if it cannot be. The
    numbers of several shocks are correlated: a day of many calls may also be one of absence. The
    same days are simulated without any shock, for the paired change.

    Parameters
    ----------
    scenario : Scenario
    shocks : sequence of shocks, or mapping from names to shocks
    replications : int
        Days, at least 2, each with sizes of its own.
    correlation : float, or matrix of shape (shocks, shocks)
        Of the normal numbers; a single one holds for every pair.
    seed : int, optional
        Whole number >= 0; by default fresh entropy. Sizes of day r depend on it and on r only.
    targets : sequence of Target or Limit, optional
        What should hold; by default the targets of the scenario. Limits of quantiles are refused.
    metrics : collection of str, optional
        Further metrics of the whole center; by default the main ones.
    confidence : float
        Of the intervals, each by itself.
    workers : int
        Threads; the result does not depend on it.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Shaken

    Raises
    ------
    ScenarioError
        If a shock does not fit the scenario; the message names the shock.
    SimulationError
        If an argument is not allowed; the message names it.

    Notes
    -----
    A Gaussian copula with normal margins. For a mean the two uncertainties, of the sizes and of the
    day itself, are in one interval: each day is one independent observation of both.

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
    >>> shocks = [simcc.VolumeShock(percent=10), simcc.HandleTimeDrift(percent=5)]
    >>> shaken = simcc.shake(scenario, shocks, replications=20, correlation=0.5, seed=1)
    >>> shaken.days().shape
    (20, 6)
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    wanted: Any = scenario.targets if targets is None else targets
    own = [one for one in wanted if isinstance(one, Target)] if isinstance(wanted, Sequence) else []
    scenario = with_targets(scenario, own)
    limits = held(scenario, wanted)
    named = by_label(shocks)
    factor = _factor(correlation, len(named))
    for one in named.values():
        one.apply(scenario)  # refused here, before anything runs
    known_metrics({"scenario": scenario}, metrics)
    figures = _figures(scenario, limits, metrics)
    probability(confidence, "confidence")
    days = whole(replications, "replications", least=2)
    threads, seed = whole(workers, "workers", least=1), check_seed(seed)
    sizes = np.stack([_sizes(seed, day, factor) for day in range(days)])

    def observed(day: int) -> Floats:
        shaken = _shaken(scenario, named.values(), sizes[day])
        result = simulate(shaken, replications=1, first_replication=day, seed=seed)
        return np.concatenate([_parts(result, one) for one in figures])

    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(observed, range(days))
        after = np.stack(list(tqdm(found, total=days, disable=not progress, unit="day")))
    base = simulate(scenario, replications=days, seed=seed, workers=threads, progress=progress)
    before = np.stack([_parts(base, one) for one in figures], axis=1)
    return Shaken(list(named), sizes, figures, before, after, seed, confidence)


def _sizes(seed: int, day: int, factor: Floats) -> Floats:
    """The correlated normal numbers of a day."""
    independent = Streams(seed).open(STREAM, day).standard_normal(len(factor))
    return np.asarray(factor @ independent)


def _shaken(scenario: Scenario, shocks: Collection[Shock], sizes: Floats) -> Scenario:
    for shock, size in zip(shocks, sizes, strict=True):
        try:
            one = shock.scaled(float(size))
        except ScenarioError:
            if size > 0:
                raise
            continue  # there is no such shock turned round
        scenario = one.apply(scenario)
    return scenario


def _figures(
    scenario: Scenario, limits: Sequence[Held], metrics: Collection[str] | None
) -> list[Figure]:
    """What is observed of each day: targets and limits, then metrics of the whole center."""
    found = [Figure(one.label, _daily(scenario, one.metric, one.scope), one) for one in limits]
    there = {one.name for one in catalogue(scenario)}
    names = metrics if metrics is not None else [x for x in headline(scenario) if x in there]
    limited = {(one.metric, one.scope) for one in limits}
    for name in dict.fromkeys(names):
        if metrics is not None or (name, "all") not in limited:
            found.append(Figure(name, _daily(scenario, name, "all"), None))
    return found


def _daily(scenario: Scenario, name: str, scope: str) -> tuple[Metric, str]:
    return daily_metric(scenario, name, scope, "the scenario"), scope


def _parts(result: Result, figure: Figure) -> Floats:
    """Numerator and denominator of each replication, shape (R, 2)."""
    return np.stack(parts_of(result, *figure.of), axis=1)


def _factor(correlation: Any, n: int) -> Floats:
    """A matrix whose product with its transpose is the matrix of correlations."""
    try:
        matrix = np.array(correlation, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.full(1, np.nan)
    if matrix.ndim == 0:
        matrix = np.where(np.eye(n, dtype=bool), 1.0, matrix)
    if matrix.shape != (n, n) or not np.isfinite(matrix).all():
        raise SimulationError(
            f"correlation is {shown(correlation)}; it must be a number, or a matrix of {n} rows "
            f"and {n} columns, one for each shock"
        )
    if (np.diag(matrix) != 1).any() or (abs(matrix - matrix.T) > SLACK).any():
        raise SimulationError("correlation: the matrix must be symmetric, with 1 on its diagonal")
    values, vectors = np.linalg.eigh(matrix)
    if values.min() < -SLACK:
        raise SimulationError(
            f"correlation is {shown(correlation)}; no {n} numbers have such correlations: the "
            "matrix must be positive semidefinite"
        )
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))
