"""Tables of a run: estimates, counters, contacts and agents as data frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc import estimation
from simcc.estimation import Estimate
from simcc.log import (
    AGENT_SCHEMA,
    CALLBACK_SCHEMA,
    INTERRUPTION_SCHEMA,
    AgentEvent,
    AgentLog,
    CallbackLog,
    Column,
    ContactLog,
    FollowedBy,
    InterruptionLog,
    Outcome,
)
from simcc.metrics.catalogue import catalogue
from simcc.metrics.counters import (
    AGENT_COUNTERS,
    CALL_COUNTERS,
    CALLBACK_COUNTERS,
    CENTER_COUNTERS,
    GROUP_COUNTERS,
    ISSUE_COUNTERS,
    ORIGIN_COUNTERS,
    PAIR_COUNTERS,
    Counters,
    Floats,
    bin_edges,
)
from simcc.metrics.metric import Metric, Scope
from simcc.metrics.outcome_metrics import outcome_counters
from simcc.metrics.parts import by_day, counter, parts, scope_names, shares_of_days, totals
from simcc.model.callbacks import has_timed_callbacks
from simcc.model.follow_ups import has_follow_ups
from simcc.model.outbound import has_outbound

if TYPE_CHECKING:
    import pandas as pd

    from simcc.model import Scenario

SCOPES: tuple[Scope, ...] = ("all", "type", "group", "bot")
SUMMARY_COLUMNS = ("scope", "metric", "estimate", "low", "high", "std_error", "unit")
LEVELS = ("center", "type", "group", "bot", "pair")
Row = tuple[str, str, float, float, float, float, str]


def summary_table(scenario: Scenario, counters: Counters, level: float) -> pd.DataFrame:
    """Return every metric of every scope over the whole window, columns ``SUMMARY_COLUMNS``."""
    import pandas as pd

    rows = summary_rows(scenario, counters, level, SCOPES)
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def summary_rows(
    scenario: Scenario,
    counters: Counters,
    level: float,
    scopes: Sequence[Scope],
    wanted: Collection[str] | None = None,
) -> list[Row]:
    """Return the rows of the summary for some kinds of scopes, all metrics or those wanted."""
    rows: list[Row] = []
    for scope in scopes:
        metrics = [
            (metric, _within_bounds(metric, _overall(counters, metric, scope, level)))
            for metric in metrics_of(scenario, counters, scope, wanted)
        ]
        for i, name in enumerate(scope_names(counters, scope)):
            for metric, found in metrics:
                if concerns(metric, name):
                    estimate, low, high, error = (float(part[i]) for part in _ends(found))
                    rows.append((name, metric.name, estimate, low, high, error, metric.unit))
    return rows


def concerns(metric: Metric, name: str) -> bool:
    """Tell whether a metric of a kind of scope has a row for one of that kind."""
    return not metric.only or name == f"type:{metric.only}"


def _ends(found: Estimate) -> tuple[Floats, Floats, Floats, Floats]:
    return found.estimate, found.low, found.high, found.std_error


def metrics_of(
    scenario: Scenario, counters: Counters, scope: Scope, wanted: Collection[str] | None
) -> list[Metric]:
    """Return the metrics that apply to a kind of scope; none if there is no such thing."""
    if not scope_names(counters, scope):
        return []
    return [
        metric
        for metric in catalogue(scenario)
        if scope in metric.scopes and (wanted is None or metric.name in wanted)
    ]


def _within_bounds(metric: Metric, found: Estimate) -> Estimate:
    """Cut the interval at what is possible: nothing is negative, no share above 1."""
    most = 1.0 if metric.unit in ("share", "score") else np.inf
    low, high = np.clip(found.low, 0.0, most), np.clip(found.high, 0.0, most)
    return Estimate(found.estimate, low, high, found.std_error)


def _overall(counters: Counters, metric: Metric, scope: Scope, level: float) -> Estimate:
    """Estimate a metric over the whole window, one value per scope of the kind."""
    if metric.kind == "quantile":
        return _wait_quantiles(counters.waits, metric, scope, level)
    if metric.kind in ("ratio", "mean", "max"):
        return estimation.ratio(*totals(counters, metric, scope), level)
    above, below = parts(counters, metric, scope)
    days = counters.layout.days
    found = [
        _over_days(by_day(above[..., i], days), by_day(below[..., i], days), metric, level)
        for i in range(above.shape[-1])
    ]
    return _stack(found)


def _over_days(above: Floats, below: Floats, metric: Metric, level: float) -> Estimate:
    shares, counts = shares_of_days(above, below)
    if metric.kind == "day_share":
        return estimation.share_of_days(shares >= metric.required, counts, level)
    return estimation.quantile_of_days(shares, metric.probability, level)


def _stack(found: Sequence[Estimate]) -> Estimate:
    return Estimate(*(np.array(column) for column in zip(*map(_ends, found), strict=True)))


def _wait_quantiles(
    waits: npt.NDArray[np.uint32], metric: Metric, scope: Scope, level: float
) -> Estimate:
    """Estimate quantiles from histograms of shape (batches, types, 2, bins)."""
    counts, edges = wait_histograms(waits, metric, scope), bin_edges()
    return _stack(
        [
            estimation.quantile(counts[:, k], edges, metric.probability, level)
            for k in range(counts.shape[1])
        ]
    )


def wait_histograms(
    waits: npt.NDArray[np.uint32], metric: Metric, scope: Scope
) -> npt.NDArray[np.int64]:
    """Return histograms of the waits that a quantile is of, shape (batches, scopes, bins)."""
    sides = 1 if metric.numerator == ("served",) else 2
    counts = waits[:, :, :sides].sum(axis=2, dtype=np.int64)
    return np.asarray(counts.sum(axis=1, keepdims=True) if scope == "all" else counts)


def interval_table(
    scenario: Scenario,
    counters: Counters,
    level: float,
    scopes: Sequence[Scope] = SCOPES,
    wanted: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return metrics per interval: ``SUMMARY_COLUMNS`` and ``interval_start``.

    Rows go by kind of scope, then scope, metric and interval. The table is filled in place: that of
    a year has millions of rows.
    """
    import pandas as pd

    starts = scenario.horizon.timestamps()
    n = len(starts)
    blocks = [
        (scope_names(counters, scope), _interval_metrics(scenario, counters, scope, wanted))
        for scope in scopes
    ]
    keys = [(name, m.name, m.unit) for names, metrics in blocks for name in names for m in metrics]
    values = np.empty((4, len(keys), n))
    row = 0
    for scope, (names, metrics) in zip(scopes, blocks, strict=True):
        for m, metric in enumerate(metrics):
            found = _ends(_within_bounds(metric, _by_interval(counters, metric, scope, level)))
            for column, ends in zip(values, found, strict=True):
                column[row + m : row + len(names) * len(metrics) : len(metrics)] = ends.T
        row += len(names) * len(metrics)
    scope_of, metric_of, unit_of = (_repeated([key[part] for key in keys], n) for part in range(3))
    table: dict[str, Any] = {"scope": scope_of, "metric": metric_of}
    table["interval_start"] = starts[np.tile(np.arange(n), len(keys))]
    table |= {
        name: column.ravel() for name, column in zip(SUMMARY_COLUMNS[2:6], values, strict=True)
    }
    return pd.DataFrame(table | {"unit": unit_of}, copy=False)


