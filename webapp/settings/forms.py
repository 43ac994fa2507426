"""What opens and closes doors: tokens, browsers, the password."""

from flask_babel import lazy_gettext as _

from webapp.hybrid import ChoiceField, Form, LineField, NewPasswordField
from webapp.models.token import LIVES, NAME_LIMIT

READ, WRITE = "read", "write"
NEVER = "never"
SCOPES = [(READ, _("read your list")), (WRITE, _("read and change your list"))]
DAYS = [*((str(days), _("after %(days)s days", days=days)) for days in LIVES), (NEVER, _("never"))]


class TokenForm(Form):
    """What a new token is for, what it may do, and for how long."""

    creates = True
    name = LineField(_("What is it for?"), limit=NAME_LIMIT, missing=_("Write what it is for, such as the program."))
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
