"""Less variance from as many replications: control variates, and replications drawn together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from simcc.engine.arguments import whole
from simcc.errors import SimulationError
from simcc.estimation import Floats
from simcc.experiments.checks import known_metrics, one_of
from simcc.experiments.controls import controls as draw_controls
from simcc.experiments.designs import Antithetic, with_factors
from simcc.experiments.measured import Measured, measure
from simcc.experiments.reduced import Figure, Reduced
from simcc.metrics.counters import MAX_WHOLE_BATCHES
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.replicate import Prepared
from simcc.result import Result
from simcc.streams import Streams, check_seed

Method = Literal["antithetic", "stratified", "rqmc"]
METHODS = ("antithetic", "stratified", "rqmc")
RANDOMISATIONS = 20


class Found(NamedTuple):
    """An estimate, its variance, degrees of freedom, and the variance of plain sampling."""

    estimate: float
    variance: float
    degrees: int
    plain: float


def with_controls(
    result: Result,
    controls: Collection[str] | None = None,
    *,
    metrics: Collection[str] | None = None,
) -> Reduced:
    """Estimate the metrics of a run again, corrected for what happened to come in.

    On a day with more contacts than expected people wait longer. How many came in, and how much
    work they brought, has a mean that is known exactly; how far the run was off, times how much the
    metric moves with it (least squares over the replications), is taken off the estimate.

    Parameters
    ----------
    result : Result
        Of :func:`simcc.simulate` or :func:`simcc.simulate_until`. What came in is drawn again.
    controls : collection of str, optional
        "arrivals" (contacts that come in by themselves in the counting window), "offered_work"
        (their talk and after-call work), or either of one type, such as "arrivals:voice"; by
        default the first two, as far as their means are known.
    metrics : collection of str, optional
        Only these; by default all.

    Returns
    -------
    Reduced

    Raises
    ------
    SimulationError
        If an argument is not allowed, the mean of a control is not known (the work of a type whose
        talk time depends on who serves), or there are too few replications.

    Notes
    -----
    ``estimate = theta - b'(mean(C) - E[C])`` with b from the regression of the replications'
    influences on the controls C, and Student's interval with ``n - 1 - q`` degrees of freedom for q
    controls (Lavenberg, S. S. and Welch, P. D. (1981), A perspective on the use of control
    variables to increase the efficiency of Monte Carlo simulations, Management Science 27,
    322-335). A ratio of totals is controlled in its linearisation. Each control costs a little
    precision, so give few of them. A quantile of waits is known by batches of replications only; it
    is left as it is where these are not of equal size.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> result = simcc.simulate(scenario, replications=20, seed=1)
    >>> reduced = simcc.with_controls(result, ["arrivals"])
    >>> row = reduced.summary().set_index(["scope", "metric"]).loc["all", "offered"]
    >>> round(float(row.estimate), 6), bool(row.variance_ratio < 1e-6)
    (60.0, True)
    """
    if not isinstance(result, Result):
        raise SimulationError(f"result is {shown(result)}; it must be a simcc.Result")
    known_metrics({result.scenario.name: result.scenario}, metrics)
    first, n = result.first_replication, result.replications
    found = draw_controls(result.scenario, result.seed, range(first, first + n), controls)
    values = np.stack([one.values for one in found], axis=1)
    if n < values.shape[1] + 3:
        raise SimulationError(
            f"result has {n} replications; {values.shape[1]} controls need at least "
            f"{values.shape[1] + 3}"
        )
    off = values - [one.mean for one in found]
    figures = _figures(result, metrics, lambda one: controlled(one, off))
    how = f"controlled by {', '.join(one.name for one in found)}"
    return Reduced(result.scenario, how, result.seed, n, figures)


def controlled(measured: Measured, off: Floats) -> Found:
    """Return a figure corrected by controls.

    Parameters
    ----------
    measured : Measured
    off : float64 array, shape (R, q)
        Controls of each replication less their means.
    """
    y = measured.influence
    n = len(y)
    plain = _variance(y)
    if len(off) % n:
        return Found(measured.theta, plain, n - 1, plain)
    off = off.reshape(n, -1, off.shape[1]).mean(axis=1)
    centred = off - off.mean(axis=0)
    scale = centred.std(axis=0)
    centred, mean = (
        part[..., scale > 0] / scale[scale > 0] for part in (centred, off.mean(axis=0))
    )
    inverse = np.linalg.pinv(centred.T @ centred, rcond=1e-10, hermitian=True)
    q = int(np.linalg.matrix_rank(centred.T @ centred, tol=1e-10 * n, hermitian=True))
    degrees = n - 1 - q
    if degrees < 1:
        return Found(measured.theta, plain, n - 1, plain)
    slope = inverse @ (centred.T @ y)
    rest = y - y.mean() - centred @ slope
    variance = float(rest @ rest) / degrees * (1 / n + float(mean @ inverse @ mean))
    return Found(measured.theta - float(mean @ slope), variance, degrees, plain)


def simulate_reduced(
    scenario: Scenario,
    method: Method,
    *,
    replications: int,
    randomisations: int | None = None,
    metrics: Collection[str] | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: bool = False,
) -> Reduced:
    """Simulate replications that are drawn together, so that the estimates scatter less.

    Each replication by itself is a day like any other; only together they are more even than
    independent days are. Intervals come from groups of replications that are independent.

    Parameters
    ----------
    scenario : Scenario
    method : {"antithetic", "stratified", "rqmc"}
        "antithetic": pairs of replications with uniforms u and 1 - u wherever a contact draws.
        "stratified": of each group of replications, the busyness of one is in each of as many
        equally likely strata (of several types or days a Latin hypercube). "rqmc": randomised
        quasi-Monte Carlo, where all daily factors of a group are points of a scrambled Sobol
        sequence.
    replications : int
        In all. For "antithetic" an even number, at least 4. Else a multiple of the randomisations,
        2 times them at least; for "rqmc" a power of 2 times them.
    randomisations : int, optional
        Independent groups for "stratified" and "rqmc", at least 2; by default 20. With fewer,
        groups are larger and more even, but intervals are longer.
    metrics : collection of str, optional
        Only these; by default all.
    seed, workers, progress
        As for :func:`simcc.simulate`; the result does not depend on the workers.

    Returns
    -------
    Reduced

    Raises
    ------
    SimulationError
        If an argument is not allowed, or the scenario has no busyness for "stratified" and "rqmc".

    Notes
    -----
    The variance ratio compares with independent replications of the same number. Their variance is
    known from the same run, since each replication has the law of an independent one. A quantile of
    waits has no ratio. Hammersley, J. M. and Morton, K. W. (1956), A new Monte Carlo technique:
    antithetic variates, Proceedings of the Cambridge Philosophical Society 52, 449-475. McKay,
    M. D., Beckman, R. J. and Conover, W. J. (1979), A comparison of three methods for selecting
    values of input variables, Technometrics 21, 239-245. L'Ecuyer, P. (2018), Randomized
    quasi-Monte Carlo: an introduction for practitioners, in: Monte Carlo and Quasi-Monte Carlo
    Methods 2016, Springer.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> simcc.simulate_reduced(scenario, "antithetic", replications=20, seed=1)
    <Reduced 'scenario': antithetic, 20 replications, seed 1>
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    one_of(method, "method", METHODS)
    known_metrics({scenario.name: scenario}, metrics)
    groups, size = _groups(method, replications, randomisations)
    seed = check_seed(seed)
    streams: Callable[[], Streams] = partial(Antithetic, seed)
    if method != "antithetic":
        streams = with_factors(scenario, seed, method, groups, size)
    ready = Prepared(scenario, seed, workers=workers, streams=streams)
    result = ready.simulate(replications, progress=progress, batches=_batches(groups))
    figures = _figures(result, metrics, lambda one: grouped(one, groups))
    how = method if method == "antithetic" else f"{method}, {groups} randomisations of {size}"
    return Reduced(scenario, how, seed, replications, figures)


