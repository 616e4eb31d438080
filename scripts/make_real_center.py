"""Make the packaged scenario of a real center from its call log.

    python scripts/make_real_center.py ../shared/data/calls_2014_h1.parquet

Only aggregates are written: mean volumes and head counts, fitted laws, survival curves, observed
means. Every rule is stated in the README that is written beside the tables.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from real_center.build import infer, mean_day
from real_center.files import write
from real_center.readme import readme

DEFAULT_OUT = Path(__file__).parents[1] / "simcc" / "examples" / "real_center"


def main() -> None:
    """Read the log, write the folder, print the figures that the README states."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("log", type=Path, help="calls_2014_h1.parquet")
    parser.add_argument("--weekday", type=int, default=1, choices=range(5), help="0 is Monday")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    options = parser.parse_args()
    found = infer(options.log, options.weekday)
    center = mean_day(found)
    write(center, options.out)
    (options.out / "README.md").write_text(readme(found, center), encoding="utf-8")
    for name, fact in center.facts.items():
        print(f"{name}: {fact:.4f}" if isinstance(fact, float) else f"{name}: {fact}")


if __name__ == "__main__":
    main()
