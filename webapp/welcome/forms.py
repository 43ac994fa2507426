"""What may be a name."""

from typing import Any

from webapp.forms import Form, LineField
from webapp.i18n import lazy_gettext as _
from webapp.models.accounts.account import NAME_LIMIT
from webapp.sessions import account_or_none


class NameForm(Form):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.creates = account_or_none() is None  # renaming may be taken back, and done again

    name = LineField(_("What's your name?"), limit=NAME_LIMIT, missing=_("Write a name; any will do."))
