"""From where on a program wants to know what happened."""

from webapp.forms import CursorField, NumberField, Query
from webapp.models.todos.filters import PAGE_LIMIT


class ChangesQuery(Query):
    """since: the cursor of the last answer; without it, everything that is there."""

    since = CursorField("changes")
    limit = NumberField(limit=PAGE_LIMIT, least=1)
