"""Fields of text: one line, several lines, notes, a password."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import StopValidation

from webapp.forms.fields import ColumnField, Schema, Text
from webapp.forms.lines import LINE, LINES, NOTES, check_line, check_notes
from webapp.i18n import gettext as _


class LineField(ColumnField, StringField):
    """One line of text, trimmed. Empty, over-long and unprintable text is refused, and shown again as it was typed.

    limit: characters (code points). missing: the message for no text. optional: may be left out, but not empty.
    The input gets no `maxlength`: a browser would silently cut what somebody pastes.
    """

    def __init__(self, label: Text, *, limit: int, missing: Text, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(label, filters=[lambda text: text and text.strip()], **kwargs)
        self.limit = limit
        self.missing = missing
        self.optional = optional
        self.is_required = not optional

    @property
    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.limit, "pattern": LINE}

    @property
    def text(self) -> str:
        return self.data or ""

    def pre_validate(self, form: FlaskForm) -> None:
        if self.raw_data or not self.optional:
            check_line(self.text, self.limit, self.missing)


class LinesField(TextAreaField):
    """Several lines, each as a LineField's; what is empty among them does not count.

    limit: characters of one line. most: lines. missing: the message for no line.
    """

    is_required = True

    def __init__(self, label: Text, *, limit: int, most: int, missing: Text, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.limit, self.most, self.missing = limit, most, missing

    @property
    def schema(self) -> Schema:
        return {"type": "string", "pattern": LINES}  # which takes no empty text

    @property
    def texts(self) -> list[str]:
        return [line.strip() for line in (self.data or "").splitlines() if line.strip()]

    def pre_validate(self, form: FlaskForm) -> None:
        count = len(self.texts)
        if not count:
            raise StopValidation(str(self.missing))
        if count > self.most:
            raise StopValidation(
                _("These are %(count)s lines; %(limit)s at once is the most.", count=count, limit=self.most)
            )
        for number, text in enumerate(self.texts, 1):
            try:
                check_line(text, self.limit, self.missing)
            except StopValidation as error:
                raise StopValidation(_("Line %(number)s: %(error)s", number=number, error=error)) from error


class NotesField(ColumnField, TextAreaField):
    """Text of many lines, kept as it is typed; without text, there are no notes. limit: characters."""

    may_clear = True

    def __init__(self, label: Text, *, limit: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.limit = limit

    @property
    def schema(self) -> Schema:
        return {"type": ["string", "null"], "maxLength": self.limit, "pattern": NOTES}

    @property
    def value(self) -> str | None:
        text = (self.data or "").replace("\r\n", "\n").replace("\r", "\n")  # browsers send CRLF
        return text if text.strip() else None

    def pre_validate(self, form: FlaskForm) -> None:
        check_notes(self.value or "", self.limit)


class SecretField(PasswordField):
    """A password: never trimmed, shown again, kept as a draft or part of a fingerprint."""

    @property
    def text(self) -> str:
        return self.data or ""

    def pre_validate(self, form: FlaskForm) -> None:
        if not self.text:
            raise StopValidation(_("Write your password."))
