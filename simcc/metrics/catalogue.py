"""The catalogue: every metric once, with the counters it is a ratio or a mean of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simcc.metrics.call_metrics import calls_made
from simcc.metrics.counters import MEANINGS
from simcc.metrics.metric import DURING, EACH_DAY, KINDS, PERIODS, Metric, Scope, counts
from simcc.metrics.outcome_metrics import outcomes
from simcc.metrics.prices import PRICED
from simcc.model.bots import has_hand_overs
from simcc.model.follow_ups import has_follow_ups

if TYPE_CHECKING:
    from simcc.model import Scenario

PROBABILITIES = (0.5, 0.9, 0.95)
DAY_PROBABILITIES = (0.1, 0.5, 0.9)


def catalogue(scenario: Scenario | None = None) -> tuple[Metric, ...]:
    """Return the metrics of a scenario; without one, of a threshold and target of 20 s.

    >>> [metric.name for metric in catalogue() if "20" in metric.name][:4]
    ['service_level_20s_offered', 'service_level_20s_served',
     'service_level_20s_excluding_short_abandons', 'service_level_20s_handled']
    """
    if scenario is None:
        thresholds = [20.0]
        targets = [*_target_metrics(0.8, 20.0, "offered", "")]
    else:
        within = {float(target.within) for target in scenario.targets}
        thresholds = sorted(within | {float(x) for x in scenario.thresholds})
        targets = [
            metric
            for target in scenario.targets
            for metric in _target_metrics(
                target.share, float(target.within), target.denominator, target.type or ""
            )
        ]
    levels = [metric for x in thresholds for metric in _service_levels(x)]
    unique = {(m.name, m.only): m for m in targets}.values()
    bots = () if scenario is not None and not scenario.bots else _bots()
    hand_overs = () if scenario is not None and not has_hand_overs(scenario) else _hand_overs()
    issues = () if scenario is not None and not has_follow_ups(scenario) else _issues()
    offers = scenario is None or any(kind.callback for kind in scenario.contact_types)
    calls = _callbacks() if offers else ()
    kinds = () if scenario is None else scenario.contact_types
    cuts = _interruptions() if scenario is None or any(k.interruption for k in kinds) else ()
    due = _deadlines() if scenario is None or any(k.deadline is not None for k in kinds) else ()
    hours = _hours() if scenario is None or any(k.hours for k in kinds) else ()
    return (
        *_counts(), *hours, *levels, *_waits(), *_shares(), *_agents(), *cuts, *due, *calls,
        *calls_made(scenario), *bots, *hand_overs, *issues, *outcomes(scenario), *unique,
    )  # fmt: skip


def _counts() -> Iterator[Metric]:
    for name, counter, title, scopes in (
        ("arrivals", "arrivals", "came in, at the bot or at the queue", "all type"),
        ("offered", "offered", "reached the human queue, blocked included", "all type"),
        ("served", "served", "answered by an agent", "all type group"),
        ("abandoned", "abandoned", "left the queue unserved, balked included", "all type"),
        ("balked", "balked", "left at once rather than wait", "all type"),
        ("blocked", "blocked", "turned away: no line or no place in the queue", "all type"),
        ("in_progress", "in_queue_at_end", "waiting when the run ends", "all type"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit="contacts", scopes=_scopes(scopes), kind="mean",
            numerator=(counter,),
        )  # fmt: skip


def _scopes(text: str) -> tuple[Scope, ...]:
    every: tuple[Scope, ...] = ("all", "type", "group", "bot")
    return tuple(scope for scope in every if scope in text.split())


LEVELS = {
    "offered": ("_offered", "served within {0:g} s, of those offered"),
    "served": ("_served", "served within {0:g} s, of those served"),
    "excluding_short_abandons": (
        "_excluding_short_abandons",
        "served within {0:g} s, of those offered who did not abandon within it",
    ),
    "handled": ("_handled", "served or abandoned within {0:g} s, of those offered"),
}


def service_level_parts(x: float, denominator: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return numerator and denominator of the service level within x seconds.

    >>> service_level_parts(20, "excluding_short_abandons")
    (('served_le_20',), ('offered', '-abandoned_le_20'))
    """
    served, abandoned = f"served_le_{x:g}", f"abandoned_le_{x:g}"
    return {
        "offered": ((served,), ("offered",)),
        "served": ((served,), ("served",)),
        "excluding_short_abandons": ((served,), ("offered", f"-{abandoned}")),
        "handled": ((served, abandoned), ("offered",)),
    }[denominator]


