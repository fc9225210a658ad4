"""One request to a partner's server: to the address that was checked, within a time that nothing can stretch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import security_log
from notifications import addresses
from notifications.addresses import BadAddress, NameNotFound, NotPublic
from providers.kit.deadline import at_most, seconds_left
from providers.kit.retries import retry_after_seconds
from providers.kit.transport import NoAnswer, Transport, machine_trust

SECONDS_IN_ALL = 15.0
LONGEST_ANSWER = 64 * 1024
LONGEST_RETRY_AFTER = 24 * 3600.0

_transport = Transport(machine_trust, most_bytes=LONGEST_ANSWER, cut=True, keep_alive=False)


@dataclass(frozen=True)
class Answer:
    """What became of it. `failure` is empty for a 2xx; `retry_after_seconds` is what the server asked for."""

    status: int | None = None
    failure: str = ""
    retry_after_seconds: float | None = None


class Post(Protocol):
    """How a message is sent; simulations have their own."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


def post(url: str, headers: Mapping[str, str], body: bytes, *, seconds: float = SECONDS_IN_ALL) -> Answer:
    """Send it, follow nothing, believe only the status. Never raises for what the other side does."""
    return _send("POST", url, {"User-Agent": "Whipround-Webhooks/1", **headers}, body, seconds)


def get(url: str, *, seconds: float = SECONDS_IN_ALL) -> Answer:
    """Ask for a page as a giver's browser would, by the same rules as `post`."""
    return _send("GET", url, {"User-Agent": "Whipround-Rehearsal/1"}, b"", seconds)


def _send(verb: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
    try:
        with at_most(seconds):
            target = addresses.read(url)
            found = addresses.addresses_of(target, seconds=seconds_left())
            own = {"Host": target.host_header, "Accept": "*/*", "Connection": "close"}
            answer = _transport.send(verb, url, headers={**own, **headers}, body=body or None, addresses=found)
    except NotPublic as error:
        security_log.tell("url_refused", reason="not_public", detail=str(error))
        return Answer(failure="not_public")
    except NameNotFound:
        return Answer(failure="name_not_found")
    except BadAddress:
        return Answer(failure="bad_address")
    except NoAnswer as error:
        return Answer(failure=str(error.failure))
    failure = "" if 200 <= answer.status < 300 else "redirect" if 300 <= answer.status < 400 else "refused"
    return Answer(answer.status, failure, _retry_after(answer.headers.get("Retry-After")))


def _retry_after(text: str | None) -> float | None:
    """Seconds from now, a day at most; None where there is no such header, or rubbish in it."""
    seconds = retry_after_seconds(text)
    return None if seconds is None else min(seconds, LONGEST_RETRY_AFTER)
