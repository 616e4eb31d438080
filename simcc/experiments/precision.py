"""As many replications as a stated precision takes."""

from __future__ import annotations

import math
import os
import time
import warnings
from concurrent.futures import Executor

from simcc.engine.arguments import number, whole
from simcc.errors import SimulationError
from simcc.experiments.checks import probability
from simcc.experiments.measured import metric_of
from simcc.metrics import Counters
from simcc.metrics.metric import Scope
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.replicate import Prepared
from simcc.result import Result
from simcc.result.tables import summary_rows

SLOWEST = 0.1  # of the replications so far: fewer are not worth a batch


class PrecisionWarning(UserWarning):
    """The most replications allowed were not enough for the precision asked for."""


def simulate_until(
    scenario: Scenario,
    metric: str,
    *,
    half_width: float,
    relative: bool = False,
    scope: str = "all",
    confidence: float = 0.95,
    seed: int | None = None,
    first: int = 20,
    most: int = 10_000,
    workers: int = 1,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
) -> Result:
    """Simulate a scenario until the interval of one metric is narrow enough.

    After the first replications it looks at the interval, adds as many as the half-width suggests,
    at least a tenth and at most as many as there are, and looks again.

    Parameters
    ----------
    scenario : Scenario
    metric : str
        Of the catalogue, of any kind.
    half_width : float
        Of the interval at most, in the unit of the metric (a share is between 0 and 1); if
        `relative`, as a share of the estimate.
    relative : bool
    scope : str
        "all", "type:NAME", "group:NAME" or "bot:NAME".
    confidence : float
        Of the interval.
    seed : int, optional
        As for :func:`simcc.simulate`.
    first : int
        Replications before the first look, at least 2; with few of them it may stop too early.
    most : int
        Replications at most; a :class:`PrecisionWarning` says if they were not enough.
    workers : int
        Threads; neither the result nor the number of replications depends on it.
    executor, store
        As for :func:`simcc.simulate`: a run that was killed goes on.

    Returns
    -------
    Result
        As of ``simulate`` with the same seed and that number of replications, but for the intervals
        of quantiles of waits, which come from other batches.

    Raises
    ------
    SimulationError
        If an argument is not allowed; the message names it.
    StoreError
        If the store is of another run, damaged, or cannot be written.

    Notes
    -----
    Stopping when an interval looks narrow enough makes it hold the truth a little less often than
    it says: it is the more likely to stop the less the replications so far happen to scatter. The
    loss vanishes as the half-width does (Chow, Y. S. and Robbins, H. (1965), On the asymptotic
    theory of fixed-width sequential confidence intervals, Annals of Mathematical Statistics 36,
    457-462). How large it is here is measured in ``docs/selection.md``.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="2h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> result = simcc.simulate_until(scenario, "occupancy", half_width=0.01, seed=1)
    >>> row = result.summary().set_index(["scope", "metric"]).loc[("all", "occupancy")]
    >>> bool((row.high - row.low) / 2 <= 0.01)
    True
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    metric_of(scenario, metric, scope)
    target = number(half_width, "half_width", above=0.0)
    probability(confidence, "confidence")
    n = whole(first, "first", least=2)
    whole(most, "most", least=n)
    started = time.perf_counter()
    ready = Prepared(scenario, seed, workers=workers, executor=executor, store=store)
    sums = ready.simulate(n).sums
    while True:
        estimate, half = _precision(scenario, sums, metric, scope, confidence)
        allowed = target * abs(estimate) if relative else target
        if half <= allowed or n == most:
            break
        more = min(_more(n, half, allowed), most - n)
        sums = Counters.concatenate([sums, ready.simulate(more, n).sums])
        n += more
    if not half <= allowed:
        text = f"of {metric} is {half:.3g} after {n} replications, more than {allowed:.3g}"
        warnings.warn(f"the half-width {text}", PrecisionWarning, stacklevel=2)
    return Result(scenario, sums, seed=ready.seed, elapsed=time.perf_counter() - started)


def _precision(
    scenario: Scenario, sums: Counters, metric: str, scope: str, confidence: float
) -> tuple[float, float]:
    """Return the estimate and how far its interval reaches to the longer side."""
    kind: Scope = scope.partition(":")[0]  # type: ignore[assignment]
    rows = summary_rows(scenario, sums, confidence, (kind,), {metric})
    _, _, estimate, low, high, _, _ = next(row for row in rows if row[0] == scope)
    return estimate, max(estimate - low, high - estimate)


def _more(n: int, half: float, allowed: float) -> int:
    """Return how many replications to add to n: the half-width falls with their root.

    >>> _more(100, 2.0, 1.9), _more(100, 2.0, 1.6), _more(100, 2.0, 1.0), _more(4, 1.0, 0.99)
    (11, 57, 100, 1)
    """
    if not (half > 0 and allowed > 0):  # no interval yet, or nothing that it could be a share of
        return n
    needed = n * (half / allowed) ** 2 - n
    return min(n, max(math.ceil(needed), math.ceil(SLOWEST * n)))
