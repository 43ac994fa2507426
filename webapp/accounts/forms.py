"""What it takes to be somebody."""

from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import StopValidation

from webapp.auth import CodeField, NewPasswordField, PasskeyField, check_throttled
from webapp.forms import Form, LineField, SecretField, check_line
from webapp.http import log_event
from webapp.i18n import gettext
from webapp.i18n import lazy_gettext as _
from webapp.models.accounts.account import NAME_LIMIT
from webapp.models.accounts.login import Login, check_login, find_login_by_id, login_of, normal
from webapp.sessions import account_or_none, current_account

MISSING = _("Write your user name.")


class RegisterForm(Form):
    """A user name and a password for the list of a guest, or for a new one."""

    creates = signs_in = True
    user_name = LineField(_("User name"), limit=NAME_LIMIT, missing=MISSING)
    password = NewPasswordField(_("Password"), own_words=("user_name",))

    def validate_user_name(self, field: LineField) -> None:
        check_line(normal(field.text), NAME_LIMIT, MISSING)  # one letter may stand for up to eighteen

    def refuse_name(self) -> None:
        self.user_name.errors = [gettext("Somebody has this user name already. Choose another, or log in.")]


class LoginForm(Form):
    signs_in = True
    user_name = LineField(_("User name"), limit=NAME_LIMIT, missing=MISSING)
    password = SecretField(_("Password"))
    login: Login  # once it is valid

    def validate_password(self, field: SecretField) -> None:
        if not self.user_name.errors:
            self.login = checked_login(self.user_name.text, field.text)


class ResetForm(Form):
    """A new password for whoever has the link; the user name is there for browsers that keep passwords."""

    signs_in = True  # that is, out: it ends the account's sessions
    user_name = StringField(_("User name"))
    new_password = NewPasswordField(_("New password"), own_words=("user_name",))


class CodeForm(Form):
    """The second factor of somebody who has just shown the first."""

    signs_in = True
    code = CodeField(_("Code"))
    ticket = HiddenField()
    login: Login  # of the ticket

    def validate_code(self, field: CodeField) -> None:
        field.check(self, self.login.account)


class PasskeyForm(Form):
    """A passkey, which is both factors at once."""

    signs_in = True
    credential = PasskeyField()
    login: Login  # once it is valid

    def validate_credential(self, field: PasskeyField) -> None:
        login = find_login_by_id(field.passkey.account_id)
        if login is None:
            raise field.refused()
        self.login = opened(login)


class ConfirmPasskeyForm(Form):
    """A passkey of whoever is logged in, which is all that lets them in at once."""

    credential = PasskeyField()

    def validate_credential(self, field: PasskeyField) -> None:
        if field.passkey.account_id != current_account().id:
            raise field.refused()


class ConfirmForm(Form):
    """All that lets somebody in, once more: the password and, where there is a second factor, a code."""

    password = SecretField(_("Password"))
    code = CodeField(_("Code"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        account = account_or_none()
        login = login_of(account) if account else None
        if not (login and login.totp_secret):
            del self.code

    def validate_password(self, field: SecretField) -> None:
        checked_login(current_account().user_name or "", field.text)

    def validate_code(self, field: CodeField) -> None:
        if not self.password.errors:
            field.check(self, current_account())


def checked_login(user_name: str, password: str) -> Login:
    """What lets somebody in by these; says the same of an unknown name as of a wrong password, after as long."""
    user_name = normal(user_name)
    login = check_throttled(user_name, lambda: check_login(user_name, password))
    if login is None:
        raise StopValidation(gettext("The user name or the password is wrong."))
    return opened(login)


def opened(login: Login) -> Login:
    """The same, unless an administrator has shut the account."""
    if login.disabled_at:
        log_event("login_refused", user=login.account.user_name, reason="disabled")
        raise StopValidation(gettext("This account is shut. Whoever runs Recado here can open it again."))
    return login
