"""Simulate the packaged real center and set the figures beside what was observed.

    python scripts/compare_real_center.py ../shared/data/calls_2014_h1.parquet

Writes comparison.md and differences.txt beside the scenario. Apart from the scenario as packaged,
it tries other values of busyness, and simulates every kept day with that day's own volumes, head
counts and mean talk time, which shows how much comes from averaging days and how much from what
was inferred.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from real_center.build import Center, Inferred, infer, mean_day, one_day
from real_center.files import WEEKDAYS, write
from real_center.observed import TARGET_SHARE, TARGET_WITHIN, THRESHOLDS

import simcc
from simcc.metrics import service_level_name

FOLDER = Path(__file__).parents[1] / "simcc" / "examples" / "real_center"
TUESDAY = 1
LEVELS = [service_level_name(x) for x in THRESHOLDS]
METRICS = ["offered", "abandonment", *LEVELS, "asa"]
SHARES = ["abandonment", *LEVELS]
BUSYNESS = {
    "residual_cv": "left of daily totals after week and weekday",
    "calls_cv": "daily totals",
    "load_cv": "a day's work per agent-hour, as packaged",
    "half_hour_cv": "a half hour's work per agent, held all day",
}
OWN = "each day with its own calls, agents and mean talk time"
TEXT = """# Observed and simulated

Written by `scripts/compare_real_center.py`: {replications} simulated days, seed {seed}. Shares are
of the offered calls; the mean wait is of the answered. A wait of 1 s in the log is no wait, so the
observed mean wait is about half a second too long. The scenario's cv of busyness is {packaged}.

## The day

{day}
{n_days} days are few: the 95 % interval of the observed abandonment is {abandonment}, of the share
within 20 s {within}. So these means hardly tell the rows apart, and are no reason to choose one
busyness or another.

Simulated with its own calls, agents and mean talk time, each day comes out about as observed (last
row, and the table of days below), so presence, skills, patience and after-call work fit together.
This is no independent test: the rule of presence looks at waiting calls of the same log.

An average day is another matter. Waiting grows faster than load, so days and hours that are
busier, or staffed more thinly, than their mean add more abandonment than the others save. Fixed
mean head counts hide that. Busyness brings back what differs from day to day, not what differs
from hour to hour within a day, and so the packaged scenario serves better than the center did.

## How days differ

{spread}
A busyness that holds a half hour's variation all day long meets the observed means, but only
because its worst days are worse, its best days better, and its calls vary more than real ones did.

## Each day as it was

{each_day}
## Half hours, observed / simulated

{intervals}
## Queues, observed / simulated

{types}"""
DIFFERENCES = """\
Observed: {n_days} {weekday}s of January to June 2014. Simulated: one average {weekday} whose calls
vary from day to day by one factor (cv {packaged}), and whose staff is fixed at its mean.
Why they differ: real hours also vary within a day, in calls and in staff, which costs service. With
each day's own calls, staff and talk times the simulation abandons {own:.1%}; observed {seen:.1%}.
"""


def by_scope(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """The metrics as columns, one row per scope and interval ("" for the whole day)."""
    return table.pivot(index=["scope", "interval"], columns="metric", values=value)


def figures(result: simcc.Result) -> pd.DataFrame:
    """The figures of a result, as `by_scope` gives them."""
    intervals = result.intervals(scope="all", metrics=METRICS)
    intervals["interval"] = intervals["interval_start"].dt.strftime("%H:%M")
    columns = ["scope", "interval", "metric", "estimate"]
    rows = [
        result.summary().assign(interval="")[columns],
        intervals[columns].astype({"scope": str, "metric": str}),
    ]
    return by_scope(pd.concat(rows), "estimate")


def spread(result: simcc.Result) -> dict[str, float]:
    """How the calls, the abandonment and the service level of simulated days vary."""
    within = f"served_le_{TARGET_WITHIN}"
    days = result.counters("center").groupby("replication")[["offered", "abandoned", within]].sum()
    return spread_of(days["offered"], days["abandoned"], days[within])


def spread_of(offered: pd.Series, abandoned: pd.Series, within: pd.Series) -> dict[str, float]:
    """The same from each day's counts."""
    level = within / offered
    return {
        "calls": offered.std(),
        "abandonment": (abandoned / offered).std(),
        "reached": (level >= TARGET_SHARE).mean(),
        **{f"p{100 * p:.0f}": level.quantile(p, interpolation="lower") for p in (0.1, 0.5, 0.9)},
    }


def observed_spread(found: Inferred) -> dict[str, float]:
    """How the kept days vary."""
    calls = found.log.kept
    within = calls["served"] & (calls["wait"] <= TARGET_WITHIN)
    days = calls.assign(within=within, gone=~calls["served"]).groupby("day")
    return spread_of(days.size(), days["gone"].sum(), days["within"].sum())


def with_busyness(scenario: simcc.Scenario, cv: float) -> simcc.Scenario:
    """The scenario with another busyness."""
    types = []
    for contact_type in scenario.contact_types:
        busyness = contact_type.arrivals.busyness.replace(cv=cv)
        arrivals = contact_type.arrivals.replace(busyness=busyness)
        types.append(contact_type.replace(arrivals=arrivals))
    return scenario.replace(contact_types=tuple(types))


