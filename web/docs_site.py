"""/docs/: the partners' guide as a site, which `make docs` has built. Without it the paths lead on to /problems.

WhiteNoise serves the files: conditional requests, compressed where MkDocs' are. They are found once, at the start.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from whitenoise import WhiteNoise
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

SECONDS_KEPT = 300
"""How long a browser may use a page before it asks again."""


class DocsSite:
    """Middleware: answers what is a file of the site, and hands on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.files = _files_in(settings.DOCS_SITE_DIR, is_there=settings.DOCS_SITE_DIR.exists())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        file = self.files.get(request.path_info)
        if file is not None:
            if request.method not in {"GET", "HEAD"}:
                return HttpResponseNotAllowed(["GET", "HEAD"])
            served: HttpResponseBase = WhiteNoiseMiddleware.serve(file, request)
            return served
        return self.get_response(request)


@cache
def _files_in(folder: Path, *, is_there: bool) -> Mapping[str, StaticFile]:
    """The site's files by their paths, found once in a process, however many handlers it makes."""
    found: Mapping[str, StaticFile] = WhiteNoise(
        None,
        root=str(folder) if is_there else None,  # not built: it would warn
        prefix="docs/",
        index_file=True,
        max_age=SECONDS_KEPT,
        add_headers_function=_add_policy,
    ).files
    return found


@cache
def _policy() -> str:
    hashes = settings.DOCS_SITE_DIR / "scripts.json"
    scripts = " ".join(f"'sha256-{one}'" for one in json.loads(hashes.read_text())) if hashes.exists() else ""
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def _add_policy(headers: dict[str, str], path: str, url: str) -> None:
    if path.endswith(".html"):
        headers["Content-Security-Policy"] = _policy()
