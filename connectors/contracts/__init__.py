"""政府采购合同公告: contract notices as pages of a procurement portal, and exports of a bureau's system."""

from connectors.contracts.client import Notices
from connectors.contracts.fields import EXPORTS

__all__ = ["EXPORTS", "Notices"]
