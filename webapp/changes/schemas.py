"""What happened, as programs see it."""

from typing import NotRequired, TypedDict
from uuid import UUID

from webapp.models.todos.sync import News
from webapp.schemas import TodoJSON, todos_json


class ChangeJSON(TypedDict):
    """A to-do that is there, as it is now, or the id of one that is deleted: in the trash, or for good."""

    id: UUID
    deleted: bool
    todo: NotRequired[TodoJSON]


class ChangesJSON(TypedDict):
    """Ask with `since` = `cursor` for what follows: at once where there is `more`, else when it suits."""

    changes: list[ChangeJSON]
    cursor: str
    more: bool


def changes_json(news: News, cursor: str) -> ChangesJSON:
    shown = iter(todos_json([todo for _id, todo in news.changes if todo]))
    changes: list[ChangeJSON] = [
        {"id": id, "deleted": False, "todo": next(shown)} if todo else {"id": id, "deleted": True}
        for id, todo in news.changes
    ]
    return {"changes": changes, "cursor": cursor, "more": news.more}
