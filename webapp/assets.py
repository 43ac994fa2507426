"""Static files by addresses that change with their content, and with the hash that browsers check them by."""

import base64
import gzip
import hashlib
import os
from functools import lru_cache, partial
from pathlib import Path

from flask import Flask, Response, current_app, request

PACKED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")  # what is sent compressed
VERSION_LENGTH = 12  # characters of the hash: enough to tell versions of one file apart


def init_app(app: Flask) -> None:
    app.add_template_global(asset_url)
    app.add_template_global(asset_integrity)
    app.view_functions["static"] = _send
    app.add_url_rule("/favicon.ico", view_func=partial(app.send_static_file, "favicon.ico"), endpoint="favicon")


def asset_url(name: str) -> str:
    """The address of a static file; browsers may keep it for good."""
    return f"{request.root_path}{current_app.static_url_path}/{name}?v={asset_version(name)}"


def asset_version(name: str) -> str:
    """What changes in a file's address when its content does."""
    return _digest(name).hex()[:VERSION_LENGTH]


def asset_integrity(name: str) -> str:
    """The value of an `integrity` attribute (Subresource Integrity, sha256)."""
    return "sha256-" + base64.b64encode(_digest(name)).decode()


def _send(filename: str) -> Response:
    """A static file. Pages are never compressed: their length would tell something of the secrets in them (BREACH)."""
    response = current_app.send_static_file(filename)
    if response.mimetype in PACKED:
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and request.accept_encodings["gzip"]:
            response.close()
            response.direct_passthrough = False
            response.set_data(_gzipped(*_file(filename)))
            response.headers["Content-Encoding"] = "gzip"
            response.set_etag(
                f"{asset_version(filename)}-gz"
            )  # not "-gzip", which proxies add (webapp/hybrid/caching.py)
            response.make_conditional(request)
    return response


def _digest(name: str) -> bytes:
    return _hash(*_file(name))


def _file(name: str) -> tuple[str, int]:
    """The path of a static file, and when it was changed, where that can happen while we run."""
    path = f"{current_app.static_folder}/{name}"
    return path, os.stat(path).st_mtime_ns if current_app.debug else 0


@lru_cache(maxsize=64)
def _hash(path: str, changed: int) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()


@lru_cache(maxsize=64)
def _gzipped(path: str, changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)
