"""As operations.py, of gift certificates."""

from api.openapi.operation import CHECKED, Operation
from api.openapi.operations_of_givers import AMOUNT
from api.paging import PAGING

CERTIFICATES = "Gift certificates"

_CLAIM_REFUSED = ("wrong_claim_code", "cannot_claim")

OF_CERTIFICATES: dict[str, Operation] = {
    # --- Gift certificates ----------------------------------------------------------------------------------------
    "GET /api/GiftCertificates": Operation(
        "listGiftCertificates", CERTIFICATES, "Your gift certificates, newest first.", "GiftCertificates",
        arguments=("GiverId", "Status", *PAGING),
    ),
    "POST /api/GiftCertificates": Operation(
        "createGiftCertificate", CERTIFICATES, "Sell a gift certificate: send whoever buys it to ProviderURL.",
        "GiftCertificate", (201,), "GiftCertificate", CHECKED,
        (*AMOUNT, "provider_not_offered", "payee_cannot_be_paid", "payment_account_is_gone", "sum_too_large", "goal_is_gone",
         "checkout_refused"),
    ),
    "GET /api/GiftCertificate/{certificate_id}": Operation(
        "getGiftCertificate", CERTIFICATES, "A gift certificate; with its ClaimCode for as long as it can be claimed.",
        "GiftCertificate",
    ),
    "DELETE /api/GiftCertificate/{certificate_id}": Operation(
        "deleteGiftCertificate", CERTIFICATES, "Call a purchase off that is not paid yet.", statuses=(204,),
        refusals=("cannot_delete", "being_settled", "provider_busy"),
    ),
    "POST /api/GiftCertificates/Claim": Operation(
        "claimGiftCertificateByCode", CERTIFICATES, "Claim the certificate that has this code for one of your givers.",
        "GiftCertificate", body="Claim", arguments=CHECKED, refusals=_CLAIM_REFUSED,
    ),
    "POST /api/GiftCertificate/{certificate_id}/Claim": Operation(
        "claimGiftCertificate", CERTIFICATES,
        "Claim this certificate for one of your givers. A ClaimCode may be left out: you know whose it is.",
        "GiftCertificate", body="Claim", arguments=CHECKED, refusals=_CLAIM_REFUSED,
    ),
    "GET /api/GiftCertificate/{certificate_id}/Refunds": Operation(
        "listGiftCertificateRefunds", CERTIFICATES, "What was given back of what was paid for a certificate.", "Refunds",
        arguments=PAGING,
    ),
    "POST /api/GiftCertificate/{certificate_id}/Refunds": Operation(
        "createGiftCertificateRefund", CERTIFICATES, "Give back what is unspent of a certificate, or a part of it.", "Refund",
        (201,), "Refund", CHECKED, (*AMOUNT, "cannot_refund", "refund_too_large", "provider_busy"),
    ),
}  # fmt: skip
"""By verb and path."""
