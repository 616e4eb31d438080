"""Counters of one replication: equal to the obvious computation, balanced, mergeable."""

from __future__ import annotations

from typing import Any

import made_up
import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcc.metrics import Counters, Reducer
from simcc.metrics.counters import GROUP_COUNTERS, ISSUE_COUNTERS, ORIGIN_COUNTERS, bin_edges
from simcc.metrics.passes import bin_of

HORIZONS = (
    {"length": 7200, "interval": 1800},
    {"length": 7200, "interval": 1700, "warmup": 900, "cooldown": 600},
    {"length": 7200, "interval": 7200},
)


def reduced(of: Any, n: int, seed: int, n_agents: int = 0) -> tuple[Any, Any, Counters]:
    log = made_up.contact_log(of, n, seed)
    agents = made_up.agent_log(of, seed, log.ended_at)
    return log, agents, Reducer(of, n_agents=n_agents).reduce(log, agents)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(0, 80),
    seed=st.integers(0, 10**6),
    horizon=st.sampled_from(HORIZONS),
    bot=st.booleans(),
    returns=st.booleans(),
    calls=st.booleans(),
    hands_on=st.booleans(),
    n_types=st.integers(1, 3),
)
def test_counters_equal_the_obvious_computation(
    n: int,
    seed: int,
    horizon: dict[str, float],
    bot: bool,
    returns: bool,
    calls: bool,
    hands_on: bool,
    n_types: int,
) -> None:
    thresholds = [20, 60]
    of = made_up.scenario(
        n_types, 2, bot=bot, returns=returns, calls=calls, hands_on=bot and hands_on,
        horizon=horizon, thresholds=thresholds,
    )  # fmt: skip
    deadlines = [60.0, None, 300.0][: len(of.contact_types)]
    deadlines += [None] * (len(of.contact_types) - len(deadlines))
    of = of.replace(
        contact_types=[
            kind.replace(deadline=deadline)
            for kind, deadline in zip(of.contact_types, deadlines, strict=True)
        ]
    )
    log, agents, found = reduced(of, n, seed)
    edges = [float(edge) for edge in of.horizon.edges]
    front = [of.bot_index(one.bot) if one.bot else -1 for one in of.contact_types]
    at_bots, by_bot = naive.by_bot(log, edges, front)
    expected = naive.by_type(log, edges, [20.0, 60.0]) | at_bots
    expected |= naive.by_deadline(log, edges, deadlines)
    for name in (*found.layout.type_counters, *ORIGIN_COUNTERS):
        for index, value in np.ndenumerate(found.by_type(name)[0]):
            assert value == pytest.approx(expected[(name, *index)], abs=1e-6), (name, index)
    for name in ORIGIN_COUNTERS[1:]:
        for index, value in np.ndenumerate(found.by_bot(name)[0]):
            assert value == pytest.approx(by_bot[(name, *index)], abs=1e-6), (name, index)
    if len(log.issue):
        expected = naive.by_issue(log, edges)
        for name in ISSUE_COUNTERS:
            for index, value in np.ndenumerate(found.by_type(name)[0]):
                assert value == expected[(name, *index)], (name, index)
    expected = naive.by_group(log, agents, edges, closing=of.horizon.cooldown == 0)
    for name in GROUP_COUNTERS:
        for index, value in np.ndenumerate(found.by_group(name)[0]):
            assert value == pytest.approx(expected[(name, *index)], abs=1e-6), (name, index)


@settings(deadline=None, max_examples=30)
@given(n=st.integers(0, 100), seed=st.integers(0, 10**6), bot=st.booleans())
def test_every_contact_is_counted_once(n: int, seed: int, bot: bool) -> None:
    of = made_up.scenario(3, 3, bot=bot)
    log, _, found = reduced(of, n, seed)
    ends = ("served", "abandoned", "blocked", "in_queue_at_end")
    np.testing.assert_array_equal(
        found.by_type("offered"), sum(found.by_type(name) for name in ends)
    )
    ends = ("offered", "contained", "gave_up", "bot_lost", "in_bot_at_end")
    np.testing.assert_array_equal(found.total("arrivals"), sum(found.total(name) for name in ends))
    assert found.total("arrivals").sum() == (log.outcome > 0).sum()
    assert found.total("queued").sum() == (log.n_ahead >= 0).sum()


