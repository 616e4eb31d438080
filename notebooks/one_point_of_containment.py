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
# # What one point of containment is worth
#
# A vendor promises that the next version of a bot will contain 66 % of the chats instead of 65 %.
# What is that worth, in work, in agents and in money? It depends on what the point is made of:
# customers who are helped, or customers who only leave.

# %%
import os
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simcc

replications = int(os.environ.get("SIMCC_REPLICATIONS", 200))
folder = files("simcc") / "examples" / "mixed_center"
center = simcc.load(folder / "mixed_center.toml")
bot = center.bots[0]
print(f"contained {bot.contained:.0%}, of whom {bot.solves:.0%} are helped")

# %% [markdown]
# The center has a thousand chats a day. The bot reports 650 as contained, but has helped 550; the
# other hundred call later. People have the remaining 350.
#
# ## One point more, on the same customers
#
# `assess_bot` simulates both bots on the same customers, and gives each difference with its
# interval.


# %%
def with_points(points, solves=bot.solves, center=center):
    """The center with a bot that contains so many points more of the chats."""
    better = bot.replace(contained=bot.contained + points / 100, solves=solves)
    return center.replace(bots=[better], name=f"{points:+d} points")


def assess(changed, center=center):
    return simcc.assess_bot(center, changed, replications=replications, seed=1, workers=2)


SHOWN = [
    ("offered_work", "type:chat"),
    ("offered_work", "type:call again"),
    ("offered_work", "all"),
    ("busy_agents", "group:chat"),
    ("busy_agents", "group:phone"),
    ("service_level_60s_offered", "type:chat"),
    ("service_level_20s_offered", "type:call"),
    ("satisfaction", "all"),
    ("complaints", "all"),
    ("resolution", "all"),
    ("revenue_less_cost", "all"),
]


def shown(assessment):
    table = assessment.table().set_index(["metric", "scope"]).loc[SHOWN]
    return table[["without", "with", "difference", "low", "high", "unit", "meaning"]].round(4)


helped = assess(with_points(1))
shown(helped)

# %% [markdown]
# Offered work is in erlangs: contacts that reach people times the time from answer to end, which is
# longer for chats that share an agent. Ten chats a day fewer make 0.2 erlangs. Nothing of it is
# seen in money, since the same people are paid; they are a little less busy.
#
# ## A point that does not help
#
# Now a bot that ends more chats without helping anybody more: 66 % contained, still 55 % helped. In
# the vendor's report it is the same point.

# %%
pushed_away = assess(with_points(1, solves=0.55 / 0.66))
shown(pushed_away)

# %% [markdown]
# The chat team has the same relief. But those who were sent away call, longer to serve and less
# patient. The phone team has more work by that than the chat team is spared: it handles one call at
# a time, not three. Satisfaction, complaints and calls answered in time get worse.

# %%
rows = [("group:chat", "chat team"), ("group:phone", "phone team"), ("all", "everybody")]
kinds = {"a point of customers helped": helped, "a point of customers sent away": pushed_away}
figure, ax = plt.subplots(figsize=(9, 3.2), layout="constrained")
for k, (name, assessment) in enumerate(kinds.items()):
    table = assessment.table().set_index(["metric", "scope"]).loc["busy_agents"]
    found = table.loc[[scope for scope, _ in rows]]
    at = np.arange(len(rows)) + (0.17 if k else -0.17)
    error = found["high"] - found["difference"]
    color = ["#2a6fbb", "#c8553d"][k]
    ax.barh(at, found["difference"], 0.32, xerr=error, color=color, label=name, capsize=3)
ax.axvline(0, color="#1c2733", linewidth=1)
ax.set(yticks=range(len(rows)), yticklabels=[name for _, name in rows], ylim=(2.6, -0.6))
ax.set_title("change in agents who are busy, mean over the day", loc="left", fontsize=11)
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## What theory says
#
# Chats come as a Poisson process, and the bot decides about each by itself; so those who reach
# people are again Poisson, only thinner. With $\lambda$ chats an hour and $S$ hours of work each, a
# point of containment takes $0.01\,\lambda S$ erlangs off. That is exact where nobody waits and
# each agent holds one chat. Such a center:

