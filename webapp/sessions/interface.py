"""Where Flask asks for a request's session, and gives it back."""

import re

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from webapp.http.client import cookie
from webapp.http.exchange import client
from webapp.sessions.session import STRANGER, Session

TOKEN = re.compile(r"[\w-]{43}", re.ASCII)  # 256 bits


class DatabaseSessions(SessionInterface):
    """Gives each request a Session; what it holds is read and written later, in the request's transaction."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        if client().is_program:
            return Session(None)
        return Session(next(filter(TOKEN.fullmatch, map(cookie, ("", STRANGER))), None))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not client().is_program and isinstance(session, Session):
            session.set_cookies(response)
            if session.loaded:
                response.vary.add("Cookie")
