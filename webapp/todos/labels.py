"""An item's names: on its buttons, which say whose they are ("Delete Buy milk"), and in messages."""

from functools import lru_cache
from typing import NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

TITLE = "\0"  # stands for the title while a label is translated


class Label(NamedTuple):
    """A button's short text, and what stands before and after the title in its full name."""

    text: Markup
    before: Markup
    after: Markup


class Labels(NamedTuple):
    complete: Label
    reopen: Label
    edit: Label
    delete: Label
    moves: tuple[tuple[str, Label], ...]


def labels() -> Labels:
    """Made once a language, not once a row: translations in each of 50 rows would cost more than all the rest."""
    return _labels(str(get_locale()))


@lru_cache(maxsize=16)
def _labels(_locale: str) -> Labels:
    return Labels(
        complete=_label(_("Complete"), _("Complete %(title)s", title=TITLE)),
        reopen=_label(_("Reopen"), _("Reopen %(title)s", title=TITLE)),
        edit=_label(_("Edit"), _("Edit %(title)s", title=TITLE)),
        delete=_label(_("Delete"), _("Delete %(title)s", title=TITLE)),
        moves=(
            ("up", _label(_("Up"), _("Move %(title)s up", title=TITLE))),
            ("down", _label(_("Down"), _("Move %(title)s down", title=TITLE))),
            ("top", _label(_("To the top"), _("Move %(title)s to the top", title=TITLE))),
            ("bottom", _label(_("To the bottom"), _("Move %(title)s to the bottom", title=TITLE))),
        ),
    )


def _label(text: str, name: str) -> Label:
    before, _title, after = name.partition(TITLE)
    return Label(escape(text), escape(before), escape(after))


def short_title(title: str) -> str:
    """The title for a message: messages travel in the session's cookie, whose space is small."""
    return title if len(title) <= 60 else title[:59] + "…"
