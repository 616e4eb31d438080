"""Erlang's formulas beside the simulation, interval by interval, with a word where they fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcc import estimation, theory
from simcc.metrics import service_level_name, service_level_parts
from simcc.metrics.counters import Floats
from simcc.model.follow_ups import has_follow_ups

if TYPE_CHECKING:
    import pandas as pd

    from simcc.metrics import Counters
    from simcc.model import ContactType, Scenario
    from simcc.result.result import Result

COLUMNS = ("scope", "model", "metric", "theory", "simulated", "low", "high", "applies", "note")


class Pool(NamedTuple):
    """Contact types and agent groups tied together by skills, by index."""

    types: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Queue:
    """One interval of a pool, seen as a single queue in its steady state."""

    agents: int
    rate_per_hour: float
    mean_service_time: float


class Mixture:
    """Patience of a contact of any type of a pool, mixed by volume."""

    def __init__(self, laws: Sequence[Any], weights: Floats) -> None:
        self.laws = laws
        self.weights = weights / weights.sum()

    def sf(self, times: npt.ArrayLike) -> Floats:
        """Return P(patience > t)."""
        times = np.asarray(times, dtype=np.float64)
        ones = np.ones_like(times)
        parts = [ones if law is None else np.asarray(law.sf(times)) for law in self.laws]
        return np.asarray(sum(w * part for w, part in zip(self.weights, parts, strict=True)))


Solve = Callable[[Queue], Any]


def cross_check(result: Result) -> pd.DataFrame:
    """Compare the simulation with queueing formulas.

    Types that share agents are pooled into one queue. Every interval is taken as a queue of its
    own in steady state, with the simulated volume, handle time and staffing of the interval; the
    figures of the intervals are then weighted by volume (agents and queues: by time).

    Parameters
    ----------
    result : Result

    Returns
    -------
    pandas.DataFrame
        Columns ``scope`` ("all", "type:NAME" or "pool:NAME, NAME"), ``model``, ``metric``,
        ``theory``, ``simulated`` with ``low`` and ``high``, ``applies`` (whether every assumption
        of the formula holds) and ``note`` (those that do not).
    """
    import pandas as pd

    rows = [row for pool in _pools(result.scenario) for row in _rows(result, pool)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pools(scenario: Scenario) -> list[Pool]:
    """Split types and groups into parts that have no skill in common."""
    n_types, n_groups = len(scenario.contact_types), len(scenario.agent_groups)
    label = np.arange(n_types)
    members = [
        [scenario.type_index(name) for name in group.skills] for group in scenario.agent_groups
    ]
    for skilled in members:
        label[np.isin(label, label[skilled])] = label[skilled].min(initial=n_types)
    return [
        Pool(
            tuple(np.flatnonzero(label == one).tolist()),
            tuple(g for g in range(n_groups) if members[g] and label[members[g][0]] == one),
        )
        for one in np.unique(label)
    ]


def _scope(scenario: Scenario, pool: Pool) -> str:
    names = [scenario.contact_types[k].name for k in pool.types]
    if len(names) == len(scenario.contact_types):
        return "all" if len(names) > 1 else f"type:{names[0]}"
    return f"type:{names[0]}" if len(names) == 1 else f"pool:{', '.join(names)}"


def _rows(result: Result, pool: Pool) -> Iterator[tuple[Any, ...]]:
    scenario, sums = result.scenario, result.sums
    scope = _scope(scenario, pool)
    queues = _queues(sums, pool)
    notes = _notes(scenario, pool, sums)
    for model, solve, more in _models(scenario, pool, sums):
        answers = [_try(solve, queue) for queue in queues]
        failed = sum(answer is None for answer, q in zip(answers, queues, strict=True) if q)
        why = [*notes, *more]
        if model == "Erlang B":  # holds for any law of handle times
            why = [note for note in why if note != NOT_EXPONENTIAL]
        if failed:
            why.append(f"no steady state in {failed} of {len(queues)} intervals")
        for metric, figure, kind, parts in _compared(scenario):
            weights = _weights(sums, pool, kind)
            value = math.nan if failed else _weighted(answers, figure, weights)
            above, below = (_total(sums, pool, names) for names in parts)
            found = estimation.ratio(above.sum(axis=1), below.sum(axis=1))
            yield (
                scope, model, metric, value, float(found.estimate), float(found.low),
                float(found.high), not why, "; ".join(why),
            )  # fmt: skip


def _total(sums: Counters, pool: Pool, names: Sequence[str]) -> Floats:
    """Add up counters of a pool, shape (R, intervals)."""
    total = np.zeros(sums.center.shape[:2])
    for name in names:
        if name == "time":
            total = total + sums.total("time")
        elif name in sums.layout.type_counters:
            total = total + sums.by_type(name)[..., list(pool.types)].sum(axis=-1)
        else:
            total = total + sums.by_group(name)[..., list(pool.groups)].sum(axis=-1)
    return total


def _queues(sums: Counters, pool: Pool) -> list[Queue | None]:
    """Return the queue of each interval; None where nothing was offered."""

    def mean(*names: str) -> Floats:
        return np.asarray(_total(sums, pool, names).mean(axis=0))

    hours = mean("time") / 3600
    offered, served, handled = mean("offered"), mean("served"), mean("talk_sum", "wrap_sum")
    usual = handled.sum() / max(served.sum(), 1e-12)
    queues: list[Queue | None] = []
    for n, staffed in enumerate(mean("staffed_time") / np.maximum(mean("time"), 1e-12)):
        if offered[n] == 0 or hours[n] == 0:
            queues.append(None)
            continue
        handle_time = handled[n] / served[n] if served[n] > 0 else usual
        queues.append(Queue(round(staffed), float(offered[n] / hours[n]), float(handle_time)))
    return queues


def _try(solve: Solve, queue: Queue | None) -> Any:
    try:
        return solve(queue) if queue else None
    except ValueError:  # overloaded, or nobody there
        return None


def _models(
    scenario: Scenario, pool: Pool, sums: Counters
) -> Iterator[tuple[str, Solve, list[str]]]:
    """Yield the formulas to compare with: name, solver, and what they leave out."""
    types = [scenario.contact_types[k] for k in pool.types]
    if all(one.queue_capacity == 0 for one in types):
        yield "Erlang B", _erlang_b, []
        return
    alone = len(pool.types) == len(scenario.contact_types)
    room = scenario.lines if alone else None
    left_out = ["the lines are shared with others"] if scenario.lines and not alone else []
    if any(one.queue_capacity is not None for one in types):
        left_out.append("the room in the queue is limited")
    laws = [one.patience for one in types]
    if all(law is None for law in laws):
        if room is not None:
            yield f"M/M/n/{room}", partial(_erlang_a, patience=math.inf, room=room), left_out
        else:
            yield "Erlang C", _erlang_c, left_out
        return
    exponential = all(law is not None and law.kind == "exponential" for law in laws)
    means = {law.mean() for law in laws if law is not None and exponential}
    if len(means) == 1:
        yield "Erlang A", partial(_erlang_a, patience=means.pop(), room=room), left_out
    else:
        volume = sums.by_type("offered")[..., list(pool.types)].mean(axis=(0, 1))
        mixture = Mixture(laws, np.maximum(volume, 1e-12))
        limited = ["the lines are limited"] if room is not None else []
        yield "M/M/n+G", partial(_any_patience, patience=mixture), left_out + limited
    yield "Erlang C", _erlang_c, ["contacts do give up"]


def _erlang_b(q: Queue) -> Any:
    return _erlang_a(q, math.inf, room=q.agents)


def _erlang_c(q: Queue) -> Any:
    return theory.erlang_c(q.agents, q.rate_per_hour, q.mean_service_time)


def _erlang_a(q: Queue, patience: float, room: int | None) -> Any:
    return theory.erlang_a(q.agents, q.rate_per_hour, q.mean_service_time, patience, room=room)


def _any_patience(q: Queue, patience: Mixture) -> Any:
    return theory.general_patience(q.agents, q.rate_per_hour, q.mean_service_time, patience)


def _compared(
    scenario: Scenario,
) -> Iterator[tuple[str, Callable[[Any], float], str, tuple[Sequence[str], Sequence[str]]]]:
    """Yield metric, the formula's figure, what weighs the intervals, and the counters."""
    for x in scenario.thresholds:
        yield (
            service_level_name(x),
            lambda answer, x=x: answer.service_level(x),  # type: ignore[misc]
            "offered",
            service_level_parts(x, "offered"),
        )
    yield "p_wait", lambda a: a.p_wait, "offered", (("queued",), ("offered",))
    yield "asa", lambda a: a.asa, "served", (("wait_served_sum",), ("served",))
    yield (
        "abandonment", lambda a: getattr(a, "p_abandon", 0.0), "offered",
        (("abandoned",), ("offered",)),
    )  # fmt: skip
    yield (
        "blocking",
        lambda a: getattr(a, "p_block", 0.0),
        "offered",
        (("blocked",), ("offered",)),
    )
    yield "mean_queue", lambda a: a.mean_queue, "time", (("queue_time",), ("time",))
    yield (
        "staffed_utilisation", lambda a: a.occupancy, "staffed_time",
        (("busy_time",), ("staffed_time",)),
    )  # fmt: skip


