"""What the tests of waiting share."""

import pytest

from tests.conftest import PartnerClient, register


@pytest.fixture
def open_gift():
    """(client, Id, ProviderURL) of a gift that nobody has paid yet."""
    client = PartnerClient(register("Waiting Shop").api_key)
    gift = client.new_contribution(client.new_goal())
    return client, gift.value("Id"), gift.value("ProviderURL")
