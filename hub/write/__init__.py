"""Doing what a mutation asks: who may, the rules, one transaction, the entry in the access log."""
