"""Journeys: what became of each issue, from its first contact to its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simcc.log import BROKEN_OFF, OF_LISTS, FollowedBy, Outcome

if TYPE_CHECKING:
    import pandas as pd

NOTHING = FollowedBy.NOTHING.name.lower()
ANSWERED = [
    code.name.lower()
    for code in (Outcome.SERVED, Outcome.CALLED_BACK, Outcome.INTERRUPTED, *BROKEN_OFF)
]
NO_JOURNEY = [code.name.lower() for code in (Outcome.NOT_ARRIVED, *OF_LISTS)]
NOT_OVER = [
    code.name.lower()
    for code in (
        *(Outcome.IN_BOT, Outcome.WAITING, Outcome.CALLBACK_ASKED, Outcome.CALLING),
        Outcome.INTERRUPTED,
    )
]


def journey_table(contacts: pd.DataFrame, interruptions: pd.DataFrame) -> pd.DataFrame:
    """One row per issue, from the logs as :mod:`simcc.result.tables` gives them."""
    came = contacts[~contacts["outcome"].isin(NO_JOURNEY)].copy()
    if "leg" in came:
        came = came[came["leg"] > 0]  # the others are questions of agents
    if "issue" not in came:
        came["issue"], came["attempt"], came["leg"] = came["contact"], 1, 1
        came["resolved"] = came["outcome"].isin(["served", "contained"])
    else:  # for good, as the metrics count it: nobody comes back, be it after the end of the run
        came["resolved"] = (came["resolved"] == 1) & (came["followed_by"] == NOTHING)
    came = came.sort_values(["replication", "issue", "arrived_at", "contact"], kind="stable")
    served = came["outcome"].isin(ANSWERED)
    reached = came["offered_at"].notna()
    gone = came["left_at"].where(reached)
    came["wait_time"] = came["answered_at"].where(served, gone) - came["offered_at"]
    came["talk_time"] = (came["left_at"] - came.get("resumed_at", came["answered_at"])).fillna(0.0)
    came["talk_time"] = came["talk_time"].where(served, 0.0) + _interrupted_talk(
        came, interruptions
    )
    came["served"] = served
    came["transfers"] = came["leg"] > 1
    if "bot" in came:  # what a bot hands over is no transfer
        came["transfers"] &= came["bot"].isna()
    issues = came.groupby(["replication", "issue"], sort=False)
    first, last = issues.nth(0), issues.nth(-1)
    table = issues.agg(
        contacts=("contact", "size"),
        attempts=("attempt", "max"),
        transfers=("transfers", "sum"),
        times_served=("served", "sum"),
        wait_time=("wait_time", "sum"),
        talk_time=("talk_time", "sum"),
        resolved=("resolved", "last"),
    ).reset_index()
    table.insert(2, "contact_type", first["contact_type"].to_numpy())
    table.insert(3, "first_at", first["arrived_at"].to_numpy())
    over = ~last["outcome"].isin(NOT_OVER).to_numpy()
    table.insert(4, "last_left_at", np.where(over, last["left_at"].to_numpy(), np.nan))
    table.insert(5, "outcome", last["outcome"].to_numpy())
    table["time_to_end"] = table["last_left_at"] - table["first_at"]
    return table


def _interrupted_talk(contacts: pd.DataFrame, interruptions: pd.DataFrame) -> pd.Series[float]:
    """Talk time of each contact (s) in the spells that were cut short."""
    spells = interruptions.assign(
        took=interruptions["interrupted_at"] - interruptions["started_at"]
    ).groupby(["replication", "contact"])["took"]
    names = ["replication", "contact"]
    return contacts[names].join(spells.sum(), on=names)["took"].fillna(0.0)
