"""Takes the README's pictures from the running app: `python -m tools.screenshots`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.support.chromium import launch
from tests.support.live_server import server

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
TODOS = ("Buy milk", "Call Rui about Saturday", "Aprender a decir «recado»", "Water the plants", "Send the slides")


def take(browser: Browser, url: str, name: str, width: int, scheme: Literal["light", "dark"]) -> None:
    """One visit, up to a message that offers Undo."""
    page = browser.new_page(
        viewport={"width": width, "height": 640}, device_scale_factor=2, color_scheme=scheme, locale="en-GB"
    )
    page.goto(url)
    page.get_by_label("What's your name?").fill("Ana")
    page.get_by_role("button", name="Begin").click()
    for title in TODOS:
        page.get_by_label("What needs to be done?").fill(title)
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_text(f"Added “{title}”.").wait_for()
    page.get_by_role("button", name="Complete Call Rui").click()
    page.get_by_role("button", name="Delete Water").click()
    page.get_by_role("button", name="Undo").wait_for()
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as data, server(Path(data)) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        take(browser, url, "light", 760, "light")
        take(browser, url, "dark", 760, "dark")
        take(browser, url, "phone", 360, "light")
        browser.close()


if __name__ == "__main__":
    main()
