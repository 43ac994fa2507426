"""The session behind the cookie: Flask's own signed one, but none at the API and nothing of a request that failed."""

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from webapp.hybrid.negotiation import Client, client

TOKEN_KEY = "csrf_token"  # noqa: S105 - an error page has forms as well: their token is the one thing that it may add


class CookieSessions(SecureCookieSessionInterface):
    """Opens what the cookie holds; saves what an answer below 400 left in it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if client() is Client.API else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if client() is Client.API:
            return
        if response.status_code >= 400 and session.modified:
            token = session.get(TOKEN_KEY)
            before = dict(super().open_session(app, request) or {})
            session.clear()
            session.update(before | ({TOKEN_KEY: token} if token else {}))
            session.modified = dict(session) != before
        super().save_session(app, session, response)
