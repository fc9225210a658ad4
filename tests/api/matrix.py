"""What the wire contract says of every path under /api/, and one request to each."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction

from tests.conftest import contribution_xml, goal_xml

ACCOUNT = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>new@example.org</Credentials></PaymentAccount>"
MATCHER = "<Matcher><Name>Acme</Name><MaximumTotal>100.00</MaximumTotal></Matcher>"
VERSION = "<RecordVersionNumber>1</RecordVersionNumber></PaymentAccount>"
GIVER = "<Giver><ExternalId>customer-8</ExternalId></Giver>"
PLEDGE = "<Pledge><GiverId>{giver}</GiverId><Amount>5.00</Amount><Every>Week</Every></Pledge>"
PERMISSION = (
    "<Permission><ProviderName>PayPal</ProviderName><Currency>USD</Currency><MaximumAmount>50</MaximumAmount></Permission>"
)
CERTIFICATE = (
    "<GiftCertificate><Amount>25</Amount><Currency>USD</Currency><PaymentAccountId>{account}</PaymentAccountId>"
    "<RecipientName>Ann</RecipientName></GiftCertificate>"
)
CLAIM = "<Claim><GiverId>{giver}</GiverId><ClaimCode>0000-0000-0000-0000-0000</ClaimCode></Claim>"
HOOKS = "<WebhookEndpoint><URL>https://198.41.0.4/2</URL><RecordVersionNumber>1</RecordVersionNumber></WebhookEndpoint>"
BODIES = {
    ("POST", "/api/Contribution/{contribution}/Refunds"): "<Refund/>",
    ("PUT", "/api/WebhookEndpoint"): HOOKS,
    ("POST", "/api/WebhookEndpoints"): HOOKS,
    ("PUT", "/api/WebhookEndpoints/{endpoint}"): HOOKS,
    ("POST", "/api/PaymentAccounts"): ACCOUNT,
    ("PUT", "/api/PaymentAccount/{account}"): ACCOUNT.replace("</PaymentAccount>", VERSION),
    ("PATCH", "/api/PaymentAccount/{account}"): "<PaymentAccount>" + VERSION,
    ("POST", "/api/SavingGoal/{goal}/Matchers"): MATCHER,
    ("POST", "/api/Givers"): GIVER,
    ("PATCH", "/api/Giver/{giver}"): GIVER.replace("</Giver>", "<RecordVersionNumber>1</RecordVersionNumber></Giver>"),
    ("POST", "/api/Giver/{giver}/Pin"): "<GiverPin><Pin>4711</Pin></GiverPin>",
    ("POST", "/api/Giver/{giver}/Permissions"): PERMISSION,
    ("POST", "/api/GiftCertificates"): CERTIFICATE,
    ("POST", "/api/GiftCertificates/Claim"): CLAIM,
    ("POST", "/api/GiftCertificate/{certificate}/Claim"): "<Claim><GiverId>{giver}</GiverId></Claim>",
    ("POST", "/api/GiftCertificate/{certificate}/Refunds"): "<Refund/>",
    ("POST", "/api/SavingGoal/{goal}/Pledges"): PLEDGE,
    ("POST", "/api/savings"): goal_xml(),
    ("PUT", "/api/SavingGoal/{goal}"): goal_xml(RecordVersionNumber="1"),
    ("PATCH", "/api/SavingGoal/{goal}"): goal_xml(Name="New", RecordVersionNumber="1"),
    ("POST", "/api/SavingGoal/{goal}/Contributions"): contribution_xml(),
}
"""Bodies that would work, so that what is refused is not refused for its body. Ids stand in braces, as in addresses."""


@dataclass(frozen=True)
class Path:
    """What the wire contract says of one path: its verbs with the owner's status, and whether it names one record."""

    address: str
    verbs: dict[str, int]
    names_a_record: bool = field(default=True)
    needs_a_key: bool = field(default=True)
    takes_no_body: bool = field(default=False)
    works_without_a_body: bool = field(default=False)
    body_names_records: bool = field(default=False)


READ = {"GET": 200, "HEAD": 200}
ENDPOINT = READ | {"PUT": 200, "DELETE": 204}

