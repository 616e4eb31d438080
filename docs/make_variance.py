"""Measure what variance reduction saves, and write it into variance-reduction.md.

``python docs/make_variance.py`` takes a few minutes on one core, and longer with more experiments
than by default (``python docs/make_variance.py 1000``). The measurement is
``tests/experiments/reduced_promises.py``.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE / "variance-reduction.md"
EXPERIMENTS, REPLICATIONS, SEED = 100, 80, 1
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def tables(found: Iterable[Any]) -> str:
    """A table for each center."""
    lines: list[str] = []
    center = None
    for one in found:
        if one.center != center:
            center = one.center
            lines += [
                f"\n**{center[0].upper()}{center[1:]}**\n\n",
                "| method | metric | variance left, reported | seen | holds | half-width |\n",
                "| --- | --- | --- | --- | --- | --- |\n",
            ]
        lines.append(
            f"| {one.method} | `{one.metric}` | {one.reported:.0%} | {one.seen:.0%} "
            f"| {one.share:.1%} | {one.half_width:.3g} |\n"
        )
    return "".join(lines)


def measured(experiments: int = EXPERIMENTS) -> str:
    """What the page shows between its marks."""
    sys.path.insert(0, str(HERE.parent / "tests" / "experiments"))
    import reduced_promises as promises

    found = [
        one
        for center in promises.centers()
        for one in promises.savings(center, experiments, REPLICATIONS, SEED)
    ]
    head = (
        f"{experiments} experiments of {REPLICATIONS} replications each. Where an interval holds "
        f"with 95 %, the table shows that with a standard error of {found[0].error:.1%}; the ratio "
        f"seen has one of {found[0].error_of_seen:.0%} of itself. The mean of all estimates is off "
        f"by at most {max(abs(one.bias) for one in found):.1f} of its standard errors."
    )
    return f"{textwrap.fill(head, 100)}\n{tables(found)}\n"


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(
        before + BEGIN + "\n" + measured(*map(int, sys.argv[1:])) + END + after, encoding="utf-8"
    )
