"""File drops: systems that leave files in a folder, on an SFTP server or mounted here."""

from connectors.drops.client import FileDrops
from connectors.drops.drop import DropList

__all__ = ["DropList", "FileDrops"]
