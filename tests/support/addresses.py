"""Every address of the app, with an example for each variable part: for what must hold wherever one goes."""

import re
from collections.abc import Iterator

from flask import Flask

VARIABLE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")
EXAMPLES = {"problem": "not-found", "secret": "w" * 43}
NO_VIEWS = ("static", "bootstrap.static", "fail")


def addresses(app: Flask, id: str, method: str = "GET") -> Iterator[str]:
    """All addresses of the rooms that take this method; `id` stands for whatever has one."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in NO_VIEWS:
            yield VARIABLE.sub(lambda part: example(part, id), rule.rule)


def example(part: re.Match[str], id: str) -> str:
    if part["kind"] == "int":
        return "1"
    return (part["choices"] or "").split(",")[0].strip("'") or EXAMPLES.get(part["name"], id)


def pages(app: Flask, id: str, trashed: str | None = None) -> list[str]:
    """The addresses that a person can open and gets HTML from, with those of one to-do that is `trashed`."""
    programs = ("/api/v1", "/compat/", "/favicon.ico", "/healthz", "/readyz", "/odd/", "/settings/export/recado.json")
    found = [path for path in addresses(app, id) if not path.startswith(programs)]
    if trashed:
        return [path.replace(f"/trash/{id}", f"/trash/{trashed}") for path in found]
    return [path for path in found if not path.startswith(f"/trash/{id}")]
