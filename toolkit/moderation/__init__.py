"""From scores to a recommendation, with its reasons. Knows score columns, never models."""

from toolkit.moderation.policy import Policy, Rule, recommendations

__all__ = ["Policy", "Rule", "recommendations"]
