"""The Contributions API of 2011, request by request, in the order in which its page tells them.

Lay the page beside this file: each request stands here as a client of that time sends it, with the key in the address, old
names, blanks round values, and a Content-Type that says nothing, the wrong thing or text/xml. The answer to each has the
elements that the page promises, first and in its order; ours come after them.
"""

import pytest

from tests.api.as_in_2011 import send
from tests.conftest import register

pytestmark = pytest.mark.django_db

GOAL_OF_2011 = [
    "Id", "ExternalItemId", "Name", "StartingAmount", "GoalAmount", "CurrentAmount", "EndDate", "Contributions",
    "PaymentProviders", "ConfirmationURL", "CancelURL", "RecordVersionNumber", "RecordOwner",
]  # fmt: skip
CONTRIBUTION_OF_2011 = [
    "Id", "Amount", "Date", "Contributor", "Message", "Status", "ProviderName", "ProviderURL", "RecordVersionNumber",
]  # fmt: skip
STATUSES_OF_2011 = {"Submitted", "Pending", "Settled", "Failed", "Canceled", "Refunded"}

NO_TYPE = "There is no Content-Type; the body was read as XML: send Content-Type: application/xml."
FORM_TYPE = (
    "The Content-Type is application/x-www-form-urlencoded; the body was read as XML: send Content-Type: application/xml."
)
TEXT_XML = "text/xml is the old name of application/xml; the body was read as that: send Content-Type: application/xml."
OLD_NAMES = [
    "ExternamItemId is an old name; it was read as ExternalItemId: write ExternalItemId.",
    "ConfirmationUrl is an old name; it was read as ConfirmationURL: write ConfirmationURL.",
]
NO_OFFSET = "EndDate has no offset; it was taken as UTC: write 2031-12-25T00:00:00Z."

HOW_IT_IS_SENT = {
    "no type": ("", NO_TYPE),
    "the type of curl -d": ("\nContent-Type: application/x-www-form-urlencoded", FORM_TYPE),
    "text/xml": ("\nContent-Type: text/xml", TEXT_XML),
    "text/xml with a charset": ("\nContent-Type: text/xml; charset=utf-8", TEXT_XML),
}


@pytest.fixture
def values():
    """What stands for {key} and the like in a request; requests that make something add to it."""
    return {"key": register("Wishpot").api_key, "rival": register("Rival").api_key}


@pytest.fixture(params=HOW_IT_IS_SENT.values(), ids=HOW_IT_IS_SENT)
def sent(request):
    """How the client says what its body is, and what it is told of that."""
    return request.param


# --- A client creates a saving goal -----------------------------------------------------------------------------------

CREATE_A_GOAL = """
POST /api/savings?ApiKey={key}{type}

<?xml version="1.0" encoding="utf-8"?>
<SavingGoal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <ExternamItemId>4711 </ExternamItemId>
  <Name>A pram for Zoë &amp; Tom</Name>
  <StartingAmount>10</StartingAmount>
  <GoalAmount>300.00 </GoalAmount>
  <EndDate>2031-12-25T00:00:00</EndDate>
  <PaymentProviders>
    <PaymentProvider>
      <ProviderName>Paypal</ProviderName>
      <Credentials>zoe@example.org </Credentials>
    </PaymentProvider>
  </PaymentProviders>
  <ConfirmationUrl>http://www.wishpot.example/thanks.aspx?list=9 </ConfirmationUrl>
  <CancelUrl xsi:nil="true" />
</SavingGoal>
"""


