"""Examples in the documentation, read so that they can be run.

A fenced block marked `http` is a request, or, where its first line is a status line, the answer to the request above
it. A block marked `console` holds commands after `$ ` and what they print; a command goes on for as long as a quotation
is open. `{name}` stands for a value that the service chooses: what it was at first it must be ever after. In an answer
a line, an XML comment or a JSON member of three dots stands for what is not shown.
"""

import re
import shlex
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"( *)```(\S*) *")
_HEADING = re.compile(r"#+ (.+)")
_REQUEST_LINE = re.compile(r"([A-Z]+) (/\S*) HTTP/1\.1")
_STATUS_LINE = re.compile(r"HTTP/1\.1 (\d{3}) (\S.*)")


class BadExample(AssertionError):
    """The documentation shows something that cannot be run or is not what happens; the message says where."""


@dataclass(frozen=True)
class Block:
    """A fenced block: `line` is the number of its first line of text, `heading` the one that it stands under."""

    file: str
    line: int
    heading: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Request:
    block: Block
    verb: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Response:
    block: Block
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Exchange:
    """A request and the answer shown under it."""

    request: Request
    response: Response

    @property
    def block(self) -> Block:
        """Where it says what should happen."""
        return self.response.block


@dataclass(frozen=True)
class Command:
    """One command line and what it prints."""

    block: Block
    line: str
    output: list[str] = field(default_factory=list)


def blocks_of(file: Path, *languages: str) -> list[Block]:
    """The fenced blocks of a Markdown file in their order, all of them or those in `languages`."""
    found: list[Block] = []
    name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name
    heading, opened, text = "", None, []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence is None:
            heading = title[1] if (title := _HEADING.fullmatch(line)) else heading
        elif opened is None and fence is not None:
            opened, text = (number + 1, fence[1], fence[2]), []
        elif opened is not None and fence is None:
            text.append(line.removeprefix(opened[1]))
        elif opened is not None:
            found.append(Block(name, opened[0], heading, opened[2], "\n".join(text)))
            opened = None
    if opened is not None:
        raise BadExample(f"{name}:{opened[0]}: the block is not closed")
    return [block for block in found if not languages or block.language in languages]


def steps_of(file: Path) -> list[Exchange | Command]:
    """Every `http` exchange and every command in `console` blocks, in their order."""
    steps: list[Exchange | Command] = []
    waiting: Request | None = None
    for block in blocks_of(file, "http", "console"):
        is_response = block.language == "http" and block.text.startswith("HTTP/")
        if waiting is not None and not is_response:
            raise BadExample(f"{waiting.block}: the request has no answer under it")
        if block.language == "console":
            steps += commands_of(block)
        elif not is_response:
            waiting = request_of(block)
        elif waiting is None:
            raise BadExample(f"{block}: the answer has no request above it")
        else:
            steps.append(Exchange(waiting, response_of(block)))
            waiting = None
    if waiting is not None:
        raise BadExample(f"{waiting.block}: the request has no answer under it")
    return steps


def request_of(block: Block) -> Request:
    first, headers, body = _message(block)
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise BadExample(f"{block}: not a request line: {first!r}")
    return Request(block, found[1], found[2], headers, body)


def response_of(block: Block) -> Response:
    first, headers, body = _message(block)
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise BadExample(f"{block}: not a status line: {first!r}")
    status = int(found[1])
    if found[2] != HTTPStatus(status).phrase:
        raise BadExample(f"{block}: {status} is {HTTPStatus(status).phrase}, not {found[2]}")
    return Response(block, status, headers, body)


def commands_of(block: Block) -> list[Command]:
    commands: list[Command] = []
    for line in block.text.splitlines():
        if commands and _is_unfinished(commands[-1].line):
            going_on = commands.pop()
            commands.append(Command(block, f"{going_on.line}\n{line}"))
        elif line.startswith("$ "):
            commands.append(Command(block, line[2:]))
        elif not commands:
            raise BadExample(f"{block}: a console block starts with `$ ` and a command")
        else:
            commands[-1].output.append(line)
    return commands


def _is_unfinished(line: str) -> bool:
    try:
        shlex.split(line)
    except ValueError:
        return True
    return False


def _message(block: Block) -> tuple[str, dict[str, str], str]:
    head, _, body = block.text.partition("\n\n")
    first, *lines = head.splitlines()
    headers = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or not re.fullmatch(r"[A-Za-z-]+", name):
            raise BadExample(f"{block}: not a header: {line!r}")
        headers[name] = value
    return first, headers, body.strip("\n")
