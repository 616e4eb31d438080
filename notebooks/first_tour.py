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
# # A first tour
#
# From a scenario to a table, a plot and a process of your own, in ten minutes. The center is small:
# a voice queue with a morning peak, and six to twelve agents.

# %%
import os

import matplotlib.pyplot as plt
import pandas as pd

import simcc

replications = int(os.environ.get("SIMCC_REPLICATIONS", 200))

# %% [markdown]
# ## The scenario
#
# Numbers are seconds; `"4min"` works too. Rates are per hour, one per half hour here. Busyness:
# some days are busier than forecast, by a factor with a standard deviation of 10 %.

# %%
voice = simcc.ContactType(
    name="voice",
    arrivals=simcc.RateArrivals(
        rates_per_hour=[60, 90, 120, 130, 125, 110, 95, 90],
        busyness=simcc.Busyness(cv=0.1),
    ),
    talk_time=simcc.Gamma(mean="4min", cv=0.7),
    after_call_work=simcc.Exponential(mean=20),
    patience=simcc.Exponential(mean="6min"),
)
agents = simcc.AgentGroup(
    name="agents",
    skills=["voice"],
    staff=simcc.HeadCounts(counts=[6, 9, 11, 12, 12, 11, 9, 9]),
)
scenario = simcc.Scenario(
    name="first tour",
    horizon=simcc.Horizon(start="2024-03-04T08:00", length="4h", interval="30min"),
    contact_types=[voice],
    agent_groups=[agents],
    targets=[simcc.Target(share=0.8, within="20s")],
)
scenario

# %% [markdown]
# ## Simulate
#
# The first run of a new version compiles the kernels, which takes about half a minute; after that
# it is fast. The result shows its main figures.

# %%
result = simcc.simulate(scenario, replications=replications, seed=1, workers=2)
result

# %% [markdown]
# `summary()` is everything as a table. `scope` says what a row is about, `low` and `high` bound the
# 95 % confidence interval of the estimate.

# %%
summary = result.summary()
summary[summary["scope"] == "group:agents"]

# %% [markdown]
# `intervals()` is the same per half hour.

# %%
by_half_hour = result.intervals(scope="all", metrics=["service_level_20s_offered"])
by_half_hour.set_index("interval_start")[["estimate", "low", "high"]].round(3)

# %% [markdown]
# ## The day in a picture
#
# Lines are estimates, bands their confidence intervals: how well the mean is known, not how much
# days differ.

# %%
figure, ax = plt.subplots(figsize=(9, 7), layout="constrained")
ax = result.plot.day(ax=ax)

# %% [markdown]
# How much days differ is another question. A mean near the target does not say how many days reach
# it.

# %%
figure, ax = plt.subplots(figsize=(9, 3), layout="constrained")
ax = result.plot.days(ax=ax)

# %% [markdown]
# ## Does theory agree?
#
# Erlang's formulas stand beside the simulation; they take each half hour as steady and the laws as
# exponential. `applies` says whether all assumptions of a formula hold. Here they do not, and
# `note` names those that fail.

# %%
columns = ["model", "metric", "theory", "simulated", "low", "high", "applies"]
check = result.cross_check()
check.loc[check["model"] == "Erlang A", columns].round(3)

# %%
for model, note in check.groupby("model")["note"].first().items():
    print(f"{model}: {note}")

# %% [markdown]
# Take the assumptions one by one out of the way and the two must agree: exponential laws, one rate,
# one number of agents, and no empty start.

# %%
simple = scenario.replace(
    name="as in the textbook",
    horizon=simcc.Horizon(length="12h", warmup="2h", after="stop"),
    contact_types=[
        simcc.ContactType(
            name="voice",
            arrivals=simcc.PoissonArrivals(rate_per_hour=110),
            talk_time=simcc.Exponential(mean="4min"),
            patience=simcc.Exponential(mean="6min"),
        )
    ],
    agent_groups=[agents.replace(staff=simcc.FixedStaff(agents=8))],
)
check = simcc.simulate(simple, replications=replications, seed=1, workers=2).cross_check()
check.loc[check["applies"], columns].round(3)