@settings(deadline=None, max_examples=30)
@given(n=st.integers(0, 100), seed=st.integers(0, 10**6))
def test_types_groups_and_pairs_agree(n: int, seed: int) -> None:
    of = made_up.scenario(3, 3)
    _, _, found = reduced(of, n, seed)
    for name, by_pair in (("served", found.pairs[..., 0]), ("busy_time", found.pairs[..., 1])):
        np.testing.assert_allclose(found.by_type(name).sum(axis=-1), by_pair.sum(axis=-1))
        np.testing.assert_allclose(found.by_group(name).sum(axis=-1), by_pair.sum(axis=-1))
    busy = found.by_group("talk_time") + found.by_group("wrap_time")
    np.testing.assert_allclose(found.by_group("busy_time"), busy)


def test_longest_queue_of_the_center_counts_all_types() -> None:
    of = made_up.scenario(2, 1, horizon={"length": 7200, "interval": 7200})
    log, _, found = reduced(of, 200, 5)
    assert found.total("queue_max")[0, 0] == log.n_ahead_all.max() + 1


def test_time_stops_with_the_run() -> None:
    of = made_up.scenario(1, 1)
    log = made_up.contact_log(of, 50, 3)
    cut = type(log)(**{name: getattr(log, name) for name in log.__slots__} | {"ended_at": 2500.0})
    found = Reducer(of).reduce(cut, made_up.agent_log(of, 3, 2500.0))
    assert found.total("time")[0].tolist() == [1800, 700, 0, 0]
    assert found.total("present_time")[0, 2:].tolist() == [0, 0]


def test_agents_have_their_share_of_the_group() -> None:
    of = made_up.scenario(2, 2, horizon={"length": 7200, "interval": 1800, "cooldown": 600})
    _log, _, found = reduced(of, 200, 7, n_agents=10)
    own = found.agents[0].reshape(2, 5, -1).sum(axis=1)
    for j, name in enumerate(("served", "talk_time", "wrap_time")):
        np.testing.assert_allclose(own[:, j], found.by_group(name)[0].sum(axis=0))
    for j, name in enumerate(("staffed_time", "present_time", "paid_time"), start=3):
        np.testing.assert_allclose(own[:, j], found.by_group(name)[0].sum(axis=0))


@pytest.mark.parametrize("wait", [0.0, 1e-9, 0.0078, 0.008, 0.5, 1.0, 19.99, 20.0, 3e5, 1e9])
def test_a_wait_is_in_the_bin_that_holds_it(wait: float) -> None:
    edges = bin_edges()
    j = bin_of(wait)
    if wait == 0:
        assert j == 0
    elif wait >= edges[-1]:
        assert j == len(edges) - 1
    else:
        assert j == max(np.searchsorted(edges, wait, side="right"), 1)


def test_bins_are_two_percent_wide() -> None:
    edges = bin_edges()
    assert (edges[1:] / edges[:-1]).min() > 1.015
    assert (edges[1:] / edges[:-1]).max() < 1.032


def test_histograms_hold_every_wait() -> None:
    of = made_up.scenario(2, 2, bot=True)
    _, _, found = reduced(of, 300, 11)
    assert found.waits[:, :, 0].sum() == found.total("served").sum()
    assert found.waits[:, :, 1].sum() == found.total("abandoned").sum()
    np.testing.assert_array_equal(found.interval_waits.sum(axis=1), found.waits)


def test_replications_do_not_mix() -> None:
    of = made_up.scenario(2, 2)
    reducer = Reducer(of)
    together = reducer.counters(3)
    for r in (2, 0, 1):
        log = made_up.contact_log(of, 60, r)
        reducer.reduce(log, made_up.agent_log(of, r, log.ended_at), together, r)
    for r in range(3):
        _, _, alone = reduced(of, 60, r)
        np.testing.assert_array_equal(together.types[r], alone.types[0])
        np.testing.assert_array_equal(together.groups[r], alone.groups[0])
        np.testing.assert_array_equal(together.waits[r], alone.waits[0])


def test_runs_can_be_put_together() -> None:
    of = made_up.scenario(2, 2)
    one, other = made_up.result(of, 2).sums, made_up.result(of, 3).sums
    both = Counters.concatenate([one, other])
    assert both.replications == 5
    np.testing.assert_array_equal(both.types[2:], other.types)
    assert both.waits.sum() == one.waits.sum() + other.waits.sum()
