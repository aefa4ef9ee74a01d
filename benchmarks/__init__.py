"""Measurements of the hub beside its peers. Nothing of the hub imports this, and no wheel holds it."""
