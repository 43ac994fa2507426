"""A path prefix: people reach Recado at https://example.org/recado/, beneath somebody else's site.

The address that people use says so (RECADO_PUBLIC_URL). Whatever stands in front may take the prefix off or leave it.
"""

from collections.abc import Callable, Iterable
from typing import Any

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def under_prefix(app: WSGIApp, prefix: str) -> WSGIApp:
    """The app beneath a path such as `/recado`: it is SCRIPT_NAME, and what follows it PATH_INFO (PEP 3333)."""

    def prefixed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(prefix + "/"):
            path = path.removeprefix(prefix)
        return app(environ | {"SCRIPT_NAME": prefix, "PATH_INFO": path or "/"}, start_response)

    return prefixed
