"""Requests that schemathesis makes up from the document, some good and some bad: each is answered as the document says.

`python -m bench.api_cases` sends thousands of them to a real server; these few find what is grossly wrong.
"""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings

from bench import api_cases_hooks
from tests.clients import Program
from webapp.contract import OPERATIONS

CASES = 10  # of each operation


@pytest.mark.parametrize("name", OPERATIONS)
def test_made_up_requests_are_answered_as_the_document_says(common_app: Flask, name: str) -> None:
    program = Program(common_app)
    program.enter()
    config = schemathesis.Config.from_path(api_cases_hooks.SETTINGS)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", common_app, config=config)
    method, _, path = name.partition(" ")
    operation = schema[path][method]

    @settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {program.token}"})

    check()
