"""Accounts and what lets somebody in: tables and plain functions."""
