"""救助管理 (people on the street): exports and exchange tables of 全国救助管理信息系统."""

from connectors.relief.client import ReliefSystem
from connectors.relief.fields import RELIEF_FILES

__all__ = ["RELIEF_FILES", "ReliefSystem"]
