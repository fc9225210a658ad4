"""The flow of the 2011 Contributions API, start to end. Read it from top to bottom: it is how a partner uses the service.

Once in XML, once in JSON, through the same steps. Every request is as it goes over the wire.
"""

import json

import pytest
from django.test import Client
from lxml import etree

from tests.conftest import register

pytestmark = pytest.mark.django_db

OURS = "http://give.example.test"


class XmlPartner:
    """A partner that speaks XML, with its key in the query as in 2011."""

    media = "application/xml"

    def __init__(self, key):
        self.key, self.http = key, Client(SERVER_NAME="give.example.test")

    def call(self, verb, path, document=None, **headers):
        ((name, content),) = document.items() if document else (("", {}),)
        body = etree.tostring(self._element(name, content)) if document else b""
        address = f"{path}{'&' if '?' in path else '?'}ApiKey={self.key}"
        return self.http.generic(verb, address, body, content_type=self.media, **headers)

    def read(self, response):
        return self._dictionary(etree.fromstring(response.content))

    def _element(self, name, content):
        element = etree.Element(name)
        for child, value in content.items():
            if isinstance(value, dict):
                element.append(self._element(child, value))
            else:
                etree.SubElement(element, child).text = str(value)
        return element

    def _dictionary(self, element):
        content = dict(element.attrib)
        for child in element:
            name = etree.QName(child).localname
            value = self._dictionary(child) if len(child) or name in LISTS else child.text
            if name in LISTED:
                content.setdefault(name, []).append(value)
            else:
                content[name] = json.loads(value) if name in {"RecordVersionNumber", "Test", "AcceptsGifts"} else value
        if element.tag in LISTS:
            content.setdefault(LISTS[element.tag], [])
        return content


LISTS = {"Savings": "SavingGoal", "Contributions": "Contribution", "PaymentProviders": "PaymentProvider"}
LISTED = set(LISTS.values())


class JsonPartner:
    """A partner that speaks JSON, with its key in a header as today."""

    media = "application/json"

    def __init__(self, key):
        self.key, self.http = key, Client(SERVER_NAME="give.example.test")

    def call(self, verb, path, document=None, **headers):
        body = json.dumps(next(iter(document.values()))) if document else b""
        headers |= {"HTTP_AUTHORIZATION": f"Bearer {self.key}", "HTTP_ACCEPT": self.media}
        return self.http.generic(verb, path, body, content_type=self.media, **headers)

    def read(self, response):
        return json.loads(response.content)


@pytest.fixture(params=[XmlPartner, JsonPartner], ids=["XML", "JSON"])
def wishpot(request):
    return request.param(register("Wishpot", redirect_hosts=["wishpot.example"]).api_key)


@pytest.fixture
def browser():
    """The giver's: it goes where it is sent."""
    return Client(SERVER_NAME="give.example.test")


NEW_GOAL = {
    "SavingGoal": {
        "ExternamItemId": "wish-4711",  # as it is spelled on the page of 2011
        "Name": "A pram for Zoë & Tom",
        "StartingAmount": "1.00",
        "GoalAmount": "300",
        "PaymentProviders": {"PaymentProvider": {"ProviderName": "Paypal", "Credentials": "zoe@example.org "}},
        "ConfirmationUrl": "https://wishpot.example/thanks?list=9",
        "CancelUrl": "https://wishpot.example/pity",
    }
}


def a_goal_is_made(wishpot):
    made = wishpot.call("POST", "/api/savings", NEW_GOAL)
    assert made.status_code == 201
    goal = wishpot.read(made)
    assert made["Location"] == f"{OURS}/api/SavingGoal/{goal['Id']}"
    assert goal == {
        "Id": goal["Id"],
        "ExternalItemId": "wish-4711",
        "Name": "A pram for Zoë & Tom",
        "StartingAmount": "1.00",
        "GoalAmount": "300.00",
        "CurrentAmount": "1.00",
        "Contributions": {"Contribution": []},
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal"}]},  # the credentials never come out
        "ConfirmationURL": "https://wishpot.example/thanks?list=9",
        "CancelURL": "https://wishpot.example/pity",
        "RecordVersionNumber": 1,
        "RecordOwner": "Wishpot",
        "Currency": "USD",
        "CapturePolicy": "Immediate",
        "AuthorizedAmount": "0.00",
        "State": "Open",
        "AcceptsGifts": True,
        "Overfunding": "Allowed",
        "RemainingAmount": "299.00",
        "Test": True,
    }
    return goal


def a_gift_is_made(wishpot, goal):
    gift_wish = {"Contribution": {"Amount": "25", "Contributor": "Grandma", "Message": "Much love\n  from us both"}}
    made = wishpot.call("POST", f"/api/SavingGoal/{goal['Id']}/Contributions", gift_wish)
    assert made.status_code == 201
    gift = wishpot.read(made)
    assert made["Location"] == f"{OURS}/api/Contribution/{gift['Id']}"
    assert gift == {
        "Id": gift["Id"],
        "Amount": "25.00",
        "Date": gift["Date"],
        "Contributor": "Grandma",
        "Message": "Much love\n  from us both",
        "Status": "Submitted",
        "ProviderName": "PayPal",
        "ProviderURL": gift["ProviderURL"],
        "RecordVersionNumber": 1,
        "Currency": "USD",
        "RefundedAmount": "0.00",
        "SavingGoalId": goal["Id"],
        "Test": True,
    }
    return gift