def _repeated(words: Sequence[str], times: int) -> pd.Categorical:
    return _named(np.repeat(np.arange(len(words)), times), words)


def _interval_metrics(
    scenario: Scenario, counters: Counters, scope: Scope, wanted: Collection[str] | None
) -> list[Metric]:
    """Return the metrics that make sense per interval and have been counted per interval."""
    layout = counters.layout
    with_quantiles = layout.histogram_intervals or layout.n_intervals == 1
    return [
        metric
        for metric in metrics_of(scenario, counters, scope, wanted)
        if metric.kind not in ("day_share", "day_quantile")
        and (metric.kind != "quantile" or with_quantiles)
    ]


def _by_interval(counters: Counters, metric: Metric, scope: Scope, level: float) -> Estimate:
    """Estimate a metric of each interval, shape (intervals, scopes of the kind)."""
    if metric.kind != "quantile":
        return estimation.ratio(*parts(counters, metric, scope), level)
    one = counters.layout.n_intervals == 1
    waits = counters.waits[:, None] if one else counters.interval_waits
    return _stack(
        [_wait_quantiles(waits[:, n], metric, scope, level) for n in range(waits.shape[1])]
    )


def counter_table(scenario: Scenario, counters: Counters, by: str) -> pd.DataFrame:
    """Return the raw sums, one row per replication, interval and type, group, bot or pair."""
    import pandas as pd

    layout = counters.layout
    issues = ISSUE_COUNTERS if has_follow_ups(scenario) else ()
    of_types, of_groups = outcome_counters(scenario)
    timed = has_timed_callbacks(scenario)
    if timed:
        of_types = (*CALLBACK_COUNTERS, *of_types)
    if has_outbound(scenario):
        of_types = (*CALL_COUNTERS, *of_types)
    elif timed:
        of_types = ("dialling_time", *of_types)
    if timed or has_outbound(scenario):
        of_groups = ("dialling_time", *of_groups)
    if by not in LEVELS:
        raise ValueError(f"level is {by!r}; it must be one of {', '.join(LEVELS)}")
    keys: dict[str, list[str]]
    if by == "pair":
        keys = {
            "type": [layout.types[k] for k, _ in layout.pairs],
            "group": [layout.groups[g] for _, g in layout.pairs],
        }
        arrays = {name: counters.pairs[..., j] for j, name in enumerate(PAIR_COUNTERS)}
    elif by == "center":
        keys = {}
        names = (
            *CENTER_COUNTERS,
            *ORIGIN_COUNTERS,
            *issues,
            *layout.type_counters,
            *GROUP_COUNTERS,
            *of_types,
            *of_groups,
        )
        arrays = {name: counter(counters, name, "all") for name in dict.fromkeys(names)}
    else:
        of_bots = tuple(name for name in of_types if name == "bot_cost")
        by_type = (*ORIGIN_COUNTERS, *issues, *layout.type_counters, *of_types)
        scope, names, values = {
            "type": ("type", by_type, layout.types),
            "group": ("group", (*GROUP_COUNTERS, *of_groups), layout.groups),
            "bot": ("bot", (*ORIGIN_COUNTERS, *of_bots), layout.bots),
        }[by]
        keys = {by: list(values)}
        arrays = {name: counter(counters, name, scope) for name in names}  # type: ignore[arg-type]
    shape = next(iter(arrays.values())).shape
    replication, interval, place = (index.ravel() for index in np.indices(shape))
    starts = scenario.horizon.timestamps()
    table: dict[str, Any] = {"replication": replication, "interval": interval}
    table["interval_start"] = starts[interval]
    table |= {key: np.array(names)[place] for key, names in keys.items()}
    return pd.DataFrame(table | {name: array.ravel() for name, array in arrays.items()})


