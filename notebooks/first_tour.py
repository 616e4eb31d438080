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
# a voice queue with a morning peak, and six to eleven agents.

# %%
import os

import simcc

replications = int(os.environ.get("SIMCC_REPLICATIONS", 200))

# %% [markdown]
# ## The scenario
#
# Numbers are seconds; `"4min"` works too. Rates are per hour, one per half hour here.

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
    staff=simcc.HeadCounts(counts=[6, 8, 10, 11, 11, 10, 9, 8]),
)
scenario = simcc.Scenario(
    name="first tour",
    horizon=simcc.Horizon(length="4h", interval="30min"),
    contact_types=[voice],
    agent_groups=[agents],
    targets=[simcc.Target(share=0.8, within="20s")],
)

# %% [markdown]
# The same from a file: `simcc.load("bank.toml")`. The packaged example is a real center:

# %%
from importlib.resources import files

real = simcc.load(files("simcc") / "examples" / "real_center" / "real_center.toml")
print(len(real.contact_types), "contact types,", len(real.agent_groups), "agent groups")

# %% [markdown]
# ## Simulate
#
# The first run of a new version compiles the kernels, about half a minute; after that it is fast.

# %%
result = simcc.simulate(scenario, replications=replications, seed=1, workers=2)
result

# %% [markdown]
# Every figure has an interval. `scope` says what it is about.

# %%
summary = result.summary()
summary[summary["scope"] == "all"]

# %%
result.intervals().head(10)

# %% [markdown]
# ## The day in a picture

# %%
import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(9, 4))
result.plot.day(ax=ax)
# %% [markdown]
# ## Does theory agree?
#
# The Erlang figures stand beside the simulated ones, with a word where they do not apply.

# %%
result.cross_check()

# %% [markdown]
# ## What if?
#
# `replace` gives a changed copy. The same seed means the same customers, so the difference between
# the two is the extra agent, not luck.

# %%
one_more = agents.replace(staff=simcc.HeadCounts(counts=[7, 9, 11, 12, 12, 11, 10, 9]))
plan = scenario.replace(agent_groups=[one_more])
better = simcc.simulate(plan, replications=replications, seed=1, workers=2)
both = summary.merge(better.summary(), on=["scope", "metric", "unit"], suffixes=("", "_plan"))
both.loc[both["scope"] == "all", ["metric", "estimate", "estimate_plan", "unit"]]

# %% [markdown]
# ## A process of your own
#
# One day, with SimPy around it: when more than eight wait, two colleagues come for half an hour.


# %%
def help_when_long(sim):
    while True:
        yield sim.queue_exceeds("voice", 8)
        print(f"{sim.env.now / 60:.0f} min: {sim.queue_length('voice')} wait")
        before = sim.n_idle("agents") + sim.n_busy("agents")
        sim.set_head_count("agents", before + 2)
        yield sim.env.timeout(1800)
        sim.set_head_count("agents", before)


sim = simcc.Simulation(scenario, seed=1, replication=0)
sim.process(help_when_long(sim))
sim.run()
sim.result()
