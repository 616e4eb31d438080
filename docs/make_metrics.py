"""Write metrics.md from the catalogue: ``python docs/make_metrics.py``."""

from pathlib import Path

from simcc import metrics

HERE = Path(__file__).parent
INTRODUCTION = """# Metrics

This page is generated from the catalogue in `simcc.metrics`, by `docs/make_metrics.py`.

- **Periods.** A contact belongs to the interval in which it arrived, whatever happens to it later;
  queues, agents and sessions are measured as they are during the interval.
- **Ratios** are ratios of totals over all replications, never means of ratios. The interval beside
  an estimate comes from the scatter of numerator and denominator over the replications.
- **Means** are per replication: over the whole horizon, or over one interval of it.
- **Quantiles** of waits are over all contacts. They are read from histograms with bins 1.6 to 3.1 %
  wide, straight within a bin; waits of exactly 0 s have a bin of their own.
- **Days** are those of [decision 9](decisions/0009-days.md); one without contacts does not count.
- **Issues** belong to the type and the interval of their first contact; what is resolved, and what
  counts as coming back: [journeys](journeys.md#what-is-measured).
- **Names.** Every threshold and every target of the scenario has its rows; the 20 s and 0.8 here
  are examples. What `offered` and `abandoned` include:
  [decision 3](decisions/0003-offered-and-abandoned.md).
- **Formulas** are in terms of the counters below, which `result.counters()` gives as raw sums.

"""


def page() -> str:
    """The whole page."""
    return INTRODUCTION + metrics.to_markdown().strip() + "\n"


if __name__ == "__main__":
    (HERE / "metrics.md").write_text(page(), encoding="utf-8")
