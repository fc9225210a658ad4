"""One request of ASGI put to the WSGI application, and its answer piece by piece."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from web.incoming import Incoming, State
from web.made_anew import HOLD, Hold

PIECE_BYTES = 64 * 1024
"""So much of an answer is made, and handed to the server, at once."""

Message = dict[str, Any]
WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Answer:
    """`first` is all of it where `rest` is None."""

    status: int
    headers: list[tuple[bytes, bytes]]
    first: bytes
    rest: "Rest | None" = None


class Rest:
    """What is left of an answer; to be made in a thread."""

    def __init__(self, response: Iterable[bytes]) -> None:
        self._response, self._pieces = response, iter(response)
        self.is_over = False

    def next(self) -> bytes:
        """The next PIECE_BYTES or so; it is over where fewer come."""
        piece = _gathered(self._pieces)
        if len(piece) < PIECE_BYTES:
            self.close()
        return piece

    def close(self) -> None:
        """The response is told that nobody reads on. It can be said twice."""
        if not self.is_over:
            self.is_over = True
            if hasattr(self._response, "close"):
                self._response.close()


def ask(wsgi: WsgiApplication, environ: Message) -> Answer:
    """The answer, which has a `rest` where there is more of it than one piece."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        told.append((status, headers))

    rest = Rest(wsgi(environ, start_response))
    try:
        first = rest.next()
    except BaseException:
        rest.close()
        raise
    status, headers = told[-1]
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(int(status[:3]), encoded, first, None if rest.is_over else rest)


def environ_of(scope: Message, incoming: Incoming, hold: Hold) -> Message:
    """The environment of a request whose body is here, or is left with the client until somebody reads it."""
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
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": incoming.as_file(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        HOLD: hold,
    }
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    if incoming.state is State.WHOLE and "HTTP_TRANSFER_ENCODING" in environ:  # it is here, and as long as it is
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(len(incoming))
    return environ


def _gathered(pieces: Iterator[bytes]) -> bytes:
    found, size = [], 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size >= PIECE_BYTES:
            break
    return b"".join(found)
