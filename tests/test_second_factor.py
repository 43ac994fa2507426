"""The second factor: codes of an app, recovery codes, and what becomes of whoever has only the password."""

import logging
from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import Page
from tests.support.devices import Phone
from tests.support.people import PASSWORD, copy_of, end_confirmations, log_in, recovery_codes, register, turn_on
from webapp.db import connection, now
from webapp.models.accounts.account import Account
from webapp.models.accounts.recovery_codes import CODES, RecoveryCode

WRONG = "This code is wrong or was already used. Write the one that is shown now."


def forget_steps(app: Flask, **values: object) -> None:
    """As if the last code had been used long ago."""
    with app.extensions["database"].transaction(write=True) as transaction:
        connection().execute(update(Account).values({"totp_step": 0} | values))
        transaction.commit()


def test_it_is_turned_on_with_a_code_and_asked_for_from_then_on(member: Page) -> None:
    member.go("/settings")
    member.follow("Second factor")
    assert str(member.page.select_one("#second-factor img")["src"]).startswith("data:image/svg+xml")  # type: ignore[index]
    phone, codes = turn_on(member)
    assert member.url == "/settings/second-factor"
    assert "From now on, logging in asks for a code of your app." in member.alert()
    assert len(set(codes)) == CODES
    assert "10 recovery codes are left." in member.text()
    member.go("/settings/second-factor")
    assert recovery_codes(member) == []
    other = type(member)(member.app)
    log_in(other)
    assert other.url.startswith("/login/code")
    other.go("/todos")
    assert other.url == "/?next=/todos"
    other.go("/login/code")
    other.press("Log in", code="000000")
    assert (other.status, other.error()) == (422, WRONG)
    other.press("Log in", code=phone.code(later=1))
    assert other.url == "/todos"
    assert other.alert() == "Welcome back, ana!"


def test_who_was_going_somewhere_gets_there_after_the_code(member: Page) -> None:
    phone, _ = turn_on(member)
    other = type(member)(member.app)
    other.go("/trash")
    other.follow("Log in")
    other.press("Log in", user_name="ana", password=PASSWORD)
    other.press("Log in", code=phone.code(later=1))
    assert other.url == "/trash"


def test_a_code_is_good_once(member: Page) -> None:
    phone, _ = turn_on(member)
    used = phone.code()
    other = type(member)(member.app)
    log_in(other)
    other.press("Log in", code=used)
    assert (other.status, other.error()) == (422, WRONG)
    assert used not in other.answer.text
    forget_steps(member.app)
    other.press("Log in", code=f"{used[:3]} {used[3:]}")
    assert other.url == "/todos"
    third = type(member)(member.app)
    log_in(third)
    third.press("Log in", code=used)
    assert (third.status, third.error()) == (422, WRONG)


@pytest.mark.parametrize(("later", "good"), [(-3, False), (-1, True), (1, True), (3, False)])
def test_a_clock_may_be_half_a_minute_off(owner: Page, later: int, good: bool) -> None:
    phone, _ = turn_on(owner)
    forget_steps(owner.app)
    other = Page(owner.app)
    log_in(other)
    other.press("Log in", code=phone.code(later))
    assert (other.url == "/todos") == good


def test_a_recovery_code_opens_once_however_it_is_typed(member: Page) -> None:
    _, codes = turn_on(member)
    for typed, good in ((codes[0].lower(), True), (codes[0], False), (codes[1].replace("-", " "), True)):
        other = type(member)(member.app)
        log_in(other)
        other.press("Log in", code=typed)
        assert (other.url == "/todos") == good
        if good:
            assert "recovery codes are left." in other.alert()
    member.go("/settings/second-factor")
    assert "8 recovery codes are left." in member.text()


def test_recovery_codes_can_be_had_as_a_file_without_javascript(member: Page) -> None:
    _, codes = turn_on(member)
    sent = {"codes": " ".join(codes), "csrf_token": member.typed("csrf_token")}
    answer = member.http.post("/settings/second-factor/codes/download", data=sent)
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"] == "attachment; filename=recado-recovery-codes.txt"
    assert answer.text.split("\n") == ["Recovery codes for ana at Recado", "", *codes, ""]


