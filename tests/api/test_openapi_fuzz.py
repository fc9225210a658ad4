"""Requests made up from the OpenAPI description: no crash, and no answer that the description does not tell of."""

import pytest

from tests.api.fuzz_records import Records
from tests.api.made_up_requests import Fuzz
from tests.in_one_transaction import in_the_transaction_of_the_test
from tests.tiers import amount


@pytest.mark.timeout(600)
def test_no_answer_is_outside_the_description(shop, rival, request):
    """python -m tests.api.fuzz plays more of them; it prints each request that went wrong as a curl command."""
    fuzz = Fuzz(in_the_transaction_of_the_test, Records(shop, rival))
    told = fuzz.play(amount(request.config, "made-up requests"), seed_number=1)
    assert told.wrong == []
    statuses = {status for counts in told.statuses.values() for status in counts}
    assert statuses >= {200, 201, 202, 204, 400, 404, 409}, "they came past the first refusals"
