"""Gift certificates from one end to the other: bought, claimed, spent, given back, refunded, expired."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import CertificateEntry
from contributions.models import Contribution
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from tests.certificates.conftest import row

pytestmark = pytest.mark.django_db


def test_it_is_bought_like_a_contribution(counter):
    made = counter.post(Message="Happy birthday!", ExpiresDate="2031-12-31")
    assert (made.status, made.value("Status"), made.value("Balance")) == (201, "Submitted", "0.00"), made.text
    certificate_id = made.value("Id")
    assert made.headers["Location"].endswith(f"/api/GiftCertificate/{certificate_id}")
    assert made.value("ProviderURL").endswith(f"/pay/{certificate_id}")
    assert [made.value(name) for name in ("ClaimCode", "ClaimURL", "GiverId")] == [None] * 3
    counter.browser.pay(made.value("ProviderURL"))
    sold = counter.get(certificate_id)
    names = ("Status", "Balance", "RecipientName", "Message", "ExpiresDate", "Amount", "Currency", "PaymentAccountId")
    told = ["Settled", "25.00", "Ann", "Happy birthday!", "2031-12-31", "25.00", "USD", counter.account_id]
    assert [sold.value(name) for name in names] == told
    assert len(sold.value("ClaimCode").replace("-", "")) == 20
    assert counter.events() == ["giftcertificate.submitted", "giftcertificate.settled"]


def test_its_goal_is_nobodys_to_see(counter):
    certificate_id = counter.sold()
    goal_id = SavingGoal.objects.get().public_id
    for path in (f"SavingGoal/{goal_id}", f"Contribution/{certificate_id}", f"Contribution/{certificate_id}/Refunds"):
        assert counter.shop.get(f"/api/{path}").status == 404
    for path in ("savings", "Contributions", "Refunds"):
        listed = counter.shop.get(f"/api/{path}")
        assert (listed.status, len(list(listed.xml))) == (200, 0)
    assert counter.shop.post(f"/api/SavingGoal/{goal_id}/Contributions", "<Contribution/>").status == 404


def test_it_is_claimed_by_its_code_and_spent(counter, ann):
    certificate_id = counter.sold()
    code = counter.get(certificate_id).value("ClaimCode")
    claimed = counter.claim_by_code(code.lower().replace("-", " "), ann)
    assert (claimed.status, claimed.value("GiverId"), claimed.value("Balance")) == (200, ann, "25.00"), claimed.text
    assert counter.get(certificate_id).value("ClaimCode") is None
    goal_id = counter.shop.new_goal()
    gift = counter.give(goal_id, ann)
    told = [gift.value(name) for name in ("Status", "ProviderName", "GiverId")]
    assert (gift.status, told) == (201, ["Settled", "Certificate", ann]), gift.text
    assert counter.balance(certificate_id) == "15.00"
    assert counter.shop.get(f"/api/SavingGoal/{goal_id}").value("CurrentAmount") == "10.00"
    assert counter.events()[2:] == [
        "giftcertificate.claimed", "contribution.submitted", "giftcertificate.spent", "contribution.settled"
    ]  # fmt: skip


def test_the_one_that_expires_soonest_is_spent_first(counter, ann):
    never, last = counter.claimed(ann), counter.claimed(ann, ExpiresDate="2032-01-01")
    first = counter.claimed(ann, ExpiresDate="2031-01-01", Amount="5.00")
    goal_id = counter.shop.new_goal()
    assert counter.give(goal_id, ann, "12.00").status == 201
    assert [counter.balance(one) for one in (first, last, never)] == ["0.00", "18.00", "25.00"]
    assert counter.give(goal_id, ann, "20.00").status == 201
    assert [counter.balance(one) for one in (first, last, never)] == ["0.00", "0.00", "23.00"]


def test_too_little_is_told_with_what_there_is(counter, ann):
    counter.claimed(ann)
    counter.claimed(ann, Currency="EUR", Amount="7.00")
    goal_id = counter.shop.new_goal()
    refused = counter.give(goal_id, ann, "25.01")
    assert (refused.status, refused.value("code"), refused.value("Balance")) == (409, "balance_too_low", "25.00")
    assert "7.00 EUR" in refused.text
    assert Contribution.objects.filter(goal__public_id=goal_id).count() == 0
    path = f"/api/SavingGoal/{goal_id}/Contributions?ValidateOnly=1"
    gift = f"<Contribution><Amount>25.01</Amount><Contributor>A</Contributor><GiverId>{ann}</GiverId>"
    gift += "<ProviderName>certificate</ProviderName></Contribution>"
    assert counter.shop.post(path, gift).status == 409
    assert counter.shop.post(path, gift.replace("25.01", "25.00")).status == 200


def test_a_refund_gives_back_to_the_certificates(counter, ann):
    first, last = counter.claimed(ann, Amount="5.00", ExpiresDate="2031-01-01"), counter.claimed(ann)
    gift = counter.give(counter.shop.new_goal(), ann, "12.00")
    path = f"/api/Contribution/{gift.value('Id')}/Refunds"
    part = counter.shop.post(path, "<Refund><Amount>8.00</Amount></Refund>")
    assert (part.status, part.value("Status")) == (201, "Completed")
    assert [counter.balance(one) for one in (first, last)] == ["1.00", "25.00"], "the last to expire first"
    assert counter.shop.post(path, "<Refund/>").value("Amount") == "4.00"
    assert [counter.balance(one) for one in (first, last)] == ["5.00", "25.00"]
    back = CertificateEntry.objects.filter(kind="given_back")
    assert {(one.refund.contribution_id, one.contribution_id) for one in back} == {(back[0].contribution_id,) * 2}
    assert counter.events().count("giftcertificate.given_back") == 3


def test_what_is_unspent_of_a_purchase_is_refunded(counter, ann):
    certificate_id = counter.claimed(ann)
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    too_much = counter.refund(certificate_id, Amount="15.01")
    assert (too_much.status, too_much.value("code")) == (409, "refund_too_large"), too_much.text
    done = counter.refund(certificate_id)
    assert (done.status, done.value("Amount"), done.value("Status")) == (201, "15.00", "Completed"), done.text
    now = counter.get(certificate_id)
    assert [now.value(name) for name in ("Status", "Balance", "RefundedAmount")] == ["Settled", "0.00", "15.00"]
    assert counter.refund(certificate_id).status == 409
    assert counter.shop.get(f"/api/GiftCertificate/{certificate_id}/Refunds").xml.findtext("Refund/Amount") == "15.00"


def test_an_unclaimed_one_is_refunded_and_claimed_no_more(counter, ann):
    certificate_id = counter.sold()
    code = counter.get(certificate_id).value("ClaimCode")
    assert counter.refund(certificate_id).value("Amount") == "25.00"
    assert counter.get(certificate_id).value("Status") == "Refunded"
    assert counter.claim_by_code(code, ann).value("code") == "cannot_claim"


def test_what_is_paid_after_its_day_can_be_spent(counter, ann, later):
    """A bank that looks at a payment for a week takes nothing from whoever has bought it."""
    made = counter.post(ExpiresDate=f"{timezone.now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    later(hours=2)
    counter.browser.pay(made.value("ProviderURL"))
    paid = counter.get(made.value("Id"))
    assert [paid.value(name) for name in ("Status", "Balance")] == ["Settled", "25.00"]
    assert (len(paid.value("ClaimCode") or ""), paid.value("ExpiresDate") > made.value("ExpiresDate")) == (24, True)
    assert counter.claim(made.value("Id"), ann).status == 200
    later(days=91)
    assert counter.balance(made.value("Id")) == "0.00"


def test_it_expires_and_what_comes_back_can_be_spent(counter, ann, later):
    certificate_id = counter.claimed(ann, ExpiresDate="2031-12-31")
    goal_id = counter.shop.new_goal()
    gift = counter.give(goal_id, ann)
    later(days=3650)
    assert counter.balance(certificate_id) == "0.00", "from its moment on, also before the worker comes"
    assert counter.give(goal_id, ann, "1.00").value("Balance") == "0.00"
    sync_all_due()
    sync_all_due()
    assert counter.get(certificate_id).value("ExpiredAmount") == "15.00"
    assert counter.events().count("giftcertificate.expired") == 1
    assert counter.shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund/>").status == 201
    assert counter.balance(certificate_id) == "10.00"
    assert counter.give(goal_id, ann, "10.00").status == 201
    assert counter.refund(certificate_id).value("Amount") == "15.00", "what has expired can be refunded all the same"
    assert row(certificate_id).expired_minor == 0


def test_only_one_giver_can_claim_it(counter, ann):
    certificate_id, bob = counter.sold(), counter.new_giver("customer-8")
    assert counter.claim(certificate_id, ann).status == 200
    again, refused = counter.claim(certificate_id, ann), counter.claim(certificate_id, bob)
    assert (again.status, refused.status, refused.value("code")) == (200, 409, "cannot_claim")
    assert counter.get(certificate_id).value("GiverId") == ann
    assert counter.events().count("giftcertificate.claimed") == 1
