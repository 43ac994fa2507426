"""What may be an operation, and how many make a batch."""

import json
import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import StopValidation

from webapp.forms import ChoiceField, Form, LineField, check_line
from webapp.i18n import lazy_gettext as _

MOST = 100  # operations
METHODS = ("POST", "PATCH", "DELETE")
PATHS = r"^/(todos|trash)([/?][^\x00-\x20\x7f-\x9f\u2028\u2029]*)?$"
PATH_LIMIT = 2000  # characters, as of the next
MATCH_LIMIT = 2000
HOW_MANY = _("Send 1 to %(most)s operations.", most=MOST)


class BodyField(Field):
    """A JSON object, to be read by the form of another view."""

    json_type = dict
    schema = {"type": "object"}  # noqa: RUF012

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = json.loads(valuelist[0]) if valuelist else None


class PathField(StringField):
    """The path of a to-do or of the trash from the API's root on, with its query."""

    is_required = True
    schema = {"type": "string", "minLength": 1, "maxLength": PATH_LIMIT, "pattern": PATHS}  # noqa: RUF012

    def pre_validate(self, form: FlaskForm) -> None:
        path = self.data or ""
        check_line(path, PATH_LIMIT, _("Write a path, such as /todos."))
        if not re.fullmatch(PATHS, path):
            raise StopValidation(_("This is no path of a to-do or of the trash, such as /todos."))


class OperationForm(Form):
    """One request: as it would be sent by itself, but without a key of its own."""

    method = ChoiceField(choices=METHODS)
    path = PathField()
    body = BodyField()
    if_match = LineField(None, limit=MATCH_LIMIT, missing=_("Write an ETag."), optional=True)


class OperationsField(Field):
    """Operations, each as an OperationForm."""

    json_type = list
    form = OperationForm
    is_required = True
    schema = {"type": "array", "minItems": 1, "maxItems": MOST}  # noqa: RUF012

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = []
        content: list[Any] = json.loads(valuelist[0]) if valuelist else []
        if len(content) > MOST:
            raise ValueError(HOW_MANY)
        if not all(isinstance(operation, dict) for operation in content):
            raise ValueError(_("Each operation must be an object."))
        self.data = [self.form(given=operation) for operation in content]

    def pre_validate(self, form: FlaskForm) -> None:
        if not self.data:
            raise StopValidation(HOW_MANY)
        for operation in self.data:
            operation.validate()


class BatchForm(Form):
    """Operations that are carried out together or not at all."""

    operations = OperationsField()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        return super().validate(*args, **kwargs) and not self.problems()

    def problems(self) -> list[dict[str, str]]:
        """Every error, those of an operation with pointers that lead to it."""
        return super().problems() + [
            {"detail": error["detail"], "pointer": f"#/operations/{number}{error['pointer'][1:]}"}
            for number, operation in enumerate(self.operations.data)
            for error in operation.problems()
        ]
