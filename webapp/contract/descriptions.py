"""A word on each name that the API's programs meet, for its documentation; "?order": where it is a parameter."""

from webapp.i18n import lazy_gettext as _
from webapp.models.todos.filters import PAGE
from webapp.models.todos.positions import MOVES
from webapp.models.todos.todo import LINES_LIMIT, TITLE_LIMIT

WORDS = {
    "title": _("One line; spaces around it are taken off."),
    "lines": _("1 to %(most)s lines of 1 to %(limit)s characters.", most=LINES_LIMIT, limit=TITLE_LIMIT),
    "notes": _("Text of many lines, or null; kept as it was sent."),
    "list": _("The list that it is on, or null: the Inbox."),
    "completed": _("Whether it is done: what it shall be, not the other way round."),
    "order": _("Its place in the list, lowest first; without one, a new to-do comes last."),
    "?order": _("What comes first; with “-”, the other way round. Equal ones stand by their ids."),
    "version": _("Grows with each change; sent along, it must still be true, or the answer is 409."),
    "url": _("Its own address."),
    "created_at": _("In UTC, as RFC 3339 has it."),
    "completed_at": _("When it was completed, or null."),
    "kept_until": _("After that it is gone for good."),
    "errors": _("Each bad value."),
    "pointer": _("Where it is in what was sent (RFC 6901)."),
    "type": _("What kind of problem it is: the address of a page about it, whose last part stays the same."),
    "show": _("Which to-dos are meant."),
    "until": _("Only what was deleted until then; what came into the trash later stays."),
    "limit": _("How many at most; %(usual)s where you do not say.", usual=PAGE),
    "cursor": _("Where an answer ended: take it from there, and change nothing about it."),
    "q": _("Only titles that contain this, whatever its case."),
    "updated_since": _("Only what was changed then or later."),
    "since": _("The cursor of the last answer; without it, all that is there."),
    "more": _("Whether there is more to tell at once."),
    "deleted": _("Whether it is gone, be it into the trash or for good."),
    "operations": _("They are carried out in this order."),
    "method": _("As it would be sent by itself."),
    "path": _("What follows /api/v1, with its query."),
    "body": _("What would be sent or answered by itself."),
    "if_match": _("The same as If-Match, for this operation alone."),
    "headers": _("Those that say something of this operation: Location, ETag, Link."),
    "failed": _("Of a batch: the operation that could not be carried out, from 0, and its own problem."),
    "parameter": _("The one in the query that is meant."),
    "request_id": _("What the logs know it by."),
    "to": _("Where to: %(moves)s.", moves=", ".join(MOVES)),
    "position": _("The order that it has, or had."),
    "If-Match": _("The ETag that it must still have, or the answer is 412."),
    "If-None-Match": _(
        "The ETag that is known. If it is still that, the answer is 304 without a body, or 412 to a change."
    ),
    "Idempotency-Key": _("A name of your own for this request: sent again under it, it is answered, not done again."),
}
