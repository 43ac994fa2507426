"""Requests that schemathesis makes up from the document, good ones and bad: each is answered as the document says.

`python -m bench.api_cases` sends thousands of them to a real server; these few find what is grossly wrong.
"""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from bench.api_cases.hooks import SETTINGS
from tests.support.clients import Program
from webapp.contract.operations import OPERATIONS

CASES = 10  # of each operation and mode
ALWAYS_RIGHT = ("GET /", "GET /openapi.json")  # nothing is sent to them that could be wrong


@pytest.mark.parametrize("name", OPERATIONS)
def test_made_up_requests_are_answered_as_the_document_says(common_app: Flask, name: str) -> None:
    program = Program(common_app)
    program.enter()
    config = schemathesis.Config.from_path(SETTINGS)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", common_app, config=config)
    method, _, path = name.partition(" ")
    modes = [GenerationMode.POSITIVE] if name in ALWAYS_RIGHT else list(GenerationMode)
    for mode in modes:

        @settings(
            derandomize=True,
            max_examples=CASES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=schema[path][method].as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {program.token}"})

        check()
