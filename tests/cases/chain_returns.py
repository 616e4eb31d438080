"""Customers who come back after an abandonment, a busy signal or a service, and transfers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chain_parts import State, added

WORDS = {
    "abandoned": "redial_after_abandon",
    "blocked": "redial_after_busy",
    "served": "reconnect_after_service",
}
Endings = list[tuple[float, State, tuple[tuple[str, str], ...]]]


class Orbit(NamedTuple):
    """Customers on their way back: as which type, for which attempt, at which rate each."""

    type: str
    attempt: int
    rate: float


class Returns:
    """Who comes back, and who is handed over.

    Attempts are told apart only where a word limits them. Then attempts 1, 2, ... have classes
    of their own, and the last stands for all later ones; else 1 stands for every attempt.

    Parameters
    ----------
    model : dict
    cap : int
        Most customers in each orbit; those beyond it are counted as "lost_by_cap".
    closed : bool
        Whether arrivals have stopped: nobody comes back any more.
    """

    def __init__(self, model: dict[str, Any], cap: int, closed: bool) -> None:
        self.cap, self.closed = cap, closed
        self.words = {
            (one["name"], ending): one[word]
            for one in model["types"]
            for ending, word in WORDS.items()
            if one.get(word)
        }
        limits = [word.get("max_redials", 0) for word in self.words.values()]
        self.attempts = range(1, max(limits, default=0) + 2)
        self.orbits = list(
            dict.fromkeys(
                self._orbit(t, ending, attempt)
                for t, ending in self.words
                for attempt in self.attempts
                if self._chance(t, ending, attempt) > 0
            )
        )
        self.transfers = {one["name"]: _transfers(one) for one in model["types"]}
        self._check(model)

    def in_service(self, t: str, attempt: int) -> int:
        """Return the attempt by which those in service go, 1 for all where it does not matter."""
        return attempt if (t, "served") in self.words or self.transfers[t] else 1

    def _check(self, model: dict[str, Any]) -> None:
        if self.orbits and model.get("bot"):
            raise ValueError("who comes back to a bot is not told apart there")
        if self.orbits and any(self.transfers.values()) and len(self.attempts) == 1:
            raise ValueError("limit the redials: transfers need attempts that are told apart")

    def _chance(self, t: str, ending: str, attempt: int) -> float:
        """Probability that a customer comes back after such an ending of this attempt."""
        word = self.words.get((t, ending))
        if word is None or self.closed or attempt > word.get("max_redials", math.inf):
            return 0.0
        return float(word["prob"])

    def _orbit(self, t: str, ending: str, attempt: int) -> Orbit:
        delay = self.words[t, ending]["delay"]
        if delay["dist"] != "exponential":
            raise ValueError("delays must be exponential")
        return Orbit(t, min(attempt + 1, self.attempts[-1]), 1 / delay["mean_s"])

    def after(self, state: State, t: str, attempt: int, ending: str) -> Endings:
        """Branches after a contact of a type has ended: the customer comes back, or is gone."""
        chance = self._chance(t, ending, attempt)
        if chance == 0:
            return [(1.0, state, ())]
        i = self.orbits.index(self._orbit(t, ending, attempt))
        if state.orbit[i] >= self.cap:
            back: Endings = [(chance, state, (("lost_by_cap", t),))]
        else:
            back = [(chance, state._replace(orbit=added(state.orbit, i, 1)), ())]
        return back if chance == 1 else [*back, (1 - chance, state, ())]

    def leave(self, state: State, i: int) -> State:
        """The state when one customer of an orbit has come back."""
        return state._replace(orbit=added(state.orbit, i, -1))


def _transfers(one: dict[str, Any]) -> list[dict[str, Any]]:
    rows = one.get("transfer") or []
    return [rows] if isinstance(rows, dict) else rows
