"""The WSGI application: `granian --interface wsgi --http 1 config.wsgi:application`."""

import os
from collections.abc import Callable
from typing import Any

import django
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, reset_queries
from django.http.response import HttpResponseBase

from web.wsgi_request import Utf8Request, one_line_each

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Application(WSGIHandler):
    """Django's own, with requests of ours, and a line for each Notice."""

    request_class = Utf8Request

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        def start(status: str, headers: list[tuple[str, str]], *exception: Any) -> Any:
            return start_response(status, one_line_each(headers, "Notice"), *exception)

        return super().__call__(environ, start)


django.setup(set_prefix=False)
signals.request_started.disconnect(reset_queries)  # it keeps them with DEBUG only
signals.request_finished.disconnect(close_old_connections)  # the same is done before the thread's next request
application = Application()
