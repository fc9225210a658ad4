"""Clients as a process: so many connections on raw sockets, each sending its next request when the last one is answered.

`python -m benchmarks.client` reads a task as JSON from stdin's first line, says "ready", begins at the second line, and prints
what it saw. It imports nothing of the service and little else, so that it costs as little as it can.

    port, connections    where to, and how many at once
    requests             the requests as texts; each goes round in them, from a place of its own
    seconds              how long
    once                 each request is sent by one of them, once; whoever finds none left stops
    every_seconds        instead of as fast as it is answered, each connection sends one in so many seconds
    begin_within         the connections begin one after the other within so many seconds, not all at once
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

LENGTH, CHUNKED = b"content-length:", b"transfer-encoding: chunked"


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, requests: Iterator[bytes], until: float, pause: float) -> None:
        self.requests, self.until, self.pause = requests, until, pause
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.received = b""
        self.began: float | None = None
        """When the request was sent that is not answered yet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type
        self.transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or not _is_whole(head, body):
            return
        self.received = b""
        took = time.perf_counter() - (self.began or 0.0)
        self.began = None
        self.seconds.append(took)
        self.statuses[int(head[9:12])] += 1
        if self.pause:
            asyncio.get_running_loop().call_later(max(0.0, self.pause - took), self._send)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self.began is not None:
            self.statuses[0] += 1
        if not self.over.done():
            self.over.set_result(None)


def _is_whole(head: bytes, body: bytes) -> bool:
    """Whether the answer has come to its end. One that names no length, and comes in no chunks, has no body."""
    names = head.lower()
    if CHUNKED in names:
        return body.endswith(b"0\r\n\r\n")
    place = names.find(LENGTH)
    return place < 0 or len(body) >= int(head[place + len(LENGTH) :].split(b"\r\n", 1)[0])


def _round(requests: list[bytes], first: int) -> Iterator[bytes]:
    place = first
    while True:
        yield requests[place % len(requests)]
        place += 1


async def _run(task: dict[str, Any]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    requests = [text.encode() for text in task["requests"]]
    shared = iter(requests) if task.get("once") else None
    started, cpu = time.perf_counter(), time.process_time()
    until = started + task["seconds"]
    made = []
    for number in range(task["connections"]):
        mine = shared or _round(requests, number * len(requests) // task["connections"])
        pause = task.get("every_seconds", 0.0)
        _, connection = await loop.create_connection(lambda m=mine, p=pause: Connection(m, until, p), "127.0.0.1", task["port"])  # type: ignore[misc]
        made.append(connection)
        await asyncio.sleep(task.get("begin_within", 0) / task["connections"])
    await asyncio.wait([one.over for one in made], timeout=task["seconds"] + task.get("patience", 60))
    statuses = sum((one.statuses for one in made), Counter[int]())
    seconds = [took for one in made for took in one.seconds]
    wall = time.perf_counter() - started
    unanswered = sum(not one.over.done() for one in made)
    for one in made:
        one.transport.abort()
    told = {"seconds": seconds, "statuses": {str(status): count for status, count in statuses.items()}}
    return told | {"wall": wall, "cpu": time.process_time() - cpu, "unanswered": unanswered}


def main() -> None:
    task = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    json.dump(asyncio.run(_run(task)), sys.stdout)


if __name__ == "__main__":
    main()
