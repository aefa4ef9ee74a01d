"""社会救助 (低保 · 特困): the exchange database (前置库) of a province's system, and its SOAP service."""

from connectors.social_assistance.client import ExchangeDatabase
from connectors.social_assistance.service import AssistanceService

__all__ = ["AssistanceService", "ExchangeDatabase"]
