"""Flask as its documentation has it: a session in a signed cookie, a Flask-WTF form and SQLAlchemy."""

import os
from pathlib import Path
from time import sleep
from typing import Any

from flask import Flask, flash, redirect, render_template, session, url_for
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from sqlalchemy import event
from wtforms import StringField
from wtforms.validators import DataRequired, Length

BASE = """\
<!doctype html>
<title>To-dos</title>
{% for message in get_flashed_messages() %}<p class="alert-text">{{ message }}</p>{% endfor %}
{% block main %}{% endblock %}
"""
FORM = """\
{% extends "base.html" %}
{% block main %}
<form method="post">
{{ form.hidden_tag() }}{{ form.title.label }} {{ form.title }} <input type="submit" value="Add"></form>
{% endblock %}
"""
LIST = """\
{% extends "base.html" %}
{% block main %}
<ul>{% for todo in todos %}<li>{{ todo.title }}</li>{% endfor %}</ul>
{% endblock %}
"""

db = SQLAlchemy()


class Todo(db.Model):  # type: ignore[misc,name-defined]
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(500), nullable=False)


class TodoForm(FlaskForm):  # type: ignore[misc]
    title = StringField("Title", validators=[DataRequired(), Length(max=500)])


def make_app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a secret key that only the benchmark knows"
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path(os.environ['BENCH_DATA']) / 'bench.sqlite3'}"
    app.jinja_loader = DictLoader({"base.html": BASE, "form.html": FORM, "list.html": LIST})
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", lambda opened, _: opened.execute("PRAGMA journal_mode=WAL"))
        db.create_all()

    @app.route("/", methods=["GET", "POST"])
    def create() -> Any:
        form = TodoForm()
        if form.validate_on_submit():
            sleep(float(os.environ["BENCH_DELAY_MS"]) / 1000)
            db.session.add(Todo(title=form.title.data))
            db.session.commit()
            session[f"key-{form.title.data}"] = 1
            flash(form.title.data)
            return redirect(url_for("index"), 303)
        return render_template("form.html", form=form)

    @app.get("/todos")
    def index() -> Any:
        return render_template("list.html", todos=Todo.query.order_by(Todo.id.desc()).limit(20))

    @app.get("/bench/keys")
    def keys() -> Any:
        return [key for key in session if key.startswith("key-")]

    return app