def test_the_file_of_codes_holds_nothing_but_codes_of_ones_own(member: Page) -> None:
    _, codes = turn_on(member)
    bob = type(member)(member.app)
    register(bob, "bob")
    for visitor, sent in ((member, "<script>"), (member, ""), (bob, " ".join(codes))):
        assert visitor.ask("POST", "/settings/second-factor/codes/download", {"codes": sent}).status_code == 422


def test_dismissing_or_another_message_does_not_take_codes_away(member: Page) -> None:
    _, codes = turn_on(member)
    assert not member.page.select("#alerts .secrets")
    assert member.shown_once() == codes
    assert not member.page.select(".secret .dismiss")


def test_new_recovery_codes_end_the_old_ones(member: Page) -> None:
    _, old = turn_on(member)
    member.follow("Make new recovery codes")
    assert "The old codes will stop working." in member.text()
    member.press("Make new recovery codes")
    new = recovery_codes(member)
    assert len(new) == CODES
    assert not {*old} & {*new}
    for code, good in ((old[0], False), (new[0], True)):
        other = type(member)(member.app)
        log_in(other)
        other.press("Log in", code=code)
        assert (other.url == "/todos") == good


def test_turning_it_off_asks_first_and_ends_everything(member: Page) -> None:
    turn_on(member)
    member.follow("Turn off the second factor")
    member.press("Turn off")
    assert member.alert() == "Logging in asks for your password alone again."
    assert member.page.select("#second-factor img")
    other = type(member)(member.app)
    log_in(other)
    assert other.url == "/todos"
    with member.app.extensions["database"].transaction(write=False):
        assert connection().execute(select(RecoveryCode)).all() == []
        assert connection().execute(select(Account.totp_secret, Account.totp_step)).one() == (None, 0)


def test_a_wrong_code_keeps_the_key_that_the_app_has(member: Page) -> None:
    member.go("/settings/second-factor")
    phone = Phone(member)
    member.press("Turn on", code="12345")
    assert member.status == 422
    assert member.error() == "This is not the code for this key. Write the one that is shown now."
    assert Phone(member).key == phone.key
    member.press("Turn on", code=phone.code())
    assert "From now on" in member.alert()


def test_a_key_is_its_accounts_alone_and_an_hour_old_at_most(owner: Page) -> None:
    owner.go("/settings/second-factor")
    phone, sealed = Phone(owner), owner.typed("secret")
    bob = Page(owner.app)
    register(bob, "bob")
    bob.go("/settings/second-factor")
    seal = owner.app.extensions["recado_seal"]
    old = seal.encrypt_at_time(seal.decrypt(sealed), int(now().timestamp()) - 3601).decode()
    for visitor, secret in ((bob, sealed), (owner, old), (owner, "é"), (owner, "")):
        answer = visitor.ask("POST", "/settings/second-factor", {"secret": secret, "code": phone.code()})
        assert answer.status_code == 422
        assert "This key was shown too long ago." in answer.text


def test_showing_the_page_writes_nothing_and_the_secret_is_sealed(owner: Page) -> None:
    owner.go("/settings/second-factor")
    first = Phone(owner).key
    owner.go("/settings/second-factor")
    assert Phone(owner).key != first
    phone, codes = turn_on(owner)
    with owner.app.extensions["database"].transaction(write=False):
        stored = connection().execute(select(Account.totp_secret)).scalar_one() or ""
        hashes = connection().execute(select(RecoveryCode.code_hash)).scalars().all()
    assert phone.key.replace(" ", "") not in stored
    assert b32decode(phone.key.replace(" ", "")) not in stored.encode()
    assert all(code.replace("-", "").encode() not in b"".join(hashes) for code in codes)


@pytest.mark.parametrize("recovery", [False, True])
def test_a_right_code_that_is_sent_twice_signs_in_once(member: Page, recovery: bool) -> None:
    phone, codes = turn_on(member)
    other = type(member)(member.app)
    log_in(other)
    twin = copy_of(other)
    sent = {name: other.typed(name) for name in ("ticket", "submission")}
    sent["code"] = codes[0] if recovery else phone.code(later=1)
    answers = [copy.ask("POST", "/login/code", sent) for copy in (other, twin)]
    assert {answer.status_code for answer in answers} <= {200, 303}
    for copy in (other, twin):
        copy.open()
        assert copy.url == "/todos"
    assert other.http.get_cookie("recado").value == twin.http.get_cookie("recado").value  # type: ignore[union-attr]


