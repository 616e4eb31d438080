"""Draw the pictures of the documentation: ``python docs/make_figures.py``."""

from contextlib import redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from make_pages import blocks
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

import simcc

HERE = Path(__file__).parent
INK, LINE, GREY = "#1c2733", "#5b6b7b", "#f2f5f8"
GREEN, BLUE, ORANGE, WHITE = "#e3f0e8", "#dbe9f6", "#fbe6cf", "white"


class Box(NamedTuple):
    """A box of the picture: place, colour, title, where its code is, and what it does."""

    left: float
    bottom: float
    width: float
    height: float
    color: str
    title: str
    place: str
    text: str


TOP, LOW, HEIGHT = 5.15, 1.0, 1.65
BOXES = (
    Box(0.2, TOP, 2.5, HEIGHT, GREY, "scenario file", "or Python objects", "TOML,\nCSV tables"),
    Box(
        3.2, TOP, 2.6, HEIGHT, GREY, "model", "simcc/model/",
        "Scenario: frozen, all\nproblems at once",
    ),
    Box(
        6.3, TOP, 2.6, HEIGHT, GREY, "setup", "engine/setup.py",
        "routing and law tables,\nplan of staffing",
    ),
    Box(
        9.8, TOP, 2.7, HEIGHT, WHITE, "workload", "workload.py",
        "one array per attribute;\nrow i is contact i",
    ),
    Box(9.8, 3.3, 2.7, 1.2, WHITE, "streams", "streams.py", "seed, replication, name"),
    Box(
        13.0, 3.3, 3.3, 3.5, BLUE, "SimPy's clock", "engine/environment.py",
        "outages, people who move,\nyour processes",
    ),
    Box(
        13.2, 3.5, 2.9, 1.6, ORANGE, "compiled kernel", "engine/kernel.py",
        "arrive, bot, queue, give up,\nserve, return; shifts: up to\nthe next SimPy event",
    ),
    Box(
        13.3, LOW, 2.7, HEIGHT, WHITE, "log", "log.py",
        "contacts and agents:\nwhat happened, nothing\ncounted yet",
    ),
    Box(
        9.8, LOW, 2.7, HEIGHT, WHITE, "metrics", "metrics/",
        "counts and sums per\ninterval, type, group;\nnever ratios",
    ),
    Box(
        6.3, LOW, 2.6, HEIGHT, GREY, "estimation", "estimation.py",
        "ratios of totals,\nconfidence intervals",
    ),
    Box(
        3.2, LOW, 2.6, HEIGHT, GREY, "result", "result/, plots/",
        "tables, plots,\nErlang cross-check",
    ),
    Box(0.2, LOW, 2.5, HEIGHT, GREY, "theory", "theory/", "Erlang B, C, A;\nM/M/n+GI"),
)  # fmt: skip
MIDDLE_TOP, MIDDLE_LOW = TOP + HEIGHT / 2, LOW + HEIGHT / 2
ARROWS = (
    ((2.7, MIDDLE_TOP), (3.2, MIDDLE_TOP)),
    ((5.8, MIDDLE_TOP), (6.3, MIDDLE_TOP)),
    ((8.9, MIDDLE_TOP), (9.8, MIDDLE_TOP)),
    ((12.5, MIDDLE_TOP), (13.0, MIDDLE_TOP)),
    ((11.15, 4.5), (11.15, TOP)),
    ((14.65, 3.3), (14.65, LOW + HEIGHT)),
    ((13.3, MIDDLE_LOW), (12.5, MIDDLE_LOW)),
    ((9.8, MIDDLE_LOW), (8.9, MIDDLE_LOW)),
    ((6.3, MIDDLE_LOW), (5.8, MIDDLE_LOW)),
    ((2.7, MIDDLE_LOW), (3.2, MIDDLE_LOW)),
)


def draw_box(ax: Axes, box: Box) -> None:
    corner = (box.left, box.bottom)
    style = "round,pad=0,rounding_size=0.12"
    ax.add_patch(
        FancyBboxPatch(corner, box.width, box.height, style, facecolor=box.color, edgecolor=LINE)
    )
    middle, top = box.left + box.width / 2, box.bottom + box.height - 0.13
    centred = {"ha": "center", "va": "top", "color": INK}
    ax.text(middle, top, box.title, weight="bold", size=11, **centred)
    ax.text(middle, top - 0.34, box.place, size=8, **{**centred, "color": LINE})
    ax.text(middle, top - 0.66, box.text, size=8.6, linespacing=1.15, **centred)


