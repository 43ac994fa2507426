"""Recado with one more page, whose view does what those of its rivals do; what is measured is the hall around it."""

import os
from pathlib import Path
from time import sleep
from typing import Any

from flask import Flask, flash, render_template_string, session

from webapp import create_app
from webapp.config import Config
from webapp.forms import Form, LineField
from webapp.hybrid import redirect
from webapp.models.todos.write import add_todo
from webapp.server.channel import Channel
from webapp.sessions import current_account, login_required

channel_class = Channel  # Recado's own server sends an answer's headers and body together
PAGE = """\
{% extends "base.html" %}
{% from "macros/forms.html" import post_form, field, submit with context %}
{% block main %}
{% call post_form("/bench", form=form) %}{{ field(form.title) }}{{ submit("Add") }}{% endcall %}
{% endblock %}
"""


class TitleForm(Form):
    creates = True
    title = LineField("Title", limit=500, missing="Type a title.")


@login_required
def bench() -> Any:
    form = TitleForm()
    if form.validate_on_submit():
        sleep(float(os.environ["BENCH_DELAY_MS"]) / 1000)
        add_todo(current_account(), form.title.text)
        session[f"key-{form.title.text}"] = 1
        flash(form.title.text)
        return redirect("/todos")
    return render_template_string(PAGE, form=form)


def keys() -> Any:
    return [key for key in session if key.startswith("key-")]


def make_app() -> Flask:
    folder = Path(os.environ["BENCH_DATA"])
    app = create_app(
        Config(folder, f"sqlite:///{folder / 'bench.sqlite3'}", "a secret key that only the benchmark knows")
    )
    app.add_url_rule("/bench", view_func=bench, methods=["GET", "POST"])
    app.add_url_rule("/bench/keys", view_func=keys)
    return app
