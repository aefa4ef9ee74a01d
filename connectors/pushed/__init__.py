"""预警推送: warnings about people that upstream systems push to ``/hooks/SOURCE``."""

from connectors.pushed.client import Warnings

__all__ = ["Warnings"]