def test_create_a_saving_goal(values, sent):
    content_type, notice = sent
    made = send(CREATE_A_GOAL, type=content_type, **values)
    assert made.status == 201, made.body
    assert made.names[: len(GOAL_OF_2011) - 1] == [name for name in GOAL_OF_2011 if name != "CancelURL"]
    assert made.header("Content-Type") == "application/xml; charset=utf-8"
    assert made.header("Location") == f"http://give.example.test/api/SavingGoal/{made.text('Id')}"
    assert (made.text("ExternalItemId"), made.text("Name")) == ("4711", "A pram for Zoë & Tom")
    assert (made.text("StartingAmount"), made.text("GoalAmount"), made.text("CurrentAmount")) == ("10.00", "300.00", "10.00")
    assert (made.text("EndDate"), made.text("CancelURL")) == ("2031-12-25T00:00:00Z", None)
    assert made.text("PaymentProviders/PaymentProvider/ProviderName") == "PayPal"
    assert made.text("PaymentProviders/PaymentProvider/Credentials") is None
    assert made.text("ConfirmationURL") == "http://www.wishpot.example/thanks.aspx?list=9"
    assert (made.text("RecordVersionNumber"), made.text("RecordOwner")) == ("1", "Wishpot")
    assert made.notices == [notice, *OLD_NAMES[:2], NO_OFFSET]


@pytest.fixture
def goal(values):
    made = send(CREATE_A_GOAL, type="", **values)
    values["goal"] = made.text("Id")
    return made


# --- ... and finds it again -------------------------------------------------------------------------------------------

ALL_MY_GOALS = "GET /api/savings?ApiKey={key}"
ONE_GOAL_BY_ARGUMENT = "GET /api/savings?ApiKey={key}&Id={goal}"
ONE_GOAL_BY_ITEM = "GET /api/savings?apikey={key}&externalitemid=4711"
ONE_GOAL_BY_ADDRESS = "GET /api/SavingGoal/{goal}?ApiKey={key}"
ONE_GOAL_AS_TEXT_XML = "GET /api/SavingGoal/{goal}/?ApiKey=%20{key}%20\nAccept: text/xml"


@pytest.mark.parametrize("request_", [ALL_MY_GOALS, ONE_GOAL_BY_ARGUMENT, ONE_GOAL_BY_ITEM])
def test_list_the_saving_goals(values, goal, request_):
    found = send(request_, **values)
    assert (found.status, found.xml.tag, found.notices) == (200, "Savings", [])
    assert [one.findtext("Id") for one in found.xml] == [values["goal"]]


def test_read_one_saving_goal(values, goal):
    read = send(ONE_GOAL_BY_ADDRESS, **values)
    assert (read.status, read.body, read.notices) == (200, goal.body, [])
    old = send(ONE_GOAL_AS_TEXT_XML, **values)
    assert (old.status, old.header("Content-Type"), old.body) == (200, "text/xml; charset=utf-8", goal.body)
    (notice,) = old.notices
    assert notice == "text/xml is the old name of application/xml; the answer has the old one: accept application/xml."


# --- ... and changes it, if nobody else has meanwhile -----------------------------------------------------------------

CHANGE_THE_GOAL = """
PUT /api/SavingGoal/{goal}?ApiKey={key}{type}

<SavingGoal>
  <Id>{goal}</Id>
  <ExternamItemId>4711</ExternamItemId>
  <Name>A pram for Zoë, Tom &amp; the twins</Name>
  <StartingAmount>10.00</StartingAmount>
  <GoalAmount>600.00</GoalAmount>
  <CurrentAmount>999.99</CurrentAmount>
  <PaymentProviders>
    <PaymentProvider><ProviderName>Paypal</ProviderName></PaymentProvider>
  </PaymentProviders>
  <RecordVersionNumber>1</RecordVersionNumber>
  <RecordOwner>Wishpot</RecordOwner>
</SavingGoal>
"""


def test_change_the_saving_goal(values, goal, sent):
    """The version must be the one that was read: a second client that read it before is refused."""
    content_type, notice = sent
    changed = send(CHANGE_THE_GOAL, type=content_type, **values)
    assert changed.status == 200, changed.body
    assert (changed.text("GoalAmount"), changed.text("RecordVersionNumber")) == ("600.00", "2")
    assert (changed.text("CurrentAmount"), changed.text("EndDate")) == ("10.00", None)
    assert changed.notices == [notice, OLD_NAMES[0]]
    late = send(CHANGE_THE_GOAL, type=content_type, **values)
    assert (late.status, late.text("code"), late.text("RecordVersionNumber")) == (409, "stale_version", "2")


# --- A friend gives ---------------------------------------------------------------------------------------------------

