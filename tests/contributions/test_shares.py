"""Who kept what of a gift's money: Fee, Net, PlatformFee, ProviderReference, SettledDate.

Told as soon as they are known, sums of the ledger's entries, and proven by the audit.
"""

import importlib

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from contributions import entries, shares
from contributions.audit import faults_in_the_books
from contributions.booking import Evidence
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, LedgerEntry, Refund
from contributions.refund_outcomes import undo
from contributions.sync import sync
from providers.base import PaymentState
from tests.contributions.conftest import Gift

COLUMNS = ("provider_reference", "fee_minor", "net_minor", "platform_fee_minor", "settled_at")


def kept(gift):
    """Fee, Net and PlatformFee as the partner reads them, once the books are right."""
    assert list(faults_in_the_books()) == []
    answer = gift.shop.get(f"/api/Contribution/{gift.id}")
    return tuple(answer.value(name) for name in ("Fee", "Net", "PlatformFee"))


@pytest.fixture
def settled(provider, gift):
    """Of 20.00 the provider kept 0.88 and the operator 0.80."""
    Checkout.objects.update(platform_fee_minor=80)
    provider.lies("capture", 1, fee_minor=88, net_minor=1832, platform_fee_minor=80)
    gift.pay("approve")
    return gift


@pytest.mark.django_db
def test_they_are_told_as_soon_as_they_are_known(settled):
    assert kept(settled) == ("0.88", "18.32", "0.80")
    entry = LedgerEntry.objects.get(kind="capture")
    assert settled.value("ProviderReference") == entry.provider_reference == settled.checkout.payment_reference != ""
    assert settled.value("SettledDate") == entry.at.isoformat().replace("+00:00", "Z")


@pytest.mark.django_db
def test_nothing_is_told_before_it_is_known(gift):
    assert kept(gift) == (None, None, None)
    assert (gift.value("ProviderReference"), gift.value("SettledDate")) == (None, None)


@pytest.mark.django_db
def test_what_is_held_has_its_providers_reference(provider, shop, giver):
    held = Gift(shop, giver, CapturePolicy="Manual")
    held.pay("approve")
    assert held.value("ProviderReference") == held.checkout.payment_reference != ""
    assert held.value("SettledDate") is None
    assert held.capture().value("SettledDate") is not None


@pytest.mark.django_db
def test_a_provider_that_does_not_tell_leaves_them_out(gift):
    gift.pay("approve")
    assert kept(gift) == (None, None, None)
    assert gift.value("SettledDate") is not None
    gift.refund("5.00")
    assert kept(gift) == (None, None, None)


@pytest.mark.django_db
def test_after_refunds_they_are_what_is_left(provider, settled):
    """Fee: less what the provider gave back. PlatformFee: less what the operator gave back. Net: less what the payee paid."""
    provider.lies("refund", 1, fee_minor=10, platform_fee_minor=20)
    settled.refund("5.00")
    assert kept(settled) == ("0.78", "13.62", "0.60")  # 18.32 - (5.00 - 0.10 - 0.20)
    provider.lies("refund", 1, platform_fee_minor=60)
    settled.refund()
    assert settled.status == "Refunded"
    assert kept(settled) == ("0.78", "-0.78", "0.00")


@pytest.mark.django_db
def test_an_unknown_part_makes_the_sum_unknown(provider, settled):
    """A wrong sum would be worse than none: what of the operator's fee went back is not told."""
    settled.refund("5.00")
    assert kept(settled) == ("0.88", None, None)


@pytest.mark.django_db
def test_a_refund_that_was_none_is_kept_again(provider, settled):
    provider.lies("refund", 1, fee_minor=10, platform_fee_minor=20)
    settled.refund("5.00")
    assert undo(Refund.objects.get(), "refund_failed", cause=Cause.PROVIDER)
    assert kept(settled) == ("0.88", "18.32", "0.80")


@pytest.mark.django_db
def test_a_chargeback_is_taken_from_the_payee(provider, settled):
    provider.lies("find", 3, state=PaymentState.REVERSED)
    sync(settled.row, cause=Cause.WEBHOOK)
    assert settled.status == "Reversed"
    assert kept(settled) == ("0.88", "-1.68", "0.80")


