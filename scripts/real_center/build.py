"""From the log to everything the scenario's files hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from . import groups, laws, presence
from .log import EDGES, HOLIDAYS, Log, read_calls, select
from .observed import clock, observed, spread


@dataclass(frozen=True)
class Inferred:
    """The log of the kept days and who was there.

    Attributes
    ----------
    names : dict
        Public name of each kept queue, largest queue first.
    stretches : DataFrame
        Presence (see `presence.stretches`) with the `group` of each agent.
    groups : dict
        Queues of each group, largest group first.
    gaps : ndarray of float64
        Seconds between two calls of an agent for whom a call was waiting.
    patience : tuple
        Curve of each queue, and the queues that share one.
    """

    log: Log
    names: dict[int, str]
    stretches: pd.DataFrame
    groups: dict[str, groups.Skills]
    gaps: np.ndarray
    patience: tuple[dict[int, pd.DataFrame], list[int]]
    facts: dict[str, float]


@dataclass(frozen=True)
class Center:
    """The content of the scenario's files; `busyness` None writes none."""

    weekday: int
    volumes: pd.DataFrame
    heads: pd.DataFrame
    skills: dict[str, list[str]]
    talk: dict[str, laws.TalkLaw]
    patience: dict[str, pd.DataFrame]
    pooled: list[str]
    observed: pd.DataFrame
    after_call_work: float
    busyness: float | None
    facts: dict[str, float]


def infer(path: str | Path, weekday: int) -> Inferred:
    """Read the log at `path`; who served what and was there on one weekday (0 is Monday)."""
    calls = read_calls(path)
    log = select(calls, weekday)
    skills = presence.infer_skills(calls, log.queues)
    stretches, gaps = presence.stretches(log, skills)
    mean = groups.mean_heads(stretches, stretches["agent"].map(skills), len(log.days))
    end = groups.absorb(mean)
    merged = stretches["agent"].map(
        {agent: end[own] for agent, own in skills.items() if own in end}
    )
    mean = groups.mean_heads(stretches, merged, len(log.days))
    labels = {own: f"group-{i:02d}" for i, own in enumerate(mean, start=1)}
    odd = pd.DatetimeIndex([*HOLIDAYS, *(HOLIDAYS + pd.Timedelta(days=1)), *log.odd_days])
    facts = {
        "n_log": len(calls),
        "n_weekday": int((calls["day"].dt.day_of_week == weekday).sum()),
        "n_kept": len(log.kept),
        "n_dropped": len(log.calls) - len(log.kept),
        "n_agents": int(stretches["agent"].nunique()),
        "n_sets": len(end),
        "residual_cv": laws.residual_cv(calls, odd),
    }
    return Inferred(
        log=log,
        names={queue: f"queue-{i:02d}" for i, queue in enumerate(log.queues, start=1)},
        stretches=stretches.assign(group=merged.map(labels)),
        groups={label: own for own, label in labels.items()},
        gaps=gaps,
        patience=laws.patience_curves(calls, log.queues),
        facts=facts,
    )


def mean_day(found: Inferred) -> Center:
    """The scenario of the averaged day."""
    log, names = found.log, found.names
    volumes, heads = _tables(found, log.days)
    curves, pooled = found.patience
    agents = _agents(found.stretches).reindex(log.days, fill_value=0.0).to_numpy()
    variation = _variation(found)
    facts = {
        **found.facts,
        "mean_agent_hours": float(agents.mean(axis=0).sum() / 2),
        "head_hours": float(heads["agents"].sum() / 2),
        "gap_median": float(np.median(found.gaps)),
        **variation,
        **spread(log),
    }
    return Center(
        weekday=int(log.days[0].day_of_week),
        volumes=volumes,
        heads=heads,
        skills={
            label: [names[queue] for queue in log.queues if queue in own]
            for label, own in found.groups.items()
        },
        talk={names[queue]: law for queue, law in laws.talk_laws(log).items()},
        patience={names[queue]: curve for queue, curve in curves.items()},
        pooled=[names[queue] for queue in pooled],
        observed=observed(log, names, agents),
        after_call_work=round(float(found.gaps.mean()), 1),
        busyness=round(variation["load_cv"], 3),
        facts=facts,
    )


def one_day(found: Inferred, center: Center, day: pd.Timestamp) -> Center:
    """The same center with one day's own volumes, head counts and mean talk times."""
    volumes, heads = _tables(found, pd.DatetimeIndex([day]))
    calls = found.log.kept
    calls = calls[calls["served"]]
    ratio = calls.loc[calls["day"] == day, "talk"].mean() / calls["talk"].mean()
    talk = {name: replace(law, mean=law.mean * ratio) for name, law in center.talk.items()}
    return replace(center, volumes=volumes, heads=heads, talk=talk, busyness=None)


def _tables(found: Inferred, days: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean volumes and whole head counts of some days."""
    queues = found.log.queues
    calls = found.log.kept
    calls = calls[calls["day"].isin(days)]
    counts = calls.groupby(["queue", "slot"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=queues, columns=range(len(EDGES)), fill_value=0)
    volumes = counts.to_numpy() / len(days)
    stretches = found.stretches[found.stretches["day"].isin(days)]
    mean = groups.mean_heads(stretches, stretches["group"], len(days))
    nobody = np.zeros(len(EDGES))
    serves = np.array([[queue in own for queue in queues] for own in found.groups.values()])
    rows = np.array([mean.get(label, nobody) for label in found.groups])
    heads = groups.round_heads(rows, serves, volumes)
    return (
        _long(volumes.round(3), "type", [found.names[queue] for queue in queues], "volume"),
        _long(heads, "group", list(found.groups), "agents"),
    )


def _variation(found: Inferred) -> dict[str, float]:
    """How calls, and their work per agent, vary over the kept days beyond Poisson noise.

    `load_cv` is of the whole day, `half_hour_cv` the median over the half hours.
    """
    calls, stretches = found.log.kept, found.stretches
    n_calls = calls.groupby(["day", "slot"]).size().unstack(fill_value=0)
    talk = calls.groupby("day")["talk"].mean()
    agents = _agents(stretches)
    total, hours = n_calls.sum(axis=1), agents.sum(axis=1)
    by_slot = [
        laws.busyness_cv(n_calls[slot] * talk / agents[slot], n_calls[slot])
        for slot in range(len(EDGES))
    ]
    return {
        "calls_cv": laws.busyness_cv(total, total),
        "load_cv": laws.busyness_cv(total * talk / hours, total),
        "hours_cv": float(hours.std() / hours.mean()),
        "half_hour_cv": float(np.median(by_slot)),
    }


def _agents(stretches: pd.DataFrame) -> pd.DataFrame:
    """Agents present on average, by day (rows) and half hour (columns)."""
    return pd.DataFrame(presence.overlaps(stretches)).groupby(stretches["day"]).sum()


def _long(values: np.ndarray, key: str, names: list[str], value: str) -> pd.DataFrame:
    """One row per half hour and name, as the scenario's CSV tables want it."""
    wide = pd.DataFrame(values.T, columns=names)
    wide.insert(0, "interval", [clock(edge) for edge in EDGES.tolist()])
    return wide.melt("interval", var_name=key, value_name=value)
