"""Does a bot pay? Two scenarios, the same customers, and the differences between them."""

from simcc.assessment.assessment import Assessment, assess_bot

__all__ = ["Assessment", "assess_bot"]
