"""Bodies: what each value may be, and every fault told at once with its path, its line and a sentence that helps."""

import json

import pytest

import money
from api.records.rules import LONGEST_MESSAGE, LONGEST_NAME
from goals.models import PaymentAccount, SavingGoal
from partners.registration import register
from providers.registry import PROVIDER_NAMES
from tests.conftest import PAYPAL, PartnerClient, contribution_xml, goal_xml
from tests.xml_schemas.answers import faults_of, sentences_of
from tests.xml_schemas.nasty_texts import xml_text

AMAZON = "<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>A2EXAMPLE</Credentials></PaymentProvider>"

NO_NAME = "ProviderName is missing: it is required here."
NO_DECIMAL = "must be a plain decimal such as 100.00: digits and at most one point."
NO_CURRENCY = "Currency must be the three-letter code of an active ISO 4217 currency, such as USD, EUR or JPY."
NO_CREDENTIALS = (
    "Credentials must be 1 to 255 characters: what identifies the payee at the provider, such as an e-mail address."
)


def post_goal(client, **changes):
    return client.post("/api/savings", goal_xml(**changes))


def refusal_of(client, **changes):
    """The sentences of the 400 for a goal with these changes."""
    return sentences_of(post_goal(client, **changes))


# --- Every fault at once ----------------------------------------------------------------------------------------------


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
    """Every fault of a goal is told at once with its path and line."""
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
            "ProviderName must be one of PayPal, Amazon, Google, Stripe.",
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
    refused = shop.post("/api/savings", goal_xml(Name=""))
    assert refused.text == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<problem xmlns="urn:ietf:rfc:7807"><type>http://give.example.test/problems#invalid_body</type>'
        "<title>The body cannot be used</title><status>400</status><detail>There is one fault in the body.</detail>"
        "<code>invalid_body</code><errors><i><path>SavingGoal/Name</path><line>1</line>"
        "<detail>Name is missing: it is required here.</detail></i></errors></problem>"
    )


def test_the_problem_document_in_json_says_the_same(shop):
    refused = shop.post("/api/savings", goal_xml(Name=""), Accept="application/json")
    assert refused.text == (
        '{"type": "http://give.example.test/problems#invalid_body", "title": "The body cannot be used", "status": 400, '
        '"detail": "There is one fault in the body.", "code": "invalid_body", '
        '"errors": [{"path": "SavingGoal/Name", "line": 1, "detail": "Name is missing: it is required here."}]}'
    )


def test_every_fault_of_a_goal_in_json_is_told_at_once(shop):
    """Every fault of a goal in JSON is told at once with its path."""
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
        ("SavingGoal/Nam", None, "Nam is not an element of SavingGoal; did you mean Name?"),
        ("SavingGoal/ExternalItemId", None, "ExternalItemId is missing: it is required here."),
        ("SavingGoal/Currency", None, NO_CURRENCY),
        ("SavingGoal/Name", None, "Name must be a text."),
        ("SavingGoal/StartingAmount", None, f"StartingAmount {NO_DECIMAL}"),
        ("SavingGoal/GoalAmount", None, f"GoalAmount {NO_DECIMAL}"),
        ("SavingGoal/CancelURL", None, "CancelURL must hold a text, no further elements."),
        (
            "SavingGoal/EndDate", None, "EndDate must be a text.",
        ),
        ("SavingGoal/PaymentProviders/PaymentProvider[1]/Credentials", None, "Credentials is missing: it is required here."),
        ("SavingGoal/PaymentProviders/PaymentProvider[2]/ProviderName", None, "ProviderName is missing: it is required here."),
        ("SavingGoal/PaymentProviders/Other", None, "Other is not an element of PaymentProviders; it knows PaymentProvider."),
    ]  # fmt: skip
    assert refused.json["detail"] == "There are 11 faults in the body."


