"""What may be a name."""

from flask_babel import lazy_gettext as _

from webapp.hybrid import Form, LineField
from webapp.models.account import NAME_LIMIT


class NameForm(Form):
    creates = True
    name = LineField(_("What's your name?"), limit=NAME_LIMIT, missing=_("Write a name; any will do."))
