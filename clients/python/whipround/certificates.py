"""Gift certificates: bought, claimed, spent and given back."""

from collections.abc import Iterator

from whipround.reading import Amount, decimal_text, written
from whipround.records import GiftCertificate, Refund
from whipround.requests_of import Requests, given


class GiftCertificates(Requests):
    """What can be done with gift certificates.

    They are spent by `create_contribution(..., provider_name="Certificate", giver_id=...)`.
    """

    def create_gift_certificate(
        self,
        *,
        amount: Amount,
        currency: str,
        payment_account_id: str,
        recipient_name: str,
        message: str | None = None,
        expires_date: str | None = None,
        contributor: str | None = None,
        reference: str | None = None,
        confirmation_url: str | None = None,
        cancel_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> GiftCertificate:
        """A certificate to be bought: send the buyer's browser to its `provider_url` next, as with a gift."""
        body = written(GiftCertificate, given(locals(), but="idempotency_key"))
        return self._act(GiftCertificate, "GiftCertificates", body=body, idempotency_key=idempotency_key)

    def get_gift_certificate(self, certificate_id: str) -> GiftCertificate:
        """As it stands now, with its `claim_code` while it can be claimed: whoever has that code can claim it."""
        return self._one(GiftCertificate, self.connection.call("GET", "GiftCertificate", certificate_id))

    def list_gift_certificates(
        self, *, giver_id: str | None = None, status: str | None = None, limit: int = 50
    ) -> Iterator[GiftCertificate]:
        """Yours, or those that a giver has claimed; newest first, page by page as you go."""
        query = {"GiverId": giver_id, "Status": status}
        return self._pages(GiftCertificate, "GiftCertificates", query=query, limit=limit)

    def claim_gift_certificate(self, giver_id: str, *, claim_code: str, idempotency_key: str | None = None) -> GiftCertificate:
        """The giver has typed this code. Raises Forbidden for a wrong one, Conflict for one that cannot be claimed."""
        body = {"GiverId": giver_id, "ClaimCode": claim_code}
        return self._act(GiftCertificate, "GiftCertificates", "Claim", body=body, idempotency_key=idempotency_key)

    def claim_without_code(self, certificate_id: str, *, giver_id: str, idempotency_key: str | None = None) -> GiftCertificate:
        """Where you know whose it is."""
        body = {"GiverId": giver_id}
        return self._act(
            GiftCertificate, "GiftCertificate", certificate_id, "Claim", body=body, idempotency_key=idempotency_key
        )

    def cancel_gift_certificate(self, certificate_id: str, *, etag: str | None = None) -> None:
        """Call off a purchase that is not paid. Raises Conflict for one that is."""
        self.connection.call("DELETE", "GiftCertificate", certificate_id, headers={"If-Match": etag} if etag else None)

    def refund_gift_certificate(
        self,
        certificate_id: str,
        *,
        amount: Amount | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Refund:
        """Give back to the buyer so much of what is unspent, or all of it."""
        body = {"Amount": None if amount is None else decimal_text(amount), "Reason": reason}
        body = {name: value for name, value in body.items() if value is not None}
        path = ("GiftCertificate", certificate_id, "Refunds")
        return self._act(Refund, *path, body=body, idempotency_key=idempotency_key)

    def list_gift_certificate_refunds(self, certificate_id: str, *, limit: int = 50) -> Iterator[Refund]:
        """A purchase's refunds, newest first."""
        return self._pages(Refund, "GiftCertificate", certificate_id, "Refunds", query={}, limit=limit)