def data_flow() -> Figure:
    """From the scenario file to the tables; what runs once per replication is framed."""
    figure = Figure(figsize=(12.6, 5.8))
    ax = figure.subplots()
    ax.set(xlim=(0, 16.8), ylim=(0.45, 7.6))
    ax.axis("off")
    style = "round,pad=0,rounding_size=0.15"
    ax.add_patch(
        FancyBboxPatch(
            (9.4, 0.65), 7.2, 6.5, style, facecolor=GREEN, edgecolor=LINE, linestyle="--", zorder=0
        )
    )
    ax.text(13.0, 7.26, "once per replication, on any thread", ha="center", size=9, color=LINE)
    ax.text(4.5, 7.26, "once per scenario", ha="center", size=9, color=LINE)
    ax.text(4.5, 0.5, "once, for all replications", ha="center", va="top", size=9, color=LINE)
    for box in BOXES:
        draw_box(ax, box)
    for start, end in ARROWS:
        ax.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=13, color=LINE, shrinkA=2, shrinkB=2
            )
        )
    return figure


def real_center() -> Figure:
    """The day of ``simcc demo``: observed and simulated."""
    folder = files("simcc") / "examples" / "real_center"
    result = simcc.simulate(simcc.load(folder / "real_center.toml"), replications=200, seed=1)
    return simcc.plots.day_figure(result, observed=pd.read_csv(folder / "observed.csv"))


def names_of(page: str, until: str) -> dict[str, Any]:
    """What the blocks of a page define, up to the one that defines a name."""
    names: dict[str, Any] = {}
    with redirect_stdout(StringIO()):
        for block in blocks(HERE / page, "python"):
            exec(block, names)
            if until in names:
                break
    return names


def tuning() -> Figure:
    """What was tried on the page on tuning."""
    found = names_of("tuning.md", "found")["found"]
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    found.plot(left)
    found.plot_parameters("routing.policy.constant.a.g2", ax=right)
    return figure


def sensitivity() -> Figure:
    """Both kinds of sensitivity of the page on it."""
    names = names_of("sensitivity.md", "spread")
    figure = Figure(figsize=(10.5, 3.8), layout="constrained")
    for ax, one in zip(figure.subplots(1, 2), ("found", "spread"), strict=True):
        names[one].plot("service_level_20s_offered", ax=ax)
    return figure


def comparing(routed: simcc.Comparison) -> Figure:
    """What the page on comparing says of policies, as a picture."""
    figure = Figure(figsize=(9.5, 2.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, metric in zip(axes, ("service_level_20s_offered", "asa"), strict=True):
        routed.plot(metric, ax=ax)
    return figure


def with_the_best(routed: simcc.Comparison) -> Figure:
    """The same policies against the best of the others."""
    figure = Figure(figsize=(6.5, 2.8), layout="constrained")
    routed.plot_with_the_best("service_level_20s_offered", ax=figure.subplots())
    return figure


def variance_reduction() -> Figure:
    """What is left of the variance, after controls and of strata."""
    names = names_of("variance-reduction.md", "strata")
    figure = Figure(figsize=(9.5, 2.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    metrics = ("service_level_20s_offered", "asa", "abandonment", "occupancy")
    for ax, name in zip(axes, ("controlled", "strata"), strict=True):
        names[name].plot(metrics, ax=ax)
    return figure


def stress() -> Figure:
    """What the page on stress tests finds, and its breaking point."""
    names = names_of("stress.md", "point")
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    axes = figure.subplots(1, 2, width_ratios=(1.2, 1))
    names["found"].plot(ax=axes[0])
    names["point"].plot(ax=axes[1])
    return figure


def shaken() -> Figure:
    """Days with shocks of random sizes, and the same days without."""
    figure = Figure(figsize=(6.5, 3.2), layout="constrained")
    names_of("stress.md", "shaken")["shaken"].plot(ax=figure.subplots())
    return figure


def main() -> None:
    with rc_context({"svg.hashsalt": "simcc"}):  # the same picture gives the same file
        data_flow().savefig(HERE / "data-flow.svg", bbox_inches="tight", metadata={"Date": None})
    routed = names_of("comparing.md", "routed")["routed"]
    comparing(routed).savefig(HERE / "comparing.png", dpi=100, metadata={"Software": None})
    with_the_best(routed).savefig(HERE / "with-the-best.png", dpi=100, metadata={"Software": None})
    for draw in (variance_reduction, tuning, sensitivity, stress, shaken):
        path = HERE / f"{draw.__name__.replace('_', '-')}.png"
        draw().savefig(path, dpi=100, metadata={"Software": None})
    real_center().savefig(HERE / "real-center.png", dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    main()