def test_every_fault_of_a_contribution_is_told_at_once(shop):
    path = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=PAYPAL + AMAZON)}/Contributions"
    elements = ("<Amount>0</Amount>", "<Contributer>Bob</Contributer>", "<Message><b>!</b></Message>", "<Message/>")
    body = "\n".join(["<Contribution>", *elements, "</Contribution>"])
    assert faults_of(shop.post(path, body)) == [
        ("Contribution/Contributer", 3, "Contributer is not an element of Contribution; did you mean Contributor?"),
        ("Contribution/Message", 5, "Message stands here twice: give it once."),
        ("Contribution/Contributor", 1, "Contributor is missing: it is required here."),
        ("Contribution/Amount", 2, "Amount must be more than 0."),
        ("Contribution/Message", 4, "Message must hold a text, no further elements."),
    ]
    same = {"Amount": 0, "Contributer": "Bob", "Message": {"b": "!"}}
    refused = shop.post(path, json.dumps(same), media="application/json", Accept="application/json")
    assert faults_of(refused) == [
        ("Contribution/Contributer", None, "Contributer is not an element of Contribution; did you mean Contributor?"),
        ("Contribution/Contributor", None, "Contributor is missing: it is required here."),
        ("Contribution/Amount", None, "Amount must be more than 0."),
        ("Contribution/Message", None, "Message must hold a text, no further elements."),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("name", "Name"), ("NAME", "Name"), ("Nmae", "Name"), ("Goal", None), ("goalamount", "GoalAmount"),
        ("GoalAmmount", "GoalAmount"),
        ("StartAmount", "StartingAmount"), ("Enddate", "EndDate"), ("ConfirmURL", "ConfirmationURL"),
        ("CanceledURL", "CancelURL"),
        ("PaymentProvider", "PaymentProviders"), ("Curency", "Currency"), ("RecordVersion", "RecordVersionNumber"),
        ("Foo", None),
    ],
)  # fmt: skip
def test_an_unknown_element_is_refused_with_a_hint(shop, written, meant):
    """An unknown element is refused with what may have been meant."""
    known = (
        "it knows AuthorizedAmount, CancelURL, CapturePolicy, ConfirmationURL, Contributions, Currency, "
        "CurrentAmount, EndDate, ExternalItemId, GoalAmount, Id, Name, PaymentProviders, RecordOwner, RecordVersionNumber, "
        "StartingAmount."
    )
    hint = f"did you mean {meant}?" if meant else known
    assert refusal_of(shop, **{written: "x"}) == [f"{written} is not an element of SavingGoal; {hint}"]


@pytest.mark.parametrize(
    ("body", "path", "sentence"),
    [
        ("<Savings/>", "Savings", "The document must be a SavingGoal."),
        ("<Contribution/>", "Contribution", "The document must be a SavingGoal."),
        ("<savinggoal/>", "savinggoal", "The document must be a SavingGoal."),
        ("<html><body/></html>", "html", "The document must be a SavingGoal."),
        (f"<Savings>{goal_xml()}</Savings>", "Savings", "The document must be a SavingGoal."),
        (
            goal_xml().replace("<SavingGoal>", "<SavingGoal xmlns='urn:x'>"), "{urn:x}SavingGoal",
            "The document must be a SavingGoal, in no namespace.",
        ),
        ("<p:SavingGoal xmlns:p='urn:x'/>", "{urn:x}SavingGoal", "The document must be a SavingGoal, in no namespace."),
    ],
)  # fmt: skip
def test_another_root_is_refused(shop, body, path, sentence):
    assert faults_of(shop.post("/api/savings", body)) == [(path, 1, sentence)]


def test_namespace_declarations_and_schema_hints_do_no_harm(shop):
    """Namespace declarations and schema hints as net and java write them do no harm."""
    root = (
        '<SavingGoal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xsi:noNamespaceSchemaLocation="http://give.example.test/api/schema/contributions.xsd">'
    )
    assert shop.post("/api/savings", goal_xml().replace("<SavingGoal>", root)).status == 201


@pytest.mark.parametrize(
    "attribute", ['xml:lang="en"', 'xml:space="preserve"', 'xml:base="x"', 'a="1"', 'xmlns:p="urn:x" p:a="1"']
)
def test_attributes_are_not_known_anywhere(shop, attribute):
    on_root = shop.post("/api/savings", goal_xml().replace("<SavingGoal>", f"<SavingGoal {attribute}>"))
    on_name = shop.post("/api/savings", goal_xml().replace("<Name>", f"<Name {attribute}>"))
    on_list = shop.post("/api/savings", goal_xml().replace("<PaymentProviders>", f"<PaymentProviders {attribute}>"))
    assert sentences_of(on_root)[0].startswith("SavingGoal takes no attributes; it has ")
    assert sentences_of(on_name) == ["Name takes no attributes."]
    assert sentences_of(on_list)[0].startswith("PaymentProviders takes no attributes; it has ")


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
    for name in ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders"):
        element = goal_xml()[goal_xml().index(f"<{name}>") : goal_xml().index(f"</{name}>")] + f"</{name}>"
        twice = goal_xml().replace("</SavingGoal>", f"{element}</SavingGoal>")
        assert sentences_of(shop.post("/api/savings", twice)) == [f"{name} stands here twice: give it once."]
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


