"""Which of several scenarios is best in one metric, with as few replications as that takes."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simcc.engine.arguments import number, whole
from simcc.errors import SimulationError
from simcc.experiments.checks import one_of, probability
from simcc.experiments.daily import DailySource, daily_metric
from simcc.experiments.directions import better
from simcc.experiments.fit import check_comparable, check_scenarios
from simcc.experiments.hands import prepare
from simcc.experiments.selection import MOST_ALIKE, Counts, Selection, kim_nelson, ocba
from simcc.model import Scenario
from simcc.result.text import Cells, aligned, as_html, figure, words

if TYPE_CHECKING:
    import pandas as pd

Goal = Literal["max", "min"]
Procedure = Literal["KN", "ocba"]


def rank(
    scenarios: Mapping[str, Scenario],
    metric: str,
    *,
    scope: str = "all",
    goal: Goal | None = None,
    delta: float | None = None,
    confidence: float = 0.95,
    procedure: Procedure = "KN",
    budget: int | None = None,
    first_stage: int = 20,
    max_replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
) -> Ranking:
    """Select the scenario that is best in one metric, on the same customers.

    What is compared is the mean over replications of the metric *of a replication*: a ratio is
    taken of each and averaged, which is not quite the ratio of totals of ``result.summary()``.

    Parameters
    ----------
    scenarios : mapping
        From names to at least two scenarios, as for :func:`simcc.compare`.
    metric : str
        Of the catalogue; not a quantile.
    scope : str
        "all", "type:NAME", "group:NAME" or "bot:NAME".
    goal : {"max", "min"}, optional
        Whether the largest or the smallest mean is best; by default what is better of the metric,
        if anything is in itself.
    delta : float
        For "KN": the smallest difference worth detecting, in the unit of the metric (a share is
        between 0 and 1).
    confidence : float
        For "KN": probability of a correct selection if the best is at least ``delta`` better than
        all others; more than 1 over the number of scenarios.
    procedure : {"KN", "ocba"}
        "KN" (Kim and Nelson 2001) eliminates scenarios one by one until one is left, with that
        guarantee; "ocba" (Chen et al. 2000) spends a fixed ``budget`` where it tells most, without
        one.
    budget : int
        For "ocba": replications of all scenarios together.
    first_stage : int
        Replications of each to begin with, at least 2; for "KN", those that variances are estimated
        from.
    max_replications : int, optional
        For "KN": of each scenario at most; if it is reached, the best mean is selected and
        ``ranking.guaranteed`` is False.
    seed, workers, executor
        As for :func:`simcc.simulate`; the selection does not depend on who simulates.
    store : path, optional
        As for :func:`simcc.compare`: a ranking that was killed goes on.

    Returns
    -------
    Ranking

    Raises
    ------
    ScenarioError
        With everything that makes the scenarios incomparable.
    SimulationError
        If an argument is not allowed, or a replication has no value of the metric.
    StoreError
        If a store is of another run, damaged, or cannot be written.

    Notes
    -----
    The guarantee of "KN" is proved for normal observations of any variances and any dependence
    between scenarios; the mean of a day is nearly normal. See
    :func:`simcc.experiments.selection.kim_nelson`.

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
    >>> simcc.rank({"today": today, "plan": plan}, "asa", delta=10, seed=1).selected
    'plan'
    """
    scenarios = check_scenarios(scenarios)
    check_comparable(scenarios)
    for name, one in scenarios.items():
        daily_metric(one, metric, scope, f'"{name}"')
    one_of(procedure, "procedure", ("KN", "ocba"))
    goal = goal_of(goal, metric)
    k = len(scenarios)
    whole(first_stage, "first_stage", least=2)
    _check_options(procedure, k, delta, confidence, budget, first_stage, max_replications)
    sign = 1.0 if goal == "max" else -1.0
    ready = prepare(scenarios, seed, workers=workers, executor=executor, store=store)
    source = DailySource(ready, metric, scope, sign)
    if delta is not None:
        found = kim_nelson(
            source, k, delta=delta, confidence=confidence, first_stage=first_stage,
            most=max_replications,
        )  # fmt: skip
    else:
        found = ocba(source, k, budget=budget or 0, first_stage=first_stage)
    return Ranking(
        scenarios, metric, scope, goal, procedure, found, source.simulated,
        delta=delta, confidence=confidence if delta is not None else None,
        seed=next(iter(ready.values())).seed,
    )  # fmt: skip


def goal_of(goal: Goal | None, metric: str) -> Goal:
    """Return which way of a metric is wanted; SimulationError if nothing says so."""
    if goal is not None:
        one_of(goal, "goal", ("max", "min"))
        return goal
    way = better(metric)
    if not way:
        raise SimulationError(
            f'goal: no way of "{metric}" is better in itself; give goal="max" or goal="min"'
        )
    return "max" if way == "more" else "min"


def _check_options(
    procedure: Procedure,
    k: int,
    delta: float | None,
    confidence: float,
    budget: int | None,
    first_stage: int,
    most: int | None,
) -> None:
    """Raise SimulationError unless a procedure has what it needs and nothing else."""
    needs, other = ("delta", "budget") if procedure == "KN" else ("budget", "delta")
    given = {"delta": delta, "budget": budget}
    if given[needs] is None:
        raise SimulationError(f'{needs} is missing; the procedure "{procedure}" needs it')
    if given[other] is not None:
        raise SimulationError(f'{other} is given; the procedure "{procedure}" does not use it')
    if procedure == "ocba":
        whole(budget or 0, "budget", least=k * first_stage)
        if most is not None:
            raise SimulationError('max_replications is given; "ocba" has a budget instead')
        return
    number(delta or 0, "delta", above=0.0)
    if probability(confidence, "confidence") <= 1 / k:
        raise SimulationError(
            f"confidence is {confidence:g}; of {k} scenarios it must be more than {1 / k:.3g}, "
            "which guessing gives"
        )
    if most is not None:
        whole(most, "max_replications", least=first_stage)


class Ranking:
    """What :func:`rank` selected, and what that took.

    Attributes
    ----------
    selected : str
        Name of the scenario.
    guaranteed : bool
        Whether the guarantee of the procedure holds; never for "ocba", nor if ``max_replications``
        ended it, nor if two scenarios do not differ at all in most of the first replications, since
        then their differences are far from normal.
    scenarios : dict
    metric, scope, goal, procedure : str
    delta, confidence : float or None
    seed : int
    simulated : dict
        Replications simulated of each scenario: batches are whole, so somewhat more than used.
    """

    def __init__(
        self,
        scenarios: dict[str, Scenario],
        metric: str,
        scope: str,
        goal: Goal,
        procedure: Procedure,
        found: Selection,
        simulated: Counts,
        *,
        delta: float | None,
        confidence: float | None,
        seed: int,
    ) -> None:
        names = list(scenarios)
        self.selected = names[found.best]
        self.guaranteed = found.guaranteed
        self.scenarios = scenarios
        self.metric, self.scope, self.goal, self.procedure = metric, scope, goal, procedure
        self.delta, self.confidence, self.seed = delta, confidence, seed
        self.simulated = dict(zip(names, map(int, simulated), strict=True))
        self._found = found

    def table(self) -> pd.DataFrame:
        """Return the scenarios, the best first.

        Returns
        -------
        pandas.DataFrame
            ``scenario``, ``selected``, ``replications`` used, ``eliminated_at`` (after how many;
            missing if never), ``mean`` over replications of the metric of each, its ``std_error``,
            and ``unit``. Sorted by replications, then by mean: eliminated last, first.
        """
        import pandas as pd

        found, sign = self._found, 1.0 if self.goal == "max" else -1.0
        table = pd.DataFrame(
            {
                "scenario": list(self.scenarios),
                "selected": np.arange(len(self.scenarios)) == found.best,
                "replications": found.replications,
                "eliminated_at": pd.array(found.eliminated_at, dtype="Int64"),
                "mean": sign * found.mean,
                "std_error": found.std_error,
                "unit": self._unit,
            }
        )
        table["eliminated_at"] = table["eliminated_at"].mask(found.eliminated_at == 0)
        lasted = np.where(found.eliminated_at > 0, found.eliminated_at, np.inf)
        keys = (-found.mean, -lasted, ~table["selected"])
        return table.iloc[np.lexsort(keys)].reset_index(drop=True)

    @property
    def _unit(self) -> str:
        name, one = next(iter(self.scenarios.items()))
        return daily_metric(one, self.metric, self.scope, name).unit

    def __repr__(self) -> str:
        goal = "largest" if self.goal == "max" else "smallest"
        n = int(self._found.replications.sum())
        return (
            f"<Ranking by the {goal} {self.metric}: {self.selected!r} of {len(self.scenarios)} "
            f"scenarios, {n} replications, seed {self.seed}>"
        )

    def __str__(self) -> str:
        return "\n\n".join([repr(self)[1:-1], aligned(self._shown), self._promise])

    def _repr_html_(self) -> str:
        title, promise = (html.escape(text) for text in (repr(self)[1:-1], self._promise))
        return f"<p>{title}</p>{as_html(self._shown)}<p>{promise}</p>"

    @cached_property
    def _shown(self) -> list[Cells]:
        head = ("scenario", self.metric, "std. error", "unit", "replications", "eliminated")
        rows = self.table().to_dict("records")
        return [head, *map(_cells, rows)]

    @property
    def _promise(self) -> str:
        if self.procedure == "ocba":
            return "No guarantee: the budget was spent where it told most."
        if self._found.alike > MOST_ALIKE:
            share = f"{100 * self._found.alike:.0f} %"
            return (
                f"No guarantee: two scenarios do not differ at all in {share} of the first "
                "replications; take longer horizons or a larger first_stage."
            )
        if not self.guaranteed:
            return "No guarantee: max_replications ended the procedure."
        unit = "percentage points" if self._unit == "share" else words(self._unit)
        delta = figure(self.delta or 0.0, self._unit)
        return (
            f"Correct with a probability of at least {100 * (self.confidence or 0):g} %, if the "
            f"best is at least {delta} {unit} better than all others."
        )


def _cells(row: dict[Any, Any]) -> Cells:
    unit, at = row["unit"], row["eliminated_at"]
    eliminated = f"after {at}" if isinstance(at, int) else ""
    return (
        row["scenario"], figure(row["mean"], unit), figure(row["std_error"], unit), words(unit),
        str(row["replications"]), "selected" if row["selected"] else eliminated,
    )  # fmt: skip
