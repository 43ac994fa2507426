"""What Recado is measured against: the same list as most Flask applications write it, and a view that does nothing."""

import sqlite3
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, abort, flash, g, redirect, render_template, session, url_for
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from sqlalchemy import Engine, ForeignKey, Index, String, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, SubmitField
from wtforms.validators import DataRequired, Length

Rows = list[tuple[str, bool]]  # title, completed

BASE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - To-dos</title>
<link rel="stylesheet" href="{{ url_for('static', filename='vendor/bootstrap.css') }}">
<link rel="stylesheet" href="{{ url_for('static', filename='app.css') }}">
<link rel="icon" href="{{ url_for('static', filename='favicon.svg') }}">
<script defer src="{{ url_for('static', filename='vendor/htmx.min.js') }}"></script>
</head>
<body>
<nav class="navbar">
<a class="navbar-brand" href="{{ url_for('home') }}">To-dos</a>
<ul class="navbar-nav">
<li class="nav-item"><a class="nav-link" href="{{ url_for('home') }}">Home</a></li>
<li class="nav-item"><a class="nav-link active" href="{{ url_for('index') }}">To-dos</a></li>
</ul>
</nav>
{% for category, message in get_flashed_messages(with_categories=true) %}
<div class="alert alert-{{ category }}" role="alert">{{ message }}</div>
{% endfor %}
<main class="container">
{% block main %}{% endblock %}
</main>
</body>
</html>
"""
INDEX = """\
{% extends "base.html" %}
{% block title %}To-dos{% endblock %}
{% block main %}
<h1>To-dos of {{ account.name }}</h1>
<form method="post" action="{{ url_for('index') }}">
{{ form.hidden_tag() }}
{{ form.title.label(class="form-label") }}
{{ form.title(class="form-control", autofocus=true) }}
{% for error in form.title.errors %}<p class="invalid-feedback">{{ error }}</p>{% endfor %}
{{ form.submit(class="btn btn-primary") }}
</form>
<p>{{ active }} left, {{ total - active }} completed</p>
<ul class="nav">
{% for value in ("all", "active", "completed") %}
<li class="nav-item"><a class="nav-link" href="{{ url_for('index', show=value) }}">{{ value | capitalize }}</a></li>
{% endfor %}
</ul>
<ul class="list-group">
{% for todo in todos %}
<li id="todo-{{ todo.id }}" class="list-group-item{% if todo.completed_at %} done{% endif %}">
<form method="post" action="{{ url_for('reopen' if todo.completed_at else 'complete', id=todo.id) }}">
{{ press.hidden_tag() }}
<button class="btn btn-sm" aria-label="{{ "Reopen" if todo.completed_at else "Complete" }} {{ todo.title }}">{{ "Reopen" if todo.completed_at else "Complete" }}</button>
</form>
<span class="title">{{ todo.title }}</span>
<a class="btn btn-sm" href="{{ url_for('edit', id=todo.id) }}" aria-label="Edit {{ todo.title }}">Edit</a>
<form method="post" action="{{ url_for('delete', id=todo.id) }}">
{{ press.hidden_tag() }}
<button class="btn btn-sm btn-danger" aria-label="Delete {{ todo.title }}">Delete</button>
</form>
</li>
{% endfor %}
</ul>
{% endblock %}
"""  # noqa: E501 - a template's line is as long as its element


class Base(DeclarativeBase):
    """The base of the rival's tables."""


class Account(Base):
    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(60))
    todos: Mapped[list["Todo"]] = relationship(back_populates="account", order_by="Todo.position")


class Todo(Base):
    __tablename__ = "todo"
    __table_args__ = (Index("todo_list", "account_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    title: Mapped[str] = mapped_column(String(500))
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    completed_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(back_populates="todos")


class TodoForm(FlaskForm):  # type: ignore[misc]
    title = StringField("What needs to be done?", validators=[DataRequired(), Length(max=500)])
    submit = SubmitField("Add")


class PressForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the token: each row's buttons are such a form."""


def constant(body: bytes) -> Flask:
    """Flask that gives the same bytes every time: what no page can be faster than."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/todos", view_func=lambda: body)
    return app


def idiomatic(database_url: str, secret_key: str, rows: Rows) -> tuple[Flask, Engine]:
    """Flask with SQLAlchemy's ORM and Flask-WTF; `/login` makes the browser the owner of `rows`."""
    engine = create_engine(database_url)
    event.listen(engine, "connect", _as_durable_as_recado)
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        account = Account(name="Ana")
        for position, (title, completed) in enumerate(rows, 1):
            done = datetime.now(UTC) if completed else None
            account.todos.append(Todo(title=title, position=position, completed_at=done))
        db.add(account)
        db.commit()
        owner = account.id

    app = Flask(__name__)
    app.config["SECRET_KEY"] = secret_key
    app.jinja_loader = DictLoader({"base.html": BASE, "index.html": INDEX})
    CSRFProtect(app)

    @app.before_request
    def load_account() -> None:
        g.db = Session(engine)
        g.account = g.db.get(Account, UUID(session["account"])) if "account" in session else None

    @app.teardown_request
    def close(_: BaseException | None) -> None:
        g.db.close()

    @app.get("/login")
    def login() -> AnyResponse:
        session["account"] = str(owner)
        return redirect(url_for("index"))

    @app.route("/todos", methods=["GET", "POST"])
    def index() -> AnyResponse | str:
        if g.account is None:
            abort(401)
        form = TodoForm()
        mine = Todo.account_id == g.account.id
        if form.validate_on_submit():
            last = g.db.scalar(select(func.max(Todo.position)).where(mine)) or 0
            g.db.add(Todo(account=g.account, title=form.title.data, position=last + 1))
            g.db.commit()
            flash("Added.", "success")
            return redirect(url_for("index"), 303)
        active = g.db.scalar(select(func.count()).where(mine, Todo.completed_at.is_(None)))
        todos = g.db.scalars(select(Todo).where(mine).order_by(Todo.position)).all()
        return render_template(
            "index.html",
            account=g.account,
            todos=todos,
            active=active,
            total=len(todos),
            form=form,
            press=PressForm(),
        )

    # Never called: they are there for `url_for` to find.
    app.add_url_rule("/", "home", _nothing)
    for action in ("complete", "reopen", "delete", "edit"):
        app.add_url_rule(f"/todos/<uuid:id>/{action}", action, _nothing, methods=["POST"])
    return app, engine


def _as_durable_as_recado(opened: sqlite3.Connection, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        opened.execute(f"PRAGMA {pragma}")


def _nothing(**_: Any) -> Response:
    return Response(status=204)
