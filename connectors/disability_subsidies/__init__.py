"""残疾人两项补贴: the monthly files of the two subsidies for disabled people."""

from connectors.disability_subsidies.fields import DISABILITY_SUBSIDIES

__all__ = ["DISABILITY_SUBSIDIES"]
