"""Collects what a test makes the app log, as the server writes it."""

import io
import logging
from collections.abc import Iterator

import pytest

from webapp.logs import JSONLines


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What is written to the log meanwhile."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JSONLines())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
