"""Simulate the packaged real center and set the figures beside what was observed.

    python scripts/compare_real_center.py [--log ../shared/data/calls_2014_h1.parquet]

Writes comparison.md beside the scenario. With the call log, it also tries other values of busyness,
and simulates every kept day with that day's own volumes, head counts and mean talk time, which
shows how much comes from averaging days and how much from what was inferred.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import simcc

if TYPE_CHECKING:
    from real_center.build import Center, Inferred

FOLDER = Path(__file__).parents[1] / "simcc" / "examples" / "real_center"
METRICS = {
    "offered": "offered",
    "abandonment": "abandonment",
    "within_20s": "service_level_20s",
    "within_60s": "service_level_60s",
    "mean_wait_s": "asa",
}
DAY = ("day", "day")
BUSYNESS = {
    "residual_cv": "left of daily totals after week and weekday",
    "calls_cv": "daily totals",
    "load_cv": "a day's work per agent-hour",
}
TEXT = """# Observed and simulated

Written by `scripts/compare_real_center.py`: {replications} simulated days, seed {seed}. Shares are
of the offered calls; the mean wait is of the answered. A wait of 1 s in the log is no wait, so the
observed mean wait is about half a second too long.

## The day

{day}
Simulated with its own calls, agents and mean talk time, each day comes out about as observed (last
row, and the table below), so presence, skills, patience and after-call work fit together. This
is no independent test: the rule of presence looks at waiting calls of the same log.

An average day is another matter. Waiting grows faster than load, so days and hours that are
busier than their mean add more abandonment than quiet ones save. Fixed mean head counts hide
that, and busyness has to bring it back. The cv of the daily totals is not enough, because staffing
varies too, and hours vary within a day; the packaged cv is that of a half hour's work per agent.
It is held for the whole day, so simulated days differ more from each other than real ones did.
{each_day}
## Half hours, observed / simulated

{intervals}
## Queues, observed / simulated

