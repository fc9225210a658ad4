"""Requests made up from the OpenAPI description: no crash, and no answer that the description does not tell of."""

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config.wsgi import application
from tests.api.fuzz_records import Records
from tests.api.made_up_requests import Fuzz
from tests.tiers import amount


def in_the_transaction_of_the_test(environ, start_response):
    """The service, which closes no connection between requests. Clients of tests put the signals back: so around each one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.mark.timeout(600)
def test_no_answer_is_outside_the_description(shop, rival, request):
    """python -m tests.api.fuzz plays more of them; it prints each request that went wrong as a curl command."""
    fuzz = Fuzz(in_the_transaction_of_the_test, Records(shop, rival))
    told = fuzz.play(amount(request.config, "made-up requests"), seed_number=1)
    assert told.wrong == []
    statuses = {status for counts in told.statuses.values() for status in counts}
    assert statuses >= {200, 201, 202, 204, 400, 404, 409}, "they came past the first refusals"
