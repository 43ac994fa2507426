"""What schemathesis finds wrong with the API: thousands of made-up requests against the real server, on each engine.

`python -m bench.api_cases` starts a server on this machine only, with a database of its own, and lets schemathesis do
all that it can: examples, edge cases, random requests as the document allows and others, and walks from one operation
to the next; with every check it has. It ends with 1 where an answer is not what the document says.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.api_cases.hooks import SETTINGS
from tests.support import postgresql

TOP = Path(__file__).resolve().parents[2]
ENGINES = ("sqlite", "postgresql")
Environment = dict[str, str]


@contextmanager
def settings_for(engine: str, data: str) -> Iterator[Environment]:
    """The environment of a server on a new database of this engine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
    environment |= {"RECADO_DATA": data, "RECADO_RATE_LIMIT": "off"}
    if engine == "sqlite":
        yield environment
        return
    with postgresql.server() as server, postgresql.database(server, "cases") as address:
        yield environment | {"RECADO_DATABASE_URL": address.replace("+psycopg", "")}


@contextmanager
def running(environment: Environment) -> Iterator[str]:
    """The address of a running server."""
    command = [sys.executable, "-m", "webapp.server", "--port", "0"]
    with (
        Path(environment["RECADO_DATA"], "log").open("wb") as log,
        subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        try:
            yield next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        finally:
            process.terminate()


def run(url: str, environment: Environment, examples: int) -> bool:
    """Let schemathesis loose on the API; returns whether it found nothing wrong."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "token", "create", "Ana"]
    made = subprocess.run(flask, cwd=TOP, env=environment, check=True, capture_output=True, text=True)
    schemathesis = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)]
    what = [f"{url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {made.stdout.split()[-1]}"]
    how = ["--checks", "all", "--continue-on-failure", "--max-examples", str(examples), "--generation-database", "none"]
    hooks = {"SCHEMATHESIS_HOOKS": "bench.api_cases.hooks", "PYTHONPATH": str(TOP)}
    data = environment["RECADO_DATA"]  # schemathesis leaves notes where it runs
    return not subprocess.run([*schemathesis, "run", *what, *how], cwd=data, env=environment | hooks).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=400, help="of each operation and phase; 400 are 10,000 in all")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    options = parser.parse_args()
    right = []
    for engine in options.engine or ENGINES:
        print(f"== {engine}", flush=True)
        with (
            TemporaryDirectory() as data,
            settings_for(engine, data) as environment,
            running(environment) as url,
        ):
            right.append(run(url, environment, options.examples))
    return not all(right)


if __name__ == "__main__":
    sys.exit(main())
