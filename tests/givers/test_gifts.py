"""A gift under a standing permission: paid at once, nobody redirected; otherwise as usual, with a Notice why."""

import pytest

from contributions.models import Contribution
from givers.models import Permission
from providers.sandbox.models import SandboxCheckout

pytestmark = pytest.mark.django_db


def test_a_gift_under_a_permission_is_settled_at_once(ann):
    permission = ann.permission()
    assert permission.state == "Active"
    made = ann.post_gift()
    assert (made.status, made.value("Status"), made.value("GiverId")) == (201, "Settled", ann.id), made.text
    assert "Notice" not in made.headers
    assert Permission.objects.get().used_minor == 2000


def test_without_a_permission_it_is_paid_as_usual(ann):
    made = ann.post_gift()
    assert (made.status, made.value("Status")) == (201, "Submitted"), made.text
    assert made.headers["Notice"] == (
        "The gift was not paid under a permission: the giver has no permission at a provider of the goal; "
        "send the giver to ProviderURL."
    )
    ann.browser.pay(made.value("ProviderURL"))
    assert Contribution.objects.get().status == "Settled"
    assert SandboxCheckout.objects.get().permission is None
