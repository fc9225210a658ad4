"""A database with so many gifts, made by INSERT .. SELECT: what the databases plan for, and not what anybody did.

The partners have goals, each goal an account, each gift a checkout, its history, its entries in the books, its calls to the
provider, events that were delivered, and the answer that is kept for a retry; some have refunds and disputes. The first
tenth of all gifts was given to goals of the first partner, half of them to one that was popular; then came all the others.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

import encryption
from certificates.models import CertificateEntry, GiftCertificate
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

FIRST = 1_000_000
"""The keys of what is filled in begin above it, those of what is made later are higher."""

BEGAN = 1_600_000_000
"""When the first gift came, in seconds since 1970; then one came every minute."""

_STATUS = (
    "CASE WHEN i % 400 = 1 THEN 'Authorized' WHEN i % 400 = 2 THEN 'Pending' WHEN i % 100 = 3 THEN 'Submitted' "
    "WHEN i % 20 = 4 THEN 'Canceled' WHEN i % 50 = 6 THEN 'Failed' ELSE 'Settled' END"
)
_IS_SETTLED = f"{_STATUS} = 'Settled'"
_STAGE = (
    f"CASE {_STATUS} WHEN 'Settled' THEN 'taken' WHEN 'Authorized' THEN 'held' WHEN 'Pending' THEN 'approved' "
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
    _Filling(gifts, goals, [one.pk for one in partners], [one.pk for one in endpoints]).fill()
    filling.install(connection, *tables)
    append_only.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Filled(gifts, partners[0], SavingGoal.objects.get(pk=FIRST + 1).public_id)


class _Filling:
    def __init__(self, gifts: int, goals: int, partners: list[int], endpoints: list[int]) -> None:
        self.gifts, self.partners, self.endpoints = gifts, partners, endpoints
        self.goals = goals
        self.old_goals = self.goals // 10
        """Those of the first partner."""
        self.is_postgresql = connection.vendor == "postgresql"
        number = f"""CASE WHEN i <= {gifts // 20} THEN 1 WHEN i <= {gifts // 10} THEN 1 + i % {self.old_goals}
            ELSE {self.old_goals + 1} + i % {self.goals - self.old_goals} END"""
        self.goal = f"{FIRST} + {number}"
        self.partner, self.endpoint = self._of_goal(partners, number), self._of_goal(endpoints, number)
        """Of the gift with the number i."""
        self.at = self._moment(f"{BEGAN} + 60 * i")

    def fill(self) -> None:
        self._goals()
        self._gifts()
        self._books()
        self._what_is_rare()
        self._certificates()
        self._events()
        self._others()
        self._count_on()

    def _goals(self) -> None:
        partner, secret = self._of_goal(self.partners, "i"), encryption.encrypt("anna@example.org")
        self._insert(
            SavingGoal,
            self.goals,
            public_id=self._id("i"),
            partner_id=partner,
            external_item_id="'item-' || i",
            name="'A bicycle'",
            currency="'USD'",
            goal_minor="1000000000",
            authorized_minor="CASE WHEN i % 50 = 1 THEN 2000 ELSE 0 END",
            ends_at=f"CASE WHEN i % 4 = 0 THEN {self._moment('4000000000 + i')} END",
            suggested_minor="'[]'",
            metadata="'[]'",
            created_at=self._moment(f"{BEGAN} + i"),
        )
        self._insert(
            Payee, self.goals, public_id=self._id("i"), partner_id=partner, provider="'PayPal'", lookup="'lookup-' || i",
            credentials_encrypted=f"'{secret}'",
            created_at=self._moment(f"{BEGAN} + i"),
        )  # fmt: skip
        self._insert(
            PaymentAccount, self.goals, goal_id=f"{FIRST} + i", partner_id=partner, provider="'PayPal'",
            payee_id=f"{FIRST} + i", credentials_encrypted=f"'{secret}'", created_at=self._moment(f"{BEGAN} + i"),
        )  # fmt: skip

    def _gifts(self) -> None:
        self._insert(
            Contribution, self.gifts, public_id=self._id("i"), goal_id=self.goal, partner_id=self.partner, currency="'USD'",
            amount_minor="2000", contributor="'Giver ' || i", message="'Ride well!'", reference="'order-' || i",
            created_at=self.at,
            status=_STATUS, checkout_id=f"{FIRST} + i", settled_minor=f"CASE WHEN {_IS_SETTLED} THEN 2000 END",
            settled_at=f"CASE WHEN {_IS_SETTLED} THEN {self.at} END", metadata="'[]'", provider_reference="'capture-' || i",
            reserved_until=f"CASE WHEN {_STATUS} = 'Pending' THEN {self._moment('4000000000')} END",
        )  # fmt: skip
        self._insert(
            Checkout, self.gifts, contribution_id=f"{FIRST} + i", partner_id=self.partner, adapter="'sandbox'",
            account_id=self.goal,
            capture_policy="CASE WHEN i % 800 = 1 THEN 'OnGoalReached' ELSE 'Immediate' END",
            stage=_STAGE, provider_checkout_id="'checkout-' || i", payment_reference="'capture-' || i",
            created_at=self.at, hold_expires_at=f"CASE WHEN {_STATUS} = 'Authorized' THEN {self._moment('4000000000')} END",
            seen_held_at=f"CASE WHEN {_STATUS} = 'Authorized' THEN {self.at} END",
            due_at=f"CASE WHEN {_STATUS} IN ('Authorized', 'Pending', 'Submitted') THEN {self._moment('4000000000 + i')} END",
        )  # fmt: skip

    def _books(self) -> None:
        for version, before, after in ((1, "''", "'Submitted'"), (2, "'Submitted'", _STATUS)):
            self._insert(
                StatusChange, self.gifts, first=FIRST * version, contribution_id=f"{FIRST} + i", partner_id=self.partner,
                version=str(version), from_status=before, to_status=after, reason="''", event="'synced'", at=self.at,
            )  # fmt: skip
        self._insert(
            LedgerEntry, self.gifts, where=_IS_SETTLED, contribution_id=f"{FIRST} + i", partner_id=self.partner,
            goal_id=self.goal,
            kind="'capture'", currency="'USD'", amount_minor="2000", collected_delta_minor="2000", authorized_delta_minor="0",
            provider_reference="'capture-' || i", correlation_id="''", cause="'return'", at=self.at,
        )  # fmt: skip
        self._insert(
            ProviderRequest, self.gifts, contribution_id=f"{FIRST} + i", partner_id=self.partner, operation="'pay:2000'",
            request_id="'request-' || i", outcome="'answered'", attempts="1", correlation_id="'correlation-' || i",
            created_at=self.at, answered_at=self.at,
        )  # fmt: skip

    def _what_is_rare(self) -> None:
        self._insert(
            Refund, self.gifts, where=f"{_IS_SETTLED} AND i % 10 = 0", public_id=self._id("i"), partner_id=self.partner,
            contribution_id=f"{FIRST} + i", amount_minor="100", status="'Completed'", cause="'client'",
            provider_reference="'refund-' || i", created_at=self.at, settled_at=self.at,
        )  # fmt: skip
        self._insert(
            LedgerEntry, self.gifts, first=2 * FIRST, where=f"{_IS_SETTLED} AND i % 10 = 0", contribution_id=f"{FIRST} + i",
            partner_id=self.partner, goal_id=self.goal, kind="'refund'", currency="'USD'", amount_minor="100",
            collected_delta_minor="-100", authorized_delta_minor="0", refund_id=f"{FIRST} + i",
            provider_reference="'refund-' || i", correlation_id="''", cause="'client'", at=self.at,
        )  # fmt: skip
        self._insert(
            Dispute, self.gifts, where=f"{_IS_SETTLED} AND i % 50 = 0", contribution_id=f"{FIRST} + i", partner_id=self.partner,
            provider_reference="'dispute-' || i", heard_at=self.at,
        )  # fmt: skip
        self._insert(
            Attention, self.gifts, where="i % 2000 = 11", kind="'dispute_to_answer'", about=self._id("i"),
            partner_id=self.partner, detail="''", since=self.at,
        )  # fmt: skip

    def _certificates(self) -> None:
        """One of ten gifts might as well have bought one."""
        self._insert(
            GiftCertificate, self.gifts, where="i % 10 = 5", public_id=self._id("i"), partner_id=self.partner,
            purchase_id=f"{FIRST} + i", payee_id=self.goal, currency="'USD'", recipient_name="'Ann'", code_encrypted="'x'",
            code_lookup="'code-' || i", status="'Settled'", balance_minor="2000", issued_minor="2000", created_at=self.at,
            expires_at=f"CASE WHEN i % 40 = 5 THEN {self._moment('4000000000 + i')} END",
        )  # fmt: skip
        self._insert(
            CertificateEntry, self.gifts, where="i % 10 = 5", certificate_id=f"{FIRST} + i", partner_id=self.partner,
            kind="'issued'", delta_minor="2000", at=self.at,
        )  # fmt: skip

    def _events(self) -> None:
        """Given up: a few. Of a partner's events the positions have gaps here, which no index minds."""
        self._insert(
            Event, self.gifts, public_id=f"'evt_000000000001_' || {self._id('i')}", partner_id=self.partner,
            position=f"{FIRST} + i", type="'contribution.settled'", about=self._id("i"), version="2",
            content=f"'{_CONTENT}'", at=self.at,
        )  # fmt: skip
        self._insert(
            Delivery, self.gifts, event_id=f"{FIRST} + i", partner_id=self.partner, endpoint_id=self.endpoint, attempts="1",
            state="CASE WHEN i % 1000 = 8 THEN 'GivenUp' WHEN i % 1000 = 9 THEN 'Due' ELSE 'Delivered' END",
            due_at=f"CASE WHEN i % 1000 = 9 THEN {self._moment('4000000000 + i')} END",
        )  # fmt: skip
        self._insert(
            DeliveryAttempt, self.gifts, event_id=f"{FIRST} + i", partner_id=self.partner, endpoint_id=self.endpoint,
            number="1", at=self.at,
            seconds="0.1", url="'https://198.41.0.4/'", answer="200",
        )  # fmt: skip
        with connection.cursor() as cursor:
            for one in self.partners:
                cursor.execute("DELETE FROM notifications_eventsequence WHERE partner_id = %s", [one])
                cursor.execute("INSERT INTO notifications_eventsequence VALUES (%s, %s)", [one, FIRST + self.gifts])

    def _others(self) -> None:
        self._insert(
            apps.get_model("api", "IdempotencyKey"), self.gifts, partner_id=self.partner, key="'key-' || i", fingerprint="'x'",
            record_id=self._id("i"), created_at=self.at, answer_status="201", answer_headers="'{}'", answer_body="''",
        )  # fmt: skip
        self._insert(
            apps.get_model("api", "UsedToken"), self.gifts, where="i % 10 = 0", digest="'digest-' || i",
            partner_id=self.partner, expires_at=self._moment("4000000000 + i"),
        )  # fmt: skip
        self._insert(
            apps.get_model("partners", "AuditEntry"), self.gifts, where="i % 2 = 0", at=self.at, actor_kind="'key'",
            actor="'wr_test_' || i % 7", action="'gift.refund_asked'", partner_id=self.partner, about=self._id("i"),
        )  # fmt: skip

    def _insert(self, model: Any, most: int, *, first: int = FIRST, where: str = "TRUE", **columns: str) -> None:
        """A row for each i from 1 to `most`; each column an SQL expression of i, the others as their fields have it."""
        fields = model._meta.concrete_fields
        values = {field.column: columns.get(field.column) or _usual(field) for field in fields}
        if isinstance(model._meta.pk, models.AutoField):
            values[model._meta.pk.column] = f"{first} + i"
        assert columns.keys() <= values.keys(), columns.keys() - values.keys()
        names = ", ".join(f'"{name}"' for name in values)
        rows = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"  # noqa: S608 - our own text
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) {rows} SELECT {', '.join(values.values())} FROM n WHERE {where}"  # noqa: S608 - our own text
            )

    def _id(self, number: str) -> str:
        """An id as ids.py makes them, of this number."""
        padded = f"lpad(({number})::text, 22, '0')" if self.is_postgresql else f"printf('%022d', {number})"
        return f"replace(replace({padded}, '0', 'X'), '1', 'Y')"

    def _moment(self, seconds: str) -> str:
        if self.is_postgresql:
            return f"to_timestamp({seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%f', {seconds}, 'unixepoch')"

    def _of_goal(self, keys: list[int], number: str) -> str:
        """The first of them for the old goals, the others by turns for those that came later."""
        cases = " ".join(f"WHEN {place} THEN {key}" for place, key in enumerate(keys[1:]))
        return f"CASE WHEN {number} <= {self.old_goals} THEN {keys[0]} ELSE CASE ({number}) % {len(keys) - 1} {cases} END END"

    def _count_on(self) -> None:
        """PostgreSQL: what is made later gets keys above those that were given here."""
        if not self.is_postgresql:
            return
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if isinstance(model._meta.pk, models.AutoField):
                    table = model._meta.db_table
                    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {3 * FIRST})")


_CONTENT = '{"Contributor": "Giver", "Message": "Ride well!", "Status": "Settled"}'


def _usual(field: Any) -> str:
    """What a column has where nothing is said of it, as SQL."""
    if field.null:
        return "NULL"
    default = field.get_default()
    if isinstance(default, bool):
        return "TRUE" if default else "FALSE"
    return str(default) if isinstance(default, int) else f"'{default}'"
