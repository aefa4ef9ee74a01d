"""Verdicts: what the facts of the hub say of each bound of a rule, on any day.

A *measure* (``hub.compliance.stations`` and its neighbours) is a statement that tells of many records at once
what a bound limits, as of a day. ``hub.compliance.judging`` makes a verdict of it by the bound itself, so no
number of a document stands anywhere but in ``hub.domain.norms``.
"""
