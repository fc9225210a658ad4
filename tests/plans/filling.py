"""A database with so many gifts, made by INSERT .. SELECT: what the databases plan for, and not what anybody did.

The partners have goals, each goal an account, each gift a checkout, its history, its entries in the books, its calls to the
provider, events that were delivered, and the answer that is kept for a retry; some have refunds and disputes. Who gave, and
what else belongs to a giver or a goal, is in filling_givers.py.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection

import encryption
from contributions import append_only
from contributions.models import (
    Attention,
    Checkout,
    Contribution,
    Dispute,
    LedgerEntry,
    ProviderRequest,
    Refund,
    StatusChange,
)
from goals.models import Payee, PaymentAccount, SavingGoal
from notifications.models import Delivery, DeliveryAttempt, Event, WebhookEndpoint
from partners import filling
from partners.models import Partner
from tests.plans.filling_givers import Givers
from tests.plans.rows import BEGAN, FIRST, GIVER, IS_MATCHED, IS_PLEDGED, IS_SETTLED, PLEDGE, STATUS, Rows

_STAGE = (
    f"CASE {STATUS} WHEN 'Settled' THEN 'taken' WHEN 'Authorized' THEN 'held' WHEN 'Pending' THEN 'approved' "
    "WHEN 'Submitted' THEN 'open' ELSE 'over' END"
)


@dataclass(frozen=True)
class Filled:
    """What there is: of the first partner's a goal with many gifts, and some of its records by their public ids."""

    gifts: int
    partner: Partner
    popular_goal: str


def fill(gifts: int, goals: int, partners: list[Partner], endpoints: list[WebhookEndpoint]) -> Filled:
    """So many gifts, given to so many goals of these partners, each of which has the endpoint of the same place in the list."""
    tables = list(filling.PARTNER_OF)
    append_only.uninstall(connection)
    filling.uninstall(connection, *tables)
    of = (gifts, goals, [one.pk for one in partners], [one.pk for one in endpoints])
    _Filling(*of).fill()
    Givers(*of).fill()
    Rows(*of).count_on()
    filling.install(connection, *tables)
    append_only.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Filled(gifts, partners[0], SavingGoal.objects.get(pk=FIRST + 1).public_id)


