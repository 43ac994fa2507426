"""What may be typed or sent: one Form reads a form body, a JSON body or a query, by fields that say what is wrong."""

from webapp.forms.edits import EditForm
from webapp.forms.fields import BooleanField, ChoiceField, ColumnField, NumberField
from webapp.forms.form import Form
from webapp.forms.lines import check_line
from webapp.forms.queries import CURSOR, ROWS, CursorField, MomentField, Query, Rows, page, rows
from webapp.forms.texts import LineField, LinesField, NotesField, SecretField

__all__ = [
    "CURSOR",
    "ROWS",
    "BooleanField",
    "ChoiceField",
    "ColumnField",
    "CursorField",
    "EditForm",
    "Form",
    "LineField",
    "LinesField",
    "MomentField",
    "NotesField",
    "NumberField",
    "Query",
    "Rows",
    "SecretField",
    "check_line",
    "page",
    "rows",
]