def _weights(sums: Counters, pool: Pool, kind: str) -> Floats:
    return np.asarray(_total(sums, pool, (kind,)).mean(axis=0))


def _weighted(answers: Sequence[Any], figure: Callable[[Any], float], weights: Floats) -> float:
    """Average a figure over the intervals; an interval without contacts counts as zero."""
    values = np.array([0.0 if answer is None else figure(answer) for answer in answers])
    return float(values @ weights / weights.sum()) if weights.sum() > 0 else math.nan


NOT_EXPONENTIAL = "handle times are not exponential"


def _notes(scenario: Scenario, pool: Pool, sums: Counters) -> list[str]:
    """Name the assumptions of every formula that the scenario does not meet."""
    types = [scenario.contact_types[k] for k in pool.types]
    groups = [scenario.agent_groups[g] for g in pool.groups]
    speeds = {speed for group in groups for speed in group.skills.values()}
    staffed = _total(sums, pool, ("staffed_time",)) / np.maximum(sums.total("time"), 1e-12)
    changing = [
        (len(types) > 1, "types share agents: taken as one queue"),
        (len(groups) > 1, "several groups: taken as one"),
        (len(speeds) > 1, "agents differ in speed"),
        (not all(map(_is_exponential, types)), NOT_EXPONENTIAL),
        (any(one.balking > 0 for one in types), "some balk"),
        (any(one.outbound for one in types), "agents make outbound calls"),
        (_is_fed_by_bot(scenario, pool), "contacts come through a bot"),
        (
            _is_chosen(scenario, types),
            "contacts choose their queue: their arrivals are not Poisson",
        ),
        (has_follow_ups(scenario), "contacts follow others: their load is not in the formulas"),
        (any(map(_is_not_poisson, types)), "arrivals are not Poisson with known rates"),
        (_varies(types, staffed), "volume or staffing vary: each interval taken as steady"),
        (scenario.horizon.window[0] == 0, "the run starts empty"),
        (bool((np.abs(staffed - np.rint(staffed)) > 1e-6).any()), "number of agents rounded"),
    ]
    return [note for holds, note in changing if holds]


