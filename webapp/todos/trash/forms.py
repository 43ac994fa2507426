"""What is asked before something is gone for good."""

from webapp.forms import CursorField, Form, MomentField, NumberField, Query
from webapp.models.todos.filters import PAGE_LIMIT


class DeleteForm(Form):
    """The wish to delete for good; there is nothing to say about it."""


class TrashQuery(Query):
    """Which part of the trash a program wants to see."""

    limit = NumberField(limit=PAGE_LIMIT, least=1)
    cursor = CursorField("trash")


class EmptyQuery(Query):
    """until: when somebody saw the trash that they want to be rid of; what came later stays."""

    until = MomentField()
