"""Where the server listens, and what it says of that."""

import errno
import socket


def listen(host: str, port: int) -> socket.socket:
    # IPv4 comes first for a name with both: localhost has an IPv6 address even on machines that cannot use it.
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda info: info[0])
    both = host == "::" and socket.has_dualstack_ipv6()  # every address means every address
    return socket.create_server(address, family=family, dualstack_ipv6=both)


def listen_failure(error: Exception, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken; choose another with --port."
    return f"Recado cannot listen on {host}, port {port}: {getattr(error, 'strerror', None) or error}."


def url_of(host: str, listener: socket.socket) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - this only names it
        host = "localhost"
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
