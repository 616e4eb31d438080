"""What contacts bring, against theory; tolerances are five standard errors, p-values 1e-6."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sampled import HOUR, SIGMAS, assert_follows, center, kind, workloads
from scipy import stats

import simcc
from simcc.workload import Workload

# ---------------------------------------------------------------------- work and patience


def one_day(*kinds: simcc.ContactType, seed: int, **more: Any) -> Workload:
    """A day with about 4000 contacts of each type."""
    (workload,) = workloads(center(*kinds, **more), seed, 1)
    return workload


OFTEN = simcc.PoissonArrivals(rate_per_hour=1000)


def test_attributes_follow_their_laws_independently(test_seed: int) -> None:
    laws = {
        "talk_time": simcc.Lognormal(mean=200, cv=1.2),
        "after_call_work": simcc.Gamma(mean=30, cv=0.6),
        "patience": simcc.Weibull(shape=1.4, scale=150),
    }
    work = one_day(kind(arrivals=OFTEN, **laws), seed=test_seed)
    scipys = (
        (work.talk_time, stats.lognorm(math.sqrt(math.log(2.44)), scale=200 / math.sqrt(2.44))),
        (work.wrap_time, stats.gamma(1 / 0.36, scale=30 * 0.36)),
        (work.patience_time, stats.weibull_min(1.4, scale=150)),
    )
    for values, law in scipys:
        assert_follows(values, law.cdf)
    ranks = np.array([stats.rankdata(values) for values, _ in scipys])
    correlation = np.corrcoef(np.vstack([ranks, work.arrived_at])) - np.eye(4)
    assert np.abs(correlation).max() < SIGMAS / math.sqrt(len(work))
    neighbours = [np.corrcoef(rank[:-1], rank[1:])[0, 1] for rank in ranks]
    assert np.abs(neighbours).max() < SIGMAS / math.sqrt(len(work))


def test_what_is_left_out() -> None:
    work = one_day(kind(arrivals=OFTEN), seed=1)
    assert np.isinf(work.patience_time).all()
    for nothing in (work.wrap_time, work.bot_time, work.balks, work.bot_luck):
        assert not nothing.any()


def test_laws_by_interval(test_seed: int) -> None:
    laws = [simcc.Constant(value=7), simcc.Exponential(mean=50), simcc.Uniform(low=10, high=20),
            simcc.Exponential(mean=500)]  # fmt: skip
    work = one_day(kind(arrivals=OFTEN, talk_time=None, talk_time_by_interval=laws), seed=test_seed)
    interval = (work.arrived_at // HOUR).astype(int)
    assert (work.talk_time[interval == 0] == 7).all()
    assert_follows(work.talk_time[interval == 1], stats.expon(scale=50).cdf)
    assert_follows(work.talk_time[interval == 2], stats.uniform(10, 10).cdf)
    assert_follows(work.talk_time[interval == 3], stats.expon(scale=500).cdf)


def test_a_scale_by_interval_multiplies() -> None:
    """Of the last interval, which is shorter, too."""
    scale = [0.5, 2.0, 1.0, 3.0, 4.0]
    more = {"seed": 3, "length": 4.5 * HOUR}
    plain = one_day(kind(arrivals=OFTEN), **more)
    scaled = one_day(kind(arrivals=OFTEN, talk_scale_by_interval=scale), **more)
    factor = np.array(scale)[(plain.arrived_at // HOUR).astype(int)]
    np.testing.assert_array_equal(scaled.talk_time, factor * plain.talk_time)
    assert (plain.arrived_at > 4 * HOUR).any()


def test_contacts_at_the_edge_of_an_interval_belong_to_the_later_one() -> None:
    arrivals = simcc.TraceArrivals(times=[0, 3599.9999, HOUR, 2 * HOUR])
    scale = [1, 2, 3, 4]
    fields = {"talk_time": 10, "talk_scale_by_interval": scale}
    assert one_day(kind(arrivals=arrivals, **fields), seed=1).talk_time.tolist() == [10, 10, 20, 30]


def test_a_law_by_group_is_left_to_the_engine(test_seed: int) -> None:
    by_group = {"g": simcc.Exponential(mean=50)}
    work = one_day(
        kind(arrivals=OFTEN, talk_time=None, talk_time_by_group=by_group), seed=test_seed
    )
    assert_follows(work.talk_time, "uniform")
    assert work.talk_time.max() < 1


# ---------------------------------------------------------------------- luck


def assert_share(hits: np.ndarray, share: float) -> None:
    assert abs(hits.mean() - share) <= SIGMAS * math.sqrt(share * (1 - share) / len(hits))


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_balking(share: float, test_seed: int) -> None:
    assert_share(one_day(kind(arrivals=OFTEN, balking=share), seed=test_seed).balks, share)


@pytest.mark.parametrize(
    ("contained", "gives_up"), [(0.3, 0.1), (0.0, 0.2), (0.6, 0.4), (1.0, 0.0), (0.0, 0.0)]
)
def test_luck_at_the_bot(contained: float, gives_up: float, test_seed: int) -> None:
    bot = simcc.Bot(
        name="b", session_time=simcc.Gamma(mean=60, cv=0.5), contained=contained, gives_up=gives_up
    )
    work = one_day(kind(arrivals=OFTEN, bot="b"), seed=test_seed, bots=[bot])
    assert_follows(work.bot_luck, "uniform")
    assert_follows(work.bot_time, stats.gamma(4, scale=15).cdf)


def test_whom_a_bot_hands_over_brings_what_the_other_queue_asks() -> None:
    bot = simcc.Bot(name="b", session_time=60, contained=0, escalate_to="people")
    people = kind("people", patience=77, after_call_work=5, talk_time=33, balking=1.0)
    work = one_day(
        kind("front", arrivals=OFTEN, bot="b", patience=1, talk_time=2), people, seed=1, bots=[bot]
    )
    assert (work.queue_type == 1).all()
    assert (work.contact_type == 0).all()
    assert set(work.patience_time) == {77}
    assert set(work.talk_time) == {33}
    assert set(work.wrap_time) == {5}
    assert work.balks.all()
