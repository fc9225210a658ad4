"""How large the request line and the headers may be. Checked before anything parses them (web/middleware.py).

The sizes. A header of 8 KiB and 32 KiB for all of them are what nginx lets through by default (large_client_header_buffers
4 8k), so a client that reaches us through it meets no new limit. 8,000 octets for an address is what RFC 9112, section 3,
asks everybody to support. Accept and Content-Type are split by parsers whose time grows with the square of the length
(python-mimeparse, email.message: 33 ms for 8 KiB, under 2 ms for 1 KiB), and browsers send less than 200 bytes.
"""

from collections.abc import Mapping
from typing import Any

from web.problems import AddressTooLong, BadArgument, BodyTooLarge, HeadersTooLarge, HttpVersionNotSpoken

REFUSED = "whipround.refused"
"""Where the front door puts a RequestError into the environment of WSGI: the request is refused with it."""

LARGEST_BODY_BYTES = 64 * 1024
LONGEST_ADDRESS_BYTES = 8000
MOST_ARGUMENTS = 100
LARGEST_HEADER_BYTES = 8 * 1024
LARGEST_PARSED_HEADER_BYTES = 1024
ALL_HEADERS_BYTES = 32 * 1024
MOST_HEADERS = 100

_PARSED = {"HTTP_ACCEPT": "Accept", "CONTENT_TYPE": "Content-Type"}


def check_accept(environ: Mapping[str, Any]) -> None:
    """Raises HeadersTooLarge."""
    _check_size("HTTP_ACCEPT", environ.get("HTTP_ACCEPT", ""))


def check_address(environ: Mapping[str, Any]) -> None:
    """Raises AddressTooLong, BadArgument."""
    query = environ.get("QUERY_STRING", "")
    if len(environ.get("PATH_INFO", "")) + len(query) > LONGEST_ADDRESS_BYTES:
        raise AddressTooLong(f"A path and its query may have {LONGEST_ADDRESS_BYTES} bytes together.")
    if query.count("&") >= MOST_ARGUMENTS:
        raise BadArgument(f"An address may have at most {MOST_ARGUMENTS} arguments.")


def check_the_rest(environ: Mapping[str, Any]) -> None:
    """The protocol, all headers and what they say of a form; what the front door refuses.

    Raises HttpVersionNotSpoken, HeadersTooLarge, BodyTooLarge; BodyTooSlow, TooBusy.
    """
    if REFUSED in environ:
        raise environ[REFUSED]
    if not speaks_http_1(environ):
        raise HttpVersionNotSpoken("Speak HTTP/1.1.")
    headers = {name: value for name, value in environ.items() if name.startswith("HTTP_") or name in _ABOUT_THE_BODY}
    if len(headers) > MOST_HEADERS:
        raise HeadersTooLarge(f"A request may have at most {MOST_HEADERS} headers.")
    for name, value in headers.items():
        _check_size(name, value)
    if sum(len(name) + len(value) for name, value in headers.items()) > ALL_HEADERS_BYTES:
        raise HeadersTooLarge(f"All headers may have {ALL_HEADERS_BYTES} bytes together.")
    if _is_large_multipart(environ):
        raise BodyTooLarge(f"A body may have at most {LARGEST_BODY_BYTES} bytes.")


def speaks_http_1(environ: Mapping[str, Any]) -> bool:
    """False: its body must not be read. Granian's WSGI waits for ever where an HTTP/2 body is shorter than announced."""
    protocol: str = environ.get("SERVER_PROTOCOL", "HTTP/1.1")
    return speaks_http_1_as(protocol.removeprefix("HTTP/"))


def speaks_http_1_as(version: str) -> bool:
    """Whether that is a version of HTTP/1."""
    return version == "1" or version.startswith("1.")  # granian calls 1.0 HTTP/1


_ABOUT_THE_BODY = ("CONTENT_TYPE", "CONTENT_LENGTH")


def _check_size(name: str, value: str) -> None:
    most = LARGEST_PARSED_HEADER_BYTES if name in _PARSED else LARGEST_HEADER_BYTES
    if len(name) > LARGEST_PARSED_HEADER_BYTES:
        raise HeadersTooLarge(f"The name of a header may have at most {LARGEST_PARSED_HEADER_BYTES} bytes.")
    if len(value) > most:
        told = _PARSED.get(name) or name.removeprefix("HTTP_").replace("_", "-").title()[:100]
        raise HeadersTooLarge(f"The header {told} may have at most {most} bytes; it has {len(value)}.")


def _is_large_multipart(environ: Mapping[str, Any]) -> bool:
    """Django limits what it keeps of a multipart form in memory, and would write the rest of it to the disk."""
    if not environ.get("CONTENT_TYPE", "").strip().lower().startswith("multipart/"):
        return False
    length = environ.get("CONTENT_LENGTH") or "0"
    return not (length.isascii() and length.isdigit() and int(length.lstrip("0")[:9] or 0) <= LARGEST_BODY_BYTES)