# %%
plenty = simcc.FixedStaff(agents=80)
groups = [group.replace(staff=plenty) for group in center.agent_groups]
groups[1] = groups[1].replace(concurrency=None)
roomy = center.replace(agent_groups=groups)

CHAT_WORK = 420 * bot.talk_factor + 30  # s: talk after a hand-over, and after-call work
per_point = 0.01 * 1000 / 10 * CHAT_WORK / 3600
points = np.array([-10, -5, -1, 1, 5, 10])
rows = []
for change in points.tolist():
    table = assess(with_points(change, center=roomy), roomy).table().set_index(["metric", "scope"])
    rows.append(table.loc[("offered_work", "type:chat"), ["difference", "low", "high"]])
beside = pd.DataFrame(rows, index=pd.Index(points, name="points")).astype(float)
beside["theory"] = -per_point * points
beside.round(3)

# %%
figure, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
ax.plot([-11, 11], [11 * per_point, -11 * per_point], color="#5b6b7b", label="theory: thinning")
error = beside["high"] - beside["difference"]
ax.errorbar(
    points, beside["difference"], error, fmt="o", color="#2a6fbb", capsize=3, label="simulated"
)
ax.axhline(0, color="#e4e8ec", zorder=0)
ax.set(xlabel="points of containment more", xticks=[-10, -5, 0, 5, 10], ylabel="erlangs of chats")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# (The intervals are smaller than the dots.) With the planned staff the point took more than that,
# 0.2 erlangs instead of 0.14: chats that share an agent take longer, and fewer chats share less.
#
# ## Agents for a target
#
# Erlangs are not yet agents. A team for a thousand chats an hour shall answer 80 % within a minute.
# How many agents does it need at each containment? The simulation is run with one agent more at a
# time, until the target is reached; where it is just reached is read off between two head counts.

# %%
RATE, PATIENCE, TARGET, WITHIN = 1000, 240 * bot.patience_factor, 0.8, 60
chat, chat_team = center.contact_types[2], center.agent_groups[1]
patient = chat.replace(
    arrivals=simcc.PoissonArrivals(rate_per_hour=RATE),
    queue_capacity=None,
    transfers=[],
    follow_ups=[],
)


def team(contained, agents, concurrency):
    """Nothing but chats, at one rate, in steady state."""
    own = bot.replace(
        contained=contained, by_type={}, solves=1, sessions_per_minute=None, when_limited="wait"
    )
    return simcc.Scenario(
        name="chat team",
        horizon=simcc.Horizon(length="11h", interval="1h", warmup="1h", after="stop"),
        contact_types=[patient],
        bots=[own],
        agent_groups=[
            chat_team.replace(staff=simcc.FixedStaff(agents=agents), concurrency=concurrency)
        ],
        thresholds=[WITHIN],
    )


def needed(level_with, least):
    """Agents at which the service level just reaches the target, between two whole numbers."""
    below, agents = level_with(least), least
    while (level := level_with(agents + 1)) < TARGET:
        below, agents = level, agents + 1
    return agents + (TARGET - below) / (level - below)


