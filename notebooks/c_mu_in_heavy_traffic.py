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
# # The generalised c-mu rule in heavy traffic
#
# Four types of contacts, one agent, and a cost of waiting that grows with the square of the wait.
# Whom to serve next? The generalised c-mu rule takes the contact by whose service the cost falls
# fastest: the largest $\mu_k\,C_k'(w_k)$ with $C_k(w) = c_k w^2$, where $w_k$ is the wait of the
# first of type $k$. It knows no arrival rates. J. A. van Mieghem (1995), *Annals of Applied
# Probability* 5(3), proved that nothing does better as the load approaches 1; A. Mandelbaum and
# A. L. Stolyar (2004), *Operations Research* 52(6), proved it for many types and groups.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simcc

replications = int(os.environ.get("SIMCC_REPLICATIONS", 20))
types = pd.DataFrame(
    {
        "cost": [1.0, 4.0, 1.0, 0.25],  # c, per h squared
        "talk_time": [120.0, 180.0, 300.0, 240.0],  # mean, s
        "share": [0.3, 0.2, 0.2, 0.3],  # of the load
    },
    index=["a", "b", "c", "d"],
)
types


# %%
def center(load, policy, hours):
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=3600 * load * row.share / row.talk_time),
            talk_time=simcc.Exponential(mean=row.talk_time),
        )
        for name, row in types.iterrows()
    ]
    agent = simcc.AgentGroup(
        name="agent", skills=list(types.index), staff=simcc.FixedStaff(agents=1)
    )
    length = hours * 3600
    return simcc.Scenario(
        horizon=simcc.Horizon(length=length, interval=length),
        contact_types=kinds,
        agent_groups=[agent],
        routing=simcc.Routing(policy=policy),
    )


# %% [markdown]
# ## What theory says
#
# The work of all who wait does not depend on the rule (Kleinrock's conservation law). A rule only
# chooses where it lies: queue $k$ holds the work $\rho_k w_k$ if its customers wait $w_k$. As the
# load $\rho$ approaches 1, a rule can move work between queues much faster than the total $V$
# changes, so it can hold the waits that cost least for the present total: minimise
# $\sum_k \lambda_k c_k w_k^2$ under $\sum_k \rho_k w_k = V$. At the minimum $w_k$ is in proportion
# to $1 / (c_k \mu_k)$, and the cost per hour is
#
# $$ \frac{E V^2}{\sum_k \rho_k / (c_k \mu_k)}. $$
#
# $E V^2$ is known exactly (Takács). So is, at any load, the cost of first come, first served:
# everybody waits $V$, which gives $E V^2 \sum_k \lambda_k c_k$. Static priority holds all the work
# in the queue of the last type, $w_d = V / \rho_d$.


# %%
def theory(load):
    """Per hour: the bound, the cost of first come, and what static priority tends to."""
    mean = types.talk_time / 3600
    rho = load * types.share
    rate = rho / mean
    second, third = (rate * 2 * mean**2).sum(), (rate * 6 * mean**3).sum()
    v = second / 2 / (1 - load)
    v_squared = 2 * v**2 + third / 3 / (1 - load)
    last = (types.cost / mean).idxmin()
    return {
        "mean work": v * load,  # of those who wait, h
        "bound": v_squared / (rho * mean / types.cost).sum(),
        "first come": v_squared * (rate * types.cost).sum(),
        "static priority": v_squared * types.cost[last] * rate[last] / rho[last] ** 2,
    }


limit = theory(1 - 1e-9)
limits = {name: limit[name] / limit["bound"] for name in ("first come", "static priority")}
pd.Series(limits).round(3).to_frame("cost / bound, in the limit")

# %% [markdown]
# ## Simulated
#
# The rule for queue lengths, $\mu_k\,C_k'(Q_k/\lambda_k)$, is the second of Mandelbaum and
# Stolyar's two; it is max-weight with the right weights. The runs are longer the higher the load,
# and all rules have the same customers. Costs are shown relative to the simulated cost of first
# come, times its exact one: the luck of the customers drops out of the ratio.

# %%
rate_of = types["share"] / types["talk_time"]  # up to a factor
by_c_mu = dict(-types.cost / types.talk_time)
POLICIES = {
    "first come": simcc.LongestWait(),
    "static priority": simcc.StaticPriority(priority=by_c_mu),
    "generalised c-mu": simcc.GeneralisedCMu(cost=dict(types.cost), exponent=2),
    "its rule for queues": simcc.MaxWeight(weight=dict(types.cost / rate_of), exponent=1),
}
LOADS = (0.7, 0.85, 0.93, 0.97)


