"""The front door: an ASGI application for everything, before the WSGI one that answers.

A request costs what it is worth before its key is known: its body is taken on asyncio, with a total time, before a thread
is; a thread is held neither by who waits for news, nor by who waits for a place (web/places.py), nor by who reads slowly.
docs/decisions/0067-the-front-door.md says why.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import connections

from web import places
from web.as_wsgi import PIECE_BYTES, Answer, WsgiApplication, ask, environ_of
from web.holding import Held
from web.incoming import BodyWanted, Incoming, State, TooSlow
from web.made_anew import Hold
from web.problems import BodyTooSlow, RequestError, TooBusy
from web.request_limits import REFUSED
from web.threads import Threads

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_IN_HAND = 500
"""How many requests of one process may be in a thread or wait for one; more are answered with 503."""

OUR_NAME = b"whipround"
"""In the place of the server's own name, which Granian puts where an application names none. What it refuses itself, a request
that is no HTTP, still has it: https://github.com/emmett-framework/granian/issues/594"""

SECONDS_TO_TAKE_A_PIECE = 30
"""Who takes longer for PIECE_BYTES of an answer is not waited for."""


class FrontDoor:
    """An ASGI application; one for each process. `wsgi` answers each request."""

    def __init__(self, wsgi: WsgiApplication, *, threads: int = 0) -> None:
        self._wsgi = wsgi
        self._threads = Threads(threads or settings.REQUEST_THREADS, at_the_end=connections.close_all)
        self._in_hand = 0
        self.held = Held(self._in_a_thread)
        self._queue = places.Queue()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            incoming = Incoming(scope, receive, settings.BODY_SECONDS)
            try:
                await self._serve(scope, incoming, send)
            finally:
                incoming.let_go()

    def close(self) -> None:
        """End the threads and their connections to the database."""
        self._queue.close()
        self._threads.close()

    async def _serve(self, scope: Message, incoming: Incoming, send: Send) -> None:
        answer = await self._answer(scope, incoming)
        if incoming.state is State.MORE:
            answer.headers.append((b"connection", b"close"))
        await self._send(answer, send)
        if incoming.state is State.MORE and incoming.may_be_drained and not incoming.was_too_slow:
            await incoming.drain()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, incoming: Incoming) -> Answer:
        if self._in_hand >= MOST_IN_HAND:
            return self._refused(scope, incoming, TooBusy())
        try:
            if incoming.is_taken_at_once:
                await incoming.take()
            return await self._asked_again_and_again(scope, incoming)
        except TooSlow:
            return self._refused(scope, incoming, BodyTooSlow())

    async def _asked_again_and_again(self, scope: Message, incoming: Incoming) -> Answer:
        """Made anew where it wanted its body, a place, or news. Raises TooSlow."""
        started, hold, gone = time.monotonic(), Hold(), None
        try:
            while True:
                hold = Hold(begun_at=hold.begun_at, has_room=self.held.has_room, may_queue=hold.may_queue, once=hold.once)
                try:
                    answer: Answer = await self._in_a_thread(ask, self._wsgi, environ_of(scope, incoming, hold))
                except BodyWanted as wanted:
                    await incoming.take(wanted.size)
                    continue
                except places.PlaceWanted as wanted:
                    left = started + wanted.seconds - time.monotonic()
                    hold.may_queue = left > 0 and await self._queue.until_one_is_free(wanted, left)
                    continue
                if hold.watched is None:
                    return answer
                gone = gone or asyncio.ensure_future(incoming.gone())
                left = started + hold.seconds - time.monotonic()
                if left <= 0 or not await self.held.until_news(hold.watched, left, gone):
                    return answer
        finally:
            if gone is not None:
                gone.cancel()

    async def _in_a_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        self._in_hand += 1
        try:
            return await self._threads.call(function, *arguments)
        finally:
            self._in_hand -= 1

    def _refused(self, scope: Message, incoming: Incoming, error: RequestError) -> Answer:
        """Told by the middleware alone, which needs no thread and no database."""
        return ask(self._wsgi, environ_of(scope, incoming, Hold()) | {REFUSED: error})

    async def _send(self, answer: Answer, send: Send) -> None:
        """Piece by piece, as the client takes it. Who does not is left."""
        headers = [*answer.headers, (b"server", OUR_NAME)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.rest is None and len(answer.first) <= PIECE_BYTES:
            await send({"type": "http.response.body", "body": answer.first})
            return
        try:
            for at in range(0, len(answer.first), PIECE_BYTES):
                await self._send_piece(answer.first[at : at + PIECE_BYTES], send)
            while answer.rest is not None and not answer.rest.is_over:
                if piece := await self._in_a_thread(answer.rest.next):
                    await self._send_piece(piece, send)
        finally:
            if answer.rest is not None and not answer.rest.is_over:
                await self._in_a_thread(answer.rest.close)
        await send({"type": "http.response.body", "body": b""})

    async def _send_piece(self, piece: bytes, send: Send) -> None:
        async with asyncio.timeout(SECONDS_TO_TAKE_A_PIECE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
