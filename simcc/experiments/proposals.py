"""Which values to try next: all of them if they are few, else what a sampler of Optuna proposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from simcc.errors import SimulationError
from simcc.experiments.parameters import (
    Choice,
    Continuous,
    Parameter,
    Values,
    every_one,
    how_many,
)

MOST_REPEATS = 200  # proposals in a row that have been tried: there is nothing new to be had


class Proposals(Protocol):
    """A source of values to try."""

    def next(self) -> Values | None:
        """Values to try; None if there are no more."""

    def tell(self, values: Values, loss: float, violation: float) -> None:
        """Learn what became of the last ones."""


def proposals(
    parameters: Mapping[str, Parameter], n: int, seed: int, start: Values | None
) -> Proposals:
    """Return a source of at most n different values, ``start`` first.

    Raises
    ------
    SimulationError
        If Optuna is needed and not installed.
    """
    if how_many(parameters) <= n:
        return Everything(parameters, start)
    return Sampled(parameters, seed, start)


class Everything:
    """All values that there are, in order."""

    def __init__(self, parameters: Mapping[str, Parameter], start: Values | None) -> None:
        found = every_one(parameters)
        if start is not None:
            found = [start, *(one for one in found if one != start)]
        self._left = iter(found)

    def next(self) -> Values | None:
        """The next in order."""
        return next(self._left, None)

    def tell(self, values: Values, loss: float, violation: float) -> None:
        """Nothing is to be learnt."""


class Sampled:
    """What Optuna's tree-structured Parzen estimator proposes; what has been tried, not again.

    Bergstra, J. S., Bardenet, R., Bengio, Y. and Kegl, B. (2011), Algorithms for hyper-parameter
    optimization, NIPS 24.

    Parameters
    ----------
    parameters : mapping
    seed : int
    start : dict, optional
        To begin with.
    """

    def __init__(
        self, parameters: Mapping[str, Parameter], seed: int, start: Values | None
    ) -> None:
        self._optuna = _optuna()
        self._parameters = parameters
        self._told: list[tuple[Values, float, float]] = []
        sampler = self._optuna.samplers.TPESampler(
            seed=seed % 2**32,
            multivariate=True,
        )
        with self._quiet():
            self._study = self._optuna.create_study(sampler=sampler)
            if start is not None:
                self._study.enqueue_trial(self._coded(start))
        self._ranges = {name: self._range(one) for name, one in parameters.items()}

    def next(self) -> Values | None:
        """A proposal that is new; the sampler learns of those that are not, too."""
        for _ in range(MOST_REPEATS):
            with self._quiet():
                self._trial = self._study.ask(self._ranges)
            values = self._decoded(self._trial.params)
            known = [told for told in self._told if told[0] == values]
            if not known:
                return values
            self._learn(*known[0][1:])
        return None

    def tell(self, values: Values, loss: float, violation: float) -> None:
        """Learn what became of the last proposal."""
        self._told.append((values, loss, violation))
        self._learn(loss, violation)

    def _learn(self, loss: float, violation: float) -> None:
        with self._quiet():
            self._trial.set_constraint("violation", violation)
            self._study.tell(self._trial, loss)

    def _range(self, one: Parameter) -> Any:
        of = self._optuna.distributions
        if isinstance(one, Choice):
            return of.CategoricalDistribution(range(len(one.values)))
        if isinstance(one, Continuous):
            return of.FloatDistribution(float(one.low), float(one.high), log=one.log)
        return of.IntDistribution(one.low, one.high)

    def _coded(self, values: Values) -> Values:
        """Choices as their places, since Optuna takes few kinds of values."""
        return {
            name: one.values.index(values[name]) if isinstance(one, Choice) else values[name]
            for name, one in self._parameters.items()
        }

    def _decoded(self, values: Values) -> Values:
        return {
            name: one.values[values[name]] if isinstance(one, Choice) else values[name]
            for name, one in self._parameters.items()
        }

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Without Optuna's messages."""
        import warnings

        logging = self._optuna.logging
        before = logging.get_verbosity()
        logging.set_verbosity(logging.ERROR)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", self._optuna.exceptions.ExperimentalWarning)
                yield
        finally:
            logging.set_verbosity(before)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SimulationError(
            "to tune parameters with so many values takes Optuna, which is not installed: "
            'pip install "simcc[tune]"'
        ) from None
    return optuna