# --- Texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["x", "é", "🚲", "&amp;"])
def test_a_text_is_counted_in_characters(shop, letter):
    goal = shop.new_goal(Name=letter * LONGEST_NAME, ExternalItemId=letter * LONGEST_NAME)
    for name in ("Name", "ExternalItemId"):
        assert refusal_of(shop, **{name: letter * 256}) == [f"{name} must have 1 to 255 characters; it has 256."]
    path = f"/api/SavingGoal/{goal}/Contributions"
    made = shop.post(path, contribution_xml(Contributor=letter * LONGEST_NAME, Message=letter * LONGEST_MESSAGE))
    assert made.status == 201, made.text
    refused = shop.post(path, contribution_xml(Contributor=letter * 256, Message=letter * 2001))
    assert sentences_of(refused) == [
        "Contributor must have 1 to 255 characters; it has 256.",
        "Message must have 0 to 2000 characters; it has 2001.",
    ]


def test_an_empty_text_is_refused_and_blanks_are_a_name(shop):
    """An empty text is refused and blanks alone are a name but no item."""
    for name in ("Name", "ExternalItemId"):
        empty = goal_xml().replace(f"<{name}>", f"<{name}/><!--").replace(f"</{name}>", "-->")
        assert sentences_of(shop.post("/api/savings", empty)) == [f"{name} must have 1 to 255 characters; it has 0."]
    assert refusal_of(shop, ExternalItemId=" \n\t") == ["ExternalItemId must have 1 to 255 characters; it has 0."]
    assert post_goal(shop, Name=" ").value("Name") == " "
    assert post_goal(shop, ExternalItemId=f"  {'x' * 255}  ").status == 201, "blanks that are trimmed do not count"


# --- Amounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("GoalAmount", "0", "GoalAmount must be more than 0."), ("GoalAmount", "0.00", "GoalAmount must be more than 0."),
        ("StartingAmount", "-0.01", f"StartingAmount {NO_DECIMAL}"),
        ("GoalAmount", "1 000", f"GoalAmount {NO_DECIMAL}"),
        ("GoalAmount", "1<!-- -->e<!-- -->3", f"GoalAmount {NO_DECIMAL}"),
        ("GoalAmount", "0.001", "GoalAmount must have at most 2 digits after the point in USD."),
        ("GoalAmount", "1234567890123", "GoalAmount must have at most 12 digits before the point."),
        ("GoalAmount", "9" * 5000, "GoalAmount must have at most 12 digits before the point."),
        ("StartingAmount", "1e400", f"StartingAmount {NO_DECIMAL}"),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_what_is_no_amount_is_refused(shop, name, text, sentence):
    """An amount that is none is refused with what would be one."""
    assert refusal_of(shop, **{name: text}) == [sentence]


def test_amounts_have_the_decimals_of_their_currency(shop):
    plain = {0: "1.0", 2: "1.001", 3: "1.0001", 4: "1.00001"}
    for currency, decimals in sorted(money.DECIMALS.items()):
        (sentence,) = refusal_of(shop, Currency=currency, GoalAmount=plain[decimals])
        assert sentence == (
            f"GoalAmount must have at most {decimals} digits after the point in {currency}."
            if decimals
            else f"GoalAmount must be a whole number: {currency} has no decimals."
        )


@pytest.mark.parametrize(
    "text", ["usd", "US", "USDX", "XXX", "XAU", "XTS", "DEM", "BTC", "840", "$", "U S D", "ＵＳＤ", "USD,EUR", "&#x2028;"]
)
def test_a_currency_is_the_code_of_an_active_one(shop, text):
    assert refusal_of(shop, Currency=text) == [NO_CURRENCY]


def test_a_contribution_is_judged_by_its_goals_currency(shop):
    yen = f"/api/SavingGoal/{shop.new_goal(Currency='JPY', GoalAmount='5000')}/Contributions"
    assert sentences_of(shop.post(yen, contribution_xml(Amount="20.00"))) == [
        "Amount must be a whole number: JPY has no decimals."
    ]
    assert shop.post(yen, contribution_xml(Amount="20")).value("Amount") == "20"
    dinar = f"/api/SavingGoal/{shop.new_goal(Currency='KWD')}/Contributions"
    assert shop.post(dinar, contribution_xml(Amount="20.001")).value("Amount") == "20.001"
    assert shop.post(yen, contribution_xml(Amount="20", Currency="USD")).value("Currency") == "JPY", (
        "a contribution has its goal's"
    )


