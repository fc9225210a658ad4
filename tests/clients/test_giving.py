"""Givers, permissions, pledges, certificates and matchers with each client package, against the service as it runs."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.clients.conftest import Partner, pay
from tests.clients.driving import Refused
from tests.crashes.processes import Service

pytestmark = pytest.mark.one_database


def agreed(partner: Partner, giver: Any, **limits: Any) -> Any:
    """A permission that the giver has agreed to, as it stands afterwards."""
    given = {"providerName": "PayPal", "currency": "USD", "maximumAmount": "50.00"} | limits
    asked = partner("askPermission", giverId=giver["id"], confirmationUrl="https://shop.example/agreed", **given)
    assert asked["state"] == "Requested"
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(asked["permissionUrl"], timeout=30)
        assert urlsplit(page.url).path.startswith("/sandbox/permission/"), page.url
        back = browser.post(page.url, data={"outcome": "agree"}, timeout=30, allow_redirects=False).headers["Location"]
        assert (
            browser.get(back, timeout=30, allow_redirects=False).headers["Location"].startswith("https://shop.example/agreed")
        )
    return partner("getPermission", permissionId=asked["id"])


def test_a_giver_is_kept_found_and_erased(partner: Partner) -> None:
    giver = partner("createGiver", externalId="customer-7", name="Ann", email="ann@example.org")
    assert (giver["name"], giver["email"], giver["pinSet"]) == ("Ann", "a***@example.org", False)
    with pytest.raises(Refused) as refused:
        partner("createGiver", externalId="customer-7")
    assert (refused.value["status"], refused.value["code"]) == (409, "external_id_taken")
    changed = partner("updateGiver", giverId=giver["id"], version=giver["version"], name="Anna", externalId="customer-8")
    assert (changed["name"], changed["version"]) == ("Anna", giver["version"] + 1)
    assert partner("findGiver", externalId="customer-8")["id"] == giver["id"]
    assert [one["id"] for one in partner("listGivers", limit=1)] == [giver["id"]]
    assert partner("rotateGiverPage", giverId=giver["id"])["giverUrl"] != giver["giverUrl"]
    partner("eraseGiver", giverId=giver["id"])
    assert partner("findGiver", externalId="customer-8") is None
    with pytest.raises(Refused, match="NotFound"):
        partner("getGiver", giverId=giver["id"])


def test_a_pin_is_set_checked_replaced_and_taken_away(partner: Partner) -> None:
    giver = partner("createGiver", externalId="customer-7")["id"]
    partner("setPin", giverId=giver, pin="0042")
    partner("verifyPin", giverId=giver, pin="0042")
    with pytest.raises(Refused) as refused:
        partner("verifyPin", giverId=giver, pin="0000")
    assert (refused.value.kind, refused.value["code"]) == ("Forbidden", "pin_wrong")
    with pytest.raises(Refused, match="Forbidden"):
        partner("setPin", giverId=giver, pin="4711")
    partner("setPin", giverId=giver, pin="4711", old="0042")
    assert partner("getGiver", giverId=giver)["pinSet"] is True
    partner("removePin", giverId=giver)
    assert partner("getGiver", giverId=giver)["pinSet"] is False


def test_a_gift_under_a_permission_needs_no_browser(partner: Partner) -> None:
    """Above its limit it is Submitted, and the notice says why; once it is revoked likewise."""
    giver = partner("createGiver", externalId="customer-7", name="Ann")
    partner("setPin", giverId=giver["id"], pin="4711")
    permission = agreed(partner, giver, maximumTotal="100.00")
    assert (permission["state"], permission["maximumTotal"]) == ("Active", "100.00")
    goal = partner.new_goal()
    under_it = {"giverId": giver["id"], "usePermission": True, "pin": "4711"}
    gift = partner.new_gift(goal["id"], **under_it)
    assert (gift["status"], gift["giverId"]) == ("Settled", giver["id"])
    with pytest.raises(Refused) as refused:
        partner.new_gift(goal["id"], giverId=giver["id"], usePermission=True)
    assert refused.value["code"] == "pin_needed"
    assert partner.new_gift(goal["id"], amount="50.01", **under_it)["status"] == "Submitted"
    assert "MaximumAmount" in partner("notices")[-1]
    assert [one["usedTotal"] for one in partner("listPermissions", giverId=giver["id"])] == ["20.00"]
    partner("revokePermission", permissionId=permission["id"])
    told = partner("getPermission", permissionId=permission["id"])
    assert (told["state"], told["stateReason"]) == ("Revoked", "client_revoked")
    assert partner.new_gift(goal["id"], **under_it)["status"] == "Submitted"


def test_a_pledge_is_made_paused_resumed_and_ended(partner: Partner) -> None:
    giver = partner("createGiver", externalId="customer-7", name="Ann")
    goal = partner.new_goal()
    wanted = {"goalId": goal["id"], "giverId": giver["id"], "amount": "12.00", "every": "Month"}
    with pytest.raises(Refused) as refused:
        partner("createPledge", **wanted)
    assert refused.value["code"] == "pledge_not_covered"
    permission = agreed(partner, giver)
    pledge = partner("createPledge", **wanted, timeZone="Europe/Berlin", message="For the club")
    assert (pledge["state"], pledge["permissionId"], pledge["contributor"]) == ("Active", permission["id"], "Ann")
    assert pledge["nextDate"]
    assert partner("pausePledge", pledgeId=pledge["id"])["state"] == "Paused"
    assert partner("resumePledge", pledgeId=pledge["id"])["state"] == "Active"
    assert [one["id"] for one in partner("listPledges", goalId=goal["id"], state="Active")] == [pledge["id"]]
    assert [one["id"] for one in partner("listAllPledges", giverId=giver["id"])] == [pledge["id"]]
    partner("endPledge", pledgeId=pledge["id"])
    assert partner("getPledge", pledgeId=pledge["id"])["stateReason"] == "client_ended"
    assert partner("listAllPledges", state="Active") == []


def test_a_certificate_is_bought_claimed_spent_refunded(partner: Partner, service: Service) -> None:
    account = partner("createPaymentAccount", providerName="PayPal", credentials="shop@example.org")
    wanted = {"amount": "25.00", "currency": "USD", "paymentAccountId": account["id"], "recipientName": "Ann"}
    given_up = partner("createGiftCertificate", **wanted)
    partner("cancelGiftCertificate", certificateId=given_up["id"])
    with pytest.raises(Refused, match="NotFound"):
        partner("getGiftCertificate", certificateId=given_up["id"])
    sold, other = (partner("createGiftCertificate", **wanted) for _ in range(2))
    for one in (sold, other):
        pay(service, one["providerUrl"])
    code = partner("getGiftCertificate", certificateId=sold["id"])["claimCode"]
    giver = partner("createGiver", externalId="customer-7", name="Ann")
    claimed = partner("claimGiftCertificate", giverId=giver["id"], claimCode=code)
    assert (claimed["id"], claimed["giverId"], claimed["balance"]) == (sold["id"], giver["id"], "25.00")
    assert partner("claimWithoutCode", certificateId=other["id"], giverId=giver["id"])["giverId"] == giver["id"]
    gift = partner.new_gift(partner.new_goal()["id"], amount="40.00", providerName="Certificate", giverId=giver["id"])
    assert gift["status"] == "Settled"
    left = {one["id"]: one["balance"] for one in partner("listGiftCertificates", giverId=giver["id"])}
    assert sorted(left.values()) == ["0.00", "10.00"]
    (rest,) = [name for name, balance in left.items() if balance == "10.00"]
    assert partner("refundGiftCertificate", certificateId=rest, amount="4.00", reason="Too much")["status"] == "Completed"
    assert [one["amount"] for one in partner("listGiftCertificateRefunds", certificateId=rest)] == ["4.00"]


def test_a_matcher_adds_to_each_gift_until_it_is_deleted(partner: Partner, service: Service) -> None:
    goal = partner.new_goal()
    matcher = partner("createMatcher", goalId=goal["id"], name="The bank", maximumTotal="100.00", percent=50)
    pay(service, partner.new_gift(goal["id"])["providerUrl"])
    assert partner("getMatcher", matcherId=matcher["id"])["matchedTotal"] == "10.00"
    assert partner("getGoal", goalId=goal["id"])["matchedAmount"] == "10.00"
    assert [one["id"] for one in partner("listMatchers", goalId=goal["id"])] == [matcher["id"]]
    partner("deleteMatcher", matcherId=matcher["id"])
    assert partner("listMatchers", goalId=goal["id"]) == []
