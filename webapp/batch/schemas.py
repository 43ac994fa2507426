"""What became of each operation of a batch, as programs see it."""

from typing import Any, TypedDict

from flask import Response

from webapp.schemas import FailedJSON
from webapp.sessions import KEPT_HEADERS


class ResultJSON(TypedDict):
    """What the operation would have been answered by itself; `headers`: only those that say something of it."""

    status: int
    headers: dict[str, str]
    body: Any


class ResultsJSON(TypedDict):
    """In the order of the operations."""

    results: list[ResultJSON]


def result_json(answer: Response) -> ResultJSON:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    return {"status": answer.status_code, "headers": headers, "body": answer.get_json(silent=True)}


def failed_json(operation: int, answer: Response) -> FailedJSON:
    return {"operation": operation, "problem": answer.get_json()}