def test_a_patch_of_the_currency_states_the_amounts_again(shop):
    """A patch that changes the currency states the amounts again."""

    def patch(goal, **elements):
        body = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
        return shop.patch(
            f"/api/SavingGoal/{goal}", f"<SavingGoal>{body}<RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
        )

    goal = shop.new_goal(StartingAmount="5.50", GoalAmount="100.50")
    assert sentences_of(patch(goal, Currency="JPY")) == [
        "GoalAmount is missing: it is required here.",
        "StartingAmount is missing: it is required here.",
    ]
    assert sentences_of(patch(goal, Currency="JPY", GoalAmount="100")) == ["StartingAmount is missing: it is required here."]
    assert sentences_of(patch(goal, Currency="JPY", GoalAmount="100.50", StartingAmount="5")) == [
        "GoalAmount must be a whole number: JPY has no decimals."
    ]
    assert (shop.get(f"/api/SavingGoal/{goal}").value("GoalAmount"), shop.get(f"/api/SavingGoal/{goal}").value("Currency")) == (
        "100.50",
        "USD",
    )
    changed = patch(goal, Currency="JPY", GoalAmount="10050", StartingAmount="550")
    assert [changed.value(name) for name in ("Currency", "GoalAmount", "StartingAmount", "CurrentAmount")] == [
        "JPY",
        "10050",
        "550",
        "550",
    ]

    without_start = shop.new_goal(GoalAmount="100.50")
    assert sentences_of(patch(without_start, Currency="KWD")) == ["GoalAmount is missing: it is required here."]
    assert patch(without_start, Currency="KWD", GoalAmount="30.125").value("GoalAmount") == "30.125"
    same = shop.new_goal(GoalAmount="100.50")
    assert patch(same, Currency="USD").value("GoalAmount") == "100.50", "the currency it has already is no change"


@pytest.mark.parametrize("text", ["immediate", "IMMEDIATE", "On Goal Reached", "ongoalreached", "Automatic", "Manual;", "0"])
def test_another_capture_policy_is_refused(shop, text):
    assert refusal_of(shop, CapturePolicy=text) == ["CapturePolicy must be one of Immediate, OnGoalReached, Manual."]


# --- EndDate ----------------------------------------------------------------------------------------------------------

NO_END_DATE = "EndDate must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00."


@pytest.mark.parametrize(
    "text",
    [
        "2027-06-31", "2027-02-29", "2027-13-01", "2027-00-10", "2027-06-00", "0000-01-01", "10000-01-01", "-0001-01-01",
        "27-06-30",
        "2027-6-3", "2027/06/30", "30.06.2027", "06/30/2027", "20270630", "2027-W26-3", "2027-181", "June 30, 2027",
        "tomorrow", "0",
        "1782864000", "2027-06-30T18:00:00", "2027-06-30 18:00:00Z", "2027-06-30T18:00Z", "2027-06-30T18Z", "2027-06-30T",
        "2027-06-30Z", "2027-06-30+02:00", "2027-06-30T24:00:00Z", "2027-06-30T23:59:60Z", "2016-12-31T23:59:60Z",
        "2027-06-30T25:00:00Z",
        "2027-06-30T18:60:00Z", "2027-06-30t18:00:00z", "2027-06-30T18:00:00z", "2027-06-30T18:00:00+0200",
        "2027-06-30T18:00:00+02",
        "2027-06-30T18:00:00+14:01", "2027-06-30T18:00:00+15:00", "2027-06-30T18:00:00-24:00", "2027-06-30T18:00:00+02:60",
        "2027-06-30T18:00:00.Z", "2027-06-30T18:00:00,5Z", "2027-06-30T18:00:00 Z", "2027-06-30T18:00:00Z+",
        "2027-06-30T18:00:00UTC",
        "2027-06-30T18:00:00 Europe/Berlin", "٢٠٢٧-٠٦-٣٠", "２０２７-06-30", "2027-06-30&#10;2027", "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-14:00", "NaN",
        "2027-06-30T18:00:00Z[UTC]",
    ],
)  # fmt: skip
def test_what_is_no_day_and_no_moment_is_no_end_date(shop, text):
    """What is neither a day nor a moment with its offset is no end date."""
    assert refusal_of(shop, EndDate=text) == [NO_END_DATE]


