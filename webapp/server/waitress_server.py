"""Serve the app with Waitress, and stop without cutting off a request that is under way."""

import argparse
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

from webapp import create_app
from webapp.config import ConfigurationError, is_public
from webapp.logs import write_logs
from webapp.models.housekeeping import keep_tidy
from webapp.server.channel import Channel
from webapp.server.fair_queue import FairQueue, visitor_by
from webapp.server.listening import listen, listen_failure, url_of

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
AT_ONCE = 2  # requests of one visitor that run; more would wait for each other anyway, to write or for the processor
CONNECTIONS = 2000
FILES_PER_CONNECTION = 3  # its socket, and one spill file each for a long request and a long answer
STOP_SECONDS = 20
OPEN_TO_ALL = (
    "Anybody who reaches this address can make an account here; RECADO_REGISTRATION=invite (or closed) changes that."
)


def main() -> int:
    """Start the server from the command line; manage.py is the usual caller."""
    parser = argparse.ArgumentParser(prog="python -m webapp.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int)
    options = parser.parse_args()
    try:
        app = create_app()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    if app.config["REGISTRATION"] == "open" and is_public(options.host, app.config["PUBLIC_ORIGIN"]):
        print(OPEN_TO_ALL, file=sys.stderr)
    write_logs()
    threading.Thread(target=keep_tidy, args=(app.extensions["database"],), daemon=True).start()
    app.debug = False  # FLASK_DEBUG brings /debug/error, but there is no debugger here: errors get our own page
    visitor_of = visitor_by(app.config["SESSION_COOKIE_NAME"], app.config["PROXIES"])
    try:
        return serve(app, options.host, options.port, app.config["PROXIES"], visitor_of)
    finally:
        app.extensions["database"].close()


def serve(
    app: "WSGIApplication",
    host: str,
    port: int,
    proxies: int = 0,
    visitor_of: Callable[[Any], str] = lambda channel: str(channel.addr),
) -> int:
    """Answer requests until a signal asks to stop, and return the exit status.

    visitor_of: tells by a connection whose it is, so that visitors take turns.
    """
    try:
        listener = listen(host, port)
    except (OSError, UnicodeError) as error:
        print(listen_failure(error, host, port), file=sys.stderr)
        return 2
    server = _waitress(app, listener, proxies)
    server.task_dispatcher.queue = FairQueue(AT_ONCE, visitor_of)
    signals = _note_signals(server.pull_trigger)
    _say(f"Recado is running at {url_of(host, listener)} (Ctrl+C stops it)")
    while not signals:
        _turn(server)
    _say("Recado is stopping: it finishes the requests under way")
    _finish_requests(server)
    return 0


def _say(text: str, stream: Any = None) -> None:
    """Print; whoever read it may be gone, as after Ctrl+C in `serve | grep`, and what we do goes on."""
    try:
        print(text, file=stream or sys.stdout, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())  # else Python fails at its end


def _waitress(app: "WSGIApplication", listener: socket.socket, proxies: int) -> Any:
    # With eight threads a short queue is everyday business, not a reason for a warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        connection_limit=_connection_limit(),
        max_request_header_size=32 * 1024,
        max_request_body_size=512 * 1024,  # above the app's own limit, which so comes first
        channel_timeout=30,
        ident=None,
        **_without_files(),
        clear_untrusted_proxy_headers=not proxies,  # of what proxies send, ProxyFix believes the last so many
        expose_tracebacks=False,
    )
    server.channel_class = Channel
    return server


def _without_files() -> dict[str, int]:
    """Keep long answers in memory where there is no place for temporary files."""
    try:
        tempfile.gettempdir()
    except OSError:
        return {"outbuf_overflow": 2**30, "inbuf_overflow": 2**30}
    return {}


def _connection_limit() -> int:
    """Return how many connections may be open at once, after asking the system for enough open files."""
    if sys.platform == "win32":
        return 500  # select(), the only choice there, fails with more than 512 sockets.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = CONNECTIONS * FILES_PER_CONNECTION
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return min(CONNECTIONS, files // FILES_PER_CONNECTION)


def _note_signals(wake: Callable[[], None]) -> list[int]:
    """Return a list that gets the first stop signal; a second signal ends the process at once."""
    received: list[int] = []

    def note(signum: int, _frame: FrameType | None) -> None:
        if received:
            os._exit(128 + signum)
        received.append(signum)
        wake()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # The last one is Windows' Ctrl+Break.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), note)
    return received


def _turn(server: Any, seconds: float = 1) -> None:
    """Run Waitress's event loop once; its own server.run() would cut off the requests under way at a signal."""
    _make_room(server)
    wasyncore.loop(timeout=seconds, use_poll=True, map=server._map, count=1)


def _make_room(server: Any) -> None:
    """Close the connections that have been silent for longest, before there are so many that nobody new is let in."""
    spare = max(1, server.adj.connection_limit // 10)
    if len(server.active_channels) < server.adj.connection_limit - spare:
        return
    silent = [channel for channel in server.active_channels.values() if not channel.requests]
    for channel in sorted(silent, key=lambda channel: channel.last_activity)[:spare]:
        channel.will_close = True


def _finish_requests(server: Any) -> None:
    """Stop listening, then close each connection once it has no request and everything is sent."""
    known = -1
    while known < len(server.active_channels):
        known = len(server.active_channels)
        server.handle_accept()  # The system has connected these clients already: take them all.
    # Not server.close(): that would also close the trigger by which finished requests wake the loop.
    wasyncore.dispatcher.close(server)
    _turn(server, seconds=0)  # What clients have sent so far is under way too.
    deadline = time.monotonic() + STOP_SECONDS
    while server.active_channels and time.monotonic() < deadline:
        for channel in list(server.active_channels.values()):
            if not channel.requests and channel.request is None:  # Nothing running, nothing half received.
                channel.close_when_flushed = True
        _turn(server)
    if server.active_channels:
        _say(f"Requests still unfinished after {STOP_SECONDS} seconds were cut off.", sys.stderr)
