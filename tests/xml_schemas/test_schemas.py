"""The published schemas: legal, in agreement with each other and with the contract's order, and strict enough to fail."""

import pytest
from lxml import etree

from tests.xml_schemas.answers import check_fits_both_schemas
from xml_schemas.files import DTD, XSD

pytestmark = pytest.mark.no_database

SAVING_GOAL = """Id, ExternalItemId, Name, StartingAmount, GoalAmount, CurrentAmount, EndDate?, Contributions, PaymentProviders,
ConfirmationURL?, CancelURL?, RecordVersionNumber, RecordOwner, Currency, CapturePolicy, AuthorizedAmount,
State, AcceptsGifts, Overfunding, RemainingAmount?, MinimumAmount?, MaximumAmount?, SuggestedAmounts?, Description?, ImageURL?,
Metadata?, Test?, OfflineAmount?, MatchedAmount?"""
CONTRIBUTION = """Id, Amount, Date, Contributor, Message?, Status, ProviderName?, ProviderURL, RecordVersionNumber, Currency,
RefundedAmount, StatusReason?, SavingGoalId, SettledAmount?, ReversedAmount?,
Reference?, Memo?, Anonymous?, ConfirmationURL?, CancelURL?, Language?,
ProviderReference?, Fee?, Net?, PlatformFee?, SettledDate?, Metadata?, Test?, GiverId?, MatchOf?, PledgeId?,
UsePermission?, Pin?"""
REFUND = "Id, Amount, Reason?, Status, Date, ContributionId, StatusReason?"

XS = "{http://www.w3.org/2001/XMLSchema}"


def order_in_xsd(name):
    """The children of a global element, each optional one with a question mark."""
    (sequence,) = etree.parse(str(XSD)).xpath(
        "/xs:schema/xs:element[@name=$name]/xs:complexType/xs:sequence", name=name, namespaces={"xs": XS[1:-1]}
    )
    return [
        (child.get("name") or child.get("ref")) + ("?" if child.get("minOccurs") == "0" else "")
        for child in sequence.iterchildren(f"{XS}element")
    ]


def order_in_dtd(name):
    def flat(content):
        if content.type == "element":
            return [content.name + ("?" if content.occur == "opt" else "")]
        return [part for side in (content.left, content.right) if side is not None for part in flat(side)]

    (declared,) = [element for element in etree.DTD(str(DTD)).iterelements() if element.name == name]
    return flat(declared.content)


@pytest.mark.parametrize(("name", "order"), [("SavingGoal", SAVING_GOAL), ("Contribution", CONTRIBUTION), ("Refund", REFUND)])
def test_both_schemas_have_the_elements_in_the_contracts_order(name, order):
    assert order_in_xsd(name) == order.replace(",", "").split()
    assert order_in_dtd(name) == order.replace(",", "").split()


def test_both_schemas_are_legal_and_know_the_same_elements():
    etree.XMLSchema(etree.parse(str(XSD)))
    in_dtd = {element.name for element in etree.DTD(str(DTD)).iterelements()}
    in_xsd = {element.get("name") for element in etree.parse(str(XSD)).iter(f"{XS}element")} - {None}
    assert in_xsd == in_dtd
    attributes = {
        (one.name, attribute.name) for one in etree.DTD(str(DTD)).iterelements() for attribute in one.iterattributes()
    }
    assert attributes == {
        (name, "Next")
        for name in (
            *("Savings", "Matchers", "PaymentAccounts", "Contributions", "Refunds", "Events", "WebhookEndpoints"),
            *("Givers", "Permissions", "GiftCertificates", "Pledges"),
        )
    }


ID = "vytxeTZskVKR7C7WgdSP3d"
VALID = f"""<Contribution><Id>{ID}</Id><Amount>20.00</Amount><Date>2026-11-21T04:00:00.123456Z</Date>\
<Contributor>Bob</Contributor><Message></Message><Status>Failed</Status><ProviderName>PayPal</ProviderName><ProviderURL></ProviderURL>\
<RecordVersionNumber>2</RecordVersionNumber><Currency>USD</Currency><RefundedAmount>0.00</RefundedAmount>\
<StatusReason>provider_unreachable</StatusReason><SavingGoalId>{ID}</SavingGoalId></Contribution>"""


def test_a_valid_contribution_fits_both():
    check_fits_both_schemas(VALID.encode())
    check_fits_both_schemas(VALID.replace("<ProviderName>PayPal</ProviderName>", "").encode())


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (f"<Id>{ID}</Id><Amount>20.00</Amount>", f"<Amount>20.00</Amount><Id>{ID}</Id>"), (f"<Id>{ID}</Id>", ""),
        (f"<Id>{ID}</Id>", "<Id>1</Id>"), ("<Amount>20.00</Amount>", "<Amount>-20.00</Amount>"),
        ("<Amount>20.00</Amount>", "<Amount>20,00</Amount>"), ("<Amount>20.00</Amount>", "<Amount>2E1</Amount>"),
        ("<Amount>20.00</Amount>", "<Amount>20.00</Amount><Amount>20.00</Amount>"), ("04:00:00.123456Z", "04:00:00"),
        ("04:00:00.123456Z", "04:00:00+02:00"), ("2026-11-21T", "2026-13-21T"),
        ("<Contributor>Bob</Contributor>", "<Contributor></Contributor>"),
        ("<Contributor>Bob</Contributor>", f"<Contributor>{'x' * 256}</Contributor>"),
        ("<Status>Failed</Status>", "<Status>failed</Status>"), ("PayPal", "Paypal"), ("USD", "usd"),
        ("provider_unreachable", "Provider unreachable"), ("<RecordVersionNumber>2<", "<RecordVersionNumber>0<"),
        ("</Contribution>", "<Extra/></Contribution>"), ("<Contribution>", "<Contribution Next='x'>"),
    ],
)  # fmt: skip
def test_the_schemas_refuse_what_the_contract_does_not_have(part, instead):
    assert part in VALID
    with pytest.raises(AssertionError, match="by the"):
        check_fits_both_schemas(VALID.replace(part, instead, 1).encode())


def test_the_schemas_are_served_to_anybody_as_they_are(stranger):
    """Which verbs they have is told by tests/api/test_matrix.py."""
    for file, media in ((XSD, "application/xml; charset=utf-8"), (DTD, "application/xml-dtd; charset=utf-8")):
        path = f"/api/schema/contributions{file.suffix}"
        for got in (stranger.get(path), stranger.get(path + "/")):
            assert (got.status, got.headers["Content-Type"], got.body) == (200, media, file.read_bytes())
            assert got.headers["X-Content-Type-Options"] == "nosniff"
        head = stranger.call("HEAD", path)
        assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(file.read_bytes())))
        assert head.headers["Content-Type"] == media
        assert stranger.get(path + "?version=2").value("code") == "invalid_argument"
    for other in ("contributions", "contributions.rng", "../settings.py", "x.xsd"):
        assert stranger.get(f"/api/schema/{other}").status == 404
