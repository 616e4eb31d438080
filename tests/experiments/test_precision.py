"""Precision on demand: what is simulated is the same as in one go, and enough."""

from __future__ import annotations

from typing import Any

import erlang_centers
import numpy as np
import pandas as pd
import promises
import pytest

import simcc
from simcc.errors import SimulationError
from simcc.experiments.steady import mser

CENTER = erlang_centers.center(6)


def row_of(result: simcc.Result, metric: str, scope: str = "all", level: float = 0.95) -> pd.Series:
    return result.summary(level=level).set_index(["scope", "metric"]).loc[(scope, metric)]


def test_replications_are_the_same_in_whichever_run_they_are() -> None:
    whole = simcc.simulate(CENTER, replications=7, seed=5, record="contacts")
    part = simcc.simulate(
        CENTER, replications=3, seed=5, record="contacts", first_replication=4, workers=2
    )
    assert part.first_replication == 4
    np.testing.assert_array_equal(part.sums.types, whole.sums.types[4:])
    contacts = whole.contacts()
    later = contacts[contacts["replication"] >= 4].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.contacts(), later)
    with pytest.raises(SimulationError, match="first_replication is -1"):
        simcc.simulate(CENTER, replications=1, first_replication=-1)


@pytest.mark.parametrize(
    ("metric", "scope", "half_width", "relative"),
    [
        ("asa", "all", 1.0, False),
        ("asa", "type:voice", 0.1, True),
        ("occupancy", "group:agents", 0.01, False),
        ("wait_p90", "all", 6.0, False),
        ("probability_day_meets_0.8_in_20s_offered", "all", 0.06, False),
    ],
)
def test_the_result_is_that_of_one_go(
    metric: str, scope: str, half_width: float, relative: bool
) -> None:
    result = simcc.simulate_until(
        CENTER, metric, half_width=half_width, relative=relative, scope=scope, seed=1, first=10
    )
    row = row_of(result, metric, scope)
    allowed = half_width * (row["estimate"] if relative else 1.0)
    assert max(row["high"] - row["estimate"], row["estimate"] - row["low"]) <= allowed
    again = simcc.simulate(CENTER, replications=result.replications, seed=1)
    assert result.replications > 10
    np.testing.assert_array_equal(result.sums.types, again.sums.types)
    np.testing.assert_array_equal(result.sums.waits.sum(axis=0), again.sums.waits.sum(axis=0))
    quantiles = again.summary()["metric"].str.startswith("wait_")
    tables = [one.summary()[~quantiles] for one in (result, again)]
    pd.testing.assert_frame_equal(*tables)


def test_it_stops_at_the_first_look_that_is_good_enough() -> None:
    """Looks at 20, then as many as the half-width asks for: fewer would not have done."""
    found = simcc.simulate_until(CENTER, "asa", half_width=1.5, seed=4)
    first = row_of(simcc.simulate(CENTER, replications=20, seed=4), "asa")
    half = first["high"] - first["estimate"]
    assert half > 1.5
    looks = [20]
    while half > 1.5:
        n = looks[-1]
        looks.append(n + min(n, max(int(np.ceil(n * (half / 1.5) ** 2 - n)), int(np.ceil(n / 10)))))
        again = row_of(simcc.simulate(CENTER, replications=looks[-1], seed=4), "asa")
        half = again["high"] - again["estimate"]
    assert found.replications == looks[-1]


def test_workers_change_nothing() -> None:
    one, more = (
        simcc.simulate_until(CENTER, "asa", half_width=1.0, seed=3, workers=n) for n in (1, 3)
    )
    assert one.replications == more.replications
    pd.testing.assert_frame_equal(one.summary(), more.summary())


def test_enough_from_the_start_and_never_enough() -> None:
    assert simcc.simulate_until(CENTER, "asa", half_width=100, seed=1, first=5).replications == 5
    with pytest.warns(simcc.PrecisionWarning, match="of asa is .* after 30 replications, more"):
        found = simcc.simulate_until(CENTER, "asa", half_width=0.01, seed=1, most=30)
    assert found.replications == 30
    nobody = erlang_centers.center(6, rate=0.001)
    with pytest.warns(simcc.PrecisionWarning, match="is nan after 40"):
        simcc.simulate_until(nobody, "asa", half_width=1, seed=1, most=40)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario": "bank.toml"}, "scenario is .*bank.toml.*simcc.Scenario"),
        ({"metric": "assa"}, 'there is no "assa".*asa'),
        ({"scope": "type:chat"}, 'there is no "type:chat"'),
        ({"half_width": 0}, "half_width is 0; it must be a number, more than 0"),
        ({"half_width": "1s"}, "half_width is '1s'"),
        ({"confidence": 95}, "confidence is 95"),
        ({"first": 1}, "first is 1; it must be a whole number of at least 2"),
        ({"most": 19}, "most is 19; it must be a whole number of at least 20"),
        ({"workers": 0}, "workers is 0"),
        ({"seed": 0.5}, "seed: 0.5"),
    ],
)
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    arguments = {"scenario": CENTER, "metric": "asa", "half_width": 1.0, **changes}
    with pytest.raises(simcc.SimccError, match=words):
        simcc.simulate_until(**arguments)


