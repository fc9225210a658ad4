"""How the fake PayPal signs what it tells, and answers for it: the certificates, the deliveries, the configured webhook."""

import json
import secrets
from pathlib import Path
from typing import Any

from tests.providers.line import Call, Reply
from tests.providers.paypal import representations, webhooks
from tests.providers.paypal.errors import Refusal
from tests.providers.paypal.reading import json_object, raw_member
from tests.providers.paypal.records import FakeAuthorization, FakeCapture, FakeOrder, FakeRefund


class Signing:
    """The part of FakePayPal about webhooks."""

    @property
    def ca_pem(self) -> str:
        """The root that this fake's certificates lead to."""
        return self._authority("fake PayPal").root_pem

    @property
    def ca_file(self) -> str:
        """The path of a file with ca_pem in it; empty where nothing is to be left on the disk."""
        if self._folder is None:
            return ""
        path = Path(self._folder.name) / "ca.pem"
        path.write_text(self.ca_pem)
        return str(path)

    def _authority(self, whose: str) -> webhooks.CertificateAuthority:
        with self._lock:
            if whose not in self._authorities:
                self._authorities[whose] = webhooks.CertificateAuthority(whose, self.now)
            return self._authorities[whose]

    def certificate_url(
        self,
        *,
        common_name: str = webhooks.COMMON_NAME,
        days: tuple[int, int] = (-30, 335),
        authority: str = "fake PayPal",
        with_intermediate: bool = True,
    ) -> str:
        """Where a signer's certificate is served; `days` from now it is valid from and until."""
        with self._lock:
            chain = self._authority(authority).leaf(common_name, days=days)
            if not with_intermediate:
                chain = chain[: chain.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"
            name = f"CERT-{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
            self._certificates[name] = chain
            return f"{self.base_url}/v1/notifications/certs/{name}"

    def webhook(
        self, event_type: str, resource: dict[str, Any] | FakeOrder | FakeCapture | FakeAuthorization | FakeRefund, **how: Any
    ) -> webhooks.Webhook:
        """A signed delivery of an event that may never have happened. `how` is that of `signed`."""
        if not isinstance(resource, dict):
            resource = self.json_of(resource)
        return self.signed(webhooks.envelope(event_type, resource, self.now, self.base_url), **how)

    def signed(
        self,
        event: dict[str, Any] | bytes,
        *,
        forged: bool = False,
        changed_on_the_way: bool = False,
        webhook_id: str | None = None,
        certificate_url: str | None = None,
        unknown_ca: bool = False,
        time: str | None = None,
        algorithm: str = "SHA256withRSA",
        **certificate: Any,
    ) -> webhooks.Webhook:
        """An event as PayPal delivers it, or with one thing wrong with it. `certificate` is for `certificate_url`."""
        body = event if isinstance(event, bytes) else json.dumps(event, separators=(",", ":")).encode()
        authority = "somebody" if unknown_ca else "fake PayPal"
        url = certificate_url or self.certificate_url(authority=authority, **certificate)
        transmission_id = webhooks.new_transmission_id()
        time = time or self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        text = webhooks.string_to_sign(transmission_id, time, webhook_id or self.webhook_id, body)
        key = webhooks._key("a forger") if forged else self._authority(authority).key()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PayPal/AUHD-214.0-58843829",
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": webhooks.sign(key, text),
            "PAYPAL-CERT-URL": url,
            "PAYPAL-AUTH-ALGO": algorithm,
            "CORRELATION-ID": secrets.token_hex(7)[:13],
        }
        return webhooks.Webhook(body.replace(b"WH-", b"WH_", 1) if changed_on_the_way else body, headers)

    def webhooks_of(self, order_id: str) -> list[webhooks.Webhook]:
        """What PayPal has sent about an order so far, the oldest first; signed anew at every call."""
        with self._lock:
            self.books.let_go_what_is_too_old()
            events = [event for about, event in self._reports if about == order_id]
        return [self.signed(event) for event in events]

    def _announce(self, event_type: str, order: FakeOrder, resource: Any) -> None:
        event = webhooks.envelope(event_type, self.json_of(resource), self.now, self.base_url)
        self._reports.append((order.id, event))

    def _verify(self, call: Call) -> Reply:
        asked = json_object(call)
        if not isinstance(asked.get("webhook_event"), dict):
            return Reply(400, {"name": "VALIDATION_ERROR", "message": "Invalid data provided", "debug_id": call.debug_id})
        event = raw_member(call.body, "webhook_event")
        pem = self._certificates.get(str(asked.get("cert_url", "")).rpartition("/")[2], "")
        text = webhooks.string_to_sign(
            str(asked.get("transmission_id")), str(asked.get("transmission_time")), str(asked.get("webhook_id")), event
        )
        right = bool(pem) and asked.get("webhook_id") == self.webhook_id and asked.get("auth_algo") == "SHA256withRSA"
        right = right and webhooks.is_signed(pem, text, str(asked.get("transmission_sig")))
        return Reply(200, {"verification_status": "SUCCESS" if right else "FAILURE"})

    def _get_webhook(self, call: Call) -> Reply:
        app, address = self.app, f"{self.base_url}/v1/notifications/webhooks/{self.webhook_id}"
        if call.values["webhook_id"] != app.webhook_id:
            debug = {"name": "INVALID_RESOURCE_ID", "message": "Resource id is invalid", "debug_id": call.debug_id}
            return Reply(404, debug)
        types = [{"name": name, "description": "", "status": "ENABLED"} for name in app.webhook_events]
        links = [representations.link(address, "self")]
        return Reply(200, {"id": app.webhook_id, "url": app.webhook_url, "event_types": types, "links": links})

    def _certificate(self, call: Call) -> Reply:
        if call.values["certificate_id"] not in self._certificates:
            raise Refusal(404)
        return Reply(200, self._certificates[call.values["certificate_id"]], "application/x-pem-file")
