"""Every page in every state: axe finds nothing, the HTML is valid, on a phone everything can be reached and hit."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support import validator
from tests.support.chromium import axe
from tests.support.clients import Fragment, Page
from tests.support.devices import code_of
from tests.support.people import PASSWORD, give_doors, make_account, make_link, user_names
from tests.support.tour import tour
from tests.support.visitors import ChromiumVisitor
from webapp.i18n import isolated
from webapp.models.accounts.one_time_link import INVITE, RESET

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

FINGER = 44  # CSS pixels, WCAG 2.5.5
CONTROLS = "a, button, input:not([type=hidden]), textarea, select, summary"
SMALL_TARGETS = f"""smallest => [...document.querySelectorAll("{CONTROLS}")]
    .filter(control => control.checkVisibility())
    .filter(control => ![...control.parentNode.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .filter(control => {{
        control.focus();  // a skip link is small until then
        const {{width, height}} = control.getBoundingClientRect();
        return Math.min(width, height) < smallest;
    }})
    .map(control => control.outerHTML)"""


@pytest.fixture(params=["en", "es"])
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_url: str) -> Iterator[ChromiumVisitor]:
    """Somebody new, who speaks each language in turn."""
    with chromium.new_context(locale=request.param, reduced_motion="reduce") as context:
        yield ChromiumVisitor(context, live_url)


def test_axe_finds_nothing(visitor: ChromiumVisitor) -> None:
    """Each page in each width and each theme; of the pairs one half in each language."""
    themes = {320: "light", 1280: "dark"} if visitor.js("navigator.language") == "en" else {}
    themes = themes or {320: "dark", 1280: "light"}
    found = []
    for place in tour(visitor):
        for width, theme in themes.items():
            visitor.page.set_viewport_size({"width": width, "height": 720})
            visitor.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{place}, {width}, {theme}: {finding}" for finding in axe(visitor.page)]
    assert found == []


def test_nothing_is_wider_than_a_phone_and_nothing_too_small_for_a_finger(visitor: ChromiumVisitor) -> None:
    for place in tour(visitor):
        for width, height in ((320, 256), (320, 640), (1280, 720)):
            visitor.page.set_viewport_size({"width": width, "height": height})
            assert visitor.js("document.documentElement.scrollWidth") <= width, f"{place} is wider than {width}"
            small = visitor.page.evaluate(SMALL_TARGETS, FINGER)
            assert small == [], f"{place}, {width} px"


def test_zooming_is_allowed(visitor: ChromiumVisitor) -> None:
    visitor.open("/")
    assert visitor.page.locator("meta[name=viewport]").get_attribute("content") == "width=device-width, initial-scale=1"


def test_the_html_is_valid(app: Flask) -> None:
    documents: dict[str, str] = {}
    for language in ("English", "Español"):
        documents |= {f"{language}: {name}": html for name, html in pages(Page(app), language)}
        documents |= {f"{language}: {name}, a fragment": html for name, html in fragments(Fragment(app), language)}
    assert len(documents) > 40
    assert validator.errors(documents) == []


def pages(ana: Page, language: str) -> Iterator[tuple[str, str]]:
    """What a browser without JavaScript is served on a visit."""
    english = language == "English"
    ana.go("/")
    if not english:
        ana.press(language)
    yield "a stranger's porch", ana.answer.text
    ana.press("Begin" if english else "Empezar", name="")
    yield "the porch with an error", ana.answer.text
    ana.press("Begin" if english else "Empezar", name="Ana")
    yield "an empty list with an alert", ana.answer.text
    for title in ("Buy milk", "<b> & 'quotes\"", "اتصل"):
        ana.press("Add" if english else "Añadir", title=title)
    ana.press("Complete Buy milk" if english else "Completar Buy milk")
    yield "a list", ana.answer.text
    ana.press(f"{'Delete' if english else 'Eliminar'} {isolated('اتصل')}")
    yield "a list with Undo", ana.answer.text
    ana.press("Add" if english else "Añadir", title="")
    yield "a list with an error", ana.answer.text
    edit = str(ana.page.select(".edit")[0]["href"])
    lists = ["/todos?show=active", "/todos?show=completed", "/todos?arrange=1"]
    others = ["/", "/todos/new", edit, edit.removesuffix("/edit"), "/forget", "/api", "/nowhere", "/debug/error"]
    for path in lists + others:
        ana.go(path)
        yield path, ana.answer.text
    ana.go("/settings/tokens")
    ana.press("Make a token" if english else "Crear una clave")
    yield "the tokens with an error", ana.answer.text
    ana.press("Make a token" if english else "Crear una clave", name="<i>")
    yield "the tokens", ana.answer.text
    for path in ("/settings/todo-backend", "/api/problems", "/api/problems/gone"):
        ana.go(path)
        yield path, ana.answer.text
    for path in ("/trash", "/trash/empty"):
        ana.go(path)
        yield path, ana.answer.text
    ana.go("/trash")
    ana.go(str(ana.page.select("#trash li a")[0]["href"]))
    yield "deleting for good", ana.answer.text
    yield from pages_of_an_account(ana, language)
    ana.send(f"/language/{'en' if english else 'es'}", [])
    yield from office(ana)


def pages_of_an_account(ana: Page, language: str) -> Iterator[tuple[str, str]]:
    english = language == "English"

    def send(button: str, **typed: str) -> tuple[str, str]:
        ana.press(button, **typed)
        return f"{button} on {ana.url}, {ana.status}", ana.answer.text

    for path in ("/settings", "/login", "/register"):
        ana.go(path)
        yield path, ana.answer.text
    make, name = "Make my account" if english else "Crear mi cuenta", f'<b>{language}\'s "name"'
    yield send(make, password="short")
    yield send(make, user_name=name, password=PASSWORD)
    Page(ana.app).send("/login", [("user_name", name), ("password", PASSWORD)])
    doors = ("sessions", "password", "second-factor", "passkeys", "export", "delete")
    for path in ("/", "/settings", *(f"/settings/{door}" for door in doors), "/confirm"):
        ana.go(path)
        yield f"{path} of an account", ana.answer.text
    yield send("Go on" if english else "Continuar")
    ana.send("/settings/password", [("new_password", "")])
    yield "the new password with an error", ana.answer.text
    ana.go("/settings/second-factor")
    ana.press("Turn on" if english else "Activar", code="1")
    yield "the second factor with an error", ana.answer.text
    key = ana.page.select_one("#second-factor code")
    assert key is not None
    ana.press("Turn on" if english else "Activar", code=code_of(key.get_text()))
    yield "the second factor, and recovery codes", ana.answer.text
    ana.go("/settings/second-factor/off")
    yield "turning the second factor off", ana.answer.text
    other = Page(ana.app)
    other.go("/login/passkey")
    other.send("/login/passkey", [("csrf_token", other.typed("csrf_token"))])
    yield "a passkey with an error", other.answer.text
    other.send("/login", [("user_name", name), ("password", PASSWORD)])
    yield "asking for a code", other.answer.text
    give_doors(ana.app, name)
    ana.go("/confirm")
    yield "confirming by a code or by a passkey", ana.answer.text
    ana.send("/confirm/passkey", [])
    yield "confirming by a passkey with an error", ana.answer.text
    delete = "Delete my account" if english else "Eliminar mi cuenta"
    ana.go("/settings/delete")
    yield send(delete, user_name="<i>")
    yield send(delete, user_name=name, password=PASSWORD)
    ana.go("/login")
    yield send("Log in" if english else "Iniciar sesión", password="wrong")


def office(ana: Page) -> Iterator[tuple[str, str]]:
    """What an administrator is served, and whoever gets a link from one."""
    root = make_account(ana.app, f"root{len(user_names(ana.app))}", is_admin=True)
    ana.app.config["REGISTRATION"] = "invite"
    ana.go("/login")
    ana.send(ana.url, [("user_name", str(root.user_name)), ("password", PASSWORD)])
    eva = make_account(ana.app, f"eva{root.id}")
    give_doors(ana.app, f"eva{root.id}")
    for path in ("/settings", "/admin", f"/admin/{root.id}", f"/admin/{eva.id}"):
        ana.go(path)
        yield path, ana.answer.text
    for path in (f"/register?invite={make_link(ana.app, INVITE)}", f"/reset/{make_link(ana.app, RESET, root)}"):
        ana.go(path)
        yield path.rpartition("/")[0], ana.answer.text
        ana.send(path, [])
        yield f"{path} with an error", ana.answer.text
    ana.app.config["REGISTRATION"] = "open"


def fragments(ana: Fragment, language: str) -> Iterator[tuple[str, str]]:
    """What htmx is served on a visit, each in a minimal document."""
    frame = "<!doctype html><html lang=en><head><meta charset=utf-8><title>x</title></head><body>{}{}</body></html>"
    form = '<form id="edit-form"></form>'  # to which an editor's field belongs

    def framed() -> str:
        html = ana.answers[0].text
        return frame.format(form, f"<ul>{html}</ul>" if html.lstrip().startswith("<li") else html)

    english = language == "English"
    ana.go("/")
    if not english:
        ana.press(language)
    ana.press("Begin" if english else "Empezar", name="")
    yield "the name with an error", framed()
    ana.press("Begin" if english else "Empezar", name="Ana")
    yield "where to go on", framed()
    ana.open()
    for title in ("Buy milk", "Call Rui"):
        ana.press("Add" if english else "Añadir", title=title)
        yield f"added {title}", framed()
    ana.press("Add" if english else "Añadir", title="")
    yield "an error", framed()
    ana.press("Complete Buy milk" if english else "Completar Buy milk")
    yield "a row", framed()
    ana.press("Delete Call Rui" if english else "Eliminar Call Rui")
    yield "deleted", framed()
    ana.press("Undo" if english else "Deshacer")
    yield "the list", framed()
    ana.follow("Edit Call Rui" if english else "Editar Call Rui")
    yield "the editor", framed()
    ana.open()
    ana.follow("Add several at once" if english else "Añadir varias a la vez")
    yield "several lines", framed()
    ana.go("/settings/tokens")
    ana.press("Make a token" if english else "Crear una clave")
    yield "the tokens with an error", framed()
    ana.press("Make a token" if english else "Crear una clave", name="<i>")
    yield "the tokens", framed()
    ana.open()
    ana.press("Delete Buy milk" if english else "Eliminar Buy milk")
    ana.go("/trash")
    ana.press("Restore Buy milk" if english else "Restaurar Buy milk")
    yield "the trash", framed()
