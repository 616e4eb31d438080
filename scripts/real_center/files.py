"""Write a center as a scenario file with its tables."""

from __future__ import annotations

from pathlib import Path

from .build import Center
from .observed import TARGET_SHARE, TARGET_WITHIN, THRESHOLDS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
DATES = ("2014-04-07", "2014-04-08", "2014-04-09", "2014-04-10", "2014-04-11")


def write(center: Center, out: Path) -> None:
    """Write the scenario and its tables into the folder `out`."""
    (out / "patience").mkdir(parents=True, exist_ok=True)
    center.volumes.to_csv(out / "volumes.csv", index=False, lineterminator="\n")
    center.heads.to_csv(out / "heads.csv", index=False, lineterminator="\n")
    center.observed.to_csv(out / "observed.csv", index=False, lineterminator="\n")
    for name, curve in center.patience.items():
        curve.to_csv(out / _curve(center, name), index=False, lineterminator="\n")
    (out / "real_center.toml").write_text(scenario_text(center), encoding="utf-8")


def scenario_text(center: Center) -> str:
    """The scenario as TOML."""
    lines = [
        f"# A {WEEKDAYS[center.weekday]} of a real contact center. README.md beside this file says",
        "# how every figure was found; scripts/make_real_center.py writes it.",
        'name = "real-center"',
        f"thresholds = {list(THRESHOLDS)}",
        "",
        "[horizon]",
        f"start = {DATES[center.weekday]}T08:00:00",
        'time_zone = "Europe/Amsterdam"',
        'length = "12h"',
        'interval = "30min"',
    ]
    busyness = f'busyness = {{ cv = {center.busyness}, shared = "day" }}'
    arrivals = ['csv = "volumes.csv"'] + ([busyness] if center.busyness else [])
    for name, law in center.talk.items():
        lines += [
            "",
            "[[contact_types]]",
            f'name = "{name}"',
            f"arrivals = {{ {', '.join(arrivals)} }}",
            f'talk_time = {{ law = "{law.law}", mean = {law.mean:.1f}, cv = {law.cv:.3f} }}',
            f"after_call_work = {center.after_call_work}",
            f'patience = {{ survival = "{_curve(center, name)}", tail = "exponential" }}',
        ]
    for name, queues in center.skills.items():
        skills = ", ".join(f'"{queue}"' for queue in queues)
        lines += [
            "",
            "[[agent_groups]]",
            f'name = "{name}"',
            f"skills = [{skills}]",
            'agents = { csv = "heads.csv" }',
        ]
    lines += [
        "",
        "# An assumption: the center's own target is not known.",
        "[[targets]]",
        f"share = {TARGET_SHARE}",
        f"within = {TARGET_WITHIN}",
    ]
    return "\n".join(lines) + "\n"


def _curve(center: Center, name: str) -> str:
    """Path of a queue's patience curve; queues with few abandonments share one."""
    return f"patience/{'small-queues' if name in center.pooled else name}.csv"
