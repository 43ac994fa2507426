"""What our own address is: behind a proxy, in another script, beside another installation; tags after compression."""

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import running
from tests.support.clients import SAME_ORIGIN, Program
from tests.support.http_visit import Visit
from tests.support.live_server import server
from tests.support.nginx import free_port, nginx
from webapp.config import ConfigurationError, public_url


@pytest.mark.parametrize("host", ["$host", "$http_host"])
def test_forms_work_behind_a_real_nginx_on_an_odd_port(tmp_path: Path, host: str) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with (
        server(tmp_path, RECADO_PROXIES="1", RECADO_PUBLIC_URL=public) as url,
        nginx(tmp_path, port, url, host),
    ):
        ana = Visit(public)
        assert ana.ask("POST", "/", name="Ana")[0] == 303
        here = {"HX-Request": "true", "Sec-Fetch-Dest": "empty"}
        status, row = ana.ask("POST", "/todos", here | {"HX-Current-URL": f"{public}/todos"}, title="Buy milk")
        assert status == 200
        assert "Buy milk" in row
        id = row.partition('id="todo-')[2][:36]
        edit = here | {"HX-Current-URL": f"{public}/todos/{id}/edit"}
        status, answer = ana.ask("POST", f"/todos/{id}", edit, title="Buy bread", version="1")
        assert (status, "moved" in answer or "/todos" in answer) == (200, True)
        status, _ = ana.ask("POST", "/language/es", {"Referer": f"{public}/todos"})
        assert (status, ana.location) == (303, "/todos")


# ---- Another script


def test_a_name_in_another_script_is_known_as_browsers_send_it(tmp_path: Path) -> None:
    assert public_url("http://españa.example", "X") == "http://xn--espaa-rta.example"
    assert public_url("https://ESPAÑA.example:443/", "X") == "https://xn--espaa-rta.example"
    with pytest.raises(ConfigurationError):
        public_url("http://" + "ñ" * 70 + ".example", "X")
    for app in running(tmp_path, f"sqlite:///{tmp_path / 'a'}", public_url=public_url("http://españa.example", "X")):
        origin = "http://xn--espaa-rta.example"
        answer = app.test_client().post("/", base_url=origin, headers={"Origin": origin}, data={"name": "Ana"})
        assert answer.status_code == 303


# ---- Two installations on one host


def test_two_installations_on_two_ports_of_one_host_keep_their_visitors_apart(tmp_path: Path) -> None:
    jar: dict[str, str] = {}
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
    with server(tmp_path / "first") as first, server(tmp_path / "second") as second:
        visits = [Visit(url) for url in (first, second)]
        for visit, title in zip(visits, ("Milk", "Bread"), strict=True):
            visit.cookies = jar  # as a browser has it: one for all ports
            visit.ask("POST", "/", name="Ana")
            visit.ask("POST", "/todos", title=title)
        for visit, title in zip(visits, ("Milk", "Bread"), strict=True):
            status, page = visit.ask("GET", "/todos")
            assert status == 200
            assert title in page


def test_the_names_are_plain_where_there_is_no_neighbour(app: Flask) -> None:
    http = app.test_client()
    answer = http.post("/", base_url="http://localhost:8000", data={"name": "Ana"}, headers=SAME_ORIGIN)
    names = [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
    assert "recado" in names
    assert not any("8000" in name for name in names)


# ---- A proxy that compresses


@pytest.mark.parametrize("marked", ['W/"{}"', '"{}-gzip"', 'W/"{}-br"', '"x", "{}-zstd"'])
def test_a_version_is_known_again_after_a_proxy_has_compressed_it(program: Program, marked: str) -> None:
    program.add("Buy milk")
    path = f"/todos/{program.id_of('Buy milk')}"
    program.call("GET", path)
    tag = marked.format(program.answer.headers["ETag"].strip('"'))
    program.call("GET", path, headers={"If-None-Match": tag})
    assert program.status == 304
    program.call("GET", path, headers={"If-Match": tag})
    assert program.status == 200
    program.call("PATCH", path, {"title": "Buy bread"}, headers={"If-Match": tag})
    assert program.status == 200
    program.call("PATCH", path, {"title": "Buy jam"}, headers={"If-Match": tag})
    assert program.status == 412


def test_whatever_there_is_may_be_looked_at_if_there_is_anything(common_app: Flask) -> None:
    for path in ("/favicon.ico", "/static/recado.css", "/", "/api/v1/openapi.json"):
        with common_app.test_client().get(path, headers={"If-Match": "*"}, buffered=True) as answer:
            assert answer.status_code == 200


def test_a_file_that_was_sent_compressed_is_not_sent_again(common_app: Flask) -> None:
    http = common_app.test_client()
    with http.get("/static/recado.css", headers={"Accept-Encoding": "gzip"}, buffered=True) as answer:
        tag = answer.headers["ETag"]
    headers = {"Accept-Encoding": "gzip", "If-None-Match": tag}
    with http.get("/static/recado.css", headers=headers, buffered=True) as answer:
        assert answer.status_code == 304
