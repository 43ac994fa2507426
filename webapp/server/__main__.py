"""`python -m webapp.server`."""

import sys

from webapp.server.waitress_server import main

if __name__ == "__main__":
    sys.exit(main())
