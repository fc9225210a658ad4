"""Amazon Pay is a provider like any other, but for what docs/decisions/0041-amazon-pay.md says: a checkout's id comes with the
giver, refunds are not made at once and carry no reference of ours, and reports are signed inside their body."""

import json
from dataclasses import replace

import pytest

from ids import new_id
from providers.base import InvalidSignature, PaymentRequest, PaymentState, Provider, RefundState, is_paid_on_our_page
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import adapter_for
from tests.providers.contract import ProviderContract, refused_with_a_reason

pytestmark = pytest.mark.no_database


class TestAmazon(ProviderContract):
    payee = FakeAmazon.merchant_id
    bad_credentials = ("", " ", "A2EXAMPLE", "anna@example.org", "a2examplemerch", "A2EXAMPLEMERCH ", "A2EXAMPLEMERCH\n")
    currencies = (("USD", 2000), ("USD", 1), ("USD", 15_000_000))
    impossible_amounts = (("USD", 15_000_001), ("EUR", 2000), ("JPY", 2000), ("KWD", 1000))

    @pytest.fixture(autouse=True)
    def _amazon(self, amazon: FakeAmazon) -> None:
        self.amazon = amazon

    @pytest.fixture
    def adapter(self, amazon: FakeAmazon) -> Provider:
        return adapter_for(amazon)

    def opened(self, adapter: Provider, **changes: object) -> PaymentRequest:
        """The giver has been to our page and pressed Amazon's button."""
        order = self.order(**changes)
        adapter.open_checkout(order, request_id=f"open-{new_id()}")
        return self.at_amazons(adapter, order)

    def at_amazons(self, adapter: Provider, order: PaymentRequest) -> PaymentRequest:
        assert is_paid_on_our_page(adapter)
        return replace(order, checkout_id=self.amazon.press_button(dict(adapter.pay_page(order).button)).id)

    def giver_approves(self, order: PaymentRequest) -> None:
        self.amazon.approve(order.checkout_id)

    def giver_declines(self, order: PaymentRequest) -> None:
        self.amazon.approve(order.checkout_id, "declined")

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        session = self.amazon.sessions[order.checkout_id]
        return session.charge.captures if session.charge else 0

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        session = self.amazon.sessions[order.checkout_id]
        return int(session.charge.given_back * 100) if session.charge else 0

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        return self.amazon.notification("CHARGE", order.payment_reference, order.payment_reference.rpartition("-")[0])

    # --- what is different ------------------------------------------------------------------------------------------

    def test_a_checkout_has_an_id_and_a_page_for_the_giver(self, adapter):
        """The page is ours; the id is Amazon's to give, once the giver is there."""
        order = self.order()
        checkout = adapter.open_checkout(order, request_id=f"open-{new_id()}")
        assert (checkout.checkout_id, checkout.url) == ("", f"http://give.example.test/pay/{order.reference}")
        assert adapter.find(self.at_amazons(adapter, order)).reference == order.reference
        assert [call.operation for call in self.amazon.calls] == ["get_session"]

    def test_the_same_request_id_opens_the_same_checkout(self, adapter):
        """Whatever the request id: one page for each gift, and a session of its own each time the button is pressed."""
        order = self.order()
        assert len({adapter.open_checkout(order, request_id=f"open-{new_id()}").url for _ in range(3)}) == 1
        assert len({self.at_amazons(adapter, order).checkout_id for _ in range(3)}) == 3

    def test_a_declined_giver_can_pay_in_the_same_checkout(self, adapter):
        """On the same page, that is: a declined session is over, and the next one is a new session."""
        order = self.opened(adapter)
        self.giver_declines(order)
        refused_with_a_reason(lambda: adapter.capture(order, request_id="capture-1"))
        assert adapter.find(order).state is PaymentState.DECLINED
        again = self.at_amazons(adapter, order)
        self.giver_approves(again)
        assert adapter.find(again).state is PaymentState.APPROVED
        assert adapter.capture(again, request_id="capture-2").state is PaymentState.CAPTURED
        assert self.captures_in_its_books(order) == 0

    def test_a_refund_is_made_once_per_request_id_and_can_be_found(self, adapter):
        order, reference, request_id = self.taken(adapter), new_id(), f"refund-{new_id()}"
        first, again = (adapter.refund(order, amount_minor=700, reference=reference, request_id=request_id) for _ in range(2))
        assert first.provider_reference
        assert again.provider_reference == first.provider_reference
        for one in (first, again):
            assert (one.state, one.amount_minor, one.reference) == (RefundState.PENDING, 700, reference)
        self.amazon.books.end_refund(self.amazon.refunds[first.provider_reference])
        found = adapter.find_refund(order, first.provider_reference)
        assert (found.state, found.amount_minor, found.reference) == (RefundState.COMPLETED, 700, "")
        assert self.given_back_in_its_books(order) == 700

    def test_a_payment_tells_of_everything_given_back_of_it(self, adapter):
        """The sum of it: Amazon lists no refunds."""
        order = self.taken(adapter)
        for amount_minor in (700, 1, 1299):
            made = adapter.refund(order, amount_minor=amount_minor, reference=new_id(), request_id=f"refund-{new_id()}")
            self.amazon.books.end_refund(self.amazon.refunds[made.provider_reference])
        payment = adapter.find(order)
        assert (payment.state, payment.amount_minor, payment.refunds) == (PaymentState.CAPTURED, 2000, ())
        assert payment.given_back_minor == 2000

    def test_an_event_names_its_checkout(self, adapter):
        order = self.taken(adapter)
        report = adapter.parse_webhook(*self.signed_report(order))
        assert (report.payment_reference, report.reference) == (order.payment_reference, order.reference)
        assert report.event_id

    def test_an_event_that_is_forged_or_damaged_is_refused(self, adapter):
        """What is signed stands in the body here."""
        order = self.taken(adapter)
        body, headers = self.signed_report(order)
        said = json.loads(body)
        forgeries = [body[:-1], b"", b"\xff\xfe" + body, body.replace(order.payment_reference.encode(), b"S01-1-1-C1"), b"[]"]
        for name in said:
            others = ("", said[name][:-1], said[name] + "0", "é", "\udc80", "\x00", "x" * 10_000, None, 7, {})
            if name != "UnsubscribeURL":
                forgeries += [json.dumps(said | {name: other}).encode() for other in others if other != said[name]]
        for forged in forgeries:
            with pytest.raises(InvalidSignature):
                adapter.parse_webhook(forged, headers)
        for wrong in ("", "Notificatio", "SubscriptionConfirmation", "\x00"):
            with pytest.raises(InvalidSignature):
                adapter.parse_webhook(body, headers | {"x-amz-sns-message-type": wrong})
