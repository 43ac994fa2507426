"""The tests of Recado."""

import pytest

# They are plugins of pytest too, which has to be told before anything imports them.
pytest.register_assert_rewrite(
    "tests.support.chromium", "tests.support.live_server", "tests.support.hostile_requests", "tests.support.webdriver"
)
