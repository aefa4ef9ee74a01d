"""低收入人口动态监测: the monthly list of a county's low-income people, over the sharing platform."""

from connectors.low_income.client import LowIncome

__all__ = ["LowIncome"]