@pytest.mark.slow
def test_coverage_of_stopping_at_length(test_seed: int) -> None:
    """Never far below that of as many replications, fixed; the loss goes with the half-width."""
    found = list(promises.until_precise(1000, test_seed))
    for until, fixed in zip(found[::2], found[1::2], strict=True):
        loss = 0.06 if "first 5" in until.what else 0.03
        assert until.share > fixed.share - loss - 4.5 * np.sqrt(2) * until.error, until


# -------------------------------------------------------------------------------- steady state


def test_mser_finds_where_the_noise_begins() -> None:
    random = np.random.default_rng(2)
    for length in (0, 30, 120):
        noise = random.normal(size=600)
        start = np.where(np.arange(600) < length, 8.0, 0.0)
        assert length <= mser(noise + start) <= length + 60


def test_mser_by_hand() -> None:
    """Of 4, 0, 1, 1: 10.5/16 with all (mean 1.5: 6.25 + 2.25 + .25 + .25 = 9), 2/3 / 9, 0 / 4."""
    values = np.array([4.0, 0.0, 1.0, 1.0])
    spread = [9 / 16, (2 / 3) / 9, 0.0]
    assert mser(values) == int(np.argmin(spread)) == 2
    assert mser(np.array([4.0, 1.0, 0.0, 1.0, 0.0, 1.0])) == 1


def test_steady_state_is_that_of_erlang_a(test_seed: int) -> None:
    for metric, exact in promises.exact_values(6).items():
        found = simcc.steady_state(CENTER, metric, length="60d", seed=test_seed)
        assert abs(found.estimate - exact) < 5 * found.std_error, metric
        assert found.low < found.estimate < found.high
        assert (found.scope, found.metric, found.batches) == ("all", metric, 20)


def test_steady_state_is_made_of_batches() -> None:
    """By hand from the counters of its own run."""
    found = simcc.steady_state(CENTER, "asa", length="10d", interval="1h", warmup="20h", seed=2)
    table = found.result.counters("center")
    sums = table[["wait_served_sum", "served"]].to_numpy()
    assert (len(sums), found.warmup) == (240, 20 * 3600.0)
    batches = sums[20:].reshape(20, 11, 2).sum(axis=1)
    theta = batches[:, 0].sum() / batches[:, 1].sum()
    rest = (batches[:, 0] - theta * batches[:, 1]) / batches[:, 1].mean()
    assert found.estimate == pytest.approx(theta)
    assert found.std_error == pytest.approx(rest.std(ddof=1) / np.sqrt(20))
    lag = (rest[1:] * rest[:-1]).sum() / (rest**2).sum()
    assert found.correlation == pytest.approx(lag)


def changed(**fields: Any) -> simcc.Scenario:
    return CENTER.replace(contact_types=[CENTER.contact_types[0].replace(**fields)])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metric": "offered"}, "a mean; a steady state needs a ratio"),
        ({"metric": "wait_p90"}, "a quantile; a steady state needs a ratio"),
        ({"metric": "assa"}, 'there is no "assa"'),
        ({"length": "1h"}, "length is 3600; it must be at least 180000, 200 intervals"),
        ({"length": "long"}, "length"),
        ({"interval": -1}, "interval"),
        ({"batches": 2}, "batches is 2; it must be a whole number of at least 5"),
        ({"warmup": "40d"}, "warm-up does not end in its first half"),
        ({"confidence": 0}, "confidence is 0"),
        ({"scenario": None}, "scenario is None"),
        (
            {"scenario": changed(arrivals=simcc.TraceArrivals(times=[1.0, 2.0]))},
            r'contact_types\["voice"\].arrivals.kind is "trace"',
        ),
        (
            {"scenario": changed(talk_scale_by_interval=[1.0] * 6)},
            "talk_scale_by_interval is given; in a steady state nothing changes",
        ),
        (
            {
                "scenario": changed(
                    arrivals=simcc.PoissonArrivals(
                        rate_per_hour=60, busyness=simcc.Busyness(cv=0.1)
                    )
                )
            },
            "busyness is given",
        ),
    ],
)
def test_bad_steady_states(changes: dict[str, Any], words: str) -> None:
    arguments = {"scenario": CENTER, "metric": "asa", "seed": 1, **changes}
    with pytest.raises(SimulationError, match=words):
        simcc.steady_state(**arguments)


@pytest.mark.slow
def test_coverage_of_steady_states_at_length(test_seed: int) -> None:
    """Erlang A and given warm-ups: near the level. MSER-5 near saturation: somewhat below."""
    for one in promises.steady_states(800, test_seed):
        loss = 0.08 if "Erlang C" in one.what and "MSER" in one.what else 0.02
        assert one.share > one.promised - loss - 4.5 * one.error, one
        assert one.share < one.promised + 4.5 * one.error, one
