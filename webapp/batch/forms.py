"""What may be an operation, and how many make a batch."""

import json
import re
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from webapp.hybrid import Form, LineField, WordField

MOST = 100  # operations
METHODS = ("POST", "PATCH", "DELETE")
PATHS = re.compile(r"/(todos|trash)([/?].*)?")
PATH_LIMIT = 2000  # characters, as of the next
MATCH_LIMIT = 2000
HOW_MANY = _("Send 1 to %(most)s operations.", most=MOST)


class BodyField(Field):
    """A JSON object, to be read by the form of another view."""

    json_type = dict

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = json.loads(valuelist[0]) if valuelist else None


class OperationForm(Form):
    """One request: as it would be sent by itself, but without a key of its own."""

    method = WordField(METHODS, optional=False)
    path = LineField(None, limit=PATH_LIMIT, missing=_("Write a path, such as /todos."))
    body = BodyField()
    if_match = LineField(None, limit=MATCH_LIMIT, missing=_("Write an ETag."), optional=True)

    def validate_path(self, path: LineField) -> None:
        if not PATHS.fullmatch(path.text):
            raise StopValidation(_("This is no path of a to-do or of the trash, such as /todos."))


class OperationsField(Field):
    """Operations, each as an OperationForm."""

    json_type = list

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = []
        content: list[Any] = json.loads(valuelist[0]) if valuelist else []
        if len(content) > MOST:
            raise ValueError(HOW_MANY)
        if not all(isinstance(operation, dict) for operation in content):
            raise ValueError(_("Each operation must be an object."))
        self.data = [OperationForm(given=operation) for operation in content]

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
