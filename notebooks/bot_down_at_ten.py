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
# # The bot goes down at ten in the morning
#
# A bot that contains two chats of three is, on a good day, the largest team of the center. On a bad
# day all of it is absent at once. Here the bot of the packaged mixed center is down from ten to
# twelve. What happens to the queues, how long does it last, and what is it worth to be told early?

# %%
import os
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simcc

days = int(os.environ.get("SIMCC_REPLICATIONS", 100))
folder = files("simcc") / "examples" / "mixed_center"
center = simcc.load(folder / "mixed_center.toml")
center

# %% [markdown]
# It opens at eight. A thousand calls and a thousand chats a day meet the bot first, which contains
# 22 % of the calls and 65 % of the chats; 240 e-mails are done between calls. Chat agents hold
# three chats at once. Here is a normal day:

# %%
normal = simcc.simulate(center, replications=days, seed=1, workers=2)
normal

# %% [markdown]
# ## The outage
#
# What somebody does to a running center is a SimPy process: wait until ten, take the bot down, wait
# two hours, bring it back. Another one looks at the queues every minute. `told_at` is when
# eight people from another site come to help, five in chat and three on the phone; they stay until
# an hour after the bot is back.

# %%
HOUR = 3600.0
DOWN, UP = 2 * HOUR, 4 * HOUR  # from eight o'clock on: ten and twelve
QUEUES = {"chat": ["chat"], "phone": ["call", "call again"]}
LOOKS = np.arange(0.0, 10 * HOUR, 60.0)


def outage(sim, fail_sessions):
    yield sim.env.at(DOWN)
    sim.bot_down("assistant", fail_sessions=fail_sessions)
    yield sim.env.at(UP)
    sim.bot_up("assistant")


def help_comes(sim, told_at):
    yield sim.env.at(told_at)
    for group, people in (("chat", 5), ("phone", 3)):
        sim.change_head_count(group, people)
    yield sim.env.at(UP + HOUR)
    for group, people in (("chat", 5), ("phone", 3)):
        sim.change_head_count(group, -people)


def look(sim, seen):
    for instant in LOOKS:
        if instant > 0:
            yield sim.env.at(instant)
        seen.append([sum(map(sim.queue_length, kinds)) for kinds in QUEUES.values()])


# %% [markdown]
# Every variant sees the same hundred days: the same customers, who come at the same instants and
# bring the same patience, work and luck. What differs is the outage and what is done about it.


# %%
def many_days(down=True, fail_sessions=True, told_at=None):
    """Counters by day, half hour and type; mean queues by instant."""
    counters, queues = [], []
    for day in range(days):
        sim, seen = simcc.Simulation(center, seed=1, replication=day), []
        sim.process(look(sim, seen))
        if down:
            sim.process(outage(sim, fail_sessions))
        if told_at is not None:
            sim.process(help_comes(sim, told_at))
        sim.run()
        counters.append(sim.result().counters("type").assign(replication=day))
        queues.append(seen)
    return pd.concat(counters), np.mean(queues, axis=0)


variants = {
    "normal day": many_days(down=False),
    "bot down": many_days(),
    "bot down, help from 10:15": many_days(told_at=DOWN + 900),
}
styles = [
    {"color": "#1c2733", "linewidth": 1, "zorder": 3},
    {"color": "#c8553d", "linewidth": 2},
    {"color": "#2a6fbb", "linewidth": 2},
]
STYLES = {name: {"label": name, **style} for name, style in zip(variants, styles, strict=True)}

# %% [markdown]
# ## The queues


# %%
def clock(seconds):
    return center.horizon.timestamps()[0] + pd.to_timedelta(seconds, unit="s")


def day_axes(rows, height, titles):
    """Panels over the hours of the day, the outage shaded."""
    _, axes = plt.subplots(rows, 1, figsize=(9, height), sharex=True, layout="constrained")
    for ax, title in zip(axes, titles, strict=True):
        ax.axvspan(8 + DOWN / HOUR, 8 + UP / HOUR, color="#f3e3df", zorder=0)
        ax.set_title(title, loc="left", fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="#e4e8ec")
    axes[-1].set(xlim=(8, 18), xticks=range(8, 19), xlabel="time of day (shaded: the bot is down)")
    axes[-1].set_xticklabels([f"{hour}:00" for hour in range(8, 19)])
    return axes


axes = day_axes(2, 6, ["chats waiting, mean of 5 minutes", "callers waiting, mean of 5 minutes"])
for name, (_, queues) in variants.items():
    for ax, seen in zip(axes, queues.T, strict=True):
        ax.plot(8 + LOOKS[2::5] / HOUR, seen.reshape(-1, 5).mean(axis=1), **STYLES[name])
axes[0].legend(frameon=False)
for ax in axes:
    ax.set_ylim(0)

# %% [markdown]
# The chat queue is full within minutes: three times as many chats reach people, who hold three each
# already. It does not grow beyond that because customers give up, so its length says little about
# the harm. The phone queue has two waves: callers whom the bot would have contained, at once, and
# over the next hour chatters who gave up and call instead.
#
# ## Service level by half hour


