"""Every sentence that a person sees is there in both languages."""

import re

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from tests.support.clients import Page
from tools.translations import CATALOGUES, problems

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_no_sentence_is_untranslated_and_no_catalogue_stale() -> None:
    assert problems() == []


def test_a_translation_fills_the_same_places() -> None:
    with (CATALOGUES / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="es")
    for message in catalogue:
        ids, strings = (part if isinstance(part, tuple | list) else (part,) for part in (message.id, message.string))
        for string in strings:
            assert set(PLACEHOLDER.findall(string)) == set(PLACEHOLDER.findall(ids[-1])), message.id


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("pt,en;q=0.5", "en"),
        ("de", "en"),
        ("", "en"),
        ("*", "en"),
        ("junk;;q=x", "en"),
    ],
)
def test_the_browsers_language_is_spoken_until_one_is_chosen(app: Flask, accepted: str, language: str) -> None:
    answer = app.test_client().get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}"' in answer.text


def test_what_is_said_follows_the_language_that_was_chosen(page: Page) -> None:
    page.press("Español")
    page.press("Añadir", title="")
    assert page.error() == "Escribe qué hay que hacer."
    page.press("Añadir", title="Pan")
    assert page.alert() == "«Pan»: añadida."
    assert "Queda 1 tarea" in page.text()
    page.press("Añadir", title="Leche")
    assert "Quedan 2 tareas" in page.text()
    assert "Eliminar Pan" in page.controls()


def test_dates_are_written_as_the_language_does(page: Page) -> None:
    page.add("Buy milk")
    page.follow("Edit Buy milk")
    page.follow("When it was added and changed")
    year = re.search(r"Added on (.*\d{4})", page.text())
    assert year
    page.press("Español")
    assert re.search(r"Añadida el \d+ \w+ \d{4}", page.text())


def test_a_programs_errors_follow_its_accept_language(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/todos", headers={"Accept-Language": "es"})
    assert answer.get_json()["detail"] == "Envía una clave válida: Authorization: Bearer …"