def day_by_day(found: Inferred, center: Center, run: dict[str, int]) -> pd.DataFrame:
    """Figures of each kept day, simulated with its own tables."""
    rows = []
    for day in found.log.days:
        with tempfile.TemporaryDirectory() as folder:
            write(one_day(found, center, day), Path(folder))
            scenario = simcc.load(Path(folder) / "real_center.toml")
        rows.append(figures(simcc.simulate(scenario, **run)).loc[("all", ""), METRICS])
    return pd.DataFrame(rows, index=found.log.days)


def pooled(days: pd.DataFrame) -> pd.Series:
    """The figures of all days together."""
    offered = days["offered"]
    served = offered * (1 - days["abandonment"])
    shares = {share: (days[share] * offered).sum() / offered.sum() for share in SHARES}
    return pd.Series(
        {"offered": offered.mean(), "asa": (days["asa"] * served).sum() / served.sum(), **shares}
    )


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


HEAD = ["", "offered", "abandoned", *(f"within {x} s" for x in THRESHOLDS), "mean wait, s"]


def means_table(rows: dict[str, pd.Series]) -> str:
    """One line per labelled row of figures."""
    return markdown(
        HEAD,
        [
            [
                name,
                f"{row['offered']:,.0f}",
                *(f"{row[x]:.1%}" for x in SHARES),
                f"{row['asa']:.1f}",
            ]
            for name, row in rows.items()
        ],
    )


def beside_table(names: dict[str, Any], seen: pd.DataFrame, made: pd.DataFrame) -> str:
    """Observed / simulated in each cell; `names` gives the key of each row."""
    lines = []
    for name, key in names.items():
        one, other = seen.loc[key], made.loc[key]
        shares = (f"{one[share]:.1%} / {other[share]:.1%}" for share in SHARES)
        volume = f"{one['offered']:,.0f} / {other['offered']:,.0f}"
        lines.append([name, volume, *shares, f"{one['asa']:.0f} / {other['asa']:.0f}"])
    return markdown(HEAD, lines)


def spread_table(rows: dict[str, dict[str, float]]) -> str:
    """Standard deviations and quantiles over days, one line per labelled row."""
    head = [
        "",
        "calls, sd",
        "abandoned, sd",
        f"days with {TARGET_SHARE:.0%} within {TARGET_WITHIN} s",
    ]
    head += [f"within {TARGET_WITHIN} s: {p}" for p in ("p10", "median", "p90")]
    shares = ("abandonment", "reached", "p10", "p50", "p90")
    return markdown(
        head,
        [
            [name, f"{row['calls']:,.0f}", *(f"{row[x]:.1%}" for x in shares)]
            for name, row in rows.items()
        ],
    )


def days_table(found: Inferred, days: pd.DataFrame) -> str:
    """Each day's abandonment, observed and simulated."""
    by_day = found.log.kept.groupby("day")["served"].agg(["size", "mean"])
    return markdown(
        ["day", "offered", "abandoned, observed", "simulated"],
        [
            [
                f"{day:%Y-%m-%d}",
                f"{n:,.0f}",
                f"{1 - served:.1%}",
                f"{days.loc[day, 'abandonment']:.1%}",
            ]
            for day, (n, served) in by_day.iterrows()
        ],
    )


def compare(log: Path, run: dict[str, int]) -> tuple[str, str]:
    """The texts of comparison.md and differences.txt."""
    found = infer(log, TUESDAY)
    center = mean_day(found)
    scenario = simcc.load(FOLDER / "real_center.toml")
    table = pd.read_csv(FOLDER / "observed.csv").fillna({"interval": ""})
    seen = by_scope(table, "observed")
    means, spreads = {"observed": seen.loc[("all", "")]}, {"observed": observed_spread(found)}
    for fact, meaning in BUSYNESS.items():
        cv = round(center.facts[fact], 3)
        result = simcc.simulate(with_busyness(scenario, cv), **run)
        name = f"simulated, busyness {cv}: {meaning}"
        means[name], spreads[name] = figures(result).loc[("all", "")], spread(result)
        if cv == center.busyness:
            made = figures(result)
    days = day_by_day(found, center, {**run, "replications": max(run["replications"] // 20, 1)})
    own = means[f"simulated, {OWN}"] = pooled(days)
    facts = {
        "n_days": len(found.log.days),
        "weekday": WEEKDAYS[TUESDAY],
        "packaged": center.busyness,
    }
    low, high = (by_scope(table, end).loc[("all", "")] for end in ("low", "high"))
    ends = {
        key: f"{low[metric]:.1%} to {high[metric]:.1%}"
        for key, metric in (("abandonment", "abandonment"), ("within", LEVELS[0]))
    }
    text = TEXT.format(
        **run,
        **facts,
        **ends,
        day=means_table(means),
        spread=spread_table(spreads),
        each_day=days_table(found, days),
        intervals=beside_table({c: ("all", c) for c in seen.loc["all"].index if c}, seen, made),
        types=beside_table({name: (f"type:{name}", "") for name in center.talk}, seen, made),
    )
    shares = {"own": own["abandonment"], "seen": means["observed"]["abandonment"]}
    return text, DIFFERENCES.format(**facts, **shares)


def main() -> None:
    """Simulate, compare, write the two files and print the short one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("log", type=Path, help="calls_2014_h1.parquet")
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    text, differences = compare(
        options.log, {"replications": options.replications, "seed": options.seed}
    )
    (options.out / "comparison.md").write_text(text, encoding="utf-8")
    (options.out / "differences.txt").write_text(differences, encoding="utf-8")
    print(differences, end="")


if __name__ == "__main__":
    main()
