"""Runs the documentation's examples against the service, in process, one after the other."""

import io
import shlex
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout

from django.core.management import CommandError, call_command
from django.test import Client

from tests.docs.comparison import Different, Memory, compare_body
from tests.docs.examples import BadExample, Command, Exchange

HOST = "give.example.org"
"""The address that the documentation uses for the service."""

BODILESS = {204, 303, 304}


class Reader:
    """Somebody who follows a document to the letter."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.client = Client(SERVER_NAME=HOST, raise_request_exception=False)

    def follow(self, steps: Iterable[Exchange | Command], before: Mapping[str, Callable[[Memory], None]] | None = None) -> None:
        """`before` holds what has to have happened when a heading is reached.

        Raises BadExample for the first step that does not do what is shown.
        """
        heading = ""
        for step in steps:
            if step.block.heading != heading:
                heading = step.block.heading
                (before or {}).get(heading, lambda memory: None)(self.memory)
            try:
                if isinstance(step, Exchange):
                    self.ask(step)
                else:
                    self.run(step)
            except Different as difference:
                raise BadExample(f"{step.block}: {difference}") from None

    def ask(self, exchange: Exchange) -> None:
        request, shown = exchange.request, exchange.response
        headers = {name: self.memory.fill(value) for name, value in request.headers.items()}
        media = headers.pop("Content-Type", "")
        meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        body = self.memory.fill(request.body).encode()
        real = self.client.generic(request.verb, self.memory.fill(request.path), body, content_type=media, **meta)
        content = real.getvalue()
        if real.status_code != shown.status:
            raise Different(f"shown {shown.status}, really {real.status_code}: {content.decode()[:1000]}")
        for name, value in shown.headers.items():
            if name not in real.headers:
                raise Different(f"the header {name} is shown and not there")
            self.memory.match(value, real.headers[name], name)
        if content and "Content-Type" not in shown.headers:
            raise Different("a body came, so its Content-Type must be shown")
        if content and shown.status in BODILESS:
            raise Different("a body came where none can be")
        compare_body(shown.body, content, real.headers.get("Content-Type", ""), self.memory)

    def run(self, command: Command) -> None:
        words = shlex.split(self.memory.fill(command.line))
        if words[:2] != ["python", "manage.py"]:
            raise Different(f"only `python manage.py ...` can be run here, not {command.line!r}")
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            try:
                call_command(*words[2:], stdout=printed, stderr=printed)
            except CommandError as error:
                printed.write(f"CommandError: {error}\n")
            except SystemExit as end:
                if end.code not in (0, 1):
                    raise Different(f"{command.line!r} ended with {end.code}: {printed.getvalue()}") from None
        real = printed.getvalue().rstrip("\n").split("\n") if printed.getvalue() else []
        if len(real) != len(command.output):
            raise Different(f"{command.line!r}: {len(command.output)} lines shown, really {real}")
        for shown, line in zip(command.output, real, strict=True):
            self.memory.match(shown, line, command.line)
