"""What Amazon Pay says of sessions, charges, permissions, refunds, disputes: in JSON, in the shape of its own sample."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.planted_secrets import MARK
from tests.providers.amazon.books import HOLD_LASTS, SESSION_LASTS, FakeCharge, FakeDispute, FakeRefund, FakeSession
from tests.providers.amazon.standing import LASTS, MOST_AT_ONCE, FakePermission

UNUSED_IN_SESSION = dict.fromkeys((
    "recurringMetadata", "supplementaryData", "billingAddress", "shippingAddress", "platformId", "checkoutButtonText",
    "deliverySpecifications",
))  # fmt: skip
UNUSED_IN_DETAILS = dict.fromkeys(("totalOrderAmount", "softDescriptor", "allowOvercharge", "extendExpiration"))
UNUSED_IN_CHARGE = dict.fromkeys(("softDescriptor", "convertedAmount", "conversionRate"))
BUYER = {"name": "Uncle Bob", "email": f"{MARK}m@example.com", "buyerId": "amzn1.account.FAKE"}
NOBODY = {"constraintId": "BuyerNotAssociated", "description": "There is no buyer associated with the Checkout Session."}


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{amount:.0f}" if currency == "JPY" else f"{amount:.2f}", "currencyCode": currency}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _status(state: str, reason: str | None, at: datetime) -> dict[str, Any]:
    return {"state": state, "reasonCode": reason, "reasonDescription": None, "lastUpdatedTimestamp": _moment(at)}


def session_json(session: FakeSession) -> dict[str, Any]:
    asked, metadata, charge = session.payload["paymentDetails"], session.payload["merchantMetadata"], session.charge
    details = {
        "paymentIntent": asked["paymentIntent"],
        "canHandlePendingAuthorization": asked.get("canHandlePendingAuthorization", False),
        "chargeAmount": session.price,
        "presentmentCurrency": session.price["currencyCode"],
    }
    return UNUSED_IN_SESSION | {
        "checkoutSessionId": session.id,
        "webCheckoutDetails": {"checkoutReviewReturnUrl": None, "amazonPayRedirectUrl": None, **session.details},
        "productType": "PayOnly",
        "paymentDetails": UNUSED_IN_DETAILS | details,
        "chargePermissionType": session.payload.get("chargePermissionType", "OneTime"),
        "recurringMetadata": session.payload.get("recurringMetadata"),
        "merchantMetadata": {"merchantStoreName": None, "noteToBuyer": None, "customInformation": None, **metadata},
        "buyer": BUYER if session.signed_in else None,
        "paymentPreferences": [{"paymentDescriptor": "Visa ****1111 (Amazon Pay)"}] if session.approved else [],
        "statusDetails": _status(session.state, session.reason, session.created_at),
        "chargePermissionId": charge.permission_id if charge else session.permission_id or None,
        "chargeId": charge.id if charge else None,
        "constraints": [] if session.signed_in else [NOBODY],
        "creationTimestamp": _moment(session.created_at),
        "expirationTimestamp": _moment(session.created_at + SESSION_LASTS),
        "storeId": session.payload["storeId"],
        "providerMetadata": {"providerReferenceId": None},
        "releaseEnvironment": session.environment,
    }


def charge_json(charge: FakeCharge) -> dict[str, Any]:
    taken = charge.state == "Captured"
    back = sum((one.amount for one in charge.refunds if one.state == "Refunded"), Decimal(0))
    return UNUSED_IN_CHARGE | {
        "chargeId": charge.id,
        "chargePermissionId": charge.permission_id,
        "chargeAmount": _money(charge.amount, charge.currency),
        "captureAmount": _money(charge.taken, charge.currency) if taken else None,
        "refundedAmount": _money(back, charge.currency) if taken else None,
        "providerMetadata": {"providerReferenceId": None},
        "statusDetails": _status(charge.state, charge.reason, charge.created_at),
        "creationTimestamp": _moment(charge.created_at),
        "expirationTimestamp": _moment(charge.created_at + HOLD_LASTS),
        "releaseEnvironment": charge.session.environment,
        **({"merchantMetadata": charge.metadata} if charge.metadata else {}),
    }


def standing_json(permission: FakePermission) -> dict[str, Any]:
    session, price = permission.session, permission.session.price
    reasons = [{"reasonCode": permission.reason, "reasonDescription": None}] if permission.reason else None
    status = {"state": permission.state, "reasons": reasons, "lastUpdatedTimestamp": _moment(permission.created_at)}
    left = _money(MOST_AT_ONCE, price["currencyCode"])
    return {
        "chargePermissionId": permission.id,
        "chargePermissionReferenceId": None,
        "chargePermissionType": "Recurring",
        "recurringMetadata": session.payload["recurringMetadata"],
        "buyer": BUYER,
        "statusDetails": status,
        "merchantMetadata": session.payload["merchantMetadata"],
        "creationTimestamp": _moment(permission.created_at),
        "expirationTimestamp": _moment(permission.created_at + LASTS),
        "releaseEnvironment": session.environment,
        "limits": {"amountLimit": left, "amountBalance": left},
        "presentmentCurrency": price["currencyCode"],
    }


def permission_json(charge: FakeCharge) -> dict[str, Any]:
    return {
        "chargePermissionId": charge.permission_id,
        "chargePermissionReferenceId": None,
        "chargePermissionType": "OneTime",
        "buyer": BUYER,
        "statusDetails": {"state": "NonChargeable", "reasons": None, "lastUpdatedTimestamp": _moment(charge.created_at)},
        "merchantMetadata": charge.session.payload["merchantMetadata"],
        "creationTimestamp": _moment(charge.created_at),
        "expirationTimestamp": _moment(charge.created_at + timedelta(days=180)),
        "releaseEnvironment": charge.session.environment,
        "limits": {"amountLimit": _money(charge.amount, charge.currency), "amountBalance": _money(Decimal(0), charge.currency)},
        "presentmentCurrency": charge.currency,
    }


def refund_json(refund: FakeRefund) -> dict[str, Any]:
    return {
        "refundId": refund.id,
        "chargeId": refund.charge.id,
        "refundAmount": _money(refund.amount, refund.charge.currency),
        "softDescriptor": None,
        "statusDetails": _status(refund.state, refund.reason, refund.created_at),
        "creationTimestamp": _moment(refund.created_at),
        "releaseEnvironment": refund.charge.session.environment,
    }


def dispute_json(dispute: FakeDispute) -> dict[str, Any]:
    """After https://developer.amazon.com/docs/amazon-pay-api-v2/dispute.html"""
    status = _status(dispute.state, None, dispute.created_at)
    return {
        "disputeId": dispute.id,
        "releaseEnvironment": dispute.charge.session.environment,
        "chargeId": dispute.charge.id,
        "disputeType": "Chargeback",
        "disputeAmount": {"amount": f"{dispute.amount.normalize():f}", "currencyCode": dispute.charge.currency},
        "filingReason": "Fraudulent",
        "statusDetails": status | {"resolution": dispute.resolution},
        "merchantEvidences": [],
        "merchantResponseDeadline": _moment(dispute.created_at + timedelta(days=11)),
        "resolutionAuthority": "AmazonPay",
        "creationTimestamp": _moment(dispute.created_at),
    }
