"""The steady state of a center from one long run: warm-up left out, intervals by batch means."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simcc.engine.arguments import duration, whole
from simcc.errors import SimulationError
from simcc.estimation import Floats, ratio
from simcc.experiments.checks import probability
from simcc.experiments.measured import metric_of
from simcc.metrics import Metric
from simcc.metrics.metric import KINDS, Scope
from simcc.metrics.parts import parts, scope_names
from simcc.model import Scenario
from simcc.model.messages import shown
from simcc.periods import in_words
from simcc.replicate import simulate
from simcc.result import Result
from simcc.streams import check_seed

GROUP = 5  # intervals that MSER-5 takes together
LONGEST_WARMUP = 0.5  # of the run
NOTHING_CHANGES = "in a steady state nothing changes with time"


@dataclass(frozen=True)
class SteadyState:
    """The long-run value of a metric.

    Attributes
    ----------
    scope, metric, unit : str
    estimate, low, high, std_error : float
    warmup : float
        Time left out at the beginning (s).
    batches : int
    correlation : float
        Lag-1 autocorrelation of the batches; clearly above 0, the interval is too short: simulate
        longer.
    result : Result
        Of the whole run, warm-up included.
    """

    scope: str
    metric: str
    unit: str
    estimate: float
    low: float
    high: float
    std_error: float
    warmup: float
    batches: int
    correlation: float
    result: Result = field(repr=False)


def steady_state(
    scenario: Scenario,
    metric: str,
    *,
    length: Any = "60d",
    interval: Any = "15min",
    scope: str = "all",
    confidence: float = 0.95,
    batches: int = 20,
    warmup: Any = None,
    seed: int | None = None,
) -> SteadyState:
    """Estimate the steady state of a metric from one long run.

    Parameters
    ----------
    scenario : Scenario
        Nothing in it may change with time: arrivals are ``PoissonArrivals`` without busyness (or
        ``MarkovArrivals``), staff is ``FixedStaff``, no hours. Its horizon is not used.
    metric : str
        Of the catalogue: a ratio, such as a share or a mean.
    length : duration
        Of the run.
    interval : duration
        Of the intervals that it is cut into; the warm-up is a multiple of five.
    scope : str
        "all", "type:NAME", "group:NAME" or "bot:NAME".
    confidence : float
    batches : int
        At least 5.
    warmup : duration, optional
        To leave out, less than half of the run; by default what MSER-5 finds.
    seed : int, optional
        As for :func:`simcc.simulate`.

    Returns
    -------
    SteadyState

    Raises
    ------
    SimulationError
        If an argument is not allowed, the scenario changes with time, or no end of the warm-up is
        found in the first half of the run.

    Notes
    -----
    The warm-up is that of MSER-5 (White, K. P. (1997), An effective truncation heuristic for bias
    reduction in simulation output, Simulation 69, 323-334), applied to ``N_j - theta D_j`` of five
    intervals each, with N and D the numerator and the denominator and theta their overall ratio.
    What is left is cut into batches of equal length, whose ratio of totals has a Student interval
    (batch means; Schmeiser, B. (1982), Batch size effects in the analysis of simulation output,
    Operations Research 30, 556-568, advises 10 to 30 batches).

    MSER-5 looks at the noise too: where a long busy spell happens to come early, it leaves it out,
    and the interval is then a little too low and too short. Near saturation give a ``warmup``, or
    simulate much longer; ``docs/selection.md`` shows how much this matters.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60),
    ...         talk_time=simcc.Exponential(mean="3min"))],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=4))],
    ... )
    >>> found = simcc.steady_state(scenario, "occupancy", length="30d", seed=1)
    >>> found.low < 0.75 < found.high
    True
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    _check_constant(scenario)
    of = metric_of(scenario, metric, scope)
    if of.kind != "ratio":
        kind = KINDS[of.kind]
        raise SimulationError(f'metric is "{metric}", a {kind}; a steady state needs a ratio')
    probability(confidence, "confidence")
    whole(batches, "batches", least=5)
    horizon = _horizon(scenario, duration(length, "length"), duration(interval, "interval"))
    long = scenario.replace(horizon=horizon)
    result = simulate(long, replications=1, seed=check_seed(seed))
    above, below = _series(result, of, scope)
    if not below.any():
        raise SimulationError(f'metric: "{metric}" has a denominator of 0 in the whole run')
    if warmup is None:
        cut = GROUP * mser(_grouped(above - above.sum() / below.sum() * below))
    else:
        cut = math.ceil(duration(warmup, "warmup") / horizon.interval)
    if cut >= LONGEST_WARMUP * len(above):
        raise SimulationError(
            f"length is {in_words(horizon.length)}; the warm-up does not end in its first half, "
            "simulate longer"
        )
    tops, bottoms = (_batched(part[cut:], batches) for part in (above, below))
    found = ratio(tops, bottoms, confidence)
    return SteadyState(
        scope, metric, of.unit, float(found.estimate), float(found.low), float(found.high),
        float(found.std_error), cut * horizon.interval, batches,
        _correlation(tops - float(found.estimate) * bottoms), result,
    )  # fmt: skip


