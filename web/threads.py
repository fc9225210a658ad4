"""The threads that answer the requests of one process, for its event loop.

A ThreadPoolExecutor hands its work round among all of its threads. Here the thread that was busy last gets the next work, so
that in quiet hours few are used, and their connections to the database with them, which have everything at hand.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class _Work:
    """A call, and who waits for what comes of it."""

    __slots__ = ("arguments", "function", "future", "loop")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.function, self.arguments = function, arguments
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def done(self) -> tuple[Any, BaseException | None]:
        """What comes of the call, and what it has raised. In a thread."""
        try:
            return self.function(*self.arguments), None
        except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
            return None, raised

    def tell(self, done: Any, error: BaseException | None) -> None:
        """To whoever waits, from a thread."""
        try:
            self.loop.call_soon_threadsafe(self._tell, done, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def _tell(self, done: Any, error: BaseException | None) -> None:
        if self.future.cancelled():
            return
        if error is None:
            self.future.set_result(done)
        else:
            self.future.set_exception(error)


class Threads:
    """At most so many, each started when there is work for it that no other is free for. `at_the_end` is called in each."""

    def __init__(self, most: int, *, at_the_end: Callable[[], object]) -> None:
        self._most, self._at_the_end = most, at_the_end
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[_Work | None]] = []
        self._waiting: deque[_Work] = deque()
        self._every: list[threading.Thread] = []
        self._closed = False

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns, called in one of the threads; raises what it raises."""
        work = _Work(function, arguments)
        with self._lock:
            if self._closed:
                raise RuntimeError("the threads have ended")
            if self._idle:
                self._idle.pop().put(work)
            elif len(self._every) < self._most:
                self._start(work)
            else:
                self._waiting.append(work)
        return await work.future

    def close(self) -> None:
        """End them, each when its work is done, and wait for that."""
        with self._lock:
            self._closed = True
            for box in self._idle:
                box.put(None)
            self._idle.clear()
        for thread in self._every:
            thread.join()

    def _start(self, first: _Work) -> None:
        thread = threading.Thread(target=self._live, args=(first,), name=f"request_{len(self._every)}", daemon=True)
        self._every.append(thread)
        thread.start()

    def _live(self, work: _Work | None) -> None:
        box: SimpleQueue[_Work | None] = SimpleQueue()
        while work is not None:
            outcome = work.done()
            following = self._next(box)  # first, so that who is told of this one finds the thread free
            work.tell(*outcome)
            work = following or box.get()
        self._at_the_end()

    def _next(self, box: "SimpleQueue[_Work | None]") -> _Work | None:
        """What waits; where nothing does, the thread is free, and finds its next work in its box: None is the end."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._closed:
                box.put(None)
            else:
                self._idle.append(box)
            return None
