"""How the pages look: languages, themes, no motion, printed, and in colours that somebody else forces on them."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.support.visitors import ChromiumVisitor, UnscriptedVisitor

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

Theme = Literal["light", "dark"]
GROUND: dict[Theme, str] = {"light": "rgb(255, 255, 255)", "dark": "rgb(33, 37, 41)"}  # Bootstrap's
COLOURS = """() => [...document.querySelectorAll("body *")].map(element => {
    const {color, backgroundColor, borderColor} = getComputedStyle(element);
    return [element.tagName, element.className, color, backgroundColor, borderColor].join(" ");
})"""
MOTION = """() => [...document.querySelectorAll("*")].filter(element => {
    const {transitionProperty, transitionDuration, animationName, scrollBehavior} = getComputedStyle(element);
    const still = transitionProperty === "none" || /^0s(, 0s)*$/.test(transitionDuration);
    return !still || animationName !== "none" || scrollBehavior !== "auto";
}).map(element => element.outerHTML.slice(0, 80))"""


@pytest.fixture
def eduardo(chromium: Browser, live_url: str) -> Iterator[UnscriptedVisitor]:
    """Somebody whose browser speaks Spanish, and no JavaScript."""
    with chromium.new_context(locale="es-MX", java_script_enabled=False) as context:
        yield UnscriptedVisitor(context, live_url)


def test_the_device_decides_the_theme_until_somebody_chooses(eduardo: UnscriptedVisitor) -> None:
    eduardo.has("Buy milk")
    for theme, ground in GROUND.items():
        eduardo.page.emulate_media(color_scheme=theme)
        assert (eduardo.theme(), ground_of(eduardo)) == ("auto", ground)
    choices: tuple[tuple[str, Theme], ...] = (("Claro", "light"), ("Oscuro", "dark"))
    for name, theme in choices:
        eduardo.press(name)
        for device in GROUND:
            eduardo.page.emulate_media(color_scheme=device)
            assert (eduardo.theme(), ground_of(eduardo)) == (theme, GROUND[theme])
    served = eduardo.context.request.get(f"{eduardo.url}/todos").text()
    assert 'data-bs-theme="dark"' in served  # nothing has to change once the page is there, so nothing flashes
    eduardo.press("Automático")
    assert eduardo.theme() == "auto"


def ground_of(visitor: ChromiumVisitor) -> str:
    colour: str = visitor.js("getComputedStyle(document.body).backgroundColor")
    return colour


def test_a_chosen_theme_and_the_devices_own_are_the_same_colours(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Complete", "Call Rui")
    choices: tuple[tuple[str, Theme], ...] = (("Light", "light"), ("Dark", "dark"))
    for name, theme in choices:
        eva.page.emulate_media(color_scheme=theme)
        eva.reload()
        auto = eva.page.locator("main").evaluate(COLOURS)
        eva.press(name)
        chosen = eva.page.locator("main").evaluate(COLOURS)
        eva.press("Auto")
        assert [colour for colour in chosen if "btn" not in colour] == [
            colour for colour in auto if "btn" not in colour
        ]


def test_the_browsers_language_until_somebody_chooses(eduardo: UnscriptedVisitor) -> None:
    eduardo.open("/")
    assert eduardo.page.locator("html").get_attribute("lang") == "es"
    eduardo.press("English")
    assert eduardo.page.locator("html").get_attribute("lang") == "en"
    assert eduardo.control("Español").get_attribute("lang") == "es"
    eduardo.reload()
    assert "What's your name?" in eduardo.text()


def test_nothing_moves_for_who_wants_no_motion(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Delete", "Buy milk")
    assert eva.js(MOTION) == []
    eva.page.emulate_media(reduced_motion="no-preference")
    assert eva.js(MOTION) != []


def test_on_paper_there_is_the_list_and_nothing_to_press(eva: ChromiumVisitor) -> None:
    eva.has("Buy milk", "Call Rui")
    eva.press("Complete", "Call Rui")
    eva.press("Delete", "Buy milk")
    eva.press("Undo")
    eva.page.emulate_media(media="print")
    assert eva.text() == "To-dos 1 item left Buy milk Completed: Call Rui"
    controls = eva.page.locator("a, input, summary")
    assert [control for control in controls.all() if control.is_visible()] == []


@pytest.mark.parametrize("locale", ["en", "es"])
def test_where_colours_are_forced_the_pictures_are_words(chromium: Browser, live_url: str, locale: str) -> None:
    with chromium.new_context(locale=locale, forced_colors="active") as context:
        eva = ChromiumVisitor(context, live_url)
        eva.page.set_viewport_size({"width": 320, "height": 640})
        eva.has("Buy milk", "Call Rui")
        for path in ("/todos", "/todos?arrange=1"):
            eva.open(path)
            for icon in eva.page.locator(".icon").all():
                size, picture, room, needed = icon.evaluate(
                    """icon => [getComputedStyle(icon).fontSize, getComputedStyle(icon).backgroundImage,
                        icon.clientWidth, icon.scrollWidth]"""
                )
                assert (size, picture) == ("16px", "none")
                assert needed <= room
                assert icon.evaluate("icon => getComputedStyle(icon).borderTopWidth") == "1px"
            assert eva.js("document.documentElement.scrollWidth") == 320
            assert min(title.evaluate("title => title.clientWidth") for title in eva.page.locator(".title").all()) > 60
