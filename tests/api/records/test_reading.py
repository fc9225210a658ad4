"""Bodies: every fault is told at once with its path, its line and a sentence that helps."""

import json

from lxml import etree

from goals.models import SavingGoal
from providers.registry import PROVIDER_NAMES
from tests.api.in_json import post
from tests.api.in_xml import refusal_of
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.xml_schemas.answers import faults_of, sentences_of

AMAZON = "<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>A2EXAMPLE</Credentials></PaymentProvider>"


NO_DECIMAL = "must be a plain decimal such as 100.00: digits and at most one point."


NO_CURRENCY = "Currency must be the three-letter code of an active ISO 4217 currency, such as USD, EUR or JPY."


MANY_FAULTS = """<?xml version="1.0" encoding="UTF-8"?>
<SavingGoal version="2">
  Some text
  <Nam>A bicycle</Nam>
  <GoalAmount>1,000.00</GoalAmount>
  <StartingAmount>0.001</StartingAmount>
  <EndDate>30.06.2027</EndDate>
  <Currency lang="en">EUR</Currency>
  <CapturePolicy>immediate</CapturePolicy>
  <PaymentProviders>
    <PaymentProvider>
      <ProviderName>PayPol</ProviderName>
      <Credentials>anna@example.org</Credentials>
    </PaymentProvider>
    <PaymentProvider>
      <ProviderName>Stripe</ProviderName>
    </PaymentProvider>
    <Provider/>
  </PaymentProviders>
  <ConfirmationURL>shop.example/thanks</ConfirmationURL>
  <CancelURL><a>https://shop.example</a></CancelURL>
  <ConfirmationUrl>https://shop.example/thanks</ConfirmationUrl>
  <x:Name xmlns:x="urn:x">A bicycle</x:Name>
</SavingGoal>"""


def test_every_fault_of_a_goal_in_xml_is_told_at_once(shop):
    refused = shop.post("/api/savings", MANY_FAULTS)
    assert faults_of(refused) == [
        ("SavingGoal", 2, "SavingGoal takes no attributes; it has version."),
        ("SavingGoal", 2, "SavingGoal holds elements, and no text of its own."),
        ("SavingGoal/Nam", 4, "Nam is not an element of SavingGoal; did you mean Name?"),
        ("SavingGoal/ConfirmationUrl", 22, "ConfirmationURL stands here twice: give it once."),
        ("SavingGoal/{urn:x}Name", 23, "Name stands in a namespace, and nothing does here: leave xmlns out."),
        ("SavingGoal/ExternalItemId", 2, "ExternalItemId is missing: it is required here."),
        ("SavingGoal/Name", 2, "Name is missing: it is required here."),
        ("SavingGoal/Currency", 8, "Currency takes no attributes."),
        ("SavingGoal/StartingAmount", 6, "StartingAmount must have at most 2 digits after the point in USD."),
        ("SavingGoal/GoalAmount", 5, f"GoalAmount {NO_DECIMAL}"),
        ("SavingGoal/CapturePolicy", 9, "CapturePolicy must be one of Immediate, OnGoalReached, Manual."),
        ("SavingGoal/ConfirmationURL", 20, "ConfirmationURL must be an absolute address such as https://shop.example/thanks."),
        ("SavingGoal/CancelURL", 21, "CancelURL must hold a text, no further elements."),
        (
            "SavingGoal/EndDate", 7,
            "EndDate must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00.",
        ),
        (
            "SavingGoal/PaymentProviders/PaymentProvider/ProviderName", 12,
            f"ProviderName must be one of {', '.join(PROVIDER_NAMES)}.",
        ),
        ("SavingGoal/PaymentProviders/PaymentProvider/Credentials", 15, "Credentials is missing: it is required here."),
        (
            "SavingGoal/PaymentProviders/Provider", 18,
            "Provider is not an element of PaymentProviders; did you mean PaymentProvider?",
        ),
    ]  # fmt: skip
    assert refused.value("detail") == "There are 17 faults in the body."
    assert "anna@example.org" not in refused.text
    assert SavingGoal.objects.count() == 0


