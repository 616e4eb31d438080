"""The smallest size of a shock that breaks a target, by bisection on the same customers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from simcc.engine.arguments import number, whole
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.breaking_result import BreakingPoint, Probe
from simcc.experiments.checks import probability
from simcc.experiments.limits import Held, Limit, held, one_sided, with_targets
from simcc.metrics import Counters
from simcc.model import Scenario, Target
from simcc.model.messages import shown
from simcc.replicate import simulate
from simcc.result import Result
from simcc.shocks import Shock
from simcc.streams import check_seed

DOUBLINGS = 3  # of a shock, by default
# After which share of the replications it looks, and which share of the chance to err it takes.
LOOKS = ((1 / 4, 0.1), (1 / 2, 0.2), (1.0, 0.7))
LEAST = 80
TOLERANCE = 0.05  # of the shock as it is given


def breaking_point(
    scenario: Scenario,
    shock: Shock,
    target: Target | Limit | None = None,
    *,
    most: float | None = None,
    tolerance: float | None = None,
    confidence: float = 0.95,
    replications: int = 400,
    probes: int = 20,
    seed: int | None = None,
    workers: int = 1,
    progress: bool = False,
) -> BreakingPoint:
    """Find the smallest size of a shock that breaks a target.

    A target is broken if the long-run value of its metric misses it: the ratio of totals over all
    days, not that of each day. It doubles the shock until the target breaks, then bisects.

    Parameters
    ----------
    scenario : Scenario
    shock : Shock
        Of any size but 0.
    target : Target or Limit, optional
        By default the only target of the scenario.
    most : float, optional
        Largest size to try, in the unit of ``shock.size``; by default eight times that of the
        shock, or what is possible.
    tolerance : float, optional
        The bisection ends at gaps of this size; by default a twentieth of that of the shock.
    confidence : float
        That the point is between ``low`` and ``high`` of what is returned.
    replications : int
        At most of each size, at least 80.
    probes : int
        Sizes to try at most, at least 5.
    seed, workers, progress
        As for :func:`simcc.simulate`; what is found does not depend on the workers.

    Returns
    -------
    BreakingPoint

    Raises
    ------
    ScenarioError
        If the shock does not fit the scenario.
    SimulationError
        If an argument is not allowed; the message names it.

    Notes
    -----
    At each size it looks after a quarter, half and all of the replications, and stops as soon as
    the interval of the metric leaves the target out: the size surely holds, or surely breaks. If no
    interval does, it is not clear, and the bisection goes on at both sides. The looks spend 10 %,
    20 % and 70 % of ``1 - confidence``, so that for one size all are right together with the
    confidence (Bonferroni). The interval has the sizes between the largest that surely holds and
    the smallest that surely breaks. It leaves out the true point only if the looks at that very
    size err, as long as on the same customers a larger shock is never better; so the number of
    sizes tried needs no correction (an interval by inverting a test).

    The estimate is where a falling curve through the values crosses the target (weighted isotonic
    regression, linear between sizes). Values after fewer replications are moved by what these
    differ from all of them without the shock (a control variate).

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
    >>> found = simcc.breaking_point(
    ...     scenario, simcc.VolumeShock(percent=10), replications=80, seed=1)
    >>> found.low < found.estimate < found.high
    True
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    if not isinstance(shock, Shock):
        raise SimulationError(f"shock is {shown(shock)}; it must be a shock")
    if shock.size == 0:
        raise SimulationError("shock is of size 0; give it any other size, the search scales it")
    shock.apply(scenario)
    target = _the_target(scenario, target)
    scenario = with_targets(scenario, [target])
    probability(confidence, "confidence")
    whole(replications, "replications", least=LEAST)
    whole(probes, "probes", least=5)
    gap = TOLERANCE if tolerance is None else number(tolerance, "tolerance", above=0.0)
    if tolerance is not None:
        gap /= abs(shock.size)
    factors = _doublings(shock, most)
    search = _Search(
        scenario, shock, held(scenario, target)[0],
        looks=[
            (math.ceil(replications * part), one_sided((1 - confidence) * spent / 2))
            for part, spent in LOOKS
        ],
        seed=check_seed(seed), workers=whole(workers, "workers", least=1),
    )  # fmt: skip
    with _bar(probes, progress) as bar:
        for factor in search.factors(factors, gap, probes):
            search.probe(factor)
            bar.update(1)
    return BreakingPoint.of(shock, search.held, search.probes, confidence, search.seed)