# %% [markdown]
# ## What if?
#
# `replace` gives a changed copy. One agent more from 08:30 to 10:30:

# %%
more = agents.replace(staff=simcc.HeadCounts(counts=[6, 10, 12, 13, 13, 11, 9, 9]))
plan = scenario.replace(name="one more", agent_groups=[more])
better = simcc.simulate(plan, replications=replications, seed=1, workers=2)
both = summary.merge(better.summary(), on=["scope", "metric", "unit"], suffixes=("", "_plan"))
shown = ["service_level_20s_offered", "asa", "abandonment", "occupancy"]
rows = both["scope"].eq("all") & both["metric"].isin(shown)
both.loc[rows, ["metric", "estimate", "estimate_plan", "unit"]].round(3)

# %% [markdown]
# The same seed means the same customers, so day by day the two differ by the plan, not by luck.
# That makes the difference much better known than either figure alone:


# %%
def level_by_day(result):
    sums = result.counters("center").groupby("replication")[["served_le_20", "offered"]].sum()
    return sums["served_le_20"] / sums["offered"]


today, tomorrow = level_by_day(result), level_by_day(better)
pd.Series(
    {
        "mean gain": (tomorrow - today).mean(),
        "standard error, same customers": (tomorrow - today).sem(),
        "standard error, if they were others": (today.var() + tomorrow.var()) ** 0.5
        / len(today) ** 0.5,
    }
).round(4).to_frame("service level of a day")

# %% [markdown]
# ## A process of your own
#
# One day, a busy one, with SimPy around it: when more than eight wait, two colleagues come for half
# an hour.


# %%
def help_when_long(sim):
    while True:
        length = yield sim.queue_exceeds("voice", 8)
        print(f"{sim.env.now / 60:.0f} min: {length} wait, two colleagues come")
        sim.change_head_count("agents", 2)
        yield sim.env.timeout(1800)
        sim.change_head_count("agents", -2)
        print(f"{sim.env.now / 60:.0f} min: {sim.queue_length('voice')} wait, they go")


sim = simcc.Simulation(scenario, seed=1, replication=9)
sim.process(help_when_long(sim))
sim.run()
sim.result()

# %% [markdown]
# ## A real center
#
# The same from a file. The package holds an average Tuesday of a real center, made from aggregates
# of its call log: eleven queues, fifteen groups of agents with overlapping skills, 6,260 calls.

# %%
from importlib.resources import files

folder = files("simcc") / "examples" / "real_center"
real = simcc.load(folder / "real_center.toml")
tuesday = simcc.simulate(real, replications=replications, seed=1, workers=2)
tuesday

# %% [markdown]
# What the center did on those Tuesdays, beside it. Twenty days tell the observed means with wide
# intervals; what else explains the gap is said in `comparison.md` in the same folder.

# %%
observed = pd.read_csv(folder / "observed.csv")
whole_day = observed[observed["interval"].isna() & observed["scope"].eq("all")]
simulated = tuesday.summary().query("scope == 'all'")
beside = whole_day.merge(simulated, on="metric", suffixes=("_observed", "_simulated"))
beside = beside.rename(columns={"estimate": "simulated"}).set_index("metric")
columns = ["observed", "low_observed", "high_observed", "simulated", "low_simulated"]
beside[[*columns, "high_simulated"]].round(3)

# %%
figure, ax = plt.subplots(figsize=(9, 7), layout="constrained")
ax = tuesday.plot.day(ax=ax, observed=observed)

# %% [markdown]
# ## Further
#
# [Scenario files](../docs/scenario-file.md), [metrics](../docs/metrics.md),
# [routing policies](../docs/policies.md), [the SimPy seam](../docs/simpy-seam.md),
# [randomness](../docs/randomness.md).
