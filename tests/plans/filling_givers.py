"""Who gave those gifts, and what belongs to a giver or a goal: permissions, pledges, matchers, certificates.

Every second gift has a giver of its own, but for those to the popular goal, which a few regulars have given by turns. Each
giver has agreed to gifts, some of them twice; every second one has pledged, the others have a certificate. Every second goal
has matchers.
"""

import encryption
from certificates.models import CertificateEntry, GiftCertificate
from contributions.models import ImportedLine, MatchDue, MatchedGift
from givers.models import Giver, Permission
from goals.models import Matcher, PaymentAccount
from pledges.models import Pledge, PledgedGift, Reminder
from tests.plans.rows import (
    FIRST,
    GIVER,
    IS_MATCHED,
    IS_PLEDGED,
    IS_SETTLED,
    MATCHER,
    PERMISSION,
    PLEDGE,
    REVOKED,
    STATUS,
    Rows,
)

MATCHERS = 3
"""Of a goal that has any; some of the third ones were deleted."""

_HAS_GIVER, _HAS_CERTIFICATE = "i % 2 = 1", "i % 4 = 3"
_IS_CLAIMED = f"(i % 8 = 3 AND {IS_SETTLED})"


def _encrypted(text: str) -> str:
    return f"'{encryption.encrypt(text)}'"


