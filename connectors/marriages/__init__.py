"""婚姻登记: whose household may have changed, asked one by one over the sharing platform."""

from connectors.marriages.client import Marriages

__all__ = ["Marriages"]
