"""Shocks: small objects that make a worse scenario of a scenario."""

from simcc.shocks.base import Shock
from simcc.shocks.customers import HandleTimeDrift, Impatience
from simcc.shocks.outages import BotOutage, ContainmentDrop, SkillOutage
from simcc.shocks.staffing import Absence, GroupOutage
from simcc.shocks.together import Together, by_label, load_shocks
from simcc.shocks.volume import ForecastError, ViralSpike, VolumeShock

__all__ = [
    "Absence",
    "BotOutage",
    "ContainmentDrop",
    "ForecastError",
    "GroupOutage",
    "HandleTimeDrift",
    "Impatience",
    "Shock",
    "SkillOutage",
    "Together",
    "ViralSpike",
    "VolumeShock",
    "by_label",
    "load_shocks",
]