class Givers(Rows):
    def fill(self) -> None:
        self._givers()
        self._permissions()
        self._pledges()
        self._matchers()
        self._certificates()
        self.insert(
            ImportedLine, self.gifts, where="i % 10 = 7", partner_id=self.partner, kind="'gift'", key_digest="'key-' || i",
            line_digest="'line-' || i", about=self.id("i"),
        )  # fmt: skip

    def _givers(self) -> None:
        self.insert(
            Giver, self.gifts, where=_HAS_GIVER, public_id=self.id(f"{GIVER} + i"), partner_id=self.partner,
            name="'Giver ' || i",
            external_id="CASE WHEN i % 40 = 7 THEN '[erased]' ELSE 'customer-' || i END", created_at=self.at,
            erased_at=f"CASE WHEN i % 40 = 7 THEN {self.at} END",
            email_encrypted=_encrypted("ann@example.org"),
        )  # fmt: skip

    def _permissions(self) -> None:
        of_giver = {
            "giver_id": f"{FIRST} + i", "partner_id": self.partner, "provider": "'PayPal'", "adapter": "'sandbox'",
            "currency": "'USD'", "maximum_minor": "100000", "created_at": self.at,
        }  # fmt: skip
        self.insert(
            Permission, self.gifts, where=_HAS_GIVER, public_id=self.id(f"{PERMISSION} + i"), request_id="'asked-' || i",
            state="'Active'", token_encrypted=_encrypted("token"), setup_id="'setup-' || i", lookup="'token-' || i",
            agreed_at=self.at, due_at=self.moment("4000000000 + i"), used_minor="2000", **of_giver,
        )  # fmt: skip
        self.insert(
            Permission, self.gifts, first=2 * FIRST, where="i % 8 = 1", public_id=self.id(f"{REVOKED} + i"),
            request_id="'asked-again-' || i", state="'Revoked'", state_reason="'giver_revoked'",
            setup_id="'setup-again-' || i", ended_at=self.at, told_at=self.at, **of_giver,
        )  # fmt: skip

    def _pledges(self) -> None:
        """Some paused and some ended; some have a gift on its way."""
        self.insert(
            Pledge, self.gifts, where=IS_PLEDGED, public_id=self.id(f"{PLEDGE} + i"), goal_id=self.goal,
            giver_id=f"{FIRST} + i", partner_id=self.partner, permission_id=f"{FIRST} + i", amount_minor="2000",
            currency="'USD'", every="'Month'", start_date="'2020-10-01'", zone_name="'Europe/Berlin'", number="1000000",
            contributor="'Giver ' || i", message="'Ride well!'", reference="'order-' || i",
            state="CASE WHEN i % 400 = 1 THEN 'Paused' WHEN i % 40 = 5 THEN 'Ended' ELSE 'Active' END",
            state_reason="CASE WHEN i % 400 = 1 THEN 'client_paused' WHEN i % 40 = 5 THEN 'client_ended' ELSE '' END",
            due_at=f"CASE WHEN i % 400 <> 1 AND i % 40 <> 5 THEN {self.moment('4000000000 + i')} END",
            ended_at=f"CASE WHEN i % 40 = 5 THEN {self.at} END", is_out="i % 400 = 9",
            next_at=self.moment("4000000000 + i"), created_at=self.at,
        )  # fmt: skip
        self.insert(
            PledgedGift, self.gifts, where=f"{IS_PLEDGED} AND {self.giver} IS NOT NULL", pledge_id=self.key_of(self.giver),
            partner_id=self.partner, number="i", contribution_id=f"{FIRST} + i", created_at=self.at,
        )  # fmt: skip
        self.insert(
            Reminder, self.gifts, where=IS_PLEDGED, pledge_id=f"{FIRST} + i", partner_id=self.partner, about="'first'",
            number="1", created_at=self.at, sent_at=f"CASE WHEN i % 400 <> 13 THEN {self.at} END",
            due_at=f"CASE WHEN i % 400 = 13 THEN {self.moment('4000000000 + i')} END",
        )  # fmt: skip

    def _matchers(self) -> None:
        """Of each gift to such a goal the first of them has added half."""
        partner = self.of_goal(self.partners, "i")
        for number in range(MATCHERS):
            beside = number * self.goals
            self.insert(
                PaymentAccount, self.goals, first=2 * FIRST + beside, where=IS_MATCHED, goal_id=f"{FIRST} + i",
                partner_id=partner, provider="'Match'", created_at=self.at, retired_at=self.at,
            )  # fmt: skip
            self.insert(
                Matcher, self.goals, first=FIRST + beside, where=IS_MATCHED, public_id=self.id(f"{MATCHER} + {beside} + i"),
                goal_id=f"{FIRST} + i", account_id=f"{2 * FIRST} + {beside} + i", partner_id=partner, name="'Acme'",
                percent="50", maximum_minor="1000000000", matched_minor="1000" if number == 0 else "0", created_at=self.at,
                deleted_at=f"CASE WHEN {number} = {MATCHERS - 1} AND i % 10 = 1 THEN {self.at} END",
            )  # fmt: skip
        self.insert(
            MatchedGift, self.gifts, where=f"({self.number}) % 2 = 1 AND {IS_SETTLED} AND NOT {self.is_match}",
            gift_id=f"{FIRST} + i", matcher_id=self.goal, partner_id=self.partner, kept_minor="2000", matched_minor="1000",
        )  # fmt: skip
        self.insert(
            MatchDue, self.gifts, where="i % 4 = 3", gift_id=f"{FIRST} + i", partner_id=self.partner,
            due_at=self.moment("4000000000 + i"),
        )  # fmt: skip

    def _certificates(self) -> None:
        """Bought by a gift that might as well be another one; of those that were claimed a part is spent."""
        issued, spent = f"CASE WHEN {IS_SETTLED} THEN 2000 ELSE 0 END", f"CASE WHEN {_IS_CLAIMED} THEN 500 ELSE 0 END"
        self.insert(
            GiftCertificate, self.gifts, where=_HAS_CERTIFICATE, public_id=self.id("i"), partner_id=self.partner,
            purchase_id=f"{FIRST} + i", payee_id=self.goal, currency="'USD'", recipient_name="'Ann'",
            code_encrypted=_encrypted("code"), code_lookup="'code-' || i", status=STATUS,
            balance_minor=f"{issued} - {spent}", issued_minor=issued, spent_minor=spent, created_at=self.at,
            giver_id=f"CASE WHEN {_IS_CLAIMED} THEN {FIRST} + i END",
            claimed_at=f"CASE WHEN {_IS_CLAIMED} THEN {self.at} END",
            expires_at=f"CASE WHEN i % 40 = 3 THEN {self.moment('4000000000 + i')} END",
        )  # fmt: skip
        of_certificate = {"certificate_id": f"{FIRST} + i", "partner_id": self.partner, "at": self.at}
        self.insert(
            CertificateEntry, self.gifts, where=f"{_HAS_CERTIFICATE} AND {IS_SETTLED}", kind="'issued'", delta_minor="2000",
            **of_certificate,
        )  # fmt: skip
        self.insert(
            CertificateEntry, self.gifts, first=2 * FIRST, where=f"{_IS_CLAIMED} AND {self.earlier} IS NOT NULL",
            kind="'spent'", delta_minor="-500", contribution_id=self.key_of(self.earlier), **of_certificate,
        )  # fmt: skip
