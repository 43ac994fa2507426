"""What all commands have in common."""

import sys
from io import TextIOWrapper
from typing import Any

import click
from flask.cli import AppGroup


class Commands(AppGroup):
    """Commands whose answers a console that knows few letters shows as well as it can."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().invoke(ctx)
