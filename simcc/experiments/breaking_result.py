"""What the search for a breaking point found: an interval, an estimate and the measured curve."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simcc.experiments.limits import Held, Look
from simcc.plots.drawing import INK, SOFT, axes, style
from simcc.result.text import Cells, aligned, as_html, between, figure, words
from simcc.shocks import Shock

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLORS = {"holds": "#3f9b6c", "breaks": "#c8553d", "not clear": SOFT}


@dataclass(frozen=True, eq=False)
class Probe:
    """One size of a shock.

    Attributes
    ----------
    size : float
    look : Look
        The metric there.
    replications : int
    margin : float
        How much better than the limit the metric is, in its unit, less what the luck of these
        replications did to it without the shock.
    """

    size: float
    look: Look
    replications: int
    margin: float


@dataclass(frozen=True, eq=False)
class BreakingPoint:
    """The smallest size of a shock that breaks a target.

    Attributes
    ----------
    shock : Shock
        As given.
    target : str
        In words.
    unit : str
        Of the sizes: that of ``shock.size``.
    low, high : float
        Between which the point is with the confidence: the largest size that surely holds (0 if
        even without the shock that is not sure) and the smallest that surely breaks (infinite if
        none was found). Both 0 if the target is broken without the shock.
    estimate : float
        Infinite if the target holds at all sizes tried.
    confidence : float
    seed, replications : int
        Replications of all sizes together.
    """

    shock: Shock
    target: str
    unit: str
    low: float
    estimate: float
    high: float
    confidence: float
    seed: int
    replications: int
    _held: Held = field(repr=False)
    _probes: tuple[Probe, ...] = field(repr=False)

    @classmethod
    def of(
        cls, shock: Shock, held: Held, probes: Sequence[Probe], confidence: float, seed: int
    ) -> BreakingPoint:
        """Make it of the sizes tried, the smallest shock first."""
        verdicts = [one.look.verdict for one in probes]
        holds = [one.size for one, verdict in zip(probes, verdicts, strict=True)
                 if verdict == "holds"]  # fmt: skip
        breaks = [one.size for one, verdict in zip(probes, verdicts, strict=True)
                  if verdict == "breaks"]  # fmt: skip
        low = holds[-1] if holds else 0.0
        high = breaks[0] if breaks else math.copysign(math.inf, shock.size)
        estimate = _crossing(probes)
        if not math.isnan(estimate):
            estimate = float(np.clip(estimate, min(low, high), max(low, high)))
        return cls(
            shock, held.label, shock.unit, low, estimate, high, confidence, seed,
            sum(one.replications for one in probes), held, tuple(probes),
        )  # fmt: skip

    @property
    def times(self) -> float:
        """The estimate, as so many times the shock as given."""
        return self.estimate / self.shock.size

    def table(self) -> pd.DataFrame:
        """Return the measured curve.

        Returns
        -------
        pandas.DataFrame
            ``size``, ``unit`` of it, ``value`` of the metric with the interval from ``low`` to
            ``high`` of the last look, its ``verdict`` ("holds", "breaks" or "not clear") and the
            ``replications``.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "size": [one.size for one in self._probes],
                "unit": self.unit,
                "value": [one.look.value for one in self._probes],
                "low": [one.look.low for one in self._probes],
                "high": [one.look.high for one in self._probes],
                "verdict": [one.look.verdict for one in self._probes],
                "replications": [one.replications for one in self._probes],
            }
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the metric by the size of the shock, the target, and where it breaks.

        Dots and bars are what was measured; the line leaves out the luck of fewer replications.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            By default the current one.

        Returns
        -------
        matplotlib Axes
        """
        ax = axes(ax)
        unit = self._held.unit
        per = 100.0 if unit == "share" else 1.0
        sizes = [one.size for one in self._probes]
        curve = [self._held.limit + self._held.sign * one.margin for one in self._probes]
        ax.plot(sizes, [per * value for value in curve], color=SOFT, linewidth=1.0)
        for one in self._probes:
            low, high, value = (per * x for x in (one.look.low, one.look.high, one.look.value))
            color = COLORS[one.look.verdict]
            ax.plot([one.size] * 2, [low, high], color=color, linewidth=2.0)
            ax.plot(one.size, value, "o", color=color, markersize=5, markeredgecolor="white")
        ax.axhline(per * self._held.limit, color=INK, linewidth=1.0, linestyle="--")
        ends = [self.low, self.high if math.isfinite(self.high) else sizes[-1]]
        ax.axvspan(min(ends), max(ends), color="#f0c36d", alpha=0.35, linewidth=0)
        ax.set_xlabel(f"{self.shock.name or self.shock.kind.replace('_', ' ')} ({self.unit})")
        ax.set_ylabel(f"{self._held.metric} ({words(unit)})")
        style(ax, f"{self.target}\nbreaks in the band, {100 * self.confidence:g} %")
        return ax

    def __repr__(self) -> str:
        return f"<BreakingPoint: {self}>"

    def __str__(self) -> str:
        return f"{self.target}: {self._sentence()}"

    def _sentence(self) -> str:
        most = f"{self._probes[-1].size:.4g} {self.unit}"
        if self.low == self.high == 0:
            return "broken without the shock"
        if self.low == self._probes[-1].size:
            return f"not broken up to {most}"
        if math.isinf(self.high):
            return f"not clear up to {most}"
        sure = f"{100 * self.confidence:g} % interval {self.low:.4g} .. {self.high:.4g}"
        return f"breaks at {self.estimate:.4g} {self.unit} ({sure})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>{as_html(self.shown())}"

    def shown(self) -> list[Cells]:
        """Return the measured curve as cells, under a row of headings."""
        unit = self._held.unit
        rows: list[Cells] = [
            (f"size, {self.unit}", self._held.metric, "interval", "unit", "verdict", "replications")
        ]
        for one in self._probes:
            look = one.look
            rows.append(
                (
                    f"{one.size:.4g}", figure(look.value, unit),
                    between(look.low, look.high, unit), words(unit), look.verdict,
                    str(one.replications),
                )
            )  # fmt: skip
        return rows

    def text(self) -> str:
        """Return what was found and the measured curve as text."""
        return f"{self}\n\n{aligned(self.shown())}"


def _crossing(probes: Sequence[Probe]) -> float:
    """Return the size at which a falling curve through the margins crosses 0."""
    from scipy.optimize import isotonic_regression

    known = [one for one in probes if not math.isnan(one.margin)]
    if not known:
        return math.nan
    margins = isotonic_regression(
        [one.margin for one in known],
        weights=[one.replications for one in known],
        increasing=False,
    ).x
    below = np.flatnonzero(margins < 0)
    if len(below) == 0:
        return math.copysign(math.inf, known[-1].size)
    i = int(below[0])
    if i == 0:
        return 0.0
    share = margins[i - 1] / (margins[i - 1] - margins[i])
    return float(known[i - 1].size + share * (known[i].size - known[i - 1].size))
