"""Plots draw on the axes they are given, and change nothing else."""

from __future__ import annotations

import made_up
import matplotlib as mpl
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


def test_axis_shows_the_local_clock(result: simcc.Result, ax: Axes) -> None:
    plots.staffing(result, ax)
    ax.figure.draw_without_rendering()
    labels = {
        tick: label.get_text()
        for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    }
    assert (labels[8.0], labels[12.0]) == ("08:00", "12:00")
    assert ax.get_xlim() == (8.0, 12.0)


def test_target_is_drawn(result: simcc.Result, ax: Axes) -> None:
    plots.service_level(result, ax)
    assert [text.get_text() for text in ax.texts] == ["target 40%"]


def test_observed_points_are_in_the_middle_of_their_interval(
    result: simcc.Result, ax: Axes
) -> None:
    observed = pd.DataFrame({"scope": "interval", "name": ["08:00", "09:30"], "offered": [3, 4]})
    plots.volume(result, ax, observed=observed)
    (line,) = ax.lines
    assert line.get_xdata().tolist() == [8.25, 9.75]
    assert line.get_ydata().tolist() == [3, 4]


def test_unknown_type_is_named(result: simcc.Result, ax: Axes) -> None:
    with pytest.raises(ValueError, match="type:nobody"):
        plots.volume(result, ax, type="nobody")


def test_day_figure_has_three_panels(result: simcc.Result) -> None:
    figure = plots.day_figure(result)
    assert len(figure.axes[0].child_axes) == 3
