"""The production server, run for real: its limits, and that a stop cuts nobody off."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from webapp.server.listening import url_of

pytest_plugins = ["tests.support.chromium", "tests.support.live_server"]

ROOT = Path(__file__).resolve().parent.parent
APP = """
import os, sys, time
from webapp.server.waitress_server import serve

def app(environ, start_response):
    environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/slow":
        os.write(1, b"begun\\n")
        while not os.path.exists("release"):
            time.sleep(0.01)
    if environ["PATH_INFO"] == "/nothing":
        start_response("204 No Content", [])
        return []
    body = bytes(30_000_000 if environ["PATH_INFO"] == "/big" else 10)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

sys.exit(serve(app, sys.argv[1], int(sys.argv[2])))
"""


class Server:
    """A server with a small app of its own in a process of its own, on a port that the system chose."""

    def __init__(self, folder: Path) -> None:
        self.release = folder / "release"
        self.process = start(folder, "127.0.0.1", 0)
        self.greeting = self.line()
        self.port = int(self.greeting.split(":")[2].split()[0])

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, request: str) -> socket.socket:
        client = self.connect()
        client.sendall(request.encode())
        return client

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.line().startswith("Recado is stopping")


def start(folder: Path, host: str, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", APP, host, str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def everything(client: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    with client, client.makefile("rb") as file:
        return file.read()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server to stop."""
    running = Server(tmp_path)
    with running.process as process:
        yield running
        process.kill()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests that leave it running."""
    running = Server(tmp_path_factory.mktemp("server"))
    with running.process as process:
        yield running
        process.kill()


def test_prints_its_address_once_it_listens(lasting: Server) -> None:
    assert re.fullmatch(r"Recado is running at http://127\.0\.0\.1:\d+ \(Ctrl\+C stops it\)\n", lasting.greeting)
    assert everything(lasting.send("GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 200 OK")


@pytest.mark.parametrize(("host", "name"), [("::1", "[::1]"), ("0.0.0.0", "localhost"), ("todo.test", "todo.test")])
def test_address_is_one_that_a_browser_opens(host: str, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert url_of(host, listener) == f"http://{name}:{listener.getsockname()[1]}"


def test_stop_answers_every_request_under_way_even_the_queued_ones(server: Server) -> None:
    threads = 8
    clients = [server.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(threads + 2)]
    assert [server.line() for _ in range(threads)] == ["begun\n"] * threads
    server.stop()
    refused_in_time(server)
    server.release.touch()
    answers = [everything(client) for client in clients]
    assert all(answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(bytes(10)) for answer in answers)
    assert server.process.wait(timeout=10) == 0


def refused_in_time(server: Server) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            server.connect().close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    pytest.fail("the server still takes connections after a stop signal")


def test_stop_answers_clients_that_the_system_has_connected_but_the_server_not_yet_seen(server: Server) -> None:
    server.process.send_signal(signal.SIGSTOP)
    clients = [server.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(20)]
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    assert all(everything(client).startswith(b"HTTP/1.1 200 OK") for client in clients)
    assert server.process.wait(timeout=10) == 0


def test_stop_sends_the_whole_of_an_answer_to_a_slow_reader(server: Server) -> None:
    client = server.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    head = client.recv(100)
    server.stop()
    assert len(head + everything(client)) > 30_000_000
    assert server.process.wait(timeout=10) == 0


def test_stop_waits_for_the_rest_of_a_request_that_has_begun_to_arrive(server: Server) -> None:
    client = server.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nha")
    server.stop()
    client.sendall(b"lf")
    assert everything(client).startswith(b"HTTP/1.1 200 OK")
    assert server.process.wait(timeout=10) == 0


def test_stop_does_not_wait_for_idle_connections(server: Server) -> None:
    with server.connect(), server.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") as kept_alive:
        assert kept_alive.recv(100).startswith(b"HTTP/1.1 200 OK")
        server.stop()
        assert server.process.wait(timeout=10) == 0


def test_second_signal_ends_it_at_once(server: Server) -> None:
    with server.send("GET /slow HTTP/1.0\r\n\r\n"):
        server.line()
        server.stop()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=10) == 128 + signal.SIGINT


def test_an_answer_without_a_body_leaves_the_connection_open_unless_it_is_to_be_closed(lasting: Server) -> None:
    asked = "GET /nothing HTTP/1.1\r\nHost: x\r\n"
    for head, answers in (("\r\n", 3), ("Connection: close\r\n\r\n", 1), ("Connection: TE, close\r\n\r\n", 1)):
        last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        said = everything(lasting.send((asked + head) * 2 + last))
        assert said.count(b"HTTP/1.1 20") == answers
        assert said.count(b"\r\nConnection: close") == 1
    assert everything(lasting.send("GET /nothing HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 204")


def test_idle_connections_do_not_keep_others_out(lasting: Server) -> None:
    idle = [lasting.connect() for _ in range(300)]
    assert everything(lasting.send("GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 200 OK")
    for client in idle:
        client.close()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\nX-Long: ".ljust(32 * 1024, "x"), b"431"),
        ("POST / HTTP/1.0\r\nContent-Length: 500000\r\n\r\n" + 500_000 * "x", b"200"),
    ],
)
def test_limits(lasting: Server, request_text: str, status: bytes) -> None:
    answer = everything(lasting.send(request_text))
    assert answer.split()[1] == status
    assert b"\r\nServer:" not in answer


def test_says_that_the_port_is_taken(lasting: Server, tmp_path: Path) -> None:
    second = start(tmp_path, "127.0.0.1", lasting.port)
    _, errors = second.communicate(timeout=10)
    assert (second.returncode, errors) == (
        2,
        f"Port {lasting.port} on 127.0.0.1 is taken; choose another with --port.\n",
    )


def test_says_that_the_host_is_unknown(tmp_path: Path) -> None:
    process = start(tmp_path, "nowhere.invalid", 0)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert re.fullmatch(r"Recado cannot listen on nowhere\.invalid, port 0: .+\.\n", errors)


def test_says_what_is_wrong_with_a_setting(tmp_path: Path) -> None:
    environment = {**os.environ, "RECADO_DATA": str(tmp_path), "RECADO_SECRET_KEY": "short"}
    command = [sys.executable, "-m", "webapp.server"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert re.fullmatch(r"RECADO_SECRET_KEY .+\.\n", done.stderr)


def token_from(url: str) -> str:
    """A token of somebody new, made as htmx does on the porch."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    form = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
    connection.request("POST", "/", "name=Ana", form)
    welcome = connection.getresponse()
    welcome.read()
    known = {"Cookie": str(welcome.headers["Set-Cookie"]).partition(";")[0]}
    connection.request("POST", "/settings/tokens", "name=Test&scope=write", form | known)
    connection.getresponse().read()
    connection.request("GET", "/settings/tokens", headers=known)
    found = re.search(r"recado_[\w-]{43}", connection.getresponse().read().decode())
    connection.close()
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("path", "headers", "said"),
    [
        ("/todos", {}, "<h1>Too much at once</h1>"),
        ("/todos", {"HX-Request": "true"}, "Send less at a time."),
        ("/api/v1/todos", {"Content-Type": "application/json", "Authorization": "Bearer {token}"}, '"status":413'),
    ],
    ids=["page", "htmx", "program"],
)
def test_a_body_of_40_megabytes_is_refused_in_the_askers_terms(
    live_url: str, path: str, headers: dict[str, str], said: str
) -> None:
    token = token_from(live_url)
    connection = HTTPConnection(urlsplit(live_url).netloc, timeout=5)
    connection.putrequest("POST", path)
    sent = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"} | headers
    for name, value in (sent | {"Content-Length": str(40_000_000)}).items():
        connection.putheader(name, value.format(token=token))
    connection.endheaders(b"title=" + b"a" * 1000)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 413
    assert answer.headers["Connection"] == "close"
    assert said in text
