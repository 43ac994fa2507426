"""What is known of a request and of its answer: one value for each, which those who work on it hand to each other."""

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from flask import g, request

from webapp.db import Transaction
from webapp.models.accounts.account import AccountRow
from webapp.models.accounts.token import Bearer

PROGRAMS = re.compile(r"/api/(?!problems(?:/|$))|/compat/")
SECRET = re.compile(r"/compat/todo-backend/([^/]+)")


class Client(Enum):
    """Who asks: a page (any navigation), an htmx fragment, or a program, at the API or at a Todo-Backend address.

    `Accept` is never negotiated: curl and htmx both send `*/*`. Programs have their own addresses instead: the API,
    where they show a token, and those of which each has a secret in it. What people read about the API is a page.
    """

    PAGE = "page"
    FRAGMENT = "fragment"
    API = "api"
    TODO_BACKEND = "todo-backend"

    @property
    def is_program(self) -> bool:
        return self in (Client.API, Client.TODO_BACKEND)

    @property
    def is_lenient(self) -> bool:
        """Whether it sends what it knows, also what means nothing here: front ends that others made."""
        return self is Client.TODO_BACKEND


@dataclass
class Exchange:
    """One request, its answer, and the session, transaction and account between them.

    account: whose request it is, once it `is_identified`. bearer: the token that said so. forgotten: whether it was
    logged out. neighbour: whether the session cookie that came is another installation's, on another port.
    transaction: the one under way; opened: what ends it. claim: owner and key of the submission that is carried out.
    compared: whether a version was looked for that If-Match names. known: the parameters that were read.
    events: what is logged after the commit. place: where the answer leads. undo: the address that takes back what was
    done. problem: what went wrong, for an alert. status: of the page that is being rendered. known_browser: the new
    value of the cookie that says who has logged in here.
    """

    account: AccountRow | None = None
    is_identified: bool = False
    bearer: Bearer | None = None
    forgotten: bool = False
    neighbour: bool = False
    transaction: Transaction | None = None
    opened: ExitStack | None = None
    claim: tuple[bytes, bytes] | None = None
    compared: bool = False
    known: set[str] = field(default_factory=set)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    place: str | None = None
    undo: str | None = None
    problem: dict[str, Any] | None = None
    status: int = 200
    known_browser: str | None = None

    def identify(self, account: AccountRow | None) -> None:
        """Take note whose request it is, or that it is nobody's."""
        self.account, self.is_identified = account, True

    @cached_property
    def client(self) -> Client:
        """By path and headers alone, so that it also holds where no route was found."""
        if is_for_programs(request.path):
            return Client.TODO_BACKEND if self.secret else Client.API
        headers = request.headers
        whole_page = (
            headers.get("HX-Boosted") == "true"
            or headers.get("HX-History-Restore-Request") == "true"
            or headers.get("HX-Request-Type") == "full"
        )
        return Client.FRAGMENT if headers.get("HX-Request") == "true" and not whole_page else Client.PAGE

    @cached_property
    def secret(self) -> str | None:
        """The secret in a Todo-Backend address, which lets in programs that send no token."""
        found = SECRET.match(request.path)
        return found[1] if found else None

    def within(self) -> "Exchange":
        """What an operation of a batch begins with: all else is its own."""
        return Exchange(account=self.account, is_identified=self.is_identified, transaction=self.transaction)


def exchange() -> Exchange:
    """What is known of the request that is being answered."""
    try:
        return g.exchange  # type: ignore[no-any-return]
    except AttributeError:
        g.exchange = Exchange()
        return g.exchange  # type: ignore[no-any-return]


def client() -> Client:
    return exchange().client


def is_for_programs(path: str) -> bool:
    return PROGRAMS.match(path) is not None