@pytest.mark.django_db
def test_a_new_checkout_has_no_reference_of_the_last(provider, gift):
    provider.lies("find", 1, provider_reference="PAY-DECLINED")
    gift.pay("decline")
    assert (gift.status, gift.value("ProviderReference")) == ("Failed", "PAY-DECLINED")
    gift.page()
    assert (gift.status, gift.value("ProviderReference")) == ("Submitted", None)


@pytest.mark.django_db
@pytest.mark.usefixtures("books_can_be_forged")
@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("fee_minor", 87, "says fee, net and platform fee 0.87, 18.32, 0.80, its entries say 0.88, 18.32, 0.80"),
        ("net_minor", None, "says fee, net and platform fee 0.88, unknown, 0.80, its entries say 0.88, 18.32, 0.80"),
        ("platform_fee_minor", 0, "says fee, net and platform fee 0.88, 18.32, 0.00, its entries say 0.88, 18.32, 0.80"),
        ("settled_at", None, "says it was settled at None, its entries say"),
        ("provider_reference", "PAY-1", "says its payment is PAY-1, its entries say SIM"),
    ],
)
def test_the_audit_proves_them_against_the_ledger(settled, column, value, told):
    Contribution.objects.update(**{column: value})
    [fault] = faults_in_the_books()
    assert fault.startswith(f"contribution {settled.id}: {told}")


@pytest.mark.django_db
def test_the_migration_fills_in_what_the_gate_writes(provider, shop, giver):
    """Rows that were there before have what they would have if they had been made since."""
    made = [Gift(shop, giver) for _ in range(6)]
    Checkout.objects.update(platform_fee_minor=80)
    for number, gift in enumerate(made[:5]):
        if number:
            provider.lies("capture", 1, fee_minor=88, net_minor=1832, platform_fee_minor=80)
        gift.pay("approve")
    provider.lies("refund", 1, platform_fee_minor=20)
    made[2].refund("5.00")
    made[3].refund("5.00")
    provider.lies("refund", 1, platform_fee_minor=80)
    made[4].refund()
    assert undo(Refund.objects.get(contribution=made[4].row), "refund_failed", cause=Cause.PROVIDER)
    held = Gift(shop, giver, CapturePolicy="Manual")
    held.pay("approve")
    written = list(Contribution.objects.order_by("pk").values_list(*COLUMNS))
    Contribution.objects.update(provider_reference="", fee_minor=None, net_minor=None, platform_fee_minor=None, settled_at=None)
    migration = importlib.import_module("contributions.migrations.0015_giftfields")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL_IN_WHO_KEPT_WHAT)
        cursor.execute(migration.FILL_IN_THE_PROVIDERS_REFERENCE)
    assert list(Contribution.objects.order_by("pk").values_list(*COLUMNS)) == written
    assert list(faults_in_the_books()) == []
    call_command("audit")


PARTS = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=6)


@pytest.mark.no_database
@given(parts=PARTS, payee_pays_the_fee=st.booleans())
def test_shares_add_up_to_what_is_left(parts, payee_pays_the_fee):
    """What is left of the payment is what payee and operator have of it, and the provider where its fee is the payee's."""
    amount, fee, ours = 5000, 150, 100
    net = amount - ours - (fee if payee_pays_the_fee else 0)
    gift = Contribution(amount_minor=amount)
    told = Evidence(1, "PAY-1", fee_minor=fee, net_minor=net, platform_fee_minor=ours)
    left = amount

    def enter(entry, evidence):
        columns = shares.columns_with(gift, entry, evidence, asked_fee_minor=ours, now=None)
        for name, value in columns.items():
            setattr(gift, name, value)

    enter(entries.capture(amount), told)
    gift.settled_minor = amount
    for minor, fee_back, ours_back, is_undone in parts:
        fee_back = fee_back if payee_pays_the_fee else 0
        refund = Evidence(1, "REF-1", fee_minor=fee_back, platform_fee_minor=ours_back, refund=Refund())
        enter(entries.refund(minor), refund)
        left -= minor
        if is_undone:
            enter(entries.refund_undone(minor), refund)
            left += minor
    kept_by_provider = gift.fee_minor if payee_pays_the_fee else 0
    assert gift.net_minor + gift.platform_fee_minor + kept_by_provider == left
    assert gift.provider_reference == "PAY-1"
