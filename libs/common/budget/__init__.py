"""The shared ledger of calls per division and per Lightspeed account."""

from libs.common.budget.budget import Budget, ExactUsage, Lane, Postponed

__all__ = ["Budget", "ExactUsage", "Lane", "Postponed"]