# %%
def by_half_hour(counters, kinds, numerator, denominator="offered"):
    """A share by half hour: totals over the days, divided once."""
    rows = counters[counters["type"].isin(kinds)].groupby("interval").sum(numeric_only=True)
    return rows[numerator] / rows[denominator]


axes = day_axes(2, 6, ["chats answered within 60 s", "calls answered within 20 s"])
for ax, kinds, column in zip(axes, QUEUES.values(), ["served_le_60", "served_le_20"], strict=True):
    for name, (counters, _) in variants.items():
        share = by_half_hour(counters, kinds, column)
        steps = np.append(share, share.iloc[-1])
        ax.step(8 + np.arange(21) / 2, steps, where="post", **STYLES[name])
axes[0].legend(frameon=False, loc="lower right")
for ax in axes:
    ax.axhline(0.8, color="#5b6b7b", linestyle=(0, (4, 3)), linewidth=1)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
# %% [markdown]
# The same as a table, around the outage: the share of chats answered within a minute, in percent.

# %%
table = pd.DataFrame(
    {name: by_half_hour(one, ["chat"], "served_le_60") for name, (one, _) in variants.items()}
)
table.index = [f"{start:%H:%M}" for start in center.horizon.timestamps()]
(100 * table.loc["09:30":"13:30"]).round().astype(int)

# %% [markdown]
# ## What it costs
#
# Differences to the normal day, day by day on the same customers, with the half-width of a 95 %
# confidence interval. `repeats` are contacts of customers who come back. There are more of them
# although nobody is falsely contained meanwhile; with help there are fewer.


# %%
def difference(counters):
    """Mean difference to the normal day, and its half-width."""
    columns = ["offered", "abandoned", "repeats", "complaints", "resolved_issues"]
    today, usual = (
        one.groupby("replication")[columns].sum() for one in (counters, variants["normal day"][0])
    )
    change = today - usual
    return change.mean(), 1.96 * change.sem()


def beside(named):
    rows = {}
    for name, counters in named.items():
        mean, half = difference(counters)
        rows[name] = [f"{m:+.1f} ± {h:.1f}" for m, h in zip(mean, half, strict=True)]
    return pd.DataFrame(rows, index=mean.index).rename_axis("a day, against a normal one")


beside({name: one for name, (one, _) in variants.items() if name != "normal day"})

# %% [markdown]
# ## Do sessions fail, or end?
#
# When the bot goes down, the sessions that have begun may end normally, or fail all at once, so
# that their customers reach people in the same second.

# %%
ends = many_days(fail_sessions=False)[0]
beside({"all sessions fail at once": variants["bot down"][0], "sessions end normally": ends})

# %%
load = normal.intervals(scope="bot:assistant", metrics=["bot_busy"])["estimate"]
print(f"{load.iloc[3]:.1f} sessions at a time between 09:30 and 10:00")

# %% [markdown]
# Here it makes little difference: sessions last a minute or two, so that only a handful are open at
# ten. What hurts is not the second in which the bot fails but the two hours without it. With
# sessions five times as long, five times as many would fail at once.
#
# ## How fast must people be told?

# %%
delays = np.array([0, 15, 30, 45, 60, 90])
found = [difference(many_days(told_at=DOWN + 60 * delay)[0]) for delay in delays]
lost, half = (np.array([one[k]["abandoned"] for one in found]) for k in (0, 1))
never = difference(variants["bot down"][0])[0]["abandoned"]

figure, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
ax.errorbar(delays, lost, half, marker="o", color="#2a6fbb", capsize=3)
ax.axhline(never, color="#c8553d", linestyle=(0, (4, 3)))
ax.annotate("no help at all", (0, never), (0, -6), textcoords="offset points", va="top")
ax.axhline(0, color="#5b6b7b", linewidth=1)
ax.set(xlabel="minutes after ten until the eight people are there", xticks=delays)
ax.set_title("contacts abandoned more than on a normal day", loc="left", fontsize=11)
ax.spines[["top", "right"]].set_visible(False)
ax.grid(axis="y", color="#e4e8ec")
# %%
per_minute = np.polyfit(delays, lost, 1)[0]
hours = 8 * (UP + HOUR - DOWN - 900) / HOUR
print(f"each minute of delay: {per_minute:.1f} contacts more are abandoned")
print(f"help from 10:15 on: {hours:.0f} hours of work, {never - lost[1]:.0f} contacts are kept")

# %% [markdown]
# Eight people who are there at once make the day a little better than a normal one, since they stay
# for an hour after the bot is back.
#
# ## Further
#
# [The SimPy seam](../docs/simpy-seam.md) has all that a process can see and do,
# [bots](../docs/bots.md) what an outage means exactly: contacts may also wait for the bot, or be
# lost, and a bot may become worse instead of going down. [One point of
# containment](one_point_of_containment.ipynb) takes the same center and asks what the bot is worth
# while it works.
