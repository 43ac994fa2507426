"""One Form reads a form body or a JSON body; whatever is wrong with it is said beside the field it is in."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, StringField
from wtforms.fields.core import UnboundField

from webapp.forms.fields import JSON_TYPES, ColumnField
from webapp.forms.texts import SecretField
from webapp.http.bodies import json_object
from webapp.http.client import is_unsafe
from webapp.http.exchange import client
from webapp.http.transactions import give_up
from webapp.i18n import gettext as _
from webapp.sessions.drafts import draft_of, drop_draft
from webapp.sessions.messages import FIELD
from webapp.sessions.submissions import ResubmitRequired, claim_form, is_copy, new_key

Values = tuple[MultiDict[str, Any] | None, dict[str, str]]  # by their names; and what is wrong with some of them


class Form(FlaskForm):
    """A form whose values came as form fields or, at the API, as one JSON object of them; `blank` takes none.

    given: the object, where it is not the whole body.
    """

    read_only: Collection[str] = ()  # names of values that programs see, but that only we give
    creates = False  # whether the same content again, before it is known to have arrived, is the same submission
    of_pages: tuple[str, ...] = ()  # the names of fields that our own pages send, and programs have no use for
    signs_in = False  # whether it is a browser's, rather than an account's: who sends it is changed by it

    class Meta:
        csrf = False  # http/origin.py has checked the whole request before any view runs

    def __init__(self, *, blank: bool = False, given: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.unknown: list[str] = []
        self._key: str | None = None
        values, errors = (None, {}) if blank else self._read() if given is None else self._read_object(given)
        super().__init__(formdata=values, **kwargs)
        for name, error in errors.items():
            if name in self:
                self[name].process_errors.append(error)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        for field in self:
            if field.process_errors:  # "wrong type" says it all: no "missing" on top, and no Optional() takes it away
                field.errors = list(field.process_errors[:1])
        return bool(valid) and self.understood

    def validate_on_submit(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the form was sent, is valid, and is to be carried out now, by this request alone."""
        if not super().validate_on_submit(*args, **kwargs):
            if is_unsafe():
                give_up()  # it is refused: while it is shown again, others can write
            return False
        try:
            claim_form(
                self._name,
                {field.name: field.data for field in self if not isinstance(field, SecretField)},
                secret=any(isinstance(field, SecretField) for field in self),
                creates=self.creates,
                by_browser=self.signs_in,
            )
        except ResubmitRequired as refused:
            self._key = None
            shown = next((field for field in self if isinstance(field, StringField)), None)
            if shown is None:
                self.form_errors.append(str(refused))
            else:
                shown.errors = [str(refused)]
            return False
        drop_draft(self._name)
        return True

    @property
    def key(self) -> str:
        """For the hidden field `submission`: the key of this showing, which a form that is corrected keeps."""
        self._key = self._key or new_key(self._name, by_browser=self.signs_in)
        return self._key

    @property
    def is_copy(self) -> bool:
        """Whether this very form was carried out before; then it will be answered again, if it is valid."""
        return is_copy(by_browser=self.signs_in)

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def understood(self) -> bool:
        """Whether every value that came could be read, be it good or not."""
        return not self.unknown and not any(field.process_errors for field in self)

    @property
    def written(self) -> Iterator[ColumnField]:
        """The fields that write a column."""
        return (field for field in self if isinstance(field, ColumnField) and field.column)

    @property
    def given(self) -> dict[str, Any]:
        """What was really sent, by the columns that it writes."""
        return {str(field.column): field.value for field in self.written if field.is_given}

    def problems(self) -> list[dict[str, str]]:
        """Every error, with a JSON pointer to its value (RFC 6901)."""
        found = [(name, str(error)) for name, errors in self.errors.items() for error in errors]
        found += [(name, self._not_here(name)) for name in self.unknown]
        return [{"detail": error, "pointer": "#" if name is None else f"#/{_pointer(name)}"} for name, error in found]

    def _not_here(self, name: str) -> str:
        if name in self.read_only:
            return str(_("Recado gives this value; it cannot be set."))
        return str(_("There is no such value here."))

    def _read(self) -> Values:
        """What the request carries for this form, and what of it cannot be read."""
        if not is_unsafe():
            return draft_of(self._name), {}
        if not client().is_program:
            self._key = request.form.get(FIELD)
            return self._read_form()
        if any(map(self._kind, dir(type(self)))):
            return self._read_object(json_object())
        return None, {}  # a form without fields needs no body

    def _read_object(self, content: Mapping[str, Any]) -> Values:
        values: MultiDict[str, Any] = MultiDict()
        errors: dict[str, str] = {}
        for name, value in content.items():
            kind = self._kind(name)
            expected = getattr(kind, "json_type", str)
            if expected is int and isinstance(value, float) and value.is_integer():
                value = int(value)  # to JSON, 1.0 is a whole number
            if kind is None or name in self.of_pages:
                if not client().is_lenient:
                    self.unknown.append(name)
            elif value is None and self._may_clear(name):
                values[name] = None
            elif type(value) is expected:
                values[name] = value if isinstance(value, str) else json.dumps(value)
            else:  # null would take a value away (RFC 7396), and there is none that a thing can do without
                errors[name] = JSON_TYPES[expected]() if value is not None else _("This cannot be null.")
        return values, errors

    def _read_form(self) -> Values:
        doubled = {name for name, values in request.form.lists() if len(values) > 1}
        files = [(name, file) for name, file in request.files.items(multi=True) if self._kind(name) is FileField]
        values: MultiDict[str, Any] = CombinedMultiDict([request.form, MultiDict(files)])
        return values, {name: _("This was sent more than once.") for name in doubled}

    def _may_clear(self, name: str) -> bool:
        return bool(getattr(self._kind(name), "may_clear", False))

    def _kind(self, name: str) -> type[Field] | None:
        field = getattr(type(self), name, None)
        return field.field_class if isinstance(field, UnboundField) else None  # a form has other attributes, too


def _pointer(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), errors="replace")  # JSON may name a lone surrogate
