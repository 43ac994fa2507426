"""Contracts of others that a list can be reached by."""
