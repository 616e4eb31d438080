"""The observed day of the packaged center beside the simulated one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simcc.result.text import Cells, aligned, between, figure, words

if TYPE_CHECKING:
    import pandas as pd

    from simcc.result import Result


def observed_beside_simulated(observed: pd.DataFrame, result: Result) -> str:
    """Return a table of the whole day, all contacts together.

    Parameters
    ----------
    observed : pandas.DataFrame
        Columns as :mod:`simcc.plots` says; rows of the scope "all" without interval are shown.
    result : Result
    """
    summary = result.summary()
    simulated = summary[summary["scope"] == "all"].set_index("metric")
    day = observed[(observed["scope"] == "all") & observed["interval"].isna()]
    head = ("whole day", "observed", "95 % interval", "simulated", "95 % interval", "unit")
    rows: list[Cells] = [head]
    for row in day.to_dict("records"):
        made = simulated.loc[row["metric"]]
        unit = str(made["unit"])
        exact = math.isclose(made["low"], made["high"])  # planned, not estimated
        rows.append(
            (
                row["metric"],
                figure(row["observed"], unit),
                between(row["low"], row["high"], unit),
                figure(made["estimate"], unit),
                "-" if exact else between(made["low"], made["high"], unit),
                words(unit),
            )
        )
    return aligned(rows)
