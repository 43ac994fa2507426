"""Sentences for people: translated, with what somebody wrote isolated in them.

A name or title in a script that runs from right to left, or with controls for that, would turn our own words round
(Unicode Standard Annex 9). So texts are put between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, without controls
of their own, which could end the isolation. What needs none of this, stays as it is.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

import flask_babel
from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

FSI, PDI = "\u2068", "\u2069"
RIGHT_TO_LEFT = ("R", "AL")
CONTROLS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def init_app(app: Flask) -> None:
    """Isolate what templates put into sentences, too; after Babel has given them its functions."""
    env = app.jinja_env
    env.filters["isolated"] = isolated
    for name in ("_", "gettext", "ngettext"):
        env.globals[name] = _isolating(env.globals[name])  # type: ignore[arg-type]


def gettext(sentence: str, **variables: Any) -> str:
    return str(flask_babel.gettext(sentence, **_isolated(variables)))


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    return str(flask_babel.ngettext(singular, plural, num, **_isolated(variables)))


def lazy_gettext(sentence: str, **variables: Any) -> Any:
    return flask_babel.lazy_gettext(sentence, **_isolated(variables))


def isolated(text: Any) -> Any:
    """A text that stands in a sentence or a name of ours; anything but plain text is returned as it is."""
    if type(text) is not str or text.isascii():
        return text
    kinds = {unicodedata.bidirectional(letter) for letter in text}
    if kinds.isdisjoint((*RIGHT_TO_LEFT, *CONTROLS)):
        return text
    return FSI + "".join(letter for letter in text if unicodedata.bidirectional(letter) not in CONTROLS) + PDI


def _isolated(variables: dict[str, Any]) -> dict[str, Any]:
    return {name: isolated(value) for name, value in variables.items()}


def _isolating(translate: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def isolating(context: Context, *sentences: Any, **variables: Any) -> str:
        return translate(context, *sentences, **_isolated(variables))

    return isolating
