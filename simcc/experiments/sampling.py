"""Which factors, over whole ranges, make a figure vary: Sobol's indices."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from typing import Any

from simcc.engine.arguments import whole
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.checks import known_metrics, probability
from simcc.experiments.derivatives import headline_of
from simcc.experiments.factors import Factor, HeadCount, check_factors
from simcc.experiments.indices import Range, Sobol
from simcc.experiments.measured import measure
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.replicate import simulate
from simcc.streams import check_seed

LEAST = 16  # points of a design; fewer say nothing


def sobol(
    scenario: Scenario,
    ranges: Mapping[Factor, Range],
    *,
    budget: int,
    metrics: Collection[str] | None = None,
    replications: int = 10,
    confidence: float = 0.95,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Sobol:
    """Estimate which share of the variance of each metric each factor explains over its range.

    The factors are drawn independently and evenly from their ranges. The first-order index is the
    share of the variance that knowing the factor would take away; the total index is the share that
    would be left if all others were known, its interactions included.

    Parameters
    ----------
    scenario : Scenario
    ranges : mapping
        From factors to the least and the largest change: agents more or fewer; relative changes of
        volume, handle time and patience (-0.1 to 0.1); changes of containment as a probability.
    budget : int
        Replications in all. With k factors N (k + 2) scenarios are simulated, ``replications``
        times each; N is the largest power of 2 that the budget allows, at least 16.
    metrics : collection of str, optional
        By default as for :func:`simcc.sensitivity`.
    replications : int, default 10
        Of each scenario, at least 2; all have the same customers.
    confidence : float
        Of each interval.
    seed, workers, executor
        As for :func:`simcc.simulate`; the result does not depend on the workers.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Sobol

    Raises
    ------
    SimulationError
        If an argument is not allowed, the budget too small (the message says what is needed), a
        corner of the ranges no scenario, or SALib is not installed.

    Notes
    -----
    Samples (Saltelli's, from a scrambled Sobol sequence, without second order) and estimators are
    SALib's: Saltelli, A. et al. (2010), Variance based sensitivity analysis of model output,
    Computer Physics Communications 181(2), 259-270. The indices are those of the mean of a metric,
    not of a single day. The mean is estimated; with the same customers in every scenario most of
    the luck is common to all and does not count. What does not is reported as ``noise_share``: the
    part of the variance between scenarios that is due to so few replications. Half-widths put
    together SALib's bootstrap over the samples and a bootstrap over the replications.

    Examples
    --------
    >>> import simcc
    >>> found = simcc.sobol(
    ...     simcc.instances.v_design(length="1h"),
    ...     {simcc.Volume(): (-0.1, 0.1), simcc.HeadCount("g1"): (-1, 1)},
    ...     budget=130, replications=2, metrics=["asa"], seed=1)
    >>> found
    <Sobol of 'V design' over 2 factors: 64 scenarios of 2 replications, seed 1>
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    checked = _check_ranges(ranges, scenario)
    known_metrics({scenario.name: scenario}, metrics)
    whole(replications, "replications", least=2)
    probability(confidence, "confidence")
    n = _points(whole(budget, "budget", least=1), len(checked), replications)
    sample, analyze = _salib()
    seed = check_seed(seed)
    problem = _problem(checked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SALib, about powers of 2 that are kept here
        at = sample(problem, n, calc_second_order=False, seed=seed % 2**32)
    wanted = tuple(metrics or headline_of(scenario))
    figures = []
    with _bar(len(at) * replications, progress) as bar:
        for row in at:
            one = _moved(scenario, dict(zip(checked, row, strict=True)))
            result = simulate(
                one, replications=replications, seed=seed, workers=workers, executor=executor
            )
            figures.append(measure(result, wanted))
            bar.update(replications)
    return Sobol(
        scenario, checked, at, figures, problem, analyze,
        confidence=confidence, replications=replications, seed=seed,
    )  # fmt: skip


def _check_ranges(ranges: Any, scenario: Scenario) -> dict[Factor, Range]:
    """Return ranges of at least two factors, whose ends are all scenarios."""
    if not isinstance(ranges, Mapping):
        raise SimulationError(
            f"ranges is {shown(ranges)}; it must be a mapping from factors to (low, high)"
        )
    factors = check_factors(list(ranges), scenario, "ranges")
    if len(factors) < 2:
        raise SimulationError("ranges are of 1 factor; there must be at least 2 to compare")
    for one in factors:
        ends = ranges[one]
        if not _is_range(ends, isinstance(one, HeadCount)):
            what = "whole numbers" if isinstance(one, HeadCount) else "numbers"
            raise SimulationError(
                f"ranges: {one.label} is {shown(ends)}; it must be two {what}, the lower first"
            )
    found = {one: (ranges[one][0], ranges[one][1]) for one in factors}
    for end in (0, 1):
        for one, ends in found.items():
            try:
                one.apply(scenario, ends[end])
            except ScenarioError as error:
                raise SimulationError(
                    f"ranges: {one.label} cannot change by {ends[end]:g}: {error}"
                ) from None
    return found


def _is_range(ends: Any, is_whole: bool) -> bool:
    kinds = int if is_whole else int | float
    return (
        isinstance(ends, tuple | list)
        and len(ends) == 2
        and all(isinstance(x, kinds) and not isinstance(x, bool) for x in ends)
        and all(map(math.isfinite, ends))
        and ends[0] < ends[1]
    )


def _points(budget: int, k: int, replications: int) -> int:
    """Return the largest power of 2 of points that the budget allows.

    >>> _points(1000, 3, 5), _points(640, 2, 10)
    (32, 16)
    """
    each = (k + 2) * replications
    if budget < LEAST * each:
        raise SimulationError(
            f"budget is {budget}; {k} factors and {replications} replications of each scenario "
            f"take at least {LEAST * each} ({LEAST} x {k + 2} x {replications})"
        )
    return 1 << (budget // each).bit_length() - 1


def _problem(ranges: Mapping[Factor, Range]) -> dict[str, Any]:
    """The problem as SALib has it; agents are rounded, so that both ends are as likely as all."""
    wider = [0.5 * (1 - 1e-9) if isinstance(one, HeadCount) else 0.0 for one in ranges]
    return {
        "num_vars": len(ranges),
        "names": [one.label for one in ranges],
        "bounds": [
            [low - more, high + more]
            for (low, high), more in zip(ranges.values(), wider, strict=True)
        ],
    }


def _moved(scenario: Scenario, amounts: Mapping[Factor, float]) -> Scenario:
    for factor, amount in amounts.items():
        scenario = factor.apply(scenario, float(amount))
    return scenario


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample
    except ImportError:
        raise SimulationError(
            'Sobol\'s indices take SALib, which is not installed: pip install "simcc[sensitivity]"'
        ) from None
    return sample, analyze


def _bar(total: int, wanted: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, unit="day", desc="sampling", disable=not wanted, leave=False)
