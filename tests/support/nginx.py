"""A real nginx in front of a server of ours."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.availability import require
from tests.support.workers import listens, wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location {place} {{
            proxy_pass {url};
            proxy_set_header Host {host};
            proxy_set_header X-Forwarded-Host {host};
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            gzip on; gzip_types text/html application/json; gzip_min_length 1;
        }}
    }}
}}
"""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def nginx(folder: Path, port: int, url: str, host: str, place: str = "/") -> Iterator[None]:
    """Pass on to `url` what comes to this port beneath `place`, with `host` as the Host header."""
    require(NGINX, "nginx is not installed")
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, url=url, host=host, place=place))
    with subprocess.Popen([str(NGINX), "-c", str(file)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(port))
            yield
        finally:
            process.terminate()
