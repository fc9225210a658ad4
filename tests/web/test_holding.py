"""The front door: many are held without a thread, and told when there is news."""

import asyncio
import json
import time

import pytest
from django.db import connection

from config.wsgi import application as wsgi
from tests.conftest import Giver
from tests.eventually import SECONDS, eventually_in_loop
from web.front_door import FrontDoor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def application():
    made = FrontDoor(wsgi, threads=4)
    yield made
    made.close()


class Request:
    """One request to an ASGI application."""

    def __init__(self, application, key, path, verb="GET", body=b"", **headers):
        self.application, self.body = application, body
        path, _, query = path.partition("?")
        headers |= {"Content-Length": str(len(body))} if body else {}
        given = {"Host": "give.example.test", "Authorization": f"Bearer {key}", "Accept": "application/json"} | headers
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": verb,
            "path": path,
            "query_string": query.encode(),
            "headers": [(n.replace("_", "-").lower().encode(), v.encode()) for n, v in given.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        self.left = asyncio.Event()
        self.sent = []
        self.asked = False

    async def receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.body}
        await asyncio.wait_for(self.left.wait(), SECONDS)
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    async def answer(self):
        """(status, what JSON says or None)"""
        await self.application(self.scope, self.receive, self.send)
        body = self.sent[1]["body"]
        return self.sent[0]["status"], json.loads(body) if body else None


async def held(application, number):
    await eventually_in_loop(lambda: len(application.held) >= number, f"{number} who wait")


def told_by(story):
    """What a story of coroutines returns, where it comes to its end in time."""
    return asyncio.run(asyncio.wait_for(story, SECONDS))


def pay(page):
    Giver().pay(page)
    connection.close()


def test_200_wait_at_once_and_all_are_told(application, open_gift):
    client, gift, page = open_gift
    tag = client.get(f"/api/Contribution/{gift}", Accept="application/json").headers["ETag"]

    async def story():
        feed = [Request(application, client.key, "/api/Events?after=latest&wait=30") for _ in range(100)]
        one = [Request(application, client.key, f"/api/Contribution/{gift}?wait=30", If_None_Match=tag) for _ in range(100)]
        answers = [asyncio.ensure_future(request.answer()) for request in feed + one]
        await held(application, 200)
        await asyncio.to_thread(pay, page)
        return await asyncio.gather(*answers)

    answers = told_by(story())
    assert {status for status, _ in answers} == {200}
    assert [told["Event"][0]["Contribution"]["Id"] for _, told in answers[:100]] == [gift] * 100
    assert {told["Status"] for _, told in answers[100:]} == {"Settled"}
    assert len(application.held) == 0


def test_when_nothing_happens_the_time_runs_out(application, open_gift):
    client, gift, _ = open_gift
    tag = client.get(f"/api/Contribution/{gift}", Accept="application/json").headers["ETag"]

    async def story():
        started = time.monotonic()
        feed = Request(application, client.key, "/api/Events?after=latest&wait=1").answer()
        one = Request(application, client.key, f"/api/Contribution/{gift}?wait=1", If_None_Match=tag).answer()
        return await asyncio.gather(feed, one), time.monotonic() - started

    answers, seconds = told_by(story())
    (status, feed), one = answers
    assert (status, feed["Event"], feed["Next"].endswith("&wait=1"), one) == (200, [], True, (304, None))
    assert seconds >= 1


def test_who_has_left_is_not_held_any_more(application, open_gift):
    client, _, _ = open_gift

    async def story():
        request = Request(application, client.key, "/api/Events?after=latest&wait=30")
        answer = asyncio.ensure_future(request.answer())
        await held(application, 1)
        request.left.set()
        await answer
        return len(application.held)

    assert told_by(story()) == 0


def test_news_that_is_none_for_this_client_is_waited_out(application, open_gift):
    client, _, page = open_gift

    async def story():
        address = "/api/Events?after=latest&wait=2&Delivery=GivenUp"
        answer = asyncio.ensure_future(Request(application, client.key, address).answer())
        await held(application, 1)
        await asyncio.to_thread(pay, page)
        return await answer

    status, told = told_by(story())
    assert (status, told["Event"]) == (200, [])


def test_any_other_request_is_answered_as_by_the_server(application, open_gift):
    client, gift, _ = open_gift

    async def story():
        read = await Request(application, client.key, f"/api/Contribution/{gift}").answer()
        stranger = await Request(application, "nobody", "/api/Events?after=latest&wait=30").answer()
        wrong = await Request(application, client.key, "/api/Events?wait=31").answer()
        big = Request(application, client.key, "/api/savings", "POST", b"x" * 70_000, Content_Type="application/json")
        return read, stranger, wrong, await big.answer()

    read, stranger, wrong, big = told_by(story())
    assert read == (200, client.get(f"/api/Contribution/{gift}", Accept="application/json").json)
    assert (stranger[0], wrong[0], big[0]) == (401, 400, 413)
