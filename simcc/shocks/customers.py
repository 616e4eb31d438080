"""Customers are different: they take longer, or wait less."""

from __future__ import annotations

from typing import Any, Literal

from simcc.model import (
    Constant,
    ContactType,
    Hyperexponential,
    Law,
    Sample,
    Scenario,
    ScipyLaw,
    SurvivalCurve,
    Uniform,
    Weibull,
)
from simcc.shocks.base import ByPercent, Change, Some, inside, known, refuse, signed, some

LAWS = ("talk_time", "talk_time_by_group", "talk_time_by_interval", "after_call_work")
FIELDS: dict[type[Law], tuple[str, ...]] = {
    Constant: ("value",),
    Weibull: ("scale",),
    Hyperexponential: ("means",),
    Uniform: ("low", "high"),
    Sample: ("values",),
    SurvivalCurve: ("times",),
    ScipyLaw: ("loc", "scale"),
}


class HandleTimeDrift(ByPercent):
    """Contacts take longer, or less long: talk time and after-call work, whoever serves.

    Parameters
    ----------
    percent : float
        By how much the times of every contact rise, at least -99.
    types : sequence of str, optional
        Contact types; left out, all.
    name : str, optional

    Examples
    --------
    >>> HandleTimeDrift(percent=8).label
    'handle time +8 %'
    """

    kind: Literal["handle_time"] = "handle_time"
    percent: Change
    types: Some | None = None

    def _words(self) -> str:
        return f"handle time{some(self.types)} {signed(self.percent)}"

    def _check(self, scenario: Scenario) -> None:
        known("types", self.types, [kind.name for kind in scenario.contact_types])

    def _applied(self, scenario: Scenario) -> Scenario:
        return with_work(scenario, self.types, 1 + self.percent / 100)


class Impatience(ByPercent):
    """Customers wait less long, or longer: in the queue, and for answers in a chat.

    Parameters
    ----------
    percent : float
        Every customer's patience is divided by ``1 + percent / 100``, so that the hazard of giving
        up at comparable points rises by that much; at least -99.
    types : sequence of str, optional
        Contact types; left out, all whose customers give up.
    name : str, optional

    Examples
    --------
    >>> Impatience(percent=50, types=["sales"]).label
    'impatience of sales +50 %'
    """

    kind: Literal["impatience"] = "impatience"
    percent: Change
    types: Some | None = None

    def _words(self) -> str:
        return f"impatience{some(self.types)} {signed(self.percent)}"

    def _check(self, scenario: Scenario) -> None:
        kinds = {kind.name: kind for kind in scenario.contact_types}
        names = known("types", self.types, list(kinds))
        for name in self.types or ():
            if not _gives_up(kinds[name]):
                refuse(f'contact_types["{name}"].patience', "is missing; its customers never leave")
        if not any(_gives_up(kinds[name]) for name in names):
            refuse("types", "are none; no customer of the scenario gives up waiting")

    def _applied(self, scenario: Scenario) -> Scenario:
        return with_patience(scenario, self.types, 1 / (1 + self.percent / 100))


def _gives_up(kind: ContactType) -> bool:
    in_chat = kind.turns is not None and kind.turns.patience is not None
    return kind.patience is not None or in_chat


def with_work(scenario: Scenario, types: Some | None, factor: float) -> Scenario:
    """Return the scenario with talk times and after-call work of some types so many times as long.

    Of chats in turns also the work of each turn.
    """

    def change(kind: ContactType) -> ContactType:
        fields = {name: longer(getattr(kind, name), factor) for name in LAWS}
        return kind.replace(**fields, turns=_with_turns(kind, "work", factor))

    return _changed(scenario, types, change)


def with_patience(scenario: Scenario, types: Some | None, factor: float) -> Scenario:
    """Return the scenario with the patience of some types so many times as long.

    Of chats in turns also the patience with the answers.
    """

    def change(kind: ContactType) -> ContactType:
        patience = longer(kind.patience, factor)
        return kind.replace(patience=patience, turns=_with_turns(kind, "patience", factor))

    return _changed(scenario, types, change)


def _with_turns(kind: ContactType, name: str, factor: float) -> Any:
    if kind.turns is None:
        return None
    return kind.turns.replace(**{name: longer(getattr(kind.turns, name), factor)})


def _changed(scenario: Scenario, types: Some | None, change: Any) -> Scenario:
    kinds = []
    for kind in scenario.contact_types:
        if types is None or kind.name in types:
            with inside(f'contact_types["{kind.name}"]'):
                kind = change(kind)
        kinds.append(kind)
    return scenario.replace(contact_types=kinds)


def longer(law: Any, factor: float) -> Any:
    """Return a law, or a table or list of laws, of times so many times as long; None stays.

    >>> from simcc.model import Gamma
    >>> longer(Gamma(mean=100, cv=0.7), 1.5), longer(Uniform(low=0, high=60), 0.5).high
    (Gamma(kind='gamma', mean=150.0, cv=0.7), 30.0)
    """
    if law is None:
        return None
    if isinstance(law, dict):
        return {name: longer(one, factor) for name, one in law.items()}
    if isinstance(law, tuple):
        return tuple(longer(one, factor) for one in law)
    changed = {}
    for name in FIELDS.get(type(law), ("mean",)):
        old = law.mean_time if name == "mean" else getattr(law, name)
        changed[name] = [x * factor for x in old] if isinstance(old, tuple) else old * factor
    return law.replace(**changed)
