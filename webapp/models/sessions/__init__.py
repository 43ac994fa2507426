"""Browsers' sessions and what they keep: tables and plain functions."""