{types}"""
SHARES = ("abandonment", "within_20s", "within_60s")


def figures(result: simcc.Result) -> pd.DataFrame:
    """The compared figures of a result, indexed like observed.csv by scope and name."""
    summary = result.summary().assign(name=lambda t: t["scope"])
    intervals = result.intervals()
    intervals = intervals[intervals["scope"] == "all"]
    intervals = intervals.assign(name=intervals["interval_start"].dt.strftime("%H:%M"), scope="interval")
    rows = pd.concat([summary, intervals])
    rows = rows[rows["metric"].isin(METRICS.values())]
    wide = rows.pivot(index=["scope", "name"], columns="metric", values="estimate")
    wide = wide.rename(columns={metric: column for column, metric in METRICS.items()})[[*METRICS]]
    keys = [_key(scope, name) for scope, name in wide.index]
    wide.index = pd.MultiIndex.from_tuples(keys, names=["scope", "name"])
    return wide


def _key(scope: str, name: str) -> tuple[str, str]:
    """The scope and name that observed.csv uses."""
    if scope == "all":
        return DAY
    return ("type", name.removeprefix("type:")) if scope.startswith("type:") else (scope, name)


def with_busyness(scenario: simcc.Scenario, cv: float) -> simcc.Scenario:
    """The scenario with another busyness."""
    types = []
    for contact_type in scenario.contact_types:
        busyness = contact_type.arrivals.busyness.replace(cv=cv)
        arrivals = contact_type.arrivals.replace(busyness=busyness)
        types.append(contact_type.replace(arrivals=arrivals))
    return scenario.replace(contact_types=tuple(types))


def table(rows: dict[str, pd.Series]) -> str:
    """A Markdown table, one line per labelled row of figures."""
    lines = [
        "| | offered | abandoned | within 20 s | within 60 s | mean wait, s |",
        "|---|---|---|---|---|---|",
    ]
    for label, row in rows.items():
        shares = " | ".join(f"{row[share]:.1%}" for share in SHARES)
        lines.append(f"| {label} | {row['offered']:,.0f} | {shares} | {row['mean_wait_s']:.1f} |")
    return "\n".join(lines) + "\n"


def beside(observed: pd.DataFrame, simulated: pd.DataFrame, scope: str) -> str:
    """A Markdown table with observed / simulated in each cell."""
    lines = [
        "| | offered | abandoned | within 20 s | within 60 s | mean wait, s |",
        "|---|---|---|---|---|---|",
    ]
    for name, seen in observed.loc[scope].iterrows():
        made = simulated.loc[scope, name]
        shares = " | ".join(f"{seen[share]:.1%} / {made[share]:.1%}" for share in SHARES)
        lines.append(
            f"| {name} | {seen['offered']:,.0f} / {made['offered']:,.0f} | {shares} "
            f"| {seen['mean_wait_s']:.0f} / {made['mean_wait_s']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def from_log(
    log: Path, scenario: simcc.Scenario, run: dict[str, int]
) -> tuple[dict[str, pd.Series], str]:
    """What needs the call log: rows with other values of busyness, and each day as it was."""
    from real_center.build import infer, mean_day

    found = infer(log, 1)
    center = mean_day(found)
    rows = {}
    for fact, meaning in BUSYNESS.items():
        cv = round(center.facts[fact], 3)
        result = simcc.simulate(with_busyness(scenario, cv), **run)
        rows[f"simulated with busyness {cv}: {meaning}"] = figures(result).loc[DAY]
    days = _day_by_day(found, center, {**run, "replications": max(run["replications"] // 20, 1)})
    rows["simulated, each day with its own calls, agents and mean talk time"] = _pooled(days)
    return rows, _days_table(found, days)


def _day_by_day(found: Inferred, center: Center, run: dict[str, int]) -> pd.DataFrame:
    """Figures of each kept day, simulated with its own tables."""
    from real_center.build import one_day
    from real_center.files import write

    rows = []
    for day in found.log.days:
        with tempfile.TemporaryDirectory() as folder:
            write(one_day(found, center, day), Path(folder))
            scenario = simcc.load(Path(folder) / "real_center.toml")
        rows.append(figures(simcc.simulate(scenario, **run)).loc[DAY])
    return pd.DataFrame(rows, index=found.log.days)


def _pooled(days: pd.DataFrame) -> pd.Series:
    """The figures of all days together."""
    offered = days["offered"]
    served = offered * (1 - days["abandonment"])
    pooled = {share: (days[share] * offered).sum() / offered.sum() for share in SHARES}
    pooled["mean_wait_s"] = (days["mean_wait_s"] * served).sum() / served.sum()
    return pd.Series({"offered": offered.mean(), **pooled})


def _days_table(found: Inferred, days: pd.DataFrame) -> str:
    """A Markdown table of each day's abandonment, observed and simulated."""
    by_day = found.log.kept.groupby("day")["served"].agg(["size", "mean"])
    lines = ["", "| day | offered | abandoned, observed | simulated |", "|---|---|---|---|"]
    for day, (offered, served) in by_day.iterrows():
        lines.append(
            f"| {day:%Y-%m-%d} | {offered:,.0f} | {1 - served:.1%} "
            f"| {days.loc[day, 'abandonment']:.1%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, compare, write comparison.md and print its first table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="the call log, for the rows that need it")
    parser.add_argument("--out", type=Path, default=FOLDER / "comparison.md")
    options = parser.parse_args()
    run = {"replications": options.replications, "seed": options.seed}
    observed = pd.read_csv(FOLDER / "observed.csv").set_index(["scope", "name"])
    scenario = simcc.load(FOLDER / "real_center.toml")
    simulated = figures(simcc.simulate(scenario, **run))
    rows = {"observed": observed.loc[DAY], "simulated": simulated.loc[DAY]}
    each_day = ""
    if options.log:
        more, each_day = from_log(options.log, scenario, run)
        rows |= more
    text = TEXT.format(
        **run,
        day=table(rows),
        each_day=each_day,
        intervals=beside(observed, simulated, "interval"),
        types=beside(observed, simulated, "type"),
    )
    options.out.write_text(text, encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
