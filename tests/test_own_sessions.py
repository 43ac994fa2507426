"""Where somebody is logged in: which browser, from where, since when; and logging the others out from here."""

import logging
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import Fragment, Page, TextPage
from tests.support.people import PASSWORD, log_in, register
from webapp.db import connection, now
from webapp.models.sessions.session import CONFIRMED, BrowserSession
from webapp.settings.browsers import name_of

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
    "Mobile/15E148 Safari/604.1"
)


@pytest.fixture(params=[Page, TextPage, Fragment], ids=lambda kind: kind.__name__)
def visitor(request: pytest.FixtureRequest, any_app: Flask) -> Page:
    """Ana at her desk, at each kind of browser."""
    ana: Page = come(request.param, any_app, FIREFOX, "192.0.2.7")
    register(ana)
    return ana


@pytest.fixture
def phone(visitor: Page) -> Page:
    """Ana again, on the way."""
    ana = come(type(visitor), visitor.app, SAFARI, "2001:db8::1")
    log_in(ana)
    return ana


def come(client: type[Page], app: Flask, browser: str, address: str) -> Page:
    somebody = client(app)
    somebody.http.environ_base |= {"HTTP_USER_AGENT": browser, "REMOTE_ADDR": address}
    return somebody


def rows(visitor: Page) -> list[str]:
    visitor.go("/settings/sessions")
    return [" ".join(row.select_one(".what").get_text(" ").split()) for row in visitor.page.select("#sessions li")]  # type: ignore[union-attr]


def change(app: Flask, *which: object, **values: object) -> None:
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(BrowserSession).where(*which).values(values))  # type: ignore[arg-type]
        transaction.commit()


def ids(app: Flask) -> list[str]:
    """Of all sessions, the oldest first."""
    with app.extensions["database"].transaction(write=False):
        return [str(id) for id in connection().execute(select(BrowserSession.id).order_by(BrowserSession.id)).scalars()]


def is_known(visitor: Page) -> bool:
    return visitor.http.get("/todos").status_code == 200


def other_button(visitor: Page) -> str:
    return next(name for name in visitor.controls() if name.startswith("Log out Safari on iPhone, last seen on "))


# ---- Which


def test_the_page_says_which_browsers_are_logged_in_and_which_is_this(visitor: Page, phone: Page) -> None:
    visitor.go("/settings")
    visitor.follow("Where you are logged in")
    there, here = rows(visitor)
    dates = r"Logged in on .+ UTC Last seen on .+ UTC"
    assert re.fullmatch(f"Safari on iPhone From 2001:db8::1 {dates}", there)
    assert re.fullmatch(f"Firefox on Linux This browser From 192.0.2.7 {dates}", here)
    assert [row.startswith("Safari on iPhone This browser") for row in rows(phone)] == [True, False]


def test_a_guest_has_one_browser_and_nothing_to_end(any_app: Flask) -> None:
    guest = come(Page, any_app, FIREFOX, "192.0.2.7")
    guest.enter()
    (row,) = rows(guest)
    assert row.startswith("Firefox on Linux This browser From 192.0.2.7")
    assert not [name for name in guest.controls() if name.startswith("Log out")]


def test_strangers_are_asked_who_they_are(any_app: Flask) -> None:
    stranger = Page(any_app)
    stranger.go("/settings/sessions")
    assert stranger.url == "/?next=/settings/sessions"


def test_nobody_sees_the_browsers_of_others_or_those_that_have_expired(visitor: Page, phone: Page) -> None:
    bob = type(visitor)(visitor.app)
    register(bob, "bob")
    assert len(rows(bob)) == 1
    assert len(rows(visitor)) == 2
    change(visitor.app, BrowserSession.browser == SAFARI, expires_at=now())
    assert len(rows(visitor)) == 1


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
         "Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
         "Safari/537.36 Edg/156.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
         "Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
         "Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile "
         "Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 "
         "Mobile/15E148 Safari/604.1", "Chrome on iPad"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
         "Safari/537.36", "Chrome on ChromeOS"),
        ("Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", "Lynx"),
        ("w3m/0.5.3+git20230121", "w3m"),
        ("ELinks/0.16.1.1 (textmode; Linux 6.1.0 x86_64; 80x24-2)", "ELinks on Linux"),
        ("Something/1.0 (OpenBSD)", "A browser on BSD"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)  # fmt: skip
def test_a_browser_is_called_what_people_call_it(app: Flask, said: str, name: str) -> None:
    with app.test_request_context():
        assert name_of(said) == name


# ---- Logging out from here


