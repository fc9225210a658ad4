"""A poll, its 304, a goal and the feed beside a plain view of Django's that gives the same bytes of a contribution.

    python -m benchmarks.hot_reads [--rounds 15] [--requests 200]

In one process and without a server, in turns; what is compared is the processor's time, so that it says something on a busy
machine too. A database of its own: SQLite in a temporary folder, or an empty one at DATABASE_URL.
"""

import argparse
import hashlib
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.mkdtemp(prefix='whipround-benchmark-')}/benchmark.sqlite3")
os.environ |= {"SANDBOX": "1", "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"), "RATE_LIMIT_KEY": "10000000"}

from config.wsgi import application  # first of all: it sets Django up  # isort: skip

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from contributions.content import contribution_content
from contributions.models import Contribution
from partners.models import ApiKey
from partners.registration import register
from tests.conftest import PartnerClient
from web.as_wsgi import WsgiApplication, ask
from xml_schemas.writer import write_xml


def plain(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same answer as the poll's, by two queries and without anything that is not in the answer's bytes."""
    key = request.headers.get("Authorization", "").partition(" ")[2]
    known = ApiKey.objects.select_related("partner").filter(digest=hashlib.sha256(key.encode()).hexdigest(), revoked_at=None)
    found = known.first()
    if found is None:
        return HttpResponse(status=401)
    gifts = Contribution.objects.select_related("goal__partner", "checkout__account")
    gift = gifts.filter(public_id=public_id, goal__partner=found.partner, deleted_at=None).first()
    if gift is None:
        return HttpResponse(status=404)
    body = write_xml("Contribution", contribution_content(gift, gift.goal))
    headers = {"ETag": f'"{gift.version}x"', "Content-Length": str(len(body))}
    return HttpResponse(body, content_type="application/xml; charset=utf-8", headers=headers)


def by_itself(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, all that stands before the plain view: the routes of this file."""

    def routed(request: HttpRequest) -> HttpResponse:
        request.urlconf = "benchmarks.hot_reads"  # type: ignore[attr-defined]
        return answer(request)

    return routed


urlpatterns = [path("api/Contribution/<str:public_id>", plain)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS.append("give.example.test")
    call_command("migrate", verbosity=0)
    reads = _reads(PartnerClient(register("Benchmark", is_test=True).api_key))
    took: dict[str, list[float]] = {name: [] for name in reads}
    for _ in range(options.rounds):
        for name, read in reads.items():
            took[name].append(_seconds(read, options.requests))
    for name, seconds in took.items():
        ratio = statistics.median(one / other for one, other in zip(took["plain view"], seconds, strict=True))
        print(f"{name:>16}: {statistics.median(seconds) * 1e6:6.0f} us; plain view / this {ratio:.2f}")
    print(f"load: {' '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _reads(client: PartnerClient) -> dict[str, Callable[[], Any]]:
    goal = client.new_goal()
    made = client.new_contribution(goal)
    gift, tag = f"/api/Contribution/{made.value('Id')}", made.headers["ETag"]
    event = client.get("/api/Events?limit=1").xml.findtext("Event/Id")
    with override_settings(MIDDLEWARE=["benchmarks.hot_reads.by_itself"]):
        beside = WSGIHandler()

    def asked(wsgi: WsgiApplication, target: str, status: int = 200, **headers: str) -> Callable[[], None]:
        def once() -> None:
            answer = ask(wsgi, _environ(client.key or "", target, headers))
            if answer.status != status:
                raise SystemExit(f"{target} is answered {answer.status}")

        return once

    return {
        "plain view": asked(beside, gift),
        "poll": asked(application, gift),
        "304": asked(application, gift, 304, HTTP_IF_NONE_MATCH=tag),
        "goal": asked(application, f"/api/SavingGoal/{goal}"),
        "feed": asked(application, f"/api/Events?after={event}"),
    }


def _environ(key: str, target: str, headers: dict[str, str]) -> dict[str, Any]:
    where, _, query = target.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "SERVER_NAME": "give.example.test",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "HTTP_AUTHORIZATION": f"Bearer {key}",
    } | headers


def _seconds(read: Callable[[], None], requests: int) -> float:
    began = time.process_time()
    for _ in range(requests):
        read()
    return (time.process_time() - began) / requests


if __name__ == "__main__":
    main()
