# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A fixed queue ratio in a large center
#
# Three types of contacts, one group of agents. Fixed-queue-ratio routing takes the next contact
# from the queue that exceeds its share of all who wait by most: $Q_k - p_k Q$. I. Gurvich and W.
# Whitt (2009), *Mathematics of Operations Research* 34(2), and (2010), *Operations Research*
# 58(2), proved that in large centers the queues then move as one: $Q_k = p_k Q$ at every moment,
# up to errors that vanish beside the queues. One number says the whole state, which they call
# state-space collapse. Managers choose the shares, and with them how long each type waits.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simcc

replications = int(os.environ.get("SIMCC_REPLICATIONS", 20))
arriving = {"a": 0.5, "b": 0.3, "c": 0.2}  # shares of the arrivals
wished = {"a": 0.2, "b": 0.3, "c": 0.5}  # of the queue
SIZES = (9, 36, 144, 576)
TALK, PATIENCE = 180.0, 360.0  # means, s


def center(agents, policy):
    """As many agents as the offered load in erlangs; about as many contacts at any size."""
    rate = agents * 3600 / TALK
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=rate * share),
            talk_time=simcc.Exponential(mean=TALK),
            patience=simcc.Exponential(mean=PATIENCE),
        )
        for name, share in arriving.items()
    ]
    group = simcc.AgentGroup(
        name="agents", skills=list(arriving), staff=simcc.FixedStaff(agents=agents)
    )
    hours = max(10, 1200 // agents)
    return simcc.Scenario(
        horizon=simcc.Horizon(length=f"{hours}h", interval="1h", warmup="1h", after="stop"),
        contact_types=kinds,
        agent_groups=[group],
        routing=simcc.Routing(policy=policy),
    )


POLICIES = {
    "fixed queue ratio": simcc.QueueRatio(queue_share=wished),
    "longest wait": simcc.LongestWait(),
}
runs = {
    (agents, name): simcc.simulate(
        center(agents, policy), replications=replications, seed=1, record="contacts", workers=2
    )
    for agents in SIZES
    for name, policy in POLICIES.items()
}

# %% [markdown]
# ## The sum of the queues
#
# All types talk and wait alike, so the rule does not touch the sum: $Q$ is the queue of Erlang's
# formula with abandonment, at any size and exactly. Simulated, in contacts, with 95 % intervals:

# %%
rows = []
for agents in SIZES:
    queues = runs[agents, "fixed queue ratio"].summary().set_index(["metric", "scope"])
    total = queues.loc["mean_queue", "all"]
    parts = [queues.loc[("mean_queue", f"type:{name}"), "estimate"] for name in wished]
    exact = simcc.theory.erlang_a(agents, agents * 3600 / TALK, TALK, PATIENCE).mean_queue
    rows.append((agents, exact, total.estimate, total.low, total.high, *parts / total.estimate))
columns = ["agents", "Erlang A", "simulated", "low", "high", *(f"share of {k}" for k in wished)]
pd.DataFrame(rows, columns=columns).set_index("agents").round(3)

# %% [markdown]
# The shares of the mean queues go from those of the arrivals, 0.5, 0.3, 0.2, towards those wished,
# 0.2, 0.3, 0.5. In a small center queues are too short to be shared: one contact cannot be a fifth.
#
# ## Collapse
#
# Poisson arrivals see the center as it is on average, so the log shows the queues: a contact that
# has to wait finds `n_ahead` of its own type and `n_ahead_all` in all. Queues grow as $\sqrt n$
# with the number of agents, so both are divided by it. Dots are single contacts (a sample; dots of
# whole numbers are spread a little), lines the wished shares.


# %%
def found(agents, name):
    """What contacts that wait find: one row for each."""
    contacts = runs[agents, name].contacts()
    contacts = contacts[contacts["n_ahead_all"] >= 0]
    return contacts[["replication", "contact_type", "n_ahead", "n_ahead_all"]]


colours = dict(zip(wished, ("#0072b2", "#e69f00", "#d55e00"), strict=True))
figure, axes = plt.subplots(
    1, len(SIZES), figsize=(11, 3.4), sharex=True, sharey=True, layout="constrained"
)
luck = np.random.default_rng(1)
for ax, agents in zip(axes, SIZES, strict=True):
    seen = found(agents, "fixed queue ratio").sample(2400, random_state=1)
    for name, rows in seen.groupby("contact_type", observed=True):
        x, y = (
            (rows[column] + luck.uniform(-0.4, 0.4, len(rows))) / agents**0.5
            for column in ("n_ahead_all", "n_ahead")
        )
        ax.plot(x, y, ".", ms=2, alpha=0.35, color=colours[name])
        ax.plot([0, 3], [0, 3 * wished[name]], color=colours[name], lw=1.2, label=name)
    ax.set(title=f"{agents} agents", xlim=(0, 3), ylim=(0, 1.8))
    ax.set_xlabel("all who wait / √n")
axes[0].set_ylabel("of the own type / √n")
axes[0].legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# ## How fast
#
# The mean distance $|Q_k - p_k Q| / \sqrt n$, by size. With longest wait, the queues collapse too,
# but onto other shares: those of the arrivals. From the wished shares they stay as far away as
# ever.


# %%
def distances(agents, name):
    """By replication: mean distance from the wished shares, over the square root of n."""
    seen = found(agents, name)
    share = seen["contact_type"].map(wished).astype(float)
    away = (seen["n_ahead"] - share * seen["n_ahead_all"]).abs() / agents**0.5
    return away.groupby(seen["replication"]).mean()


figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, colour in (("fixed queue ratio", "#0072b2"), ("longest wait", "#d55e00")):
    each = [distances(agents, name) for agents in SIZES]
    means = [one.mean() for one in each]
    errors = [2 * one.sem() for one in each]
    ax.errorbar(SIZES, means, errors, marker="o", ms=4, capsize=3, color=colour, label=name)
    if name == "fixed queue ratio":
        slope = [means[-1] * (agents / SIZES[-1]) ** -0.5 for agents in SIZES]
        ax.plot(SIZES, slope, ":", color=colour, lw=1, label="in proportion to 1 / √n")
ax.set(xscale="log", yscale="log", xlabel="agents n", ylabel="mean distance / √n")
ax.set_xticks(SIZES, SIZES)
ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
ax.minorticks_off()
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# The distance itself stays below one contact at every size, so beside queues of the order of
# $\sqrt n$ it vanishes as $1/\sqrt n$.
#
# ## What customers get
#
# Wished shares of the queue are wished waits: $E W_k = p_k E Q / \lambda_k$ (Little). At 576
# agents, mean waits in seconds:

# %%
waits = []
exact = simcc.theory.erlang_a(SIZES[-1], SIZES[-1] * 3600 / TALK, TALK, PATIENCE).mean_queue
for name in wished:
    row = {"wished": wished[name] * exact / (arriving[name] * SIZES[-1] / TALK)}
    for policy in POLICIES:
        sums = runs[SIZES[-1], policy].summary().set_index(["metric", "scope"])
        row[policy] = sums.loc[("mean_wait", f"type:{name}"), "estimate"]
    waits.append(row)
pd.DataFrame(waits, index=list(wished)).round(1)

# %% [markdown]
# ## Further
#
# [Policies](../docs/policies.md), [the generalised c-mu rule](c_mu_in_heavy_traffic.ipynb): a high
# load instead of many agents.
