"""A file to keep: one JSON document, however long, read in one snapshot of the database.

It is written to disk first, not sent row by row: whoever reads slowly or hangs up holds neither a thread nor a
connection, the browser knows how long the file is, and one that could not be read to its end is never sent.
"""

from collections.abc import Callable, Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, request
from werkzeug.wsgi import wrap_file

from webapp.http.transactions import database
from webapp.hybrid import to_json

MEMORY = 1024 * 1024  # bytes; more is kept on disk

Document = Mapping[str, Any]


def download(name: str, document: Callable[[], Document]) -> Response:
    """Give somebody a JSON document as a file. A value of it may be an iterator: a list too long for the memory."""
    file = SpooledTemporaryFile(MEMORY)  # noqa: SIM115 - the server closes it
    with database().snapshot():
        for piece in _pieces(document()):
            file.write(piece.encode())
    size = file.tell()
    file.seek(0)
    if request.method == "HEAD":
        file.close()  # nobody is going to send it
    response = Response(wrap_file(request.environ, file), mimetype="application/json", direct_passthrough=True)
    response.content_length = size
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _pieces(document: Document) -> Iterator[str]:
    before = "{"
    for name, value in document.items():
        yield f"{before}\n{to_json(name)}:"
        if isinstance(value, Iterator):
            yield "["
            for number, row in enumerate(value):
                yield f"{',' if number else ''}\n{to_json(row)}"
            yield "\n]"
        else:
            yield to_json(value)
        before = ","
    yield "\n}\n"
