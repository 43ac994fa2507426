"""Edits that cannot clobber: a form knows which version of a thing it was filled from."""

from typing import Any

from wtforms import Field, StringField

from webapp.forms.fields import NumberField
from webapp.forms.form import Form
from webapp.http.client import secret_in_address
from webapp.i18n import gettext as _

VERSION_LIMIT = 2**31 - 1


class EditForm(Form):
    """A form that changes a thing with a `version`, and above all its field `subject`.

    version: which one was seen when the change was made. original: the subject as it was then; who sends it, as our
    pages do, changes a later version too, as long as its subject is still the same.
    """

    of_pages: tuple[str, ...] = ("original",)
    subject = "title"
    version = NumberField(limit=VERSION_LIMIT, least=1)
    original = StringField()

    def _kind(self, name: str) -> type[Field] | None:
        # Others' front ends send back what they were given at some time: to them, a version is no condition.
        return None if name == "version" and secret_in_address() else super()._kind(name)

    def check_conflict(self, thing: Any) -> bool:
        """Whether the thing was changed meanwhile in what this form changes; then says so, and shows what it is now.

        The form settles it when it is sent again: it has the text that was typed, and what that takes the place of.
        """
        theirs, original = getattr(thing, self.subject), self.original.data
        alike = theirs in (original, self[self.subject].data) and not thing.deleted_at
        if self.version.data in (None, thing.version) or (original and alike):
            return False
        if thing.deleted_at:
            said = _("Deleted elsewhere meanwhile. Save brings it back, with your text.")
        else:
            said = _("Changed elsewhere meanwhile, to “%(theirs)s”. Save puts your text in its place.", theirs=theirs)
        self[self.subject if original else "version"].errors = [said]
        self.version.data, self.original.data = thing.version, theirs
        return True