def _the_target(scenario: Scenario, target: Any) -> Target | Limit:
    if target is None:
        if len(scenario.targets) != 1:
            raise SimulationError(
                f"target is missing, and the scenario has {len(scenario.targets)}; name one"
            )
        return scenario.targets[0]
    if not isinstance(target, Target | Limit):
        raise SimulationError(f"target is {shown(target)}; it must be a Target or a Limit")
    return target


def _doublings(shock: Shock, most: float | None) -> list[float]:
    """Return the factors of the shock to begin with: doubled up to the largest."""
    if most is not None:
        last = number(most, "most", above=0.0) / abs(shock.size)
        try:
            shock.scaled(last)
        except ScenarioError as error:
            raise SimulationError(f"most is {most:g}, which the shock cannot be: {error}") from None
    else:
        last = min(2.0**DOUBLINGS, shock.largest / abs(shock.size))
        last = max((f for f in _up_to(last) if _possible(shock, f)), default=1.0)
    return list(_up_to(last))


def _up_to(last: float) -> Iterator[float]:
    factor = min(1.0, last)
    while factor < last:
        yield factor
        factor *= 2
    yield last


def _possible(shock: Shock, factor: float) -> bool:
    try:
        shock.scaled(factor)
    except ScenarioError:
        return False
    return True


def _bar(total: int, wanted: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, unit="size", desc="bisecting", disable=not wanted, leave=False)


class _Search:
    """Sizes of a shock, as factors of the one given, and what each does to a metric."""

    def __init__(
        self,
        scenario: Scenario,
        shock: Shock,
        held: Held,
        *,
        looks: list[tuple[int, float]],
        seed: int,
        workers: int,
    ) -> None:
        self._scenario, self._shock, self.held = scenario, shock, held
        self._looks, self.seed, self._workers = looks, seed, workers
        self._without: dict[int, float] = {}
        self._seen: dict[float, Probe] = {}

    @property
    def probes(self) -> list[Probe]:
        """All sizes tried, the smallest first."""
        return [self._seen[factor] for factor in sorted(self._seen)]

    def factors(self, doublings: list[float], gap: float, most: int) -> Iterator[float]:
        """Yield the factors to try, each after the last has been."""
        yield 0.0
        if self._seen[0.0].look.verdict == "breaks":
            return
        for factor in doublings:
            yield factor
            if self._seen[factor].look.verdict == "breaks":
                break
        while len(self._seen) < most and (middle := self._middle(gap)) is not None:
            yield middle

    def probe(self, factor: float) -> None:
        """Simulate a size until it is clear whether the target holds; without the shock, all."""
        scenario = self._shock.scaled(factor).apply(self._scenario)
        sums, n = list[Counters](), 0
        for n_wanted, level in self._looks:
            batch = simulate(
                scenario, replications=n_wanted - n, seed=self.seed, first_replication=n,
                workers=self._workers,
            )  # fmt: skip
            sums, n = [*sums, batch.sums], n_wanted
            result = Result(scenario, Counters.concatenate(sums), seed=self.seed)
            look = self.held.look(result, level)
            if factor == 0:
                self._without[n] = look.value
            elif look.verdict != "not clear":
                break
        luck = self._without[n] - self._without[self._looks[-1][0]]
        size = factor * self._shock.size + 0.0  # no negative zero
        self._seen[factor] = Probe(size, look, n, look.margin - look.of.sign * luck)

    def _middle(self, gap: float) -> float | None:
        """The middle of the widest gap between sizes that are not clear and those that are."""
        by_verdict: dict[str, list[float]] = {"holds": [], "breaks": [], "not clear": []}
        for factor, probe in self._seen.items():
            by_verdict[probe.look.verdict].append(factor)
        low: float | None = max(by_verdict["holds"], default=None)
        high: float | None = min(by_verdict["breaks"], default=None)
        between = by_verdict["not clear"]
        first: float | None = min(between, default=high)
        last: float | None = max(between, default=low)
        gaps = [
            (end - start, (start + end) / 2)
            for start, end in ((low, first), (last, high))
            if start is not None and end is not None
        ]
        width, middle = max(gaps, default=(0.0, 0.0))
        return middle if width > gap else None
