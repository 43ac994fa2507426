"""What opens and closes doors: tokens, browsers, the password, and the way out."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from webapp.hybrid import (
    ChoiceField,
    Form,
    LineField,
    NewPasswordField,
    SecretField,
    current_account,
    guess,
    note,
)
from webapp.models.account import NAME_LIMIT
from webapp.models.login import check_login, normal
from webapp.models.token import LIVES
from webapp.models.token import NAME_LIMIT as TOKEN_NAME_LIMIT

READ, WRITE = "read", "write"
NEVER = "never"
SCOPES = [(READ, _("read your list")), (WRITE, _("read and change your list"))]
DAYS = [*((str(days), _("after %(days)s days", days=days)) for days in LIVES), (NEVER, _("never"))]


class TokenForm(Form):
    """What a new token is for, what it may do, and for how long."""

    creates = True
    name = LineField(_("What is it for?"), limit=TOKEN_NAME_LIMIT, missing=_("Write what it is for, such as the program."))
    scope = ChoiceField(_("It may"), choices=SCOPES, default=READ)
    days = ChoiceField(_("It expires"), choices=DAYS, default="90")

    @property
    def lifetime(self) -> int | None:
        """In days; None is for good."""
        return next((days for days in LIVES if str(days) == self.days.data), None)


class RevokeForm(Form):
    """The wish that a token may work no more."""


class EndForm(Form):
    """The wish that a browser, or all but this one, be logged out."""


class PasswordForm(Form):
    """A new password. It signs in: from then on, this browser is known by another cookie."""

    signs_in = True
    new_password = NewPasswordField(_("New password"))


class LeaveForm(Form):
    """Who deletes an account writes whose it is, so that it is nobody else's by mistake, and the password."""

    user_name = LineField(_("User name"), limit=NAME_LIMIT, missing=_("Write your user name."))
    password = SecretField(_("Password"))

    def validate_user_name(self, field: LineField) -> None:
        if normal(field.text) != current_account().user_name:
            raise StopValidation(gettext("You are logged in by another user name."))

    def validate_password(self, field: SecretField) -> None:
        user_name = current_account().user_name or ""
        if not self.user_name.errors and not guess(user_name, lambda: check_login(user_name, field.text)):
            note("login_failed", user=user_name)
            raise StopValidation(gettext("The password is wrong."))
