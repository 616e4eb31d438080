"""Tables of a run: estimates, counters, contacts and agents as data frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc import estimation
from simcc.estimation import Estimate
from simcc.log import ContactLog, Outcome
from simcc.metrics.catalogue import Metric, Scope, catalogue
from simcc.metrics.counters import (
    AGENT_COUNTERS,
    CENTER_COUNTERS,
    GROUP_COUNTERS,
    ORIGIN_COUNTERS,
    PAIR_COUNTERS,
    Counters,
    Floats,
    bin_edges,
)
from simcc.metrics.parts import by_day, counter, parts, scope_names

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
    scenario: Scenario, counters: Counters, level: float, scopes: Sequence[Scope]
) -> list[Row]:
    """Return the rows of the summary for some kinds of scopes."""
    rows: list[Row] = []
    for scope in scopes:
        metrics = _estimates(scenario, counters, scope, level)
        for i, name in enumerate(scope_names(counters, scope)):
            for metric, found in metrics:
                if _concerns(metric, name):
                    estimate, low, high, error = (float(part[i]) for part in _ends(found))
                    rows.append((name, metric.name, estimate, low, high, error, metric.unit))
    return rows


def _concerns(metric: Metric, name: str) -> bool:
    return not metric.only or name == f"type:{metric.only}"


def _ends(found: Estimate) -> tuple[Floats, Floats, Floats, Floats]:
    return found.estimate, found.low, found.high, found.std_error


def _estimates(
    scenario: Scenario, counters: Counters, scope: Scope, level: float
) -> list[tuple[Metric, Estimate]]:
    if not scope_names(counters, scope):
        return []
    return [
        (metric, _within_bounds(metric, _overall(counters, metric, scope, level)))
        for metric in catalogue(scenario)
        if scope in metric.scopes
    ]


def _within_bounds(metric: Metric, found: Estimate) -> Estimate:
    """Cut the interval at what is possible: nothing is negative, no share above 1."""
    most = 1.0 if metric.unit == "share" else np.inf
    low, high = np.clip(found.low, 0.0, most), np.clip(found.high, 0.0, most)
    return Estimate(found.estimate, low, high, found.std_error)


def _overall(counters: Counters, metric: Metric, scope: Scope, level: float) -> Estimate:
    """Estimate a metric over the whole window, one value per scope of the kind."""
    if metric.kind == "quantile":
        return _wait_quantiles(counters.waits, metric, scope, level)
    above, below = parts(counters, metric, scope)
    if metric.kind in ("ratio", "mean"):
        return estimation.ratio(above.sum(axis=1), below.sum(axis=1), level)
    if metric.kind == "max":
        return estimation.mean(above.max(axis=1), level)
    days = counters.layout.days
    found = [
        _over_days(by_day(above[..., i], days), by_day(below[..., i], days), metric, level)
        for i in range(above.shape[-1])
    ]
    return _stack(found)


def _over_days(above: Floats, below: Floats, metric: Metric, level: float) -> Estimate:
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(below > 0, above / below, np.nan)
    if metric.kind == "day_share":
        return estimation.share_of_days(shares >= metric.required, below > 0, level)
    return estimation.quantile_of_days(shares, metric.probability, level)


def _stack(found: Sequence[Estimate]) -> Estimate:
    return Estimate(*(np.array(column) for column in zip(*map(_ends, found), strict=True)))


def _wait_quantiles(
    waits: npt.NDArray[np.uint32], metric: Metric, scope: Scope, level: float
) -> Estimate:
    """Estimate quantiles from histograms of shape (batches, types, 2, bins)."""
    sides = 1 if metric.numerator == ("served",) else 2
    counts = waits[:, :, :sides].sum(axis=2, dtype=np.int64)
    counts = counts.sum(axis=1, keepdims=True) if scope == "all" else counts
    edges = bin_edges()
    return _stack(
        [
            estimation.quantile(counts[:, k], edges, metric.probability, level)
            for k in range(counts.shape[1])
        ]
    )


def interval_table(scenario: Scenario, counters: Counters, level: float) -> pd.DataFrame:
    """Return every metric per interval: ``SUMMARY_COLUMNS`` and ``interval_start``."""
    import pandas as pd

    starts = scenario.horizon.timestamps()
    n = len(starts)
    blocks = []
    for scope in SCOPES:
        names = np.array(scope_names(counters, scope), dtype=object)
        found = [
            (metric, _within_bounds(metric, estimate))
            for metric, estimate in _interval_estimates(scenario, counters, scope, level)
        ]
        if not found:
            continue
        metrics = np.array([(metric.name, metric.unit) for metric, _ in found], dtype=object)
        # (metrics, intervals, scopes) to rows by scope, then metric, then interval
        columns = [
            np.moveaxis(np.stack(column), 2, 0).ravel()
            for column in zip(*(_ends(estimate) for _, estimate in found), strict=True)
        ]
        table: dict[str, Any] = {
            "scope": np.repeat(names, len(metrics) * n),
            "metric": np.tile(np.repeat(metrics[:, 0], n), len(names)),
            "interval_start": starts[np.tile(np.arange(n), len(metrics) * len(names))],
        }
        table |= dict(zip(SUMMARY_COLUMNS[2:6], columns, strict=True))
        table["unit"] = np.tile(np.repeat(metrics[:, 1], n), len(names))
        blocks.append(pd.DataFrame(table))
    return pd.concat(blocks, ignore_index=True)


def _interval_estimates(
    scenario: Scenario, counters: Counters, scope: Scope, level: float
) -> Iterator[tuple[Metric, Estimate]]:
    """Yield metrics with estimates of shape (intervals, scopes of the kind)."""
    if not scope_names(counters, scope):
        return
    waits = counters.interval_waits
    if counters.layout.n_intervals == 1:
        waits = counters.waits[:, None]
    for metric in catalogue(scenario):
        if scope not in metric.scopes or metric.kind in ("day_share", "day_quantile"):
            continue
        if metric.kind == "quantile":
            if waits.shape[1]:
                each = [
                    _wait_quantiles(waits[:, n], metric, scope, level)
                    for n in range(waits.shape[1])
                ]
                yield metric, _stack(each)
        else:
            yield metric, estimation.ratio(*parts(counters, metric, scope), level)


def counter_table(scenario: Scenario, counters: Counters, by: str) -> pd.DataFrame:
    """Return the raw sums, one row per replication, interval and type, group, bot or pair."""
    import pandas as pd

    layout = counters.layout
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
        names = (*CENTER_COUNTERS, *ORIGIN_COUNTERS, *layout.type_counters, *GROUP_COUNTERS)
        arrays = {name: counter(counters, name, "all") for name in dict.fromkeys(names)}
    else:
        scope, names, values = {
            "type": ("type", (*ORIGIN_COUNTERS, *layout.type_counters), layout.types),
            "group": ("group", GROUP_COUNTERS, layout.groups),
            "bot": ("bot", ORIGIN_COUNTERS, layout.bots),
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


def contact_table(
    scenario: Scenario, logs: Sequence[ContactLog], first_replication: int = 0
) -> pd.DataFrame:
    """Return the contact logs one below the other, with names for codes."""
    import pandas as pd

    types = [one.name for one in scenario.contact_types]
    groups = [one.name for one in scenario.agent_groups]
    columns = {
        name: np.concatenate([log.columns()[name] for log in logs]) for name in logs[0].columns()
    }
    sizes = [log.n for log in logs]
    table: dict[str, Any] = {
        "replication": np.repeat(np.arange(len(logs)) + first_replication, sizes),
        "contact": np.concatenate([np.arange(n) for n in sizes]),
    }
    names = {
        "contact_type": types,
        "queue_type": types,
        "group": groups,
        "outcome": [outcome.name.lower() for outcome in Outcome],
    }
    for name, array in columns.items():
        table[name] = array
        if name in names:
            table[name] = pd.Categorical.from_codes(array, pd.Index(names[name]))
    return pd.DataFrame(table)


def agent_table(
    counters: Counters, agents: Sequence[tuple[str, str]], first_replication: int = 0
) -> pd.DataFrame:
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
