"""Passkeys: added, used, removed; in place of both factors; and refused wherever anything is not in order."""

import json
import logging
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from playwright.sync_api import BrowserContext

from tests.support.clients import Page
from tests.support.devices import PRESENT, Device
from tests.support.people import PASSWORD, copy_of, end_confirmations, give_doors, register, turn_on
from tests.support.visitors import ChromiumVisitor, UnscriptedVisitor
from webapp.models.accounts.login import disable_account, find_login
from webapp.models.accounts.passkey import COUNT_LIMIT

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

REFUSED = "No passkey came, or not the right one. Try again."
LOGIN = "/login/passkey"
NEWEST = count()  # for user names


def show_passkeys(page: Page) -> None:
    """What the script does with a page where the browser has passkeys."""
    for parts in page.page.select(".passkey-parts[data-html]"):
        parts.replace_with(BeautifulSoup(str(parts["data-html"]), "html.parser"))


def wish(page: Page, kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What the open page asks the browser, and the other hidden fields of its form."""
    show_passkeys(page)
    asked = page.page.select_one(f"[data-{kind}]")
    assert asked is not None
    form = asked.find_parent("form")
    assert form is not None
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden][name]")}
    return json.loads(str(asked[f"data-{kind}"])), hidden


def add(page: Page, device: Device, name: str = "My laptop") -> None:
    page.go("/settings/passkeys")
    options, hidden = wish(page, "create")
    page.send("/settings/passkeys", [*(hidden | {"name": name, "credential": device.create(options)}).items()])


def answered(page: Page, device: Device) -> dict[str, str]:
    """The form that a browser sends when a passkey is used on the login page."""
    page.go("/login")
    options, hidden = wish(page, "get")
    return hidden | {"credential": device.get(options)}


def enter(page: Page, device: Device) -> None:
    page.send(LOGIN, [*answered(page, device).items()])


def test_a_passkey_is_added_used_and_removed(member: Page) -> None:
    device = Device()
    member.go("/settings")
    member.follow("Passkeys")
    add(member, device)
    assert member.url == "/settings/passkeys"
    assert member.alert() == "From now on the passkey “My laptop” opens your account."
    other = type(member)(member.app)
    for _ in range(2):
        other.http = member.app.test_client()
        enter(other, device)
        assert other.url == "/todos"
        assert other.alert() == "Welcome back, ana!"
    other.go("/settings/passkeys")  # no password is asked for: a passkey is all that could be asked for
    assert "My laptop Made on" in other.text()
    assert "Last used on" in other.text()
    other.press("Remove the passkey My laptop")
    assert other.alert() == "The passkey “My laptop” opens nothing any more."
    assert "My laptop" not in str(other.page.select_one("#passkeys"))
    third = type(member)(member.app)
    enter(third, device)
    assert (third.status, third.error()) == (422, REFUSED)
    third.go("/todos")
    assert third.url == "/?next=/todos"


def test_a_passkey_is_both_factors(member: Page) -> None:
    device = Device()
    add(member, device)
    turn_on(member)
    other = type(member)(member.app)
    enter(other, device)
    assert other.url == "/todos"


def test_a_passkey_that_is_sent_twice_signs_in_once(member: Page) -> None:
    device = Device()
    add(member, device)
    other = type(member)(member.app)
    sent = answered(other, device)
    twin = copy_of(other)
    answers = [copy.ask("POST", LOGIN, sent) for copy in (other, twin)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    for copy in (other, twin):
        copy.open()
        assert copy.url == "/todos"
    assert other.http.get_cookie("recado").value == twin.http.get_cookie("recado").value  # type: ignore[union-attr]
    thief = type(member)(member.app)
    thief.go("/login")
    answer = thief.ask("POST", LOGIN, sent | {"csrf_token": thief.typed("csrf_token")})
    assert answer.status_code == 422
    thief.open()
    assert thief.url == "/?next=/todos"


# ---- Confirming


def confirm(page: Page, device: Device) -> None:
    """Use a passkey where the open page asks who it is."""
    options, hidden = wish(page, "get")
    form = page.page.select_one("#confirm-passkey-form form")
    assert form is not None
    page.send(str(form["action"]), [*(hidden | {"credential": device.get(options)}).items()])


@pytest.mark.parametrize(
    ("language", "button"),
    [("English", "Confirm with a passkey"), ("Español", "Confirmar con una llave de acceso")],
)
def test_a_passkey_confirms_who_it_is_in_place_of_both_factors(member: Page, language: str, button: str) -> None:
    device = Device()
    member.go("/confirm")
    assert not member.page.select("#confirm-passkey-form")  # there is none yet
    add(member, device)
    turn_on(member)
    if language == "Español":
        member.go("/")
        member.press(language)
    end_confirmations(member.app)
    member.go("/settings/passkeys")
    assert member.url == "/confirm?next=/settings/passkeys"
    show_passkeys(member)
    assert [str(offer["value"]) for offer in member.page.select("#confirm-passkey-form [type=submit]")] == [button]
    confirm(member, device)
    assert member.url == "/settings/passkeys"


def test_a_passkey_of_somebody_else_confirms_nothing(member: Page) -> None:
    device, bobs, bob = Device(), Device(), Page(member.app)
    register(bob, "bob")
    add(bob, bobs)
    add(member, device)
    end_confirmations(member.app)
    member.go("/confirm")
    for wrong in (bobs, Device()):
        confirm(member, wrong)
        assert (member.status, member.error()) == (422, REFUSED)
    member.go("/settings/passkeys")
    assert member.url == "/confirm?next=/settings/passkeys"
    confirm(member, device)
    assert member.url == "/settings/passkeys"


def test_a_passkey_that_is_sent_twice_confirms_once(member: Page) -> None:
    device = Device()
    add(member, device)
    member.go("/confirm")
    options, hidden = wish(member, "get")
    sent = hidden | {"credential": device.get(options)}
    for _ in range(2):
        end_confirmations(member.app)
        assert member.ask("POST", "/confirm/passkey", sent).status_code in (200, 303)
    member.go("/settings/passkeys")
    assert member.url == "/confirm?next=/settings/passkeys"


def test_a_guest_has_nothing_to_confirm(app: Flask) -> None:
    guest = Page(app)
    guest.enter()
    for method in ("GET", "POST"):
        assert guest.ask(method, "/confirm/passkey").headers["Location"] == "/todos"


def test_a_stale_form_removes_no_passkey(member: Page) -> None:
    add(member, Device())
    path = str(member.page.select_one("#passkeys li form")["action"])  # type: ignore[index]
    answer = member.ask("POST", path, {"submission": "RemoveForm.x.y.z"})
    assert answer.status_code == 422
    assert "This form is no longer valid. Send it again to save it." in answer.text
    member.go("/settings/passkeys")
    assert len(member.page.select("#passkeys li")) == 1


# ---- As many as there may be


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("English", "You have 20 passkeys, and there can be no more."),
        ("Español", "Tienes 20 llaves de acceso y no puede haber más."),
    ],
)
def test_an_account_has_so_many_passkeys_and_no_more(member: Page, language: str, said: str) -> None:
    device = Device()
    give_doors(member.app, "ana", passkeys=COUNT_LIMIT - 1)
    if language == "Español":
        member.go("/")
        member.press(language)
    member.go("/settings/passkeys")
    options, hidden = wish(member, "create")
    late = hidden | {"name": "One too many", "credential": Device().create(options)}
    add(member, device)
    assert len(member.page.select("#passkeys li")) == COUNT_LIMIT
    assert said in member.text()
    assert not member.page.select(".passkey-parts")  # or a device would keep one that opens nothing
    member.send("/settings/passkeys", [*late.items()])
    show_passkeys(member)
    assert (member.status, member.error()) == (422, said)
    assert member.typed("name") == "One too many"
    assert len(member.page.select("#passkeys li")) == COUNT_LIMIT


# ---- What is not in order


def test_a_challenge_is_good_for_its_own_form_only(owner: Page) -> None:
    device, other = Device(), Page(owner.app)
    add(owner, device)
    first, second = answered(other, device), answered(other, device)
    mixed = first | {"submission": second["submission"]}
    forged = first | {"submission": first["submission"][:-1] + "x"}
    for sent in (mixed, forged, first | {"submission": ""}, {"csrf_token": first["csrf_token"]}):
        assert other.ask("POST", LOGIN, sent).status_code == 422
    other.send(LOGIN, [*first.items()])
    assert other.url == "/todos"


@pytest.mark.parametrize(
    "changed", [{"origin": "http://evil.example"}, {"origin": "https://localhost"}, {"flags": PRESENT}, {"flags": 0}]
)
def test_a_device_that_says_anything_else_is_refused(owner: Page, changed: dict[str, Any]) -> None:
    bad = Device(**changed)
    add(owner, bad)
    assert (owner.status, owner.error()) == (422, REFUSED)
    show_passkeys(owner)
    assert owner.typed("name") == "My laptop"
    good = Device()
    add(owner, good)
    assert owner.status == 303
    other = Page(owner.app)
    vars(good).update(changed)
    enter(other, good)
    assert (other.status, other.error()) == (422, REFUSED)


def test_a_copy_of_a_device_is_known_by_its_count_and_who_does_not_count_gets_in(owner: Page) -> None:
    device, other = Device(), Page(owner.app)
    add(owner, device)
    enter(other, device)
    for number, status in ((0, 422), (1, 422), (2, 303)):
        device.count = number
        other = Page(owner.app)
        enter(other, device)
        assert other.status == status
    uncounted = Device()
    uncounted.count = 0
    add(owner, uncounted, "My phone")
    for _ in range(2):
        uncounted.count = -1
        other = Page(owner.app)
        enter(other, uncounted)
        assert other.status == 303


def test_nobody_is_let_in_by_anothers_name(owner: Page) -> None:
    device, bobs = Device(), Device()
    add(owner, device)
    bob = Page(owner.app)
    register(bob, "bob")
    add(bob, bobs)
    device.user = bobs.user
    other = Page(owner.app)
    enter(other, device)
    assert (other.status, other.error()) == (422, REFUSED)
    add(bob, device)  # one that is somebody's already
    assert (bob.status, bob.error()) == (422, REFUSED)
    id = str(owner.page.select_one("#passkeys li form")["action"])  # type: ignore[index]
    assert bob.ask("POST", id).status_code == 404


def test_a_passkey_opens_no_account_that_is_shut(owner: Page) -> None:
    device, other = Device(), Page(owner.app)
    add(owner, device)
    with owner.app.extensions["database"].transaction(write=True) as transaction:
        login = find_login("ana")
        assert login is not None
        disable_account(login.account)
        transaction.commit()
    enter(other, device)
    assert other.status == 422
    assert other.error() == "This account is shut. Whoever runs Recado here can open it again."


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "{}",
        "[]",
        '"text"',
        "1e999",
        "[" * 5000,
        '{"id": "é", "response": {"userHandle": 1}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "AA"}}',
    ],
)
def test_nonsense_is_refused(owner: Page, said: str) -> None:
    other = Page(owner.app)
    other.go("/login")
    hidden = wish(other, "get")[1]
    assert other.ask("POST", LOGIN, hidden | {"credential": said}).status_code == 422
    owner.go("/settings/passkeys")
    hidden = wish(owner, "create")[1]
    answer = owner.ask("POST", "/settings/passkeys", hidden | {"name": "Laptop", "credential": said})
    assert answer.status_code == 422
    assert REFUSED in answer.text


def damaged(said: str, *names: str) -> Iterator[str]:
    """A good answer with one part of it cut, turned, replaced or of another kind."""
    good = json.loads(said)
    for name in names:
        text = good["response"][name]
        for bad in ("", text[: len(text) // 2], text[::-1], "A" * len(text), "é", 5, None, {}):
            yield json.dumps(good | {"response": good["response"] | {name: bad}})


def test_damaged_answers_are_refused(owner: Page) -> None:
    device, other = Device(), Page(owner.app)
    owner.go("/settings/passkeys")
    options, hidden = wish(owner, "create")
    for said in damaged(device.create(options), "attestationObject", "clientDataJSON"):
        answer = owner.ask("POST", "/settings/passkeys", hidden | {"name": "Laptop", "credential": said})
        assert answer.status_code == 422, said
    add(owner, device)
    sent = answered(other, device)
    for said in damaged(sent["credential"], "clientDataJSON", "authenticatorData", "signature", "userHandle"):
        assert other.ask("POST", LOGIN, sent | {"credential": said}).status_code == 422, said
    other.send(LOGIN, [*sent.items()])
    assert other.url == "/todos"


def test_what_is_done_with_passkeys_is_logged(owner: Page, caplog: pytest.LogCaptureFixture) -> None:
    device, other = Device(), Page(owner.app)
    with caplog.at_level(logging.INFO, "recado.security"):
        add(owner, device)
        enter(other, device)
        other.go("/confirm")
        confirm(other, Device())
        confirm(other, device)
        other.go("/settings/passkeys")
        other.press("Remove the passkey My laptop")
        enter(Page(owner.app), device)
    assert [record.message for record in caplog.records] == [
        "passkey_added",
        "passkey_used",
        "logged_in",
        "passkey_refused",
        "passkey_used",
        "confirmed",
        "passkey_removed",
        "passkey_refused",
    ]


# ---- In a real browser


@pytest.fixture
def named_url(live_url: str) -> str:
    """An address that has a name: for a bare number browsers have no passkeys."""
    return live_url.replace("127.0.0.1", "localhost")


class Finger:
    """Chromium's virtual authenticator."""

    def __init__(self, visitor: ChromiumVisitor) -> None:
        self.cdp = visitor.context.new_cdp_session(visitor.page)
        self.cdp.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
        options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def is_the_owners(self, known: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": known})


@pytest.fixture
def eva(context: BrowserContext, named_url: str) -> ChromiumVisitor:
    visitor = ChromiumVisitor(context, named_url)
    visitor.post("/register", user_name=f"eva {next(NEWEST)}", password=PASSWORD)
    return visitor


def add_in_browser(eva: ChromiumVisitor, name: str) -> None:
    eva.open("/settings/passkeys")
    eva.fill("Name", name)
    eva.control("Add a passkey").click()
    eva.page.wait_for_selector("#alerts .alert:has-text('opens your account'), #passkeys .invalid-feedback")


def enter_in_browser(eva: ChromiumVisitor) -> None:
    eva.open("/login")
    eva.control("Log in with a passkey").click()


def test_chromium_makes_a_passkey_and_logs_in_with_it(eva: ChromiumVisitor) -> None:
    finger = Finger(eva)
    add_in_browser(eva, "My laptop")
    assert "From now on the passkey “My laptop” opens your account." in eva.alert()
    assert eva.page.locator(".without-passkeys").count() == 0
    add_in_browser(eva, "The same")
    assert eva.page.inner_text(".invalid-feedback") == REFUSED
    assert eva.field("Name").input_value() == "The same"
    eva.context.clear_cookies()
    finger.is_the_owners(False)
    enter_in_browser(eva)
    eva.page.wait_for_selector(".invalid-feedback")
    assert eva.page.inner_text(".invalid-feedback") == REFUSED
    finger.is_the_owners(True)
    eva.control("Log in with a passkey").click()
    eva.page.wait_for_url("**/todos")
    assert "Welcome back" in eva.alert()
    eva.open("/confirm?next=/settings/passkeys")
    finger.is_the_owners(False)
    eva.control("Confirm with a passkey").click()
    eva.page.wait_for_selector("#confirm-passkey-form .invalid-feedback")
    finger.is_the_owners(True)
    eva.control("Confirm with a passkey").click()
    eva.page.wait_for_url("**/settings/passkeys")
    assert eva.complaints() == []


def test_without_htmx_the_script_alone_will_do(eva: ChromiumVisitor) -> None:
    Finger(eva)
    eva.page.route("**/htmx.min.js*", lambda route: route.abort())
    add_in_browser(eva, "My laptop")
    eva.context.clear_cookies()
    enter_in_browser(eva)
    eva.page.wait_for_url("**/todos")
    assert "Welcome back" in eva.alert()


def test_no_button_is_there_that_would_do_nothing(
    unscripted: UnscriptedVisitor, context: BrowserContext, live_url: str
) -> None:
    unscripted.open("/login")
    assert unscripted.control("Log in with a passkey").is_hidden()
    numbered = ChromiumVisitor(context, live_url)
    numbered.open("/login")
    assert numbered.page.locator(".passkey").count() == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_without_javascript_there_is_no_field_that_leads_nowhere(owner: Page, host: str) -> None:
    owner.http.environ_base["HTTP_HOST"] = host
    owner.go("/settings/passkeys")
    assert owner.page.select("#passkeys form")
    assert not owner.page.select("#passkeys input:not([type=hidden])")
    assert "Passkeys work with JavaScript only" in owner.text()
