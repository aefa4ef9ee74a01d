"""社会救助 (低保 · 特困): the exchange database (前置库) of a province's system."""

from connectors.social_assistance.client import ExchangeDatabase

__all__ = ["ExchangeDatabase"]
