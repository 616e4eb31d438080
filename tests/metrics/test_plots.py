"""Plots draw on the axes they are given, and change nothing else."""

from __future__ import annotations

import made_up
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import simcc
from simcc import plots


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    of = made_up.scenario(
        2,
        2,
        name="costs $5 to $6",
        targets=[simcc.Target(share=0.4, within=20)],
        horizon={"length": 14400, "interval": 1800, "start": "2024-03-04T08:00:00"},
    )
    return made_up.result(of, 5)


@pytest.fixture
def ax() -> Axes:
    return Figure().subplots()


NAMES = ("day", "volume", "service_level", "staffing", "queue", "days")


@pytest.mark.parametrize("name", NAMES)
def test_plots_return_the_axes_they_were_given(result: simcc.Result, ax: Axes, name: str) -> None:
    before = dict(mpl.rcParams)
    assert getattr(result.plot, name)(ax=ax) is ax
    ax.figure.savefig("/dev/null", format="png")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["day", "volume", "service_level", "queue", "days"])
def test_plots_of_one_type(result: simcc.Result, ax: Axes, name: str) -> None:
    assert getattr(plots, name)(result, ax, type="t1") is ax


def test_lines_are_the_estimates(result: simcc.Result, ax: Axes) -> None:
    plots.volume(result, ax)
    table = result.intervals()
    offered = table[(table["scope"] == "all") & (table["metric"] == "offered")]["estimate"]
    assert ax.patches[0].get_data().values.tolist() == offered.tolist()


def tick_labels(ax: Axes) -> dict[pd.Timestamp, str]:
    """Label of each tick, by its instant."""
    ax.figure.draw_without_rendering()
    instants = pd.to_datetime(ax.get_xticks(), unit="D", utc=True).round("s")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    return dict(zip(instants, labels, strict=True))


def days_since_1970(text: str) -> float:
    return pd.Timestamp(text).timestamp() / 86_400


def test_axis_shows_the_local_clock(result: simcc.Result, ax: Axes) -> None:
    plots.staffing(result, ax)
    labels = tick_labels(ax)
    assert labels[pd.Timestamp("2024-03-04 08:00Z")] == "08:00"
    assert labels[pd.Timestamp("2024-03-04 12:00Z")] == "12:00"
    assert ax.get_xlim() == pytest.approx(
        (days_since_1970("2024-03-04 08:00Z"), days_since_1970("2024-03-04 12:00Z"))
    )


def test_axis_follows_a_change_of_clocks(ax: Axes) -> None:
    """On the last Sunday of March 2024, 03:00 local time in Amsterdam is 01:00 UTC."""
    horizon = {"start": "2024-03-31", "time_zone": "Europe/Amsterdam"}
    of = made_up.scenario(1, 1, horizon=horizon | {"length": "12h", "interval": "1h"})
    plots.staffing(made_up.result(of, 2), ax)
    labels = tick_labels(ax)
    assert labels[pd.Timestamp("2024-03-30 23:00Z")] == "00:00"
    assert labels[pd.Timestamp("2024-03-31 02:00Z")] == "04:00"


def test_axis_of_several_days_shows_their_dates(ax: Axes) -> None:
    horizon = {"start": "2024-03-29", "time_zone": "Europe/Amsterdam", "length": "4d"}
    of = made_up.scenario(1, 1, horizon=horizon | {"interval": "1h"})
    plots.staffing(made_up.result(of, 2), ax)
    labels = set(tick_labels(ax).values())
    assert {"Fri 29 Mar", "Sat 30 Mar", "Sun 31 Mar", "Mon 1 Apr"} <= labels


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_target_and_denominator_are_named(result: simcc.Result, ax: Axes) -> None:
    plots.service_level(result, ax)
    assert legend(ax) == ["within 20 s, of the offered", "target 40 %"]
    (line,) = ax.lines
    assert set(line.get_ydata()) == {0.4}


def test_target_of_a_type(ax: Axes) -> None:
    target = simcc.Target(share=0.9, within=60, type="t1", denominator="served")
    found = made_up.result(made_up.scenario(2, 2, targets=[target]), 5)
    plots.service_level(found, ax, type="t1")
    assert legend(ax) == ["within 60 s, of the served", "target 90 %"]
    table = found.intervals(scope="type:t1", metrics=["service_level_60s_served"])
    assert ax.patches[0].get_data().values.tolist() == table["estimate"].tolist()