def test_the_problem_document_in_xml_is_that_of_rfc_9457(shop):
    """And the one in JSON says the same."""
    assert shop.post("/api/savings", goal_xml(Name=""), Request_Id="r-1").text == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<problem xmlns="urn:ietf:rfc:7807"><type>http://give.example.test/docs/errors/invalid_body/</type>'
        "<title>The body cannot be used</title><status>400</status><detail>There is one fault in the body.</detail>"
        "<code>invalid_body</code><request_id>r-1</request_id><errors><i><path>SavingGoal/Name</path><line>1</line>"
        "<detail>Name is missing: it is required here.</detail></i></errors></problem>"
    )
    assert shop.post("/api/savings", goal_xml(Name=""), Accept="application/json", Request_Id="r-1").text == (
        '{"type": "http://give.example.test/docs/errors/invalid_body/", "title": "The body cannot be used", "status": 400, '
        '"detail": "There is one fault in the body.", "code": "invalid_body", "request_id": "r-1", '
        '"errors": [{"path": "SavingGoal/Name", "line": 1, "detail": "Name is missing: it is required here."}]}'
    )


def test_every_fault_of_a_goal_in_json_is_told_at_once(shop):
    body = {
        "Nam": "A bicycle",
        "Name": ["A bicycle"],
        "GoalAmount": 1e3,
        "StartingAmount": -1,
        "EndDate": 20270630,
        "Currency": "usd",
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal"}, {"Credentials": "b"}], "Other": 1},
        "CancelURL": {"href": "https://shop.example"},
    }
    text = json.dumps(body).replace("1000.0", "1e3")
    refused = shop.post("/api/savings", text, media="application/json", Accept="application/json")
    assert faults_of(refused) == [
        ("SavingGoal/Nam", None, "Nam is not a member of SavingGoal; did you mean Name?"),
        ("SavingGoal/ExternalItemId", None, "ExternalItemId is missing: it is required here."),
        ("SavingGoal/Currency", None, NO_CURRENCY),
        ("SavingGoal/Name", None, "Name must be a string."),
        ("SavingGoal/StartingAmount", None, f"StartingAmount {NO_DECIMAL}"),
        ("SavingGoal/GoalAmount", None, f"GoalAmount {NO_DECIMAL}"),
        ("SavingGoal/CancelURL", None, "CancelURL must be a string."),
        ("SavingGoal/EndDate", None, "EndDate must be a string."),
        ("SavingGoal/PaymentProviders/PaymentProvider[1]/Credentials", None, "Credentials is missing: it is required here."),
        ("SavingGoal/PaymentProviders/PaymentProvider[2]/ProviderName", None, "ProviderName is missing: it is required here."),
        ("SavingGoal/PaymentProviders/Other", None, "Other is not a member of PaymentProviders; it knows PaymentProvider."),
    ]  # fmt: skip
    assert refused.json["detail"] == "There are 11 faults in the body."


def test_every_fault_of_a_contribution_is_told_at_once(shop):
    path = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=PAYPAL + AMAZON)}/Contributions"
    elements = ("<Amount>0</Amount>", "<Contributer>Bob</Contributer>", "<Message><b>!</b></Message>", "<Message/>")
    told = [
        ("Contribution/Contributer", 3, "Contributer is not an element of Contribution; did you mean Contributor?"),
        ("Contribution/Message", 5, "Message stands here twice: give it once."),
        ("Contribution/Contributor", 1, "Contributor is missing: it is required here."),
        ("Contribution/Amount", 2, "Amount must be more than 0."),
        ("Contribution/Message", 4, "Message must hold a text, no further elements."),
    ]
    assert faults_of(shop.post(path, "\n".join(["<Contribution>", *elements, "</Contribution>"]))) == told
    refused = post(shop, path, {"Amount": 0, "Contributer": "Bob", "Message": {"b": "!"}})
    in_json_words = {
        "Contribution/Contributer": "Contributer is not a member of Contribution; did you mean Contributor?",
        "Contribution/Message": "Message must be a string.",
    }
    assert faults_of(refused) == [
        (path, None, in_json_words.get(path, sentence)) for path, _, sentence in told if "twice" not in sentence
    ]


MEANT = {
    "name": "Name", "NAME": "Name", "Nmae": "Name", "Goal": None, "goalamount": "GoalAmount", "GoalAmmount": "GoalAmount",
    "StartAmount": "StartingAmount", "Enddate": "EndDate", "ConfirmURL": "ConfirmationURL", "CanceledURL": "CancelURL",
    "PaymentProvider": "PaymentProviders", "Curency": "Currency", "RecordVersion": "RecordVersionNumber", "Foo": None,
}  # fmt: skip
"""What is written, and what may have been meant."""


