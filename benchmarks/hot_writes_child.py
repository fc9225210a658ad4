"""One process for benchmarks/hot_writes.py: it makes gifts, and has their givers return, when it is told to.

It reads lines such as "post 100" from stdin and says, a line of JSON each, what that took: seconds of its own processor time,
and of its PostgreSQL connection's. It is started in the checkout that is measured, so it may use only what every checkout has.
"""

import cProfile
import io
import json
import os
import pstats
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.wsgi import application  # first of all: it sets Django up  # isort: skip

import psutil
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings

from benchmarks import instant_provider, replay
from benchmarks.fill import GIFT

Ask = Callable[..., tuple[str, dict[str, str], bytes]]


class Measured:
    """The service in this process, on a database that fill.py has filled."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.keys, self.goals = told["keys"], told["goals"]
        self.returns: list[str] = []
        self._script: replay.Script = []
        with override_settings(MIDDLEWARE=[], ROOT_URLCONF="benchmarks.peers.plain_django"):
            self.beside = WSGIHandler()

    def post(self, number: int) -> None:
        """So many gifts to all goals in turn; who gave them can return."""
        for at in range(number):
            partner = at % len(self.keys)
            goal = self.goals[partner][at // len(self.keys) % len(self.goals[partner])]
            _, _, body = ask(application, "POST", f"/api/SavingGoal/{goal}/Contributions", "201", GIFT, self.keys[partner])
            self.returns.append(body.partition(b"<Id>")[2].partition(b"<")[0].decode())

    def plain(self, number: int) -> None:
        """The same by a plain view of Django's."""
        with override_settings(ROOT_URLCONF="benchmarks.peers.plain_django"):
            for at in range(number):
                partner = at % len(self.keys)
                goal = self.goals[partner][at // len(self.keys) % len(self.goals[partner])]
                ask(self.beside, "POST", f"/api/SavingGoal/{goal}/Contributions", "201", GIFT, self.keys[partner])

    def back(self, number: int) -> None:
        """So many givers return."""
        for path in self._ways_back[:number]:
            ask(application, "GET", path, "303")
        del self._ways_back[:number]

    def floor(self, number: int) -> None:
        """The statements of so many returns, and nothing else."""
        replay.play(self._script)

    def floor_of_post(self, number: int) -> None:
        """The same of so many gifts."""
        replay.play(self._script)

    def prepare(self, what: str, number: int) -> None:
        """What is not measured: gifts for the next returns, and where their givers return to."""
        if what in {"back", "floor"}:
            self._prepare_returns(number)
        if what == "floor":
            self._script = replay.record(lambda: self.back(number))
        if what == "floor_of_post":
            self._script = replay.record(lambda: self.post(number))

    def _prepare_returns(self, number: int) -> None:
        from contributions.models import Contribution

        self.returns.clear()
        self.post(number)
        tokens = Contribution.objects.filter(public_id__in=self.returns).values_list(
            "public_id", "checkout__provider_checkout_id"
        )
        self._ways_back = [f"/providers/paypal/return/{gift}?token={token}&PayerID=SIMULATEDGIVER" for gift, token in tokens]


def ask(wsgi: Any, verb: str, target: str, wanted: str, body: str = "", key: str = "") -> tuple[str, dict[str, str], bytes]:
    """The answer. Raises SystemExit where it is another than is wanted."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": verb,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body.encode()),
        "wsgi.errors": io.StringIO(),
    }
    if body:
        environ |= {"CONTENT_TYPE": "application/xml", "CONTENT_LENGTH": str(len(body.encode()))}
    if key:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    told: list[Any] = []
    response = wsgi(environ, lambda status, headers, exc_info=None: told.extend((status, headers)))
    answer = b"".join(response)
    response.close()
    if not told[0].startswith(wanted):
        raise SystemExit(f"{target} is answered {told[0]}: {answer[:500]!r}")
    return told[0], dict(told[1]), answer


def seconds_of_database() -> float:
    """Of the connection's own process on a PostgreSQL of this machine."""
    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)


def main() -> None:
    settings.ALLOWED_HOSTS.append("127.0.0.1")
    connection.close_if_unusable_or_obsolete = lambda: None  # type: ignore[method-assign]
    instant_provider.install()
    measured = Measured(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        what, number, *how = line.split()
        measured.prepare(what, int(number))
        profile = cProfile.Profile() if how else None
        began = time.process_time(), seconds_of_database()
        if profile:
            profile.enable()
        getattr(measured, what)(int(number))
        if profile:
            profile.disable()
        took = time.process_time() - began[0], seconds_of_database() - began[1]
        told: dict[str, Any] = {"process": took[0] / int(number), "database": took[1] / int(number)}
        if profile:
            text = io.StringIO()
            pstats.Stats(profile, stream=text).sort_stats(how[0]).print_stats(90)
            told["profile"] = text.getvalue()
            profile.dump_stats(f"/tmp/profile-{connection.vendor}-{what}.prof")  # noqa: S108
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