# --- Where givers are sent back to ------------------------------------------------------------------------------------

ABSOLUTE = "must be an absolute address such as https://shop.example/thanks."
NO_USER = "must not hold a user name or password."
NO_CONTROLS = "must not hold blanks, control characters or backslashes."
ASCII_HOST = "must name its host in ASCII; write an international name in its xn-- form."


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example", "https://shop.example/", "https://shop.example/thanks?a=b&c=d#top",
        "HTTPS://SHOP.Example/Thanks",
        "https://shop.example:8443/x", "https://shop.example:443", "http://shop.example:", "https://127.0.0.1/",
        "https://[::1]:8000/x",
        "https://[2001:db8::1]/", "https://localhost/", "https://shop.example./x", "https://my_shop.example/",
        "https://xn--bcher-kva.example/",
        "https://shop.example/%7Euser/100%", "https://shop.example/a[1]{2}|3^4`5\"6<7>",
        "https://shop.example/dziękuję?imię=Łucja",
        "https://shop.example//double//slash", "https://shop.example?Id=mine", "https://shop.example/?a=@b:c",
        "https://shop.example/@anna",
        "https://shop.example/\u2028\u202e\u200b", "https://shop.example/" + "x" * (2000 - 21), "https://shop.example/🚲",
        "https://a-b.c-d.example/", "https://1.2.3.4.5/", "https://shop.example/#javascript:alert(1)",
    ],
    ids=lambda url: url[:40],
)  # fmt: skip
def test_givers_can_be_sent_to_an_absolute_web_address(shop, giver, url):
    """An absolute web address comes back as it was and givers can be sent there."""
    made = post_goal(shop, ConfirmationURL=xml_text(url), CancelURL=xml_text(url))
    assert made.status == 201, made.text
    assert (made.value("ConfirmationURL"), made.value("CancelURL")) == (url, url)
    gift = shop.new_contribution(made.value("Id"))
    bounced = giver.pay(gift.value("ProviderURL"))
    assert bounced.status == 303
    where = bounced.headers["Location"]
    assert where.isascii()
    assert not {" ", "\r", "\n"} & set(where)
    assert where.lower().startswith(url.lower()[:14])
    assert f"Id={gift.value('Id')}" in where


NO_REDIRECTS = {
    ABSOLUTE: [
        "shop.example/thanks", "/thanks", "//shop.example/thanks", "thanks", "?a=b", "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//http://shop.example", "data:text/html,<b>x</b>", "vbscript:x", "file:///etc/passwd",
        "ftp://shop.example/", "ws://shop.example/", "gopher://shop.example/", "mailto:anna@example.org", "about:blank",
        "blob:https://a/b", "http:", "http:/", "http://", "http:///thanks", "http:shop.example", "https:/shop.example",
        "http://?a=b", "http://#a", "http://:80/", "http://./", "http://../", "http://-/", "http://-a.example/",
        "http://a-.example/", "http://a..example/", "http://.example/", "http://shop.example:abc/", "http://shop.example:0/",
        "http://shop.example:65536/", "http://shop.example:-80/", "http://shop.example:80:80/", "http://[::1/", "http://::1/",
        "http://[shop.example]/", "http://[v1.shop]/", "http://[fe80::1%25eth0]/", "http://evil.example[::1]/",
        "http://[::1]x/", "http://[]/", "http://a%2eexample/", "http://%73hop.example/", "http://shop.example;/",
        "http://shop.example,evil.example/", "http://shop.example&evil.example/", "http://shop'example/", "http://<shop>/",
        "http://shop*example/", "http://shop!example/", "http://evil.example\uff0f.shop.example/", "http://shop.example:８０/",
    ],
    NO_CONTROLS: [
        "http://shop.example:8 0/", "http://shop.example\\@evil.example/", "http:\\\\shop.example\\",
        "https://shop.example\\.evil.example", "http://shop.example/\\..", "http://shop.example/a b",
        "http://shop.example/a\tb", "http://shop.example/a\nb", "http://shop.example/\rSet-Cookie:x=y",
        "http://shop\t.example/", "java\nscript:alert(1)", "http://shop.example/\x7f", "http://shop.example/\x85",
        "http://shop.example/\x9f",
    ],
    NO_USER: [
        "http://anna@shop.example/", "http://anna:secret@shop.example/", "http://@shop.example/",
        "http://shop.example@evil.example/", "http://shop.example:80@evil.example/", "http://a@b@c.example/",
    ],
    ASCII_HOST: [
        "http://shóp.example/", "http://例え.example/", "http://shop。example/", "http://ｓhop.example/",
        "http://shop.example\u200b/", "http://evil.example\u2044.shop.example/", "http://shop\u00ad.example/",
        "http://①.example/",
    ],
    "must have at most 2000 characters.": [
        "https://shop.example/" + "x" * 1980, "x" * 5000,
    ],
}  # fmt: skip
"""By the sentence that is told of them."""


