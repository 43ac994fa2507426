"""The three clients that every behaviour is told for, with one vocabulary: a page's visitor, htmx, a program.

`Page` presses what stands on the page, as a browser without JavaScript does; `TextPage` is one that knows no
`formaction`. `Fragment` sends what htmx sends and swaps what htmx swaps. `Program` speaks JSON with a bearer token.
"""

import re
from typing import Any
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from webapp.i18n import isolated
from webapp.models.accounts.account import AccountRow, accounts_named, add_account
from webapp.models.accounts.token import add_token

Fields = dict[str, Any]
Headers = dict[str, str]

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
ORIGIN = "http://localhost"
ALERTS = '<template><div data-hx-swap-oob="innerHTML:#alerts">'


def next_page(answer: TestResponse) -> str | None:
    """The address that follows a page of a list, as its Link (RFC 8288) says it."""
    found = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
    return found[1] if found else None


def plainly(answer: TestResponse) -> TestResponse:
    """An answer that takes old browsers where it takes all others (the difference: tests/test_cache_busting.py)."""
    if location := answer.headers.get("Location"):
        answer.headers["Location"] = re.sub(r"[?&]at=[\w-]+", "", location.removeprefix(ORIGIN))
    return answer


def account_named(app: Flask, name: str) -> AccountRow:
    with app.extensions["database"].transaction(write=False):
        return accounts_named(name)[-1]


