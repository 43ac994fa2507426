"""Every route, and who may go through it; and a world of people to try all of them."""

import secrets
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from tests.support.addresses import EXAMPLES, VARIABLE, example
from tests.support.clients import SAME_ORIGIN
from webapp.db import connection, now
from webapp.models import Base
from webapp.models.accounts.account import AccountRow, add_account
from webapp.models.accounts.account_deletion import leave
from webapp.models.accounts.login import disable_account, register_account
from webapp.models.accounts.passkey import Passkey
from webapp.models.accounts.throttle import Throttle
from webapp.models.accounts.todo_backend import make_address
from webapp.models.accounts.token import Token, add_token, hash_of, tokens_of
from webapp.models.sessions.session import ABSOLUTE, CONFIRMED, BrowserSession, add_session, sign_in
from webapp.models.todos.trash import delete_todo
from webapp.models.todos.write import add_todo, change_todo

# One line a route: its method, its rule, who may, and whose thing it is about, which its owner alone may reach.
#   public     anybody
#   signed-in  whoever is known, a guest too
#   confirmed  who is known and gave a password within ten minutes (of a guest nothing is asked)
#   admin      administrators; to change anything, they confirm it, too
#   read       programs with a token
#   write      programs with a token that may also write
#   secret     programs that know the secret in the address
TABLE = """
GET    /                                                public
POST   /                                                public
GET    /admin                                           admin
GET    /admin/<uuid:id>                                 admin      account
POST   /admin/<uuid:id>/demote                          admin      account
POST   /admin/<uuid:id>/log-out                         admin      account
POST   /admin/<uuid:id>/open                            admin      account
POST   /admin/<uuid:id>/promote                         admin      account
POST   /admin/<uuid:id>/reset                           admin      account
POST   /admin/<uuid:id>/second-factor/off               admin      account
POST   /admin/<uuid:id>/shut                            admin      account
POST   /admin/invite                                    admin
GET    /api                                             public
GET    /api/problems                                    public
GET    /api/problems/<problem>                          public
GET    /bootstrap/static/<path:filename>                public
GET    /confirm                                         signed-in
POST   /confirm                                         signed-in
GET    /confirm/passkey                                 signed-in
POST   /confirm/passkey                                 signed-in
GET    /favicon.ico                                     public
GET    /forget                                          signed-in
POST   /forget                                          signed-in
GET    /healthz                                         public
GET    /readyz                                          public
POST   /language/<any(en,es):language>                  public
GET    /login                                           public
POST   /login                                           public
GET    /login/code                                      public
POST   /login/code                                      public
GET    /login/passkey                                   public
POST   /login/passkey                                   public
POST   /logout                                          signed-in
POST   /press                                           public
GET    /register                                        public
POST   /register                                        public
GET    /reset/<token>                                   public
POST   /reset/<token>                                   public
GET    /settings                                        signed-in
GET    /settings/delete                                 confirmed
POST   /settings/delete                                 confirmed
GET    /settings/export                                 confirmed
GET    /settings/export/recado.json                     confirmed
GET    /settings/passkeys                               confirmed
POST   /settings/passkeys                               confirmed
POST   /settings/passkeys/<uuid:id>/delete              confirmed  passkey
GET    /settings/password                               confirmed
POST   /settings/password                               confirmed
GET    /settings/second-factor                          confirmed
POST   /settings/second-factor                          confirmed
GET    /settings/second-factor/codes                    confirmed
POST   /settings/second-factor/codes                    confirmed
POST   /settings/second-factor/codes/download           signed-in
GET    /settings/second-factor/off                      confirmed
POST   /settings/second-factor/off                      confirmed
GET    /settings/sessions                               signed-in
POST   /settings/sessions/<uuid:id>/end                 confirmed  session
POST   /settings/sessions/end                           confirmed
GET    /settings/todo-backend                           signed-in
POST   /settings/todo-backend                           confirmed
POST   /settings/todo-backend/delete                    signed-in
GET    /settings/tokens                                 signed-in
POST   /settings/tokens                                 confirmed
POST   /settings/tokens/<uuid:id>/delete                signed-in  token
GET    /static/<path:filename>                          public
POST   /theme/<any(auto,light,dark):theme>              public
GET    /todos                                           signed-in
POST   /todos                                           signed-in
DELETE /todos                                           signed-in
GET    /todos/<uuid:id>                                 signed-in  todo
PATCH  /todos/<uuid:id>                                 signed-in  todo
POST   /todos/<uuid:id>                                 signed-in  todo
DELETE /todos/<uuid:id>                                 signed-in  todo
POST   /todos/<uuid:id>/complete                        signed-in  todo
POST   /todos/<uuid:id>/delete                          signed-in  todo
GET    /todos/<uuid:id>/edit                            signed-in  todo
POST   /todos/<uuid:id>/move/<any(up,down,top,bottom):to>   signed-in  todo
POST   /todos/<uuid:id>/move/<any(up,down,top,bottom):to>/<int(signed=True):position>   signed-in  todo
POST   /todos/<uuid:id>/reopen                          signed-in  todo
POST   /todos/clear                                     signed-in
POST   /todos/complete                                  signed-in
POST   /todos/lines                                     signed-in
GET    /todos/new                                       signed-in
POST   /todos/reopen                                    signed-in
POST   /todos/undo/<uuid:id>                            signed-in  change
GET    /trash                                           signed-in
DELETE /trash                                           signed-in
DELETE /trash/<uuid:id>                                 signed-in  trashed
GET    /trash/<uuid:id>/delete                          signed-in  trashed
POST   /trash/<uuid:id>/delete                          signed-in  trashed
POST   /trash/<uuid:id>/restore                         signed-in  trashed
GET    /trash/empty                                     signed-in
POST   /trash/empty                                     signed-in
GET    /api/v1/                                         public
POST   /api/v1/batch                                    write
GET    /api/v1/changes                                  read
GET    /api/v1/openapi.json                             public
GET    /api/v1/todos                                    read
POST   /api/v1/todos                                    write
DELETE /api/v1/todos                                    write
GET    /api/v1/todos/<uuid:id>                          read       todo
PATCH  /api/v1/todos/<uuid:id>                          write      todo
POST   /api/v1/todos/<uuid:id>                          write      todo
DELETE /api/v1/todos/<uuid:id>                          write      todo
POST   /api/v1/todos/<uuid:id>/complete                 write      todo
POST   /api/v1/todos/<uuid:id>/delete                   write      todo
GET    /api/v1/todos/<uuid:id>/edit                     read       todo
POST   /api/v1/todos/<uuid:id>/move/<any(up,down,top,bottom):to>   write      todo
POST   /api/v1/todos/<uuid:id>/move/<any(up,down,top,bottom):to>/<int(signed=True):position>   write      todo
POST   /api/v1/todos/<uuid:id>/reopen                   write      todo
POST   /api/v1/todos/clear                              write
POST   /api/v1/todos/complete                           write
POST   /api/v1/todos/lines                              write
GET    /api/v1/todos/new                                read
POST   /api/v1/todos/reopen                             write
POST   /api/v1/todos/undo/<uuid:id>                     write      change
GET    /api/v1/trash                                    read
DELETE /api/v1/trash                                    write
DELETE /api/v1/trash/<uuid:id>                          write      trashed
GET    /api/v1/trash/<uuid:id>/delete                   read       trashed
POST   /api/v1/trash/<uuid:id>/delete                   write      trashed
POST   /api/v1/trash/<uuid:id>/restore                  write      trashed
GET    /api/v1/trash/empty                              read
POST   /api/v1/trash/empty                              write
DELETE /compat/todo-backend/<secret>/            secret
GET    /compat/todo-backend/<secret>/            secret
POST   /compat/todo-backend/<secret>/            secret
DELETE /compat/todo-backend/<secret>/<uuid:id>   secret     todo
GET    /compat/todo-backend/<secret>/<uuid:id>   secret     todo
PATCH  /compat/todo-backend/<secret>/<uuid:id>   secret     todo
PUT    /compat/todo-backend/<secret>/<uuid:id>   secret     todo
POST   /compat/todo-backend/<secret>/<uuid:id>   secret     todo
POST   /compat/todo-backend/<secret>/<uuid:id>/complete   secret     todo
POST   /compat/todo-backend/<secret>/<uuid:id>/delete   secret     todo
GET    /compat/todo-backend/<secret>/<uuid:id>/edit   secret     todo
POST   /compat/todo-backend/<secret>/<uuid:id>/move/<any(up,down,top,bottom):to>   secret     todo
POST   /compat/todo-backend/<secret>/<uuid:id>/move/<any(up,down,top,bottom):to>/<int(signed=True):position> secret todo
POST   /compat/todo-backend/<secret>/<uuid:id>/reopen   secret     todo
POST   /compat/todo-backend/<secret>/clear       secret
POST   /compat/todo-backend/<secret>/complete    secret
POST   /compat/todo-backend/<secret>/lines       secret
GET    /compat/todo-backend/<secret>/new         secret
POST   /compat/todo-backend/<secret>/reopen      secret
POST   /compat/todo-backend/<secret>/undo/<uuid:id>   secret     change
"""
# What each program's call needs for a body; pages get all of FORM, and take what they know of it.
JSON = {
    "POST /api/v1/todos": {"title": "Planted"},
    "POST /api/v1/todos/<uuid:id>": {"title": "Planted"},
    "PATCH /api/v1/todos/<uuid:id>": {"title": "Planted"},
    "POST /api/v1/todos/lines": {"lines": "Planted\nPlanted"},
    "POST /api/v1/batch": {"operations": [{"method": "POST", "path": "/todos", "body": {"title": "Planted"}}]},
    "POST /compat/todo-backend/<secret>/": {"title": "Planted"},
    "POST /compat/todo-backend/<secret>/<uuid:id>": {"title": "Planted"},
    "PATCH /compat/todo-backend/<secret>/<uuid:id>": {"title": "Planted"},
    "PUT /compat/todo-backend/<secret>/<uuid:id>": {"title": "Planted"},
    "POST /compat/todo-backend/<secret>/lines": {"lines": "Planted\nPlanted"},
}
QUERIES = {"DELETE /todos": "?show=completed", "DELETE /api/v1/todos": "?show=completed"}
FORM = {"title": "Planted", "lines": "Planted\nPlanted", "name": "Planted", "user_name": "planted", "completed": "true"}
HERE = SAME_ORIGIN | {"Referer": "http://localhost/todos"}
UNKNOWN = UUID("01a1f8a1-5988-77cc-afbc-b09c5316fdc5")
WRONG = EXAMPLES["secret"]
NOBODYS_HASH = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Door(NamedTuple):
    """A route and a method, and who may go through."""

    method: str
    rule: str
    who: str
    thing: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def is_api(self) -> bool:
        return self.rule.startswith(("/api/v1/", "/compat/"))

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    def path(self, id: UUID) -> str:
        return VARIABLE.sub(lambda part: example(part, str(id)), self.rule) + QUERIES.get(str(self), "")