def grouped(measured: Measured, groups: int) -> Found:
    """Return a figure with the variance of the mean of independent groups.

    The plain variance is that of one replication, ``sum y^2 / n + variance``, over n: what the
    groups have in common with their mean is missing in the first part.
    """
    y = measured.influence
    if len(y) <= groups:  # batches of whole groups
        return Found(measured.theta, _variance(y), len(y) - 1, np.nan)
    variance = _variance(y.reshape(groups, -1).mean(axis=1))
    plain = (float(y @ y) / len(y) + variance) / len(y)
    return Found(measured.theta, variance, groups - 1, plain)


def _variance(values: Floats) -> float:
    """Variance of the mean of independent values."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else float("nan")


def _figures(
    result: Result, metrics: Collection[str] | None, estimate: Callable[[Measured], Found]
) -> list[Figure]:
    return [
        Figure(scope, metric, one.unit, *estimate(one))
        for (scope, metric), one in measure(result, metrics).items()
    ]


def _batches(groups: int) -> int:
    """Batches that quantiles of waits come from: as many as there may be, of whole groups.

    >>> _batches(20), _batches(100), _batches(202)
    (20, 50, 2)
    """
    return max(b for b in range(1, min(groups, MAX_WHOLE_BATCHES) + 1) if groups % b == 0)


def _groups(method: Method, replications: int, randomisations: int | None) -> tuple[int, int]:
    """Number of independent groups, and replications of each."""
    n = whole(replications, "replications", least=4)
    if method == "antithetic":
        if randomisations is not None:
            raise SimulationError('randomisations is given; "antithetic" has pairs instead')
        if n % 2:
            raise SimulationError(f"replications is {n}; pairs need an even number")
        return n // 2, 2
    given = RANDOMISATIONS if randomisations is None else randomisations
    groups = whole(given, "randomisations", least=2)
    size = n // groups
    if n % groups or size < 2:
        raise SimulationError(
            f"replications is {n}; it must be {groups} randomisations times 2 or more"
        )
    if method == "rqmc" and size & (size - 1):
        below = groups << (size.bit_length() - 1)
        raise SimulationError(
            f"replications is {n}; of {groups} randomisations, each of a power of 2, it could be "
            f"{below} or {2 * below}"
        )
    return groups, size
