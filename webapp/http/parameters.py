"""What stands behind an address's `?`: a view reads what it knows; a program is told what nobody knows.

A misspelt parameter that is ignored would do more than was wished: delete everything instead of what it names.
"""

from collections.abc import Iterable

from flask import request

from webapp.http.exchange import Client, client, exchange


class Unknown(Exception):
    """A program sent parameters that mean nothing here; their `names`."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names


def know(names: Iterable[str]) -> None:
    """Say that these are read."""
    exchange().known.update(names)


def parameter(name: str, default: str) -> str:
    """One parameter by itself; a form reads several (webapp/forms/queries.py)."""
    know([name])
    return request.args.get(name, default)


def check_known() -> None:
    """Raise Unknown for what nothing has read. Front ends that others made may send what they know."""
    unknown = [name for name in request.args if name not in exchange().known]
    if unknown and client() is Client.API:
        raise Unknown(unknown)
