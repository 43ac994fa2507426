"""Kinds of fields: each has its rules and its messages once, for forms and for JSON."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField
from wtforms.validators import Optional, StopValidation

from webapp.db import now
from webapp.i18n import gettext as _

Text = Any  # str, or a lazy translation of one
JSON_TYPES: dict[type, Callable[[], str]] = {
    str: lambda: _("This must be a string."),
    bool: lambda: _("This must be true or false."),
    int: lambda: _("This must be a whole number."),
    dict: lambda: _("This must be an object."),
    list: lambda: _("This must be an array."),
}
Schema = dict[str, Any]  # JSON Schema, of what a field takes: it stands beside the rule that it says


class ColumnField(Field):
    """A field that may write a column of a table.

    column: its name. may_clear: whether null in JSON, or an emptied input on a page, takes the value away.
    """

    may_clear = False

    def __init__(self, *args: Any, column: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.column = column

    @property
    def value(self) -> Any:
        """What it writes."""
        return self.data

    @property
    def is_given(self) -> bool:
        """Whether there is something to write: not sent, empty and null are three things."""
        return self.column is not None and bool(self.raw_data) and (self.may_clear or self.value is not None)


class BooleanField(ColumnField):
    """The state that somebody wishes for: `true` or `false`, nothing else, and never "the other one".

    A column that it writes holds since when it is so, or null.
    """

    json_type = bool
    schema: Schema = {"type": "boolean"}  # noqa: RUF012

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and valuelist[0] not in ("true", "false"):
            raise ValueError(JSON_TYPES[bool]())
        self.data = valuelist[0] == "true" if valuelist else None

    @property
    def value(self) -> datetime | None:
        return now() if self.data else None

    @property
    def is_given(self) -> bool:
        return self.column is not None and self.data is not None


class ChoiceField(StringField):
    """One of a few words. choices: these, each alone or with what people call it. What is not sent is the `default`."""

    def __init__(self, label: Text = None, *, choices: Sequence[str | tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = [(choice, choice) if isinstance(choice, str) else choice for choice in choices]
        self.is_required = self.default is None

    @property
    def schema(self) -> Schema:
        return {"type": "string", "enum": [value for value, _text in self.choices]}

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data not in dict(self.choices):
            names = ", ".join(str(text) for _value, text in self.choices)
            raise StopValidation(_("This can be: %(choices)s.", choices=names))


class NumberField(ColumnField, IntegerField):
    """A whole number from `least` (where it is not said, -`limit`) to `limit`; may be left out.

    (WTForms' NumberRange fails at 10**400.)
    """

    json_type = int

    def __init__(self, label: Text = None, *, limit: int, least: int | None = None, **kwargs: Any) -> None:
        super().__init__(label, [Optional()], **kwargs)
        self.limit = limit
        self.least = -limit if least is None else least

    @property
    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.limit}

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data is not None and not self.least <= self.data <= self.limit:
            raise StopValidation(_("Choose a number from %(least)s to %(limit)s.", least=self.least, limit=self.limit))

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value for value in valuelist if value and value.strip()])
        except ValueError as error:
            raise ValueError(JSON_TYPES[int]()) from error
