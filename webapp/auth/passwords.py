"""New passwords: what will do as one, whoever types it where."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from webapp.auth.throttling import outside_transaction
from webapp.forms import SecretField
from webapp.i18n import gettext as _
from webapp.models.accounts.password import LEAST, MOST, hash_password, is_guessable
from webapp.sessions import account_or_none

Text = Any  # str, or a lazy translation of one


class NewPasswordField(SecretField):
    """A password to be kept, as its hash only: `hashed`, once the field is valid. Put it last: hashing is slow.

    own_words: the names of fields whose text is too easy to guess as a password; so are the account's own names.
    """

    def __init__(self, label: Text, *, own_words: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.own_words = own_words
        self.least = LEAST
        self.hashed = ""

    def pre_validate(self, form: FlaskForm) -> None:
        account = account_or_none()
        words = [form[name].data or "" for name in self.own_words]
        words += [account.name, account.user_name or ""] if account else []
        check_password(self.text, *words)
        if not form.errors:
            self.hashed = outside_transaction(lambda: hash_password(self.text))


def check_password(text: str, *own_words: str) -> None:
    """Raise StopValidation with a sentence for the person unless this will do as a new password."""
    if len(text) < LEAST:
        raise StopValidation(_("This has %(count)s characters; take %(least)s or more.", count=len(text), least=LEAST))
    if len(text.encode(errors="replace")) > MOST:
        raise StopValidation(_("This is too long; take %(most)s bytes at most.", most=MOST))
    if is_guessable(text, *own_words):
        raise StopValidation(_("This is one of the first that somebody would try. A few random words are better."))