def the_giver_approves(browser, gift):
    """The giver is sent to ProviderURL, sees what is asked for, and approves; returns where the provider sends them."""
    assert gift["ProviderURL"] == f"{OURS}/pay/{gift['Id']}"
    at_the_provider = browser.get(gift["ProviderURL"].removeprefix(OURS))["Location"].removeprefix(OURS)
    page = browser.get(at_the_provider)
    assert "25.00 USD" in page.content.decode()
    assert "A pram for Zoë &amp; Tom" in page.content.decode()
    assert "simulator" in page.content.decode()
    to_us = browser.post(at_the_provider, {"outcome": "approve"})
    assert to_us.status_code == 303
    assert to_us["Location"].startswith(f"{OURS}/providers/paypal/return/{gift['Id']}?token=")
    return to_us["Location"]


def the_partner_polls(wishpot, goal, gift):
    goal_path = f"/api/SavingGoal/{goal['Id']}"
    settled = wishpot.read(wishpot.call("GET", f"/api/Contribution/{gift['Id']}"))
    told_now = {name: settled[name] for name in ("ProviderReference", "SettledDate")}
    assert settled == gift | {"Status": "Settled", "RecordVersionNumber": 2, **told_now}
    goal_now = wishpot.call("GET", goal_path)
    moved = {"CurrentAmount": "26.00", "RemainingAmount": "274.00", "Contributions": {"Contribution": [settled]}}
    assert wishpot.read(goal_now) == goal | moved
    assert wishpot.call("GET", goal_path, HTTP_IF_NONE_MATCH=goal_now["ETag"]).status_code == 304


def the_goal_is_raised(wishpot, goal):
    """It is still at version 1, so the partner can raise it without looking at the gifts again."""
    goal_path = f"/api/SavingGoal/{goal['Id']}"
    raised = wishpot.call("PATCH", goal_path, {"SavingGoal": {"GoalAmount": "350.00", "RecordVersionNumber": 1}})
    assert raised.status_code == 200
    assert (wishpot.read(raised)["GoalAmount"], wishpot.read(raised)["RecordVersionNumber"]) == ("350.00", 2)
    stale = wishpot.call("PATCH", goal_path, {"SavingGoal": {"GoalAmount": "1.00", "RecordVersionNumber": 1}})
    assert stale.status_code == 409
    assert wishpot.read(stale)["RecordVersionNumber"] == 2


def what_get_gave_is_sent_back(wishpot, goal):
    """With PUT: nothing of it changes but the version."""
    goal_path = f"/api/SavingGoal/{goal['Id']}"
    before = wishpot.read(wishpot.call("GET", goal_path))
    body = wishpot.call("GET", goal_path).content
    headers = {"HTTP_AUTHORIZATION": f"ApiKey {wishpot.key}", "HTTP_ACCEPT": wishpot.media}
    same = wishpot.http.generic("PUT", goal_path, body, content_type=wishpot.media, **headers)
    assert same.status_code == 200
    assert wishpot.read(same) == before | {"RecordVersionNumber": 3}


def test_a_gift_from_the_first_request_to_the_thank_you_page(wishpot, browser):
    # The partner creates a saving goal for one of its users ...
    goal = a_goal_is_made(wishpot)
    # ... finds it again by its own id of the item, or by ours ...
    for question in ("?ExternalItemId=wish-4711", f"?Id={goal['Id']}"):
        assert wishpot.read(wishpot.call("GET", f"/api/savings{question}"))["SavingGoal"] == [goal]
    # ... and when somebody wants to chip in, makes a contribution.
    gift = a_gift_is_made(wishpot, goal)
    to_us = the_giver_approves(browser, gift)
    # The provider sends the giver to us; we ask the provider, take the money, and send the giver to the partner.
    to_partner = browser.get(to_us.removeprefix(OURS))
    assert to_partner.status_code == 303
    assert to_partner["Location"] == f"https://wishpot.example/thanks?list=9&Id={gift['Id']}"
    # The partner polls the contribution that the Id names.
    the_partner_polls(wishpot, goal, gift)
    the_goal_is_raised(wishpot, goal)
    what_get_gave_is_sent_back(wishpot, goal)
    # The goal has served its purpose. Its settled money stays in the books.
    goal_path, gift_path = f"/api/SavingGoal/{goal['Id']}", f"/api/Contribution/{gift['Id']}"
    assert wishpot.call("DELETE", goal_path).status_code == 204
    assert wishpot.call("GET", goal_path).status_code == 404
    assert wishpot.read(wishpot.call("GET", gift_path))["Status"] == "Settled"
