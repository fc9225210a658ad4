"""What the service does not tell yet, against a small fake."""

import json

import pytest

from tests.clients.driving import Driver, Refused
from tests.clients.troublesome_wire import Instead, fake_service

pytestmark = pytest.mark.no_database

GOAL = {
    "Id": "s", "ExternalItemId": "b", "Name": "n", "StartingAmount": "0.00", "GoalAmount": "1.00", "CurrentAmount": "1.00",
    "Contributions": {"Contribution": []}, "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal"}]},
    "RecordVersionNumber": 2, "RecordOwner": "o", "Currency": "USD", "CapturePolicy": "Immediate", "AuthorizedAmount": "0.00",
    "State": "Closed", "AcceptsGifts": False, "RemainingAmount": "0.00",
}  # fmt: skip


def test_a_conflict_brings_the_current_record(driver: Driver) -> None:
    """Against a fake: 409 with the record as it is now."""
    told = {
        "status": 409,
        "code": "stale_version",
        "detail": "Not now.",
        "RecordVersionNumber": 2,
        "SavingGoal": GOAL,
        "Differs": ["Name"],
    }
    with fake_service(lambda heard: Instead(409, json.dumps(told))) as wire:
        driver("open", address=wire.address, apiKey="wr_key")
        with pytest.raises(Refused, match="VersionConflict") as stale:
            driver("updateGoal", goalId="s", version=1, name="x")
        assert (stale.value["currentVersion"], stale.value["current"]["name"]) == (2, "n")
        assert stale.value["differs"] == ["Name"]
