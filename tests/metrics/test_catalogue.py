"""The catalogue is consistent with the counters and with itself."""

from __future__ import annotations

import made_up
import numpy as np
import pytest

import simcc
from simcc.metrics import catalogue, service_level_name, service_level_parts, to_markdown
from simcc.metrics.counters import (
    CALL_COUNTERS,
    CALLBACK_COUNTERS,
    CENTER_COUNTERS,
    GROUP_COUNTERS,
    ISSUE_COUNTERS,
    MEANINGS,
    ORIGIN_COUNTERS,
    OUTCOME_COUNTERS,
    SALE_COUNTERS,
    TYPE_COUNTERS,
    within_names,
)
from simcc.metrics.parts import by_day, parts, scope_names
from simcc.metrics.prices import PRICED, PRICED_BY_GROUP, PRICED_BY_TYPE

TARGETS = [
    {"share": 0.8, "within": 20},
    {"share": 0.9, "within": 60, "type": "t1", "denominator": "served"},
]


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    of = made_up.scenario(
        2, 2, bot=True, thresholds=[20, 0.5], targets=[simcc.Target(**one) for one in TARGETS]
    )
    return made_up.result(of, 6)


def test_every_metric_is_made_of_counters_that_exist(result: simcc.Result) -> None:
    for metric in catalogue(result.scenario):
        for scope in metric.scopes:
            above, below = parts(result.sums, metric, scope)
            shape = (6, result.sums.layout.n_intervals, len(scope_names(result.sums, scope)))
            assert above.shape == shape, metric.name
            assert np.broadcast_shapes(shape, below.shape) == shape


def test_every_counter_is_explained() -> None:
    assert set(PRICED) == {*PRICED_BY_TYPE, *PRICED_BY_GROUP}
    assert set(MEANINGS) == {
        *TYPE_COUNTERS,
        *CALL_COUNTERS,
        *CALLBACK_COUNTERS,
        *within_names([20]),
        *ORIGIN_COUNTERS,
        *ISSUE_COUNTERS,
        *OUTCOME_COUNTERS,
        *SALE_COUNTERS,
        *GROUP_COUNTERS,
        *CENTER_COUNTERS,
    }


def test_names_are_unique(result: simcc.Result) -> None:
    names = [(metric.name, metric.only) for metric in catalogue(result.scenario)]
    assert len(set(names)) == len(names)


def test_service_levels_name_their_denominators(result: simcc.Result) -> None:
    metrics = {metric.name: metric for metric in catalogue(result.scenario)}
    for x in (0.5, 20, 60):
        for denominator in ("offered", "served", "excluding_short_abandons", "handled"):
            metric = metrics[service_level_name(x, denominator)]
            assert (metric.numerator, metric.denominator) == service_level_parts(x, denominator)


def test_shares_stay_between_zero_and_one(result: simcc.Result) -> None:
    for metric in catalogue(result.scenario):
        if metric.unit == "share" and metric.kind == "ratio":
            above, below = (part.sum(axis=1) for part in parts(result.sums, metric, "all"))
            assert (above >= 0).all()
            assert (above <= below + 1e-9).all(), metric.name


def test_without_bots_there_are_no_bot_metrics() -> None:
    assert not [m.name for m in catalogue(made_up.scenario()) if m.name.startswith("bot")]


def test_days_are_sums_of_their_intervals() -> None:
    of = made_up.scenario(1, 1, horizon={"length": "3 days", "interval": 3600})
    found = made_up.result(of, 2, n=500)
    assert found.sums.layout.days.tolist() == [0] * 24 + [1] * 24 + [2] * 24
    daily = by_day(found.sums.total("offered"), found.sums.layout.days)
    np.testing.assert_array_equal(daily, found.sums.total("offered").reshape(2, 3, 24).sum(axis=2))


def test_the_page_lists_every_metric() -> None:
    page = to_markdown()
    assert all(f"| `{metric.name}` |" in page for metric in catalogue())
    assert "| `occupancy` |" in page
    assert "`occupied_time / present_time`" in page
