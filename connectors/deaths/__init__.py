"""殡葬火化: who of the county's people has died, asked one by one over the sharing platform."""

from connectors.deaths.client import Deaths

__all__ = ["Deaths"]
