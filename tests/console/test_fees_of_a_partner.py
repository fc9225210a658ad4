"""What the operator keeps of a partner's gifts is said when it is created."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from partners.models import Partner

pytestmark = pytest.mark.django_db


def test_a_partner_is_created_with_a_fee_of_its_own():
    call_command("create_partner", "Anna", "--fee-percent", "1.25", "--fee-fixed", "0")
    call_command("create_partner", "Bob")
    for is_test in (False, True):
        assert list(Partner.objects.filter(is_test=is_test).order_by("name").values_list("fee_percent", "fee_fixed")) == [
            (Decimal("1.25"), Decimal(0)),
            (None, None),
        ]


@pytest.mark.parametrize("arguments", [("--fee-percent", "101"), ("--fee-fixed", "free")])
def test_what_is_no_fee_creates_nobody(arguments):
    with pytest.raises(CommandError, match=arguments[0]):
        call_command("create_partner", "Anna", *arguments)
    assert not Partner.objects.exists()
