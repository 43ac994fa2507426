"""The real server as others reach it: a warning where anybody may register, and proxies that are believed or not."""

import re
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.live_server import server
from webapp.config import is_public

WARNING = (
    "Anybody who reaches this address can make an account here; RECADO_REGISTRATION=invite (or closed) changes that."
)
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
# What a client claims, and after it, where a proxy adds to what it got, what the proxy has seen.
FORWARDED = {
    "X-Forwarded-For": "192.0.2.66, 198.51.100.7",
    "X-Forwarded-Proto": "ftp, https",
    "X-Forwarded-Host": "evil.example, todo.example.org",
    "Forwarded": "for=192.0.2.66;host=evil.example;proto=ftp",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
}


@pytest.mark.parametrize(
    ("host", "public_url", "public"),
    [
        ("127.0.0.1", None, False),
        ("127.8.8.8", None, False),
        ("::1", None, False),
        ("localhost", None, False),
        ("0.0.0.0", None, True),
        ("::", None, True),
        ("192.0.2.1", None, True),
        ("todo.test", None, True),
        ("127.0.0.1", "http://localhost:8000", False),
        ("127.0.0.1", "http://[::1]:8000", False),
        ("127.0.0.1", "https://todo.example.org", True),
    ],
)
def test_an_address_is_public_unless_only_this_machine_reaches_it(
    host: str, public_url: str | None, public: bool
) -> None:
    assert is_public(host, public_url) == public


@pytest.mark.parametrize(
    ("options", "settings", "warned"),
    [
        ((), {}, False),
        (("--host", "0.0.0.0"), {}, True),
        ((), {"RECADO_PUBLIC_URL": "https://todo.example.org"}, True),
        (("--host", "0.0.0.0"), {"RECADO_REGISTRATION": "invite"}, False),
        ((), {"RECADO_PUBLIC_URL": "https://todo.example.org", "RECADO_REGISTRATION": "closed"}, False),
    ],
)
def test_whoever_starts_it_is_warned_where_anybody_may_register(
    tmp_path: Path, options: tuple[str, ...], settings: dict[str, str], warned: bool
) -> None:
    with server(tmp_path, *options, **settings):
        assert (WARNING in (tmp_path / "errors").read_text("utf-8").splitlines()) == warned


def ask(url: str, method: str, path: str, body: str = "", **headers: str) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


@pytest.mark.parametrize(("proxies", "address"), [("0", "127.0.0.1"), ("1", "198.51.100.7")])
def test_of_what_proxies_send_the_last_is_believed_where_there_is_one_and_nothing_where_there_is_none(
    tmp_path: Path, proxies: str, address: str
) -> None:
    with server(tmp_path, RECADO_PROXIES=proxies) as url:
        origins = {"0": url, "1": "https://todo.example.org"}
        form = {"Content-Type": FORM["Content-Type"], "HX-Request": "true"}
        for origin in (url, "https://todo.example.org", "ftp://evil.example", "https://evil.example"):
            welcome, _ = ask(url, "POST", "/", urlencode({"name": "Ana"}), Origin=origin, **form, **FORWARDED)
            assert welcome.status == (200 if origin == origins[proxies] else 403), origin
            if welcome.status == 200:
                cookie = str(welcome.headers["Set-Cookie"]).partition(";")[0]
        _, porch = ask(url, "GET", "/", Cookie=cookie, **FORWARDED)
        assert re.findall(r"You are visiting from ([\d.]+)\.", porch) == [address]
        assert "evil" not in porch


def test_a_proxy_that_says_nothing_leaves_what_is_seen(tmp_path: Path) -> None:
    with server(tmp_path, RECADO_PROXIES="1") as url:
        welcome, _ = ask(url, "POST", "/", urlencode({"name": "Ana"}), **FORM)
        _, porch = ask(url, "GET", "/", Cookie=str(welcome.headers["Set-Cookie"]).partition(";")[0])
        assert "You are visiting from 127.0.0.1." in porch
