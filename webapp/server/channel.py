"""How Waitress holds one connection: answers leave in one piece, too long bodies are refused by the app, and the app is
told when a request came."""

from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge

from webapp.db import now
from webapp.http.transactions import BEGUN


class DatedRequest(HTTPRequestParser):  # type: ignore[misc]
    """A request that knows when it began to arrive: it may wait long for a thread."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.begun = now()


class WholeTask(WSGITask):  # type: ignore[misc]
    """Sends the headers together with the beginning of the body.

    The headers may bring a receipt for a message in the body (webapp/sessions/messages.py): if the process were killed
    between the two, the message would count as read.
    """

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ.setdefault(BEGUN, self.request.begun)
        return environ

    def set_close_on_finish(self) -> None:
        """Close the connection after this answer; but one without a body (204, 304) is at its end by itself."""
        asked = "close" in self.request.headers.get("CONNECTION", "").lower() or self.version == "1.0"
        if self.has_body or asked:
            super().set_close_on_finish()

    def write(self, data: bytes) -> None:
        if self.wrote_header:
            super().write(data)
            return
        held: list[bytes] = []
        self.channel.held = held
        try:
            super().write(data)
        finally:
            self.channel.held = None
        self.channel.write_soon(b"".join(held))


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose too long bodies are refused in the asker's terms, without being read."""

    parser_class = DatedRequest
    task_class = WholeTask
    held: list[bytes] | None = None

    def write_soon(self, data: Any) -> int:
        if self.held is None:
            return super().write_soon(data)  # type: ignore[no-any-return]
        self.held.append(data)
        return len(data)

    @staticmethod
    def error_task_class(channel: HTTPChannel, request: Any) -> Any:
        if isinstance(request.error, RequestEntityTooLarge) and request.content_length:
            request.headers["CONNECTION"] = "close"  # what is still being sent is no next request
            return WholeTask(channel, request)
        return ErrorTask(channel, request)