def test_unknown_threshold_is_named(result: simcc.Result, ax: Axes) -> None:
    with pytest.raises(ValueError, match=r"threshold is 30 s; it must be one of 20 s"):
        plots.service_level(result, ax, threshold=30)


OBSERVED = pd.DataFrame(
    {
        "scope": ["all", "all", "all", "type:t0"],
        "interval": [None, "08:00", "09:30", "08:00"],
        "metric": "offered",
        "observed": [7.0, 3.0, 4.0, 1.0],
    }
)


def test_observed_points_are_in_the_middle_of_their_interval(
    result: simcc.Result, ax: Axes
) -> None:
    plots.volume(result, ax, observed=OBSERVED)
    (line,) = ax.lines
    expected = [days_since_1970(f"2024-03-04 {clock}Z") for clock in ("08:15", "09:45")]
    assert line.get_xdata() == pytest.approx(expected)
    assert line.get_ydata().tolist() == [3, 4]
    assert legend(ax).count("observed") == 1


def test_observed_points_are_those_of_the_type_shown(result: simcc.Result, ax: Axes) -> None:
    plots.volume(result, ax, type="t0", observed=OBSERVED)
    (line,) = ax.lines
    assert line.get_ydata().tolist() == [1]


def test_observed_intervals_are_drawn_as_bars(result: simcc.Result, ax: Axes) -> None:
    plots.volume(result, ax, observed=OBSERVED.assign(low=2.0, high=5.0))
    (bars,) = [one for one in ax.collections if type(one).__name__ == "LineCollection"]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert ends.tolist() == [[2, 5], [2, 5]]


def test_observed_at_other_clock_times_is_refused(result: simcc.Result, ax: Axes) -> None:
    with pytest.raises(ValueError, match="no interval of `observed`"):
        plots.volume(result, ax, observed=OBSERVED.replace("08:00", "08:10")[:2])


def test_a_long_horizon_is_drawn_day_by_day(ax: Axes) -> None:
    horizon = {"length": "40d", "interval": "1h", "start": "2024-03-10", "time_zone": "Asia/Tokyo"}
    found = made_up.result(made_up.scenario(2, 2, horizon=horizon), 3, n=400)
    counters = found.counters("type")
    date = counters["interval_start"].dt.date
    plots.volume(found, ax, type="t0", observed=OBSERVED)
    own = counters[counters["type"] == "t0"].groupby(date)["offered"].sum() / 3
    steps = ax.patches[0].get_data()
    assert steps.values.tolist() == pytest.approx(own.tolist())
    assert np.diff(steps.edges) == pytest.approx(1)
    assert not ax.lines  # what was observed per interval has no place here
    assert ax.get_title(loc="left") == "contacts per day"
    other = Figure().subplots()
    plots.queue(found, other)
    center = found.counters("center")
    date = center["interval_start"].dt.date.rename("date")
    expected = center.groupby(["replication", date])["queue_max"].max().groupby("date").mean()
    assert other.patches[0].get_data().values.tolist() == pytest.approx(expected.tolist())


def test_one_replication_draws_no_bands(ax: Axes) -> None:
    plots.day(made_up.result(made_up.scenario(2, 2), 1), ax)
    assert "95 %" not in ax.get_title(loc="left")
    for panel in ax.child_axes:
        for band in panel.collections:
            assert np.isnan(band.get_datalim(panel.transData).height) or not band.get_paths()


def test_days_are_counted(result: simcc.Result, ax: Axes) -> None:
    plots.days(result, ax)
    contacts = result.counters("center").groupby("replication")[["served_le_20", "offered"]].sum()
    reached = (contacts["served_le_20"] / contacts["offered"] >= 0.4).sum()
    assert legend(ax) == [f"target 40 %, reached on {reached} of 5 days"]
    assert sum(bar.get_height() for bar in ax.patches) == 5


def test_unknown_type_is_named(result: simcc.Result, ax: Axes) -> None:
    with pytest.raises(ValueError, match="type:nobody"):
        plots.volume(result, ax, type="nobody")


def test_day_figure_has_three_panels(result: simcc.Result) -> None:
    figure = plots.day_figure(result)
    assert len(figure.axes[0].child_axes) == 3
