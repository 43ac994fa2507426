"""What may be a to-do."""

from flask_babel import lazy_gettext as _

from webapp.hybrid import EditForm, Form, LineField, LinesField, NumberField, WishField
from webapp.models.todo import LINES_LIMIT, POSITION_LIMIT, TITLE_LIMIT

MISSING = _("Write what needs to be done.")


class TodoForm(Form):
    """A new to-do."""

    creates = True
    title = LineField(_("What needs to be done?"), limit=TITLE_LIMIT, missing=MISSING)
    completed = WishField()
    order = NumberField(limit=POSITION_LIMIT)


class ChangeForm(EditForm, TodoForm):
    """Changes to a to-do: only what is given; `empty_deletes` makes of an emptied title the wish to delete."""

    creates = False
    title = LineField(_("To-do"), limit=TITLE_LIMIT, missing=MISSING, optional=True)
    empty_deletes = WishField()

    @property
    def wants_deletion(self) -> bool:
        emptied = self.title.data is not None and not self.title.text
        return self.understood and bool(self.empty_deletes.data) and emptied


class LinesForm(Form):
    """Several new to-dos, one a line."""

    creates = True
    lines = LinesField(_("One to-do a line"), limit=TITLE_LIMIT, most=LINES_LIMIT, missing=MISSING)
