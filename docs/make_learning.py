"""Train a policy and write what it costs into learning.md: ``python docs/make_learning.py``.

Takes about five minutes on one core. Needs ``pip install "simcc[learn]"``.
"""

from __future__ import annotations

import re
import runpy
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np

import simcc

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "learning.md"
MARKED = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end of measured -->)", re.DOTALL)
STEPS, SEEDS = 40_000, (1, 2, 3)
GIVING_UP = {"a": 1.0, "b": 10.0}
PATIENCE = 300.0  # s
FRESH, REPLICATIONS = 2026, 100  # seed and number of the days that policies are compared on


def center(policy: Any = None) -> simcc.Scenario:
    """An N design: group g1 for type a, group g2 for both; b is rare and dear."""
    n = simcc.instances.n_design(
        rates_per_hour=(60, 20),
        agents=(1, 2),
        talk_times=("3min", "3min"),
        patience=PATIENCE,
        away_speed=1.0,
        lines=12,
        length="26h",
        policy=policy,
    )
    horizon = simcc.Horizon(length="26h", interval="2h", warmup="2h", after="stop")
    return n.replace(horizon=horizon)


def environment() -> simcc.gym.RoutingEnv:
    """With patience exponential, waiting costs per hour what giving up does, with less noise."""
    per_hour = {name: cost * 3600 / PATIENCE for name, cost in GIVING_UP.items()}
    return simcc.gym.RoutingEnv(center(), wait_cost_per_hour=per_hour, observe="counts")


def trained(steps: int, seed: int) -> simcc.CustomPolicy:
    """What a deep Q network has learnt after so many decisions."""
    import torch
    from stable_baselines3 import DQN

    torch.set_num_threads(1)  # the network is small
    env = environment()
    model = DQN(
        "MlpPolicy",
        env,
        gamma=0.9,
        learning_rate=lambda left: 1e-3 * left,  # of the training, as a share
        buffer_size=steps,
        learning_starts=1_000,
        target_update_interval=1_000,
        batch_size=128,
        exploration_fraction=0.5,
        seed=seed,
    ).learn(steps)

    def values(observation: Any) -> Any:
        with torch.no_grad():
            return model.q_net(torch.as_tensor(observation[None]))[0].numpy()

    return simcc.gym.as_policy(env, values)


def optimum() -> Any:
    """The decision process of the center, solved."""
    solver = runpy.run_path(str(ROOT / "tests" / "gym" / "decision_process.py"))
    design = solver["Design"](
        arrivals=(60, 20),
        agents=(1, 2),
        service=((20, 20), (0, 20)),
        giving_up=3600 / PATIENCE,
        lines=12,
        wait_cost=(0, 0),
        abandonment_cost=tuple(GIVING_UP.values()),
        idling=True,
    )
    return solver["Solved"](design)


def daily_cost(result: simcc.Result) -> np.ndarray:
    """Cost per hour of each replication."""
    lost = result.counters("type").groupby(["replication", "type"])["abandoned"].sum().unstack()
    horizon = result.scenario.horizon
    hours = (horizon.length - horizon.warmup) / 3600
    return (sum(price * lost[name] for name, price in GIVING_UP.items()) / hours).to_numpy()


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean, and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)


def baselines() -> dict[str, Any]:
    """What one would try without learning; the last two keep agents of g2 for type b."""
    kept = [simcc.GroupOption(group="g1")], simcc.GroupOption(group="g2", idle_needed=2)
    return {
        "longest wait": simcc.LongestWait(),
        "type b first": simcc.StaticPriority(priority={"a": 2, "b": 1}),
        "type b first, one of g2 kept for it": simcc.Routing(
            type_to_groups={"a": [*kept[0], kept[1].replace(rank=2)]},
            group_to_types={"g2": [simcc.TypeOption(type="b"), simcc.TypeOption(type="a", rank=2)]},
        ),
        "g2 for type b only": simcc.Routing(
            type_to_groups={"a": kept[0]}, group_to_types={"g2": [simcc.TypeOption(type="b")]}
        ),
    }


def measured() -> str:
    """The table of costs, and the speeds, as they stand in the page."""
    start = time.perf_counter()
    learnt = {f"learnt, seed {seed}": trained(STEPS, seed) for seed in SEEDS}
    seconds = (time.perf_counter() - start) / len(SEEDS)
    policies = simcc.with_policies(center(), {**baselines(), **learnt})
    results = simcc.compare(policies, replications=REPLICATIONS, seed=FRESH).results
    best = optimum().per_hour
    first = daily_cost(results["longest wait"])
    lines = ["| policy | cost per hour | less than longest wait | above the optimum |"]
    lines += ["|---|---|---|---|", f"| the optimum, exactly | {best:.2f} | | |"]
    for name, result in results.items():
        cost, error = mean_and_error(daily_cost(result))
        gain, gain_error = mean_and_error(first - daily_cost(result))
        gains = "" if name == "longest wait" else f"{gain:.2f} ± {1.96 * gain_error:.2f}"
        above = f"{round(100 * (cost / best - 1), 1) + 0.0:.1f} %"  # no -0.0
        lines.append(f"| {name} | {cost:.2f} ± {1.96 * error:.2f} | {gains} | {above} |")
    return "\n".join([*lines, "", speeds(seconds, next(iter(learnt.values()))), ""])


def speeds(seconds: float, learnt: simcc.CustomPolicy) -> str:
    """Decisions per second: in the environment, as a policy, and in the kernel."""
    env, choice = environment(), np.random.default_rng(1)
    _, info = env.reset(seed=1)
    decisions, start = 0, time.perf_counter()
    while decisions < 20_000:
        action = choice.choice(np.flatnonzero(info["action_mask"]))
        *_, terminated, truncated, info = env.step(action)
        decisions += 1
        if terminated or truncated:
            _, info = env.reset()
    stepped = decisions / (time.perf_counter() - start)
    asked = contacts_per_second(center(learnt))
    compiled = contacts_per_second(center(simcc.LongestWait()))
    text = (
        f"Training took {seconds:.0f} s for {STEPS:,} decisions. The environment alone makes "
        f"{stepped:,.0f} decisions per second. As a policy of a scenario, what was learnt handles "
        f"{asked:,.0f} contacts per second; longest wait, in the kernel, {compiled:,.0f}."
    )
    return textwrap.fill(text, 100)


def contacts_per_second(scenario: simcc.Scenario) -> float:
    """Of a second run, when all is compiled and kept."""
    for _ in range(2):
        start = time.perf_counter()
        result = simcc.simulate(scenario, replications=20, seed=1)
        seconds = time.perf_counter() - start
    return float(result.counters("type")["arrivals"].sum()) / seconds


def main() -> None:
    table = measured()
    text = MARKED.sub(lambda _: table, PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name}: written")


if __name__ == "__main__":
    main()
