"""Laws fitted from the log: talk time, patience, busyness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from .log import NO_WAIT, Log

FEW_CALLS = 300  # answered calls below which a queue shares a talk-time law
FEW_ABANDONED = 200  # abandoned calls below which a queue shares a patience curve
AT_RISK = 30  # calls still waiting below which the patience curve stops
GRID = np.array(
    [0, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 210, 240, 300, 360, 420, 480,
     540, 600, 720, 840, 960, 1200, 1500, 1800]
)  # fmt: skip


@dataclass(frozen=True)
class TalkLaw:
    """A fitted talk-time law; `advantage` is its log likelihood minus that of the other law."""

    law: str
    mean: float
    cv: float
    n_calls: int
    advantage: float


def fit_talk(talk: np.ndarray) -> TalkLaw:
    """Gamma or lognormal, whichever has the larger likelihood, on talk times above zero.

    Whole seconds: a talk time of zero (one call in 500) has no likelihood and is left out.
    The mean is the sample's for both laws, so that the work brought by the calls is right.
    """
    talk = talk[talk > 0]
    shape, _, scale = stats.gamma.fit(talk, floc=0)
    sigma, _, median = stats.lognorm.fit(talk, floc=0)
    gamma = stats.gamma.logpdf(talk, shape, 0, scale).sum()
    lognormal = stats.lognorm.logpdf(talk, sigma, 0, median).sum()
    if gamma >= lognormal:
        law, cv = "gamma", shape**-0.5
    else:
        law, cv = "lognormal", np.sqrt(np.expm1(sigma**2))
    return TalkLaw(law, float(talk.mean()), float(cv), len(talk), abs(float(gamma - lognormal)))


def talk_laws(log: Log) -> dict[int, TalkLaw]:
    """A law for each kept queue; queues with few answered calls share one."""
    calls = log.kept
    calls = calls[calls["served"]]
    few = few_queues(calls["queue"], log.queues, FEW_CALLS)
    pooled = fit_talk(calls.loc[calls["queue"].isin(few), "talk"].to_numpy()) if few else None
    return {
        queue: pooled
        if pooled and queue in few
        else fit_talk(calls.loc[calls["queue"] == queue, "talk"].to_numpy())
        for queue in log.queues
    }


def few_queues(values: pd.Series, queues: list[int], least: int) -> list[int]:
    """Queues with fewer than `least` rows."""
    counts = values.value_counts()
    return [queue for queue in queues if counts.get(queue, 0) < least]


def patience_curves(
    calls: pd.DataFrame, queues: list[int]
) -> tuple[dict[int, pd.DataFrame], list[int]]:
    """Kaplan-Meier curve of each kept queue (columns time, survival), and the pooled queues.

    From all weekdays of the log, odd days too: long waits are rare on a single weekday.
    """
    calls = calls[calls["queue"].isin(queues) & (calls["day"].dt.day_of_week < 5)]
    few = few_queues(calls.loc[~calls["served"], "queue"], queues, FEW_ABANDONED)
    shared = kaplan_meier(calls[calls["queue"].isin(few)]) if few else pd.DataFrame()
    curves = {
        queue: shared if queue in few else kaplan_meier(calls[calls["queue"] == queue])
        for queue in queues
    }
    return curves, few


def kaplan_meier(calls: pd.DataFrame) -> pd.DataFrame:
    """Survival of patience on the grid: answered calls are censored, no wait says nothing."""
    no_wait = calls["wait"] <= NO_WAIT
    wait = calls["wait"].mask(no_wait, 0.0).to_numpy()
    censored = (calls["served"] | no_wait).to_numpy()
    curve = stats.ecdf(stats.CensoredData.right_censored(wait, censored)).sf
    at_risk = np.array([(wait >= time).sum() for time in GRID])
    survival = curve.evaluate(GRID)
    survival[0] = 1.0
    known = (at_risk >= AT_RISK) & (survival > 0)
    return pd.DataFrame({"time": GRID[known], "survival": survival[known].round(4)})


def busyness_cv(load: pd.Series, n_calls: pd.Series) -> float:
    """Coefficient of variation over the days, less the part that Poisson arrivals bring."""
    squared = (load.std() / load.mean()) ** 2 - 1 / n_calls.mean()
    return float(np.sqrt(max(squared, 0.0)))


def residual_cv(calls: pd.DataFrame, odd_days: pd.DatetimeIndex) -> float:
    """Residual cv of the daily totals after week and weekday (Monday to Friday)."""
    totals = calls[calls["day"].dt.day_of_week < 5].groupby("day").size()
    totals = totals[~totals.index.isin(odd_days)]
    labels = pd.DataFrame(
        {"week": totals.index.isocalendar().week, "weekday": totals.index.day_of_week},
        index=totals.index,
    ).astype(str)
    design = pd.get_dummies(labels, drop_first=True, dtype=float)
    design.insert(0, "level", 1.0)
    logs = np.log(totals.to_numpy())
    coefficients, _, rank, _ = np.linalg.lstsq(design.to_numpy(), logs, rcond=None)
    residual = logs - design.to_numpy() @ coefficients
    return float(np.sqrt((residual**2).sum() / (len(logs) - rank)))
