"""A visitor buys a gift certificate, and another one claims and gives it."""

import re

import pytest

from certificates.models import GiftCertificate
from contributions.models import Contribution
from goals.models import PaymentAccount
from tests.demo.remembered import Visitor
from tests.demo.visitors import Page

CODE = re.compile(r"<h2>((?:[A-Z0-9]+-)+[A-Z0-9]+)</h2>")


@pytest.fixture
def buyer(site: str) -> Visitor:
    return Visitor()


def bought(buyer: Visitor, **fields: str) -> str:
    """The code of a new certificate, as the buyer is shown it."""
    buyer.look("/demo/certificates")
    sent = buyer.send("buy-certificate", **({"recipient": "Ann", "amount": "25.00"} | fields))
    assert sent.status_code == 303, sent.content.decode()
    assert "Here is the certificate" in buyer.goes_on(sent.headers["Location"], "approve")
    (code,) = CODE.findall(buyer.look(f"/demo/certificate?Id={GiftCertificate.objects.latest('pk').public_id}"))
    return str(code)


def test_a_certificate_is_bought_claimed_and_given(buyer: Visitor) -> None:
    """The one who claims it needs no permission: the gift is there at once, and the rest stays for the next one."""
    code = bought(buyer)
    ann = Visitor()
    ann.look("/demo/certificates")
    assert ann.send("claim-certificate", name="Ann", code=code.lower()).headers["Location"] == "certificates"
    assert "You have 25.00 USD to give" in Page(ann.look("/demo/certificates")).text
    made = ann.give_now(way="certificate", amount="10.00")
    assert "has arrived" in ann.look(f"/demo/{made.headers['Location']}")
    assert "10.00 of 250.00 USD" in Page(ann.look("/demo/")).text
    assert "Give from my 15.00 USD of certificates" in ann.look("/demo/")
    too_much = ann.give_now(way="certificate", amount="20.00")
    assert (too_much.status_code, "There is 15.00 USD" in too_much.content.decode()) == (409, True)
    assert ann.give_now(way="certificate", amount="15.00").status_code == 303
    assert "of certificates" not in ann.look("/demo/")


def test_the_code_is_for_the_buyers_browser_alone(buyer: Visitor) -> None:
    """Whoever has the address of the page, without the buyer's cookie, is not shown it; a claimed one has no code."""
    code = bought(buyer)
    page = f"/demo/certificate?Id={GiftCertificate.objects.get().public_id}"
    other = Visitor()
    assert "no such" in other.look(page)
    other.look("/demo/certificates")
    assert "no such" in other.look(page)
    for wrong in ("", "?Id=", "?Id=..", "?Id=" + "2" * 22):
        assert "no such" in buyer.look(f"/demo/certificate{wrong}")
    other.send("claim-certificate", name="Ben", code=code)
    assert "has been claimed" in buyer.look(page)
    assert code not in buyer.look(page)


def test_a_wrong_code_and_one_that_is_gone_are_told(buyer: Visitor) -> None:
    """What was typed is there to be mended, and the next try is one of its own."""
    code = bought(buyer)
    ann, ben = Visitor(), Visitor()
    for visitor in (ann, ben):
        visitor.look("/demo/certificates")
    slip = code[:-1] + ("A" if code[-1] != "A" else "B")
    wrong = ann.send("claim-certificate", name="Ann", code=slip)
    assert (wrong.status_code, f'value="{slip}"' in wrong.content.decode()) == (403, True)
    assert ann.send("claim-certificate", code=code).status_code == 303
    gone = ben.send("claim-certificate", name="Ben", code=code)
    assert (gone.status_code, 'role="alert"' in gone.content.decode()) == (409, True)


@pytest.mark.parametrize("outcome", ["decline", "cancel"])
def test_a_certificate_that_is_not_paid_has_no_code(buyer: Visitor, outcome: str) -> None:
    buyer.look("/demo/certificates")
    sent = buyer.send("buy-certificate", recipient="Ann", amount="25.00")
    assert "was not bought" in buyer.goes_on(sent.headers["Location"], outcome)


def test_forms_for_certificates_are_the_visitors_own(buyer: Visitor) -> None:
    """Nothing is bought, claimed or spent without the token; all certificates are paid to one account."""
    code, accounts = bought(buyer), PaymentAccount.objects.count()
    assert buyer.send("buy-certificate", recipient="Ann", amount="9.00", token="").status_code == 403
    assert buyer.send("claim-certificate", name="Bob", code=code, token="").status_code == 403
    assert buyer.give_now(way="certificate", amount="9.00", token="").status_code == 403
    page = buyer.send("buy-certificate", recipient="Ann", amount="nine").content.decode()
    assert 'id="amount-fault" role="alert">The amount must be' in page
    bought(buyer)
    assert (GiftCertificate.objects.count(), PaymentAccount.objects.count()) == (2, accounts)
    assert "Certificate" not in {gift.provider for gift in Contribution.objects.all()}
