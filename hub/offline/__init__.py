"""Packages: a copy of a caseload for a device without a network, with an end (docs/packages.md)."""
