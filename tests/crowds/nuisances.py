"""Connections that cost a client nothing and are meant to cost a server much. All of them are held open at once, by asyncio."""

import asyncio
import contextlib
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"POST /api/savings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml\r\n"
"""Without a key."""


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def http_2_post(port: int) -> bytes:
    """What `curl --http2-prior-knowledge -H 'Content-Length: 100' --data '{}'` sends to /api/savings."""

    def literal(index: int, value: bytes) -> bytes:
        return bytes([0x0F, index - 15, len(value)]) + value

    host = f"{HOST}:{port}".encode()
    headers = b"\x83\x86" + b"\x04\x0c/api/savings" + bytes([0x01, len(host)]) + host
    headers += literal(28, b"100") + literal(31, b"application/json")
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    return preface + frame(4, 0, 0, b"") + frame(1, 4, 1, headers) + frame(0, 1, 1, b"{}")


SMUGGLED = (
    HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n",
    HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n<a/>\n",
    HEAD + b"Transfer-Encoding: identity, chunked\r\n\r\nzz\r\n",
    HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/savings HTTP/1.1\r\nHost: 127.0.0.1\r\n X: folded\r\nContent-Length: 99999999999999999999\r\n\r\n",
)


async def nothing(wire: Wire) -> None:
    """An idle connection."""


async def half_a_body(wire: Wire) -> None:
    wire[1].write(HEAD + b"Content-Length: 1000\r\n\r\n<SavingGoal>")


async def dripping_body(wire: Wire) -> None:
    wire[1].write(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:  # deadline: its task is cancelled with the test
        wire[1].write(b" ")
        await asyncio.sleep(0.2)


async def dripping_chunks(wire: Wire) -> None:
    wire[1].write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:  # deadline: its task is cancelled with the test
        wire[1].write(b"1\r\n \r\n")
        await asyncio.sleep(0.2)


async def dripping_head(wire: Wire) -> None:
    wire[1].write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
    while True:  # deadline: its task is cancelled with the test
        wire[1].write(b"a")
        await asyncio.sleep(0.2)


def sends(content: bytes) -> Callable[[Wire], Coroutine[Any, Any, None]]:
    async def deed(wire: Wire) -> None:
        wire[1].write(content)

    return deed


@dataclass
class Nuisances:
    """What has become of each kind: the status that it was answered with, 0 for closed without a word."""

    ends: dict[str, Counter[int]] = field(default_factory=dict)
    running: list["asyncio.Task[None]"] = field(default_factory=list)

    async def begin(self, port: int, name: str, number: int, deed: Callable[[Wire], Coroutine[Any, Any, None]]) -> None:
        ends = self.ends.setdefault(name, Counter())
        for _ in range(number):
            wire = await asyncio.open_connection(HOST, port)
            self.running.append(asyncio.ensure_future(_until_it_ends(wire, deed, ends)))

    async def over(self, seconds: float) -> bool:
        """Whether all of them have been answered or closed in this time."""
        _, open_ones = await asyncio.wait(self.running, timeout=seconds)
        return not open_ones


async def _until_it_ends(wire: Wire, deed: Callable[[Wire], Coroutine[Any, Any, None]], ends: Counter[int]) -> None:
    talking = asyncio.ensure_future(deed(wire))
    told = b""
    try:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            told = await wire[0].read(12)
            while await wire[0].read(65536):
                pass
        ends[int(told[9:12]) if told.startswith(b"HTTP/1.1 ") else 0] += 1
    finally:
        talking.cancel()
        wire[1].close()


@contextlib.asynccontextmanager
async def everything_at_once(port: int, *, idle: int = 500, dripping: int = 200, halves: int = 64) -> AsyncIterator[Nuisances]:
    """All kinds of them, begun."""
    found = Nuisances()
    await found.begin(port, "idle", idle, nothing)
    await found.begin(port, "half a body", halves, half_a_body)
    await found.begin(port, "dripping body", dripping // 2, dripping_body)
    await found.begin(port, "dripping chunks", dripping // 4, dripping_chunks)
    await found.begin(port, "dripping head", dripping // 4, dripping_head)
    await found.begin(port, "HTTP/2", 16, sends(http_2_post(port)))
    for content in SMUGGLED:
        await found.begin(port, "smuggled", 2, sends(content))
    try:
        yield found
    finally:
        for task in found.running:
            task.cancel()
        await asyncio.gather(*found.running, return_exceptions=True)


async def asked(port: int, path: str, key: str = "") -> tuple[int, float]:
    """(status, seconds) of a GET on a connection of its own, by somebody who follows nothing."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(HOST, port)
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return int(answer[9:12]), time.monotonic() - began