@pytest.mark.parametrize("recovery", [False, True])
def test_of_two_browsers_with_one_code_at_once_one_gets_in(member: Page, recovery: bool) -> None:
    phone, codes = turn_on(member)
    others = [type(member)(member.app) for _ in range(4)]
    code = codes[0] if recovery else phone.code(later=1)
    for other in others:
        log_in(other)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda other: other.press("Log in", code=code), others))
    assert sorted(other.url == "/todos" for other in others) == [False, False, False, True]
    assert {other.error() for other in others if other.url != "/todos"} == {WRONG}


def test_codes_cannot_be_guessed_by_who_knows_the_password(member: Page) -> None:
    phone, _ = turn_on(member)
    other = type(member)(member.app)
    for _ in range(5):
        log_in(other)  # a right password forgives wrong passwords, not wrong codes
        assert other.url.startswith("/login/code")
        other.press("Log in", code="000000")
    answer = other.ask("POST", "/login/code", {"ticket": other.typed("ticket"), "code": phone.code(later=1)})
    assert answer.status_code == 429
    assert "There were too many wrong tries." in other.problem(answer)


def test_the_ticket_is_one_browsers_for_ten_minutes_and_one_passwords(owner: Page) -> None:
    phone, _ = turn_on(owner)
    other, thief = Page(owner.app), Page(owner.app)
    thief.go("/login")
    log_in(other)
    ticket = other.typed("ticket")
    seal = owner.app.extensions["recado_seal"]
    old = seal.encrypt_at_time(seal.decrypt(ticket), int(now().timestamp()) - 601).decode()
    for visitor, tried in ((thief, ticket), (other, old), (other, "é"), (other, seal.encrypt(b'"x"').decode())):
        answer = visitor.ask("POST", "/login/code", {"ticket": tried, "code": phone.code(later=1)})
        assert answer.headers["Location"].startswith("/login?")
    forget_steps(owner.app, password_hash="another")
    answer = other.ask("POST", "/login/code", {"ticket": ticket, "code": phone.code(later=1)})
    assert answer.headers["Location"].startswith("/login?")
    other.go("/login")
    assert "That took more than ten minutes. Write your password again." in other.alert()
    thief.go("/login/code?next=/trash")
    assert thief.url == "/login?next=/trash"


def test_confirming_asks_for_both_factors(member: Page) -> None:
    phone, _ = turn_on(member)
    end_confirmations(member.app)
    member.go("/settings/second-factor")
    assert member.url == "/confirm?next=/settings/second-factor"
    member.press("Go on", password=PASSWORD, code="")
    assert (member.status, member.error()) == (422, "Write the code.")
    member.press("Go on", password=PASSWORD, code="000000")
    assert (member.status, member.error()) == (422, WRONG)
    member.press("Go on", password="another password", code=phone.code(later=1))
    assert member.status == 422
    member.press("Go on", password=PASSWORD, code=phone.code(later=1))
    assert member.url == "/settings/second-factor"


def test_guests_are_led_to_an_account(owner: Page) -> None:
    guest = Page(owner.app)
    guest.enter("Guest")
    for path in ("/settings/second-factor", "/settings/passkeys"):
        guest.go(path)
        assert guest.url == f"/register?next={path}"
        assert guest.ask("POST", path).headers["Location"] == "/register"


def test_all_of_it_is_logged_without_a_code(owner: Page, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "recado.security"):
        _, codes = turn_on(owner)
        other = Page(owner.app)
        log_in(other)
        other.press("Log in", code="000000")
        other.press("Log in", code=codes[0])
        owner.follow("Turn off the second factor")
        owner.press("Turn off")
    events = [record.message for record in caplog.records]
    assert events == [
        "second_factor_on",
        "code_asked",
        "code_refused",
        "recovery_code_used",
        "logged_in",
        "second_factor_off",
    ]
    said = str([vars(record) for record in caplog.records])
    assert codes[0] not in said
    assert "000000" not in said
