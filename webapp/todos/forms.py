"""What may be a to-do."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import StopValidation

from webapp.hybrid import EditForm, Form, LineField, NumberField, WishField, check_line
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
    lines = TextAreaField(_("One to-do a line"))

    @property
    def titles(self) -> list[str]:
        return [line.strip() for line in (self.lines.data or "").splitlines() if line.strip()]

    def validate_lines(self, field: TextAreaField) -> None:
        if not self.titles:
            raise StopValidation(str(MISSING))
        if len(self.titles) > LINES_LIMIT:
            raise StopValidation(
                gettext(
                    "These are %(count)s lines; %(limit)s at once is the most.",
                    count=len(self.titles),
                    limit=LINES_LIMIT,
                )
            )
        for number, title in enumerate(self.titles, 1):
            try:
                check_line(title, TITLE_LIMIT, MISSING)
            except StopValidation as error:
                raise StopValidation(gettext("Line %(number)s: %(error)s", number=number, error=error)) from error
