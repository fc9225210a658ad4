"""Holding a request until there is news: an ASGI application in front of the WSGI one.

A request that has nothing new to tell says what it is waiting for; it is held here, on asyncio, without a thread, and is
made anew when that changes. One query, five times a second, looks for all that wait. Any other request is answered as the
WSGI application answers it.
"""

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from web.request_limits import LARGEST_BODY_BYTES
from web.waiting import HOLD, Hold, Watched, as_they_are

LOOKS_EVERY_SECONDS = 0.2
THREADS = 4
MOST_HELD = 2000
"""More than so many in one process are answered at once."""

Message = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Application:
    """An ASGI application; one for each process. `wsgi` answers each request."""

    def __init__(self, wsgi: WsgiApplication) -> None:
        self._wsgi = wsgi
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="waiting")
        self._held: dict[asyncio.Future[None], Watched] = {}
        self._looking: asyncio.Task[None] | None = None

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            body = await _body(receive)
            if body is not None:
                gone = asyncio.ensure_future(_gone(receive))
                try:
                    status, headers, content = await self._answer(scope, body, gone)
                finally:
                    gone.cancel()
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": content})

    def close(self) -> None:
        """End the threads and their connections to the database."""
        for _ in range(THREADS):
            self._pool.submit(_rest)
        self._pool.shutdown()

    async def _live(self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, body: bytes, gone: "asyncio.Future[None]") -> Answer:
        started, hold = time.monotonic(), Hold()
        while True:
            hold = Hold(begun_at=hold.begun_at, has_room=len(self._held) < MOST_HELD)
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, _ask, self._wsgi, scope, body, hold)
            if hold.watched is None:
                return answer
            left = started + hold.seconds - time.monotonic()
            if left <= 0 or not await self._changes(hold.watched, left, gone):
                return answer

    async def _changes(self, watched: Watched, seconds: float, gone: "asyncio.Future[None]") -> bool:
        """Whether it changes before the time is over, and before the client has had enough."""
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held[news] = watched
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())
        try:
            await asyncio.wait([news, gone], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._held[news]
        return news.done() and not gone.done()

    async def _look(self) -> None:
        """One look for all, again and again while anybody is held."""
        while self._held:
            await asyncio.sleep(LOOKS_EVERY_SECONDS)
            kinds: dict[str, set[int]] = {}
            for watched in self._held.values():
                kinds.setdefault(watched.kind, set()).add(watched.pk)
            now = await asyncio.get_running_loop().run_in_executor(self._pool, _see, kinds)
            if now is None:
                continue  # the database did not answer: the next look may find out
            for news, watched in list(self._held.items()):
                seen = now.get(watched.kind)
                if seen is not None and seen.get(watched.pk) != watched.seen and not news.done():
                    news.set_result(None)


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    """The request's body, a little more than is allowed at most; None where the client is gone."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= LARGEST_BODY_BYTES:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[: LARGEST_BODY_BYTES + 1]


async def _gone(receive: Callable[[], Awaitable[Message]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _ask(wsgi: WsgiApplication, scope: Message, body: bytes, hold: Hold) -> Answer:
    """One request to the WSGI application."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        told.append((status, headers))

    response = wsgi(_environ(scope, body, hold), start_response)
    try:
        content = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    status, headers = told[-1]
    return int(status[:3]), [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers], content


def _environ(scope: Message, body: bytes, hold: Hold) -> Message:
    server, client = scope.get("server") or ("127.0.0.1", 0), scope.get("client") or ("", 0)
    environ: Message = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        HOLD: hold,
    }
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key == "CONTENT_TYPE":
            environ[key] = text
        elif key not in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:  # the body is here, and as long as it is
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _see(kinds: dict[str, set[int]]) -> dict[str, dict[int, Any]] | None:
    close_old_connections()
    try:
        return {kind: as_they_are(kind, sorted(pks)) for kind, pks in kinds.items()}
    except DatabaseError:
        connection.close()
        return None


def _rest() -> None:
    connection.close()
    time.sleep(0.01)  # so that each thread gets one of these