class _Filling(Rows):
    def fill(self) -> None:
        self._goals()
        self._gifts()
        self._books()
        self._what_is_rare()
        self._events()
        self._others()

    def _goals(self) -> None:
        partner, secret = self.of_goal(self.partners, "i"), encryption.encrypt("anna@example.org")
        self.insert(
            SavingGoal,
            self.goals,
            public_id=self.id("i"),
            partner_id=partner,
            external_item_id="'item-' || i",
            name="'A bicycle'",
            currency="'USD'",
            goal_minor="1000000000",
            authorized_minor="CASE WHEN i % 50 = 1 THEN 2000 ELSE 0 END",
            ends_at=f"CASE WHEN i % 4 = 0 THEN {self.moment('4000000000 + i')} END",
            is_matched=IS_MATCHED,
            suggested_minor="'[]'",
            metadata="'[]'",
            created_at=self.moment(f"{BEGAN} + i"),
        )
        self.insert(
            Payee, self.goals, public_id=self.id("i"), partner_id=partner, provider="'PayPal'", lookup="'lookup-' || i",
            credentials_encrypted=f"'{secret}'",
            created_at=self.moment(f"{BEGAN} + i"),
        )  # fmt: skip
        self.insert(
            PaymentAccount, self.goals, goal_id=f"{FIRST} + i", partner_id=partner, provider="'PayPal'",
            payee_id=f"{FIRST} + i", credentials_encrypted=f"'{secret}'", created_at=self.moment(f"{BEGAN} + i"),
        )  # fmt: skip

    def _gifts(self) -> None:
        self.insert(
            Contribution, self.gifts, public_id=self.id("i"), goal_id=self.goal, partner_id=self.partner, currency="'USD'",
            amount_minor="2000", version="2", giver_id=self.key_of(self.giver), giver_public_id=self.id_of(GIVER, self.giver),
            pledge_public_id=f"CASE WHEN {IS_PLEDGED} THEN {self.id_of(PLEDGE, self.giver)} END",
            match_of=f"CASE WHEN {self.is_match} THEN {self.id(self.earlier)} END",
            contributor="'Giver ' || i", message="'Ride well!'", reference="'order-' || i",
            created_at=self.at,
            status=STATUS, checkout_id=f"{FIRST} + i", settled_minor=f"CASE WHEN {IS_SETTLED} THEN 2000 END",
            settled_at=f"CASE WHEN {IS_SETTLED} THEN {self.at} END", metadata="'[]'", provider_reference="'capture-' || i",
            reserved_until=f"CASE WHEN {STATUS} = 'Pending' THEN {self.moment('4000000000')} END",
        )  # fmt: skip
        self.insert(
            Checkout, self.gifts, contribution_id=f"{FIRST} + i", partner_id=self.partner,
            adapter=f"CASE WHEN {self.is_match} THEN 'match_test' ELSE 'sandbox' END",
            account_id=f"{self.goal} + CASE WHEN {self.is_match} THEN {FIRST} ELSE 0 END",
            permission_id=f"CASE WHEN {IS_PLEDGED} THEN {self.key_of(self.giver)} END",
            capture_policy="CASE WHEN i % 800 = 1 THEN 'OnGoalReached' ELSE 'Immediate' END",
            stage=_STAGE, provider_checkout_id="'checkout-' || i", payment_reference="'capture-' || i",
            created_at=self.at, hold_expires_at=f"CASE WHEN {STATUS} = 'Authorized' THEN {self.moment('4000000000')} END",
            seen_held_at=f"CASE WHEN {STATUS} = 'Authorized' THEN {self.at} END",
            due_at=f"CASE WHEN {STATUS} IN ('Authorized', 'Pending', 'Submitted') THEN {self.moment('4000000000 + i')} END",
        )  # fmt: skip

    def _books(self) -> None:
        for version, before, after in ((1, "''", "'Submitted'"), (2, "'Submitted'", STATUS)):
            self.insert(
                StatusChange, self.gifts, first=FIRST * version, contribution_id=f"{FIRST} + i", partner_id=self.partner,
                version=str(version), from_status=before, to_status=after, reason="''", event="'synced'", at=self.at,
            )  # fmt: skip
        self.insert(
            LedgerEntry, self.gifts, where=IS_SETTLED, contribution_id=f"{FIRST} + i", partner_id=self.partner,
            goal_id=self.goal,
            kind="'capture'", currency="'USD'", amount_minor="2000", collected_delta_minor="2000", authorized_delta_minor="0",
            provider_reference="'capture-' || i", correlation_id="''", cause="'return'", at=self.at,
        )  # fmt: skip
        self.insert(
            ProviderRequest, self.gifts, contribution_id=f"{FIRST} + i", partner_id=self.partner, operation="'pay:2000'",
            request_id="'request-' || i", outcome="'answered'", attempts="1", correlation_id="'correlation-' || i",
            created_at=self.at, answered_at=self.at,
        )  # fmt: skip

    def _what_is_rare(self) -> None:
        self.insert(
            Refund, self.gifts, where=f"{IS_SETTLED} AND i % 10 = 0", public_id=self.id("i"), partner_id=self.partner,
            contribution_id=f"{FIRST} + i", amount_minor="100", status="'Completed'", cause="'client'",
            provider_reference="'refund-' || i", created_at=self.at, settled_at=self.at,
        )  # fmt: skip
        self.insert(
            LedgerEntry, self.gifts, first=2 * FIRST, where=f"{IS_SETTLED} AND i % 10 = 0", contribution_id=f"{FIRST} + i",
            partner_id=self.partner, goal_id=self.goal, kind="'refund'", currency="'USD'", amount_minor="100",
            collected_delta_minor="-100", authorized_delta_minor="0", refund_id=f"{FIRST} + i",
            provider_reference="'refund-' || i", correlation_id="''", cause="'client'", at=self.at,
        )  # fmt: skip
        self.insert(
            Dispute, self.gifts, where=f"{IS_SETTLED} AND i % 50 = 0", contribution_id=f"{FIRST} + i", partner_id=self.partner,
            provider_reference="'dispute-' || i", heard_at=self.at,
        )  # fmt: skip
        self.insert(
            Attention, self.gifts, where="i % 2000 = 11", kind="'dispute_to_answer'", about=self.id("i"),
            partner_id=self.partner, detail="''", since=self.at,
        )  # fmt: skip

    def _events(self) -> None:
        """Given up: a few. Of a partner's events the positions have gaps here, which no index minds."""
        self.insert(
            Event, self.gifts, public_id=f"'evt_000000000001_' || {self.id('i')}", partner_id=self.partner,
            position=f"{FIRST} + i", type="'contribution.settled'", about=self.id("i"), version="2",
            content=f"'{_CONTENT}'", at=self.at,
        )  # fmt: skip
        self.insert(
            Delivery, self.gifts, event_id=f"{FIRST} + i", partner_id=self.partner, endpoint_id=self.endpoint, attempts="1",
            state="CASE WHEN i % 1000 = 8 THEN 'GivenUp' WHEN i % 1000 = 9 THEN 'Due' ELSE 'Delivered' END",
            due_at=f"CASE WHEN i % 1000 = 9 THEN {self.moment('4000000000 + i')} END",
        )  # fmt: skip
        self.insert(
            DeliveryAttempt, self.gifts, event_id=f"{FIRST} + i", partner_id=self.partner, endpoint_id=self.endpoint,
            number="1", at=self.at,
            seconds="0.1", url="'https://198.41.0.4/'", answer="200",
        )  # fmt: skip
        with connection.cursor() as cursor:
            for one in self.partners:
                cursor.execute("DELETE FROM notifications_eventsequence WHERE partner_id = %s", [one])
                cursor.execute("INSERT INTO notifications_eventsequence VALUES (%s, %s)", [one, FIRST + self.gifts])

    def _others(self) -> None:
        self.insert(
            apps.get_model("api", "IdempotencyKey"), self.gifts, partner_id=self.partner, key="'key-' || i", fingerprint="'x'",
            record_id=self.id("i"), created_at=self.at, answer_status="201", answer_headers="'{}'",
            answer_body="''" if self.is_postgresql else "X''",
        )  # fmt: skip
        self.insert(
            apps.get_model("api", "UsedToken"), self.gifts, where="i % 10 = 0", digest="'digest-' || i",
            partner_id=self.partner, expires_at=self.moment("4000000000 + i"),
        )  # fmt: skip
        self.insert(
            apps.get_model("partners", "AuditEntry"), self.gifts, where="i % 2 = 0", at=self.at, actor_kind="'key'",
            actor="'wr_test_' || i % 7", action="'gift.refund_asked'", partner_id=self.partner, about=self.id("i"),
        )  # fmt: skip


_CONTENT = '{"Contributor": "Giver", "Message": "Ride well!", "Status": "Settled"}'
