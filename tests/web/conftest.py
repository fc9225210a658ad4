"""What the tests of waiting share."""

import time

import pytest

from tests.conftest import PartnerClient, register


@pytest.fixture
def open_gift():
    """(client, Id, ProviderURL) of a gift that nobody has paid yet."""
    client = PartnerClient(register("Waiting Shop").api_key)
    gift = client.new_contribution(client.new_goal())
    return client, gift.value("Id"), gift.value("ProviderURL")


@pytest.fixture
def moment(monkeypatch):
    """The time that requests are counted by; it is moved by adding to moment[0]. It begins with a window."""
    told = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: told[0])
    return told