def test_a_browser_is_logged_out_from_another(visitor: Page, phone: Page) -> None:
    visitor.go("/settings/sessions")
    visitor.press(other_button(visitor))
    assert visitor.alert() == "Safari on iPhone is logged out."
    assert visitor.url == "/settings/sessions"
    assert len(visitor.page.select("#sessions li")) == 1
    assert len(rows(visitor)) == 1
    assert is_known(visitor)
    phone.open()
    assert phone.url == "/?next=/todos"


def test_all_others_are_logged_out_at_once(visitor: Page, phone: Page) -> None:
    third = type(visitor)(visitor.app)
    log_in(third)
    bob = type(visitor)(visitor.app)
    register(bob, "bob")
    visitor.go("/settings/sessions")
    visitor.press("Log out all others")
    assert visitor.alert() == "2 browsers are logged out."
    assert "Log out all others" not in visitor.controls()
    assert [is_known(one) for one in (visitor, bob, phone, third)] == [True, True, False, False]


def test_ending_again_does_no_harm(visitor: Page, phone: Page) -> None:
    visitor.go("/settings/sessions")
    tab = type(visitor)(visitor.app)
    tab.http = visitor.http
    tab.go("/settings/sessions")
    forms = [str(form["action"]) for form in visitor.page.select("#sessions form")]
    assert len(forms) == 2
    for path in forms:
        sent = {"submission": visitor.typed("submission")}
        assert {visitor.ask("POST", path, sent).status_code for _ in range(2)} <= {200, 303}
    tab.press("Log out all others")
    assert tab.status in (200, 303)
    assert "browser" not in tab.alert()  # nothing changed, so nothing is said
    gone = tab.ask("POST", forms[0])
    assert gone.status_code == 404
    assert tab.problem(gone) == "There is nothing at this address, or it is not yours."
    assert is_known(visitor)


def test_nobody_ends_the_session_of_another(visitor: Page) -> None:
    bob = type(visitor)(visitor.app)
    register(bob, "bob")
    bob.go("/settings/sessions")
    (anas, *_) = ids(visitor.app)
    for id in (anas, UNKNOWN):
        assert bob.ask("POST", f"/settings/sessions/{id}/end").status_code == 404
    bob.ask("POST", "/settings/sessions/end")
    assert is_known(visitor)


def test_this_browser_is_not_logged_out_by_the_way(visitor: Page) -> None:
    visitor.go("/settings/sessions")
    (own,) = ids(visitor.app)
    assert visitor.ask("POST", f"/settings/sessions/{own}/end").status_code in (200, 303)
    assert is_known(visitor)


def test_a_stale_form_ends_nothing(visitor: Page, phone: Page) -> None:
    visitor.go("/settings/sessions")
    for form in visitor.page.select("#sessions form"):
        assert visitor.ask("POST", str(form["action"]), {"submission": "EndForm.x.y.z"}).status_code == 422
    assert is_known(phone)


def test_a_thief_who_knows_no_password_logs_nobody_out(visitor: Page, phone: Page) -> None:
    change(visitor.app, confirmed_at=now() - CONFIRMED)
    visitor.go("/settings/sessions")
    name = other_button(visitor)
    visitor.press(name)
    assert is_known(phone)
    if isinstance(visitor, Fragment):
        assert visitor.status == 401
        return
    assert visitor.url == "/confirm?next=/settings/sessions"
    visitor.press("Go on", password="not the one that it is")
    assert is_known(phone)
    visitor.press("Go on", password=PASSWORD)
    assert visitor.url == "/settings/sessions"
    visitor.press(name)
    assert not is_known(phone)


def test_an_address_and_a_browser_follow_the_visitor_within_the_hour(visitor: Page) -> None:
    visitor.http.environ_base |= {"HTTP_USER_AGENT": SAFARI, "REMOTE_ADDR": "192.0.2.8"}
    assert rows(visitor)[0].startswith("Firefox on Linux This browser From 192.0.2.7")
    change(visitor.app, seen_at=now() - timedelta(hours=2))
    visitor.go("/todos")
    assert rows(visitor)[0].startswith("Safari on iPhone This browser From 192.0.2.8")


def test_each_end_is_logged(visitor: Page, phone: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "recado.security")
    visitor.go("/settings/sessions")
    visitor.press(other_button(visitor))
    log_in(phone)
    visitor.go("/settings/sessions")
    visitor.press("Log out all others")
    found = [vars(record)["facts"] for record in caplog.records if record.getMessage() == "session_ended"]
    assert [(fact.get("others"), "session" in fact) for fact in found] == [(None, True), (1, False)]
    assert all(fact["account"] for fact in found)