class Page:
    """A browser without JavaScript that knows `formaction`."""

    knows_formaction = True
    headers = SAME_ORIGIN

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http = app.test_client()
        self.url = "/"
        self.answer: TestResponse
        self.page = BeautifulSoup()

    # ---- What a browser does

    def go(self, url: str) -> None:
        """Open an address and show it."""
        self.answer = plainly(self.http.get(url, headers={"Sec-Fetch-Dest": "document"}))
        self._show()

    def press(self, name: str, /, **typed: str) -> None:
        """Press the button of this accessible name, after typing into the fields of its form."""
        button = self._control("input[type=submit], button", name)
        form = self._form_of(button)
        fields = [
            (str(field["name"]), typed.pop(str(field["name"]), self._value(field)))
            for field in self.page.select("input, textarea, select")
            if field.get("name") and field.get("type") != "submit" and self._form_of(field) is form
        ]
        assert not typed, f"the form has no field {typed}"
        if button.get("name"):
            fields.append((str(button["name"]), str(button["value"])))
        target = button.get("formaction") if self.knows_formaction else None
        if form.get("method") == "get":
            query = f"?{urlencode(fields)}" if fields else ""
            self.go(urljoin(self.url, str(form["action"])) + query)
        else:
            self.send(urljoin(self.url, str(target or form["action"])), fields)

    def follow(self, name: str) -> None:
        """Follow the link of this accessible name."""
        self.go(urljoin(self.url, str(self._control("a", name)["href"])))

    def send(self, url: str, fields: list[tuple[str, str]]) -> None:
        body = {}
        for name, value in fields:
            body.setdefault(name, []).append(value)
        self.answer = plainly(self.http.post(url, data=body, headers=self._here()))
        self._show()

    def ask(self, method: str, path: str, fields: Fields | None = None, headers: Headers | None = None) -> TestResponse:
        """Make one request in this client's terms; nothing is followed or shown."""
        token = self.page.select_one("[name=csrf_token]")
        body: Fields = {"csrf_token": str(token["value"])} if token and method not in ("GET", "HEAD") else {}
        body |= {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in (fields or {}).items()
        }
        sent = self._here() | (headers or {})
        return plainly(self.http.open(path, method=method, data=body, headers=sent, buffered=True))

    def problem(self, answer: TestResponse) -> str:
        """What an answer says went wrong; fails unless that is said as a page says it."""
        assert answer.mimetype == "text/html"
        page = BeautifulSoup(answer.text, "html.parser")
        title, said = page.select_one("title"), page.select_one("h1 + p")
        assert title is not None
        assert title.get_text().endswith("– Recado")
        assert said is not None
        return said.get_text()

    def _here(self) -> Headers:
        return self.headers | {"Referer": urljoin(ORIGIN, self.url)}

    def _show(self) -> None:
        self.answers = [self.answer]
        while 300 < self.answer.status_code < 309:
            self.url = self.answer.headers["Location"]
            self.answer = plainly(self.http.get(self.url, headers={"Sec-Fetch-Dest": "document"}))
            self.answers.append(self.answer)
        else:
            self.url = self.answer.request.path + (f"?{q}" if (q := self.answer.request.query_string.decode()) else "")
        self.page = BeautifulSoup(self.answer.text, "html.parser")

    # ---- What a person sees

    @property
    def status(self) -> int:
        """The first answer's status: what became of the wish, not of the page that is shown after it."""
        return self.answers[0].status_code

    def text(self) -> str:
        return " ".join(self.page.get_text(" ").split())

    def alert(self) -> str:
        """What the alerts say now."""
        return " ".join(" ".join(found.get_text(" ").split()) for found in self.page.select("#alerts .alert-text"))

    def shown_once(self) -> list[str]:
        """The tokens, codes and links that the page shows this once."""
        return [found.get_text() for found in self.page.select("main .secrets code")]

    def error(self) -> str:
        """What is said beside the field that is wrong."""
        return " ".join(found.get_text() for found in self.page.select(".invalid-feedback"))

    def typed(self, field: str) -> str:
        found = self.page.select_one(f"[name={field}]")
        assert found is not None, f"no field {field}"
        return self._value(found)

    def controls(self) -> list[str]:
        return [self._name(found) for found in self.page.select("a, input[type=submit], button, summary")]

    @staticmethod
    def _value(field: Tag) -> str:
        chosen = field.select_one("option[selected]") or field.select_one("option") or field
        return str(chosen.get("value") or chosen.string or "").removeprefix("\n" if field.name == "textarea" else "")

    def _control(self, selector: str, name: str) -> Tag:
        found = [control for control in self.page.select(selector) if self._name(control) == name]
        assert found, f"no {name!r} among {self.controls()}"
        return found[0]

    def _form_of(self, control: Tag) -> Tag:
        form = self.page.find(id=control["form"]) if control.get("form") else control.find_parent("form")
        assert isinstance(form, Tag)
        return form

    @staticmethod
    def _name(control: Tag) -> str:
        return str(control.get("aria-label") or control.get("value") or " ".join(control.get_text(" ").split()))

    # ---- What a person wants of a to-do list

    def enter(self, name: str = "Ana") -> None:
        self.go("/")
        self.press("Begin", name=name)
        self.open()

    def open(self, show: str = "all") -> None:
        self.go("/todos" if show == "all" else f"/todos?show={show}")

    def add(self, title: str) -> None:
        self.press("Add", title=title)

    def complete(self, title: str) -> None:
        self.press(f"Complete {isolated(title)}")

    def reopen(self, title: str) -> None:
        self.press(f"Reopen {isolated(title)}")

    def delete(self, title: str) -> None:
        self.press(f"Delete {isolated(title)}")

    def undo(self) -> None:
        self.press("Undo")

    def redo(self) -> None:
        self.press("Redo")

    def offers_undo(self) -> bool:
        return bool({"Undo", "Redo"} & set(self.controls()))

    def edit(self, title: str, new: str) -> None:
        self.follow(f"Edit {isolated(title)}")
        self.press("Save", title=new)

    def move(self, title: str, to: str) -> None:
        self.follow("Rearrange")
        title = isolated(title)
        self.press({"up": f"Move {title} up", "down": f"Move {title} down"}.get(to, f"Move {title} to the {to}"))

    def complete_all(self) -> None:
        self.press("Mark all as complete")

    def reopen_all(self) -> None:
        self.press("Reopen all")

    def clear_completed(self) -> None:
        self.press("Clear completed")

    def titles(self) -> list[str]:
        """The titles on the list as it is shown now."""
        return [found.get_text() for found in self.page.select("#todos .title")]

    def completed(self) -> list[str]:
        return [found.get_text() for found in self.page.select("#todos .done .title")]

    def id_of(self, title: str) -> str:
        """The id of the to-do of this title, which is on the list as it is shown now."""
        return next(
            str(row["id"]).removeprefix("todo-")
            for row in self.page.select("#todos li")
            if (found := row.select_one(".title")) and found.get_text() == title
        )