MATRIX = {
    r"^api/Contribution/(?P<contribution_id>[^/]+)/?$": [Path("/api/Contribution/{contribution}", READ | {"DELETE": 204})],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/?$": [
        Path("/api/SavingGoal/{goal}", READ | {"PUT": 200, "PATCH": 200, "DELETE": 204})
    ],
    r"^api/Events/?$": [Path("/api/Events", READ, names_a_record=False)],
    r"^api/savings/?$": [Path("/api/savings", READ | {"POST": 201}, names_a_record=False)],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Close/?$": [Path("/api/SavingGoal/{goal}/Close", {"POST": 200})],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Reopen/?$": [Path("/api/SavingGoal/{goal}/Reopen", {"POST": 200})],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Contributions/?$": [
        Path("/api/SavingGoal/{goal}/Contributions", READ | {"POST": 201})
    ],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Matchers/?$": [Path("/api/SavingGoal/{goal}/Matchers", READ | {"POST": 201})],
    r"^api/Matcher/(?P<matcher_id>[^/]+)/?$": [Path("/api/Matcher/{matcher}", READ | {"DELETE": 204})],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Capture/?$": [
        Path("/api/Contribution/{contribution}/Capture", {"POST": 409})  # nothing is held
    ],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Check/?$": [Path("/api/Contribution/{contribution}/Check", {"POST": 200})],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Refunds/?$": [
        Path("/api/Contribution/{contribution}/Refunds", READ | {"POST": 409})  # nothing was taken
    ],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/History/?$": [Path("/api/Contribution/{contribution}/History", READ)],
    r"^api/Contributions/?$": [Path("/api/Contributions", READ, names_a_record=False)],
    r"^api/Refunds/?$": [Path("/api/Refunds", READ, names_a_record=False)],
    r"^api/PaymentAccounts/?$": [Path("/api/PaymentAccounts", READ | {"POST": 201}, names_a_record=False)],
    r"^api/PaymentAccount/(?P<account_id>[^/]+)/?$": [
        Path("/api/PaymentAccount/{account}", READ | {"PUT": 200, "PATCH": 200, "DELETE": 204})
    ],
    r"^api/PaymentAccount/(?P<account_id>[^/]+)/Check/?$": [Path("/api/PaymentAccount/{account}/Check", {"POST": 200})],
    r"^api/PaymentAccount/(?P<account_id>[^/]+)/Onboarding/?$": [
        Path("/api/PaymentAccount/{account}/Onboarding", {"POST": 200})
    ],
    r"^api/Givers/?$": [Path("/api/Givers", READ | {"POST": 201}, names_a_record=False)],
    r"^api/Giver/(?P<giver_id>[^/]+)/?$": [Path("/api/Giver/{giver}", READ | {"PATCH": 200, "DELETE": 204})],
    r"^api/Giver/(?P<giver_id>[^/]+)/Rotate/?$": [Path("/api/Giver/{giver}/Rotate", {"POST": 200}, takes_no_body=True)],
    r"^api/Giver/(?P<giver_id>[^/]+)/Pin/?$": [
        Path("/api/Giver/{giver}/Pin", {"POST": 200, "DELETE": 409})  # there is none
    ],
    r"^api/Giver/(?P<giver_id>[^/]+)/Permissions/?$": [Path("/api/Giver/{giver}/Permissions", READ | {"POST": 201})],
    r"^api/Permission/(?P<permission_id>[^/]+)/?$": [Path("/api/Permission/{permission}", READ | {"DELETE": 204})],
    r"^api/GiftCertificates/?$": [Path("/api/GiftCertificates", READ | {"POST": 201}, False, body_names_records=True)],
    r"^api/GiftCertificates/Claim/?$": [
        Path("/api/GiftCertificates/Claim", {"POST": 403}, False, body_names_records=True)  # nobody has this code
    ],
    r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/?$": [Path("/api/GiftCertificate/{certificate}", READ | {"DELETE": 204})],
    r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/Claim/?$": [
        Path("/api/GiftCertificate/{certificate}/Claim", {"POST": 409})  # it is not paid
    ],
    r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/Refunds/?$": [
        Path("/api/GiftCertificate/{certificate}/Refunds", READ | {"POST": 409})  # nothing was taken
    ],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Pledges/?$": [
        Path("/api/SavingGoal/{goal}/Pledges", READ | {"POST": 409})  # the giver has not agreed
    ],
    r"^api/Pledges/?$": [Path("/api/Pledges", READ, names_a_record=False)],
    r"^api/Pledge/(?P<pledge_id>[^/]+)/?$": [Path("/api/Pledge/{pledge}", READ | {"DELETE": 204})],
    r"^api/Pledge/(?P<pledge_id>[^/]+)/Pause/?$": [Path("/api/Pledge/{pledge}/Pause", {"POST": 200}, takes_no_body=True)],
    r"^api/Pledge/(?P<pledge_id>[^/]+)/Resume/?$": [Path("/api/Pledge/{pledge}/Resume", {"POST": 200}, takes_no_body=True)],
    r"^api/Events/(?P<event_id>[^/]+)/Deliveries/?$": [Path("/api/Events/{event}/Deliveries", READ)],
    r"^api/Events/(?P<event_id>[^/]+)/Redeliver/?$": [Path("/api/Events/{event}/Redeliver", {"POST": 202})],
    r"^api/WebhookEndpoint/?$": [Path("/api/WebhookEndpoint", ENDPOINT, names_a_record=False)],
    r"^api/WebhookEndpoint/Rotate/?$": [Path("/api/WebhookEndpoint/Rotate", {"POST": 200}, False, takes_no_body=True)],
    r"^api/WebhookEndpoint/Test/?$": [Path("/api/WebhookEndpoint/Test", {"POST": 202}, False, takes_no_body=True)],
    r"^api/WebhookEndpoint/Redeliver/?$": [Path("/api/WebhookEndpoint/Redeliver", {"POST": 202}, False, takes_no_body=True)],
    r"^api/WebhookEndpoints/?$": [Path("/api/WebhookEndpoints", READ | {"POST": 201}, names_a_record=False)],
    r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/?$": [Path("/api/WebhookEndpoints/{endpoint}", ENDPOINT)],
    r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Rotate/?$": [
        Path("/api/WebhookEndpoints/{endpoint}/Rotate", {"POST": 200}, takes_no_body=True)
    ],
    r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Test/?$": [
        Path("/api/WebhookEndpoints/{endpoint}/Test", {"POST": 202}, takes_no_body=True)
    ],
    r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Redeliver/?$": [
        Path("/api/WebhookEndpoints/{endpoint}/Redeliver", {"POST": 202}, takes_no_body=True)
    ],
    r"^api/RedirectSecret/?$": [
        Path("/api/RedirectSecret", READ | {"POST": 409, "DELETE": 204}, False, works_without_a_body=True)  # there is one
    ],
    r"^api/RedirectSecret/Rotate/?$": [Path("/api/RedirectSecret/Rotate", {"POST": 200}, False, takes_no_body=True)],
    r"^api/Rehearsal/?$": [Path("/api/Rehearsal", {"POST": 202}, False, works_without_a_body=True)],
    r"^api/Rehearsal/(?P<rehearsal_id>[^/]+)/?$": [Path("/api/Rehearsal/{rehearsal}", READ)],
    r"^api/schema/contributions\.(?P<kind>xsd|dtd)/?$": [
        Path(f"/api/schema/contributions.{kind}", READ, names_a_record=False, needs_a_key=False) for kind in ("xsd", "dtd")
    ],
    r"^api/schema/openapi\.json/?$": [Path("/api/schema/openapi.json", READ, names_a_record=False, needs_a_key=False)],
}
"""By route, as api/urls.py has it: a route that is not here fails the first test of test_matrix.py."""

