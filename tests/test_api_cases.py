"""Requests that schemathesis makes up from the document, good ones and bad: each is answered as the document says.

`python -m bench.api_cases` sends thousands of them to a real server; these few find what is grossly wrong.
"""

import pytest
import schemathesis
from flask import Flask
from schemathesis import GenerationMode

from bench.api_cases import MODES, failures
from bench.api_cases_hooks import SETTINGS
from tests.clients import Program
from webapp.contract.operations import OPERATIONS

CASES = 10  # of each operation and mode


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_made_up_requests_are_answered_as_the_document_says(common_app: Flask, name: str, mode: GenerationMode) -> None:
    program = Program(common_app)
    program.enter()
    config = schemathesis.Config.from_path(SETTINGS)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", common_app, config=config)
    method, _, path = name.partition(" ")
    sent, found = failures(schema[path][method], program.token, mode, CASES, 1)
    assert found == []
    assert sent or mode is GenerationMode.NEGATIVE
