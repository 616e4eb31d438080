"""Intervals, the counting window, and days on which clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simcc

HOUR = 3600.0
SPRING = "2024-03-31"  # in Amsterdam 02:00 becomes 03:00
AUTUMN = "2024-10-27"  # in Amsterdam 03:00 becomes 02:00


def horizon(**fields: Any) -> simcc.Horizon:
    return simcc.Horizon(time_zone="Europe/Amsterdam", **fields)


def test_edges_and_window() -> None:
    found = horizon(length="4h", interval="1h", warmup="1h", cooldown="2h")
    assert found.all_edges == (0, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
    assert found.edges == (HOUR, 2 * HOUR)
    assert found.window == (HOUR, 2 * HOUR)
    assert found.n_intervals == 4


@given(st.integers(1, 500), st.sampled_from([900, 1800, 0.1, 1 / 3, 7.7]), st.data())
def test_edges_cover_the_window(n: int, interval: float, data: st.DataObject) -> None:
    warmup = data.draw(st.integers(0, n - 1))
    cooldown = data.draw(st.integers(0, n - 1 - warmup))
    length = n * interval
    found = simcc.Horizon(
        length=length, interval=interval, warmup=warmup * interval, cooldown=cooldown * interval
    )
    assert found.n_intervals == n
    assert len(found.all_edges) == n + 1
    assert found.all_edges[-1] == length
    assert len(found.edges) == n - warmup - cooldown + 1
    assert (found.edges[0], found.edges[-1]) == found.window
    assert (np.diff(found.edges) > 0).all()
    np.testing.assert_allclose(np.diff(found.edges), interval, rtol=1e-9)


@pytest.mark.parametrize(
    "start",
    [
        "2024-03-04",
        "2024-03-04T00:00:00",
        date(2024, 3, 4),
        datetime(2024, 3, 4),
        pd.Timestamp("2024-03-04"),
        np.datetime64("2024-03-04"),
    ],
    ids=lambda start: type(start).__name__,
)
def test_start_may_be_written_in_many_ways(start: Any) -> None:
    assert simcc.Horizon(start=start).start == datetime(2024, 3, 4)


def test_a_start_with_a_zone_is_refused() -> None:
    east = timezone(timedelta(hours=2))
    for start in (datetime(2024, 3, 4, tzinfo=east), pd.Timestamp("2024-03-04", tz="UTC")):
        with pytest.raises(simcc.ScenarioError, match="must be local"):
            simcc.Horizon(start=start)


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 23), (AUTUMN, 25), ("2024-06-01", 24)])
def test_days_of_clock_changes(start: str, hours: int) -> None:
    found = horizon(start=start, length=f"{hours + 24}h", interval="1h")
    assert found.day_edges == (0, hours * HOUR, (hours + 24) * HOUR)
    assert found.instant(datetime.fromisoformat(start) + timedelta(days=1)) == hours * HOUR


def test_days_begin_at_the_time_of_the_start() -> None:
    found = horizon(start="2024-03-29T08:00", length="4 days", interval="1h")
    assert found.day_edges == (0, 24 * HOUR, 47 * HOUR, 71 * HOUR, 95 * HOUR, 96 * HOUR)
    assert horizon(start="2024-03-29T08:00", length="12h").day_edges == (0, 12 * HOUR)
    assert horizon(start="2024-03-29T08:00", length="24h").day_edges == (0, 24 * HOUR)


@pytest.mark.parametrize("start", [SPRING, AUTUMN, "2024-06-01T08:00"])
def test_local_time_is_that_of_pandas(start: str) -> None:
    """Every hour of two days, clock changes included."""
    found = horizon(start=start, length="2 days", interval="1h")
    begin = pd.Timestamp(start, tz="Europe/Amsterdam").tz_convert("UTC")
    for edge in found.all_edges:
        local = (begin + pd.Timedelta(seconds=edge)).tz_convert("Europe/Amsterdam")
        assert found.local(edge) == local.tz_localize(None).to_pydatetime()
        back = found.instant(found.local(edge))
        assert back == edge or (start == AUTUMN and back == edge - HOUR)


def test_timestamps() -> None:
    found = horizon(start=AUTUMN, length="5h", interval="1h", warmup="1h")
    zone = "Europe/Amsterdam"
    expected = pd.date_range("2024-10-27 01:00", periods=4, freq="1h", tz=zone)
    assert list(found.timestamps()) == list(expected)
    assert [stamp.hour for stamp in found.timestamps()] == [1, 2, 2, 3]


def test_skipped_times() -> None:
    found = horizon(start=SPRING)
    assert not found.shows(datetime(2024, 3, 31, 2, 30))
    assert found.shows(datetime(2024, 3, 31, 3, 0))
    assert horizon(start=AUTUMN).shows(datetime(2024, 10, 27, 2, 30))
