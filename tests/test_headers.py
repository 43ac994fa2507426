"""Security and caching headers, on every answer of every address, whatever became of the request."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import Visitor, running
from tests.support.addresses import VARIABLE, addresses, pages
from tests.support.clients import SAME_ORIGIN, Fragment, Page, Program

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=63072000; includeSubDomains"
PRIVATE = "no-store, private, no-cache"


@pytest.fixture
def secure_app(tmp_path: Path) -> Iterator[Flask]:
    """The app at an address that begins with https."""
    yield from running(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}", public_url="https://localhost")


@pytest.fixture(params=["http", "https"])
def either_app(request: pytest.FixtureRequest) -> Flask:
    """The app at an address of each kind in turn."""
    app: Flask = request.getfixturevalue("app" if request.param == "http" else "secure_app")
    return app


def check(answer: TestResponse, policy: str = PAGE_POLICY, *, https: bool = False) -> None:
    """Fail unless the answer has each of the headers that all have, once and with this very value."""
    expected = ALWAYS | {"Content-Security-Policy": policy}
    if answer.request.path.startswith("/compat/"):  # open to scripts of all sites, and nobody may learn the secret
        expected |= {"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "cross-origin"}
    for name, value in expected.items():
        assert answer.headers.getlist(name) == [value], (answer.request.path, answer.status)
    assert answer.headers.getlist("Strict-Transport-Security") == ([HSTS] if https else [])
    if answer.data:
        assert answer.mimetype
        textual = answer.mimetype.startswith("text/")
        assert not textual or answer.mimetype_params["charset"].lower() == "utf-8"
    for name, value in answer.headers:
        assert f"{name}{value}".isascii()
        assert not {"\r", "\n"} & set(value)
    assert "Server" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PATCH", "PUT", "DELETE"])
def test_every_answer_of_every_address_has_them(either_app: Flask, method: str) -> None:
    app, https = either_app, either_app.config["HTTPS"]
    clients = (app.test_client(), Page(app), Fragment(app), Program(app))
    for visitor in clients[1:]:
        visitor.enter()  # type: ignore[union-attr]
    paths = {VARIABLE.sub(UNKNOWN, rule.rule) for rule in app.url_map.iter_rules()}
    paths |= {*addresses(app, UNKNOWN), *addresses(app, UNKNOWN, "POST"), "/nowhere", "/api/nowhere"}
    assert len(paths) > 45
    statuses = set()
    for path in sorted(paths - {"/forget"}):  # or they would be strangers
        policy = API_POLICY if path.startswith(("/api/v1", "/api/nowhere", "/compat/")) else PAGE_POLICY
        for visitor in clients:
            http = getattr(visitor, "http", visitor)
            headers = (
                getattr(visitor, "headers", SAME_ORIGIN)
                if not isinstance(visitor, Program)
                else {"Authorization": f"Bearer {visitor.token}"}
            )
            answer = http.open(path, method=method, headers=headers, buffered=True)
            kept = answer.headers.get("Content-Disposition", "").startswith("attachment")
            check(answer, API_POLICY if kept else policy, https=https)
            assert answer.status_code < 500 or path.endswith("/debug/error")
            statuses.add(answer.status_code)
    assert 500 in statuses or method not in ("GET", "HEAD")
    assert {404, 405} <= statuses or method == "OPTIONS"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/recado.css", 200),
        ("/static/nothing.css", 404),
        ("/static/", 404),
        ("/static/../wsgi.py", 404),
        ("/static/..%2fwsgi.py", 404),
        ("/static/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/static/%00", 404),
        ("/bootstrap/static/../../../wsgi.py", 404),
        ("/favicon.ico", 200),
        ("/healthz", 200),
        ("/debug/error", 500),
        ("/.git/config", 404),
        ("/console", 404),
    ],
)
def test_files_and_faults_have_them_too(app: Flask, path: str, status: int) -> None:
    answer = app.test_client().get(path, buffered=True)
    assert answer.status_code == status
    check(answer)


# ---- Caching


def test_a_known_visitors_pages_are_kept_by_nobody(page: Page) -> None:
    for path in [*pages(page.app, UNKNOWN), "/nowhere"]:
        answer = page.ask("GET", path)
        assert answer.headers["Cache-Control"] == PRIVATE
        assert answer.headers["Vary"].startswith("HX-Request, HX-Boosted")


def test_a_strangers_page_is_asked_about_each_time_unless_a_message_is_on_it(common_app: Flask) -> None:
    nobody = Page(common_app)
    assert nobody.ask("GET", "/").headers["Cache-Control"] == "no-cache"
    nobody.ask("POST", "/odd/flash")
    assert nobody.ask("GET", "/").headers["Cache-Control"] == PRIVATE
    assert nobody.ask("GET", "/").headers["Cache-Control"] == "no-cache"


def test_fragments_and_programs_answers_are_stored_by_nobody(visitor: Visitor) -> None:
    for method, path in (("GET", "/todos"), ("POST", "/todos"), ("GET", "/nowhere"), ("POST", "/odd/fail")):
        answer = visitor.ask(method, path, {} if method == "POST" else None)
        assert answer.headers["Cache-Control"] == ("no-store" if type(visitor) in (Fragment, Program) else PRIVATE)
        if isinstance(visitor, Program):
            assert "Vary" not in answer.headers


def test_a_file_is_kept_for_good_by_the_address_of_its_own_content_only(app: Flask) -> None:
    http = app.test_client()
    with app.test_request_context():
        current = app.jinja_env.globals["asset_url"]("recado.css")  # type: ignore[operator]
    kept = {
        current: "public, max-age=31536000, immutable",
        "/static/recado.css": "no-cache",
        "/static/recado.css?v=": "no-cache",
        "/static/recado.css?v=000000000000": "no-cache",
        f"{current}&v=x": "public, max-age=31536000, immutable",
        "/favicon.ico": "no-cache",
    }
    for address, how in kept.items():
        answer = http.get(address, buffered=True)
        assert answer.headers["Cache-Control"] == how
        assert "Set-Cookie" not in answer.headers
        again = http.get(address, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
        assert again.status_code == 304
    assert http.get("/static/nothing.css?v=000000000000").headers["Cache-Control"] == "no-cache"


def test_files_are_compressed_for_whoever_can_read_that_and_pages_never(common_app: Flask) -> None:
    page = Page(common_app)
    page.enter()
    packed = {"Accept-Encoding": "br;q=1.0, gzip;q=0.8"}
    for name in ("recado.css", "recado.js", "vendor/htmx.min.js", "vendor/bootstrap.css", "favicon.svg"):
        whole, answer = (page.http.get(f"/static/{name}", headers=headers, buffered=True) for headers in ({}, packed))
        assert whole.headers["Vary"] == answer.headers["Vary"] == "Accept-Encoding"
        assert ("Content-Encoding" in whole.headers, answer.headers["Content-Encoding"]) == (False, "gzip")
        assert gzip.decompress(answer.data) == whole.data
        assert answer.headers["ETag"] != whole.headers["ETag"]
        again = page.http.get(f"/static/{name}", headers=packed | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    for path, headers in {
        "/todos": packed,
        "/api": packed,
        "/static/icon-192.png": packed,
        "/static/nothing.css": packed,
        "/static/recado.css": {"Accept-Encoding": "gzip;q=0"},
    }.items():
        assert "Content-Encoding" not in page.http.get(path, headers=headers, buffered=True).headers


@pytest.mark.parametrize("weak", ["", "?weak"])
def test_a_page_and_its_fragment_are_told_apart_by_their_etags(common_app: Flask, weak: str) -> None:
    page, fragment, program = Page(common_app), Fragment(common_app), Program(common_app)
    tags = {visitor: visitor.ask("GET", f"/odd/tagged{weak}").headers["ETag"] for visitor in (page, fragment, program)}
    assert len(set(tags.values())) == 3
    for visitor in (page, fragment, program):
        for other, tag in tags.items():
            answer = visitor.ask("GET", f"/odd/tagged{weak}", headers={"If-None-Match": tag})
            assert answer.status_code == (304 if visitor is other else 200)
            assert bool(answer.data) == (visitor is not other)
            check(answer, API_POLICY if visitor is program else PAGE_POLICY)


# ---- https


def test_over_https_the_cookie_is_bound_to_the_host_and_http_is_given_up(secure_app: Flask) -> None:
    http = secure_app.test_client()
    answer = http.post("/", data={"name": "Ana"}, base_url="https://localhost", headers=SAME_ORIGIN)
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-recado"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
    assert "Domain" not in attributes


def test_over_http_the_cookie_is_a_plain_one_and_https_is_not_demanded(app: Flask) -> None:
    answer = Page(app).ask("GET", "/")
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "recado-visit"
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
    assert "Secure" not in attributes


def test_every_cookie_of_a_visit_is_for_this_host_alone_and_for_no_script(either_app: Flask) -> None:
    visitor, https = Page(either_app), either_app.config["HTTPS"]
    visitor.enter()
    answers = [*visitor.answers]
    for path, button, typed in (
        ("/todos", "Add", {"title": "Buy milk"}),
        ("/todos", "Delete Buy milk", {}),
        ("/register", "Make my account", {"user_name": "ana", "password": "seven small boats at noon"}),
        ("/settings", "Log out", {}),
        ("/login", "Log in", {"user_name": "ana", "password": "seven small boats at noon"}),
    ):
        visitor.go(path)
        answers += visitor.answers
        visitor.press(button, **typed)
        answers += visitor.answers
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    prefix = "__Host-recado" if https else "recado"
    assert {prefix, f"{prefix}-known"} < names
    assert any(name.startswith(f"{prefix}-seen-") for name in names)
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith(prefix)
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert ("Secure" in attributes) == https
        assert "Domain" not in cookie


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 429, 500, 503])
def test_every_refusal_has_them(visitor: Visitor, status: int) -> None:
    policy = API_POLICY if isinstance(visitor, Program) else PAGE_POLICY
    if status == 413:
        answer = visitor.ask("POST", "/todos", {"title": "x" * 300_000})
    else:
        answer = visitor.ask("POST", f"/odd/own-words?status={status}", {})
    assert answer.status_code == status
    check(answer, policy)


@pytest.mark.parametrize("to", ["/todos", "/todos#new", "https://example.org/"])
def test_every_redirect_has_them(visitor: Visitor, to: str) -> None:
    for method in ("GET", "POST"):
        answer = visitor.ask(method, f"/odd/redirect?to={quote(to)}", {} if method == "POST" else None)
        check(answer, API_POLICY if isinstance(visitor, Program) else PAGE_POLICY)