def simulated(contained, concurrency, least):
    def level(agents):
        scenario = team(contained, agents, concurrency)
        runs = max(2, replications // 10)
        sums = simcc.simulate(scenario, replications=runs, seed=1, workers=2).counters("center")
        return sums[f"served_le_{WITHIN}"].sum() / sums["offered"].sum()

    return needed(level, least)


def by_erlang_a(load_rate, least):
    queue = simcc.theory.erlang_a
    return needed(lambda n: queue(n, load_rate, CHAT_WORK, PATIENCE).service_level(WITHIN), least)


contained = np.array([0.55, 0.6, 0.65, 0.7, 0.75])
load = RATE * (1 - contained) * CHAT_WORK / 3600
agents = pd.DataFrame({"containment, %": 100 * contained, "erlangs": load})
columns = {"Erlang A": [], "one chat each": [], "three chats each": []}
for share, r in zip(contained.tolist(), load, strict=True):
    columns["Erlang A"].append(by_erlang_a(RATE * (1 - share), int(0.7 * r)))
    columns["one chat each"].append(simulated(share, None, int(0.85 * r)))
    columns["three chats each"].append(simulated(share, chat_team.concurrency, int(0.42 * r)))
agents = agents.assign(**columns)
agents = agents.set_index("containment, %").round(2)
agents

# %% [markdown]
# Chats vary less in length than exponential ones, so that a little fewer agents will do than Erlang
# A says. Those who hold three chats each do the work of almost two.
#
# **Square-root staffing** says $R + \beta\sqrt{R}$ agents for $R$ erlangs. It is made for short
# waits. Who may wait a minute may also give up within it; the share $G$ does if all wait so long.
# For that [Mandelbaum and Zeltyn (2009)](https://doi.org/10.1287/opre.1080.0651) have
# $(1 - G) R + \delta\sqrt{R}$. With $\beta$ and $\delta$ from the team at 65 %, each foretells the
# others:

# %%
one, erlangs = agents["one chat each"], agents["erlangs"]
stay = np.exp(-WITHIN / PATIENCE)


def rule(share):
    """Share of the erlangs, and a multiple of their root that is right at 65 %."""
    return share * erlangs + (one[65] - share * erlangs[65]) * (erlangs / erlangs[65]) ** 0.5


foretold = {"simulated": one, "R + β √R": rule(1), "(1 - G) R + δ √R": rule(stay)}
pd.DataFrame(foretold).round(1)

# %%
slopes = {
    name: -np.polyfit(agents.index, agents[name], 1)[0]
    for name in ["erlangs", "one chat each", "three chats each"]
}
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.plot(agents.index, agents["erlangs"], color="#5b6b7b", linestyle=(0, (4, 3)), label="erlangs")
ax.plot(agents.index, rule(stay), color="#5b6b7b", label="(1 - G) R + δ √R")
for name, color in (("one chat each", "#2a6fbb"), ("three chats each", "#3f9b6c")):
    ax.plot(agents.index, agents[name], "o", color=color, label=f"simulated, {name}")
ax.set(xlabel="containment, %", xticks=agents.index, ylim=(0, None))
ax.set_title("agents for 80 % within 60 s, 1,000 chats an hour", loc="left", fontsize=11)
ax.legend(frameon=False)
ax.grid(axis="y", color="#e4e8ec")
ax.spines[["top", "right"]].set_visible(False)

# %%
for name, slope in slopes.items():
    print(f"{name:16}  {slope:.2f} for each point")

# %% [markdown]
# ## In money
#
# For the team of a thousand chats an hour, three for each agent, ten hours a day, 250 days a year.
# A point of which as many are helped as before brings back 15 % of itself as calls; one of
# customers sent away all of it.

# %%
CALL_WORK = 300 * 1.15 + 40  # s, of one who calls again after the bot did not help
phone = center.agent_groups[0]
hours = 10 * 250
saved = slopes["three chats each"] * hours * chat_team.cost_per_hour
back = 0.01 * RATE * CALL_WORK / 3600 * hours * phone.cost_per_hour
money = pd.DataFrame(
    {
        "chat agents saved": [saved, saved],
        "calls that come back": [-(1 - bot.solves) * back, -back],
    },
    index=["customers helped as before", "customers sent away"],
)
money["a point is worth, a year"] = money.sum(axis=1)
money.round(-2).astype(int)

# %% [markdown]
# Calls count with their work alone here, not with customers who give up, complain or buy nothing:
# the tables above have those. So the same point of containment is a gain or a loss, and the
# vendor's report cannot say which. The share of the contained who come back can: `bounce_back` in
# [metrics](../docs/metrics.md).
#
# ## Further
#
# [Does a bot pay?](../docs/does-a-bot-pay.md), [bots](../docs/bots.md),
# [chats](../docs/chats.md), [the bot goes down at ten in the morning](bot_down_at_ten.ipynb).