def seen(load, policy):
    """By replication: cost of waiting per hour, and mean work of those who wait (h)."""
    hours = 200 / (1 - load)
    scenario, rows = center(load, policy, hours), []
    for number in range(replications):
        sim = simcc.Simulation(scenario, seed=1, replication=number)
        sim.run()
        log = sim.contact_log
        wait = (log.answered_at - log.offered_at) / 3600
        cost, talk = (types[what].to_numpy()[log.queue_type] for what in ("cost", "talk_time"))
        rows.append((cost @ wait**2 / hours, talk @ wait / 3600 / hours))
    return np.array(rows)


runs = {(load, name): seen(load, policy) for load in LOADS for name, policy in POLICIES.items()}

# %% [markdown]
# First the checks. The mean work of those who wait is the same under every rule and equals
# Kleinrock's; the cost of first come equals Takács's. Both within the standard errors:

# %%
checks = []
for load in LOADS:
    exact = theory(load)
    values = {name: runs[load, name][:, 1] for name in POLICIES}
    values["cost of first come"] = runs[load, "first come"][:, 0]
    for name, found in values.items():
        of = exact["first come" if name == "cost of first come" else "mean work"]
        what = name if name == "cost of first come" else f"work, {name}"
        error = found.std(ddof=1) / len(found) ** 0.5
        checks.append((load, what, found.mean() / of, error / of))
checks = pd.DataFrame(checks, columns=["load", "of", "simulated / exact", "standard error"])
checks.pivot(index="of", columns="load", values=["simulated / exact", "standard error"]).round(3)


# %%
def ratio(load, name):
    """Cost relative to the bound, and its standard error."""
    exact, first = theory(load), runs[load, "first come"][:, 0]
    found = runs[load, name][:, 0]
    whole = found.mean() / first.mean()
    spread = (found - whole * first) / first.mean()
    scale = exact["first come"] / exact["bound"]
    return whole * scale, spread.std(ddof=1) / len(first) ** 0.5 * scale


shown = pd.DataFrame(
    [(load, name, *ratio(load, name)) for load in LOADS for name in POLICIES],
    columns=["load", "policy", "cost / bound", "standard error"],
)
shown.pivot(index="policy", columns="load", values="cost / bound").loc[list(POLICIES)].round(3)

# %%
figure, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
colours = dict(zip(POLICIES, ("#d55e00", "#e69f00", "#0072b2", "#009e73"), strict=True))
x = 1 / (1 - np.array(LOADS))
for name, rows in shown.groupby("policy", sort=False):
    ax.errorbar(
        x,
        rows["cost / bound"],
        2 * rows["standard error"],
        marker="o",
        markersize=4,
        capsize=3,
        color=colours[name],
        label=name,
    )
fine = np.linspace(0.6, 0.985, 200)
exact = [theory(load)["first come"] / theory(load)["bound"] for load in fine]
ax.plot(1 / (1 - fine), exact, color=colours["first come"], lw=0.8, ls=":")
for name, value in {"generalised c-mu": 1.0, **limits}.items():
    ax.axhline(value, color=colours[name], lw=0.8, ls="--")
    ax.annotate(f"limit {value:.2f}", (68, value), va="bottom", ha="right", color=colours[name])
ax.set(
    xscale="log",
    xlim=(2.9, 70),
    ylim=(0, 3.4),
    xlabel="load",
    ylabel="cost of waiting / asymptotic bound",
)
ax.set_xticks([*x, 50], [*(f"{load:.2f}" for load in LOADS), "0.98"], minor=False)
ax.minorticks_off()
ax.legend(loc="center right", bbox_to_anchor=(1, 0.65), frameon=False)
figure.suptitle("Cost of waiting as the load approaches 1 (bars: 2 standard errors)")
plt.show()

# %% [markdown]
# Both rules of Mandelbaum and Stolyar approach the bound, from below: the bound counts the work
# that the agent has in hand as if it could still be moved, which matters less and less. First
# come, whose points are exact, goes to three times the cost. Static priority is as good as any at
# moderate load, and not in heavy traffic, where the last type waits for all.
#
# ## Where the work lies
#
# What makes it so: the waits are held in proportion to $1/(c_k \mu_k)$, at every moment and so on
# average. $c_k \mu_k \times$ mean wait, relative to its mean over the types, by load:


# %%
def mean_waits(load, policy):
    scenario = center(load, policy, 200 / (1 - load))
    sums = simcc.simulate(scenario, replications=replications, seed=1).summary()
    rows = sums[(sums["metric"] == "mean_wait") & sums["scope"].str.startswith("type:")]
    return rows["estimate"].to_numpy()


weights = (types.cost / types.talk_time).to_numpy()
table = {}
for load in LOADS:
    levels = weights * mean_waits(load, POLICIES["generalised c-mu"])
    table[load] = levels / levels.mean()
pd.DataFrame(table, index=types.index).rename_axis(columns="load").round(2)

# %% [markdown]
# ## Further
#
# [Policies](../docs/policies.md), [a fixed queue ratio](fixed_queue_ratio.ipynb): many agents
# instead of a high load.
