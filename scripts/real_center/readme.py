"""The README beside the tables: every rule, with the figures of this very run."""

from __future__ import annotations

from . import groups, laws, presence
from .build import Center, Inferred
from .files import WEEKDAYS
from .log import NO_WAIT, ODD_SHARE, TEMPORARY_SHARE

TEXT = """# A {weekday} of a real contact center

`real_center.toml` is an average {weekday}, 08:00 to 20:00, of a multi-skill contact center in
Rotterdam (published as the VANAD Laboratories center), January to June 2014: {n_queues} queues,
{n_groups} groups of agents, {calls:,.0f} calls a day. Everything here is an aggregate (means,
fitted laws, survival curves); no call and no agent of the log is in these files.

| file | content |
|---|---|
| `real_center.toml` | the scenario |
| `volumes.csv` | mean calls per half hour and queue |
| `heads.csv` | agents present per half hour and group |
| `patience/*.csv` | survival of patience (share still willing to wait, by seconds) |
| `observed.csv` | what the center did: means over {n_days} {weekday}s and their 95 % intervals |
| `comparison.md` | observed beside simulated, and what explains the gap |
| `differences.txt` | the same in a few lines, as `simcc demo` shows them |

Make the files again, from the call log (which is not part of this project):

    python scripts/make_real_center.py ../shared/data/calls_2014_h1.parquet
    python scripts/compare_real_center.py ../shared/data/calls_2014_h1.parquet

## Rules

1. **Days.** Of {n_log:,} calls, {n_weekday:,} came on a {weekday}. A day is left out as odd if it
   is a public holiday or the day after one; if its calls are more than {odd:.0%} off the median
   {weekday}'s; or if queues outside the kept ones took more than {temporary:.0%} of its calls.
   {n_days} days with {n_kept:,} calls are kept. Left out:
{odd_days}
2. **Queues.** Kept if seen on at least half of the {weekday}s and at least once a day on average;
   named by volume, `queue-01` the largest. {n_dropped:,} calls of the kept days lie in other queues
   or outside 08:00-20:00 and are left out.
3. **Volumes** are means over the kept days per half hour and queue. Within a half hour calls are
   Poisson.
4. **Busyness**: one gamma factor a day, shared by all queues, cv {busyness}: that of a day's work
   per agent-hour (calls x mean talk time / agent-hours) over the kept days, less the Poisson part.
   Not of the calls alone, because head counts are fixed means here, whereas staffing varied too
   and did not follow the calls. Other figures one could use: {residual_cv:.3f} is left of the
   daily totals (Monday to Friday) after week and weekday effects (somebody who knows the week's
   forecast should use this), {calls_cv:.3f} is the cv of the kept days' totals, {half_hour_cv:.3f}
   that of a half hour's work per agent (median), which one factor a day would hold all day long.
   The choice is by meaning, a factor of a day from the variation of days, and not by which comes
   closest to what was observed; `comparison.md` shows what each gives.
5. **Talk time** ends when the customer hangs up or the call is handed over, whichever is first,
   and begins at the answer. Gamma or lognormal by likelihood, per queue; queues with fewer than
   {few_calls} answered calls share a law. Times of zero seconds (one call in 500) are left out.
6. **After-call work** is constant, {acw} s (median {gap_median:.0f} s): the mean time from the end
   of a call to the next answer, for agents with a call of their queues waiting at that end, where
   the gap counts as presence (rule 9). Longer gaps are taken out as absence already; a longer
   constant would count them twice.
7. **Patience**: Kaplan-Meier per queue, answered calls censored, waits of up to {no_wait} s count
   as no wait. All weekdays of the log, since long waits are rare on one weekday. Queues with fewer
   than {few_abandoned} abandoned calls share a curve ({pooled}). A curve stops where fewer than
   {at_risk} calls are still waiting; beyond it the hazard is constant.
8. **Skills**: an agent serves a queue that brought at least {skill:.0%} of the calls the agent
   answered on weekdays of the half-year, or, for rare queues, at least {rare:.0%} of the
   queue's share in all calls; never on fewer than {skill_calls} calls.
9. **Presence**: from the first to the last call of the day, less any gap of over
   {gap} minutes, or with over {waiting} s in which a call of the agent's queues was waiting.
10. **Groups**: {n_agents} agents have {n_sets} different sets of queues. Sets with under
    {smallest:.0f} agent-hours a day are absorbed, smallest first, by the set that is most similar
    (Jaccard; ties: the larger), which keeps its own queues. {n_groups} groups are left.
11. **Head counts** are mean presence per half hour over the kept days. The total of each half hour
    is rounded, the groups by largest remainder: {head_hours:.1f} agent-hours a day against
    {mean_agent_hours:.1f} before rounding.
12. **Routing** is the default: the agent idle longest, the call waiting longest. The log
    gives no ranks.
13. **Target**: 80 % within 20 s is an assumption; the center's own target is not known.

## Talk times

{talk}
## Weaknesses

- There is no agent-state log: presence and skills are inferred from answered calls. Agents who wait
  before their first or after their last call are not seen, which tells in the evening.
- One factor a day says nothing of the hours: that a single hour is busier or thinner staffed than
  planned is not in the scenario, and costs service, so the simulated day is served better than the
  observed ones. The factor moves calls in place of staffing, so the calls of simulated days vary
  more: observed, they have a standard deviation of {calls_sd:,.0f}, the abandonment one of
  {abandonment_sd:.1%} ({abandonment_low:.1%} to {abandonment_high:.1%}).
- Head counts do not follow the calls; volumes grew over the half-year and the averaged day
  mixes quiet winter days with busy days of June.
- {n_days} days are few: the observed means have wide intervals themselves (`observed.csv`).
- The small queues 10 and 11 were answered faster than the simulation says: their agents or ranks
  are not those inferred here.
- Talk times do not vary over the day here; they were up to 10 % shorter before 09:00.
"""


def readme(found: Inferred, center: Center) -> str:
    """The README of the scenario's folder."""
    odd_days = "\n".join(f"   - {day:%Y-%m-%d}: {why}" for day, why in found.log.odd_days.items())
    return TEXT.format(
        **center.facts,
        weekday=WEEKDAYS[center.weekday],
        n_queues=len(center.talk),
        n_groups=len(center.skills),
        n_days=len(found.log.days),
        calls=len(found.log.kept) / len(found.log.days),
        odd_days=odd_days or "   - none",
        odd=ODD_SHARE,
        temporary=TEMPORARY_SHARE,
        few_calls=laws.FEW_CALLS,
        few_abandoned=laws.FEW_ABANDONED,
        at_risk=laws.AT_RISK,
        no_wait=NO_WAIT,
        pooled=", ".join(center.pooled),
        acw=center.after_call_work,
        busyness=center.busyness,
        skill=presence.SKILL_SHARE,
        rare=presence.RARE_SHARE,
        skill_calls=presence.SKILL_CALLS,
        gap=presence.LONGEST_GAP // 60,
        waiting=presence.WAITING,
        smallest=groups.SMALLEST,
        talk=_talk_table(center),
    )


def _talk_table(center: Center) -> str:
    lines = [
        "| queue | law | mean, s | cv | answered calls | log likelihood above the other law's |",
        "|---|---|---|---|---|---|",
    ]
    for name, law in center.talk.items():
        lines.append(
            f"| {name} | {law.law} | {law.mean:.0f} | {law.cv:.2f} | {law.n_calls:,} "
            f"| {law.advantage:,.0f} |"
        )
    return "\n".join(lines) + "\n"
