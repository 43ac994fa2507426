"""Forms of what lets somebody in: tokens, browsers, the password, a second factor, passkeys, and the way out."""

from wtforms import HiddenField
from wtforms.validators import StopValidation

from webapp.auth import CodeField, NewPasskeyField, NewPasswordField, check_throttled, offered_secret
from webapp.forms import ChoiceField, Form, LineField, SecretField
from webapp.i18n import gettext
from webapp.i18n import lazy_gettext as _
from webapp.models.accounts.account import NAME_LIMIT
from webapp.models.accounts.login import check_login, normal
from webapp.models.accounts.passkey import COUNT_LIMIT as PASSKEY_COUNT_LIMIT
from webapp.models.accounts.passkey import NAME_LIMIT as PASSKEY_NAME_LIMIT
from webapp.models.accounts.token import COUNT_LIMIT as TOKEN_COUNT_LIMIT
from webapp.models.accounts.token import LIVES
from webapp.models.accounts.token import NAME_LIMIT as TOKEN_NAME_LIMIT
from webapp.models.accounts.totp import step_of
from webapp.sessions import current_account

READ, WRITE = "read", "write"
NEVER = "never"
SCOPES = [(READ, _("read your list")), (WRITE, _("read and change your list"))]
DAYS = [*((str(days), _("after %(days)s days", days=days)) for days in LIVES), (NEVER, _("never"))]


class TokenForm(Form):
    """What a new token is for, what it may do, and for how long."""

    creates = True
    name = LineField(
        _("What is it for?"), limit=TOKEN_NAME_LIMIT, missing=_("Write what it is for, such as the program.")
    )
    scope = ChoiceField(_("It may"), choices=SCOPES, default=WRITE)
    days = ChoiceField(_("It expires"), choices=DAYS, default="90")

    @property
    def lifetime(self) -> int | None:
        """In days; None is for good."""
        return next((days for days in LIVES if str(days) == self.days.data), None)

    def refuse_another(self) -> None:
        said = gettext("You have %(most)s tokens, and there can be no more: revoke one first.", most=TOKEN_COUNT_LIMIT)
        self.name.errors = [said]


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
        if not self.user_name.errors and not check_throttled(user_name, lambda: check_login(user_name, field.text)):
            raise StopValidation(gettext("The password is wrong."))


class SecondFactorForm(Form):
    """A code, which shows that an app has read the secret that this form offers."""

    code = CodeField(_("Code"))
    secret = HiddenField()
    step: int  # of the code, once it is valid

    def validate_code(self, field: CodeField) -> None:
        secret = offered_secret(current_account(), self.secret.data)
        if secret is None:
            raise StopValidation(gettext("This key was shown too long ago. Add the new one to your app."))
        step = step_of(secret, field.text)
        if step is None:
            raise StopValidation(gettext("This is not the code for this key. Write the one that is shown now."))
        self.step = step


class NewCodesForm(Form):
    """The wish for new recovery codes instead of the old ones."""


class CodesFileForm(Form):
    """Recovery codes that were just shown, to be had as a file."""

    codes = SecretField(None)


class TurnOffForm(Form):
    """The wish to log in by the password alone."""


class NewPasskeyForm(Form):
    """A passkey, and how its owner calls it."""

    name = LineField(_("Name"), limit=PASSKEY_NAME_LIMIT, missing=_("Write a name, such as that of the device."))
    credential = NewPasskeyField()
    most = PASSKEY_COUNT_LIMIT

    def refuse_another(self) -> None:
        self.name.errors = [gettext("You have %(most)s passkeys, and there can be no more.", most=self.most)]


class RemoveForm(Form):
    """The wish that a passkey may open nothing any more."""


class AddressForm(Form):
    """A new Todo-Backend address, in the place of an earlier one."""

    creates = True
