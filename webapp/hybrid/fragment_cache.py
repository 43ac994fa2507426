"""Pieces of HTML that were rendered before: what they are made of is their key, so none is ever out of date.

A piece never holds a token, a key of a form, or anything else that belongs to one answer.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_babel import get_locale
from markupsafe import Markup

PIECES = 20_000  # that one process keeps, the latest used: some 1 KB each


class FragmentCache:
    """The pieces of one app, by their keys."""

    def __init__(self, most: int = PIECES) -> None:
        self._most = most
        self._pieces: OrderedDict[Any, Markup] = OrderedDict()
        self._guard = threading.Lock()

    def piece(self, key: Any, make: Callable[[], Markup]) -> Markup:
        """The piece of this key, which is made where it is not there."""
        with self._guard:
            if piece := self._pieces.get(key):
                self._pieces.move_to_end(key)
                return piece
        piece = make()
        with self._guard:
            self._pieces[key] = piece
            if len(self._pieces) > self._most:
                self._pieces.popitem(last=False)
        return piece


def init_app(app: Flask) -> None:
    """Give templates `cached_row(macro, todo, query, arrange)`."""
    pieces = FragmentCache()

    def cached_row(macro: Any, todo: Any, *view: Any) -> Markup:
        key = todo.id, todo.version, todo.updated_at, view, str(get_locale()), request.root_path
        return pieces.piece(key, lambda: macro(todo, *view))

    app.add_template_global(cached_row)