DOORS = [Door(*line.split()) for line in TABLE.strip().splitlines()]


def routes(app: Flask) -> set[tuple[str, str]]:
    """Each method and rule that the app has; HEAD and OPTIONS come with them."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


class Person(NamedTuple):
    """Somebody at a door: with a cookie, a token, both, or neither."""

    cookie: str | None = None
    token: str | None = None


class World:
    """Ana, who owns something of each kind, and everybody who is not Ana."""

    def __init__(self, app: Flask, file: Path) -> None:
        self.app = app
        self.file = file
        self.people: dict[str, Person] = {"stranger": Person(), "wrong token": Person(token="recado_" + "x" * 43)}
        self.things: dict[str, UUID] = {}
        with app.extensions["database"].transaction(write=True) as transaction:
            root = self._somebody("root")  # the first administers
            self.ana = self._somebody("Anastasia")
            self._own_things()
            self._come(root=root, owner=self.ana)
            guest = add_account("Gus")
            bob = self._somebody("Bob")
            disabled, leaving = self._somebody("Dis"), self._somebody("Lea")
            self._come(guest=guest, bob=bob, disabled=disabled, leaving=leaving)
            disable_account(disabled)
            leave(leaving)
            self._come_under_conditions(root)
            transaction.commit()
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with sqlite3.connect(file) as opened:
            opened.backup(self._kept)

    @staticmethod
    def _somebody(name: str) -> AccountRow:
        account = register_account(None, name, NOBODYS_HASH)
        assert account
        return account

    def _own_things(self) -> None:
        open_todo, done, trashed = (add_todo(self.ana, f"Ana’s secret {number}").todos[0] for number in range(3))
        self.things["todo"], self.things["trashed"] = open_todo.id, trashed.id
        self.things["change"] = change_todo(self.ana, done, completed_at=now()).undo_id
        delete_todo(self.ana, trashed)
        self.things["passkey"] = uuid4()
        passkey = {"id": self.things["passkey"], "account_id": self.ana.id, "credential_id": b"1", "public_key": b"2"}
        connection().execute(insert(Passkey), passkey | {"sign_count": 0, "name": "Ana’s secret key"})
        self.things["account"] = self.ana.id
        self.secret = make_address(self.ana)

    def _come(self, **accounts: AccountRow) -> None:
        for name, account in accounts.items():
            self.people[name] = Person(self._cookie(account), add_token(account))
        self.things.setdefault("token", tokens_of(self.ana)[0].id)

    def _come_under_conditions(self, root: AccountRow) -> None:
        expired, long_ago, roots = self._cookie(self.ana), self._cookie(self.ana), self._cookie(root)
        self._change_session(expired, expires_at=now() - timedelta(seconds=1), created_at=now() - ABSOLUTE)
        for cookie in (long_ago, roots):
            self._change_session(cookie, confirmed_at=now() - CONFIRMED)
        reading, old = add_token(self.ana), add_token(self.ana)
        connection().execute(update(Token).where(Token.token_hash == hash_of(reading)).values(may_write=False))
        past = now() - timedelta(seconds=1)
        connection().execute(update(Token).where(Token.token_hash == hash_of(old)).values(expires_at=past))
        self.people |= {
            "expired": Person(expired, old),
            "unconfirmed": Person(long_ago),
            "unconfirmed root": Person(roots),
            "reader": Person(token=reading),
        }
        session = select(BrowserSession.id).where(BrowserSession.token_hash == hash_of(long_ago))
        self.things["session"] = connection().execute(session).scalar_one()

    @staticmethod
    def _cookie(account: AccountRow) -> str:
        token = secrets.token_urlsafe(32)
        sign_in(add_session(hash_of(token)), hash_of(token), account, address="127.0.0.1", browser="Test")
        return token

    @staticmethod
    def _change_session(cookie: str, **values: Any) -> None:
        changed = update(BrowserSession).where(BrowserSession.token_hash == hash_of(cookie))
        connection().execute(changed.values(values))

    def restore(self) -> None:
        """Make everything be as it was in the beginning."""
        with sqlite3.connect(self.file) as opened:
            self._kept.backup(opened)

    # ---- What people do

    def http(self, who: str) -> FlaskClient:
        client = self.app.test_client()
        if cookie := self.people[who].cookie:
            client.set_cookie("recado", cookie)
        return client

    def ask(self, who: str, door: Door, id: UUID | None = None, **headers: str | None) -> Any:
        """Go through a door, by default to Ana's thing there; a header that is None is left out."""
        sent: dict[str, str | None] = {} if door.is_api else {**HERE}
        if door.is_api and (token := self.people[who].token):
            sent["Authorization"] = f"Bearer {token}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body: dict[str, Any] = {"json": JSON.get(str(door))} if door.is_api else {"data": FORM}
        path = door.path(id or self.things.get(door.thing or "", UNKNOWN))
        if door.who == "secret" and who in ("owner", "root"):
            path = path.replace(WRONG, self.secret)
        return self.http(who).open(
            path,
            method=door.method,
            headers={name: value for name, value in sent.items() if value is not None},
            buffered=True,
            **(body if door.changes else {}),
        )

    # ---- What is Ana's

    def everything(self) -> dict[str, list[Any]]:
        """All rows of all tables but what is counted of wrong tries."""
        with self.app.extensions["database"].engine.connect() as opened:
            tables = [table for table in Base.metadata.sorted_tables if table is not Throttle.__table__]
            return {table.name: sorted(map(repr, opened.execute(table.select()))) for table in tables}

    def anas(self) -> dict[str, list[Any]]:
        """All rows that are Ana's, or of a session of hers that has not ended."""
        with self.app.extensions["database"].engine.connect() as opened:
            found = {}
            hers = BrowserSession.account_id == self.ana.id, BrowserSession.expires_at > now()
            sessions = select(BrowserSession.id).where(*hers)
            for table in Base.metadata.sorted_tables:
                columns = table.columns
                if table.name == "account":
                    rows = table.select().where(columns.id == self.ana.id)
                elif table is BrowserSession.__table__:
                    rows = table.select().where(columns.id.in_(sessions))
                elif "account_id" in columns:
                    rows = table.select().where(columns.account_id == self.ana.id)
                elif "session_id" in columns:
                    rows = table.select().where(columns.session_id.in_(sessions))
                else:
                    continue
                found[table.name] = sorted(map(repr, opened.execute(rows)))
            return found
