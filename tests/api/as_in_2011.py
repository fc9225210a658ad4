"""A client of 2011: what it sends is written out as it goes over the wire, and goes through the WSGI application itself."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from lxml import etree

from config.wsgi import application

HOST = "give.example.test"


@dataclass
class Answer:
    """An answer as it comes over the wire, a header as often as it stands there."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name):
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def header(self, name):
        (value,) = self.all(name)
        return value

    @property
    def notices(self):
        return self.all("Notice")

    @property
    def xml(self):
        return etree.fromstring(self.body)

    def text(self, path):
        """The text at the path, whatever the namespace."""
        return self.xml.findtext("/".join(f"{{*}}{name}" for name in path.split("/")))

    @property
    def names(self):
        return [etree.QName(child).localname for child in self.xml]


def send(request, body=None, **values):
    """The answer to a request that is written out: its line, its headers, an empty line, its body.

    `{name}` in it stands for a value. `body`: bytes in its place.
    """
    for name, value in values.items():
        request = request.replace(f"{{{name}}}", value)
    head, _, written = request.strip().partition("\n\n")
    line, *headers = head.split("\n")
    verb, address = line.split(" ", 1)
    content = written.encode() if body is None else body
    parts = urlsplit(address)
    environ = RequestFactory(SERVER_NAME=HOST)._base_environ(
        REQUEST_METHOD=verb, PATH_INFO=parts.path, QUERY_STRING=parts.query, HTTP_HOST=HOST, CONTENT_LENGTH=str(len(content)),
    )  # fmt: skip
    environ.pop("CONTENT_TYPE", None)
    environ["wsgi.input"].write(content)
    for header in headers:
        name, value = header.split(": ", 1)
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    started = []
    request_started.disconnect(close_old_connections)  # the test's transaction is to outlive the request
    try:
        told = b"".join(application(environ, lambda status, headers: started.append((int(status[:3]), headers))))
    finally:
        request_started.connect(close_old_connections)
    return Answer(*started[0], told)
