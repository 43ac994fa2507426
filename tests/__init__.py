"""The tests of Recado."""

import pytest

# It is a plugin of pytest too, which has to be told before anything imports it.
pytest.register_assert_rewrite("tests.chromium")
