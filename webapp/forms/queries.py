"""What an address asks for behind its `?`, read by a form as a body is; and the way through a long list, by cursors."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from flask import abort, request, url_for
from flask_wtf import FlaskForm
from itsdangerous import BadSignature
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import StopValidation

from webapp.crypto import serializer
from webapp.forms.fields import JSON_TYPES, NumberField, Schema
from webapp.forms.form import Form, Values
from webapp.http.origin import public_origin
from webapp.http.parameters import know
from webapp.hybrid import Page, problem
from webapp.i18n import gettext as _
from webapp.sessions.identity import current_account

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
CURSOR = "cursor"
ROWS = 50  # on one page
NUMBER = re.compile(r"-?\d{1,20}", re.ASCII)


class Query(Form):
    """A form whose values stand in the address. What is wrong with them is a 422, by the parameter's name."""

    def _read(self) -> Values:
        know(name for name in request.args if self._kind(name))
        errors = {}
        for name, values in request.args.lists():
            if len(values) > 1:
                errors[name] = _("This was sent more than once.")
            elif self._kind(name) is NumberField and not NUMBER.fullmatch(values[0]):
                errors[name] = JSON_TYPES[int]()
        return MultiDict(request.args), errors

    def problems(self) -> list[dict[str, str]]:
        """Every error, with the parameter that it is in."""
        return [
            {"detail": error["detail"], "parameter": error["pointer"].removeprefix("#/")}
            for error in super().problems()
        ]

    def checked(self) -> Self:
        """This query; ends the request if something is wrong with it."""
        if not self.validate():
            wrong = self.problems()
            abort(problem(422, wrong[0]["detail"], errors=wrong))  # a page shows nothing beside its address
        return self


class MomentField(Field):
    """A moment as RFC 3339 writes it, with its zone; may be left out."""

    schema: Schema = {"type": "string", "format": "date-time"}  # noqa: RUF012

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = _moment(valuelist[0]) if valuelist else None


class CursorField(Field):
    """Where an earlier answer ended, as it said itself: `data` is a place, which JSON can say.

    within: what it is a place in; by: the field that orders that. Any other cursor is refused as a damaged one is, and
    so is another account's: its numbers would leave out what this one has not been told.
    """

    schema: Schema = {"type": "string", "minLength": 1}  # noqa: RUF012

    def __init__(self, within: str, by: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.within, self.by = within, by

    def pre_validate(self, form: FlaskForm) -> None:
        text, self.data = self.data, None
        try:
            if text is not None:
                *within, self.data = serializer("cursor").loads(text)
        except BadSignature:
            within = []
        if text is not None and within != self._within(form):
            raise StopValidation(_("This is no cursor of this list. Start anew without one."))

    def after(self, form: FlaskForm, place: Any) -> str:
        """The cursor for a place."""
        return str(serializer("cursor").dumps([*self._within(form), place]))

    def _within(self, form: FlaskForm) -> list[Any]:
        return [self.within, form[self.by].data if self.by else None, current_account().id.hex]


def page(items: Any, cursor: str | None) -> Page:
    """Page of a list that goes on at the cursor, or is at its end, with links to what follows and to its beginning."""
    links = [("next", {"cursor": cursor})] if cursor else []
    links += [("first", {})] if "cursor" in request.args else []
    base, asked = public_origin() + request.root_path + request.path, {**request.args}
    asked.pop("cursor", None)
    said = [f'<{base}?{urlencode(asked | place)}>; rel="{rel}"' for rel, place in links]
    return Page(items, {"Link": ", ".join(said)} if said else {})


class Rows(NamedTuple):
    """What a page shows of a long list, and the addresses of what follows, and of its beginning, if they are others."""

    items: Sequence[Any]
    more: str | None
    first: str | None


def rows(kind: type[Query], find: Callable[[Any], tuple[Sequence[Any], Any]], **view: Any) -> Rows:
    """The rows of a page, which begins at the cursor in its address; `view` is the rest of that."""
    query = kind()
    later = CURSOR in request.args
    items, last = find(query.checked().cursor.data if later else None)
    more = url_for(".index", **view, cursor=query.cursor.after(query, last)) if last else None
    return Rows(items, more, url_for(".index", **view) if later else None)


def _moment(text: str) -> datetime:
    try:
        if not RFC_3339.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(_("Write a moment with its zone, such as 2026-11-20T10:00:00Z.")) from error
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # just before the first year or after the last
        return EARLIEST if moment.year == 1 else LATEST
