"""The whole description of a center and its customers."""

from __future__ import annotations

import hashlib
import html
import json
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationError

from simcc.errors import ScenarioError
from simcc.model.agents import AgentGroup
from simcc.model.base import Many, Part, PositiveCount, PositiveDuration, Rule, Text
from simcc.model.bots import Bot
from simcc.model.checks import RULES
from simcc.model.contacts import ContactType
from simcc.model.horizon import Horizon
from simcc.model.messages import problems_of, suggestion
from simcc.model.outcomes import Satisfaction
from simcc.model.routing import Routing
from simcc.model.targets import Target
from simcc.model.trunks import Trunk
from simcc.periods import in_words


class Scenario(Part):
    """A contact center, its customers and the time that is simulated.

    Frozen and checked: whatever does not fit together is refused here, every problem at once.

    Parameters
    ----------
    name : str, default "scenario"
    horizon : Horizon, optional
    contact_types : sequence of ContactType
    agent_groups : sequence of AgentGroup
    bots : sequence of Bot, optional
    routing : Routing, optional
    targets : sequence of Target, optional
    thresholds : sequence of duration, default [20 s]
        Waits for which service levels are reported.
    lines : int, optional
        Contacts in the system (queue and service, all types) at most; more are blocked.
    trunks : sequence of Trunk, optional
        Lines that some types share.
    satisfaction : Satisfaction, optional
        How satisfied customers are with how their issues went.

    Raises
    ------
    ScenarioError
        With every problem.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     contact_types=[simcc.ContactType(name="voice", talk_time="3min",
    ...                    arrivals=simcc.PoissonArrivals(rate_per_hour=60))],
    ...     agent_groups=[simcc.AgentGroup(name="agents", skills=["voice"],
    ...                   staff=simcc.FixedStaff(agents=5))])
    >>> scenario.type_index("voice"), scenario.horizon.length
    (0, 86400.0)
    """

    name: Text = "scenario"
    horizon: Horizon = Horizon()
    contact_types: Many[ContactType] = Field(min_length=1)
    agent_groups: Many[AgentGroup] = Field(min_length=1)
    bots: Many[Bot] = ()
    routing: Routing = Routing()
    targets: Many[Target] = ()
    thresholds: Many[PositiveDuration] = Field((20.0,), min_length=1)
    lines: PositiveCount | None = None
    trunks: Many[Trunk] = ()
    satisfaction: Satisfaction | None = None
    rules: ClassVar[tuple[Rule, ...]] = RULES

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        lists = ("contact_types", "agent_groups", "bots")
        return {of: {one.name: i for i, one in enumerate(getattr(self, of))} for of in lists}

    def _index(self, of: str, name: str) -> int:
        places = self._places[of]
        if name not in places:
            raise KeyError(f"{name!r} is none of the {of}; {suggestion(str(name), places)}")
        return places[name]

    def type_index(self, name: str) -> int:
        """Place of a contact type in ``contact_types``; KeyError if there is none."""
        return self._index("contact_types", name)

    def group_index(self, name: str) -> int:
        """Place of an agent group in ``agent_groups``; KeyError if there is none."""
        return self._index("agent_groups", name)

    def bot_index(self, name: str) -> int:
        """Place of a bot in ``bots``; KeyError if there is none."""
        return self._index("bots", name)

    def to_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, numbers and text; :meth:`from_dict` reads it back."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Make a scenario from what :meth:`to_dict` gave.

        Raises
        ------
        ScenarioError
            With every problem.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ScenarioError(problems_of(error, cls, data)) from None

    def hash(self) -> str:
        """SHA-256 of the content, the same in every process and on every machine."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def __repr__(self) -> str:
        return (
            f"<Scenario {self.name!r}: {len(self.contact_types)} contact types, "
            f"{len(self.agent_groups)} agent groups, {len(self.bots)} bots, "
            f"{in_words(self.horizon.length)}>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = {
            "contact types": [one.name for one in self.contact_types],
            "agent groups": [one.name for one in self.agent_groups],
            "bots": [one.name for one in self.bots],
        }
        lines = "".join(
            f"<tr><th>{title}</th><td>{html.escape(_listed(names))}</td></tr>"
            for title, names in rows.items()
            if names
        )
        return f"<p>{html.escape(repr(self)[1:-1])}</p><table>{lines}</table>"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(names[:20]) + more