class TextPage(Page):
    """A browser such as lynx or w3m: no `formaction`, no fetch metadata; the form's token speaks for it."""

    knows_formaction = False
    headers: dict[str, str] = {}  # noqa: RUF012


class Fragment(Page):
    """htmx: sends forms by itself and swaps what comes back into the page that is open."""

    headers = SAME_ORIGIN | {"HX-Request": "true", "Sec-Fetch-Dest": "empty"}

    def problem(self, answer: TestResponse) -> str:
        """What an answer says went wrong; fails unless it is an alert that leaves everything else as it is."""
        assert answer.headers["HX-Reswap"] == ("delete" if "HX-Retarget" in answer.headers else "none")
        assert "HX-Redirect" not in answer.headers
        assert answer.text.startswith(ALERTS)
        return " ".join(said.get_text() for said in self.alerts(answer).select(".alert-danger .alert-text"))

    @staticmethod
    def alerts(answer: TestResponse) -> BeautifulSoup:
        """The alerts that an answer brings along, at its end."""
        assert answer.text.count(ALERTS) == 1
        assert answer.text.endswith("</div></template>")
        html = answer.text.partition(ALERTS)[2]
        return BeautifulSoup(html.removesuffix("</div></template>"), "html.parser")

    def _here(self) -> Headers:
        return super()._here() | {"HX-Current-URL": urljoin(ORIGIN, self.url)}

    def send(self, url: str, fields: list[tuple[str, str]]) -> None:
        body: dict[str, list[str]] = {}
        for name, value in fields:
            body.setdefault(name, []).append(value)
        self.answer = self.http.post(url, data=body, headers=self._here())
        self.answers = [self.answer]
        self._take()

    def follow(self, name: str) -> None:
        link = self._control("a", name)
        if not link.get("data-hx-get"):
            return super().follow(name)
        here = {"HX-Current-URL": urljoin(ORIGIN, self.url)}
        self.answer = self.http.get(str(link["data-hx-get"]), headers=self.headers | here)
        self.answers = [self.answer]
        inherited = next(parent for parent in [link, *link.parents] if parent.get("data-hx-target"))
        target = str(inherited["data-hx-target"])
        place = link.find_parent("li") if target == "closest li" else self.page.select_one(target)
        assert isinstance(place, Tag)
        html = self._out_of_band(self.answer.text)
        if link.get("data-hx-select"):
            html = "".join(map(str, BeautifulSoup(html, "html.parser").select(str(link["data-hx-select"]))))
        self._swap(place, str(link.get("data-hx-swap") or "innerHTML"), html)
        return None

    def _take(self) -> None:
        """Do with an answer what htmx does, by the configuration in templates/base.html."""
        headers = self.answer.headers
        if "HX-Redirect" in headers:
            answers = self.answers
            self.go(headers["HX-Redirect"])
            self.answers = answers + self.answers
            return
        html = self._out_of_band(self.answer.text)
        if headers.get("HX-Reswap") == "none":
            return
        assert self.answer.status_code in (200, 409, 422), "htmx would not swap this"
        place = self.page.select_one(headers["HX-Retarget"])
        assert place is not None, f"nothing on the page is {headers['HX-Retarget']}"
        self._swap(place, headers["HX-Reswap"], html)

    def _out_of_band(self, html: str) -> str:
        """Swap the parts that say themselves where they belong; the rest is the answer's own."""
        answer = BeautifulSoup(html, "html.parser")
        for part in answer.find_all(attrs={"data-hx-swap-oob": True}):
            how, _, where = str(part["data-hx-swap-oob"]).partition(":")
            place = self.page.select_one(where or f"#{part['id']}")
            assert place is not None, f"nothing on the page is {where or part['id']}"
            del part["data-hx-swap-oob"]
            inner = how == "innerHTML"
            self._swap(place, how if inner else "outerHTML", part.decode_contents() if inner else str(part))
        for template in answer.select("template"):
            template.decompose()
        return str(answer)

    @staticmethod
    def _swap(place: Tag, how: str, html: str) -> None:
        new = list(BeautifulSoup(html, "html.parser").contents)
        if how == "delete":
            place.decompose()
        elif how == "outerHTML":
            place.replace_with(*new)
        else:
            if how == "innerHTML":
                place.clear()
            place.extend(new)


