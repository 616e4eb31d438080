"""From logs to counters, and the catalogue of the metrics that are made of them."""

from simcc.metrics.catalogue import (
    catalogue,
    service_level_name,
    service_level_parts,
    to_markdown,
)
from simcc.metrics.counters import Counters, Layout
from simcc.metrics.metric import Metric
from simcc.metrics.reduce import Reducer

__all__ = [
    "Counters",
    "Layout",
    "Metric",
    "Reducer",
    "catalogue",
    "service_level_name",
    "service_level_parts",
    "to_markdown",
]
