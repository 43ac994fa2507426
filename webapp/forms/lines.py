"""What a line of text is: the rule, with its messages, and the same as regular expressions."""

import unicodedata
from typing import Any

from wtforms.validators import StopValidation

from webapp.i18n import gettext as _

Text = Any  # str, or a lazy translation of one

# The rules of check_line, as a regular expression that JavaScript, Python and Rust read alike. What comes next decides
# at each place which part it belongs to: no text takes longer than its length.
_BREAKS = r"\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029"
_TABS = r"\t\x1f"
_BLANKS = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_EDGES = rf"{_TABS}{_BREAKS}{_BLANKS}"  # what str.strip() takes off
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_INVISIBLE = (
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    r"\u2066-\u206f\ufeff\ufff9-\ufffb"
)
_TEXT = rf"(?:[{_INVISIBLE}][{_INVISIBLE}{_BLANKS}]*)?[^{_CONTROLS}{_BLANKS}{_INVISIBLE}][^{_CONTROLS}]*"
_MORE = rf"[{_BREAKS}][{_EDGES}]*"
LINE = rf"^[{_EDGES}]*{_TEXT}(?:[{_TABS}{_BREAKS}][{_EDGES}]*)?$"
_PADDED = rf"{_TEXT}(?:[{_TABS}][{_TABS}{_BLANKS}]*)?"
NOTES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
LINES = rf"^[{_EDGES}]*{_PADDED}(?:{_MORE}{_PADDED})*(?:{_MORE})?$"


def check_line(text: str, limit: int, missing: Text) -> None:
    """Raise StopValidation with a sentence for the person unless this is one line of 1 to `limit` characters."""
    kinds = {unicodedata.category(letter) for letter in text}
    if not kinds - {"Zs", "Cf"}:  # nothing, spaces, or invisible marks only
        raise StopValidation(str(missing))
    if kinds & {"Cc", "Cs", "Zl", "Zp"}:
        raise StopValidation(_("Take out the control characters or line breaks."))
    if len(text) > limit:
        raise StopValidation(_("This has %(count)s characters; %(limit)s is the most.", count=len(text), limit=limit))


def check_notes(text: str, limit: int) -> None:
    """Raise StopValidation with a sentence for the person unless this is text of at most `limit` characters."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text if letter not in "\n\t"):
        raise StopValidation(_("Take out the control characters."))
    if len(text) > limit:
        raise StopValidation(_("This has %(count)s characters; %(limit)s is the most.", count=len(text), limit=limit))
