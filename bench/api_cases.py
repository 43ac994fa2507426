"""What schemathesis finds wrong with the API: thousands of made-up requests against the real server, on each engine.

`python -m bench.api_cases --cases 10000` starts a server of its own on this machine only, with a database of its own.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.api_cases_hooks import SETTINGS
from tests import postgresql

TOP = Path(__file__).resolve().parent.parent
ENGINES = ("sqlite", "postgresql")


@contextmanager
def served(engine: str, data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a running server, and the environment that leads to its database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
    environment |= {"RECADO_DATA": str(data)}
    if engine == "sqlite":
        with running(environment) as url:
            yield url, environment
        return
    with postgresql.server() as server, postgresql.database(server, "cases") as address:
        environment["RECADO_DATABASE_URL"] = address.replace("+psycopg", "")
        with running(environment) as url:
            yield url, environment


@contextmanager
def running(environment: dict[str, str]) -> Iterator[str]:
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


def cases(url: str, token: str, folder: Path, *, each: int, seconds: int, seed: int) -> tuple[int, str, int]:
    """Send up to so many cases to each operation; returns how many were sent, what was said, and 0 if all is well."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run"]
    command += [f"{url}/api/v1/openapi.json", "--checks", "all", "--header", f"Authorization: Bearer {token}"]
    command += ["--max-examples", str(each), "--max-time", str(seconds), "--seed", str(seed), "--no-color"]
    command += ["--continue-on-failure", "--report", "ndjson", "--report-ndjson-path", str(folder / "events")]
    command += ["--generation-database", "none", "--warnings", "off"]
    hooks = os.environ | {"SCHEMATHESIS_HOOKS": "bench.api_cases_hooks", "PYTHONPATH": str(TOP)}
    done = subprocess.run(command, cwd=folder, env=hooks, capture_output=True, text=True, timeout=seconds + 60)
    events = (folder / "events").read_text("utf-8")
    return events.count('"status_code"'), done.stdout + done.stderr, done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    options = parser.parse_args()
    failed = 0
    for engine in options.engine or ENGINES:
        with TemporaryDirectory() as name, served(engine, Path(name)) as (url, environment):
            made = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "wsgi", "token", "create", "Ana"],
                cwd=TOP,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            token = made.stdout.split()[-1]
            count, said, code = cases(
                url, token, Path(name), each=options.each, seconds=options.seconds, seed=options.seed
            )
            print(said[-6000:])
            print(f"{engine}: {count} cases, {'failures' if code else '0 failures'}")
            os.system(f"cp {name}/events /tmp/hH.events; tail -c 3000 {name}/log")
            failed |= code
    return failed


if __name__ == "__main__":
    sys.exit(main())
