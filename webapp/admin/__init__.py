"""Administering: who has an account, and what shuts or opens it."""
