"""What may be typed or sent: one Form reads a form body, a JSON body or a query, by fields that say what is wrong."""

from webapp.forms.edits import EditForm
from webapp.forms.fields import ChoiceField, LineField, LinesField, NumberField, SecretField, WishField
from webapp.forms.form import Form
from webapp.forms.lines import check_line
from webapp.forms.queries import CursorField, MomentField, Query, part

__all__ = [
    "ChoiceField",
    "CursorField",
    "EditForm",
    "Form",
    "LineField",
    "LinesField",
    "MomentField",
    "NumberField",
    "Query",
    "SecretField",
    "WishField",
    "check_line",
    "part",
]
