"""Half-typed text without JavaScript: what a browser keeps by itself is not taken from it."""

import pytest

from tests.support.visitors import UnscriptedVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]


@pytest.mark.parametrize("press", ["Español", "Dark", "Trash"])
def test_back_brings_half_typed_text_after_another_press(unscripted: UnscriptedVisitor, press: str) -> None:
    unscripted.has("Sleep")
    unscripted.fill("What needs to be done?", "Buy mi")
    unscripted.press(press)
    unscripted.back()
    assert unscripted.page.locator("#new-title").input_value() == "Buy mi"
