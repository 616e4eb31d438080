"""What every shock has: a size that can be scaled, a label, and what it makes of a scenario."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NoReturn, Self

import numpy as np
from pydantic import BeforeValidator, Field

from simcc.errors import Problem, ScenarioError, SimulationError
from simcc.model import Scenario
from simcc.model.base import Duration, Many, Name, Part, plain
from simcc.model.messages import printable, shown, suggestion
from simcc.periods import in_words

Percent = Annotated[float, Field(strict=True, ge=-100, le=1e6), BeforeValidator(plain)]
Change = Annotated[float, Field(strict=True, ge=-99, le=1e6), BeforeValidator(plain)]
PartOf100 = Annotated[float, Field(strict=True, ge=0, le=100), BeforeValidator(plain)]
Window = tuple[float, float]
MOST_NAMED = 3  # in a label


class Shock(Part):
    """Base of all shocks: frozen, checked, and with one number that says how large it is.

    Parameters
    ----------
    name : str, optional
        What it is called in tables; by default what it does, in a few words.
    """

    kind: Any
    name: Name | None = None

    unit: ClassVar[str] = "%"
    """Unit of :attr:`size`."""
    largest: ClassVar[float] = math.inf
    """Size beyond which there is nothing left to break."""
    units: ClassVar[dict[str, str]] = {"percent": "%", "duration": "seconds"}

    @property
    def size(self) -> float:
        """How large it is; a shock of size 0 changes nothing."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The name, or what it does in a few words."""
        return self.name or printable(self._words(), 190)

    def scaled(self, factor: float) -> Self:
        """Return the same shock, so many times as large.

        Parameters
        ----------
        factor : float
            Negative ones turn it round, where that means something.

        Raises
        ------
        ScenarioError
            If a shock cannot be of that size.
        SimulationError
            If the factor is not a finite number.
        """
        is_number = isinstance(factor, int | float | np.number) and not isinstance(factor, bool)
        if not is_number or not math.isfinite(factor):
            raise SimulationError(f"factor is {shown(factor)}; it must be a finite number")
        return self._of_size(float(factor))

    def apply(self, scenario: Scenario) -> Scenario:
        """Return a scenario with the shock in it; the one given is not changed.

        Parameters
        ----------
        scenario : Scenario

        Raises
        ------
        ScenarioError
            If the shock does not fit the scenario; the message names the shock, its field or the
            part of the scenario, and why.
        """
        if not isinstance(scenario, Scenario):
            raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
        with inside(f'shock "{self.label}"', ", "):
            self._check(scenario)
            return scenario if self.size == 0 else self._applied(scenario)

    def _words(self) -> str:
        raise NotImplementedError

    def _of_size(self, factor: float) -> Self:
        raise NotImplementedError

    def _check(self, scenario: Scenario) -> None:
        """Raise ScenarioError unless the shock names what the scenario has."""

    def _applied(self, scenario: Scenario) -> Scenario:
        raise NotImplementedError


class ByPercent(Shock):
    """A shock whose size is its ``percent``."""

    if TYPE_CHECKING:
        percent: float

    @property
    def size(self) -> float:
        """The percent."""
        return self.percent

    def _of_size(self, factor: float) -> Self:
        return self.replace(percent=self.percent * factor)


class Timed(Shock):
    """A shock that may last for a part of the horizon only.

    Parameters
    ----------
    start : duration, default 0
        From the start of the simulation.
    duration : duration, optional
        How long it lasts; left out, to the end.
    """

    start: Duration = 0.0
    duration: Duration | None = None

    @property
    def always(self) -> bool:
        """Whether it lasts for the whole horizon and beyond."""
        return self.start == 0 and self.duration is None

    @property
    def window(self) -> Window:
        """From when until when it lasts, in seconds from the start."""
        end = math.inf if self.duration is None else self.start + self.duration
        return self.start, end

    def _check(self, scenario: Scenario) -> None:
        starts_in_the_horizon(self.start, scenario)

    @property
    def _when(self) -> str:
        if self.always:
            return ""
        lasting = "" if self.duration is None else f" for {in_words(self.duration)}"
        return f" at {in_words(self.start)}{lasting}"


class During(Shock):
    """A shock that begins and ends.

    Parameters
    ----------
    start, duration : duration
        From the start of the simulation, and how long.
    """

    start: Duration
    duration: Duration

    @property
    def window(self) -> Window:
        """From when until when it lasts, in seconds from the start."""
        return self.start, self.start + self.duration

    def _check(self, scenario: Scenario) -> None:
        starts_in_the_horizon(self.start, scenario)

    @property
    def _when(self) -> str:
        return f" at {in_words(self.start)} for {in_words(self.duration)}"


class Outage(During):
    """A shock whose size is how long it lasts."""

    unit: ClassVar[str] = "min"

    @property
    def size(self) -> float:
        """How long it lasts, in minutes."""
        return self.duration / 60

    def _of_size(self, factor: float) -> Self:
        return self.replace(duration=self.duration * factor)


@contextmanager
def inside(place: str, then: str = ".") -> Iterator[None]:
    """Put a place before those of the problems that are raised."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(
            Problem(f"{place}{then}{p.place}" if p.place else place, p.message)
            for p in error.problems
        ) from None


def refuse(place: str, message: str) -> NoReturn:
    """Raise ScenarioError with one problem."""
    raise ScenarioError([Problem(place, message)])


def starts_in_the_horizon(start: float, scenario: Scenario) -> None:
    """Raise ScenarioError unless an instant is before the end of the horizon."""
    length = scenario.horizon.length
    if start >= length:
        refuse(
            "start",
            f"is {in_words(start)}; must be before the end of the horizon, {in_words(length)} "
            "(unit: seconds)",
        )


def known(field: str, names: Collection[str] | None, all_: Sequence[str]) -> list[str]:
    """Return the names, or all there are; ScenarioError if one is not among them."""
    for i, name in enumerate(names or ()):
        if name not in all_:
            refuse(f"{field}[{i}]", f"is {shown(name)}; there is none, {suggestion(name, all_)}")
    return [name for name in all_ if names is None or name in names]


def some(names: Many[Name] | None) -> str:
    """Return names for a label: empty for all."""
    if names is None:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return " of " + ", ".join(names[:MOST_NAMED]) + more


def signed(percent: float) -> str:
    """Return a change in percent with its sign.

    >>> signed(10.0), signed(-2.5)
    ('+10 %', '-2.5 %')
    """
    return f"{percent:+.4g} %"


Some = Annotated[Many[Name], Field(min_length=1)]
