"""The way to PostgreSQL, which can be cut at the very moment of a COMMIT."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import make_url

COMMIT = b"COMMIT"
END = b"C\0\0\0\x0bCOMMIT\0"  # the server's message that it is done


class Proxy:
    """Passes on all that is said; cut: "before" the next COMMIT reaches the server, or "after", before its answer."""

    def __init__(self, url: str) -> None:
        self.cut: str | None = None
        self._server = make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        ours = self._server.set(host="127.0.0.1", port=port, query=plain)
        self.url = ours.render_as_string(hide_password=False)

    def __enter__(self) -> "Proxy":
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = self._connect()
                Thread(target=self._pass_on, args=(client, server), daemon=True).start()
                Thread(target=self._pass_back, args=(server, client), daemon=True).start()

    def _connect(self) -> socket.socket:
        port = self._server.port or 5432
        folder = self._server.query.get("host")
        if not isinstance(folder, str):
            return socket.create_connection((self._server.host or "localhost", port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(Path(folder) / f".s.PGSQL.{port}"))
        return server

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(65536):
                if COMMIT in said and self.cut == "before":
                    self.cut = None
                    break
                server.sendall(said)
        _close(client, server)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if END in said and self.cut == "after":
                    self.cut = None
                    break
                client.sendall(said)
        _close(client, server)


def _close(*connections: socket.socket) -> None:
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
