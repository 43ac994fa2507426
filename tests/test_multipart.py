"""Forms that no browser sends: whatever stands in a multipart body is answered by us, in our own words and headers."""

import pytest
from flask import Flask

from tests.support.addresses import addresses
from tests.support.clients import SAME_ORIGIN

UNKNOWN = "01a1f8a1-5988-77cc-afbc-b09c5316fdc5"
PARTS = {
    "no name": "Content-Disposition: form-data\r\n\r\nBuy milk",
    "no name, but a file's": 'Content-Disposition: form-data; filename="a"\r\n\r\nBuy milk',
    "an empty name": 'Content-Disposition: form-data; name=""\r\n\r\nBuy milk',
    "a file in the place of text": 'Content-Disposition: form-data; name="title"; filename="a"\r\n\r\nBuy milk',
    "no disposition": "X-Other: a\r\n\r\nBuy milk",
    "an unknown disposition": 'Content-Disposition: inline; name="title"\r\n\r\nBuy milk',
    "an unknown charset": 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=x\r\n\r\nA',
    "a charset for all": 'Content-Disposition: form-data; name="_charset_"\r\n\r\nutf-16',
    "an encoding": 'Content-Disposition: form-data; name="title"\r\nContent-Transfer-Encoding: base64\r\n\r\n/w==',
    "no headers": "\r\n\r\nBuy milk",
    "no end of headers": 'Content-Disposition: form-data; name="title"',
    "a name of another kind": "Content-Disposition: form-data; name*=utf-8''%ff\r\n\r\nBuy milk",
}
KINDS = {"page": {}, "htmx": {"HX-Request": "true"}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", PARTS)
def test_a_strange_part_is_answered_by_us_at_every_address(common_app: Flask, part: str, kind: str) -> None:
    body = f"--x\r\n{PARTS[part]}\r\n--x--\r\n".encode()
    headers = SAME_ORIGIN | KINDS[kind] | {"Content-Type": "multipart/form-data; boundary=x"}
    for path in addresses(common_app, UNKNOWN, "POST"):
        if "/odd/" in path:
            continue
        answer = common_app.test_client().post(path, data=body, headers=headers)
        assert answer.status_code < 500, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if part.startswith("no name") and not path.startswith(("/api/", "/compat/")):
            assert answer.status_code == 400
            assert "A part of the form has no name." in answer.text
