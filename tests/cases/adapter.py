"""A case of shared/cases as a scenario of simcc, and its counters from the result.

What simcc does not have, or a form that the cases do not define, raises :class:`Unsupported`.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
from counters import names_of, parts, thresholds_of

import simcc
from simcc.metrics import Counters

Floats = np.ndarray
FOLLOW_UPS = {
    "redial_after_abandon": ("abandoned", "balked"),
    "redial_after_busy": ("blocked",),
    "reconnect_after_service": ("served",),
}
MOST_STEADY_INTERVALS = 25


class Unsupported(Exception):
    """A word of the case language that simcc does not have."""


def scenario_of(case: dict[str, Any]) -> simcc.Scenario:
    """Return the scenario that a case describes."""
    model = case["model"]
    _refuse_later_words(model)
    horizon, ratio = horizon_of(case["regime"])
    return simcc.Scenario(
        name=case["id"],
        horizon=horizon,
        contact_types=[_type(one, model, horizon, ratio) for one in model["types"]],
        agent_groups=[
            simcc.AgentGroup(
                name=one["name"],
                skills=one["skills"],
                staff=_staff(one["agents"]),
                concurrency=_concurrency(one.get("concurrency")),
            )
            for one in model["groups"]
        ],
        bots=[_bot(model["bot"])] if model.get("bot") else [],
        routing=_routing(model["routing"]),
        thresholds=[x for x in thresholds_of(case) if x > 0] or [20.0],
        lines=model.get("lines"),
    )


def _refuse_later_words(model: dict[str, Any]) -> None:
    if model["routing"].get("preemption") not in (None, "none", "resume"):
        raise Unsupported(f"preemption {model['routing']['preemption']!r}")
    if model["routing"].get("within_type", "fcfs") != "fcfs":
        raise Unsupported(f"within_type {model['routing']['within_type']}")


def horizon_of(regime: dict[str, Any]) -> tuple[simcc.Horizon, list[int]]:
    """Return the horizon, and for each of its counted intervals the interval of the case."""
    if regime["kind"] == "transient":
        edges = [round(1000 * edge) for edge in regime["interval_edges_s"]]  # ms
        lengths = np.diff(edges)
        interval = reduce(math.gcd, lengths.tolist())
        horizon = simcc.Horizon(length=edges[-1] / 1000, interval=interval / 1000)
        return horizon, np.repeat(np.arange(len(lengths)), lengths // interval).tolist()
    window = regime["horizon_s"]
    margins = [regime["warmup_s"], regime.get("cooldown_s", 0)]
    best = min(
        (n for n in range(1, MOST_STEADY_INTERVALS + 1) if window % n == 0),
        key=lambda n: sum(_whole(margin, window / n) for margin in margins),
    )
    warmup, cooldown = (_whole(margin, window / best) for margin in margins)
    horizon = simcc.Horizon(
        length=warmup + window + cooldown, interval=window / best, warmup=warmup, cooldown=cooldown
    )
    return horizon, [0] * best


def _whole(margin: float, interval: float) -> float:
    """The margin, made longer to a whole number of intervals."""
    return math.ceil(margin / interval) * interval


def _type(
    one: dict[str, Any], model: dict[str, Any], horizon: simcc.Horizon, intervals: list[int]
) -> simcc.ContactType:
    law = one["service"]
    if "by_group" in law:
        talk: dict[str, Any] = {
            "talk_time_by_group": {g: law_of(each) for g, each in law["by_group"].items()}
        }
    elif "by_arrival_interval" in law:
        laws = [law_of(each) for each in law["by_arrival_interval"]]
        talk = {"talk_time_by_interval": [laws[k] for k in intervals]}
    else:
        talk = {"talk_time": law_of(law)}
    bot = model.get("bot")
    return simcc.ContactType(
        name=one["name"],
        arrivals=_arrivals(one["arrivals"], horizon) if one["arrivals"] else None,
        after_call_work=law_of(one["wrap"]) if one.get("wrap") else None,
        patience=law_of(one["patience"]) if one["patience"] else None,
        balking=one.get("balk_prob", 0.0),
        bot="bot" if bot and bot["type"] == one["name"] else None,
        callback=_callback(model.get("callback"), one["name"]),
        follow_ups=_follow_ups(one),
        transfers=_transfers(one),
        interruption=_interruption(one["name"], model["routing"]),
        **talk,
    )


def _follow_ups(one: dict[str, Any]) -> list[simcc.FollowUp]:
    found = []
    for word, when in FOLLOW_UPS.items():
        row = one.get(word)
        if not row:
            continue
        _check_row(word, row, {"prob", "delay"}, {"max_redials"})
        most = row.get("max_redials")
        if most != 0:
            delay = law_of(row["delay"])
            found.append(
                simcc.FollowUp(when=when, probability=row["prob"], delay=delay, at_most=most)
            )
    return found


def _transfers(one: dict[str, Any]) -> list[simcc.Transfer]:
    rows = one.get("transfer") or []
    found = []
    for row in [rows] if isinstance(rows, dict) else rows:
        _check_row("transfer", row, {"prob", "to"}, set())
        found.append(simcc.Transfer(to=row["to"], probability=row["prob"]))
    return found


def _interruption(name: str, routing: dict[str, Any]) -> simcc.Interruption | None:
    """Types before this one in an order of priority set its contacts aside."""
    if routing.get("preemption") != "resume":
        return None
    by = {
        other: None
        for each in routing["group_to_contact"].values()
        if each["rule"] == "priority" and name in each["order"]
        for other in each["order"][: each["order"].index(name)]
    }
    return simcc.Interruption(by=list(by), then="resume") if by else None


def _check_row(word: str, row: dict[str, Any], needed: set[str], allowed: set[str]) -> None:
    """Refuse an object that says more, or less, than is understood here."""
    if not isinstance(row, dict):
        raise Unsupported(f"{word} as {row!r}")
    if wrong := needed - set(row) | set(row) - needed - allowed:
        raise Unsupported(f"{word} with or without {', '.join(sorted(wrong))}")
    if not isinstance(row["prob"], int | float):
        raise Unsupported(f"{word} with prob {row['prob']!r}")


def _comes_again(model: dict[str, Any]) -> bool:
    """Whether simcc counts issues and repeats, which it does only where there may be some."""
    return any(_follow_ups(one) or _transfers(one) for one in model["types"])


def law_of(law: dict[str, Any]) -> simcc.Law:
    """Return a law; the case's gamma has a shape, simcc's a coefficient of variation."""
    kind = law["dist"]
    if kind == "exponential":
        return simcc.Exponential(mean=law["mean_s"])
    if kind == "lognormal":
        return simcc.Lognormal(mean=law["mean_s"], cv=law["cv"])
    if kind == "weibull":
        return simcc.Weibull(shape=law["shape"], scale=law["scale_s"])
    if kind == "gamma":
        return simcc.Gamma(mean=law["mean_s"], cv=1 / math.sqrt(law["shape"]))
    if kind == "erlang":
        return simcc.Erlang(k=law["k"], mean=law["mean_s"])
    if kind == "hyperexponential":
        return simcc.Hyperexponential(probs=law["probs"], means=law["means_s"])
    if kind == "deterministic":
        return simcc.Constant(value=law["value_s"])
    raise Unsupported(f"dist {kind}")


def _arrivals(arrivals: dict[str, Any], horizon: simcc.Horizon) -> Any:
    kind = arrivals["process"]
    if kind == "poisson":
        return simcc.PoissonArrivals(rate_per_hour=arrivals["rate_per_hour"])
    if kind == "mmpp":
        return simcc.MarkovArrivals(
            rates_per_hour=arrivals["rates_per_hour"], phase_means=arrivals["phase_means_s"]
        )
    if kind != "poisson_piecewise":
        raise Unsupported(f"process {kind}")
    edges, rates = list(arrivals["edges_s"]), list(arrivals["rates_per_hour"])
    if edges[0] > 0:  # nobody arrives outside the edges
        edges, rates = [0.0, *edges], [0.0, *rates]
    if edges[-1] < horizon.length:
        edges, rates = [*edges, horizon.length], [*rates, 0.0]
    return simcc.RateArrivals(
        edges=edges, rates_per_hour=rates, busyness=_busyness(arrivals.get("day_factor"), horizon)
    )


def _busyness(factor: dict[str, Any] | None, horizon: simcc.Horizon) -> simcc.Busyness | None:
    if factor is None:
        return None
    if len(horizon.day_edges) > 2:
        raise Unsupported("day_factor over more than a day: simcc draws one for each day")
    cv = factor["cv"] if "cv" in factor else 1 / math.sqrt(factor["shape"])
    return simcc.Busyness(cv=cv, shared=factor.get("shared"))


def _staff(agents: int | dict[str, Any]) -> Any:
    if isinstance(agents, int):
        return simcc.FixedStaff(agents=agents)
    edges, counts = list(agents["edges_s"]), list(agents["counts"])
    if edges[0] > 0:
        edges, counts = [0.0, *edges], [0, *counts]
    return simcc.HeadCounts(
        counts=counts,
        edges=edges,
        after_last=agents.get("after_last_edge", counts[-1]),
        decrease=agents.get("decrease_rule", "headcount"),
    )


def _concurrency(several: dict[str, Any] | None) -> simcc.Concurrency | None:
    if not several:
        return None
    if several.keys() - {"max", "mode", "speed"}:
        raise Unsupported(f"concurrency {sorted(several)}")
    return simcc.Concurrency(
        most=several["max"],
        mode=several.get("mode", "dynamic"),
        speed=several.get("speed", [1.0]),
        ties="random",
    )


def _callback(offer: dict[str, Any] | None, name: str) -> simcc.Callback | None:
    if not offer or offer.get("type", name) != name:
        return None
    if offer.keys() - {"accept_prob", "min_waiting", "idle_needed", "type"}:
        raise Unsupported(f"callback {sorted(offer)}")
    return simcc.Callback(
        accepts=offer["accept_prob"],
        min_waiting=offer.get("min_waiting", 0),
        idle_needed=offer.get("idle_needed", 1),
    )


def _bot(bot: dict[str, Any]) -> simcc.Bot:
    return simcc.Bot(
        name="bot",
        sessions=bot.get("sessions"),
        when_full={"human": "agent", "lost": "lost"}[bot.get("when_full") or "human"],
        session_time=law_of(bot["time"]),
        contained=bot["contain_prob"],
    )


def _routing(routing: dict[str, Any]) -> simcc.Routing:
    needed = {
        (row["type"], row["group"]): row["idle_needed"] for row in routing.get("reserve") or []
    }
    for t, g in needed:
        if g not in routing["contact_to_group"].get(t, []):
            raise Unsupported(f"reserve of {g} for {t}, which is not routed there")
    return simcc.Routing(
        type_to_groups={
            t: [
                simcc.GroupOption(group=g, rank=rank, idle_needed=needed.get((t, g), 1))
                for rank, g in enumerate(groups)
            ]
            for t, groups in routing["contact_to_group"].items()
        },
        group_to_types={
            g: [
                simcc.TypeOption(type=t, rank=rank if each["rule"] == "priority" else 0)
                for rank, t in enumerate(each["order"])
            ]
            for g, each in routing["group_to_contact"].items()
        },
    )


# Counters of a type whose name here is not that of simcc, as sums.
OF_TYPE = {
    "offered_first": ("offered", "-offered_repeat"),
    "abandoned_first": ("abandoned", "-abandoned_repeat"),
    "wait_sum": ("wait_served_sum", "wait_abandoned_sum"),
    "served_le_0": ("offered", "-blocked", "-queued", "-balked"),
    "abandoned_le_0": ("balked",),
    "callback": ("callbacks",),
    "callback_started": ("called_back",),
    "preemptions": ("interruptions",),
}
OF_GROUP = {"agent_idle_time": ("present_time", "-occupied_time")}
OF_BOT = {"offered": "bot_offered", "full": "bot_full", "busy_time": "bot_time"}


class CaseCounters(dict[str, Floats]):
    """Counters of a case by name, one number per replication, from those of simcc.

    Parameters
    ----------
    case : dict
    sums : Counters
        Of the scenario that :func:`scenario_of` makes of the case.
    """

    def __init__(self, case: dict[str, Any], sums: Counters) -> None:
        _, intervals = horizon_of(case["regime"])
        self._interval = np.array(intervals)
        self._sums = sums
        self._fresh = ("issues",) if _comes_again(case["model"]) else ("offered",)
        super().__init__({name: self._find(name) for name in names_of(case)})

    def _find(self, name: str) -> Floats:
        what, _, at = name.partition("@")
        by_interval = self._by_interval(what)
        wanted = self._interval == int(at) if at else np.ones_like(self._interval, bool)
        return by_interval[:, wanted].sum(axis=1)

    def _by_interval(self, what: str) -> Floats:
        """Return a counter, shape (replications, intervals)."""
        sums, layout = self._sums, self._sums.layout
        if what == "window_s":
            return sums.total("time")
        owner, _, counter = what.rpartition(".")
        if what == "callback.pending_time":
            return sums.total("callback_time")
        if owner == "bot":
            return sums.by_bot(OF_BOT[counter])[..., 0]
        if "|" in owner:
            t, g = owner.split("|")
            pair = layout.types.index(t), layout.groups.index(g)
            assert layout.pair_intervals == layout.n_intervals
            assert counter == "busy_time"
            return sums.pairs[..., layout.pairs.index(pair), 1]
        if owner in layout.groups:
            names = OF_GROUP.get(counter, (counter,))
            return self._sum(sums.by_group, names, layout.groups.index(owner))
        names = self._fresh if counter == "fresh" else OF_TYPE.get(counter, (counter,))
        return self._sum(sums.by_type, names, layout.types.index(owner))

    def _sum(self, find: Any, names: tuple[str, ...], i: int) -> Floats:
        total = np.zeros(self._sums.center.shape[:2])
        for name in names:
            sign = -1.0 if name.startswith("-") else 1.0
            total += sign * find(name.removeprefix("-"))[..., i]
        return total


def run(case: dict[str, Any], replications: int, seed: int) -> dict[str, tuple[Floats, Floats]]:
    """Simulate a case; return numerator and denominator of each metric, per replication."""
    result = simcc.simulate(scenario_of(case), replications=replications, seed=seed, workers=2)
    found = CaseCounters(case, result.sums)
    pairs = {one["name"]: parts(one, found) for one in case["metrics"]}
    return {
        name: tuple(np.broadcast_to(part, replications) for part in pair)
        for name, pair in pairs.items()
    }
