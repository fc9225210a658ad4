"""A giver who approves while somebody else's question is on its way to the provider."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from pages import patience


@contextmanager
def approving_meanwhile(gift, giver, provider, monkeypatch) -> Iterator[list[str]]:
    """Whoever asks inside is answered, then the giver approves and comes back, and only then does the answer arrive.

    Yields a list that holds, afterwards, where the giver was bounced to.
    """
    giver_waits, others_are_done, bounced = threading.Event(), threading.Event(), []

    def wait(seconds):
        giver_waits.set()
        assert others_are_done.wait(30)

    def come_back():
        try:
            bounced.append(giver.pay(gift.provider_url, "approve").headers["Location"])
        finally:
            connection.close()

    browser = threading.Thread(target=come_back)

    def answer_before_the_giver_approves(call):
        payment = call()
        browser.start()
        assert giver_waits.wait(30)
        return payment

    monkeypatch.setattr(patience.time, "sleep", wait)
    provider._add("find", answer_before_the_giver_approves, 1)
    yield bounced
    others_are_done.set()
    browser.join(30)
