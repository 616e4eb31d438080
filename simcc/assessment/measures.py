"""What is compared, in four parts, and how each figure is estimated from the counters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from simcc.estimation import Floats, linearised
from simcc.metrics import Counters, Metric, service_level_name, service_level_parts
from simcc.metrics.catalogue import LEVELS, catalogue
from simcc.metrics.metric import DURING, Scope
from simcc.metrics.outcome_metrics import (
    COSTS,
    complaints,
    costs,
    issue_counters,
    sales,
    satisfaction,
)
from simcc.metrics.parts import scope_names, totals
from simcc.model import Scenario
from simcc.model.follow_ups import has_follow_ups
from simcc.model.outcomes import has_complaints, has_costs, has_sales

PEOPLE, VALUE, SERVICE, TEAM = (
    "people saved",
    "value",
    "service quality",
    "effect on the team",
)
LOST = ("abandoned", "blocked", "gave_up", "bot_lost")
# An estimate, and the influence of each replication on it.
Estimated = tuple[float, Floats]


@dataclass(frozen=True)
class Measure:
    """One row of an assessment, as one of its scenarios has it.

    Attributes
    ----------
    part, metric, title, scope, unit : str
    estimate : function
        Of the counters: the figure and each replication's influence on it.
    """

    part: str
    metric: str
    title: str
    scope: str
    unit: str
    estimate: Callable[[Counters], Estimated]


def measures(scenario: Scenario, both: Sequence[Scenario]) -> list[Measure]:
    """Return the rows of an assessment for one of two scenarios, in one order for both.

    Costs, sales, complaints and follow-ups have their rows if either scenario has any. Rows by type
    and by group are of the types and groups that both have.
    """
    types = _common(both, "contact_types")
    groups = _common(both, "agent_groups")
    return [
        *_people(scenario, both, types, groups),
        *_value(scenario, both),
        *_service(scenario, both),
        *_team(both, types, groups),
    ]


def _common(both: Sequence[Scenario], field: str) -> list[str]:
    """Names of the parts that both scenarios have; none if it is one only, which is all."""
    names = [[one.name for one in getattr(scenario, field)] for scenario in both]
    shared = [name for name in names[0] if name in names[1]]
    return shared if max(map(len, names)) > 1 else []


def _people(
    scenario: Scenario, both: Sequence[Scenario], types: list[str], groups: list[str]
) -> Iterator[Measure]:
    busy = Metric(
        name="busy_agents", title="mean number of agents who handle any contact", unit="agents",
        scopes=("all", "group"), period=DURING, numerator=("occupied_time",),
        denominator=("time",),
    )  # fmt: skip
    yield from _rows(PEOPLE, busy, ["all", *_scopes("group", groups)])
    for scope in ["all", *_scopes("type", types)]:
        yield Measure(
            PEOPLE, "offered_work", "contacts offered to people, times their handle time",
            scope, "erlangs", partial(_offered_work, scope=scope),
        )  # fmt: skip
    priced = {metric.name: metric for metric in costs(scenario)}
    yield from _rows(PEOPLE, priced["paid_hours"])
    yield from _rows(PEOPLE, _known()["overtime"])
    if any(map(has_costs, both)):
        yield from _rows(PEOPLE, priced["staff_cost"])


def _value(scenario: Scenario, both: Sequence[Scenario]) -> Iterator[Measure]:
    if scenario.satisfaction is not None:
        yield from _rows(VALUE, satisfaction())
    if any(map(has_complaints, both)):
        for metric in complaints(scenario):
            yield from _rows(VALUE, metric)
    if any(map(has_sales, both)):
        yield from _rows(VALUE, next(m for m in sales() if m.name == "revenue"))
    if any(map(has_costs, both)):
        priced = {metric.name: metric for metric in costs(scenario)}
        for name in ("bot_cost", "contact_cost", "total_cost", "cost_per_resolved_issue"):
            yield from _rows(VALUE, priced[name])
    if any(map(has_costs, both)) and any(map(has_sales, both)):
        left = ("revenue", *(f"-{name}" for name in COSTS))
        title = "revenue less total cost"
        metric = Metric(
            name="revenue_less_cost", title=title, unit="money", scopes=("all",), kind="mean",
            numerator=left,
        )  # fmt: skip
        yield from _rows(VALUE, metric)


def _service(scenario: Scenario, both: Sequence[Scenario]) -> Iterator[Measure]:
    levels = [(target.within, target.denominator, target.type) for target in scenario.targets]
    levels = levels or [(x, "offered", None) for x in scenario.thresholds]
    for within, denominator, name in dict.fromkeys(levels):
        above, below = service_level_parts(within, denominator)
        yield from _rows(
            SERVICE,
            _ratio(
                service_level_name(within, denominator),
                f"share {LEVELS[denominator][1].format(within)}", "share", above, below,
            ),
            [f"type:{name}" if name else "all"],
        )  # fmt: skip
    issues, resolved, at_first = issue_counters(scenario)
    title = "share of the arrivals that left the queue or the bot unserved"
    for metric in (
        replace(_known()["asa"], title="mean wait of the served"),
        replace(_known()["abandonment"], title="share of the offered that left unserved"),
        _ratio("lost", title, "share", LOST, ("arrivals",)),
    ):
        yield from _rows(SERVICE, metric)
    if any(map(has_follow_ups, both)):
        for name, title, counted in (
            ("first_contact_resolution", "share of the issues resolved at first", at_first),
            ("resolution", "share of the issues resolved", resolved),
        ):
            yield from _rows(SERVICE, _ratio(name, title, "share", counted, issues))


def _team(both: Sequence[Scenario], types: list[str], groups: list[str]) -> Iterator[Measure]:
    occupancy = replace(_known()["occupancy"], title="handling of the time at work")
    yield from _rows(TEAM, occupancy, ["all", *_scopes("group", groups)])
    aht = replace(_known()["aht"], title="talk and after-call work of the served")
    yield from _rows(TEAM, aht, ["all", *_scopes("type", types)])
    for scope in _scopes("type", types):
        yield Measure(
            TEAM, "share_of_offered", "share of this type in the contacts left to people",
            scope, "share", partial(_share_of_all, scope=scope),
        )  # fmt: skip
    for name, title, counter in (
        ("escalated_share", "share of the contacts left to people that a bot handed over",
         "escalated"),
        ("repeat_share_of_offered", "share of the contacts left to people that came back",
         "offered_repeat"),
    ):  # fmt: skip
        if counter == "escalated" or any(map(has_follow_ups, both)):
            yield from _rows(TEAM, _ratio(name, title, "share", (counter,), ("offered",)))


@cache
def _known() -> dict[str, Metric]:
    """The metrics of the catalogue by name."""
    return {metric.name: metric for metric in catalogue()}


def _ratio(
    name: str, title: str, unit: str, above: tuple[str, ...], below: tuple[str, ...]
) -> Metric:
    every: tuple[Scope, ...] = ("all", "type", "group")
    return Metric(
        name=name, title=title, unit=unit, scopes=every, numerator=above, denominator=below
    )


def _scopes(kind: str, names: Sequence[str]) -> list[str]:
    return [f"{kind}:{name}" for name in names]


def _rows(part: str, metric: Metric, scopes: Sequence[str] = ("all",)) -> Iterator[Measure]:
    for scope in scopes:
        estimate = partial(_estimated, metric=metric, scope=scope)
        yield Measure(part, metric.name, metric.title, scope, metric.unit, estimate)


def _estimated(counters: Counters, metric: Metric, scope: str) -> Estimated:
    kind: Scope = scope.partition(":")[0]  # type: ignore[assignment]
    column = scope_names(counters, kind).index(scope)
    above, below = totals(counters, metric, kind)
    theta, influence = linearised(above[:, column], below[:, column])
    return float(theta), influence


def _offered_work(counters: Counters, scope: str) -> Estimated:
    """Contacts offered per second, times the mean handle time of those served; added up by type."""
    names = counters.layout.types if scope == "all" else (scope.removeprefix("type:"),)
    theta, influence = 0.0, np.zeros(counters.replications)
    for name in names:
        rate, by_rate = _estimated(
            counters, _ratio("rate", "", "", ("offered",), ("time",)), f"type:{name}"
        )
        if rate == 0:
            continue
        time, by_time = _estimated(counters, _known()["aht"], f"type:{name}")
        theta += rate * time
        influence = influence + rate * by_time + time * by_rate
    return theta, influence


def _share_of_all(counters: Counters, scope: str) -> Estimated:
    """Contacts offered of one type per contact offered of any."""
    column = counters.layout.types.index(scope.removeprefix("type:"))
    offered = counters.by_type("offered").sum(axis=1)
    theta, influence = linearised(offered[:, column], offered.sum(axis=-1))
    return float(theta), influence
