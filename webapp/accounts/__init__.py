"""Becoming somebody: register, log in, confirm it, log out."""
