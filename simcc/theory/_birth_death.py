"""The numerics under Erlang B, C and A: birth-death weights, kept accurate at any size."""

import math

import numpy as np

from simcc.theory._check import FloatArray

# Queue lengths are followed until all longer ones together weigh less than this share.
TAIL_SHARE = 1e-20
MAX_QUEUE_LENGTHS = 4_000_000


def blocking(agents: int, offered_load: float) -> float:
    """Return the Erlang B blocking probability by its recursion, which only adds positive terms."""
    probability = 1.0
    for n in range(1, agents + 1):
        # B(n) = a B / (n + a B); the same, divided through, avoids overflow at any load.
        probability = probability / (probability + n / offered_load)
    return probability


def idle_or_busy(agents: int, offered_load: float, log_busy_mass: float) -> tuple[float, float]:
    """Return P(some agent idle) and P(all agents busy), where the idle states are those of M/M/n.

    `log_busy_mass` is the logarithm of the total weight of the states with all agents busy,
    relative to the weight of the state with one agent idle.
    """
    last_idle_share = blocking(agents - 1, offered_load)
    # A share this small underflows to 0: nobody ever finds all agents busy.
    if last_idle_share == 0.0:
        return 1.0, 0.0
    log_odds = math.log(last_idle_share) + log_busy_mass
    # Taken from the smaller odds, so that both keep their digits and nothing overflows.
    odds = math.exp(-abs(log_odds))
    smaller, larger = odds / (1 + odds), 1 / (1 + odds)
    return (smaller, larger) if log_odds > 0 else (larger, smaller)


def loss_occupancy(agents: int, offered_load: float) -> float:
    """Return the mean share of busy agents where contacts finding all busy are blocked."""
    # Equals a (1 - B(n)) / n without the cancellation when nearly all are blocked.
    return 1 / (blocking(agents - 1, offered_load) + agents / offered_load)


def busy_share(agents: int, offered_load: float, some_idle: float, all_busy: float) -> float:
    """Return the mean share of busy agents, given the two probabilities of `idle_or_busy`."""
    if agents == 1:
        return all_busy
    # While somebody is idle the others see a loss system with one agent less.
    share_otherwise = loss_occupancy(agents - 1, offered_load) * (agents - 1) / agents
    return all_busy + some_idle * share_otherwise


def queue_lengths(
    agents: int, offered_load: float, leave_ratio: float, longest: int | None
) -> tuple[FloatArray, float]:
    """Return P(j waiting | all agents busy), j = 0, 1, ..., and the log of their total weight.

    `leave_ratio` is mean service time / mean patience time; the weight is relative to j = 0.
    Without a `longest` queue the list ends where the rest weighs less than `TAIL_SHARE`.
    """
    n_lengths = longest + 1 if longest is not None else 128
    while True:
        if n_lengths > MAX_QUEUE_LENGTHS:
            raise ValueError(
                f"the queue of {agents} agents offered {offered_load:g} erlangs needs more than "
                f"{MAX_QUEUE_LENGTHS} queue lengths, since a mean patience time of "
                f"{1 / leave_ratio if leave_ratio else math.inf:g} mean service times lets it grow "
                "so long; give a smaller room or use general_patience, which has no such limit"
            )
        waiting = np.arange(1, n_lengths)
        ratios = offered_load / (agents + waiting * leave_ratio)
        log_weights = np.concatenate(([0.0], np.cumsum(np.log(ratios))))
        peak = float(log_weights.max())
        if longest is not None or _rest_is_negligible(log_weights[-1] - peak, ratios[-1]):
            break
        n_lengths *= 2
    weights = np.exp(log_weights - peak)
    total = float(weights.sum())
    return weights / total, peak + math.log(total)


def _rest_is_negligible(log_last: float, last_ratio: float) -> bool:
    # Ratios only fall from here on, so a geometric series bounds the rest.
    if last_ratio >= 1:
        return False
    return log_last + math.log(last_ratio / (1 - last_ratio)) < math.log(TAIL_SHARE)
