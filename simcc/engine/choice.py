"""The two routing choices, by tables or by a policy's score; compiled.

Each function stands alone, without calling other compiled functions, so that the same source
also runs as plain Python when a policy is a plain Python function.
"""

import math

from simcc.engine.records import ATTENTION, HAS_HOLDERS, HAS_HOURS, WAITS
from simcc.jit import jit, jit_apart, jit_inner

NOBODY = -1


@jit_inner
def best_group(center, queues, agents, k, offered_at):
    """Group for a contact of queue k by the tables: best rank, then longest idle; -1 if none."""
    now = queues.clock[0]
    best, best_rank, best_since = -1, 0, 0.0
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g = center.group_of_pair[pair]
        if (
            agents.n_idle[g] < center.group_need[pair]
            or now < offered_at + center.group_after[pair]
        ):
            continue
        if center.limits[HAS_HOLDERS] == 1:
            if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
                continue
        rank = center.group_rank[pair]
        if best >= 0 and rank > best_rank:
            break  # pairs are sorted by rank
        since = agents.idle_since[agents.head[g]]
        if best < 0 or since < best_since:
            best, best_rank, best_since = g, rank, since
    return best


@jit_inner
def best_type(center, queues, agents, log, g, n_idle):
    """Queue for a free agent of group g by the tables: best rank, then longest wait; -1 if none."""
    now = queues.clock[0]
    best, best_rank, best_since, best_contact = -1, 0, 0.0, 0
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        k = center.type_of_pair[pair]
        c = queues.head[k]
        if c < 0 or n_idle < center.type_need[pair]:
            continue
        if center.limits[HAS_HOURS] == 1 and queues.closed[k] == WAITS:
            continue
        if center.limits[HAS_HOLDERS] == 1 and agents.n_idle[g] > 0:
            if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
                continue
        offered_at = log.offered_at[c]
        if now < offered_at + center.type_after[pair]:
            continue
        since = offered_at + center.lag[k]
        rank = center.type_rank[pair]
        if best >= 0 and rank > best_rank:
            break  # pairs are sorted by rank
        if best < 0 or since < best_since or (since == best_since and c < best_contact):
            best, best_rank, best_since, best_contact = k, rank, since, c
    return best


@jit
def scored_group(center, queues, agents, k, offered_at):
    """Group for a contact of queue k by the policy's score; -1 if none is allowed."""
    now = queues.clock[0]
    best, best_score = -1, -math.inf
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g = center.group_of_pair[pair]
        if (
            agents.n_idle[g] < center.group_need[pair]
            or now < offered_at + center.group_after[pair]
        ):
            continue
        if center.limits[HAS_HOLDERS] == 1:
            if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
                continue
        score = center.group_score(
            k,
            g,
            now - offered_at,
            now - agents.idle_since[agents.head[g]],
            queues.length,
            agents.n_idle,
            agents.n_busy,
            queues.params,
        )
        if score > best_score:
            best, best_score = g, score
    return best


@jit
def scored_type(center, queues, agents, log, g):
    """Queue for a free agent of group g by the policy's score; -1 if none is allowed."""
    now = queues.clock[0]
    best, best_score = -1, -math.inf
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        k = center.type_of_pair[pair]
        c = queues.head[k]
        if c < 0 or agents.n_idle[g] < center.type_need[pair]:
            continue
        if center.limits[HAS_HOURS] == 1 and queues.closed[k] == WAITS:
            continue
        if center.limits[HAS_HOLDERS] == 1:
            if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
                continue
        since = log.offered_at[c]
        if now < since + center.type_after[pair]:
            continue
        score = center.type_score(
            k,
            g,
            now - since,
            now - agents.idle_since[agents.head[g]],
            queues.length,
            agents.n_idle,
            agents.n_busy,
            queues.params,
        )
        if score > best_score:
            best, best_score = k, score
    return best


@jit_apart
def remember(center, queues, agents, k, g, offered_at):
    """The policy notes that a contact of queue k is about to go to an agent of group g."""
    now = queues.clock[0]
    center.policy_update(
        k,
        g,
        now - offered_at,
        now - agents.idle_since[agents.head[g]],
        queues.length,
        agents.n_idle,
        agents.n_busy,
        queues.params,
    )


@jit_inner
def can_choose_group(center, queues, agents, k, offered_at):
    """Whether any group could take a contact of queue k now."""
    now = queues.clock[0]
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g = center.group_of_pair[pair]
        opens_at = offered_at + center.group_after[pair]
        if agents.n_idle[g] < center.group_need[pair] or now < opens_at:
            continue
        if (
            center.limits[HAS_HOLDERS] == 0
            or agents.used[agents.head[g]] + center.units[k, g] <= ATTENTION
        ):
            return True
    return False


@jit_inner
def can_choose_type(center, queues, agents, log, g):
    """Whether a free agent of group g could take a contact from any queue now."""
    now = queues.clock[0]
    for pair in range(center.type_from[g], center.type_from[g + 1]):
        k = center.type_of_pair[pair]
        c = queues.head[k]
        if c < 0 or agents.n_idle[g] < center.type_need[pair]:
            continue
        if center.limits[HAS_HOURS] == 1 and queues.closed[k] == WAITS:
            continue
        if center.limits[HAS_HOLDERS] == 1:
            if agents.used[agents.head[g]] + center.units[k, g] > ATTENTION:
                continue
        if now >= log.offered_at[c] + center.type_after[pair]:
            return True
    return False
