"""What may be a to-do."""

from flask import current_app
from wtforms import Field

from webapp.forms import (
    BooleanField,
    ChoiceField,
    CursorField,
    EditForm,
    Form,
    LineField,
    LinesField,
    MomentField,
    NotesField,
    NumberField,
    Query,
)
from webapp.i18n import lazy_gettext as _
from webapp.models.todos.filters import PAGE_LIMIT, SORTS, TodoFilter
from webapp.models.todos.todo import LINES_LIMIT, NOTES_LIMIT, POSITION_LIMIT, SHOWS, TITLE_LIMIT
from webapp.schemas import TodoJSON
from webapp.sessions import current_account

MISSING = _("Write what needs to be done.")


def _has_room(field: Field, count: int) -> bool:
    """Whether so many more to-dos fit on the list; else says so at the field. Asked last: a copy is answered again."""
    account = current_account()
    most = current_app.config["TODOS_PER_GUEST" if account.is_guest else "TODOS_PER_ACCOUNT"]
    if account.todo_count + count <= most:
        return True
    said = _("Your list is full: %(most)s to-dos fit on it, with those in the trash. Empty the trash, then add this.")
    field.errors = [*field.errors, said % {"most": most}]
    return False


class TodoForm(Form):
    """A new to-do."""

    read_only = TodoJSON.__annotations__
    creates = True
    title = LineField(_("What needs to be done?"), limit=TITLE_LIMIT, missing=MISSING, column="title")
    notes = NotesField(_("Notes"), limit=NOTES_LIMIT, column="notes")
    completed = BooleanField(column="completed_at")
    order = NumberField(limit=POSITION_LIMIT, column="position")

    def has_room(self) -> bool:
        """Whether one more to-do fits on the list."""
        return _has_room(self.title, 1)


class ChangeForm(EditForm, TodoForm):
    """Changes to a to-do: only what is given; `empty_deletes` makes of an emptied title the wish to delete."""

    creates = False
    of_pages = (*EditForm.of_pages, "empty_deletes")
    title = LineField(_("To-do"), limit=TITLE_LIMIT, missing=MISSING, optional=True, column="title")
    empty_deletes = BooleanField()

    @property
    def wants_deletion(self) -> bool:
        emptied = self.title.data is not None and not self.title.text
        return self.understood and bool(self.empty_deletes.data) and emptied


class LinesForm(Form):
    """Several new to-dos, one a line."""

    creates = True
    lines = LinesField(_("One to-do a line"), limit=TITLE_LIMIT, most=LINES_LIMIT, missing=MISSING)

    def has_room(self) -> bool:
        """Whether so many more to-dos fit on the list."""
        return _has_room(self.lines, len(self.lines.texts))


class ListQuery(Query):
    """Which to-dos a program wants to see, in what order, and from where on."""

    show = ChoiceField(choices=SHOWS, default=SHOWS[0])
    order = ChoiceField(choices=SORTS, default=SORTS[0])
    updated_since = MomentField()
    q = LineField(None, limit=TITLE_LIMIT, missing=_("Write what to look for."), optional=True)
    limit = NumberField(limit=PAGE_LIMIT, least=1)
    cursor = CursorField("todos", by="order")

    @property
    def wish(self) -> TodoFilter:
        return TodoFilter(str(self.show.data), self.updated_since.data, self.q.data, str(self.order.data))
