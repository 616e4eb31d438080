"""The Markov chain behind a case: its states, and what may happen in each of them.

Written from the words of shared/cases/README.md alone; it knows nothing of simcc. Laws are made
of exponential phases, bot sessions and patience are exponential.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chain_parts import ANY, Branches, Class, Removal, Slot, State, Step, added, phases_of
from chain_returns import Returns

Counted = tuple[tuple[str, str], ...]


class Center:
    """A case's model during one interval: rates and numbers of agents are constant.

    Parameters
    ----------
    model : dict
        As in the case.
    interval : int
        Number of the arrival interval; after the last one nobody arrives.
    edges : list of float
        Of the intervals (s).
    cap : int
        Most waiting in each class (in all, where the queue is an ordered string), and most in
        each orbit; those beyond it are counted as "lost_by_cap".
    """

    def __init__(self, model: dict[str, Any], interval: int, edges: list[float], cap: int) -> None:
        self.model, self.interval, self.edges, self.cap = model, interval, edges, cap
        self.types = {one["name"]: one for one in model["types"]}
        self.groups = [one["name"] for one in model["groups"]]
        self.bot = model.get("bot")
        self.lines = math.inf if model.get("lines") is None else model["lines"]
        self.closed = interval >= len(edges) - 1
        self.returns = Returns(model, cap, self.closed)
        self.markov = [t for t, one in self.types.items() if _process(one) == "mmpp"]
        self.classes = [
            Class(t, i, attempt, _abandon_rate(one), one.get("balk_prob", 0.0))
            for t, one in self.types.items()
            for i in _intervals_of(one)
            for attempt in self.returns.attempts
        ]
        self._rules()
        self.slots: list[Slot] = []
        self.first: dict[tuple[int, int], list[tuple[float, int]]] = {}
        for g, group in enumerate(model["groups"]):
            for c, of in enumerate(self.classes):
                if of.type in group["skills"]:
                    served = self._as_served(of)
                    self.first[c, g] = (
                        self._add_slots(of, g) if served == c else self.first[served, g]
                    )
        self.staff = [self._staff(group["agents"]) for group in model["groups"]]
        self.named = [
            isinstance(group["agents"], dict) and group["agents"]["decrease_rule"] == "named"
            for group in model["groups"]
        ]

    def _rules(self) -> None:
        routing = self.model["routing"]
        rules = [routing["group_to_contact"][g] for g in self.groups]
        several = len(self.returns.attempts) > 1  # of one type, in one queue
        self.ordered = several or any(rule["rule"] == "longest_wait" for rule in rules)
        self.by_wait = [rule["rule"] == "longest_wait" for rule in rules]
        self.order = [
            [c for t in rule["order"] for c, one in enumerate(self.classes) if one.type == t]
            for rule in rules
        ]
        self.groups_of = {
            t: [self.groups.index(g) for g in order]
            for t, order in routing["contact_to_group"].items()
        }
        self.needed = {
            (row["type"], self.groups.index(row["group"])): row["idle_needed"]
            for row in routing.get("reserve") or []
        }

    def _as_served(self, of: Class) -> int:
        """Number of the class whose slots a class uses: no more of them than tell a difference."""
        attempt = self.returns.in_service(of.type, of.attempt)
        return self.classes.index(replace(of, attempt=attempt))

    def _add_slots(self, of: Class, g: int) -> list[tuple[float, int]]:
        """Add the slots of talk and wrap; return where a contact of the class begins."""
        law = self.types[of.type]["service"]
        if "by_group" in law:
            law = law["by_group"][self.groups[g]]
        if "by_arrival_interval" in law:
            law = law["by_arrival_interval"][of.interval]
        parts = [(phases_of(law), True)]
        if self.types[of.type].get("wrap"):
            parts.append((phases_of(self.types[of.type]["wrap"]), False))
        follow: list[tuple[float, int]] = []
        for (begin, rates, then), talking in reversed(parts):
            base, n = len(self.slots), len(rates)
            for i in range(n):
                leaves = 1.0 - sum(then[i])
                after = [(p, base + j) for j, p in enumerate(then[i]) if p > 0]
                after += [(leaves * p, slot) for p, slot in follow if leaves > 0]
                slot = Slot(g, of.type, of.attempt, rates[i], talking, tuple(after))
                self.slots.append(slot)
            follow = [(begin[i], base + i) for i in range(n) if begin[i] > 0]
        return follow

    def _staff(self, agents: int | dict[str, Any]) -> int:
        if isinstance(agents, int):
            return agents
        if self.closed:
            return agents["after_last_edge"]
        at = self.edges[self.interval]
        inside = [n for n, a in zip(agents["counts"], agents["edges_s"], strict=False) if a <= at]
        return inside[-1]

    def empty(self) -> State:
        """Return the state without any contact."""
        zeros = (0,) * len(self.slots)
        queue = () if self.ordered else (0,) * len(self.classes)
        overtime = zeros if any(self.named) else ()
        return State((0,) * len(self.markov), 0, zeros, overtime, queue, self._no_orbit())

    def _no_orbit(self) -> tuple[int, ...]:
        return (0,) * len(self.returns.orbits)

    def busy(self, state: State, g: int) -> int:
        """Return the number of busy agents of a group, without those in overtime."""
        return sum(n for n, slot in zip(state.busy, self.slots, strict=True) if slot.group == g)

    def waiting(self, state: State, c: int) -> int:
        """Return the number waiting of a class."""
        return state.queue.count(c) if self.ordered else state.queue[c]

    def steps(self, state: State) -> Iterator[Step]:
        """Yield everything that may happen."""
        if not self.closed:
            for t in self.types:
                rate = self._arrival_rate(state, t)
                if rate > 0:
                    yield from self._arrive(state, t, rate)
        for i, n in enumerate(state.orbit):
            if n > 0:
                yield from self._come_back(state, i, n)
        for i, t in enumerate(self.markov):
            phase = state.phases[i]
            rate = 1 / self.types[t]["arrivals"]["phase_means_s"][phase]
            yield Step(rate, state._replace(phases=added(state.phases, i, 1 - 2 * phase)))
        if state.bot:
            yield from self._session_ends(state)
        for s in range(len(self.slots)):
            if state.busy[s]:
                yield from self._phase_ends(state, s)
            if state.overtime and state.overtime[s]:
                yield from self._overtime_ends(state, s)
        for c, of in enumerate(self.classes):
            n = self.waiting(state, c) if of.abandon_rate > 0 else 0
            places = [(place, 1) for place in range(n)] if self.ordered else [(ANY, n)] * (n > 0)
            for place, many in places:
                yield from self._abandon(state, c, place, many * of.abandon_rate)

    def _abandon(self, state: State, c: int, place: int, rate: float) -> Iterator[Step]:
        of, after = self.classes[c], self._without(state, c, place)
        for p, to, counts in self.returns.after(after, of.type, of.attempt, "abandoned"):
            counts = (("abandoned", of.type), *counts)
            yield Step(rate * p, to, counts, (Removal(c, place),), True)

    def _arrival_rate(self, state: State, t: str) -> float:
        arrivals = self.types[t]["arrivals"]
        if arrivals is None:
            return 0.0
        if arrivals["process"] == "poisson":
            return arrivals["rate_per_hour"] / 3600
        if arrivals["process"] == "mmpp":
            return arrivals["rates_per_hour"][state.phases[self.markov.index(t)]] / 3600
        at, edges = self.edges[self.interval], arrivals["edges_s"]
        for rate, a, b in zip(arrivals["rates_per_hour"], edges, edges[1:], strict=False):
            if a <= at < b:
                return rate * self.model.get("factor", 1.0) / 3600
        return 0.0

    def _arrive(self, state: State, t: str, rate: float) -> Iterator[Step]:
        if self.bot is None or self.bot["type"] != t:
            yield from self._reach_people(state, t, rate, (("fresh", t),))
            return
        met = (("bot_offered", t),)
        if self.bot["sessions"] is None and state.bot == self.cap:
            yield Step(rate, state, (("lost_by_cap", t),))
        elif self.bot["sessions"] is None or state.bot < self.bot["sessions"]:
            yield Step(rate, state._replace(bot=state.bot + 1), met)
        elif self.bot["when_full"] == "human":
            yield from self._reach_people(state, t, rate, (*met, ("bot_full", t), ("fresh", t)))
        else:
            yield Step(rate, state, (*met, ("bot_full", t)))

    def _session_ends(self, state: State) -> Iterator[Step]:
        law, contained = self.bot["time"], self.bot["contain_prob"]
        if law["dist"] != "exponential":
            raise ValueError("sessions must be exponential")
        rate, after = state.bot / law["mean_s"], state._replace(bot=state.bot - 1)
        yield Step(rate * contained, after)
        t = self.bot["type"]
        yield from self._reach_people(after, t, rate * (1 - contained), (("fresh", t),))

    def _come_back(self, state: State, i: int, n: int) -> Iterator[Step]:
        """One of n customers of an orbit tries again."""
        t, attempt, rate = self.returns.orbits[i]
        after = self.returns.leave(state, i)
        yield from self._reach_people(after, t, n * rate, (), attempt=attempt, repeat=True)

    def _reach_people(
        self, state: State, t: str, rate: float, met: Counted,
        removed: tuple[Removal, ...] = (), attempt: int = 1, repeat: bool = False,
    ) -> Iterator[Step]:  # fmt: skip
        """A contact reaches the human queue: blocked, answered, balks or waits.

        removed: who has left the queue at the same instant.
        """
        counts = (*met, ("offered", t), *((("offered_repeat", t),) if repeat else ()))
        if self.in_system(state) >= self.lines:
            for p, to, more in self.returns.after(state, t, attempt, "blocked"):
                yield Step(rate * p, to, (*counts, ("blocked", t), *more), removed)
            return
        c = self._class(t, attempt)
        for g in self.groups_of[t]:
            if self.staff[g] - self.busy(state, g) >= self.needed.get((t, g), 1):
                for p, slot in self.first[c, g]:
                    to = state._replace(busy=added(state.busy, slot, 1))
                    yield Step(rate * p, to, (*counts, ("answered_at_once", t)), removed)
                return
        balk = self.classes[c].balk
        if balk > 0:
            balks = (*counts, ("balked", t), *((("balked_repeat", t),) if repeat else ()))
            for p, to, more in self.returns.after(state, t, attempt, "abandoned"):
                yield Step(rate * balk * p, to, (*balks, *more), removed)
        full = len(state.queue) if self.ordered else state.queue[c]
        if full >= self.cap:
            yield Step(rate * (1 - balk), state, (*counts, ("lost_by_cap", t)), removed)
            return
        queue = (*state.queue, c) if self.ordered else added(state.queue, c, 1)
        to = state._replace(queue=queue)
        counts = (*counts, ("queued", t))
        yield Step(rate * (1 - balk), to, counts, removed, joined=c, repeat=repeat)

    def _class(self, t: str, attempt: int) -> int:
        """Class of a contact that reaches the queue now."""
        return next(
            i for i, one in enumerate(self.classes)
            if one.type == t and one.interval in (None, self.interval) and one.attempt == attempt
        )  # fmt: skip

    def in_system(self, state: State) -> int:
        """Return the number of contacts in queue and in service."""
        waiting = len(state.queue) if self.ordered else sum(state.queue)
        spells = (state.busy, state.overtime) if state.overtime else (state.busy,)
        return waiting + sum(
            n for part in spells for n, s in zip(part, self.slots, strict=True) if s.talking
        )

    def _phase_ends(self, state: State, s: int) -> Iterator[Step]:
        slot = self.slots[s]
        rate, left = state.busy[s] * slot.rate, state._replace(busy=added(state.busy, s, -1))
        for p, to in slot.after:
            after = left._replace(busy=added(left.busy, to, 1))
            yield from self._moves_on(rate * p, after, slot, self.slots[to].talking, ())
        free = 1.0 - sum(p for p, _ in slot.after)
        if free > 1e-12:
            for p, to, removed in self.settle(left, slot.group):
                yield from self._moves_on(rate * free * p, to, slot, False, removed)

    def _overtime_ends(self, state: State, s: int) -> Iterator[Step]:
        slot = self.slots[s]
        rate = state.overtime[s] * slot.rate
        left = state._replace(overtime=added(state.overtime, s, -1))
        for p, to in slot.after:
            after = left._replace(overtime=added(left.overtime, to, 1))
            yield from self._moves_on(rate * p, after, slot, self.slots[to].talking, ())
        gone = 1.0 - sum(p for p, _ in slot.after)
        if gone > 1e-12:
            yield from self._moves_on(rate * gone, left, slot, False, ())

    def _moves_on(
        self, rate: float, state: State, slot: Slot, talks: bool, removed: tuple[Removal, ...]
    ) -> Iterator[Step]:
        """An agent has gone on; at the end of the talk, so does the customer.

        Who is handed over joins the queue when the agent, if free, has looked at the queues.
        """
        counts = self._served(removed)
        if talks or not slot.talking:
            yield Step(rate, state, counts, removed)
            return
        stays = 1.0
        for one in self.returns.transfers[slot.type]:
            stays -= one["prob"]
            yield from self._reach_people(
                state, one["to"], rate * one["prob"], counts, removed,
                slot.attempt, slot.attempt > 1,
            )  # fmt: skip
        if stays > 1e-12:
            for p, to, more in self.returns.after(state, slot.type, slot.attempt, "served"):
                yield Step(rate * stays * p, to, (*counts, *more), removed)

    def _served(self, removed: tuple[Removal, ...]) -> Counted:
        return tuple(("answered_later", self.classes[one.of].type) for one in removed)

    def settle(self, state: State, g: int) -> Branches:
        """Let the idle agents of a group take contacts, as long as its rule finds one."""
        idle = self.staff[g] - self.busy(state, g)
        c = self._next(state, g, idle) if idle > 0 else None
        if c is None:
            return [(1.0, state, ())]
        found = []
        for p, slot in self.first[c, g]:
            taken = self._without(state, c, 0)
            taken = taken._replace(busy=added(taken.busy, slot, 1))
            for q, to, removed in self.settle(taken, g):
                found.append((p * q, to, (Removal(c, 0), *removed)))
        return found

    def _next(self, state: State, g: int, idle: int) -> int | None:
        """Class of the contact that a free agent of group g takes."""
        candidates = [
            c
            for c in self.order[g]
            if self.waiting(state, c) and idle >= self.needed.get((self.classes[c].type, g), 1)
        ]
        if self.by_wait[g]:
            return next((c for c in state.queue if c in candidates), None)
        if self.ordered and candidates:  # its attempts wait in one queue
            first = self.classes[candidates[0]].type
            return next(c for c in state.queue if self.classes[c].type == first)
        return candidates[0] if candidates else None

    def _without(self, state: State, c: int, place: int) -> State:
        """The state when the contact of class c with `place` of its class before it has left."""
        if not self.ordered:
            return state._replace(queue=added(state.queue, c, -1))
        i = [j for j, one in enumerate(state.queue) if one == c][place]
        return state._replace(queue=state.queue[:i] + state.queue[i + 1 :])

    def later(self, interval: int) -> Center:
        """Return the same model in another interval."""
        return Center(self.model, interval, self.edges, self.cap)

    def enter(self, state: State, before: Center) -> Branches:
        """Branches of a state as the numbers of agents change from those of `before`."""
        if self.closed:
            state = state._replace(orbit=self._no_orbit())
        found: Branches = [(1.0, state, ())]
        for g in range(len(self.groups)):
            leaving = before.staff[g] - self.staff[g]
            if self.named[g] and leaving > 0:
                found = [
                    (p * q, to, removed)
                    for p, one, removed in found
                    for q, to in self._send_home(one, g, before.staff[g], leaving)
                ]
        for g in range(len(self.groups)):
            found = [
                (p * q, to, (*removed, *more))
                for p, one, removed in found
                for q, to, more in self.settle(one, g)
            ]
        return found

    def _send_home(
        self, state: State, g: int, agents: int, leaving: int
    ) -> list[tuple[float, State]]:
        """Which of a group's agents are among those that leave: any, whatever they do."""
        slots = [s for s, one in enumerate(self.slots) if one.group == g]
        idle = agents - self.busy(state, g)
        found = []
        for chosen in _choices([state.busy[s] for s in slots], leaving):
            stay = leaving - sum(chosen)
            if stay > idle:
                continue
            ways = math.comb(idle, stay)
            busy, overtime = state.busy, state.overtime
            for s, n in zip(slots, chosen, strict=True):
                ways *= math.comb(state.busy[s], n)
                busy, overtime = added(busy, s, -n), added(overtime, s, n)
            to = state._replace(busy=busy, overtime=overtime)
            found.append((ways / math.comb(agents, leaving), to))
        return found


def _choices(present: list[int], most: int) -> Iterator[tuple[int, ...]]:
    if not present:
        yield ()
        return
    for n in range(min(present[0], most) + 1):
        for rest in _choices(present[1:], most - n):
            yield (n, *rest)


def _process(one: dict[str, Any]) -> str | None:
    return one["arrivals"]["process"] if one["arrivals"] else None


def _intervals_of(one: dict[str, Any]) -> list[int] | list[None]:
    laws = one["service"].get("by_arrival_interval")
    return [None] if laws is None else list(range(len(laws)))


def _abandon_rate(one: dict[str, Any]) -> float:
    law = one["patience"]
    if law is None:
        return 0.0
    if law["dist"] != "exponential":
        raise ValueError("patience must be exponential")
    return 1 / law["mean_s"]