class Program:
    """A program with a bearer token."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http = app.test_client()
        self.token = ""
        self.show = "all"
        self.answer: TestResponse

    def enter(self, name: str = "Ana") -> None:
        with self.app.extensions["database"].transaction(write=True) as transaction:
            self.token = add_token(add_account(name))
            transaction.commit()

    def call(self, method: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Call `/api/v1` + path; returns the JSON, if any."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= kwargs.pop("headers", {})
        sent = {"json": json} if json is not None else {}
        self.answer = self.http.open(f"/api/v1{path}", method=method, headers=headers, **sent, **kwargs)
        return self.answer.get_json(silent=True)

    def ask(self, method: str, path: str, fields: Fields | None = None, headers: Headers | None = None) -> TestResponse:
        """Make one request in this client's terms, at the API's address of what pages have at `path`."""
        sent = {"json": fields} if fields is not None else {}
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.open(f"/api/v1{path}", method=method, headers=known | (headers or {}), **sent)

    def problem(self, answer: TestResponse) -> str:
        """What an answer says went wrong; fails unless it is said as RFC 9457 has it."""
        assert answer.mimetype == "application/problem+json"
        problem = answer.get_json()
        assert "/api/problems/" in problem["type"]
        assert problem["status"] == answer.status_code
        assert problem["title"]
        return str(problem["detail"])

    @property
    def status(self) -> int:
        return self.answer.status_code

    def error(self) -> str:
        problem = self.answer.get_json()
        return " ".join(error["detail"] for error in problem.get("errors", [])) or str(problem["detail"])

    def open(self, show: str = "all") -> None:
        self.show = show

    def _todos(self) -> list[dict[str, Any]]:
        """The whole list, page by page."""
        headers = {"Authorization": f"Bearer {self.token}"}
        place: str | None = f"/api/v1/todos?show={self.show}&limit=500"
        todos: list[dict[str, Any]] = []
        while place:
            answer = self.http.get(place, headers=headers)
            todos += answer.get_json()
            place = next_page(answer)
        return todos

    def id_of(self, title: str) -> str:
        return next(str(todo["id"]) for todo in self._todos() if todo["title"] == title)

    def _path(self, title: str) -> str:
        return f"/todos/{self.id_of(title)}"

    def add(self, title: str) -> None:
        self.call("POST", "/todos", {"title": title})

    def complete(self, title: str) -> None:
        self.call("PATCH", self._path(title), {"completed": True})

    def reopen(self, title: str) -> None:
        self.call("PATCH", self._path(title), {"completed": False})

    def delete(self, title: str) -> None:
        self.call("DELETE", self._path(title))

    def undo(self) -> None:
        path, _, rel = self.answer.headers["Link"].partition(">; ")
        assert rel == 'rel="undo"'
        self.call("POST", path.removeprefix("</api/v1"))

    redo = undo

    def offers_undo(self) -> bool:
        return "Link" in self.answer.headers

    def edit(self, title: str, new: str) -> None:
        self.call("PATCH", self._path(title), {"title": new})

    def move(self, title: str, to: str) -> None:
        self.call("POST", f"{self._path(title)}/move/{to}")

    def complete_all(self) -> None:
        self.call("POST", "/todos/complete")

    def reopen_all(self) -> None:
        self.call("POST", "/todos/reopen")

    def clear_completed(self) -> None:
        self.call("DELETE", "/todos?show=completed")

    def titles(self) -> list[str]:
        return [todo["title"] for todo in self._todos()]

    def completed(self) -> list[str]:
        return [todo["title"] for todo in self._todos() if todo["completed"]]


CLIENTS = (Page, TextPage, Fragment, Program)
