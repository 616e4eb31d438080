"""simcc as a competitor of the speed race: ``python race_simcc.py W1 1000000 SEED``.

Prints one JSON line; the time is that of the whole call of ``simulate`` (model set-up, sampling,
engine, log, metrics), after a small run that loads the compiled kernels.
"""

from __future__ import annotations

import json
import sys
import time

from works import UNIT, work_1, work_2

import simcc

WORKS = {"W1": work_1, "W2": work_2}


def main() -> None:
    """Run one work and print what came out."""
    name, contacts, seed = sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3])
    simcc.simulate(WORKS[name](1000), replications=1, seed=0)
    wall, cpu = time.perf_counter(), time.process_time()
    result = simcc.simulate(WORKS[name](contacts), replications=1, seed=seed)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    sums = result.sums
    offered, served = sums.total("offered").sum(), sums.total("served").sum()
    line = {
        "name": "simcc",
        "version": simcc.__version__,
        "workload": name,
        "contacts": int(offered),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "p_abandon": sums.total("abandoned").sum() / offered,
        "p_wait": sums.total("queued").sum() / offered,
        "mean_wait": sums.total("wait_served_sum").sum() / served / UNIT,
    }
    if name == "W2":
        line["group_share"] = (sums.by_group("served").sum(axis=(0, 1)) / served).tolist()
    print(json.dumps(line))


if __name__ == "__main__":
    main()
