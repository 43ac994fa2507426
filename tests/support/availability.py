"""Decides what a test does on a machine that lacks a tool the test needs."""

import os

import pytest


def require(available: object, reason: str) -> None:
    """Skip the running test if a tool is not available; fail it on the build server, where every tool must be."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and the build server must run every test")
    pytest.skip(reason)
