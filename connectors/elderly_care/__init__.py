"""养老服务: ability assessments and subsidies for the elderly, by files and behind a province's gateway."""

from connectors.elderly_care.client import ElderlyCareGateway
from connectors.elderly_care.fields import ELDERLY_CARE

__all__ = ["ELDERLY_CARE", "ElderlyCareGateway"]