@pytest.mark.parametrize(
    ("url", "fault"), [(url, fault) for fault, urls in NO_REDIRECTS.items() for url in urls], ids=lambda value: value[:40]
)
def test_anything_else_is_no_address_to_send_a_giver_to(shop, url, fault):
    assert refusal_of(shop, ConfirmationURL=xml_text(url)) == [f"ConfirmationURL {fault}"]
    assert refusal_of(shop, CancelURL=xml_text(url)) == [f"CancelURL {fault}"]


def client_with_hosts(*hosts):
    return PartnerClient(register("Listed & Co", redirect_hosts=hosts).api_key)


@pytest.mark.parametrize(
    ("listed", "url", "is_allowed"),
    [
        ("shop.example", "https://shop.example/", True), ("shop.example", "http://shop.example:8080/", True),
        ("shop.example", "HTTPS://Shop.EXAMPLE/", True), ("SHOP.example", "https://shop.example/", True),
        ("shop.example", "https://www.shop.example/", False), ("shop.example", "https://shop.example.evil.example/", False),
        ("shop.example", "https://evilshop.example/", False), ("shop.example", "https://shop.example./", False),
        ("shop.example", "https://evil.example/?shop.example", False),
        ("shop.example", "https://evil.example/#@shop.example", False),
        ("shop.example", "https://evil.example/shop.example", False), ("shop.example", "https://shop.exampl\u212a/", False),
        ("shop.example:8443", "https://shop.example:8443/", True), ("shop.example:8443", "http://shop.example:8443/", True),
        ("shop.example:8443", "https://shop.example/", False), ("shop.example:8443", "https://shop.example:8444/", False),
        ("shop.example:443", "https://shop.example/", True), ("shop.example:443", "https://shop.example:443/", True),
        ("shop.example:443", "http://shop.example/", False), ("shop.example:80", "http://shop.example/", True),
        ("shop.example:80", "https://shop.example/", False), ("shop.example:443", "https://shop.example:/", True),
        ("[::1]", "http://[::1]/", True), ("[::1]", "http://[::1]:8000/", True), ("[::1]:8000", "http://[::1]:8000/", True),
        ("[::1]:8000", "http://[::1]/", False), ("[::1]", "http://[::2]/", False),
        ("127.0.0.1", "http://127.0.0.1:9999/", True),
        ("127.0.0.1", "http://2130706433/", False), ("127.0.0.1", "http://127.1/", False),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example/", True),
    ],
)  # fmt: skip
def test_the_host_must_be_on_the_partners_list_if_any(db, listed, url, is_allowed):
    """The host must be on the partners list where there is one."""
    client = client_with_hosts(listed)
    made = post_goal(client, ConfirmationURL=url)
    assert made.status == (201 if is_allowed else 400), made.text
    if not is_allowed:
        (sentence,) = sentences_of(made)
        assert sentence.startswith(
            (
                "ConfirmationURL must be on a host that Listed & Co has registered for redirects; ",
                "ConfirmationURL must name its host",
            )
        )


def test_any_listed_host_will_do_and_without_a_list_any(db, shop):
    """Any of several listed hosts will do and a partner without a list may use any."""
    client = client_with_hosts("shop.example", "pay.shop.example:8443")
    assert (
        post_goal(client, ConfirmationURL="https://shop.example/a", CancelURL="https://pay.shop.example:8443/b").status == 201
    )
    assert refusal_of(client, ConfirmationURL="https://shop.example/a", CancelURL="https://pay.shop.example/b") == [
        "CancelURL must be on a host that Listed & Co has registered for redirects; pay.shop.example is not on that list."
    ]
    assert post_goal(client).status == 201, "and no address at all is fine"
    assert post_goal(shop, ConfirmationURL="https://anywhere.example/").status == 201