PATHS = [path for paths in MATRIX.values() for path in paths]
KEYED = [path for path in PATHS if path.needs_a_key]
RECORDS = [path for path in PATHS if path.names_a_record]


@contextmanager
def undone():
    """What is done inside leaves nothing behind, so that the next request meets the same records."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address_of(path, shop):
    return with_ids(path.address, shop)


def with_ids(text, shop):
    return text.format(
        goal=shop.goal_id,
        contribution=shop.contribution_id,
        matcher=shop.matcher_id,
        event=shop.event_id,
        account=shop.account_id,
        endpoint=shop.endpoint_id,
        rehearsal=shop.rehearsal_id,
        giver=shop.giver_id,
        permission=shop.permission_id,
        certificate=shop.certificate_id,
        pledge=shop.pledge_id,
    )


def ask(client, verb, path, shop, override=None, **headers):
    """One request to the canary shop's record, with a body that fits where the path takes one."""
    headers |= {"Request_Id": "r-1"}
    if override:
        headers |= {"X_HTTP_Method_Override": override, "X_HTTP_Method": override, "X_Method_Override": override}
    return client.call(verb, address_of(path, shop), body_for(verb, path, shop), **headers)


def body_for(verb, path, shop):
    """A body that fits where the path takes one."""
    return with_ids(BODIES.get((verb, path.address), ""), shop)
