"""Holding a request until there is news, on asyncio and without a thread.

A request that has nothing new to tell says what it is waiting for, and is made anew when that changes. One query, five
times a second, looks for all that wait.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from web.made_anew import Watched
from web.waiting import as_they_are

LOOKS_EVERY_SECONDS = 0.2
MOST_HELD = 2000
"""More than so many in one process are answered at once."""


class Held:
    """Who waits for news in this process. `in_a_thread` calls a function in one of the threads, and is to be awaited."""

    def __init__(self, in_a_thread: Callable[..., Any]) -> None:
        self._in_a_thread = in_a_thread
        self._held: dict[asyncio.Future[None], Watched] = {}
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._held)

    @property
    def has_room(self) -> bool:
        return len(self) < MOST_HELD

    async def until_news(self, watched: Watched, seconds: float, gone: "asyncio.Future[None]") -> bool:
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
            kinds: dict[str, set[tuple[int, int]]] = {}
            for watched in self._held.values():
                kinds.setdefault(watched.kind, set()).add(watched.row)
            now = await self._in_a_thread(_see, kinds)
            if now is None:
                continue  # the database did not answer: the next look may find out
            for news, watched in list(self._held.items()):
                seen = now.get(watched.kind)
                if seen is not None and seen.get(watched.row) != watched.seen and not news.done():
                    news.set_result(None)


def _see(kinds: dict[str, set[tuple[int, int]]]) -> dict[str, dict[tuple[int, int], Any]] | None:
    close_old_connections()
    try:
        return {kind: as_they_are(kind, sorted(rows)) for kind, rows in kinds.items()}
    except DatabaseError:
        connection.close()
        return None