def test_an_empty_address_or_end_date_is_none(shop):
    urls = {"ConfirmationURL": "https://shop.example/a", "CancelURL": "https://shop.example/b"}
    empty = "<ConfirmationURL/><CancelURL> </CancelURL><EndDate/><RecordVersionNumber>1</RecordVersionNumber>"
    path = f"/api/SavingGoal/{shop.new_goal(EndDate='2099-01-01', **urls)}"
    emptied = shop.patch(path, f"<SavingGoal>{empty}</SavingGoal>")
    told = [emptied.value(name) for name in ("ConfirmationURL", "CancelURL", "EndDate")]
    assert (emptied.status, told) == (200, [None, None, None])
    assert post_goal(shop, EndDate=" ").value("EndDate") is None


# --- Providers --------------------------------------------------------------------------------------------------------


def provider(name, credentials="anna@example.org"):
    inner = "" if credentials is None else f"<Credentials>{credentials}</Credentials>"
    return f"<PaymentProvider><ProviderName>{name}</ProviderName>{inner}</PaymentProvider>"


@pytest.mark.parametrize(
    "name",
    [
        "Bitcoin",
        "Pay Pal",
        "Pay-Pal",
        "PayPal!",
        "",
        " ",
        "1",
        "sandbox",
        "ＰａｙＰａｌ",
        "Pay&#xAD;Pal",
        "STRİPE",
        "Google Pay",
    ],
)
def test_an_unknown_provider_is_refused_with_the_known(shop, name):
    """An unknown provider is refused with those that there are."""
    names = ", ".join(PROVIDER_NAMES)
    assert refusal_of(shop, PaymentProviders=provider(name)) == [f"ProviderName must be one of {names}."]
    path = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    body = contribution_xml().replace("</Contribution>", f"<ProviderName>{name}</ProviderName></Contribution>")
    assert sentences_of(shop.post(path, body)) == [f"ProviderName must be one of {names}."]


def test_a_contribution_names_one_of_its_goals_providers(shop):
    one = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    two = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=PAYPAL + AMAZON)}/Contributions"
    assert shop.post(one, contribution_xml()).value("ProviderName") == "PayPal", "with just one it may be left out"
    assert shop.post(two, contribution_xml()).xml.find("ProviderName") is None, "with several it is left to the giver"
    assert shop.post(two, contribution_xml(ProviderName="AMAZON")).value("ProviderName") == "Amazon"
    assert sentences_of(shop.post(one, contribution_xml(ProviderName="Amazon"))) == [
        "ProviderName must be one of the goal's providers: PayPal."
    ]
    assert sentences_of(shop.post(two, contribution_xml(ProviderName="Stripe"))) == [
        "ProviderName must be one of the goal's providers: PayPal, Amazon."
    ]


@pytest.mark.parametrize(
    ("providers", "sentences"),
    [
        (" ", ["PaymentProviders must hold at least one PaymentProvider."]),
        ("PayPal", [
            "PaymentProviders holds elements, and no text of its own.",
            "PaymentProviders must hold at least one PaymentProvider.",
        ]),
        (provider("PayPal", None), ["Credentials is missing: it is required here."]),
        (provider("PayPal", ""), [NO_CREDENTIALS]),
        (provider("PayPal", " \n "), [NO_CREDENTIALS]),
        (provider("PayPal", "x" * 256), [NO_CREDENTIALS]),
        (provider("PayPal", "<a>secret</a>"), ["Credentials must hold a text, no further elements."]),
        (provider("PayPal") + provider("PayPal", "bert@example.org"), ["PayPal stands here twice: give each provider once."]),
        ("<PaymentProvider><Credentials>anna</Credentials></PaymentProvider>", [NO_NAME]),
        ("<PaymentProvider/>", [NO_NAME]),
        (provider("PayPal") + "<PayPal/>", ["PayPal is not an element of PaymentProviders; it knows PaymentProvider."]),
        (provider("PayPal").replace("Credentials", "Password"), [
            "Password is not an element of PaymentProvider; it knows Credentials, ProviderName.",
            "Credentials is missing: it is required here.",
        ]),
    ],
)  # fmt: skip
def test_providers_are_read_strictly_and_not_echoed(shop, providers, sentences):
    """Providers and their credentials are read strictly and no credential is echoed."""
    refused = post_goal(shop, PaymentProviders=providers)
    assert sentences_of(refused) == sentences
    for secret in ("anna", "bert", "secret", "xxxx"):
        assert secret not in refused.text


