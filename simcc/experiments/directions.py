"""Which way of a metric is better, and what the interval of a difference says about it."""

from __future__ import annotations

import math
from typing import Literal

Better = Literal["less", "more", ""]

MORE = frozenset(
    (
        "served", "on_time", "called_back", "records_done", "right_party_contacts",
        "right_party_rate", "connect_rate", "bot_resolution", "first_contact_resolution",
        "resolution", "sales", "conversion", "revenue", "revenue_per_contact",
        "revenue_less_cost", "satisfaction", "callback_reach_rate",
    )
)  # fmt: skip
LESS = frozenset(
    (
        "abandoned", "balked", "blocked", "closed", "lost", "abandonment", "balking", "blocking",
        "in_progress", "asa", "mean_wait", "p_wait", "mean_queue", "max_queue", "backlog_age",
        "callback_wait", "overtime", "interruptions", "mismatches", "mismatch_share",
        "records_left", "gave_up", "bot_lost", "bot_blocking", "bot_wait", "bounce_back",
        "misrouted", "misrouted_share", "repeats", "repeat_share", "contacts_per_issue",
        "paid_hours", "staff_cost", "bot_cost", "contact_cost", "total_cost", "cost_per_contact",
        "cost_per_resolved_issue", "complaints", "complaints_per_1000_issues", "left_in_chat",
        "left_in_chat_share", "timed_out", "timed_out_share", "slot_time_lost", "busy_agents",
        "offered_work", "hold_share", "hold_time", "callbacks_not_reached", "callback_first_wait",
        "hand_over_time",
    )
)  # fmt: skip
MORE_IF_IT_BEGINS = ("service_level_", "probability_day_meets_", "day_p")
LESS_IF_IT_BEGINS = ("wait_p", "wait_served_p")
WORDS: dict[Better, tuple[str, str]] = {
    "less": ("better", "worse"),
    "more": ("worse", "better"),
    "": ("lower", "higher"),
}
UNCLEAR = "no clear difference"
MAY_BE = "may be the best"
ROUNDING = 1e-9  # of a figure


def better(metric: str) -> Better:
    """Return which way of a metric is better: "more", "less", or "" where neither is in itself.

    >>> better("service_level_20s_offered"), better("asa"), better("occupancy")
    ('more', 'less', '')
    """
    if metric in MORE or metric.startswith(MORE_IF_IT_BEGINS):
        return "more"
    return "less" if metric in LESS or metric.startswith(LESS_IF_IT_BEGINS) else ""


def meaning(low: float, high: float, direction: Better, size: float) -> str:
    """Return what the interval of a difference says in a word.

    Parameters
    ----------
    low, high : float
        Of the interval.
    direction : {"less", "more", ""}
        Which way is better.
    size : float
        Of the figures, at least 0; what is smaller by a factor of 1e-9 is rounding.

    Returns
    -------
    str
        "better" or "worse", or "higher" or "lower" where neither is good in itself, if the interval
        leaves out 0; else "no clear difference"; "not known" without an interval.

    Examples
    --------
    >>> meaning(-3.0, -1.0, "less", 10.0), meaning(-3.0, 1.0, "less", 10.0)
    ('better', 'no clear difference')
    """
    if math.isnan(low) or math.isnan(high):
        return "not known"
    falls, rises = WORDS[direction]
    least = ROUNDING * size
    return falls if high < -least else rises if low > least else UNCLEAR


def rank_meaning(low: float, high: float, *, most: bool) -> str:
    """Return what the interval of the difference to the best of the others says in words.

    Examples
    --------
    >>> rank_meaning(0.0, 3.0, most=True), rank_meaning(0.0, 3.0, most=False)
    ('best', 'not the best')
    >>> rank_meaning(-1.0, 3.0, most=True)
    'may be the best'
    """
    if math.isnan(low) or math.isnan(high):
        return "not known"
    down, up = (low, high) if most else (-high, -low)  # of how much better it is
    return "not the best" if up <= 0 and down < 0 else "best" if down >= 0 < up else MAY_BE
