"""Throughput over the versions: ``python benchmarks/draw_history.py`` draws docs/throughput.png.

The number that is tracked is contacts per second as a multiple of the textbook SimPy model's in the
same session, which a faster machine changes little. Save a run with

    python -m pytest benchmarks --benchmark-storage=file://benchmarks/history --benchmark-save=NAME

where NAME is the version.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

HISTORY = Path(__file__).parent / "history"
PICTURE = Path(__file__).parents[1] / "docs" / "throughput.png"
RATIO = "times_textbook_simpy"
WORKS = {
    "test_simulate[W1]": "one queue, 100 agents",
    "test_simulate[W2]": "6 types, 10 overlapping groups",
    "test_simulate_mixed": "mixed center with a bot",
}
COLORS = ("#0b6e99", "#b3541e", "#4b7a2b")
INK, SOFT = "#1c2733", "#8795a1"


class Run(NamedTuple):
    """A saved run: what was measured, and each work's multiple of the textbook's throughput."""

    at: datetime
    version: str
    commit: str
    ratios: dict[str, float]


def saved_runs(folder: Path = HISTORY) -> list[Run]:
    """Every saved run that has the number, in the order of the commits."""
    runs = [read(path) for path in folder.rglob("*.json")]
    return sorted(run for run in runs if run.ratios)


def read(path: Path) -> Run:
    """One file of pytest-benchmark."""
    content = json.loads(path.read_text(encoding="utf-8"))
    about = content["commit_info"]
    ratios = {
        WORKS[one["name"]]: one["extra_info"][RATIO]
        for one in content["benchmarks"]
        if one["name"] in WORKS and RATIO in one["extra_info"]
    }
    at = datetime.fromisoformat(about["time"])
    return Run(at, about["version"], about["id"][:7], ratios)


def figure(runs: list[Run]) -> Figure:
    """A line for each work, a place on the axis for each run."""
    drawn = Figure(figsize=(max(7.5, 1.6 + 1.1 * len(runs)), 3.8), layout="constrained")
    ax = drawn.subplots()
    for work, color in zip(WORKS.values(), COLORS, strict=True):
        places = [i for i, run in enumerate(runs) if work in run.ratios]
        values = [runs[i].ratios[work] for i in places]
        ax.plot(places, values, "o-", color=color, label=work, clip_on=False)
        if places:
            ax.annotate(
                f"{values[-1]:.0f}", (places[-1], values[-1]), (8, 0), color=color,
                textcoords="offset points", va="center",
            )  # fmt: skip
    labels = [f"{run.version}\n{run.commit}\n{run.at:%Y-%m-%d}" for run in runs]
    ax.set_xticks(range(len(runs)), labels, size=8, color=INK)
    ax.set(xlim=(-0.5, len(runs) - 0.5), ylim=(0, None))
    ax.set_title("Contacts per second, times those of a textbook SimPy model", loc="left", size=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=SOFT, alpha=0.3)
    drawn.legend(loc="outside lower left", ncols=len(WORKS), frameon=False, fontsize=8)
    return drawn


def main() -> None:
    """Draw the picture and print the numbers."""
    runs = saved_runs()
    figure(runs).savefig(PICTURE, dpi=120, metadata={"Software": None})
    for run in runs:
        print(run.version, run.commit, run.ratios)


if __name__ == "__main__":
    main()