def credentials_of(goal_id):
    live = PaymentAccount.objects.filter(goal__public_id=goal_id, retired_at=None).order_by("pk")
    return {account.provider: account.credentials for account in live}


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_change_without_credentials_keeps_the_stored_ones(shop, verb):
    """A change that leaves credentials out keeps what is stored."""
    goal = shop.new_goal(PaymentProviders=PAYPAL + AMAZON)
    path, stored = f"/api/SavingGoal/{goal}", {"PayPal": "anna@example.org", "Amazon": "A2EXAMPLE"}
    assert credentials_of(goal) == stored

    def change(version, providers):
        return shop.call(verb, path, goal_xml(PaymentProviders=providers, RecordVersionNumber=version))

    assert change("1", provider("PayPal", None) + provider("Amazon", None)).status == 200
    assert credentials_of(goal) == stored
    assert change("2", provider("PayPal", None) + provider("Amazon", "A3OTHER")).status == 200
    assert credentials_of(goal) == stored | {"Amazon": "A3OTHER"}
    for empty in ("", " "):
        assert sentences_of(change("3", provider("PayPal", empty)))[0].startswith("Credentials must be 1 to 255 characters")
    assert sentences_of(change("3", provider("Stripe", None))) == ["Credentials is missing: it is required here."]
    assert change("3", provider("Stripe", "acct_1") + provider("Amazon", None)).status == 200
    assert credentials_of(goal) == {"Amazon": "A3OTHER", "Stripe": "acct_1"}
    assert sentences_of(change("4", provider("PayPal", None))) == ["Credentials is missing: it is required here."], (
        "PayPal had left"
    )
    assert credentials_of(goal) == {"Amazon": "A3OTHER", "Stripe": "acct_1"}


def test_a_patch_without_providers_leaves_them_alone(shop):
    goal = shop.new_goal(PaymentProviders=PAYPAL + AMAZON)
    patched = shop.patch(
        f"/api/SavingGoal/{goal}", "<SavingGoal><Name>B</Name><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    )
    assert [one.text for one in patched.xml.iter("ProviderName")] == ["PayPal", "Amazon"]
    assert credentials_of(goal) == {"PayPal": "anna@example.org", "Amazon": "A2EXAMPLE"}


# --- Id and version ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_an_id_in_the_body_must_be_the_one_in_the_path(shop, verb):
    goal, other = shop.new_goal(), shop.new_goal()
    path = f"/api/SavingGoal/{goal}"
    for wrong in (other, goal.lower() + "x", "1", f"{goal}{goal}", "&#x200b;"):
        refused = shop.call(verb, path, goal_xml(Id=wrong, RecordVersionNumber="1"))
        assert faults_of(refused) == [("SavingGoal/Id", 1, "Id must be the one in the path, or be left out.")]
    assert shop.call(verb, path, goal_xml(Id=goal, RecordVersionNumber="1")).status == 200


@pytest.mark.parametrize("text", ["one", "1.0", "-1", "+1", "1e0", "0x1", "", "9" * 19, "9" * 5000, "１", "1 2"])
def test_a_version_is_a_whole_number(shop, text):
    path = f"/api/SavingGoal/{shop.new_goal()}"
    body = goal_xml().replace("</SavingGoal>", f"<RecordVersionNumber>{text}</RecordVersionNumber></SavingGoal>")
    for verb in ("PUT", "PATCH"):
        assert sentences_of(shop.call(verb, path, body)) == [
            "RecordVersionNumber must be the whole number that the last GET gave."
        ]
    for stale in ("0", "2", "999999999999999999", "00"):
        assert shop.put(path, goal_xml(RecordVersionNumber=stale)).value("code") == "stale_version"
    assert shop.put(path, goal_xml(RecordVersionNumber="001")).status == 200


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_refused_change_changes_nothing(shop, verb):
    goal = shop.new_goal()
    before = shop.get(f"/api/SavingGoal/{goal}")
    body = goal_xml(Name="Changed", GoalAmount="999", RecordVersionNumber="1", EndDate="never", PaymentProviders=AMAZON)
    assert shop.call(verb, f"/api/SavingGoal/{goal}", body).status == 400
    after = shop.get(f"/api/SavingGoal/{goal}")
    assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])
    assert credentials_of(goal) == {"PayPal": "anna@example.org"}