def service_level_name(x: float, denominator: str = "offered") -> str:
    """Return the name of the service level within x seconds.

    >>> service_level_name(20, "served")
    'service_level_20s_served'
    """
    return f"service_level_{x:g}s{LEVELS[denominator][0]}"


def _service_levels(x: float) -> Iterator[Metric]:
    for denominator, (_, words) in LEVELS.items():
        above, below = service_level_parts(x, denominator)
        yield Metric(
            name=service_level_name(x, denominator),
            title=f"service level: share {words.format(x)}",
            unit="share", scopes=("all", "type"), numerator=above, denominator=below,
        )  # fmt: skip


def _waits() -> Iterator[Metric]:
    for name, title, above, below in (
        ("asa", "average speed of answer: mean wait of the served",
         "wait_served_sum", "served"),
        ("mean_wait", "mean time in queue of the served and the abandoned",
         "wait_served_sum wait_abandoned_sum", "served abandoned"),
        ("mean_wait_abandoned", "mean time in queue of the abandoned",
         "wait_abandoned_sum", "abandoned"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit="s", scopes=("all", "type"),
            numerator=tuple(above.split()), denominator=tuple(below.split()),
        )  # fmt: skip
    for name, whose, counted in (
        ("wait", "the served and the abandoned", ("served", "abandoned")),
        ("wait_served", "the served", ("served",)),
    ):
        for p in PROBABILITIES:
            yield Metric(
                name=f"{name}_p{100 * p:g}",
                title=f"time in queue that {p:.0%} of {whose} stay within",
                unit="s", scopes=("all", "type"), kind="quantile", numerator=counted, probability=p,
            )  # fmt: skip


def _shares() -> Iterator[Metric]:
    for name, title, above in (
        ("p_wait", "share of the offered that had to join the queue", "queued"),
        ("abandonment", "share of the offered that left unserved, balked included", "abandoned"),
        ("balking", "share of the offered that left at once rather than wait", "balked"),
        ("blocking", "share of the offered that were turned away", "blocked"),
    ):
        yield Metric(
            name=name, title=title, unit="share", scopes=("all", "type"),
            numerator=(above,), denominator=("offered",),
        )  # fmt: skip
    yield Metric(
        name="mean_queue", title="mean number of contacts waiting", unit="contacts",
        scopes=("all", "type"), period=DURING, numerator=("queue_time",), denominator=("time",),
    )  # fmt: skip
    yield Metric(
        name="max_queue", title="most contacts waiting at once", unit="contacts", kind="max",
        scopes=("all", "type"), period=DURING, numerator=("queue_max",),
    )  # fmt: skip


def _agents() -> Iterator[Metric]:
    for name, title, unit, scopes, above, below in (
        ("aht", "average handle time: talk and after-call work of the served", "s",
         "all type group", "talk_sum wrap_sum", "served"),
        ("talk_time", "mean talk time of the served", "s", "all type group", "talk_sum", "served"),
        ("after_call_work", "mean after-call work of the served", "s",
         "all type group", "wrap_sum", "served"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=_scopes(scopes),
            numerator=tuple(above.split()), denominator=(below,),
        )  # fmt: skip
    for name, title, unit, scopes, above, below in (
        ("occupancy", "handling of the time at work: handling / (handling + available)", "share",
         "all group", "occupied_time", "present_time"),
        ("utilisation", "handling of the time paid, breaks included", "share",
         "all group", "occupied_time", "paid_time"),
        ("staffed_utilisation", "handling of the time scheduled; above 1 with overtime", "ratio",
         "all group", "occupied_time", "staffed_time"),
        ("mean_busy", "mean number of contacts being handled; of busy agents, if each has one",
         "contacts", "all type group", "busy_time", "time"),
        ("concurrency", "contacts that an agent handles at once, while handling any", "contacts",
         "all group", "busy_time", "occupied_time"),
        ("staffed", "mean number of agents scheduled to work", "agents",
         "all group", "staffed_time", "time"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=_scopes(scopes), period=DURING,
            numerator=(above,), denominator=(below,),
        )  # fmt: skip
    yield Metric(
        name="overtime", title="agent time beyond the schedule, also after closing", unit="s",
        kind="mean", scopes=("all", "group"), period=DURING, numerator=("overtime",),
    )  # fmt: skip


def _hours() -> Iterator[Metric]:
    yield Metric(
        name="closed", title="of the blocked: came outside the hours, or sent away at their end",
        unit="contacts", scopes=("all", "type"), kind="mean", numerator=("closed",),
    )  # fmt: skip


def _interruptions() -> Iterator[Metric]:
    yield Metric(
        name="interruptions", title="services interrupted by other contacts", unit="interruptions",
        scopes=("all", "type"), kind="mean", period=DURING, numerator=("interruptions",),
    )  # fmt: skip


def _deadlines() -> Iterator[Metric]:
    yield Metric(
        name="on_time", title="share whose talk ended by the deadline, of those with one",
        unit="share", scopes=("all", "type"), numerator=("on_time",), denominator=("due",),
    )  # fmt: skip
    yield Metric(
        name="backlog_age", title="mean age of those waiting as an interval begins", unit="s",
        scopes=("all", "type"), period=DURING,
        numerator=("age_at_start",), denominator=("queue_at_start",),
    )  # fmt: skip


def _callbacks() -> Iterator[Metric]:
    both: tuple[Scope, ...] = ("all", "type")
    yield from counts(
        "contacts",
        both,
        ("callbacks", "contacts that asked for a callback instead of waiting"),
        ("called_back", "contacts that were called back and answered"),
    )
    yield Metric(
        name="callback_share", title="share of the offered that asked for a callback", unit="share",
        scopes=both, numerator=("callbacks",), denominator=("offered",),
    )  # fmt: skip
    yield Metric(
        name="callback_wait", title="mean time from the request until those called back answered",
        unit="s", scopes=both, numerator=("callback_wait_sum",), denominator=("called_back",),
    )  # fmt: skip
    yield Metric(
        name="mean_callbacks", title="mean number who wait to be called back", unit="contacts",
        scopes=both, period=DURING, numerator=("callback_time",), denominator=("time",),
    )  # fmt: skip


def _bots() -> Iterator[Metric]:
    every: tuple[Scope, ...] = ("all", "type", "bot")
    yield from counts(
        "contacts",
        every,
        ("bot_offered", "contacts of types with a bot"),
        ("contained", "contacts that the bot dealt with"),
        ("gave_up", "contacts that left the bot unserved"),
        ("escalated", "contacts handed from the bot to the human queue"),
        ("bot_lost", "contacts lost because the bot was full, down or at its limit"),
        ("in_bot_at_end", "contacts at the bot when the run ends"),
    )
    for name, title, above, below in (
        ("containment", "share of the bot's contacts that it dealt with",
         "contained", "bot_offered"),
        ("bot_resolution", "share of the bot's contacts whose issue it resolved",
         "helped", "bot_offered"),
        ("deflection", "share of the bot's contacts that it dealt with and that did not come back",
         "contained -bounced_back", "bot_offered"),
        ("bounce_back", "share of those it dealt with who came back", "bounced_back", "contained"),
        ("bot_blocking", "share of the bot's contacts that found it full, down or at its limit",
         "bot_full", "bot_offered"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit="share", scopes=every,
            numerator=tuple(above.split()), denominator=(below,),
        )  # fmt: skip
    yield Metric(
        name="bot_wait", title="mean wait for a bot session of those who had one", unit="s",
        scopes=every, numerator=("bot_wait_sum",), denominator=("bot_sessions",),
    )  # fmt: skip
    yield Metric(
        name="bot_busy", title="mean number of bot sessions at once", unit="sessions",
        scopes=every, period=DURING, numerator=("bot_time",), denominator=("time",),
    )  # fmt: skip
    yield Metric(
        name="escalation_load", unit="erlangs",
        title="mean number of contacts being handled by people after a session with the bot",
        scopes=every, period=DURING, numerator=("escalated_busy_time",), denominator=("time",),
    )  # fmt: skip


def _hand_overs() -> Iterator[Metric]:
    every: tuple[Scope, ...] = ("all", "type", "bot")
    yield from counts(
        "contacts",
        every,
        ("passed_on", "contacts handed from the bot to another bot"),
        ("misrouted", "contacts handed from the bot into a wrong queue"),
    )
    yield Metric(
        name="misrouted_share", title="share of the escalated that went into a wrong queue",
        unit="share", scopes=every, numerator=("misrouted",), denominator=("escalated",),
    )  # fmt: skip


def _issues() -> Iterator[Metric]:
    both: tuple[Scope, ...] = ("all", "type")
    yield from counts(
        "contacts",
        both,
        ("issues", "customers who came in for the first time"),
        ("repeats", "contacts of customers who came back"),
        ("transferred_in", "contacts handed over by an agent of another queue"),
    )
    for name, title, unit, scopes, above, below in (
        ("first_contact_resolution", "share of the issues that their first attempt resolved",
         "share", "all type", "resolved_at_first", "issues"),
        ("resolution", "share of the issues that were resolved, at whatever attempt", "share",
         "all type", "resolved_issues", "issues"),
        ("repeat_share", "share of the arrivals that came back", "share", "all type",
         "repeats", "arrivals"),
        ("contacts_per_issue", "arrivals per customer who came in", "ratio", "all",
         "arrivals", "issues"),
        ("transfers", "contacts handed over per contact served", "ratio", "all",
         "transferred_in", "served"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=_scopes(scopes),
            numerator=(above,), denominator=(below,),
        )  # fmt: skip


def _target_metrics(share: float, x: float, denominator: str, only: str) -> Iterator[Metric]:
    above, below = service_level_parts(x, denominator)
    suffix, words = LEVELS[denominator]
    scope: Scope = "type" if only else "all"
    yield Metric(
        name=f"probability_day_meets_{share:g}_in_{x:g}s{suffix}",
        title=f"probability that a day reaches {share:.4g} {words.format(x)}",
        unit="share", scopes=(scope,), kind="day_share", period=EACH_DAY,
        numerator=above, denominator=below, required=share, only=only,
    )  # fmt: skip
    for p in DAY_PROBABILITIES:
        yield Metric(
            name=f"day_p{100 * p:g}_{service_level_name(x, denominator)}",
            title=f"share {words.format(x)}, that {p:.0%} of the days do not exceed",
            unit="share", scopes=(scope,), kind="day_quantile", period=EACH_DAY,
            numerator=above, denominator=below, probability=p, only=only,
        )  # fmt: skip


def to_markdown(metrics: Sequence[Metric] | None = None) -> str:
    """Return the catalogue as Markdown: its metrics, by default all, and their counters."""
    head = ("metric", "meaning", "formula", "unit", "scopes", "estimate", "a period counts")
    rows = [
        (
            f"`{m.name}`",
            m.title,
            f"`{m.formula}`",
            m.unit,
            ", ".join(m.scopes),
            KINDS[m.kind],
            m.period,
        )
        for m in (catalogue() if metrics is None else metrics)
    ]
    counters = [(f"`{name}`", meaning) for name, meaning in {**MEANINGS, **PRICED}.items()]
    return "\n".join(
        [
            _table(head, rows),
            "Means and quantiles are over replications; of waits, over all contacts.\n",
            _table(("a period counts", "that is"), list(PERIODS.items())),
            "## Counters\n",
            _table(("counter", "adds up"), counters),
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
