"""What each verb of each path does, takes and answers with, as far as no other table says it. Made complete by a test."""

from api.filters import FILTERS
from api.openapi.operation import CHECKED as CHECKED
from api.openapi.operation import Operation as Operation
from api.openapi.operations_of_certificates import CERTIFICATES, OF_CERTIFICATES
from api.openapi.operations_of_givers import AMOUNT, GIVERS, OF_GIVERS, PERMISSIONS, PIN_REFUSED
from api.openapi.operations_of_pledges import OF_PLEDGES, PLEDGES
from api.paging import PAGING

_GOALS, _GIFTS, _PAYEES = "Saving goals", "Contributions", "Payment accounts"
_EVENTS, _ENDPOINTS, _REDIRECTS = "Events", "Webhook endpoints", "Signed redirects"
_MATCHERS = "Matchers"
_GOING_LIVE, _SCHEMAS = "Going live", "Schemas"

TAGS = {
    _GOALS: "What is saved for.",
    _GIFTS: "What givers chip in, and what is given back of it.",
    _MATCHERS: "Who adds to each gift of a goal.",
    _PAYEES: "Payees of their own, used by many goals.",
    GIVERS: "Whom you know again, and their PINs.",
    PERMISSIONS: "What givers have agreed to once and for all.",
    CERTIFICATES: "Bought, claimed by a code, and spent.",
    PLEDGES: "An amount every week or month.",
    _EVENTS: "What has changed, oldest first.",
    _ENDPOINTS: "Where events are sent.",
    _REDIRECTS: "With what redirects to your site are signed.",
    _GOING_LIVE: "A rehearsal of bad days.",
    _SCHEMAS: "What the service sends, for programs. No key is needed.",
}


_MADE, _ACCEPTED, _GONE = (201,), (202,), (204,)
_GIFT_REFUSED = (
    *AMOUNT, "provider_not_offered", "goal_has_ended", "goal_closed", "goal_is_full", "goal_is_reserved",
    "sum_too_large", "goal_is_gone", "payee_cannot_be_paid", "payment_account_is_gone", "being_settled", "checkout_refused",
)  # fmt: skip
_GOAL_EDITED = (
    *AMOUNT, "stale_version", "currency_is_fixed", "sum_too_large", "goal_is_gone", "payment_account_is_gone",
)  # fmt: skip

