"""Google Pay in the simulation: the real adapter, our pay page's own view, and the books of the fake Stripe behind it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

import clock
from contributions.models import Contribution
from hooks.webhook import hear
from pages import patience, pay, standing
from providers import registry
from providers.base import PaymentState, Provider
from tests.providers.amazon.service import button_in, token_in
from tests.providers.google.fake import FakeGoogle, GoogleHandler
from tests.providers.google.service import adapter_for
from tests.providers.line import Call, Reply
from tests.providers.stripe.books import THREE_DECIMAL, FakeIntent
from tests.providers.stripe.service import adapter_for as stripes_adapter_for
from tests.simulation.side import TruePayment, Wrong
from tests.simulation.stripe_dashboard import INTENTS, minor_of, state_of, units
from tests.simulation.with_stripe import ASKING, OPENING, ORDERS, OverStripe

DOORS = ("google", "google", "stripe")
"""Where Stripe's reports arrive: it sends them to every endpoint of the account."""
GIVERS_PAY_WITH = ("card", "card", "card", "card_that_wants_a_word")
GIVERS_FAIL_WITH = ("card_that_is_declined", "card_that_is_declined", "card_that_wants_a_word", "no", "")
"""Nothing: the giver closes the window."""
MOST_CARDS = 10
"""More than so many may not be tried for one gift."""


@dataclass
class Tab:
    """Our pay page as it was shown, and what was posted from there last."""

    form_token: str
    button: dict[str, Any]
    posted: dict[str, str] = field(default_factory=dict)


