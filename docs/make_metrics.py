"""Write metrics.md from the catalogue: ``python docs/make_metrics.py``."""

from pathlib import Path

from simcc import metrics

HERE = Path(__file__).parent
INTRODUCTION = """# Metrics

Generated from the catalogue in `simcc.metrics` by `docs/make_metrics.py`. A contact belongs to the
interval in which it arrived. Ratios are ratios of totals over all replications, never means of
ratios; the interval beside an estimate comes from the scatter of numerator and denominator over the
replications. Counters in the formulas are those of `result.counters()`. What `offered` and
`abandoned` include: [decision 3](decisions/0003-offered-and-abandoned.md).

"""


def page() -> str:
    """The whole page."""
    return INTRODUCTION + metrics.to_markdown().strip() + "\n"


if __name__ == "__main__":
    (HERE / "metrics.md").write_text(page())
