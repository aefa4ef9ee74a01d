"""County rosters (名单) in spreadsheets: what most bureaus send."""

from connectors.roster.client import Roster

__all__ = ["Roster"]
