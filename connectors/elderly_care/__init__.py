"""养老服务: the files of ability assessments and of subsidies for the elderly."""

from connectors.elderly_care.fields import ELDERLY_CARE

__all__ = ["ELDERLY_CARE"]
