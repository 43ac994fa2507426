"""How Waitress holds one connection: answers leave in one piece, and too long bodies are refused by the app."""

from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge


class WholeTask(WSGITask):  # type: ignore[misc]
    """Sends the headers together with the beginning of the body.

    The headers may bring a receipt for a message in the body (webapp/visitors/messages.py): if the process were killed
    between the two, the message would count as read.
    """

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
