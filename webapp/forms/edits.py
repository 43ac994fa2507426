"""Edits that cannot clobber: a form knows what it was filled with, column by column (three-way merge)."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature
from wtforms import Field, StringField

from webapp.crypto import digest, serializer
from webapp.forms.fields import NumberField
from webapp.forms.form import Form
from webapp.http.exchange import client
from webapp.i18n import gettext as _

VERSION_LIMIT = 2**31 - 1


class EditForm(Form):
    """A form that changes a thing with a `version`, and above all its field `subject`.

    version: which one was seen when the change was made. original: what each column held then, as a signed hash. Who
    sends it, as our pages do, changes a later version, too: what they left as it was is not written, and what nobody
    else changed is. Only what both changed differently is a conflict.
    """

    of_pages: tuple[str, ...] = ("original",)
    subject = "title"
    version = NumberField(limit=VERSION_LIMIT, least=1)
    original = StringField()

    def _kind(self, name: str) -> type[Field] | None:
        # Others' front ends send back what they were given at some time: to them, a version is no condition.
        return None if name == "version" and client().is_lenient else super()._kind(name)

    def fill(self, thing: Any) -> None:
        """Show what a thing holds, where no text is kept of somebody who could not send it."""
        for field in self.written:
            if not field.raw_data:
                field.data = getattr(thing, str(field.column))
        if not self.original.data:
            self._remember(thing)

    @property
    def given(self) -> dict[str, Any]:
        """What was sent, but for what it was filled with."""
        seen = self._seen
        return {name: value for name, value in super().given.items() if name not in seen or _hash(value) != seen[name]}

    def check_conflict(self, thing: Any) -> bool:
        """Whether the thing was changed meanwhile in what this form changes; then says so, and shows what it is now.

        The form settles it when it is sent again: it has the text that was typed, and what that takes the place of.
        """
        if self.version.data in (None, thing.version):
            return False
        seen, given = self._seen, self.given
        if not seen or thing.deleted_at:
            said = _deleted() if thing.deleted_at else _changed(getattr(thing, self[self.subject].column))
            self[self.subject if self.original.data else "version"].errors = [said]
            self._remember(thing)
            return True
        settled = True
        for field in self.written:
            name = str(field.column)
            theirs = getattr(thing, name)
            if name not in given:
                field.data = theirs  # as nobody here has changed it
            elif _hash(theirs) not in (seen.get(name), _hash(given[name])):
                field.errors, settled = [_changed(theirs)], False
        if not settled:
            self._remember(thing)
        return not settled

    @property
    def _seen(self) -> dict[str, str]:
        with suppress(BadSignature):
            return dict(serializer("original").loads(self.original.data or ""))
        return {}

    def _remember(self, thing: Any) -> None:
        columns = {str(field.column): _hash(getattr(thing, str(field.column))) for field in self.written}
        self.version.data, self.original.data = thing.version, str(serializer("original").dumps(columns))


def _hash(value: Any) -> str:
    """What a value is known again by; of a moment, whether there is one."""
    return digest(True if isinstance(value, datetime) else value).hex()[:16]


def _changed(theirs: Any) -> str:
    if theirs is None:
        return _("Taken out elsewhere meanwhile. Save puts your text back in.")
    return _("Changed elsewhere meanwhile, to “%(theirs)s”. Save puts your text in its place.", theirs=theirs)


def _deleted() -> str:
    return _("Deleted elsewhere meanwhile. Save brings it back, with your text.")
