"""The body of a request as it comes in over ASGI: taken before a thread is, and never waited for without an end."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

from django.http import UnreadablePostError

from web.request_limits import LARGEST_BODY_BYTES, speaks_http_1_as

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

LARGEST_BYTES = 8 * 1024 * 1024
"""No body has more, whoever reads it (api/read_only.py)."""

TIMES_LONGER = 4
"""A body that is larger than LARGEST_BODY_BYTES comes from somebody with a key, and may take so many times as long."""

MOST_DRAINED_BYTES, DRAIN_SECONDS = 256 * 1024, 1.0
"""How much is still taken of a body that was refused unread: else the connection ends under whoever sends it."""


class State(Enum):
    WHOLE = "all of it is here"
    MORE = "there is more to come"
    BROKEN = "the client has gone in the middle of it"


class BodyWanted(BaseException):
    """A body is to be read that has been left with the client so far. For the front door: no handler of errors may take it."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class TooSlow(Exception):
    """The body did not come in time."""


class Incoming:
    """What has come of a request's body. `seconds`: how long all of it may take."""

    def __init__(self, scope: Message, receive: Receive, seconds: float) -> None:
        self._receive, self._seconds = receive, seconds
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        self.announced = int(length[-9:]) if length.isdigit() and not length[:-9].strip(b"0") else None
        is_asked_first = headers.get(b"expect", b"").lower() == b"100-continue"
        is_large = self.announced is not None and self.announced > LARGEST_BODY_BYTES
        self.is_taken_at_once = speaks_http_1_as(scope["http_version"]) and not is_asked_first and not is_large
        self.may_be_drained = self.is_taken_at_once or (is_large and not is_asked_first)
        nothing = self.announced in {None, 0} and b"transfer-encoding" not in headers
        self.state = State.WHOLE if nothing else State.MORE
        self.was_too_slow = False
        self._content = bytearray()

    def as_file(self) -> "Input":
        """For the environment of WSGI."""
        return Input(bytes(self._content), self.state)

    def __len__(self) -> int:
        return len(self._content)

    async def take(self, size: int = LARGEST_BODY_BYTES + 1) -> None:
        """Until there are so many bytes, or all. Raises TooSlow."""
        size = min(max(size, min(self.announced or 0, LARGEST_BODY_BYTES)), LARGEST_BYTES + 1)
        seconds = self._seconds * (TIMES_LONGER if size > LARGEST_BODY_BYTES + 1 else 1)
        try:
            async with asyncio.timeout(seconds):
                while self.state is State.MORE and len(self._content) < size:
                    self._content += await self._piece()
        except TimeoutError:
            self.was_too_slow = True
            raise TooSlow from None

    async def drain(self) -> None:
        """Throw away a little of what is left."""
        size = 0
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while self.state is State.MORE and size < MOST_DRAINED_BYTES:
                    size += len(await self._piece())
        except TimeoutError:
            return

    def let_go(self) -> None:
        """Nothing more is read. Granian ends a connection with an unread body when nobody can read it any more; that an
        exception still refers to this object (and it to the body) must not put it off until the garbage is collected."""
        self._receive = _nobody

    async def gone(self) -> None:
        """Ends when the client has gone; to be waited for once the body is whole."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.state = State.BROKEN
            return b""
        if not message.get("more_body", False):
            self.state = State.WHOLE
        piece: bytes = message.get("body", b"")
        return piece


async def _nobody() -> Message:
    return {"type": "http.disconnect"}


class Input:
    """wsgi.input: what is here of a body."""

    def __init__(self, content: bytes, state: State) -> None:
        self._content, self._state = io.BytesIO(content), state

    def read(self, size: int = -1) -> bytes:
        """Raises BodyWanted, UnreadablePostError."""
        return self._checked(self._content.read(size), size)

    def readline(self, size: int = -1) -> bytes:
        """As read()."""
        line = self._content.readline(size)
        return line if line.endswith(b"\n") else self._checked(line, size)

    def _checked(self, content: bytes, size: int) -> bytes:
        is_short = size < 0 or len(content) < size
        if is_short and self._state is State.MORE:
            raise BodyWanted(size)
        if is_short and not content and self._state is State.BROKEN:
            raise UnreadablePostError("the connection ended before the body did")
        return content
