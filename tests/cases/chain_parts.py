"""The pieces of the chain behind a case: states, steps, classes of contacts, phases of laws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

Branches = list[tuple[float, "State", tuple["Removal", ...]]]


ANY = -1


class State(NamedTuple):
    """Where everything is.

    phases: of each type that arrives by an MMPP. bot: sessions. busy, overtime: agents in each
    slot, those in overtime apart. queue: number waiting of each class, or, where the order in a
    queue of several classes matters, the classes of those waiting in the order of arrival. orbit:
    customers on their way back, of each kind.
    """

    phases: tuple[int, ...]
    bot: int
    busy: tuple[int, ...]
    overtime: tuple[int, ...]
    queue: tuple[int, ...]
    orbit: tuple[int, ...] = ()


class Removal(NamedTuple):
    """A contact leaves the queue: its class, and how many of its class were before it.

    place: or ANY, where each of its class is equally likely.
    """

    of: int
    place: int


class Step(NamedTuple):
    """One thing that may happen: its rate, where it leads, what is counted, who leaves the queue.

    counts: (counter, type). joined: class that joins the queue, -1 for none; repeat: whether it
    is a second or later attempt.
    """

    rate: float
    to: State
    counts: tuple[tuple[str, str], ...] = ()
    removed: tuple[Removal, ...] = ()
    abandons: bool = False
    joined: int = -1
    repeat: bool = False


def added(counts: tuple[int, ...], i: int, change: int) -> tuple[int, ...]:
    """Return the numbers with one of them changed."""
    return (*counts[:i], counts[i] + change, *counts[i + 1 :])


@dataclass(frozen=True)
class Class:
    """Contacts of one type; also of one interval of arrival or one attempt, where it matters."""

    type: str
    interval: int | None
    attempt: int
    abandon_rate: float
    balk: float


@dataclass(frozen=True)
class Slot:
    """A phase of handling a class in a group; ``after`` are (probability, next slot)."""

    group: int
    type: str
    attempt: int
    rate: float
    talking: bool
    after: tuple[tuple[float, int], ...]


def phases_of(law: dict[str, Any]) -> tuple[list[float], list[float], list[list[float]]]:
    """A law as phases: probabilities of the first, rates, probabilities of the next."""
    kind = law["dist"]
    if kind == "exponential":
        return [1.0], [1 / law["mean_s"]], [[0.0]]
    if kind == "erlang":
        k = law["k"]
        follow = [[1.0 if j == i + 1 else 0.0 for j in range(k)] for i in range(k)]
        return [1.0] + [0.0] * (k - 1), [k / law["mean_s"]] * k, follow
    if kind == "hyperexponential":
        n = len(law["probs"])
        return list(law["probs"]), [1 / m for m in law["means_s"]], [[0.0] * n] * n
    raise ValueError(f"{kind} has no exact phases")
