"""One server process of a measurement: `python -m bench.exactly_once.peers.server <module with make_app()>`.

A parent that has imported the module and listens forks a worker, and another as soon as that one is killed, as servers
with workers do. It prints the port, and then each worker's process number.
"""

import os
import signal
import socket
import sys
from importlib import import_module

from waitress.server import create_server


def main() -> None:
    peer = import_module(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    while True:
        worker = os.fork()
        if not worker:
            server = create_server(peer.make_app(), sockets=[listener], threads=8)
            server.channel_class = getattr(peer, "channel_class", server.channel_class)
            server.run()
            os._exit(0)
        print(worker, flush=True)
        if os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) != -signal.SIGKILL:
            sys.exit(1)  # it cannot start, and has said why


if __name__ == "__main__":
    main()
