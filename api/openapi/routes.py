"""The paths under /api/ and their verbs, read from api/urls.py and the resources."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern

_GROUP = re.compile(r"\(\?P<(\w+)>([^)]*)\)")
_EVERYTHING_ELSE = r"^api(?:/.*)?$"


@dataclass(frozen=True)
class Route:
    """A path as OpenAPI writes it. `parameters`: its parts by name, each with the words that it may be, or none."""

    path: str
    verbs: tuple[str, ...]
    parameters: dict[str, list[str]]
    needs_a_key: bool


def routes(patterns: Iterable[Any]) -> Iterator[Route]:
    """What is served under /api/, in the order of the patterns."""
    for one in patterns:
        regex = str(one.pattern)
        if isinstance(one, URLPattern) and regex.startswith("^api/") and regex != _EVERYTHING_ELSE:
            groups = {name: [] if what == "[^/]+" else what.split("|") for name, what in _GROUP.findall(regex)}
            path = _GROUP.sub(r"{\1}", regex).removeprefix("^").removesuffix("$").removesuffix("/?").replace("\\.", ".")
            yield Route(f"/{path}", _verbs(one.callback), groups, hasattr(one.callback, "resource"))


def _verbs(view: Any) -> tuple[str, ...]:
    """A view that is no resource's is a file, which can only be read."""
    if not hasattr(view, "resource"):
        return ("GET",)
    kind = view.view.removeprefix("dispatch_")
    return tuple(verb.upper() for verb in getattr(view.resource._meta, f"{kind}_allowed_methods"))