Agents = Sequence[tuple[str, str]]


def contact_table(
    scenario: Scenario, logs: Sequence[ContactLog], agents: Agents, first_replication: int = 0
) -> pd.DataFrame:
    """Return the contact logs one below the other, with names for indices and codes."""
    import pandas as pd

    types = [one.name for one in scenario.contact_types]
    names = {
        "contact_type": types,
        "queue_type": types,
        **_names_of_people(scenario, agents),
        "outcome": [outcome.name.lower() for outcome in Outcome],
        "followed_by": [one.name.lower() for one in FollowedBy],
        "bot": [*(one.name for one in scenario.bots), "(wrong queue)"],  # the last is WRONG_QUEUE
    }
    columns = [log.columns() for log in logs]
    sizes = [log.n for log in logs]
    table: dict[str, Any] = {
        "replication": np.repeat(np.arange(len(logs)) + first_replication, sizes),
        "contact": np.concatenate([np.arange(n) for n in sizes]),
    }
    for name in columns[0]:
        array = np.concatenate([one[name] for one in columns])
        table[name] = _named(array, names[name]) if name in names else array
    return pd.DataFrame(table)


def _named(index: npt.NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    """Return names for indices; nothing for -1. Two agents may have the same name."""
    import pandas as pd

    code, categories = pd.factorize(np.array(names, dtype=object))
    codes = np.append(code, -1)[index]
    return pd.Categorical.from_codes(codes, pd.Index(list(categories)))


def interruption_table(
    scenario: Scenario, logs: Sequence[ContactLog], agents: Agents, first_replication: int = 0
) -> pd.DataFrame:
    """Return the interruptions one below the other, with names for indices."""
    cut, names = [log.cut for log in logs], _names_of_people(scenario, agents)
    return _log_table(cut, INTERRUPTION_SCHEMA, names, first_replication)


def callback_table(
    scenario: Scenario, logs: Sequence[ContactLog], agents: Agents, first_replication: int = 0
) -> pd.DataFrame:
    """Return the calls of those who asked for one, one below the other, with names for indices."""
    calls, names = [log.callbacks for log in logs], _names_of_people(scenario, agents)
    return _log_table(calls, CALLBACK_SCHEMA, names, first_replication)


def agent_event_table(
    scenario: Scenario, logs: Sequence[AgentLog], agents: Agents, first_replication: int = 0
) -> pd.DataFrame:
    """Return the agent logs one below the other, with names for indices and codes."""
    names = _names_of_people(scenario, agents)
    names["reason"] = ["", *(event.name.lower() for event in AgentEvent)]
    return _log_table(logs, AGENT_SCHEMA, names, first_replication)


def _names_of_people(scenario: Scenario, agents: Agents) -> dict[str, list[str]]:
    """Names behind the indices of agents and groups, by column."""
    return {
        "agent": [name for name, _ in agents],
        "group": [one.name for one in scenario.agent_groups],
    }


def _log_table(
    logs: Sequence[AgentLog | InterruptionLog | CallbackLog],
    schema: Sequence[Column],
    names: Mapping[str, Sequence[str]],
    first_replication: int,
) -> pd.DataFrame:
    """Return logs one below the other; columns that ``names`` has show these for indices."""
    import pandas as pd

    numbers = np.arange(len(logs)) + first_replication
    table: dict[str, Any] = {"replication": np.repeat(numbers, [log.n for log in logs])}
    for name, *_ in schema:
        array = np.concatenate([getattr(log, name) for log in logs])
        table[name] = _named(array, names[name]) if name in names else array
    return pd.DataFrame(table)


def agent_table(counters: Counters, agents: Agents, first_replication: int = 0) -> pd.DataFrame:
    """Return the sums of each agent, given as (name, group), in each replication."""
    import pandas as pd

    replication, number = (index.ravel() for index in np.indices(counters.agents.shape[:2]))
    sums = {name: counters.agents[..., j].ravel() for j, name in enumerate(AGENT_COUNTERS)}
    table: dict[str, Any] = {
        "replication": replication + first_replication,
        "agent": np.array([name for name, _ in agents], dtype=object)[number],
        "group": np.array([group for _, group in agents], dtype=object)[number],
    } | sums
    table["busy_time"] = sums["talk_time"] + sums["wrap_time"]
    table["overtime"] = sums["present_time"] - sums["staffed_time"]
    return pd.DataFrame(table)
