"""社会组织登记: the register of organisations, by its exports and by questions about one at a time."""

from connectors.organisations.client import Inquiry
from connectors.organisations.fields import ORGANISATIONS

__all__ = ["ORGANISATIONS", "Inquiry"]