def _is_chosen(scenario: Scenario, types: Sequence[ContactType]) -> bool:
    """Whether contacts of other types may join these queues, or theirs may join others."""
    names = {one.name for one in types}
    choices = scenario.routing.queue_choice
    return any(name in names or names.intersection(one.among) for name, one in choices.items())


def _varies(types: Sequence[ContactType], staffed: Floats) -> bool:
    """Whether rates or staffing are planned to change within the window."""
    rates = [getattr(one.arrivals, "rates_per_hour", ()) for one in types]
    by_interval = staffed.mean(axis=0)
    return any(len(set(each)) > 1 for each in rates) or bool(np.ptp(by_interval) > 1e-6)


def _is_exponential(one: ContactType) -> bool:
    plain = not one.talk_time_by_group and not one.talk_time_by_interval
    return (
        plain
        and not one.talk_scale_by_interval
        and one.after_call_work is None
        and one.talk_time is not None
        and one.talk_time.kind == "exponential"
    )


def _is_fed_by_bot(scenario: Scenario, pool: Pool) -> bool:
    names = {scenario.contact_types[k].name for k in pool.types}
    fed = {bot.escalate_to for bot in scenario.bots}
    return bool(names & fed) or any(scenario.contact_types[k].bot for k in pool.types)


def _is_not_poisson(one: ContactType) -> bool:
    arrivals = one.arrivals
    if arrivals is None:
        return False
    return arrivals.kind in ("trace", "markov") or getattr(arrivals, "busyness", None) is not None
