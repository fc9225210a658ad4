"""Google's button pays one gift while the giver is there: docs/decisions/0084-permissions-at-the-providers.md."""

import pytest

from tests.givers.conftest import body

pytestmark = pytest.mark.django_db


def test_a_permission_at_google_is_a_clear_no(service, shop):
    giver = shop.post("/api/Givers", body("Giver", ExternalId="customer-7"))
    asked = body("Permission", ProviderName="Google", Currency="USD", MaximumAmount="50.00")
    refused = shop.post(f"/api/Giver/{giver.value('Id')}/Permissions", asked)
    assert refused.status == 400
    assert "Google keeps no standing permissions here: name another provider" in refused.text