def mser(values: Floats) -> int:
    """Return how many values at the beginning to leave out, by the marginal standard error rule.

    The d in the first half of the n values for which ``sum_{j >= d} (z_j - mean)^2 / (n - d)^2`` is
    least; the length of half the series if it is least at its end, that is, if no end is found.

    Examples
    --------
    >>> mser(np.array([9.0, 5.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]))
    2
    """
    n = len(values)
    left = n - np.arange(n)
    sums, squares = (np.cumsum(part[::-1])[::-1] for part in (values, values**2))
    spread = np.maximum(squares - sums**2 / left, 0.0) / left.astype(np.float64) ** 2
    return int(np.argmin(spread[: n // 2 + 1]))


def _check_constant(scenario: Scenario) -> None:
    """Raise SimulationError if anything in a scenario changes with time."""
    for kind in scenario.contact_types:
        arrivals = kind.arrivals
        place = f'contact_types["{kind.name}"]'
        if arrivals is not None and arrivals.kind not in ("poisson", "markov"):
            what = f'is "{arrivals.kind}", must be "poisson" or "markov"'
            raise SimulationError(f"{place}.arrivals.kind {what}; {NOTHING_CHANGES}")
        if getattr(arrivals, "busyness", None) is not None:
            raise SimulationError(f"{place}.arrivals.busyness is given; {NOTHING_CHANGES}")
        for name in ("hours", "outbound", "talk_time_by_interval", "talk_scale_by_interval"):
            if getattr(kind, name) is not None:
                raise SimulationError(f"{place}.{name} is given; {NOTHING_CHANGES}")
    for bot in scenario.bots:
        for name in ("contained_by_time", "contained_by_sessions"):
            if getattr(bot, name) is not None:
                raise SimulationError(f'bots["{bot.name}"].{name} is given; {NOTHING_CHANGES}')
    for group in scenario.agent_groups:
        if group.staff.kind != "fixed":
            what = f'is "{group.staff.kind}", must be "fixed"; {NOTHING_CHANGES}'
            raise SimulationError(f'agent_groups["{group.name}"].staff.kind {what}')


def _horizon(scenario: Scenario, length: float, interval: float) -> Any:
    """The horizon of the run: whole groups of intervals, no margins."""
    groups = int(length // (GROUP * interval)) if interval > 0 else 0
    if groups < 40:
        raise SimulationError(
            f"length is {length:g}; it must be at least {200 * interval:g}, 200 intervals "
            "(unit: seconds)"
        )
    return scenario.horizon.replace(
        length=groups * GROUP * interval, interval=interval, warmup=0, cooldown=0
    )


def _series(result: Result, metric: Metric, scope: str) -> tuple[Floats, Floats]:
    """Numerator and denominator of each interval of the run."""
    kind: Scope = scope.partition(":")[0]  # type: ignore[assignment]
    column = scope_names(result.sums, kind).index(scope)
    above, below = parts(result.sums, metric, kind)
    return above[0, :, column], below[0, :, column]


def _grouped(series: Floats) -> Floats:
    return np.asarray(series.reshape(-1, GROUP).sum(axis=1))


def _batched(series: Floats, batches: int) -> Floats:
    """Sums of batches of equal length; what does not fill one is left out at the beginning."""
    size = len(series) // batches
    return np.asarray(series[len(series) - size * batches :].reshape(batches, size).sum(axis=1))


def _correlation(values: Floats) -> float:
    centred = values - values.mean()
    total = (centred**2).sum()
    return float((centred[1:] * centred[:-1]).sum() / total) if total > 0 else 0.0
