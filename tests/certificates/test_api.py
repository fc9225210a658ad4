"""What the API says no to, and what it keeps from strangers."""

import pytest

from certificates import codes
from certificates.models import GiftCertificate
from tests.certificates.conftest import body, row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Amount": ""}, "Amount is missing"),
        ({"RecipientName": ""}, "RecipientName is missing"),
        ({"Currency": "XXX"}, "Currency must be"),
        ({"Currency": "KWD"}, "Currency does not go with PayPal"),
        ({"PaymentAccountId": "nobodys"}, "PaymentAccountId must be the Id of a payment account of yours"),
        ({"ExpiresDate": "2001-01-01"}, "ExpiresDate must be in the future"),
        ({"Message": "4111 1111 1111 1111"}, "must not hold a card number"),
    ],
)
def test_what_cannot_be_sold(counter, settings, changes, sentence):
    settings.SANDBOX_STRICT = True
    refused = counter.post(**changes)
    assert (refused.status, sentence in refused.text) == (400, True), refused.text
    assert not GiftCertificate.objects.exists()


def test_it_is_its_partners_alone(counter, rival, stranger, ann):
    certificate_id = counter.sold()
    code = counter.get(certificate_id).value("ClaimCode")
    for path in (f"/api/GiftCertificate/{certificate_id}", f"/api/GiftCertificate/{certificate_id}/Refunds"):
        assert (rival.get(path).status, stranger.get(path).status) == (403, 401)
    assert len(list(rival.get("/api/GiftCertificates").xml)) == 0
    theirs = rival.post("/api/Givers", body("Giver", ExternalId="a")).value("Id")
    assert rival.post("/api/GiftCertificates/Claim", body("Claim", GiverId=theirs, ClaimCode=code)).status == 403
    refused = counter.claim_by_code(code, theirs)
    assert (refused.status, "must be the Id of a giver of yours" in refused.text) == (400, True)
    assert row(certificate_id).giver_id is None


def test_wrong_codes_are_counted_for_each_giver(counter, ann):
    certificate_id = counter.sold()
    code = counter.get(certificate_id).value("ClaimCode")
    for _ in range(10):
        wrong = counter.claim_by_code(codes.new_code(), ann)
        assert (wrong.status, wrong.value("code")) == (403, "wrong_claim_code")
    assert counter.claim_by_code(code, ann).status == 429
    assert counter.claim(certificate_id, ann, ClaimCode=code).status == 429
    assert counter.claim_by_code(code, counter.new_giver("customer-8")).status == 200, "nobody else is kept out"


def test_a_code_that_is_named_has_to_fit(counter, ann):
    certificate_id, other_id = counter.sold(), counter.sold()
    code = counter.get(other_id).value("ClaimCode")
    assert counter.claim(certificate_id, ann, ClaimCode=code).value("code") == "wrong_claim_code"
    assert counter.claim_by_code(code[:-1] + ("0" if code[-1] != "0" else "1"), ann).status == 403
    assert (row(certificate_id).giver_id, row(other_id).giver_id) == (None, None)


def test_a_refused_delete_keeps_the_code(counter):
    """Who may write may not read for that; and only answers to GET are sure to be kept by nobody."""
    certificate_id = counter.sold()
    code = counter.get(certificate_id).value("ClaimCode")
    paid = counter.shop.delete(f"/api/GiftCertificate/{certificate_id}")
    stale = counter.shop.delete(f"/api/GiftCertificate/{certificate_id}", If_Match='"another"')
    assert (paid.status, stale.status) == (409, 412)
    for refused in (paid, stale):
        assert (code in refused.text, "ClaimURL" in refused.text) == (False, False), refused.text
        assert "<Balance>25.00</Balance>" in refused.text


def test_what_is_not_paid_cannot_be_claimed(counter, ann):
    certificate_id = counter.post().value("Id")
    refused = counter.claim(certificate_id, ann)
    assert (refused.status, refused.value("code")) == (409, "cannot_claim")
    assert "this one is Submitted" in refused.text


def test_a_gift_by_certificates_says_whose(counter, ann):
    goal_id = counter.shop.new_goal()
    nobody = counter.give(goal_id, "")
    assert (nobody.status, "needs GiverId" in nobody.text) == (400, True)
    both = counter.give(goal_id, ann, UsePermission="true")
    assert (both.status, "UsePermission cannot go with Certificate" in both.text) == (400, True)


def test_a_goal_may_take_nothing_else(counter, ann):
    only = "<PaymentProvider><ProviderName>certificate</ProviderName></PaymentProvider>"
    goal_id = counter.shop.new_goal(PaymentProviders=only)
    counter.claimed(ann)
    assert counter.give(goal_id, ann, ProviderName="").value("Status") == "Settled"
    assert counter.shop.get(f"/api/SavingGoal/{goal_id}").xml.findtext("PaymentProviders//ProviderName") == "Certificate"
    unnamed = counter.give(goal_id, "", ProviderName="")
    assert (unnamed.status, "needs GiverId" in unnamed.text) == (400, True)


def test_the_same_key_spends_once(counter, ann):
    certificate_id = counter.claimed(ann)
    goal_id = counter.shop.new_goal()
    first, again = (counter.give(goal_id, ann, Idempotency_Key="gift-1") for _ in range(2))
    assert (first.status, again.body) == (201, first.body)
    assert counter.balance(certificate_id) == "15.00"


def test_lists_are_narrowed_and_paged(counter, ann):
    mine, others = counter.claimed(ann), [counter.post().value("Id") for _ in range(2)]
    shown = counter.shop.get(f"/api/GiftCertificates?GiverId={ann}")
    assert [one.findtext("Id") for one in shown.xml] == [mine]
    page = counter.shop.get("/api/GiftCertificates?Status=Submitted&limit=1")
    assert [one.findtext("Id") for one in page.xml] == [others[1]]
    assert [one.findtext("Id") for one in counter.shop.get(page.xml.get("Next")).xml] == [others[0]]


def test_the_etag_moves_with_what_can_be_seen(counter, ann, later):
    certificate_id = counter.claimed(ann, ExpiresDate="2031-12-31")
    tags = [counter.get(certificate_id).headers["ETag"]]
    counter.give(counter.shop.new_goal(), ann)
    tags.append(counter.get(certificate_id).headers["ETag"])
    later(days=3650)
    tags.append(counter.get(certificate_id).headers["ETag"])
    assert len({*tags}) == 3


def test_a_payment_account_can_go_whose_certificates_are_sold(counter):
    counter.sold()
    assert counter.shop.delete(f"/api/PaymentAccount/{counter.account_id}").status == 204
    assert counter.post().status == 400
