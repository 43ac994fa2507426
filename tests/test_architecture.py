"""The house stands as docs/architecture.md draws it: floors, rooms, and one place for each thing."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template
from wtforms.fields.core import UnboundField

from webapp.accounts.forms import CodeForm, ConfirmForm, LoginForm, PasskeyForm, RegisterForm, ResetForm
from webapp.admin.forms import InviteForm, ResetLinkForm
from webapp.auth.passkeys import CredentialField
from webapp.forms import Form, Rows, SecretField
from webapp.http.bodies import SECRETS
from webapp.models.todos.todo import EDITABLE, Counts
from webapp.settings.forms import (
    AddressForm,
    EndForm,
    LeaveForm,
    NewPasskeyForm,
    PasswordForm,
    RemoveForm,
    RevokeForm,
    SecondFactorForm,
    TokenForm,
)
from webapp.todos.forms import ChangeForm, LinesForm, TodoForm
from webapp.welcome.forms import NameForm

TOP = Path(__file__).resolve().parent.parent
MODULES = {path: path.relative_to(TOP) for path in [*TOP.glob("webapp/**/*.py"), TOP / "wsgi.py"]}
BLUEPRINTS = (
    "webapp.welcome",
    "webapp.accounts",
    "webapp.settings",
    "webapp.todos",
    "webapp.api",
    "webapp.admin",
    "webapp.changes",
    "webapp.batch",
    "webapp.todo_backend",
)
FLOORS = (  # from the ground up; what stands on one floor is imported by those above
    ("webapp.installation",),
    ("webapp.config", "webapp.assets", "webapp.engines", "webapp.logs"),
    ("webapp.upgrade",),
    ("webapp.db",),
    ("webapp.models", "webapp.health"),
    ("webapp.i18n", "webapp.crypto"),
    ("webapp.http",),
    ("webapp.sessions",),
    ("webapp.hybrid",),
    ("webapp.forms",),
    ("webapp.security",),
    ("webapp.auth",),
    ("webapp.schemas",),
    (*BLUEPRINTS, "webapp.cli"),
    ("webapp.contract",),
    ("webapp",),
    ("wsgi", "webapp.server"),
)
TEMPLATES = sorted(str(path.relative_to(TOP / "templates")) for path in TOP.glob("templates/**/*.html"))
PARTIALS = sorted(str(path.relative_to(TOP)) for path in TOP.glob("partials/**/*.html"))
SOURCES = {name: (TOP / "templates" / name).read_text("utf-8") for name in TEMPLATES} | {
    name: (TOP / name).read_text("utf-8") for name in PARTIALS
}
FORMS: dict[str, type[Form]] = {
    "partials/todos/new_form.html": TodoForm,
    "partials/todos/edit_fields.html": ChangeForm,
    "partials/todos/lines_form.html": LinesForm,
    "partials/welcome/name_form.html": NameForm,
    "partials/accounts/code_form.html": CodeForm,
    "partials/accounts/confirm_form.html": ConfirmForm,
    "partials/accounts/login_form.html": LoginForm,
    "partials/accounts/register_form.html": RegisterForm,
    "partials/settings/password_form.html": PasswordForm,
    "partials/settings/sessions.html": EndForm,
    "partials/accounts/reset_form.html": ResetForm,
    "partials/admin/people.html": InviteForm,
    "partials/admin/person.html": ResetLinkForm,
    "partials/settings/leave_form.html": LeaveForm,
    "partials/settings/passkeys.html": NewPasskeyForm,
    "partials/settings/second_factor.html": SecondFactorForm,
    "partials/settings/todo_backend.html": AddressForm,
    "partials/settings/tokens.html": TokenForm,
}
NAMED = re.compile(r"""["']((?:[\w-]+/)*[\w-]+\.html)["']""")


def name_of(path: Path) -> str:
    return ".".join(MODULES[path].with_suffix("").parts).removesuffix(".__init__")


def place_of(module: str) -> str:
    """The room, package or module on a floor that a module belongs to."""
    places = [place for floor in FLOORS for place in floor if f"{module}.".startswith(f"{place}.")]
    return max(places, key=len)


def floor_of(place: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if place in floor)


def imports(path: Path) -> Iterator[str]:
    """All modules that a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide the floors"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in {name_of(other) for other in MODULES} else str(node.module)


def blueprints() -> dict[str, str]:
    """The text of each file in a room."""
    return {
        str(path.relative_to(TOP)): path.read_text("utf-8") for path in MODULES if place_of(name_of(path)) in BLUEPRINTS
    }


# ---- Floors


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_and_never_across(path: Path) -> None:
    own = place_of(name_of(path))
    for imported in imports(path):
        if imported.partition(".")[0] in ("webapp", "wsgi"):
            other = place_of(imported)
            assert other == own or floor_of(other) < floor_of(own), f"{name_of(path)} imports {imported}"


def test_no_imports_run_in_a_circle() -> None:
    ours = {name_of(path): path for path in MODULES}
    graph = {name: {other for other in imports(path) if other in ours and other != name} for name, path in ours.items()}
    assert {*TopologicalSorter(graph).static_order()} == {*ours}  # which raises CycleError, and names the circle


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_import_hides_in_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            assert not [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]


def test_the_ground_does_not_know_http() -> None:
    for path in MODULES:
        if floor_of(place_of(name_of(path))) <= floor_of("webapp.models") and name_of(path) != "webapp.assets":
            roots = {imported.partition(".")[0] for imported in imports(path)}
            assert not {root for root in roots if re.match("flask|werkzeug|wtforms|jinja2", root)}, name_of(path)


def test_no_blueprint_asks_who_is_speaking() -> None:
    asks = re.compile(r"\bClient\b|\bclient\(|HX-|request\.headers|is_json|/api|\.accept|user_agent")
    assert {name: found for name, text in blueprints().items() if (found := asks.findall(text))} == {}


def test_no_blueprint_ends_a_transaction() -> None:
    assert {
        name: found for name, text in blueprints().items() if (found := re.findall(r"\.(?:commit|rollback)\b", text))
    } == {}


def test_the_environment_is_read_in_one_place() -> None:
    reads = re.compile(r"os\.environ|getenv|from_prefixed_env")
    assert {name_of(path) for path in MODULES if reads.search(path.read_text("utf-8"))} == {"webapp.config"}


def forms(base: type[Form] = Form) -> Iterator[type[Form]]:
    """Every form of the house; each room's have been imported by the app."""
    for form in base.__subclasses__():
        yield form
        yield from forms(form)


def test_every_secret_field_has_a_name_that_is_never_kept_or_shown() -> None:
    secret = (SecretField, CredentialField)
    fields = [
        (name, field) for form in forms() for name, field in vars(form).items() if isinstance(field, UnboundField)
    ]
    assert {name for name, field in fields if issubclass(field.field_class, secret)} == {*SECRETS}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 200
    assert ast.get_docstring(ast.parse(text))


# ---- Templates


def named() -> set[str]:
    """Every template that code or another template names."""
    texts = [*SOURCES.values(), *(path.read_text("utf-8") for path in MODULES)]
    return {name for text in texts for name in NAMED.findall(text)}


def test_every_template_is_used_and_every_one_that_is_named_exists(app: Flask) -> None:
    assert {*TEMPLATES, *PARTIALS} - named() == set()
    for name in named():
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", SOURCES)
def test_no_template_steps_around_the_policy_or_the_hall(name: str) -> None:
    text = SOURCES[name]
    assert "hx-swap-oob" not in text
    assert not re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", text)
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|href=\"#\"", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?<!data-)hx-(?!swap-oob|post`)", text.replace('name="htmx-config"', ""))


INSIDE = {  # what reaches inside a framework, and the only file that may
    r"flask\.globals|_after_request_functions": "webapp/http/flask_internals.py",
    r"waitress\.(?!server\b)\w+ import": "webapp/server/channel.py",
    r"\._unbound_fields": None,
}


@pytest.mark.parametrize("reaching", INSIDE)
def test_one_file_reaches_inside_a_framework(reaching: str) -> None:
    found = [
        str(path.relative_to(TOP)) for path in (TOP / "webapp").rglob("*.py") if re.search(reaching, path.read_text())
    ]
    assert found == ([INSIDE[reaching]] if INSIDE[reaching] else [])


def context(name: str) -> dict[str, Any]:
    """Something of all that fragments show."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    id = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
    todo = SimpleNamespace(
        **dict.fromkeys(EDITABLE) | {"id": id, "title": "Buy milk", "position": 1, "version": 1, "deleted_at": now},
        created_at=now,
        updated_at=now,
    )
    token = SimpleNamespace(id=id, name="Backup", may_write=True, created_at=now, expires_at=None, used_at=None)
    form = FORMS.get(name)
    account = SimpleNamespace(id=id, name="Ana", user_name="ana", is_admin=True, created_at=now)
    person = SimpleNamespace(account=account, disabled_at=now, leaving_at=now, seen_at=now, has_second_factor=True)
    return {
        "account": account,
        "secret": {"text": "Your codes", "secrets": ["A", "B"], "download": "/"},
        "alert": {
            "category": "success",
            "text": "Done",
            "action": {"label": "Undo", "url": "/", "shortcut": "Control+Z"},
            "link": ("Go", "/"),
        },
        "arrange": False,
        "days": 30,
        "counts": Counts(active=1, completed=1),
        "form": form() if form else None,
        "guests": 2,
        "invite": None,
        "needed": False,
        "location": "/todos",
        "made": now,
        "next": None,
        "number": 1,
        "people": [person],
        "person": person,
        "key": "ABCD EFGH",
        "left": None,
        "options": "{}",
        "passkey": PasskeyForm(),
        "passkeys": [SimpleNamespace(id=id, name="My laptop", created_at=now, used_at=now)],
        "qr": "data:,",
        "query": "?show=active",
        "show": "active",
        "todo": todo,
        "todos": Rows([todo], "/todos?cursor=x", "/todos"),
        "cursor": None,
        "remove": RemoveForm(),
        "revoke": RevokeForm(),
        "token": "x",
        "tokens": [token, SimpleNamespace(**vars(token) | {"expires_at": now, "used_at": now})],
        "browsers": [
            SimpleNamespace(id=id, name="Firefox", address="::1", created_at=now, seen_at=now, here=here)
            for here in (True, False)
        ],
        "you": SimpleNamespace(id=""),
    }


@pytest.mark.parametrize("name", PARTIALS)
def test_a_fragment_stands_alone_with_one_root_that_has_an_id(app: Flask, name: str) -> None:
    with app.test_request_context("/todos"):
        parts = BeautifulSoup(render_template(name, **context(name)), "html.parser").contents
    roots = [part for part in parts if isinstance(part, Tag)]
    assert len(roots) == 1
    assert next(iter(roots[0].attrs)) == "id"
    assert not [part for part in parts if part not in roots and str(part).strip()]


def test_an_id_is_written_in_one_fragment_only() -> None:
    written = [(name, id) for name, text in SOURCES.items() for id in re.findall(r"""\bid="([^"]+)""", text)]
    assert len(written) > 20
    for name, id in written:
        if name in PARTIALS:
            assert [other for other, same in written if same == id] == [name], id
