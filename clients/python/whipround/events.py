"""The feed of events, and where events are sent."""

import time
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, urlsplit

from whipround.connection import FIRST_PAUSE_SECONDS, Answer
from whipround.errors import Problem, ServiceUnreachable, UnexpectedAnswer
from whipround.reading import written
from whipround.records import Deliveries, Event, RedirectSecret, WebhookEndpoint
from whipround.requests_of import Requests

LATEST = "latest"
LONGEST_PAUSE_SECONDS = 30.0
"""Between two questions to a service that does not answer."""


class Events(Requests):
    """What happened, in order."""

    def events(
        self, after: str | None = None, *, wait: int = 30, limit: int = 100, give_up_after: float | None = None
    ) -> Iterator[Event]:
        """Each event after the one with this Id, oldest first, and then each new one as it happens, without end.

        Store the Id of an event once you have dealt with it, and begin after it the next time; None begins with the first of
        all, "latest" with the next. With `wait=0` it ends where there is nothing more for now.

        It goes on through restarts and outages of the service, with pauses of half a minute at most, and for ever unless
        `give_up_after` says how many seconds of failure are enough. Raises Problem for what does not pass by itself, such as
        a key that is not valid.
        """
        position, failing_since, pause = after, None, FIRST_PAUSE_SECONDS
        while True:
            asked_at = time.monotonic()
            try:
                answer = self._page(position, wait, limit)
                events = [Event.read(one) for one in answer.document["Event"]]
            except (ServiceUnreachable, UnexpectedAnswer, Problem) as error:
                failing_since = failing_since if failing_since is not None else asked_at
                if not _passes(error) or (
                    give_up_after is not None and time.monotonic() - failing_since + pause > give_up_after
                ):
                    raise
                time.sleep(max(pause, getattr(error, "retry_after", None) or 0.0))
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                continue
            failing_since, pause = None, FIRST_PAUSE_SECONDS
            for event in events:
                yield event
                position = event.id
            if events:
                continue
            position = _resolved(position, answer)
            if not wait:
                return
            # Held, it was asked to be: an answer that came at once says when to ask again, and is not asked for in a rush.
            time.sleep(max(answer.retry_after or 0.0, min(1.0, wait) - (time.monotonic() - asked_at), 0.0))

    def _page(self, position: str | None, wait: int, limit: int) -> Answer:
        query = {"limit": str(limit), "wait": str(wait)} | ({"after": position} if position else {})
        answer = self.connection.call("GET", "Events", query=query, tries_again=False, more_seconds=wait)
        if not isinstance(answer.document, dict) or not isinstance(answer.document.get("Event"), list):
            raise UnexpectedAnswer("the answer holds no list of Event")
        return answer

    def get_deliveries(self, event_id: str) -> Deliveries:
        """What became of the delivery of an event, try by try."""
        return self._one(Deliveries, self.connection.call("GET", "Events", event_id, "Deliveries"))

    def list_undelivered(self) -> Iterator[Event]:
        """The events that were given up: your webhook has missed them."""
        return self._pages(Event, "Events", query={"Delivery": "GivenUp"}, limit=100)

    def redeliver(self, event_id: str) -> Event:
        """Send it once more."""
        return self._act(Event, "Events", event_id, "Redeliver")


class Webhooks(Requests):
    """Where events are sent, and what the ways back are signed with."""

    def get_webhook_endpoint(self) -> WebhookEndpoint:
        """Raises NotFound where there is none."""
        return self._one(WebhookEndpoint, self.connection.call("GET", "WebhookEndpoint"))

    def set_webhook_endpoint(
        self,
        *,
        url: str,
        event_types: Iterable[str] = (),
        format: str = "JSON",  # noqa: A002 - the element's name
        version: int | None = None,
    ) -> WebhookEndpoint:
        """Make one, or change the one there is at this version. Keep the `secret`: it is in the answer that made it, only."""
        values = {"url": url, "event_types": tuple(event_types), "format": format}
        body = written(WebhookEndpoint, values) | ({"RecordVersionNumber": version} if version is not None else {})
        return self._one(WebhookEndpoint, self.connection.call("PUT", "WebhookEndpoint", body=body))

    def delete_webhook_endpoint(self) -> None:
        """Nothing is sent any more."""
        self.connection.call("DELETE", "WebhookEndpoint")

    def rotate_webhook_secret(self, *, idempotency_key: str | None = None) -> WebhookEndpoint:
        """A new secret; for a day messages are signed with both. Where `secret` is None the answer got lost: call again."""
        return self._act(WebhookEndpoint, "WebhookEndpoint", "Rotate", idempotency_key=idempotency_key)

    def test_webhook(self) -> Event:
        """Have an event sent that tells of nothing."""
        return self._act(Event, "WebhookEndpoint", "Test")

    def list_webhook_endpoints(self) -> Iterator[WebhookEndpoint]:
        """All of them, where you have several."""
        return self._pages(WebhookEndpoint, "WebhookEndpoints", query={}, limit=50)

    def create_webhook_endpoint(
        self,
        *,
        url: str,
        event_types: Iterable[str] = (),
        format: str = "JSON",  # noqa: A002 - the element's name
        idempotency_key: str | None = None,
    ) -> WebhookEndpoint:
        """One more. Keep the `secret`."""
        body = written(WebhookEndpoint, {"url": url, "event_types": tuple(event_types), "format": format})
        return self._act(WebhookEndpoint, "WebhookEndpoints", body=body, idempotency_key=idempotency_key)

    def remove_webhook_endpoint(self, endpoint_id: str) -> None:
        """One of several."""
        self.connection.call("DELETE", "WebhookEndpoints", endpoint_id)

    def create_redirect_secret(self, *, idempotency_key: str | None = None) -> RedirectSecret:
        """Have the addresses that givers come back to signed. Keep the `secret`."""
        return self._act(RedirectSecret, "RedirectSecret", idempotency_key=idempotency_key)

    def rotate_redirect_secret(self, *, idempotency_key: str | None = None) -> RedirectSecret:
        """A new secret."""
        return self._act(RedirectSecret, "RedirectSecret", "Rotate", idempotency_key=idempotency_key)

    def delete_redirect_secret(self) -> None:
        """Unsigned again."""
        self.connection.call("DELETE", "RedirectSecret")


def _passes(error: Exception) -> bool:
    """Whether it may be over by itself: silence, the service's own trouble, a proxy's page while it restarts."""
    return not isinstance(error, Problem) or error.status >= 500 or error.status == 429


def _resolved(position: str | None, answer: Answer) -> str | None:
    """Where "latest" stands for, as soon as the feed has told it in its Next."""
    if position != LATEST or not answer.document.get("Next"):
        return position
    told = parse_qs(urlsplit(answer.document["Next"]).query).get("after", [])
    return told[0] if told else position
