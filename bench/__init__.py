"""Measurements: each is one command, `python -m bench.<name>`."""
