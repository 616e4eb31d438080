"""Several shocks at once, lists of shocks, and files of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError

from simcc.errors import Problem, ScenarioError, SimulationError
from simcc.model import Scenario
from simcc.model.base import BY_KIND, Many, Part, plain, tag
from simcc.model.files.reading import LARGEST_TOML, Unreadable, parse_toml, read_text
from simcc.model.messages import printable, problems_of, shown
from simcc.shocks.base import Shock
from simcc.shocks.customers import HandleTimeDrift, Impatience
from simcc.shocks.outages import BotOutage, ContainmentDrop, SkillOutage
from simcc.shocks.staffing import Absence, GroupOutage
from simcc.shocks.volume import ForecastError, ViralSpike, VolumeShock

LONGEST_LABEL = 200


class Together(Shock):
    """Several shocks at once, whose sizes move together.

    Parameters
    ----------
    shocks : sequence of shocks
        Applied one after the other, in this order.
    factor : float, default 1
        How many times as large each is: the size.
    name : str, optional

    Examples
    --------
    >>> bad = Together(shocks=[VolumeShock(percent=10), Absence(percent=5)])
    >>> bad.label, bad.scaled(2).label
    ('volume +10 % and absence 5 %', 'volume +20 % and absence 10 %')
    """

    kind: Literal["together"] = "together"
    shocks: Annotated[Many[AnyShock], Field(min_length=1)]
    factor: Annotated[float, Field(strict=True, ge=-1e6, le=1e6), BeforeValidator(plain)] = 1.0

    unit: ClassVar[str] = "times"

    @property
    def size(self) -> float:
        """The factor."""
        return self.factor

    @property
    def parts(self) -> list[Shock]:
        """The shocks, as large as they are here."""
        if self.factor == 1:
            return list(self.shocks)
        return [one.scaled(self.factor) for one in self.shocks]

    def _words(self) -> str:
        return " and ".join(one.label for one in self.parts)

    def _of_size(self, factor: float) -> Self:
        found = self.replace(factor=self.factor * factor)
        found.parts  # noqa: B018 - each must allow its size
        return found

    def _applied(self, scenario: Scenario) -> Scenario:
        for one in self.parts:
            scenario = one.apply(scenario)
        return scenario


AnyShock = Annotated[
    Annotated[VolumeShock, tag("volume")]
    | Annotated[ViralSpike, tag("spike")]
    | Annotated[ForecastError, tag("forecast")]
    | Annotated[HandleTimeDrift, tag("handle_time")]
    | Annotated[Impatience, tag("impatience")]
    | Annotated[Absence, tag("absence")]
    | Annotated[GroupOutage, tag("group_outage")]
    | Annotated[SkillOutage, tag("skill_outage")]
    | Annotated[BotOutage, tag("bot_outage")]
    | Annotated[ContainmentDrop, tag("containment")]
    | Annotated[Together, tag("together")],
    BY_KIND,
]
Together.model_rebuild()


class _Shocks(Part):
    """What a file of shocks holds."""

    shocks: Annotated[Many[AnyShock], Field(min_length=1)]


def load_shocks(path: str | os.PathLike[str]) -> list[Shock]:
    """Read shocks from a TOML file: data only, nothing in it is executed.

    Each ``[[shocks]]`` has its ``kind`` ("volume", "spike", "forecast", "handle_time",
    "impatience", "absence", "group_outage", "skill_outage", "bot_outage", "containment",
    "together") and the fields of its class.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of shocks

    Raises
    ------
    ScenarioError
        With every problem of the file.
    """
    source = Path(os.fsdecode(path))
    try:
        data = parse_toml(read_text(source, LARGEST_TOML))
        return list(_Shocks.model_validate(data).shocks)
    except Unreadable as error:
        problems = [Problem(error.place, printable(error.message, None))]
    except ValidationError as error:
        problems = list(problems_of(error, _Shocks, data))
    except ScenarioError as error:
        problems = list(error.problems)
    raise ScenarioError(problems, printable(str(source), None))


def by_label(shocks: Any) -> dict[str, Shock]:
    """Return shocks by their labels, or by the names that a mapping gives them.

    Raises
    ------
    SimulationError
        If they are not shocks, or two have the same label.
    """
    if isinstance(shocks, Mapping):
        pairs = list(shocks.items())
    elif isinstance(shocks, Sequence) and not isinstance(shocks, str):
        pairs = [(getattr(one, "label", ""), one) for one in shocks]
    else:
        raise SimulationError(f"shocks is {shown(shocks)}; it must be a list of shocks")
    if not pairs:
        raise SimulationError("shocks is empty; there must be at least one")
    found: dict[str, Shock] = {}
    for i, (label, one) in enumerate(pairs):
        if not isinstance(one, Shock):
            raise SimulationError(f"shocks[{i}] is {shown(one)}; it must be a shock")
        if not isinstance(label, str) or not 0 < len(label) <= LONGEST_LABEL:
            what = f"must be text of 1 to {LONGEST_LABEL} characters"
            raise SimulationError(f"shocks: the name {shown(label)} {what}")
        if label in found:
            raise SimulationError(f'shocks: two are called "{label}"; give them names')
        found[label] = one
    return found