class WithGoogle(OverStripe):
    """Gifts by Google Pay. The giver's token goes through the view of the pay page, by which we take or hold the money.

    A giver may have several tabs open, each with a page as it once was; and one at the bank, where they may stay forever.
    """

    name = "Google"
    on_our_page = True
    patterns = GoogleHandler.patterns
    orders = frozenset({"confirm", *ORDERS})
    faults = {
        "create_intent": OPENING,
        "get_intent": ASKING,
        "take_token": {"error_500": 0.02, "error_500_kept": 0.01, "card_declined": 0.03, "in_progress": 0.02, "no_id": 0.01},
        "confirm": {
            "card_declined": 0.03,
            "error_500": 0.02,
            "error_500_kept": 0.01,
            "in_progress": 0.03,
            "lock_timeout": 0.02,
            "unknown_status": 0.02,
            "no_reference": 0.03,
            "no_bank": 0.02,
            "foreign_bank": 0.02,
        },
        **ORDERS,
    }
    fake: FakeGoogle

    def new_fake(self) -> FakeGoogle:
        self._tabs: dict[str, list[Tab]] = {}
        """By our id of the gift, the newest last."""
        self._at_the_bank: set[str] = set()
        """Gifts with a tab at the bank."""
        self._proven: set[str] = set()
        """Paid at the bank, without an order of ours."""
        self._just_proven = False
        self._cards: dict[str, set[str]] = {}
        return FakeGoogle(listens=False)

    def new_adapter(self) -> Provider:
        return adapter_for(self.fake)

    @contextmanager
    def laws(self, sleep: Callable[[float], None]) -> Iterator[None]:
        with super().laws(sleep):
            stripes = stripes_adapter_for(self.fake)
            with (
                mock.patch.object(settings, "PROVIDERS_WITH_KEYS", {"Google", "Stripe"}),
                mock.patch.dict(registry._WITH_KEYS, {"Stripe": lambda: stripes}),
                mock.patch.object(patience, "time", _Patience(sleep)),
                mock.patch.object(pay, "time", _Patience(sleep)),
                mock.patch.object(standing, "is_id", return_value=True),
            ):
                yield

    def order_about(self, call: Call) -> str:
        """No payment is confirmed, taken and let go at once."""
        return super().order_about(call) if call.operation == "refund" else call.path.rpartition("/")[0]

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        for intent in self.fake.books.intents.values():
            reference = intent.asked["metadata"]["contribution"]
            yield TruePayment(
                reference,
                intent.id,
                intent.currency.upper(),
                intent.destination or "",
                state=state_of(intent) if intent.status in INTENTS else PaymentState.OPEN,
                amount_minor=minor_of(intent.amount, intent.currency),
                by_the_giver=reference in self._proven and intent.capture_method == "automatic",
                **self.money_of(intent),
            )

    # --- what givers do ---------------------------------------------------------------------------------------------

    def giver_presses_the_button(self, contribution: Contribution) -> None:
        self._opens_the_page(contribution.public_id)

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        good = state is PaymentState.APPROVED
        at_the_bank = payment.reference in self._at_the_bank and self.random.random() < 0.7
        done = self._at_the_banks_page(payment, good) if at_the_bank else self._on_our_page(payment, good)
        self._just_proven = at_the_bank and done and good
        return done

    def _on_our_page(self, payment: TruePayment, good: bool) -> bool:
        """With a card that is good, or not; in a tab that was just opened, or has been there for days."""
        if not good and self.chance(0.05):
            return self._tries_stolen_cards(payment.reference)
        if not self._tabs.get(payment.reference):
            self._opens_the_page(payment.reference)
        tabs = self._tabs.get(payment.reference, [])
        if not tabs:
            return False
        tab = self.random.choice(tabs[-self.random.choice([1, 1, 1, 5]) :])
        if tab.posted and self.random.random() < 0.5:
            return self._posts(payment.reference, tab.posted)  # the same form again
        pays_with = self.random.choice(GIVERS_PAY_WITH if good else GIVERS_FAIL_WITH)
        done = self._pays(payment.reference, tab, pays_with)
        if pays_with == "card_that_is_declined" and self.random.random() < 0.4:
            done = self._pays(payment.reference, tab, "card")  # which has not changed, as long as nothing was paid
        return done

    def _at_the_banks_page(self, payment: TruePayment, good: bool) -> bool:
        """The giver proves who they are, fails to, or closes the window."""
        intent = self._intent(payment)
        if intent.status != "requires_action":
            self._at_the_bank.discard(payment.reference)
            return False
        if self.random.random() < 0.2:
            return False
        self._at_the_bank.discard(payment.reference)
        self.fake.prove(intent.id, good=good)
        if good:
            self._proven.add(payment.reference)
        return True

    def _tries_stolen_cards(self, reference: str) -> bool:
        done = False
        for _ in range(MOST_CARDS + 3):
            self._opens_the_page(reference)
            for tab in self._tabs.get(reference, [])[-1:]:
                done = self._pays(reference, tab, "card_that_is_declined") or done
        return done

    def _opens_the_page(self, reference: str) -> None:
        """In another tab, if it shows the button at all."""
        page = self._visits("GET", reference, {})
        shown = page.content.decode()
        if page.status_code == 200 and 'id="pay-data"' in shown:
            self._tabs.setdefault(reference, []).append(Tab(token_in(shown), button_in(shown)))

    def _pays(self, reference: str, tab: Tab, pays_with: str) -> bool:
        """Presses the button and posts what Google gives, or says no. False: nothing came of it."""
        if not pays_with:
            return False
        if pays_with == "no":
            return self._posts(reference, {"token": tab.form_token, "outcome": "cancel"})
        told = self.fake.press_button(tab.button, pays_with)
        tab.posted = {"token": tab.form_token, "outcome": "pay", "payment": told}
        return self._posts(reference, tab.posted)

    def _posts(self, reference: str, fields: Mapping[str, str]) -> bool:
        """Whether anything came of it: the giver is sent on, be it to the bank. Where the page looks again they do too."""
        unwanted = Contribution.objects.filter(public_id=reference, intent="release").exists()
        was_taken = self._is_taken(fields)
        answer = self._visits("POST", reference, fields)
        while answer.status_code == 503 and self.random.random() < 0.6:
            answer = self._visits("POST", reference, fields)
        if unwanted and self._is_taken(fields) and not was_taken:
            raise Wrong(f"{reference}: a card was asked for what nobody wants any more")
        location = answer.headers.get("Location", "")
        if location.startswith(f"{self.fake.base_url}/3ds/"):
            self._at_the_bank.add(reference)
        return answer.status_code == 303

    def _is_taken(self, fields: Mapping[str, str]) -> bool:
        """Whether the token in the form is a card at Stripe's by now."""
        return "payment" in fields and self.fake.books.cards[json.loads(fields["payment"])["id"]].was_taken

    def _visits(self, method: str, reference: str, fields: Mapping[str, str]) -> HttpResponse:
        """Our pay page, as its view answers it; 503 where it says that it will look again."""
        request = RequestFactory().generic(method, f"/pay/{reference}")
        if method == "POST":
            request = RequestFactory().post(f"/pay/{reference}", data=dict(fields))
        answer = pay.pay(request, reference)
        if answer.status_code == 503:
            return HttpResponse(status=503)
        if answer.status_code not in {200, 303, 400, 429, 502}:
            raise Wrong(f"the pay page answered {answer.status_code}")
        return answer

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        """Only what was paid without us: with everything else it is our own order that says how much."""
        if self._just_proven:
            intent = self._intent(payment)
            intent.amount += units(10 if intent.currency in THREE_DECIMAL else 1, intent.currency)
            if intent.received:
                intent.received = intent.amount

    # --- inside -----------------------------------------------------------------------------------------------------

    def _intent(self, payment: TruePayment) -> FakeIntent:
        return self.fake.books.intents[payment.checkout_id]

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        door = self.random.choice(DOORS)
        kind = headers.get("Content-Type", "application/json")
        request = RequestFactory().post(f"/providers/{door}/webhook", data=body, content_type=kind, headers=dict(headers))
        return hear(request, door).status_code

    def _answer(self, call: Call) -> Reply:
        if call.operation == "confirm":
            cards = self._cards.setdefault(call.path, set())
            cards.add(dict(parse_qsl(call.body.decode()))["payment_method"])
            if len(cards) > MOST_CARDS:
                raise Wrong(f"{len(cards)} cards were tried for one gift")
        return super()._answer(call)


class _Patience:
    """In place of the module `time` where a giver's browser waits for whoever is at it: not a hundred times a second."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep

    def sleep(self, seconds: float) -> None:
        self._sleep(max(seconds, 4))

    @staticmethod
    def monotonic() -> float:
        return clock.now().timestamp()