def test_an_unknown_element_is_refused_with_a_hint(shop):
    known = (
        "it knows AcceptsGifts, AuthorizedAmount, CancelURL, CapturePolicy, ConfirmationURL, Contributions, Currency, "
        "CurrentAmount, Description, EndDate, ExternalItemId, GoalAmount, Id, ImageURL, MatchedAmount, MaximumAmount, "
        "Metadata, MinimumAmount, Name, OfflineAmount, Overfunding, PaymentProviders, RecordOwner, RecordVersionNumber, "
        "RemainingAmount, "
        "StartingAmount, State, SuggestedAmounts, Test."
    )
    for written, meant in MEANT.items():
        hint = f"did you mean {meant}?" if meant else known
        assert refusal_of(shop, **{written: "x"}) == [f"{written} is not an element of SavingGoal; {hint}"]


def test_another_root_is_refused(shop):
    other, in_a_namespace = "The document must be a SavingGoal.", "The document must be a SavingGoal, in no namespace."
    for body, path, sentence in (
        ("<Savings/>", "Savings", other),
        ("<Contribution/>", "Contribution", other),
        ("<savinggoal/>", "savinggoal", other),
        ("<html><body/></html>", "html", other),
        (f"<Savings>{goal_xml()}</Savings>", "Savings", other),
        (goal_xml().replace("<SavingGoal>", "<SavingGoal xmlns='urn:x'>"), "{urn:x}SavingGoal", in_a_namespace),
        ("<p:SavingGoal xmlns:p='urn:x'/>", "{urn:x}SavingGoal", in_a_namespace),
    ):
        assert faults_of(shop.post("/api/savings", body)) == [(path, 1, sentence)]


def test_namespace_declarations_and_schema_hints_do_no_harm(shop):
    root = (
        '<SavingGoal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xsi:noNamespaceSchemaLocation="http://give.example.test/api/schema/contributions.xsd">'
    )
    assert shop.post("/api/savings", goal_xml().replace("<SavingGoal>", root)).status == 201


def test_attributes_are_not_known_anywhere(shop):
    for attribute in ('xml:lang="en"', 'xml:space="preserve"', 'xml:base="x"', 'a="1"', 'xmlns:p="urn:x" p:a="1"'):
        for element, sentence in {
            "SavingGoal": "SavingGoal takes no attributes; it has ", "Name": "Name takes no attributes.",
            "PaymentProviders": "PaymentProviders takes no attributes; it has ",
        }.items():  # fmt: skip
            (told,) = sentences_of(shop.post("/api/savings", goal_xml().replace(f"<{element}>", f"<{element} {attribute}>")))
            assert told.startswith(sentence)


def test_elements_may_come_in_any_order_with_comments_and_cdata(shop):
    body = (
        f"<!-- a --><SavingGoal><!-- b --><PaymentProviders>{PAYPAL}<!-- c --></PaymentProviders>"
        "<GoalAmount>2<!-- d -->50</GoalAmount>"
        "<Name>A <!-- e -->bi<![CDATA[cyc]]>le <![CDATA[<for> &amp;]]> Anna</Name>"
        "<ExternalItemId>bike-7</ExternalItemId></SavingGoal>"
    )
    made = shop.post("/api/savings", body)
    assert (made.value("Name"), made.value("GoalAmount")) == ("A bicycle <for> &amp; Anna", "250.00")


def test_each_element_may_come_once(shop):
    whole = etree.fromstring(goal_xml())
    for element in whole:
        twice = goal_xml().replace("</SavingGoal>", etree.tostring(element).decode() + "</SavingGoal>")
        assert sentences_of(shop.post("/api/savings", twice)) == [f"{element.tag} stands here twice: give it once."]
    thrice = goal_xml(CurrentAmount="1").replace("</SavingGoal>", "<CurrentAmount/><CurrentAmount/></SavingGoal>")
    assert sentences_of(shop.post("/api/savings", thrice)) == ["CurrentAmount stands here twice: give it once."] * 2


def test_each_required_element_is_missed_by_its_name(shop):
    path = f"/api/SavingGoal/{shop.new_goal()}"
    for name in ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders"):
        assert refusal_of(shop, **{name: ""}) == [f"{name} is missing: it is required here."]
        put = shop.put(path, goal_xml(RecordVersionNumber="1", **{name: ""}))
        assert sentences_of(put) == [f"{name} is missing: it is required here."]
        assert sentences_of(shop.post("/api/savings", goal_xml().replace(f"<{name}>", f"<{name}><x/>")))
    for name in ("Amount", "Contributor"):
        refused = shop.post(f"{path}/Contributions", contribution_xml(**{name: ""}))
        assert sentences_of(refused) == [f"{name} is missing: it is required here."]
