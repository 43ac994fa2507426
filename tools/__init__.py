"""Tools for developers, run as python -m tools.<name>."""
