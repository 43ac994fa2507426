"""Django by default: a model, a form, messages in a cookie or else in the session, and that in the database."""

import os
from pathlib import Path
from time import sleep
from typing import Any

import django
from django.conf import settings

BASE = """\
<!doctype html>
<title>To-dos</title>
{% for message in messages %}<p class="alert-text">{{ message }}</p>{% endfor %}
{% block main %}{% endblock %}
"""
FORM = """\
{% extends "base.html" %}
{% block main %}
<form method="post">{% csrf_token %}{{ form }} <input type="submit" value="Add"></form>
{% endblock %}
"""
LIST = """\
{% extends "base.html" %}
{% block main %}
<ul>{% for todo in todos %}<li>{{ todo.title }}</li>{% endfor %}</ul>
{% endblock %}
"""

settings.configure(
    SECRET_KEY="a secret key that only the benchmark knows",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.sessions", "django.contrib.messages", __name__],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {"base.html": BASE, "form.html": FORM, "list.html": LIST},
                    )
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["BENCH_DATA"]) / "bench.sqlite3",
            # Without IMMEDIATE, of two that save a session at once one fails with "database is locked".
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django import forms  # noqa: E402 - Django's models come after its setup
from django.contrib import messages  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.shortcuts import redirect, render  # noqa: E402
from django.urls import path  # noqa: E402


class Todo(models.Model):
    title = models.CharField(max_length=500)

    class Meta:
        db_table = "todo"


class TodoForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Todo
        fields = ("title",)


def create(request: HttpRequest) -> HttpResponse:
    form = TodoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sleep(float(os.environ["BENCH_DELAY_MS"]) / 1000)
        todo = form.save()
        request.session[f"key-{todo.title}"] = 1
        messages.success(request, todo.title)
        return redirect("index")
    return render(request, "form.html", {"form": form})


def index(request: HttpRequest) -> HttpResponse:
    return render(request, "list.html", {"todos": Todo.objects.order_by("-id")[:20]})


def keys(request: HttpRequest) -> HttpResponse:
    return JsonResponse([key for key in request.session.keys() if key.startswith("key-")], safe=False)  # noqa: SIM118


urlpatterns = [path("", create), path("todos", index, name="index"), path("bench/keys", keys)]


def make_app() -> Any:
    if not connection.introspection.table_names():
        call_command("migrate", verbosity=0)
        with connection.schema_editor() as editor:
            editor.create_model(Todo)
    return get_wsgi_application()