OPERATIONS: dict[str, Operation] = {
    # --- Saving goals ---------------------------------------------------------------------------------------------
    "GET /api/savings": Operation(
        "listSavingGoals", _GOALS, "Your goals, newest first.", "Savings", arguments=("Id", "ExternalItemId", "State", *PAGING)
    ),
    "POST /api/savings": Operation(
        "createSavingGoal", _GOALS, "Make a goal.", "SavingGoal", _MADE, "SavingGoal", CHECKED,
        (*AMOUNT, "provider_not_offered", "sum_too_large", "payment_account_is_gone"),
    ),
    "GET /api/SavingGoal/{goal_id}": Operation(
        "getSavingGoal", _GOALS, "A goal, its totals and its newest 50 contributions.", "SavingGoal"
    ),
    "PUT /api/SavingGoal/{goal_id}": Operation(
        "replaceSavingGoal", _GOALS,
        "Replace what you can say of a goal. What is left out goes back to its default, but for Currency, CapturePolicy and "
        "Credentials, which stay.",
        "SavingGoal", body="SavingGoal", arguments=CHECKED, refusals=_GOAL_EDITED,
    ),
    "PATCH /api/SavingGoal/{goal_id}": Operation(
        "changeSavingGoal", _GOALS,
        "Change what the body holds. JSON's null, and xsi:nil in XML, takes away what can be taken away; of anything else it "
        "changes nothing.",
        "SavingGoal", body="SavingGoal", arguments=CHECKED, refusals=_GOAL_EDITED,
    ),
    "DELETE /api/SavingGoal/{goal_id}": Operation(
        "deleteSavingGoal", _GOALS, "Cancel its open contributions, let go of what is held, and take the goal away.",
        statuses=_GONE, refusals=("stale_version", "being_settled"),
    ),
    "POST /api/SavingGoal/{goal_id}/Close": Operation(
        "closeSavingGoal", _GOALS, "Take no new contributions; open checkouts go on.", "SavingGoal",
        arguments=CHECKED, refusals=("stale_version", "stale_entity_tag"),
    ),
    "POST /api/SavingGoal/{goal_id}/Reopen": Operation(
        "reopenSavingGoal", _GOALS, "Take contributions again.", "SavingGoal", arguments=CHECKED,
        refusals=("stale_version", "stale_entity_tag"),
    ),
    # --- Contributions --------------------------------------------------------------------------------------------
    "GET /api/SavingGoal/{goal_id}/Contributions": Operation(
        "listContributionsOfGoal", _GIFTS, "The contributions to a goal, newest first.", "Contributions",
        arguments=("Status", *PAGING),
    ),
    "POST /api/SavingGoal/{goal_id}/Contributions": Operation(
        "createContribution", _GIFTS, "Record a gift and open its checkout; send the giver to ProviderURL.",
        "Contribution", _MADE, "Contribution", CHECKED, (*_GIFT_REFUSED, *PIN_REFUSED, "balance_too_low"),
    ),
    "GET /api/Contribution/{contribution_id}": Operation(
        "getContribution", _GIFTS, "A contribution as it stands.", "Contribution", arguments=("wait",)
    ),
    "DELETE /api/Contribution/{contribution_id}": Operation(
        "deleteContribution", _GIFTS, "Cancel a contribution that is open, or let go of what it holds.",
        statuses=_GONE, refusals=("cannot_delete", "being_settled", "provider_silent", "provider_busy"),
    ),
    "POST /api/Contribution/{contribution_id}/Capture": Operation(
        "captureContribution", _GIFTS, "Take what is held, now. What is taken already is answered as it is.", "Contribution",
        refusals=("cannot_capture", "being_settled", "provider_silent", "provider_busy"),
    ),
    "POST /api/Contribution/{contribution_id}/Check": Operation(
        "checkContribution", _GIFTS, "Ask the provider how the payment stands, now.", "Contribution",
        refusals=("checked_just_now", "being_settled", "provider_silent", "provider_busy"),
    ),
    "GET /api/Contribution/{contribution_id}/History": Operation(
        "getHistory", _GIFTS, "Each version that a contribution has had, the first one first.", "History"
    ),
    "GET /api/Contributions": Operation(
        "listContributions", _GIFTS, "The contributions to all your goals, newest first; as CSV all that match.",
        "Contributions", arguments=(*FILTERS, *PAGING), media=("text/csv",),
    ),
    "GET /api/Refunds": Operation(
        "listRefunds", _GIFTS, "The refunds of all your contributions, newest first; as CSV all that match.",
        "Refunds", arguments=(*FILTERS, *PAGING), media=("text/csv",),
    ),
    "GET /api/Contribution/{contribution_id}/Refunds": Operation(
        "listRefundsOfContribution", _GIFTS, "What was given back of a contribution, newest first.", "Refunds",
        arguments=PAGING,
    ),
    "POST /api/Contribution/{contribution_id}/Refunds": Operation(
        "createRefund", _GIFTS, "Give back a part, or without Amount all that is left.", "Refund", _MADE, "Refund", CHECKED,
        ("cannot_refund", "refund_too_large", "being_settled", "provider_busy", *AMOUNT),
    ),
    **OF_GIVERS,
    **OF_CERTIFICATES,
    **OF_PLEDGES,
    # --- Matchers -------------------------------------------------------------------------------------------------
    "GET /api/SavingGoal/{goal_id}/Matchers": Operation(
        "listMatchers", _MATCHERS, "The matchers of a goal, newest first.", "Matchers", arguments=PAGING
    ),
    "POST /api/SavingGoal/{goal_id}/Matchers": Operation(
        "createMatcher", _MATCHERS, "Have each gift matched that is settled from now on, up to a cap.", "Matcher", _MADE,
        "Matcher", CHECKED, ("too_many_matchers", "goal_is_gone"),
    ),
    "GET /api/Matcher/{matcher_id}": Operation(
        "getMatcher", _MATCHERS, "A matcher, and what it has added so far.", "Matcher"
    ),
    "DELETE /api/Matcher/{matcher_id}": Operation(
        "deleteMatcher", _MATCHERS, "Match no further gifts. What was added stays, and goes back with its gifts.",
        statuses=_GONE, refusals=("stale_matcher",),
    ),
    # --- Payment accounts -----------------------------------------------------------------------------------------
    "GET /api/PaymentAccounts": Operation(
        "listPaymentAccounts", _PAYEES, "Your payment accounts, newest first.", "PaymentAccounts", arguments=PAGING
    ),
    "POST /api/PaymentAccounts": Operation(
        "createPaymentAccount", _PAYEES, "Keep a payee once, for many goals.", "PaymentAccount", _MADE, "PaymentAccount",
        CHECKED, ("provider_not_offered",),
    ),
    "GET /api/PaymentAccount/{account_id}": Operation(
        "getPaymentAccount", _PAYEES, "A payment account, its credentials masked.", "PaymentAccount"
    ),
    "PUT /api/PaymentAccount/{account_id}": Operation(
        "replacePaymentAccount", _PAYEES, "Give it new credentials; what is left out stays.", "PaymentAccount",
        body="PaymentAccount", arguments=CHECKED, refusals=("stale_payment_account", "provider_not_offered"),
    ),
    "PATCH /api/PaymentAccount/{account_id}": Operation(
        "changePaymentAccount", _PAYEES, "Give it new credentials; what is left out stays.", "PaymentAccount",
        body="PaymentAccount", arguments=CHECKED, refusals=("stale_payment_account", "provider_not_offered"),
    ),
    "DELETE /api/PaymentAccount/{account_id}": Operation(
        "deletePaymentAccount", _PAYEES, "Take away an account that no goal is paid to.", statuses=_GONE,
        refusals=("payment_account_in_use", "stale_payment_account"),
    ),
    "POST /api/PaymentAccount/{account_id}/Check": Operation(
        "checkPaymentAccount", _PAYEES, "Ask the provider whether the payee can be paid.", "PaymentAccount",
        refusals=("provider_not_offered", "provider_silent", "provider_busy", "payment_account_is_gone"),
    ),
    "POST /api/PaymentAccount/{account_id}/Onboarding": Operation(
        "onboardPaymentAccount", _PAYEES, "A fresh OnboardingURL at the provider, for the payee alone.", "PaymentAccount",
        refusals=("onboarding_not_offered", "onboarding_refused", "provider_not_offered", "provider_silent",
                  "provider_busy", "payment_account_is_gone"),
    ),
    # --- Events ---------------------------------------------------------------------------------------------------
    "GET /api/Events": Operation(
        "listEvents", _EVENTS, "Your events in the order in which they happened, oldest first.", "Events",
        arguments=(*PAGING, "Delivery", "wait"),
    ),
    "GET /api/Events/{event_id}/Deliveries": Operation(
        "listDeliveries", _EVENTS, "How the delivery of an event stands, and each try, newest first.", "Deliveries",
        arguments=("limit",),
    ),
    "POST /api/Events/{event_id}/Redeliver": Operation(
        "redeliverEvent", _EVENTS, "Send an event again, to every endpoint that wants it or to the one that is named.",
        "Event", _ACCEPTED, arguments=("WebhookEndpointId",), refusals=("no_webhook_endpoint",),
    ),
    # --- Webhook endpoints ----------------------------------------------------------------------------------------
    "GET /api/WebhookEndpoint": Operation(
        "getFirstWebhookEndpoint", _ENDPOINTS, "Your first endpoint.", "WebhookEndpoint", refusals=("no_such_record",)
    ),
    "PUT /api/WebhookEndpoint": Operation(
        "putFirstWebhookEndpoint", _ENDPOINTS, "Make your first endpoint, its Secret in this answer alone, or replace it.",
        "WebhookEndpoint", (200, 201), "WebhookEndpoint", CHECKED, ("stale_webhook_endpoint", "too_many_webhook_endpoints"),
    ),
    "DELETE /api/WebhookEndpoint": Operation(
        "deleteFirstWebhookEndpoint", _ENDPOINTS, "Send nothing to your first endpoint any more, and forget it.",
        statuses=_GONE, refusals=("no_such_record", "stale_webhook_endpoint"),
    ),
    "POST /api/WebhookEndpoint/Rotate": Operation(
        "rotateFirstWebhookSecret", _ENDPOINTS, "A new Secret, in this answer alone.", "WebhookEndpoint",
        arguments=CHECKED, refusals=("no_such_record", "stale_webhook_endpoint"),
    ),
    "POST /api/WebhookEndpoint/Test": Operation(
        "testFirstWebhookEndpoint", _ENDPOINTS, "Send a test event to your first endpoint.", "Event", _ACCEPTED,
        refusals=("no_webhook_endpoint",),
    ),
    "POST /api/WebhookEndpoint/Redeliver": Operation(
        "redeliverToFirstWebhookEndpoint", _ENDPOINTS, "Send again all that was given up there.", "WebhookEndpoint", _ACCEPTED,
        refusals=("no_such_record", "no_webhook_endpoint"),
    ),
    "GET /api/WebhookEndpoints": Operation(
        "listWebhookEndpoints", _ENDPOINTS, "Your endpoints, newest first.", "WebhookEndpoints", arguments=PAGING
    ),
    "POST /api/WebhookEndpoints": Operation(
        "createWebhookEndpoint", _ENDPOINTS, "Another endpoint, its Secret in this answer alone.", "WebhookEndpoint",
        _MADE, "WebhookEndpoint", CHECKED, ("too_many_webhook_endpoints",),
    ),
    "GET /api/WebhookEndpoints/{endpoint_id}": Operation(
        "getWebhookEndpoint", _ENDPOINTS, "An endpoint.", "WebhookEndpoint"
    ),
    "PUT /api/WebhookEndpoints/{endpoint_id}": Operation(
        "replaceWebhookEndpoint", _ENDPOINTS, "Replace what you can say of an endpoint.", "WebhookEndpoint",
        body="WebhookEndpoint", arguments=CHECKED, refusals=("stale_webhook_endpoint",),
    ),
    "DELETE /api/WebhookEndpoints/{endpoint_id}": Operation(
        "deleteWebhookEndpoint", _ENDPOINTS, "Send nothing there any more, and forget it.", statuses=_GONE,
        refusals=("stale_webhook_endpoint",),
    ),
    "POST /api/WebhookEndpoints/{endpoint_id}/Rotate": Operation(
        "rotateWebhookSecret", _ENDPOINTS, "A new Secret, in this answer alone.", "WebhookEndpoint",
        arguments=CHECKED, refusals=("stale_webhook_endpoint",),
    ),
    "POST /api/WebhookEndpoints/{endpoint_id}/Test": Operation(
        "testWebhookEndpoint", _ENDPOINTS, "Send a test event there.", "Event", _ACCEPTED, refusals=("no_webhook_endpoint",)
    ),
    "POST /api/WebhookEndpoints/{endpoint_id}/Redeliver": Operation(
        "redeliverToWebhookEndpoint", _ENDPOINTS, "Send again all that was given up there.", "WebhookEndpoint", _ACCEPTED,
        refusals=("no_webhook_endpoint",),
    ),
    # --- Signed redirects -----------------------------------------------------------------------------------------
    "GET /api/RedirectSecret": Operation(
        "getRedirectSecret", _REDIRECTS, "Whether there is a secret; it is not shown again.", "RedirectSecret",
        refusals=("no_such_record",),
    ),
    "POST /api/RedirectSecret": Operation(
        "createRedirectSecret", _REDIRECTS, "Sign redirects to your site from now on; the Secret is in this answer alone.",
        "RedirectSecret", _MADE, arguments=CHECKED, refusals=("has_redirect_secret",),
    ),
    "DELETE /api/RedirectSecret": Operation(
        "deleteRedirectSecret", _REDIRECTS, "Sign no redirects any more.", statuses=_GONE,
        refusals=("no_such_record", "stale_redirect_secret"),
    ),
    "POST /api/RedirectSecret/Rotate": Operation(
        "rotateRedirectSecret", _REDIRECTS, "Another Secret, which signs from now on; it is in this answer alone.",
        "RedirectSecret", arguments=CHECKED, refusals=("no_such_record", "stale_redirect_secret"),
    ),
    # --- Going live -----------------------------------------------------------------------------------------------
    "POST /api/Rehearsal": Operation(
        "createRehearsal", _GOING_LIVE, "Have bad days played against your webhook and pages; needs a test key.",
        "Rehearsal", _ACCEPTED, "Rehearsal", CHECKED, ("test_key_needed", "cannot_rehearse", "rehearsal_running"),
        body_may_be_left_out=True,
    ),
    "GET /api/Rehearsal/{rehearsal_id}": Operation(
        "getRehearsal", _GOING_LIVE, "What has passed and what has not, as far as it has been played.", "Rehearsal"
    ),
    # --- Schemas --------------------------------------------------------------------------------------------------
    "GET /api/schema/contributions.{kind}": Operation(
        "getXmlSchema", _SCHEMAS, "The XSD or the DTD of what the service sends.",
        media=("application/xml", "application/xml-dtd"), refusals=("no_such_path",),
    ),
    "GET /api/schema/openapi.json": Operation("getOpenApi", _SCHEMAS, "This description.", media=("application/json",)),
}  # fmt: skip
"""By verb and path."""