CONTRIBUTE = """
POST /api/SavingGoal/{goal}/Contributions?ApiKey={key}{type}

<Contribution>
  <Amount>25</Amount>
  <Contributor>Grandma</Contributor>
  <Message>Much love</Message>
  <ProviderName>Paypal </ProviderName>
</Contribution>
"""
READ_THE_CONTRIBUTION = "GET /api/Contribution/{gift}?ApiKey={key}"
ALL_CONTRIBUTIONS = "GET /api/SavingGoal/{goal}/Contributions?ApiKey={key}"


def test_contribute_to_the_goal(values, goal, sent):
    content_type, notice = sent
    made = send(CONTRIBUTE, type=content_type, **values)
    assert made.status == 201, made.body
    assert made.names[: len(CONTRIBUTION_OF_2011)] == CONTRIBUTION_OF_2011
    assert (made.text("Amount"), made.text("Contributor"), made.text("Message")) == ("25.00", "Grandma", "Much love")
    assert (made.text("Status"), made.text("ProviderName"), made.text("RecordVersionNumber")) == ("Submitted", "PayPal", "1")
    assert made.text("ProviderURL") == f"http://give.example.test/pay/{made.text('Id')}"
    assert made.notices == [notice]


@pytest.mark.parametrize(
    ("outcome", "lands_at", "status"),
    [
        ("approve", "http://www.wishpot.example/thanks.aspx?list=9&Id={gift}", "Settled"),
        ("cancel", "http://give.example.test/cancelled?Id={gift}", "Canceled"),
    ],
)
def test_the_giver_pays_or_not_and_the_client_looks(values, goal, giver, outcome, lands_at, status):
    """The client sends the giver to ProviderURL, the giver comes back with the Id, and the client reads the contribution."""
    made = send(CONTRIBUTE, type="", **values)
    values["gift"] = made.text("Id")
    assert giver.pay(made.text("ProviderURL"), outcome).headers["Location"] == lands_at.format(**values)
    read = send(READ_THE_CONTRIBUTION, **values)
    assert (read.status, read.text("Status"), read.notices) == (200, status, [])
    assert read.text("Status") in STATUSES_OF_2011
    (listed,) = send(ALL_CONTRIBUTIONS, **values).xml
    assert (listed.findtext("Id"), listed.findtext("Status")) == (values["gift"], status)
    now = send(ONE_GOAL_BY_ADDRESS, **values)
    assert now.text("CurrentAmount") == ("35.00" if status == "Settled" else "10.00")
    assert now.text("RecordVersionNumber") == "1", "gifts leave the goal's version alone"
    assert now.text("Contributions/Contribution/Status") == status


# --- The end, and what is refused -------------------------------------------------------------------------------------

DELETE_THE_CONTRIBUTION = "DELETE /api/Contribution/{gift}?ApiKey={key}"
DELETE_THE_GOAL = "DELETE /api/SavingGoal/{goal}?ApiKey={key}"


def test_delete_the_contribution_and_the_goal(values, goal):
    values["gift"] = send(CONTRIBUTE, type="", **values).text("Id")
    for request, afterwards in (
        (DELETE_THE_CONTRIBUTION, READ_THE_CONTRIBUTION), (DELETE_THE_GOAL, ONE_GOAL_BY_ADDRESS),
    ):  # fmt: skip
        gone = send(request, **values)
        assert (gone.status, gone.body, gone.notices) == (204, b"", [])
        assert send(afterwards, **values).status == 404


def test_who_has_no_key_or_anothers_is_refused(values, goal):
    values["gift"] = send(CONTRIBUTE, type="", **values).text("Id")
    for request in (ONE_GOAL_BY_ADDRESS, CHANGE_THE_GOAL, DELETE_THE_GOAL, CONTRIBUTE, READ_THE_CONTRIBUTION):
        assert send(request.replace("{key}", "{rival}"), type="", **values).status == 403
        assert send(request.replace("ApiKey={key}", ""), type="", **values).status == 401
        assert send(request.replace("{goal}", "1").replace("{gift}", "1"), type="", **values).status == 404
