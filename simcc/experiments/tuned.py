"""What tuning found: the values, what they are worth on fresh customers, and what was tried."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simcc.estimation import from_influence, student_quantile
from simcc.experiments.comparison import Comparison
from simcc.experiments.measured import Measured
from simcc.experiments.objective import Bound, Figure, words
from simcc.experiments.parameters import Parameter, Values
from simcc.experiments.search import Candidate, standard_error
from simcc.model import Scenario
from simcc.result import Result
from simcc.result.text import Cells, aligned, as_html, between, figure
from simcc.result.text import words as unit_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Row(NamedTuple):
    """One figure of the choice."""

    figure: str
    estimate: float
    low: float
    high: float
    std_error: float
    unit: str


class Tuning:
    """What :func:`simcc.tune` found.

    Attributes
    ----------
    best : dict
        The values chosen.
    scenario : Scenario
        Of these values.
    results : dict
        Results on fresh seeds: "tuned", and "start" if there is one.
    feasible : bool
        Whether the fresh estimates keep all constraints.
    seed, budget : int
    replications : int
        That the search has taken.
    parameters : dict
    """

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        candidates: list[Candidate],
        best: Candidate,
        results: Mapping[str, Result],
        objective: Figure,
        bounds: list[tuple[Bound, Figure]],
        sign: float,
        *,
        seed: int,
        budget: int,
    ) -> None:
        self.parameters = dict(parameters)
        self.best: Values = best.values
        self.scenario: Scenario = best.scenario
        self.results = dict(results)
        self.seed, self.budget = seed, budget
        self.replications = sum(one.replications for one in candidates)
        self._candidates, self._chosen = candidates, best
        self._objective, self._bounds, self._sign = objective, bounds, sign
        self.feasible = all(
            bound.sign * (one.of(self.results["tuned"]).theta - bound.value) >= 0
            for bound, one in bounds
        )

    @cached_property
    def comparison(self) -> Comparison | None:
        """The choice against the start, in every metric, on fresh seeds; None without a start."""
        if "start" not in self.results:
            return None
        return Comparison(self.results, baseline="start")

    def summary(self) -> pd.DataFrame:
        """Return what the choice is worth, each figure with its 95 % interval.

        Returns
        -------
        pandas.DataFrame
            ``figure``, ``estimate``, ``low``, ``high``, ``std_error``, ``unit``. The figures are
            the objective of the choice and of the start on fresh seeds; the ``gain`` of the choice
            over the start, paired by replication, positive if the choice is better; the estimate
            that the search had; its ``optimism``, by how much that is better than the fresh one
            (negative: worse); and every constraint on fresh seeds.
        """
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(Row._fields))

    def trials(self) -> pd.DataFrame:
        """Return every candidate in the order of trial.

        Returns
        -------
        pandas.DataFrame
            A column for each parameter; ``stage``, the last one it was in; ``replications``;
            ``objective`` and ``std_error`` from these; ``feasible``, whether the estimates keep all
            constraints; an estimate for each constraint; ``chosen``.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                **one.values,
                "stage": one.stage,
                "replications": one.replications,
                "objective": one.objective.theta,
                "std_error": standard_error(one.objective),
                "feasible": self.keeps_bounds(one),
                **{
                    words(bound): found.theta
                    for (bound, _), found in zip(self._bounds, one.bounds, strict=True)
                },
                "chosen": one is self._chosen,
            }
            for one in self._candidates
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the candidates in the order of trial, the best so far, and the fresh estimate.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            By default the current one.

        Returns
        -------
        matplotlib Axes
        """
        from simcc.experiments.tuned_plot import draw_trials

        return draw_trials(self, ax)

    def plot_parameters(self, *names: str, ax: Axes | None = None) -> Axes:
        """Draw the objective over one parameter, or as colors over two.

        Parameters
        ----------
        *names : str
            One or two parameters; by default the first, or first two.
        ax : matplotlib Axes, optional
            By default the current one.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SimulationError
            If there are no such parameters.
        """
        from simcc.experiments.tuned_plot import draw_parameters

        return draw_parameters(self, names or tuple(self.parameters)[:2], ax)

    def keeps_bounds(self, one: Candidate) -> bool:
        """Whether the estimates of a candidate keep all constraints."""
        return all(
            bound.sign * (found.theta - bound.value) >= 0
            for (bound, _), found in zip(self._bounds, one.bounds, strict=True)
        )

    @property
    def candidates(self) -> list[Candidate]:
        """Everything that was tried, in order."""
        return self._candidates

    @property
    def objective(self) -> Figure:
        """What was tuned for."""
        return self._objective

    @property
    def goal(self) -> str:
        """Whether the objective should be large ("max") or small ("min")."""
        return "max" if self._sign > 0 else "min"

    @cached_property
    def _rows(self) -> list[Row]:
        fresh = {name: self._objective.of(one) for name, one in self.results.items()}
        tuned, found, sign = fresh["tuned"], self._chosen.objective, self._sign
        rows = [_row("objective, fresh", tuned)]
        if "start" in fresh:
            start = fresh["start"]
            gain = Measured(
                tuned.unit,
                sign * (tuned.theta - start.theta),
                sign * (tuned.influence - start.influence),
            )
            rows += [_row("start, fresh", start), _row("gain", gain)]
        rows += [_row("objective, search", found), _apart("optimism", found, tuned, sign)]
        for bound, one in self._bounds:
            rows.append(_row(f"{words(bound)}, fresh", one.of(self.results["tuned"])))
        return rows

    def __repr__(self) -> str:
        return (
            f"<Tuning of {self._objective.name} ({self.goal}): {len(self._candidates)} candidates, "
            f"{self.replications} replications, seed {self.seed}>"
        )

    def __str__(self) -> str:
        return "\n\n".join([repr(self)[1:-1], *map(aligned, self._shown), *self._warnings])

    def _repr_html_(self) -> str:
        text = [f"<p>{html.escape(one)}</p>" for one in (repr(self)[1:-1], *self._warnings)]
        more = "<p>Everything: <code>.trials()</code>, <code>.comparison</code></p>"
        return text[0] + "".join(map(as_html, self._shown)) + "".join(text[1:]) + more

    @property
    def _shown(self) -> list[list[Cells]]:
        values: list[Cells] = [
            ("parameter", "value"),
            *((name, _value(x)) for name, x in self.best.items()),
        ]
        head: Cells = ("figure", "estimate", "95 % interval", "unit")
        rows = [
            (
                row.figure, figure(row.estimate, row.unit), between(row.low, row.high, row.unit),
                unit_words(row.unit),
            )
            for row in self._rows
        ]  # fmt: skip
        return [values, [head, *rows]]

    @property
    def _warnings(self) -> list[str]:
        if self.feasible:
            return []
        return ["On fresh seeds the choice misses a constraint: ask for a little more than needed."]


def _row(name: str, found: Measured) -> Row:
    one = from_influence(np.asarray(found.theta), found.influence)
    return Row(
        name, float(one.estimate), float(one.low), float(one.high), float(one.std_error), found.unit
    )


def _apart(name: str, one: Measured, other: Measured, sign: float) -> Row:
    """The difference of two independent estimates, by Welch's interval."""
    errors = np.array([standard_error(one), standard_error(other)]) ** 2
    error = math.sqrt(errors.sum())
    degrees = np.array([len(one.influence), len(other.influence)]) - 1
    half = 0.0
    if error > 0:
        half = student_quantile(0.95, float(errors.sum() ** 2 / (errors**2 / degrees).sum()))
    found = sign * (one.theta - other.theta) + 0.0  # no -0
    return Row(name, found, found - half * error, found + half * error, error, one.unit)


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
