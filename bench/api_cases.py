"""What schemathesis finds wrong with the API: thousands of made-up requests against the real server, on each engine.

`python -m bench.api_cases --cases 10000` starts a server on this machine only, with a database of its own. Half of the
requests are as the document allows, half are not. It ends with 1 where an answer is not what the document says.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.errors import FailureGroup

from bench.api_cases_hooks import SETTINGS
from tests import postgresql

TOP = Path(__file__).resolve().parent.parent
ENGINES = ("sqlite", "postgresql")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
BATCH = 25  # cases after which another operation has its turn


@contextmanager
def served(engine: str, data: Path) -> Iterator[tuple[str, str]]:
    """The address of a running server, and a token for it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECADO_")}
    environment |= {"RECADO_DATA": str(data), "RECADO_RATE_LIMIT": "off"}
    if engine == "sqlite":
        with running(environment) as found:
            yield found
        return
    with (
        postgresql.server() as server,
        postgresql.database(server, "cases") as address,
        running(environment | {"RECADO_DATABASE_URL": address.replace("+psycopg", "")}) as found,
    ):
        yield found


@contextmanager
def running(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    command = [sys.executable, "-m", "webapp.server", "--port", "0"]
    make_token = [sys.executable, "-m", "flask", "--app", "wsgi", "token", "create", "Ana"]
    with (
        Path(environment["RECADO_DATA"], "log").open("wb") as log,
        subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        try:
            url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            made = subprocess.run(make_token, cwd=TOP, env=environment, check=True, capture_output=True, text=True)
            yield url, made.stdout.split()[-1]
        finally:
            process.terminate()


def failures(operation: Any, token: str, mode: GenerationMode, cases: int, number: int) -> tuple[int, list[str]]:
    """Send so many cases to an operation; returns how many were sent, and what was wrong with their answers."""
    found: list[str] = []
    sent = 0

    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        nonlocal sent
        sent += 1
        try:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
        except FailureGroup as error:
            found.extend(f"{failure}\n{case.as_curl_command()}" for failure in error.exceptions)

    with suppress(Unsatisfiable):  # nothing about it can be wrong
        check()
    return sent, found


def rounds(schema: Any, token: str, cases: int, seconds: float) -> tuple[int, list[str]]:
    """Send so many cases to all operations in turn, or what can be sent in that time."""
    operations = [result.ok() for result in schema.get_all_operations()]
    sent, found, number, end = 0, [], 0, time.monotonic() + seconds
    while sent < cases and time.monotonic() < end:
        for operation in operations:
            for mode in MODES:
                if sent < cases and time.monotonic() < end:
                    count, wrong = failures(operation, token, mode, min(BATCH, cases - sent), number)
                    sent, found = sent + count, found + wrong
        number += 1
        print(f"{sent} cases, {len(found)} failures so far", file=sys.stderr, flush=True)
    return sent, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="on each engine")
    parser.add_argument("--seconds", type=int, default=3600, help="on each engine, at most")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    options = parser.parse_args()
    failed = 0
    for engine in options.engine or ENGINES:
        with TemporaryDirectory() as folder, served(engine, Path(folder)) as (url, token):
            config = schemathesis.Config.from_path(SETTINGS)
            schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config)
            sent, found = rounds(schema, token, options.cases, options.seconds)
        for failure in sorted(set(found)):
            print(failure, end="\n\n")
        print(f"{engine}: {sent} cases, {len(found)} failures", flush=True)
        failed += len(found)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
