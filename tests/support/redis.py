"""A private Redis from the installed program."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.availability import require


@contextmanager
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a running server, and its process, which is gone afterwards."""
    program = shutil.which("redis-server")
    require(program, "Redis is not installed")
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert any("Ready to accept connections" in line for line in process.stdout)
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.kill()
