"""One metric: what it is, and the counters it is a ratio or a mean of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["ratio", "mean", "max", "quantile", "day_share", "day_quantile"]
Scope = Literal["all", "type", "group", "bot"]

ARRIVED = "arrivals in it"
DURING = "what happens in it"
BOTH = "agents in it, arrivals in it"
EACH_DAY = "arrivals of each day"
PERIODS = {
    ARRIVED: "the contacts that arrived in the period, whatever happens to them later",
    DURING: "what happens during the period, whoever it happens to",
    BOTH: "what agents cost during it, and bots and contacts by the contacts that arrived in it",
    EACH_DAY: "every day of every replication counts once, by the contacts that arrived on it",
}

KINDS: dict[Kind, str] = {
    "ratio": "ratio of totals",
    "mean": "mean",
    "max": "mean of the largest",
    "quantile": "quantile",
    "day_share": "share of days",
    "day_quantile": "quantile of days",
}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric: what it is and which counters it is made of.

    Attributes
    ----------
    name, title : str
        The name in tables, and what it means.
    unit : str
    scopes : tuple of str
        Where it applies: "all", "type", "group", "bot".
    kind : str
        How it is estimated, a key of ``KINDS``.
    period : str
        What belongs to a period.
    numerator, denominator : tuple of str
        Counters to add up; a leading "-" subtracts. No denominator: per replication.
    per : float
        The denominator is counted in so many.
    probability : float
        Of a quantile.
    required : float
        Share a target asks for on a day; with kind "day_share".
    only : str
        Name of the type that a target is about; "": all.
    """

    name: str
    title: str
    unit: str
    scopes: tuple[Scope, ...]
    kind: Kind = "ratio"
    period: str = ARRIVED
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    per: float = 1.0
    probability: float = 0.0
    required: float = 0.0
    only: str = ""

    @property
    def formula(self) -> str:
        """The formula in terms of counters.

        >>> from simcc.metrics import catalogue
        >>> next(m for m in catalogue() if m.name == "aht").formula
        '(talk_sum + wrap_sum) / served'
        """
        above, below = _sum(self.numerator), _sum(self.denominator)
        above = f"{self.per:g} * {above}" if self.per != 1 else above
        both = f"{above} / {below}" if below else above.removeprefix("(").removesuffix(")")
        if self.kind == "quantile":
            waits = "answered_at - offered_at"
            if self.numerator == ("served", "abandoned"):
                waits = "(answered_at, or left_at) - offered_at"
            return f"{self.probability:g} quantile of {waits}"
        if self.kind == "day_quantile":
            return f"{self.probability:g} quantile of {both}"
        if self.kind == "day_share":
            return f"share of days with {both} >= {self.required:g}"
        return both


def counts(unit: str, scopes: tuple[Scope, ...], *rows: tuple[str, str]) -> Iterator[Metric]:
    """Yield metrics that are the means of counters of their own names, given name and title."""
    for name, title in rows:
        yield Metric(
            name=name, title=title, unit=unit, scopes=scopes, kind="mean", numerator=(name,)
        )


def _sum(names: Sequence[str]) -> str:
    text = " + ".join(names).replace("+ -", "- ")
    return f"({text})" if len(names) > 1 else text
