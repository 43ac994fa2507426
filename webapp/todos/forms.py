"""What may be a to-do."""

from webapp.forms import (
    ChoiceField,
    CursorField,
    EditForm,
    Form,
    LineField,
    LinesField,
    MomentField,
    NumberField,
    Query,
    WishField,
)
from webapp.i18n import lazy_gettext as _
from webapp.models.listing import ORDERS, PAGE_LIMIT, Wish
from webapp.models.todo import LINES_LIMIT, POSITION_LIMIT, SHOWS, TITLE_LIMIT
from webapp.schemas import TodoJSON

MISSING = _("Write what needs to be done.")


class TodoForm(Form):
    """A new to-do."""

    read_only = TodoJSON.__annotations__
    creates = True
    title = LineField(_("What needs to be done?"), limit=TITLE_LIMIT, missing=MISSING)
    completed = WishField()
    order = NumberField(limit=POSITION_LIMIT)


class ChangeForm(EditForm, TodoForm):
    """Changes to a to-do: only what is given; `empty_deletes` makes of an emptied title the wish to delete."""

    creates = False
    of_pages = (*EditForm.of_pages, "empty_deletes")
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


class ListQuery(Query):
    """Which to-dos a program wants to see, in what order, and from where on."""

    show = ChoiceField(choices=SHOWS, default=SHOWS[0])
    order = ChoiceField(choices=ORDERS, default=ORDERS[0])
    updated_since = MomentField()
    q = LineField(None, limit=TITLE_LIMIT, missing=_("Write what to look for."), optional=True)
    limit = NumberField(limit=PAGE_LIMIT, least=1)
    cursor = CursorField("todos", by="order")

    @property
    def wish(self) -> Wish:
        return Wish(str(self.show.data), self.updated_since.data, self.q.data, str(self.order.data))
